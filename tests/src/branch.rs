//! A branch (一支): an office with all that lies below it, as its superior meets them: their journals, with keys of their
//! own, and the passages in which they come.
//!
//! None of these offices runs. What they write is what offices write: the epoch, the sealing keys, the admissions of those
//! right below, and cases that are registered and opened under the rules. The same branch writes the same keys and ids
//! every time; nothing is random.

use jiff::Timestamp;
use terrace_node::archive::Draft;
use terrace_node::cabinet::DISCIPLINE;
use terrace_proto::case::standing::day_of;
use terrace_proto::case::{CaseNumber, Terms};
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Entry, Holder, JournalId};
use terrace_proto::journal::{self, Frontier, VerifiedRun};
use terrace_proto::key::{Algorithm, JournalKey, Signer};
use terrace_proto::ledger::{Head, LedgerId, Span};
use terrace_proto::rules::Rules;
use terrace_proto::seal::SealingKey;
use terrace_proto::seal::sealing_key::SUITE;
use terrace_proto::session::{Delivery, Passed};
use terrace_proto::wire;

/// What stands in an intake of usual size.
const WORDS: &str = "（虚构）村口到小学的一段路，六盏路灯有五盏不亮，孩子放学摸黑走，夜间通行不便，请求尽快维修并答复。";
/// The stage a case begins with.
const HANDLE: u32 = 1;
/// Cases of one block of numbers.
const SERIALS: u32 = 9_999;

/// An office and all below it.
#[derive(Debug)]
pub struct Branch {
    /// Superiors stand before those below them.
    writers: Vec<Writer>,
    head: Head,
}

/// An office that writes a journal.
#[derive(Debug)]
struct Writer {
    id: JournalId,
    signer: Signer,
    frontier: Frontier,
    cases: u32,
}

/// 32 bytes that belong to an office, for one purpose.
fn drawn(office: DivisionCode, purpose: &[u8]) -> [u8; 32] {
    Digest::of(&[b"terrace branch\0", purpose, &office.number().to_be_bytes()]).0
}

fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    let (half, _) = bytes.split_first_chunk::<16>().expect("there are 32 bytes");
    *half
}

fn journal_of(office: DivisionCode) -> JournalId {
    JournalId { author: office, epoch: Epoch(first_half(drawn(office, b"epoch"))) }
}

fn signer_of(office: DivisionCode) -> Signer {
    Signer::from_secret(&drawn(office, b"journal"))
}

impl Branch {
    /// The branch that begins with a subordinate of `above`.
    #[must_use]
    pub fn new(top: DivisionCode, above: DivisionCode) -> Self {
        let (mut writers, mut left) = (Vec::new(), vec![top]);
        while let Some(office) = left.pop() {
            let (id, signer) = (journal_of(office), signer_of(office));
            writers.push(Writer { id, signer, frontier: Frontier::default(), cases: 0 });
            left.extend(Tree::national().children(office).map(|below| below.code));
        }
        let ledger = LedgerId { from: top, to: above, epoch: LinkEpoch([9; 16]) };
        Self { writers, head: Head::start(ledger) }
    }

    /// Its first office, which speaks for all of it.
    #[must_use]
    pub fn top(&self) -> DivisionCode {
        self.head.ledger.from
    }

    /// The journal and key of its first office, for its superior to admit.
    #[must_use]
    pub fn admitted(&self) -> (JournalId, JournalKey) {
        let top = self.top();
        (journal_of(top), signer_of(top).public())
    }

    /// Its offices, superiors before those below them.
    pub fn offices(&self) -> impl ExactSizeIterator<Item = DivisionCode> {
        self.writers.iter().map(|writer| writer.id.author)
    }

    /// What the office at a place writes first, and so many cases.
    pub fn begin(&mut self, place: usize, cases: u32, at: Timestamp) -> Delivery {
        let writer = &mut self.writers[place];
        let office = writer.id.author;
        let keys =
            [("", b"petition" as &[u8]), (DISCIPLINE, b"discipline")].map(|(organ, purpose)| {
                let key = SealingKey::from_seed(&drawn(office, purpose)).public().bytes().to_vec();
                let organ = organ.to_owned();
                Content::SealingKeyAnnounced(wire::SealingKeyAnnounced {
                    organ,
                    generation: 1,
                    suite: SUITE,
                    key,
                })
            });
        let below = Tree::national().children(office).map(|below| admission(below.code));
        let first = [Content::EpochOpened(wire::EpochOpened::default())];
        let said = first.into_iter().chain(keys).chain(below);
        let mut drafts: Vec<Draft> =
            said.map(|content| Draft::plain(Hand::default(), None, content)).collect();
        drafts.extend((0..cases).flat_map(|_| writer.open_case(at)));
        let run = writer.write(drafts, at);
        self.pass(run, at)
    }

    /// So many new cases of the office at a place.
    pub fn register(&mut self, place: usize, cases: u32, at: Timestamp) -> Delivery {
        let writer = &mut self.writers[place];
        let drafts = (0..cases).flat_map(|_| writer.open_case(at)).collect();
        let run = writer.write(drafts, at);
        self.pass(run, at)
    }

    /// The run as the next passage of the branch's ledger.
    fn pass(&mut self, run: VerifiedRun, at: Timestamp) -> Delivery {
        let leaves: Vec<Digest> = run.entries().iter().map(|entry| entry.leaf()).collect();
        let span = Span::Run { first: run.first(), count: leaves.len() as u64 };
        let record = self.head.next(at.as_millisecond(), run.journal(), span, &leaves);
        self.head = record.head;
        let head_signature = record.head.sign(&signer_of(self.top()));
        Delivery { record, head_signature, passed: Passed::Run(run) }
    }
}

/// How a superior admits an office of a branch. Nobody dials with its transport key.
fn admission(office: DivisionCode) -> Content {
    Content::NodeAdmitted(wire::NodeAdmitted {
        division: office.number(),
        epoch: journal_of(office).epoch.0.to_vec(),
        algorithm: Algorithm::Ed25519 as u32,
        journal_key: signer_of(office).public().bytes().to_vec(),
        transport_key_hash: drawn(office, b"transport").to_vec(),
    })
}

impl Writer {
    /// An intake and the case it opens, as the desk makes them.
    fn open_case(&mut self, at: Timestamp) -> [Draft; 2] {
        let (me, nth) = (self.id.author, self.cases);
        self.cases += 1;
        let hand = Hand { officer: format!("{}-007", me.short()), ..Hand::default() };
        let purpose = [b"thread".as_slice(), &nth.to_be_bytes()].concat();
        let thread = ThreadId(first_half(drawn(me, &purpose)));
        let case = CaseId::of(me, thread);
        let intake = wire::IntakeRegistered {
            channel: "WEB".into(),
            category: "030000".into(),
            title: format!("路灯损坏 {nth}"),
            text: WORDS.into(),
            persons: 1,
            ..wire::IntakeRegistered::default()
        };
        let today = day_of(at);
        let rules = Rules::built_in().in_force(me, today, Tree::national());
        let rule_packs = rules.digests().iter().map(|digest| digest.0.to_vec()).collect();
        let due = Terms::of(rules).at_opening("", today).iter().map(|pin| pin.due()).collect();
        let serial = u16::try_from(nth % SERIALS + 1).expect("a serial has four digits");
        let number = CaseNumber::new(me, today.year().unsigned_abs(), nth / SERIALS, serial);
        let number = number.expect("a number within its ranges").to_string();
        let opened = Content::CaseOpened(wire::CaseOpened { number, due, rule_packs });
        let mut opening = Draft::plain(hand.clone(), Some(case), opened);
        opening.place = Some(Place { thread, stage: HANDLE, predecessor: None });
        opening.custody = Some((None, Holder::office(me)));
        opening.audience_added = vec![me];
        [Draft::plain(hand, Some(case), Content::IntakeRegistered(intake)), opening]
    }

    fn write(&mut self, drafts: Vec<Draft>, at: Timestamp) -> VerifiedRun {
        let first = self.frontier.size();
        let entry = |(sequence, draft): (u64, Draft)| {
            let header = draft.header(self.id, sequence, at);
            let salt = first_half(drawn(self.id.author, &sequence.to_be_bytes()));
            Entry::write(header, draft.content, salt)
        };
        let entries = (first..).zip(drafts).map(entry).collect();
        let run = journal::append(self.id, self.frontier.clone(), entries, &self.signer);
        self.frontier = run.frontier().clone();
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrace_proto::case::Case;
    use terrace_proto::journal::verify_run;

    #[test]
    fn a_branch_is_believed_from_its_first_admission_on() {
        let tree = Tree::national();
        let city: DivisionCode = "4102".parse().unwrap();
        let mut branch = Branch::new(city, "41".parse().unwrap());
        assert_eq!(branch.offices().len(), tree.nodes_within(city));
        let at: Timestamp = "2026-03-02T01:00:00Z".parse().unwrap();
        let (top, key) = branch.admitted();
        let mut known = std::collections::BTreeMap::from([(top, key)]);
        let offices = branch.offices().len();
        for place in 0..offices {
            let delivery = branch.begin(place, 1, at);
            let Passed::Run(run) = &delivery.passed else { panic!("a branch passes runs") };
            let held = journal::Held {
                journal: run.journal(),
                key: known[&run.journal()],
                frontier: Frontier::default(),
            };
            let parts = run.entries().iter().map(|entry| entry.entry().clone().into_parts());
            let checkpoint = run.checkpoint().note();
            assert!(verify_run(&held, 0, parts.collect(), checkpoint).is_ok());
            let admitted = run.entries().iter();
            known.extend(
                admitted.filter_map(|entry| terrace_proto::admission::admission(entry, tree)),
            );
            let mut case = Case::new(run.entries().last().unwrap().header().case.unwrap());
            run.entries().iter().filter(|e| e.header().case.is_some()).for_each(|entry| {
                case.take(entry.entry());
            });
            case.derive(tree);
            let holder = case.leading().map(|thread| thread.holder().division);
            assert_eq!(holder, Some(run.journal().author), "the case is open and held");
        }
        assert_eq!(known.len(), branch.offices().len());
    }
}
