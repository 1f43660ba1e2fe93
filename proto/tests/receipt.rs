//! What a receipt proves, to whom, and what it makes of an office that lies.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use terrace_proto::admission::Keyring;
use terrace_proto::case::CaseNumber;
use terrace_proto::digest::Epoch;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Content, Entry, Header, JournalId, Kind, body};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Frontier, VerifiedRun, append, merkle};
use terrace_proto::key::Signer;
use terrace_proto::receipt::verdict::{Answer, Fault, Outcome, Question, Verdict};
use terrace_proto::receipt::{Evidence, Here, Receipt, ReceiptError, Unchecked, examine};
use terrace_proto::wire;

/// An office: its journal and key, and all it has written so far.
struct Office {
    journal: JournalId,
    signer: Signer,
    entries: Vec<Entry>,
}

impl Office {
    fn new(code: &str, seed: u8) -> Self {
        let author: DivisionCode = code.parse().unwrap();
        let journal = JournalId { author, epoch: Epoch([seed; 16]) };
        Self { journal, signer: Signer::from_secret(&[seed; 32]), entries: Vec::new() }
    }

    fn write(&mut self, content: Content) -> Entry {
        let sequence = self.entries.len() as u64;
        let header = Header::plain(self.journal, sequence, body::kind(&content), registered());
        let salt = [u8::try_from(sequence).unwrap(); 16];
        self.entries.push(Entry::write(header, content, salt));
        self.entries.last().unwrap().clone()
    }

    fn admit(&mut self, other: &Self) -> Entry {
        self.write(Content::NodeAdmitted(wire::NodeAdmitted {
            division: other.journal.author.number(),
            epoch: other.journal.epoch.0.to_vec(),
            algorithm: 1,
            journal_key: other.signer.public().bytes().to_vec(),
            transport_key_hash: vec![0; 32],
        }))
    }

    fn intake(&mut self, text: &str) -> Entry {
        let intake = wire::IntakeRegistered { text: text.into(), ..Default::default() };
        self.write(Content::IntakeRegistered(intake))
    }

    fn run(&self) -> VerifiedRun {
        append(self.journal, Frontier::default(), self.entries.clone(), &self.signer)
    }

    fn proved(&self, entry: &Entry) -> wire::Proved {
        let leaves: Vec<_> = self.entries.iter().map(Entry::leaf).collect();
        let (index, size) = (entry.header().sequence, leaves.len() as u64);
        let subtree = |subtree: merkle::Subtree| {
            let first = usize::try_from(subtree.number << subtree.level).unwrap();
            let mut row = leaves.get(first..first + (1 << subtree.level))?.to_vec();
            while row.len() > 1 {
                row = row.chunks(2).map(|pair| merkle::parent(&pair[0], &pair[1])).collect();
            }
            row.pop()
        };
        let path = merkle::path(index, size, &subtree).unwrap();
        let item = wire::Item {
            header: entry.header_bytes().to_vec(),
            body: entry.body().map(<[u8]>::to_vec),
            path: path.iter().map(|hash| hash.0.to_vec()).collect(),
            sealed: None,
        };
        wire::Proved { checkpoint: self.run().checkpoint().note().to_vec(), item: Some(item) }
    }
}

/// Root, province and county, an intake at the county, and its receipt with all evidence.
struct Story {
    root: Office,
    province: Office,
    county: Office,
    intake: Entry,
    note: String,
}

fn registered() -> Timestamp {
    "2026-03-02T01:02:03.456Z".parse().unwrap()
}

fn number() -> CaseNumber {
    CaseNumber::new("410221".parse().unwrap(), 2026, 58_213, 17).unwrap()
}

fn story() -> Story {
    let (mut root, mut province) = (Office::new("00", 1), Office::new("41", 2));
    let mut county = Office::new("410221", 3);
    root.admit(&province);
    province.admit(&county);
    county.intake("一");
    let intake = county.intake("村口路灯不亮");
    county.intake("三");
    let due = vec![wire::Due { duty: "triage".into(), due_on: 20_529, ..Default::default() }];
    let receipt = Receipt::of(&intake, number(), &due).unwrap();
    let note = String::from_utf8(receipt.sign(&county.signer)).unwrap();
    Story { root, province, county, intake, note }
}

impl Story {
    fn evidence(&self) -> wire::Evidence {
        let head = *self.county.run().checkpoint().checkpoint();
        let cosigned =
            Cosigned::sign(head, self.province.journal, &self.province.signer, 1_772_500_000);
        let cosigner = wire::Cosigner {
            division: self.province.journal.author.number(),
            epoch: self.province.journal.epoch.0.to_vec(),
            line: cosigned.line,
        };
        wire::Evidence {
            intake: Some(self.county.proved(&self.intake)),
            cosigners: vec![cosigner],
            admissions: vec![
                self.root.proved(&self.root.entries[0]),
                self.province.proved(&self.province.entries[0]),
            ],
        }
    }

    fn text(&self, evidence: wire::Evidence) -> String {
        format!("{}{}", self.note, Evidence::new(evidence).armour())
    }

    fn examine(&self, text: &str, here: Option<&Here>, hours: i64) -> Verdict {
        let shown = Unchecked::read(text).unwrap();
        let root = Keyring::of_root(self.root.journal, self.root.signer.public());
        let now = registered() + SignedDuration::from_hours(hours);
        examine(&shown, root, here, now, Tree::national())
    }

    /// What an office that holds the county's journal finds at the receipt's place.
    fn here(&self) -> Here {
        Here {
            key: self.county.signer.public(),
            whole: true,
            size: 3,
            leaf: Some(self.intake.leaf()),
            words: true,
            stored_at: Some(registered()),
            root_then: None,
        }
    }
}

fn fault(verdict: &Verdict, question: Question) -> Option<&Fault> {
    verdict.points.iter().find_map(|point| match &point.answer {
        Answer::Fails(fault) if point.question == question => Some(fault),
        Answer::Holds(_) | Answer::Open(_) | Answer::Fails(_) => None,
    })
}

#[test]
fn receipt_with_evidence_holds_by_the_roots_key_alone() {
    let story = story();
    let verdict = story.examine(&story.text(story.evidence()), None, 1);
    assert_eq!(verdict.outcome(), Outcome::Holds, "{verdict:#?}");
    assert_eq!(verdict.answerable(), None);
    assert_eq!(verdict.points.len(), 5);
    assert!(verdict.points.iter().all(|point| matches!(point.answer, Answer::Holds(_))));
    assert_eq!(verdict.receipt.due[0].due_on, jiff::civil::date(2026, 3, 17));
}

#[test]
fn bare_receipt_is_open_until_somebody_looks_into_the_journal() {
    let story = story();
    let alone = story.examine(&story.note, None, 1);
    assert_eq!(alone.outcome(), Outcome::Open);
    let at_the_county = story.examine(&story.note, Some(&story.here()), 1);
    assert_eq!(at_the_county.outcome(), Outcome::Holds, "{at_the_county:#?}");
}

#[test]
fn entry_put_in_the_place_of_another_accuses_the_office() {
    let story = story();
    let other = story.county.entries[0].leaf();
    let here = Here { leaf: Some(other), ..story.here() };
    let verdict = story.examine(&story.note, Some(&here), 1);
    assert_eq!(fault(&verdict, Question::Here), Some(&Fault::Replaced { held: other }));
    assert_eq!(verdict.answerable(), Some(story.county.journal.author));
}

#[test]
fn entry_that_does_not_come_is_first_awaited_and_then_kept_back() {
    let story = story();
    let here = Here { leaf: None, size: 1, ..story.here() };
    assert_eq!(story.examine(&story.note, Some(&here), 71).outcome(), Outcome::Open);
    let verdict = story.examine(&story.note, Some(&here), 73);
    assert!(matches!(fault(&verdict, Question::Here), Some(Fault::KeptBack { size: 1, .. })));
    assert_eq!(verdict.answerable(), Some(story.county.journal.author));
    let elsewhere = Here { whole: false, ..here };
    assert_eq!(story.examine(&story.note, Some(&elsewhere), 73).outcome(), Outcome::Open);
}

#[test]
fn second_history_is_told_by_the_root_held_here() {
    let story = story();
    let here = Here { root_then: Some(story.county.entries[0].leaf()), ..story.here() };
    let verdict = story.examine(&story.text(story.evidence()), Some(&here), 1);
    assert_eq!(fault(&verdict, Question::InJournal), Some(&Fault::TwoHistories { size: 3 }));
    assert_eq!(verdict.answerable(), Some(story.county.journal.author));
}

#[test]
fn forged_receipt_accuses_nobody() {
    let story = story();
    let forged = story.note.replace("due triage 2026-03-17", "due triage 2026-03-19");
    let here = Here { leaf: None, ..story.here() };
    let verdict = story.examine(&forged, Some(&here), 1_000);
    assert_eq!(fault(&verdict, Question::Signed), Some(&Fault::Forged));
    assert_eq!((verdict.outcome(), verdict.answerable()), (Outcome::Fails, None));
}

#[test]
fn evidence_counts_only_as_far_as_the_root_vouches_for_it() {
    let story = story();
    let outcome = |change: &dyn Fn(&mut wire::Evidence)| {
        let mut evidence = story.evidence();
        change(&mut evidence);
        story.examine(&story.text(evidence), None, 1)
    };
    let without_chain = outcome(&|evidence| evidence.admissions.clear());
    assert_eq!(without_chain.outcome(), Outcome::Open);
    let wrong_way = outcome(&|evidence| evidence.admissions.reverse());
    assert!(matches!(fault(&wrong_way, Question::Admitted), Some(Fault::Chain(_))));
    let other = outcome(&|evidence| {
        evidence.intake = Some(story.county.proved(&story.county.entries[0]));
    });
    assert_eq!(fault(&other, Question::Intake), Some(&Fault::OtherIntake));
    let damaged = outcome(&|evidence| {
        evidence.intake.as_mut().unwrap().item.as_mut().unwrap().path[0][0] ^= 1;
    });
    assert!(matches!(fault(&damaged, Question::InJournal), Some(Fault::Proof(_))));
    let alone = outcome(&|evidence| evidence.cosigners[0].line.push('x'));
    let cosigned = alone.points.iter().find(|point| point.question == Question::Cosigned).unwrap();
    assert!(matches!(cosigned.answer, Answer::Open(_)), "{alone:#?}");
}

#[test]
fn text_that_is_no_receipt_is_refused_with_the_line() {
    let story = story();
    assert!(matches!(Unchecked::read("hello"), Err(ReceiptError::Note(_))));
    let bad = story.note.replace("received 2026-03-02", "received yesterday");
    let line = ReceiptError::Line { line: 7, expected: "received and a day" };
    assert_eq!(Unchecked::read(&bad).unwrap_err(), line);
    let checkpoint = String::from_utf8_lossy(story.county.run().checkpoint().note()).into_owned();
    let head = Unchecked::read(&checkpoint);
    assert!(head.is_err(), "a checkpoint is no receipt");
    let cut = story.text(story.evidence());
    assert!(matches!(Unchecked::read(&cut[..cut.len() - 40]), Err(ReceiptError::Evidence(_))));
    let windows = story.note.replace('\n', "\r\n");
    assert!(Unchecked::read(&format!("\u{feff}{windows}\r\n  ")).is_ok());
}

#[test]
fn only_an_intake_has_a_receipt() {
    let mut county = Office::new("410221", 3);
    let opened = county.write(Content::EpochOpened(wire::EpochOpened::default()));
    assert_eq!(opened.header().kind, Kind::EpochOpened);
    assert!(Receipt::of(&opened, number(), &[]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_changed_letter_holds(at in any::<prop::sample::Index>(), letter in "[ -~]") {
        let story = story();
        let mut text = story.note.clone();
        let at = at.index(text.len());
        prop_assume!(text.is_char_boundary(at) && text.is_char_boundary(at + 1));
        prop_assume!(text[at..=at] != letter);
        text.replace_range(at..=at, &letter);
        if let Ok(shown) = Unchecked::read(&text) {
            prop_assert!(!shown.signed_by(&story.county.signer.public()), "{text}");
        }
    }

    #[test]
    fn garbage_never_panics(text in "\\PC{0,300}", cut in 0_usize..2_000) {
        _ = Unchecked::read(&text);
        let story = story();
        let whole = story.text(story.evidence());
        let cut = whole.len().min(cut);
        if let Some(part) = whole.get(..cut) {
            _ = Unchecked::read(part);
        }
    }
}
