//! The check of an export: each thing that does not fit is found by the check that is for it, and a sound file by none.

use jiff::Timestamp;
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Address, Place};
use terrace_proto::entry::{Content, Entry, EntryId, Header, Holder, JournalId, Kind, leaf_of};
use terrace_proto::export::record::{CosignedHead, Head, Journal, Ledger, Page, Passage, Raised};
use terrace_proto::export::{Check, Custody, Finding, Limits, RAISING_KINDS, Record, What};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Frontier, ParcelItem, append};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head as LedgerHead, LedgerId, Span};
use terrace_proto::wire;

use super::{BEGAN, ROOT, bare, entry, journal, keyring, manifest, signer};

fn found(records: Vec<Record>) -> Vec<Finding> {
    let mut check = Check::new(manifest(), keyring(), Tree::national(), Limits::default());
    let mut all = Vec::new();
    for record in records.into_iter().chain([Record::Colophon(Vec::new())]) {
        all.extend(check.take(record).unwrap());
    }
    all
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

/// The records of a journal whose entries are made of these headers.
fn journal_of(headers: Vec<Header>) -> Vec<Record> {
    let words = || Content::Noted(wire::Noted::default());
    let entries: Vec<Entry> =
        headers.into_iter().map(|header| Entry::write(header, words(), [3; 16])).collect();
    let items = entries.iter().map(bare).collect();
    let size = entries.len() as u64;
    let run = append(ROOT, Frontier::default(), entries, &signer());
    let line = Cosigned::sign(*run.checkpoint().checkpoint(), ROOT, &signer(), 5).line;
    let opening = Journal { id: ROOT, whole: true, size, stored_at: None, cosigned: Vec::new() };
    vec![
        Record::Manifest(manifest()),
        Record::Journal(opening),
        Record::Page(Page { checkpoint: Vec::new(), items }),
        Record::Head(Head { checkpoint: run.checkpoint().note().to_vec(), line }),
    ]
}

fn plain(sequence: u64) -> Header {
    Header::plain(ROOT, sequence, Kind::Noted, Timestamp::from_second(BEGAN).unwrap())
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.what.name()).collect()
}

#[test]
fn what_is_left_out_on_the_way_to_an_addressee_is_found() {
    let to = "41".parse().unwrap();
    let leaf = |header: &Header| {
        Entry::write(header.clone(), Content::Noted(wire::Noted::default()), [3; 16]).leaf()
    };
    for (number, previous, expected) in
        [(2, true, vec![]), (3, true, vec!["addressee-gap"]), (2, false, vec!["addressee-gap"])]
    {
        let mut first = plain(0);
        first.address = Some(Address { division: to, number: 1, previous: None });
        let mut second = plain(1);
        let previous = previous.then(|| leaf(&first));
        second.address = Some(Address { division: to, number, previous });
        assert_eq!(names(&found(journal_of(vec![first, second]))), expected);
    }
}

#[test]
fn head_must_be_signed_by_the_author_and_its_cosignatures_by_whom_they_name() {
    let stranger = Signer::from_secret(&[8; 32]);
    let sound = journal(&[BEGAN]);
    let Some(Record::Head(head)) = sound.last().cloned() else { panic!("the head is last") };
    let mut frontier = Frontier::default();
    frontier.push(entry(0, BEGAN).leaf());
    let checkpoint =
        terrace_proto::journal::Checkpoint { journal: ROOT, size: 1, root: frontier.root() };
    let forged = Head { checkpoint: checkpoint.sign(&stranger).note().to_vec(), ..head.clone() };
    let line = Cosigned::sign(checkpoint, ROOT, &stranger, 5).line;
    for (last, expected) in [
        (Some(forged), "head-signature"),
        (Some(Head { line: line.clone(), ..head }), "cosignature"),
        (None, "head-signature"),
    ] {
        let mut records = sound.clone();
        records.pop();
        records.extend(last.map(Record::Head));
        assert_eq!(names(&found(records)), [expected]);
    }
    let mut records = sound;
    let Some(Record::Journal(opening)) = records.get_mut(1) else { panic!("it is second") };
    opening.cosigned.push(CosignedHead { size: 1, root: frontier.root(), by: ROOT, line });
    assert_eq!(names(&found(records)), ["cosignature"]);
}

#[test]
fn single_entries_are_proved_one_by_one() {
    let entries: Vec<Entry> = (0..3).map(|sequence| entry(sequence, BEGAN)).collect();
    let run = append(ROOT, Frontier::default(), entries.clone(), &signer());
    let checkpoint = run.checkpoint().note().to_vec();
    let path = vec![terrace_proto::journal::merkle::parent(&entries[0].leaf(), &entries[1].leaf())];
    let records = |path: Vec<Digest>| {
        let opening =
            Journal { id: ROOT, whole: false, size: 0, stored_at: None, cosigned: Vec::new() };
        let item = ParcelItem { path, ..bare(&entries[2]) };
        let page = Page { checkpoint: checkpoint.clone(), items: vec![item] };
        vec![Record::Journal(opening), Record::Page(page)]
    };
    assert_eq!(found(records(path)), []);
    assert_eq!(names(&found(records(vec![Digest([1; 32])]))), ["proof"]);
}

#[test]
fn two_roots_of_one_size_are_a_fork_wherever_they_stand() {
    let opening =
        Journal { id: ROOT, whole: false, size: 0, stored_at: None, cosigned: Vec::new() };
    let page = |second| {
        let entry = entry(0, second);
        let run = append(ROOT, Frontier::default(), vec![entry.clone()], &signer());
        let checkpoint = run.checkpoint().note().to_vec();
        Record::Page(Page { checkpoint, items: vec![bare(&entry)] })
    };
    let single = |pages: [Record; 2]| {
        found([Record::Journal(opening.clone())].into_iter().chain(pages).collect())
    };
    assert_eq!(single([page(BEGAN), page(BEGAN)]), []);
    assert_eq!(names(&single([page(BEGAN), page(BEGAN + 1)])), ["fork"]);

    let words = wire::NodeAdmitted {
        division: "41".parse::<DivisionCode>().unwrap().number(),
        epoch: vec![2; 16],
        algorithm: 1,
        journal_key: signer().public().bytes().to_vec(),
        transport_key_hash: Vec::new(),
    };
    let header = Header { kind: Kind::NodeAdmitted, ..plain(0) };
    let admitted = Entry::write(header, Content::NodeAdmitted(words), [3; 16]);
    let run = append(ROOT, Frontier::default(), vec![admitted.clone()], &signer());
    let body = admitted.body().map(<[u8]>::to_vec);
    let item = ParcelItem { body, ..bare(&admitted) };
    let admission = Record::Admission { checkpoint: run.checkpoint().note().to_vec(), item };
    let with =
        |journal: Vec<Record>| found([admission.clone()].into_iter().chain(journal).collect());
    assert_eq!(names(&with(journal(&[BEGAN, BEGAN]))), ["fork"]);
}

#[test]
fn journal_that_nobody_admitted_is_not_believed() {
    let id = JournalId { author: "41".parse().unwrap(), epoch: Epoch([2; 16]) };
    let opening = Journal { id, whole: true, size: 0, stored_at: None, cosigned: Vec::new() };
    assert_eq!(names(&found(vec![Record::Journal(opening)])), ["not-admitted"]);
}

#[test]
fn entry_at_another_place_than_it_says_is_found() {
    let mut records = journal_of(vec![plain(0), plain(1)]);
    let Some(Record::Page(page)) = records.get_mut(2) else { panic!("the page is third") };
    page.items.swap(0, 1);
    assert!(names(&found(records)).contains(&"gap"));
    let mut records = journal(&[BEGAN]);
    let Some(Record::Journal(opening)) = records.get_mut(1) else { panic!("it is second") };
    opening.size = 2;
    assert_eq!(names(&found(records)), ["gap"]);
}

#[test]
fn question_must_stand_in_the_file_and_the_file_must_say_about_what() {
    let mut asked = plain(0);
    asked.kind = Kind::Unknown(RAISING_KINDS[0]);
    let about = JournalId { author: "41".parse().unwrap(), epoch: Epoch([2; 16]) };
    let raised = |sequence| {
        let entry = EntryId { journal: ROOT, sequence };
        Record::Raised(Raised { entry, kind: RAISING_KINDS[0], about, place: 6 })
    };
    let with = |record: Option<Record>| {
        found(journal_of(vec![asked.clone()]).into_iter().chain(record).collect())
    };
    assert_eq!(names(&with(None)), ["raised"]);
    let told = with(Some(raised(0)));
    assert_eq!((names(&told), told[0].answers), (vec!["raised"], about.author));
    assert_eq!(names(&with(Some(raised(1)))), ["raised-nowhere", "raised"]);
}

#[test]
fn every_share_of_the_cases_is_folded_once() {
    let mine: DivisionCode = "41".parse().unwrap();
    let journal = JournalId { author: mine, epoch: Epoch([2; 16]) };
    let mut headers = Vec::new();
    for number in 0..40 {
        let thread = ThreadId([number; 16]);
        let mut opening = Header { journal, sequence: headers.len() as u64, ..plain(0) };
        opening.kind = Kind::CaseOpened;
        opening.case = Some(CaseId::of(mine, thread));
        opening.place = Some(Place { thread, stage: 1, predecessor: None });
        opening.custody_to = Some(Holder::office(mine));
        let predecessor = Some(leaf_of(&opening.encode()));
        let mut grab = Header { sequence: u64::from(number), ..plain(0) };
        grab.kind = Kind::Decided;
        grab.case = opening.case;
        grab.place = Some(Place { thread, stage: 1, predecessor });
        (grab.custody_from, grab.custody_to) =
            (Some(Holder::office(DivisionCode::HUB)), Some(Holder::office(DivisionCode::HUB)));
        headers.extend([opening, grab]);
    }
    for shares in [1, 2, 7] {
        let mut all = Vec::new();
        for share in 0..shares {
            let mut custody = Custody::share(share, shares);
            headers.iter().for_each(|header| custody.take(&header.encode()));
            let found = custody.finish(Tree::national());
            assert!(shares == 1 || found.len() < 40, "share {share} of {shares}");
            all.extend(found);
        }
        assert!(all.iter().all(|one| matches!(one.what, What::WithoutCustody { .. })));
        let mut sequences: Vec<_> = all.iter().map(|one| one.sequence.unwrap()).collect();
        sequences.sort_unstable();
        assert_eq!(sequences, (0..40).collect::<Vec<u64>>());
        assert!(all.iter().all(|one| one.answers == DivisionCode::HUB));
    }
    assert!(Custody::shares(0) == 0 && Custody::shares(1) == 1);
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
    let mut check = Check::new(manifest(), keyring(), Tree::national(), Limits::default());
    let mut all = Vec::new();
    for record in journal(&[BEGAN]).into_iter().chain([Record::Ledger(ledger)]) {
        all.extend(check.take(record).unwrap());
    }
    all.extend(check.passage(passage, leaves).unwrap());
    all.extend(check.take(Record::Colophon(Vec::new())).unwrap());
    all.iter().map(|finding| finding.what.name()).collect()
}

#[test]
fn ledger_is_what_the_headers_make_and_both_ends_signed() {
    let (sound, passage, leaves) = ledger([true, true]);
    assert_eq!(found_in_ledger(sound.clone(), &passage, &leaves), [""; 0]);
    let mut longer = sound.clone();
    longer.head = longer.head.next(1, ROOT, Span::Picked(Vec::new()), &[]).head;
    longer.own_signature = longer.head.sign(&signer()).to_vec();
    assert_eq!(found_in_ledger(longer, &passage, &leaves), ["passage"]);
    assert_eq!(found_in_ledger(sound.clone(), &passage, &[]), ["passage"]);
    assert_eq!(found_in_ledger(sound, &passage, &[Digest([1; 32])]), ["passage"]);
    for signed in [[false, true], [true, false]] {
        let (unsigned, passage, leaves) = ledger(signed);
        assert_eq!(found_in_ledger(unsigned, &passage, &leaves), ["passage-signature"]);
    }
}
