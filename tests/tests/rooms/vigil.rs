//! What an office makes of heads it is shown as a witness, and of what does not come at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use terrace_node::archive::vigil::PATIENCE;
use terrace_node::archive::{Archive, Identity, enrolling};
use terrace_node::store::memory::MemoryStore;
use terrace_node::store::{Batch, JournalRecord, Store};
use terrace_node::surroundings::{SystemChance, SystemClock};
use terrace_node::watermark::MemoryWatermark;
use terrace_proto::case::CaseNumber;
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Entry, EntryId, Header, JournalId, Kind};
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned};
use terrace_proto::journal::merkle::{Subtree, consistency};
use terrace_proto::journal::{Frontier, SignedCheckpoint};
use terrace_proto::key::Signer;
use terrace_proto::objection::{Ground, Objection};
use terrace_proto::receipt::{Receipt, Unchecked};
use terrace_proto::session::HeadOffer;
use terrace_proto::wire;
use terrace_tests::disk::at_once;

fn journal(code: &str) -> JournalId {
    JournalId { author: code.parse().unwrap(), epoch: Epoch([1; 16]) }
}

fn signer(code: &str) -> Signer {
    Signer::from_secret(&Digest::of(&[code.as_bytes()]).0)
}

/// An office that knows the journal of another, as if its admission had come, with this much of it stored.
fn office(code: &str, other: &str, size: u64, stored_at: Option<Timestamp>) -> Archive {
    let hub: DivisionCode = "00".parse().unwrap();
    let me = journal(code);
    let superior = Some(hub).filter(|hub| *hub != me.author);
    let identity = Identity { me, signer: signer(code), superior };
    let store = Arc::new(MemoryStore::default());
    at_once(enrolling::found(store.as_ref(), &identity)).unwrap();
    let admitter = if superior.is_none() { me } else { journal("00") };
    let frontier = frontier(size, "");
    let checkpoint = Checkpoint { journal: journal(other), size, root: frontier.root() };
    let record = JournalRecord {
        id: journal(other),
        key: signer(other).public(),
        admitted_by: Some(EntryId { journal: admitter, sequence: 0 }),
        whole: superior.is_none(),
        frontier,
        checkpoint: Some(checkpoint.sign(&signer(other)).note().to_vec()),
        stored_at: stored_at.map(Timestamp::as_millisecond),
    };
    let batch = Batch { journals: vec![(record, 0)], ..Batch::default() };
    at_once(store.commit(batch)).unwrap();
    let mark = Box::new(MemoryWatermark::default());
    let chance = Box::new(SystemChance);
    at_once(Archive::open(identity, store, mark, Arc::new(SystemClock), chance)).unwrap()
}

fn leaf(n: u64, history: &str) -> Digest {
    Digest::of(&[&n.to_be_bytes(), history.as_bytes()])
}

fn frontier(size: u64, history: &str) -> Frontier {
    let mut frontier = Frontier::default();
    (0..size).for_each(|n| frontier.push(leaf(n, history)));
    frontier
}

/// The head of a history of journal 41 at `size`, shown as going on from `from`.
fn offer(size: u64, from: u64, history: &str) -> HeadOffer {
    let subtree = |Subtree { level, number }: Subtree| {
        let first = number << level;
        let mut tree = Frontier::default();
        (first..first + (1 << level)).for_each(|n| tree.push(leaf(n, history)));
        Some(tree.root())
    };
    let root = frontier(size, history).root();
    let head = Checkpoint { journal: journal("41"), size, root };
    let note = head.sign(&signer("41")).note().to_vec();
    HeadOffer { head, note, from, proof: consistency(from, size, &subtree).unwrap() }
}

/// What a witness answers.
fn shown(archive: &mut Archive, offer: HeadOffer) -> Result<Cosigned, u64> {
    at_once(archive.witness(offer)).unwrap().0
}

/// The objections in an office's own journal.
fn objections(archive: &Archive) -> Vec<Objection> {
    let me = archive.identity().me;
    let stored = at_once(archive.store().entries(me, 0, 100)).unwrap();
    let read = stored.into_iter().map(|one| Entry::read(one.header, one.body).unwrap());
    read.filter_map(|entry| match entry.content() {
        Some(Content::Objected(objected)) => Objection::read(&objected),
        Some(_) | None => None,
    })
    .collect()
}

#[test]
fn witness_signs_what_goes_on_from_what_it_has_signed_and_nothing_else() {
    let mut witness = office("42", "41", 0, None);
    let signed = shown(&mut witness, offer(3, 0, "")).unwrap();
    assert_eq!((signed.checkpoint.size, signed.by), (3, journal("42")));
    assert!(shown(&mut witness, offer(3, 0, "")).is_ok(), "the same head again");
    assert_eq!(shown(&mut witness, offer(8, 2, "")).unwrap_err(), 3, "asked from elsewhere");
    assert!(shown(&mut witness, offer(8, 3, "")).is_ok());
    assert!(objections(&witness).is_empty());

    // An office and its superior, together, cannot put another history in the place of the one it saw.
    let note = |offer: &HeadOffer| offer.note.clone();
    let (shorter, forked, other) = (offer(5, 3, ""), offer(8, 3, "b"), offer(9, 8, "b"));
    for bad in [&shorter, &forked, &other, &other] {
        assert_eq!(shown(&mut witness, bad.clone()).unwrap_err(), 8);
    }
    let said = objections(&witness);
    let grounds: Vec<Ground> = said.iter().map(|one| one.ground).collect();
    assert_eq!(grounds, [Ground::Shorter, Ground::Forked, Ground::Unproved], "each once");
    assert_eq!(said[1].shown, note(&forked));
    let held = SignedCheckpoint::read(&said[1].held, journal("41"), &signer("41").public());
    assert_eq!(held.unwrap().checkpoint(), &offer(8, 3, "").head, "both are signed by 41");
    let forged = HeadOffer {
        note: offer(9, 8, "").head.sign(&signer("x")).note().to_vec(),
        ..offer(9, 8, "")
    };
    assert_eq!(shown(&mut witness, forged).unwrap_err(), 8);
    assert_eq!(objections(&witness).len(), 3, "what 41 did not sign says nothing about 41");
}

#[test]
fn head_of_an_office_not_known_yet_is_neither_signed_nor_objected_to() {
    let mut witness = office("42", "43", 0, None);
    assert_eq!(shown(&mut witness, offer(3, 0, "")).unwrap_err(), 0);
    assert!(objections(&witness).is_empty());
}

#[test]
fn silence_is_put_on_record_once_when_patience_ends() {
    let heard: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    let mut root = office("00", "41", 7, Some(heard));
    let nobody = BTreeSet::new();
    let connected = BTreeSet::from([journal("41").author]);
    let late = heard + PATIENCE + SignedDuration::from_secs(1);
    at_once(root.keep_vigil(heard + PATIENCE, &nobody)).unwrap();
    at_once(root.keep_vigil(late, &connected)).unwrap();
    assert!(objections(&root).is_empty(), "not yet, and not while it is connected");
    at_once(root.keep_vigil(late, &nobody)).unwrap();
    at_once(root.keep_vigil(late + PATIENCE, &nobody)).unwrap();
    let said = objections(&root);
    assert_eq!(said.len(), 1, "the same silence once");
    assert_eq!((said[0].ground, said[0].place, said[0].since), (Ground::Silent, 7, Some(heard)));
    assert!(!said[0].held.is_empty(), "with the last head it signed");
}

#[test]
fn question_without_an_answer_becomes_a_statement_that_nothing_was_given() {
    let mut root = office("00", "41", 0, None);
    let hour = "2026-03-02T08:00:00Z".parse().unwrap();
    let header = Header::plain(journal("41"), 5, Kind::IntakeRegistered, hour);
    let content = Content::IntakeRegistered(wire::IntakeRegistered::default());
    let intake = Entry::write(header, content, [1; 16]);
    let number = CaseNumber::new(journal("41").author, 2026, 1, 1).unwrap();
    let receipt = Receipt::of(&intake, number, &[]).unwrap().sign(&signer("41"));
    let receipt = Unchecked::read(&String::from_utf8(receipt).unwrap()).unwrap();
    at_once(root.ask(Hand::default(), &receipt)).unwrap();
    at_once(root.ask(Hand::default(), &receipt)).unwrap();
    let raised = at_once(root.store().raised(u64::MAX, 10)).unwrap();
    assert_eq!(raised.len(), 1, "asked once");
    let asked = Timestamp::from_millisecond(raised[0].1.raised_at).unwrap();
    let nobody = BTreeSet::new();
    at_once(root.keep_vigil(asked + PATIENCE, &nobody)).unwrap();
    assert!(objections(&root).is_empty());
    let late = asked + PATIENCE + SignedDuration::from_secs(1);
    for _ in 0..2 {
        at_once(root.keep_vigil(late, &nobody)).unwrap();
    }
    let said = objections(&root);
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].ground, said[0].place, said[0].since), (Ground::Withheld, 5, Some(asked)));
}
