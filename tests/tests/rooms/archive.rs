//! The archive alone: what may be read for a neighbour and when, and which key an admission names.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use terrace_node::archive::shipping::Shipping;
use terrace_node::archive::{Archive, ArchiveError, Draft, Identity, enrolling};
use terrace_node::store::StoreError;
use terrace_node::store::memory::MemoryStore;
use terrace_node::surroundings::{SystemChance, SystemClock};
use terrace_node::watermark::{MemoryWatermark, Watermark, WatermarkError};
use terrace_proto::digest::{CaseId, Digest, Epoch, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Holder, JournalId, leaf_of};
use terrace_proto::journal::{Checkpoint, Frontier, SignedCheckpoint};
use terrace_proto::key::{JournalKey, Signer};
use terrace_proto::wire;
use terrace_tests::disk::at_once;

fn identity(code: &str) -> Identity {
    let me = JournalId { author: code.parse().unwrap(), epoch: Epoch([1; 16]) };
    let superior: DivisionCode = "00".parse().unwrap();
    let superior = Some(superior).filter(|above| *above != me.author);
    Identity { me, signer: Signer::from_secret(&[1; 32]), superior }
}

fn open(identity: Identity, watermark: Box<dyn Watermark>) -> Archive {
    let store = Arc::new(MemoryStore::default());
    at_once(enrolling::found(store.as_ref(), &identity)).unwrap();
    let chance = Box::new(SystemChance);
    at_once(Archive::open(identity, store, watermark, Arc::new(SystemClock), chance)).unwrap()
}

fn note() -> Draft {
    let content = Content::Noted(wire::Noted { text: "来电催办".into() });
    Draft::plain(Hand::default(), None, content)
}

/// A record of the past, as the desk drafts it.
fn past(number: u8) -> Draft {
    let me: DivisionCode = "41".parse().unwrap();
    let thread = ThreadId([number; 16]);
    let intake = wire::IntakeRegistered { title: "路灯".into(), ..Default::default() };
    let past = wire::PastTakenOver { intake: Some(intake), ..Default::default() };
    let content = Content::PastTakenOver(Box::new(past));
    let mut draft = Draft::plain(Hand::default(), Some(CaseId::of(me, thread)), content);
    draft.place = Some(Place { thread, stage: 1, predecessor: None });
    draft.custody = Some((None, Holder::office(me)));
    draft.audience_added = vec![me];
    draft
}

#[test]
fn fair_copy_is_entered_behind_the_one_before_it_or_not_at_all() {
    let identity = identity("41");
    let me = identity.me;
    let mut archive = open(identity, Box::new(MemoryWatermark::default()));
    let mut copyist = at_once(archive.copyist()).unwrap();
    let mut copy = |numbers: [u8; 2]| {
        let stamps = archive.stamps(numbers.len());
        copyist.copy(numbers.map(past).to_vec(), stamps).unwrap()
    };
    let (first, second, third) = (copy([1, 2]), copy([3, 4]), copy([5, 6]));
    at_once(archive.enter(first)).unwrap();
    let refused = at_once(archive.enter(third));
    assert!(matches!(refused, Err(ArchiveError::Store(StoreError::Conflict(_)))), "{refused:?}");
    at_once(archive.enter(second)).unwrap();
    let mut again = at_once(archive.copyist()).unwrap();
    let late = again.copy(vec![past(7)], archive.stamps(1)).unwrap();
    at_once(archive.append(vec![note()])).unwrap();
    assert!(at_once(archive.enter(late)).is_err(), "something else was entered meanwhile");
    let held = at_once(archive.store().entries(me, 0, 99)).unwrap();
    // Four records and the note.
    assert_eq!(held.len(), 5);
    let cases = [1, 2, 3, 4].map(|number| CaseId::of(me.author, ThreadId([number; 16])));
    assert_eq!(at_once(archive.store().cases(&cases)).unwrap().len(), 4);
    assert_eq!(at_once(archive.store().tally()).unwrap().cases, 4);
}

#[test]
fn nothing_but_records_of_the_past_is_written_out_ahead() {
    let mut archive = open(identity("41"), Box::new(MemoryWatermark::default()));
    let mut copyist = at_once(archive.copyist()).unwrap();
    let stamps = archive.stamps(2);
    assert!(copyist.copy(vec![past(1), note()], stamps).is_err());
}

/// A checkpoint file whose disk is slow: it says when it is asked, and goes on when it is let.
#[derive(Debug)]
struct SlowFile {
    file: MemoryWatermark,
    asked: Mutex<Sender<()>>,
    let_go: Mutex<Receiver<()>>,
}

impl Watermark for SlowFile {
    fn check(
        &self,
        journal: JournalId,
        frontier: &Frontier,
        key: &JournalKey,
    ) -> Result<(), WatermarkError> {
        self.file.check(journal, frontier, key)
    }

    fn raise(&self, checkpoint: &SignedCheckpoint) -> Result<(), WatermarkError> {
        self.asked.lock().unwrap().send(()).unwrap();
        self.let_go.lock().unwrap().recv().unwrap();
        self.file.raise(checkpoint)
    }
}

#[test]
fn nothing_leaves_between_the_commit_and_the_checkpoint_file() {
    let ((asked, hear), (go, let_go)) = (channel(), channel());
    let (asked, let_go) = (Mutex::new(asked), Mutex::new(let_go));
    let file = Box::new(SlowFile { file: MemoryWatermark::default(), asked, let_go });
    let mut archive = open(identity("41"), file);
    let shipping = Shipping::new(archive.store().clone(), archive.level().clone());
    let writer = std::thread::spawn(move || at_once(archive.append(vec![note()])).map(|_| ()));
    hear.recv().unwrap();
    let early = shipping.up(0, 10, 10_000).now_or_never();
    assert!(early.is_none(), "the entry is committed, but the file does not speak of it yet");
    go.send(()).unwrap();
    writer.join().unwrap().unwrap();
    let shipments = shipping.up(0, 10, 10_000).now_or_never().unwrap().unwrap();
    assert_eq!(shipments.len(), 1);
}

#[test]
fn second_history_that_goes_on_is_named_at_its_entry_and_a_damaged_run_accuses_nobody() {
    let identity = identity("00");
    let (me, signer) = (identity.me, identity.signer.clone());
    let mut archive = open(identity, Box::new(MemoryWatermark::default()));
    at_once(archive.append((0..300).map(|_| note()).collect())).unwrap();
    let held = at_once(archive.store().entries(me, 0, 300)).unwrap();
    let mut leaves: Vec<Digest> = held.iter().map(|one| leaf_of(&one.header)).collect();
    leaves[290] = Digest([9; 32]);
    leaves.push(Digest([8; 32]));
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    let mut compare = |root: Digest, first: u64| {
        let head = Checkpoint { journal: me, size: frontier.size(), root }.sign(&signer);
        let run = &leaves[usize::try_from(first).unwrap()..];
        at_once(archive.compare(me, first, run, head.note().to_vec())).unwrap();
        at_once(archive.store().raised(u64::MAX, 10)).unwrap()
    };
    assert_eq!(compare(Digest([7; 32]), 280), [], "its author signed something else");
    assert_eq!(compare(frontier.root(), 291), [], "behind the place it proves nothing");
    let raised = compare(frontier.root(), 280);
    assert_eq!((raised.len(), raised[0].1.about, raised[0].1.place), (1, me, 290));
}

#[test]
fn another_transport_key_takes_the_place_of_the_one_before() {
    let mut archive = open(identity("00"), Box::new(MemoryWatermark::default()));
    let province = identity("41").me;
    let key = Signer::from_secret(&[2; 32]).public();
    let mut admit = |number: u8| {
        let hash = Digest([number; 32]);
        at_once(archive.admit(Hand::default(), province, key, hash)).unwrap();
        let named = at_once(archive.transport_key(province.author)).unwrap();
        let size = archive.journals()[&identity("00").me].frontier.size();
        (named, size)
    };
    assert_eq!(admit(1), (Some(Digest([1; 32])), 1));
    assert_eq!(admit(1), (Some(Digest([1; 32])), 1), "the same again changes nothing");
    assert_eq!(admit(2), (Some(Digest([2; 32])), 2));
    assert_eq!(admit(1), (Some(Digest([1; 32])), 3), "back again is an admission too");
}
