//! Test vectors of wire version 0, for other implementations and against silent change.
//!
//! Every value is made from the fixed inputs below. The file beside this one holds what they must be; run
//! with `TERRACE_WRITE_VECTORS=1` to write it anew after a deliberate change of the wire.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use data_encoding::HEXLOWER;
use terrace_proto::case::CaseNumber;
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Address, Hand, Place};
use terrace_proto::entry::{Content, Entry, Header, Holder, JournalId, Kind};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Frontier, append};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, LedgerId, Span};
use terrace_proto::wire;

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

const THREAD: ThreadId = ThreadId([0x33; 16]);

fn town() -> JournalId {
    JournalId { author: code("410221101"), epoch: Epoch([0x11; 16]) }
}

fn header(sequence: u64, kind: Kind) -> Header {
    let hour = "2026-03-02T00:00:00.5Z".parse().unwrap();
    let mut header = Header::plain(town(), sequence, kind, hour);
    header.hand = Hand { organ: "mzj".into(), officer: "3071".into(), on_behalf_of: "3002".into() };
    header.received_on = Some(jiff::civil::date(2026, 3, 1));
    header.case = Some(CaseId::of(town().author, THREAD));
    header
}

/// An intake, the opening of its case, and its transfer to the county.
fn entries() -> Vec<Entry> {
    let intake = Content::IntakeRegistered(wire::IntakeRegistered {
        channel: "VIS".into(),
        category: "030000".into(),
        title: "路灯".into(),
        text: "村口路灯不亮 𠮷".into(),
        submitted_at: 1_772_323_200_000,
        source: "vector-1".into(),
        place: 410_221_101_000,
        persons: 2,
        provenance: Some(wire::Provenance {
            system: "mailbox".into(),
            file: vec![0x88; 32],
            line: 7,
            legacy: false,
        }),
    });
    let intake = Entry::write(header(0, Kind::IntakeRegistered), intake, [1; 16]);
    let town_office = Holder::office(town().author);
    let mut opening = header(1, Kind::CaseOpened);
    opening.place = Some(Place { thread: THREAD, stage: 1, predecessor: None });
    opening.custody_to = Some(town_office.clone());
    opening.audience_added = vec![town().author];
    let number = CaseNumber::new(town().author, 2026, 58_213, 17).unwrap().to_string();
    let due = vec![wire::Due { duty: "triage".into(), due_on: 20_528, ..wire::Due::default() }];
    let opened = Content::CaseOpened(wire::CaseOpened { number, due });
    let opening = Entry::write(opening, opened, [2; 16]);
    let mut transfer = header(2, Kind::Transferred);
    transfer.place = Some(Place { thread: THREAD, stage: 1, predecessor: Some(opening.leaf()) });
    transfer.custody_from = Some(town_office);
    transfer.custody_to = Some(Holder { division: code("410221"), organ: "mzj".into() });
    transfer.audience_added = vec![code("410221")];
    transfer.address = Some(Address { division: code("410221"), number: 1, previous: None });
    transfer.considered = vec![intake.leaf()];
    let reason = Content::Transferred(wire::Transferred { reason: "超出本级职权".into() });
    let transfer = Entry::write(transfer, reason, [3; 16]);
    vec![intake, opening, transfer]
}

fn vectors() -> String {
    let signer = Signer::from_secret(&[0x44; 32]);
    let superior = Signer::from_secret(&[0x55; 32]);
    let mut out = String::new();
    let mut line = |name: &str, value: &str| writeln!(out, "{name} {value}").unwrap();
    line("journal_key", &HEXLOWER.encode(&signer.public().bytes()));
    for (index, entry) in entries().iter().enumerate() {
        line(&format!("entry_{index}_header"), &HEXLOWER.encode(entry.header_bytes()));
        line(&format!("entry_{index}_body"), &HEXLOWER.encode(entry.body().unwrap()));
        line(&format!("entry_{index}_leaf"), &entry.leaf().to_string());
    }
    let leaves: Vec<Digest> = entries().iter().map(Entry::leaf).collect();
    let run = append(town(), Frontier::default(), entries(), &signer);
    line("root", &run.frontier().root().to_string());
    line("checkpoint", &HEXLOWER.encode(run.checkpoint().note()));
    let county = JournalId { author: code("410221"), epoch: Epoch([0x66; 16]) };
    let cosigned = Cosigned::sign(*run.checkpoint().checkpoint(), county, &superior, 1_772_409_600);
    line("cosignature", &HEXLOWER.encode(cosigned.line.as_bytes()));
    let ledger = LedgerId { from: town().author, to: county.author, epoch: LinkEpoch([0x77; 16]) };
    let record = Head::start(ledger).next(
        1_772_409_600_000,
        town(),
        Span::Run { first: 0, count: 3 },
        &leaves,
    );
    line("ledger_head_text", &HEXLOWER.encode(record.head.text().as_bytes()));
    line("ledger_head_signature", &HEXLOWER.encode(&record.head.sign(&signer)));
    out
}

#[test]
fn wire_version_0_is_what_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/wire-0.txt");
    if std::env::var_os("TERRACE_WRITE_VECTORS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, vectors()).unwrap();
    }
    assert_eq!(vectors(), std::fs::read_to_string(&path).unwrap());
}

#[test]
fn vector_headers_read_back_as_they_were_written() {
    for entry in entries() {
        let again =
            Entry::read(entry.header_bytes().to_vec(), entry.body().map(<[u8]>::to_vec)).unwrap();
        assert_eq!(again, entry);
        assert_eq!(again.header().encode(), entry.header_bytes());
    }
}
