//! The archive alone: what may be read for a neighbour and when, and which key an admission names.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use terrace_node::archive::shipping::Shipping;
use terrace_node::archive::{Archive, Draft, Identity, enrolling};
use terrace_node::store::memory::MemoryStore;
use terrace_node::surroundings::{SystemChance, SystemClock};
use terrace_node::watermark::{MemoryWatermark, Watermark, WatermarkError};
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, JournalId, leaf_of};
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
