//! The cabinet of case keys: what both its stores owe, one obligation a test, each asked of both.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;

use terrace_node::cabinet::{Change, Kept, KeyFile, KeyStore, MemoryKeys, digest_of};
use terrace_proto::digest::{CaseId, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;
use terrace_proto::seal::{CaseKey, Recipient, SealingKey, VerifiedWrap, Wrap};

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

/// A wrap of the key of case `case`, told apart by `chance`.
fn wrap(case: u8, chance: u8, recipient: Recipient) -> VerifiedWrap {
    let key = CaseKey::of(CaseId([case; 16]), &[case; 32]);
    let by = JournalId { author: code("410221"), epoch: Epoch([1; 16]) };
    let to = SealingKey::from_seed(&[9; 32]);
    let signer = Signer::from_secret(&[1; 32]);
    Wrap::make(&key, recipient, to.public(), by, &signer, &[chance; 32]).unwrap()
}

fn named(case: u8, chance: u8) -> VerifiedWrap {
    wrap(case, chance, Recipient::Named(code("4102")))
}

fn keep(kept: Vec<Kept>) -> Change {
    Change { keep: kept, ..Change::default() }
}

fn held(wrap: &VerifiedWrap) -> Kept {
    Kept { wrap: wrap.clone(), held: true, due: None }
}

fn due(wrap: &VerifiedWrap, to: &str) -> Kept {
    Kept { wrap: wrap.clone(), held: false, due: Some(code(to)) }
}

/// Asks an obligation of both stores.
async fn both<F: Future<Output = ()>>(obligation: impl Fn(std::sync::Arc<dyn KeyStore>) -> F) {
    obligation(std::sync::Arc::new(MemoryKeys::default())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile::open(&folder.path().join("keys.db")).await.unwrap();
    obligation(std::sync::Arc::new(file)).await;
}

#[tokio::test]
async fn held_wraps_are_found_by_their_case() {
    both(|keys| async move {
        let (one, other, theirs) = (named(1, 1), named(1, 2), named(2, 3));
        keys.change(keep(vec![held(&one), held(&other), due(&theirs, "41")])).await.unwrap();
        keys.change(keep(vec![held(&one)])).await.unwrap();
        let found: BTreeSet<Vec<u8>> =
            keys.wraps(CaseId([1; 16])).await.unwrap().into_iter().collect();
        assert_eq!(found, BTreeSet::from([one.bytes(), other.bytes()]));
        assert_eq!(keys.wraps(CaseId([2; 16])).await.unwrap(), Vec::<Vec<u8>>::new());
        assert_eq!(keys.cases().await.unwrap(), [CaseId([1; 16])]);
        assert_eq!(keys.handed(CaseId([2; 16])).await.unwrap(), BTreeSet::from([code("4102")]));
    })
    .await;
}

#[tokio::test]
async fn a_wrap_is_due_until_the_neighbour_has_it_and_then_forgotten() {
    both(|keys| async move {
        let (first, second) = (named(1, 1), wrap(2, 2, Recipient::Blind));
        keys.change(keep(vec![due(&first, "41"), due(&second, "41")])).await.unwrap();
        assert_eq!(keys.due(code("41"), 1).await.unwrap(), [first.bytes()]);
        assert_eq!(keys.due(code("42"), 9).await.unwrap(), Vec::<Vec<u8>>::new());
        let taken =
            vec![(code("41"), digest_of(&first.bytes())), (code("42"), digest_of(&second.bytes()))];
        keys.change(Change { taken, ..Change::default() }).await.unwrap();
        assert_eq!(keys.due(code("41"), 9).await.unwrap(), [second.bytes()]);
        // Brought again, it is known and not due again; that it was here stays known.
        keys.change(keep(vec![due(&first, "41")])).await.unwrap();
        assert_eq!(keys.due(code("41"), 9).await.unwrap(), [second.bytes()]);
        let (seen, never) = (first.key_id(), named(7, 7).key_id());
        assert_eq!(keys.seen(&[seen, never]).await.unwrap(), BTreeSet::from([seen]));
    })
    .await;
}

#[tokio::test]
async fn a_destroyed_key_is_never_taken_again() {
    both(|keys| async move {
        let (one, other) = (named(1, 1), named(2, 2));
        keys.change(keep(vec![held(&one), due(&named(1, 5), "41"), held(&other)])).await.unwrap();
        let destroy = vec![CaseId([1; 16])];
        keys.change(Change { destroy, ..Change::default() }).await.unwrap();
        keys.change(keep(vec![held(&one), held(&named(1, 9))])).await.unwrap();
        assert_eq!(keys.wraps(CaseId([1; 16])).await.unwrap(), Vec::<Vec<u8>>::new());
        assert_eq!(keys.due(code("41"), 9).await.unwrap(), Vec::<Vec<u8>>::new());
        assert_eq!(keys.cases().await.unwrap(), [CaseId([2; 16])]);
    })
    .await;
}

#[tokio::test]
async fn no_byte_of_a_destroyed_wrap_is_left_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let keys = KeyFile::open(&path).await.unwrap();
    let wraps: Vec<VerifiedWrap> = (0..40).map(|chance| named(1, chance)).collect();
    keys.change(keep(wraps.iter().map(held).collect())).await.unwrap();
    let lies = |bytes: &[u8]| std::fs::read(&path).unwrap().windows(64).any(|some| some == bytes);
    let last_of = |wrap: &VerifiedWrap| wrap.bytes()[wrap.bytes().len() - 64..].to_vec();
    assert!(lies(&last_of(&wraps[7])), "the search is able to find");
    keys.change(Change { destroy: vec![CaseId([1; 16])], ..Change::default() }).await.unwrap();
    assert!(wraps.iter().all(|wrap| !lies(&last_of(wrap))));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap()).collect();
    let rest = names.iter().filter(|entry| entry.path() != path);
    assert!(rest.into_iter().all(|entry| entry.metadata().unwrap().len() == 0));
}

#[tokio::test]
async fn wraps_survive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let wrap = named(1, 1);
    let keys = KeyFile::open(&path).await.unwrap();
    keys.change(keep(vec![held(&wrap)])).await.unwrap();
    drop(keys);
    let keys = KeyFile::open(&path).await.unwrap();
    assert_eq!(keys.wraps(CaseId([1; 16])).await.unwrap(), [wrap.bytes()]);
}
