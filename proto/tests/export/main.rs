//! Exports made by hand, for [`format`] (what is written reads back, and nothing else does) and [`check`] (what does
//! not fit is found, and nothing else is).

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod check;
mod format;

use jiff::Timestamp;
use terrace_proto::admission::Keyring;
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, Entry, Header, JournalId, Kind};
use terrace_proto::export::record::{Head, Journal, Manifest, Page};
use terrace_proto::export::{Colophon, MAGIC, Record};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Frontier, ParcelItem, append};
use terrace_proto::key::Signer;
use terrace_proto::wire;

const ROOT: JournalId = JournalId { author: DivisionCode::HUB, epoch: Epoch([1; 16]) };
const BEGAN: i64 = 1_760_000_000;

fn signer() -> Signer {
    Signer::from_secret(&[1; 32])
}

fn keyring() -> Keyring {
    Keyring::of_root(ROOT, signer().public())
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
    ParcelItem { header: entry.header_bytes().to_vec(), body: None, sealed: None, path: Vec::new() }
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
    let (mut bytes, mut colophon) = (MAGIC.to_vec(), Colophon::default());
    for record in records {
        let framed = record.encode();
        colophon.pass(&framed);
        bytes.extend(framed);
    }
    bytes.extend(colophon.sign(ROOT, &signer()).encode());
    bytes
}
