//! The cabinet of case keys: what both its stores owe, one obligation a test, each asked of both.

use std::collections::BTreeSet;

use terrace_node::cabinet::{
    Change, IndexChange, Kept, KeyFile, KeyStore, Matched, Measure, MemoryKeys, Question, digest_of,
};
use terrace_proto::digest::{CaseId, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;
use terrace_proto::seal::{CaseKey, Mark, Recipient, SealingKey, VerifiedWrap, Wrap};
use terrace_proto::session::matching::Answer;

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

fn marks(of: &[u8]) -> Vec<Mark> {
    of.iter().map(|one| Mark::read(&[*one; 32]).unwrap()).collect()
}

fn change(index: IndexChange) -> Change {
    Change { index, ..Change::default() }
}

#[tokio::test]
async fn own_marks_find_their_cases_until_the_key_is_destroyed() {
    both(|keys| async move {
        let [one, other] = [1, 2].map(|case| CaseId([case; 16]));
        let index = vec![(one, marks(&[1, 2])), (other, marks(&[2, 3]))];
        keys.change(change(IndexChange { marks: index, ..Default::default() })).await.unwrap();
        assert_eq!(keys.marked(&marks(&[2])).await.unwrap(), BTreeSet::from([one, other]));
        assert_eq!(keys.marked(&marks(&[1, 9])).await.unwrap(), BTreeSet::from([one]));
        let never = CaseId([7; 16]);
        assert_eq!(keys.indexed(&[one, never]).await.unwrap(), BTreeSet::from([one]));
        keys.change(Change { destroy: vec![one], ..Change::default() }).await.unwrap();
        let again = vec![(one, marks(&[1]))];
        keys.change(change(IndexChange { marks: again, ..Default::default() })).await.unwrap();
        assert_eq!(keys.marked(&marks(&[1, 2])).await.unwrap(), BTreeSet::from([other]));
        assert_eq!(keys.indexed(&[one]).await.unwrap(), BTreeSet::new());
    })
    .await;
}

#[tokio::test]
async fn questions_wait_for_their_place_and_for_their_answer() {
    both(|keys| async move {
        let put = |case: u8, sequence| Question { case: CaseId([case; 16]), sequence };
        let questions = vec![put(1, 9), put(2, 4), put(3, 30)];
        keys.change(change(IndexChange { questions, ..Default::default() })).await.unwrap();
        assert_eq!(keys.questions(0..30, 9).await.unwrap(), [put(2, 4), put(1, 9)]);
        assert_eq!(keys.questions(0..30, 1).await.unwrap(), [put(2, 4)]);
        assert_eq!(keys.questions(5..30, 1).await.unwrap(), [put(1, 9)]);
        assert_eq!(keys.answered(CaseId([2; 16])).await.unwrap(), Some(None));
        let answers = vec![Answer { case: CaseId([2; 16]), same: true }];
        let again = vec![put(2, 4)];
        let index = IndexChange { answers, questions: again, ..Default::default() };
        keys.change(change(index)).await.unwrap();
        assert_eq!(keys.answered(CaseId([2; 16])).await.unwrap(), Some(Some(true)));
        assert_eq!(keys.questions(0..30, 9).await.unwrap(), [put(1, 9)]);
        keys.change(Change { destroy: vec![CaseId([1; 16])], ..Change::default() }).await.unwrap();
        assert_eq!(keys.questions(0..99, 9).await.unwrap(), [put(3, 30)]);
        assert_eq!(keys.answered(CaseId([1; 16])).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn only_the_second_of_two_cases_with_one_mark_is_the_same() {
    both(|keys| async move {
        let matched = |case: u8, generation, of: &[u8]| Matched {
            case: CaseId([case; 16]),
            generation,
            marks: marks(of),
        };
        let all = vec![matched(1, 1, &[1, 2]), matched(2, 1, &[2, 3]), matched(3, 2, &[2])];
        keys.change(change(IndexChange { matched: all, ..Default::default() })).await.unwrap();
        let same = async |case: u8, generation| {
            keys.same_before(CaseId([case; 16]), generation).await.unwrap()
        };
        assert!(!same(1, 1).await && same(2, 1).await);
        assert!(!same(3, 2).await, "marks of two generations are not compared");
        // Whoever asks about one case with other marks learns nothing by it.
        let fishing = vec![matched(1, 1, &[3]), matched(3, 2, &[1])];
        keys.change(change(IndexChange { matched: fishing, ..Default::default() })).await.unwrap();
        assert!(!same(1, 1).await && !same(3, 2).await);
        keys.change(Change { destroy: vec![CaseId([1; 16])], ..Change::default() }).await.unwrap();
        let again = vec![matched(1, 1, &[3])];
        keys.change(change(IndexChange { matched: again, ..Default::default() })).await.unwrap();
        assert!(!same(1, 1).await && !same(2, 1).await);
    })
    .await;
}

#[tokio::test]
async fn what_an_office_asks_is_measured_by_the_day() {
    both(|keys| async move {
        for cases in [3, 4] {
            let measure = Some(Measure { office: code("4102"), day: 20_000, cases });
            keys.change(change(IndexChange { measure, ..Default::default() })).await.unwrap();
        }
        assert_eq!(keys.measured(code("4102"), 20_000).await.unwrap(), 7);
        assert_eq!(keys.measured(code("4102"), 20_001).await.unwrap(), 0);
        assert_eq!(keys.measured(code("41"), 20_000).await.unwrap(), 0);
    })
    .await;
}
