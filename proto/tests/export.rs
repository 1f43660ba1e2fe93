//! The format of an export: what is written reads back, and no altered or cut file passes for one.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use jiff::Timestamp;
use proptest::prelude::*;
use terrace_proto::admission::Roll;
use terrace_proto::digest::{Digest, Epoch, LinkEpoch};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Content, Entry, EntryId, Header, JournalId, Kind};
use terrace_proto::export::record::{
    CosignedHead, Head, Journal, Ledger, Manifest, Page, Passage, Raised,
};
use terrace_proto::export::{
    Check, ExportError, Finding, Frame, Limits, MAGIC, Record, Sealing, Unframer, Unsealing, What,
};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Frontier, ParcelItem, append};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head as LedgerHead, LedgerId, Span};
use terrace_proto::wire;

const ROOT: JournalId = JournalId { author: DivisionCode::HUB, epoch: Epoch([1; 16]) };
const BEGAN: i64 = 1_760_000_000;

fn signer() -> Signer {
    Signer::from_secret(&[1; 32])
}

fn roll() -> Roll {
    Roll::of_root(ROOT, signer().public())
}

fn manifest() -> Manifest {
    Manifest {
        exporter: ROOT,
        exported_at: Timestamp::from_second(BEGAN + 86_400).unwrap(),
        subtree: DivisionCode::HUB,
        left_out: vec!["words".into()],
        software: "test".into(),
    }
}

fn entry(sequence: u64, second: i64) -> Entry {
    let at = Timestamp::from_second(second).unwrap();
    let header = Header::plain(ROOT, sequence, Kind::Noted, at);
    let words = Content::Noted(wire::Noted { text: format!("note {sequence}") });
    Entry::write(header, words, [3; 16])
}

fn bare(entry: &Entry) -> ParcelItem {
    ParcelItem { header: entry.header_bytes().to_vec(), body: None, path: Vec::new() }
}

/// The records of a root's journal with an entry at each of these seconds.
fn journal(seconds: &[i64]) -> Vec<Record> {
    let entries: Vec<Entry> =
        seconds.iter().zip(0..).map(|(second, sequence)| entry(sequence, *second)).collect();
    let items = entries.iter().map(bare).collect();
    let run = append(ROOT, Frontier::default(), entries, &signer());
    let checkpoint = *run.checkpoint().checkpoint();
    let line = Cosigned::sign(checkpoint, ROOT, &signer(), 5).line;
    let size = seconds.len() as u64;
    let opening = Journal { id: ROOT, whole: true, size, stored_at: None, cosigned: Vec::new() };
    vec![
        Record::Manifest(manifest()),
        Record::Journal(opening),
        Record::Page(Page { checkpoint: Vec::new(), items }),
        Record::Head(Head { checkpoint: run.checkpoint().note().to_vec(), line }),
    ]
}

fn file(records: Vec<Record>) -> Vec<u8> {
    let (mut bytes, mut sealing) = (MAGIC.to_vec(), Sealing::default());
    for record in records {
        let framed = record.encode();
        sealing.pass(&framed);
        bytes.extend(framed);
    }
    bytes.extend(sealing.seal(ROOT, &signer()).encode());
    bytes
}

fn frames(bytes: &[u8], piece: usize) -> Result<Vec<Frame>, ExportError> {
    let mut unframer = Unframer::new();
    let mut frames = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        unframer.feed(piece);
        while let Some(frame) = unframer.poll()? {
            frames.push(frame);
        }
    }
    unframer.finish()?;
    Ok(frames)
}

fn unseal(bytes: &[u8]) -> Result<Manifest, ExportError> {
    let mut unsealing = Unsealing::under(roll(), Tree::national());
    for frame in frames(bytes, 4_096)? {
        unsealing.take(&frame)?;
    }
    unsealing.finish()
}

fn found(records: Vec<Record>) -> Vec<Finding> {
    let mut check = Check::new(manifest(), roll(), Tree::national(), Limits::default());
    let mut all = Vec::new();
    for record in records.into_iter().chain([Record::Seal(Vec::new())]) {
        all.extend(check.take(record).unwrap());
    }
    all
}

/// One record of every sort, filled from `seed`.
fn every_sort(seed: u64) -> Vec<Record> {
    let byte = u8::try_from(seed % 251).unwrap();
    let digest = Digest([byte; 32]);
    let item = ParcelItem {
        header: vec![byte; 40],
        body: seed.is_multiple_of(2).then(|| vec![byte; 9]),
        path: vec![digest; usize::from(byte % 4)],
    };
    let head = CosignedHead { size: seed, root: digest, by: ROOT, line: "— x".into() };
    let ledger = LedgerId {
        from: DivisionCode::HUB,
        to: "41".parse().unwrap(),
        epoch: LinkEpoch([byte; 16]),
    };
    let passage = |span| Passage {
        number: seed,
        digest,
        sent_at: -3,
        stored_at: seed.is_multiple_of(3).then_some(7),
        journal: ROOT,
        span,
    };
    let entry = EntryId { journal: ROOT, sequence: seed };
    vec![
        Record::Manifest(manifest()),
        Record::Admission { checkpoint: vec![byte; 70], item: item.clone() },
        Record::Journal(Journal {
            id: ROOT,
            whole: seed % 2 == 1,
            size: seed,
            stored_at: seed.is_multiple_of(2).then(|| Timestamp::from_second(9).unwrap()),
            cosigned: vec![head],
        }),
        Record::Page(Page { checkpoint: vec![byte], items: vec![item; 3] }),
        Record::Head(Head { checkpoint: vec![byte; 5], line: "line".into() }),
        Record::Ledger(Ledger {
            head: LedgerHead { ledger, number: seed, digest },
            own_signature: vec![byte; 64],
            proved: seed.is_multiple_of(2).then(|| (seed + 1, vec![byte; 64])),
        }),
        Record::Passages(vec![
            passage(Span::Run { first: seed, count: 3 }),
            passage(Span::Picked(vec![seed, seed + 5])),
        ]),
        Record::Raised(Raised { entry, kind: 4, about: ROOT, place: seed }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back_in_any_pieces(seed in 0_u64..1_000_000, piece in 1_usize..90) {
        let records = every_sort(seed);
        let bytes = file(records.clone());
        let read: Vec<Record> =
            frames(&bytes, piece).unwrap().iter().map(|frame| Record::read(frame).unwrap()).collect();
        prop_assert_eq!(&read[..records.len()], &records[..]);
        prop_assert_eq!(unseal(&bytes), Ok(manifest()));
    }

    #[test]
    fn garbage_is_an_error_and_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(unseal(&bytes).is_err());
        prop_assert!(unseal(&[MAGIC, &bytes].concat()).is_err());
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = file(journal(&[BEGAN, BEGAN + 1]));
    assert!(unseal(&bytes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << bit;
            assert!(unseal(&altered).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_cut_at_any_place_is_noticed_and_so_is_anything_behind_the_seal() {
    let bytes = file(journal(&[BEGAN, BEGAN + 1]));
    for at in 0..bytes.len() {
        assert!(unseal(&bytes[..at]).is_err(), "{at}");
    }
    assert!(unseal(&[&bytes[..], b"\0"].concat()).is_err());
    let record = Record::Page(Page::default()).encode();
    assert!(unseal(&[bytes, record].concat()).is_err());
}

#[test]
fn another_root_believes_nothing() {
    let bytes = file(journal(&[BEGAN]));
    let other = Roll::of_root(ROOT, Signer::from_secret(&[2; 32]).public());
    let mut unsealing = Unsealing::under(other, Tree::national());
    frames(&bytes, 100).unwrap().iter().for_each(|frame| unsealing.take(frame).unwrap());
    assert!(matches!(unsealing.finish(), Err(ExportError::Altered(_))));
}

#[test]
fn sound_journal_shows_nothing() {
    assert_eq!(found(journal(&[BEGAN, BEGAN + 5, BEGAN + 4])), []);
}

#[test]
fn entry_taken_out_or_changed_does_not_lead_to_the_signed_root() {
    for change in [0, 1] {
        let mut records = journal(&[BEGAN, BEGAN + 1, BEGAN + 2]);
        let Some(Record::Page(page)) = records.get_mut(2) else { panic!("the page is third") };
        if change == 0 {
            page.items.remove(1);
        } else {
            page.items[1] = bare(&entry(1, BEGAN + 77));
        }
        let kinds: Vec<&str> = found(records).iter().map(|one| one.what.name()).collect();
        assert!(kinds.contains(&"journal-root"), "{kinds:?}");
    }
}

#[test]
fn words_that_are_not_public_are_found() {
    let mut records = journal(&[BEGAN]);
    let Some(Record::Page(page)) = records.get_mut(2) else { panic!("the page is third") };
    page.items[0].body = entry(0, BEGAN).body().map(<[u8]>::to_vec);
    let found = found(records);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, What::Words);
}

#[test]
fn stretch_of_dates_set_back_is_one_finding_at_its_first_entry() {
    let found = found(journal(&[BEGAN, BEGAN - 90_000, BEGAN - 80_000, BEGAN + 9]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].sequence, found[0].answers), (Some(1), DivisionCode::HUB));
    assert!(matches!(found[0].what, What::BackDated { count: 2, .. }), "{found:?}");
}

/// A signature by another on a head of the journal: `size` entries, `root`, at `second`.
fn with_cosignature(records: &mut [Record], size: u64, root: Digest, second: i64) {
    let checkpoint = terrace_proto::journal::Checkpoint { journal: ROOT, size, root };
    let signed = Cosigned::sign(checkpoint, ROOT, &signer(), u64::try_from(second).unwrap());
    let head = CosignedHead { size, root, by: ROOT, line: signed.line };
    let Some(Record::Journal(journal)) = records.get_mut(1) else { panic!("it is second") };
    journal.cosigned.push(head);
}

#[test]
fn signature_on_another_history_shows_two() {
    let seconds = [BEGAN, BEGAN + 1];
    let mut frontier = Frontier::default();
    frontier.push(entry(0, BEGAN).leaf());
    let mut records = journal(&seconds);
    with_cosignature(&mut records, 1, frontier.root(), BEGAN);
    assert_eq!(found(records), []);
    for size in [1, 2, 3] {
        let mut records = journal(&seconds);
        with_cosignature(&mut records, size, Digest([9; 32]), BEGAN);
        let found = found(records);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].what, What::Fork { size, by: DivisionCode::HUB });
    }
}

#[test]
fn entry_older_than_a_signature_on_a_head_without_it_is_found() {
    let late = BEGAN + 8 * 86_400;
    let mut frontier = Frontier::default();
    frontier.push(entry(0, BEGAN).leaf());
    let mut records = journal(&[BEGAN, BEGAN + 1]);
    with_cosignature(&mut records, 1, frontier.root(), late);
    let found = found(records);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(matches!(found[0].what, What::BeforeCosigned { count: 1, .. }));
    assert_eq!(found[0].sequence, Some(1));
}

fn ledger(signed: [bool; 2]) -> (Ledger, Passage, Vec<Digest>) {
    let id = LedgerId { from: DivisionCode::HUB, to: DivisionCode::HUB, epoch: LinkEpoch([4; 16]) };
    let leaves = vec![entry(0, BEGAN).leaf()];
    let record = LedgerHead::start(id).next(1_000, ROOT, Span::Run { first: 0, count: 1 }, &leaves);
    let stranger = Signer::from_secret(&[8; 32]);
    let own = signer();
    let by = |good| record.head.sign(if good { &own } else { &stranger }).to_vec();
    let ledger = Ledger {
        head: record.head,
        own_signature: by(signed[0]),
        proved: Some((1, by(signed[1]))),
    };
    (ledger, Passage::of(record, None), leaves)
}

fn found_in_ledger(ledger: Ledger, passage: &Passage, leaves: &[Digest]) -> Vec<&'static str> {
    let mut check = Check::new(manifest(), roll(), Tree::national(), Limits::default());
    let mut all = Vec::new();
    for record in journal(&[BEGAN]).into_iter().chain([Record::Ledger(ledger)]) {
        all.extend(check.take(record).unwrap());
    }
    all.extend(check.passage(passage, leaves).unwrap());
    all.extend(check.take(Record::Seal(Vec::new())).unwrap());
    all.iter().map(|finding| finding.what.name()).collect()
}

#[test]
fn ledger_is_what_the_headers_make_and_both_ends_signed() {
    let (sound, passage, leaves) = ledger([true, true]);
    assert_eq!(found_in_ledger(sound.clone(), &passage, &leaves), [""; 0]);
    assert_eq!(found_in_ledger(sound.clone(), &passage, &[]), ["passage"]);
    assert_eq!(found_in_ledger(sound, &passage, &[Digest([1; 32])]), ["passage"]);
    for signed in [[false, true], [true, false]] {
        let (unsigned, passage, leaves) = ledger(signed);
        assert_eq!(found_in_ledger(unsigned, &passage, &leaves), ["passage-signature"]);
    }
}
