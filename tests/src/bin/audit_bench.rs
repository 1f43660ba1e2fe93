//! Writes a journal, then measures how fast an audit verifies it beside the SHA-256 of this very machine.
//!
//! The bar: verification end to end, streaming out of SQLite, at no less than half of the rate at which the same
//! headers and bodies are hashed in memory, one hash each; and memory that does not grow with the journal. All is
//! measured in one run. A process of its own writes the journal, so that its memory is not counted.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a measurement does"
)]

use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use terrace_node::archive::{Archive, Draft, Identity, Proofs, enrolling};
use terrace_node::audit::{Books, Question, What, verify_all};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{EntryBytes, Store};
use terrace_node::surroundings::{Clock as _, SystemChance, SystemClock};
use terrace_node::watermark::MemoryWatermark;
use terrace_proto::audit::{AddresseeCheck, Allowance, ClockCheck, JournalCheck};
use terrace_proto::digest::{Digest, Epoch, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, EntryId, Holder, JournalId};
use terrace_proto::journal::{ParcelItem, verify_parcel};
use terrace_proto::key::Signer;
use terrace_proto::wire;
use terrace_tests::offices::peak_memory;

/// Entries of the journal, unless told otherwise.
const ENTRIES: u64 = 1_000_000;
/// Entries written at once.
const WRITTEN: u64 = 40_000;
/// Entries held in memory at once for the measurements there.
const IN_MEMORY: u64 = 65_536;
/// Proofs made and checked.
const PROOFS: u64 = 20_000;
/// Proofs made at once.
const PROVED: usize = 256;
/// Memory an audit may take, in bytes.
const MEMORY: u64 = 200_000_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        [] => measure(ENTRIES).await,
        ["--entries", entries] => match entries.parse() {
            Ok(entries) => measure(entries).await,
            Err(error) => Err(error.into()),
        },
        ["--write", path, entries] => match entries.parse() {
            Ok(entries) => write(Path::new(path), entries).await,
            Err(error) => Err(error.into()),
        },
        _ => Err("usage: audit_bench [--entries N]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("audit_bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn identity() -> Identity {
    let me = JournalId { author: DivisionCode::HUB, epoch: Epoch([7; 16]) };
    Identity { me, signer: Signer::from_secret(&[7; 32]), superior: None }
}

/// Writes the journal through the archive: intakes as they are on average in the demonstration, each followed
/// by an opening. They belong to no case, so that folding does not take part.
async fn write(path: &Path, entries: u64) -> Result<(), Failure> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path).await?);
    enrolling::found(store.as_ref(), &identity()).await?;
    let watermark = Box::new(MemoryWatermark::default());
    let (clock, chance) = (Arc::new(SystemClock), Box::new(SystemChance));
    let mut archive = Archive::open(identity(), store, watermark, clock, chance).await?;
    let mut written = 0;
    while written < entries {
        let some = WRITTEN.min(entries - written);
        archive.append((written..written + some).map(draft).collect()).await?;
        written += some;
    }
    Ok(())
}

fn draft(number: u64) -> Draft {
    let hand = Hand { officer: "410221-007".into(), ..Hand::default() };
    if number.is_multiple_of(2) {
        let text = "（虚构）村口到小学的一段路，六盏路灯有五盏不亮，孩子放学摸黑走，夜间通行不便，请求尽快维修并答复。";
        let intake = wire::IntakeRegistered {
            channel: "WEB".into(),
            category: "城乡建设".into(),
            title: format!("路灯损坏 {number}"),
            text: text.repeat(2),
            source: format!("bench-{number:09}"),
            persons: 1,
            ..wire::IntakeRegistered::default()
        };
        return Draft::plain(hand, None, Content::IntakeRegistered(intake));
    }
    let number = format!("41-2026-58213-{:04}-4", number % 10_000);
    let mut draft = Draft::plain(
        hand,
        None,
        Content::CaseOpened(wire::CaseOpened { number, due: Vec::new(), ..Default::default() }),
    );
    let here = Holder::office(DivisionCode::HUB);
    draft.place = Some(Place { thread: ThreadId([3; 16]), stage: 1, predecessor: None });
    draft.custody = Some((None, here));
    draft.audience_added = vec![DivisionCode::HUB];
    draft
}

/// One measurement.
fn told(what: &str, entries: u64, bytes: u64, took: Duration) -> f64 {
    let rate = entries as f64 / took.as_secs_f64();
    let megabytes = bytes as f64 / took.as_secs_f64() / 1e6;
    println!("{what:<44} {rate:>12.0} entries/s {megabytes:>8.0} MB/s");
    rate
}

async fn measure(entries: u64) -> Result<(), Failure> {
    let scratch = tempfile::Builder::new().prefix("terrace-audit-").tempdir()?;
    let path = scratch.path().join("office.db");
    let started = Instant::now();
    let writer = Command::new(std::env::current_exe()?)
        .arg("--write")
        .arg(&path)
        .arg(entries.to_string())
        .status()?;
    if !writer.success() {
        return Err("the journal could not be written".into());
    }
    let size = std::fs::metadata(&path)?.len();
    println!(
        "{entries} entries written in {:.1} s, {:.0} MB",
        started.elapsed().as_secs_f64(),
        size as f64 / 1e6
    );
    let store = SqliteStore::open_to_read(&path).await?;
    // Twice, so that the file is in the page cache as it is for the hashes in memory.
    let (mut verified, mut fastest) = (0, Duration::MAX);
    for _ in 0..2 {
        let started = Instant::now();
        let books = Books::open(&store, identity().me, None, SystemClock.now()).await?;
        let (summary, findings) = verify_all(books, Question::new(What::Verify)).await?;
        fastest = fastest.min(started.elapsed());
        verified = summary.entries;
        if summary.entries != entries || !findings.is_empty() {
            return Err(format!("{summary:?} {findings:?}").into());
        }
    }
    let peak = peak_memory(std::process::id()).unwrap_or(u64::MAX);
    let view = store.frozen().await?;
    let (reading, bytes) = read(view.as_ref()).await?;
    let (hashing, checking) = in_memory(view.as_ref()).await?;
    let hashes = told("(a) SHA-256 in memory", entries, bytes, hashing);
    let sqlite = told("(b) verified out of SQLite", verified, bytes, fastest);
    let memory = told("(c) verified in memory", entries, bytes, checking);
    told("    read out of SQLite and not looked at", entries, bytes, reading);
    println!("(b)/(a) {:.2}   (c)/(a) {:.2}", sqlite / hashes, memory / hashes);
    prove(Arc::new(store), entries).await?;
    println!("peak memory of the verification: {:.1} MB", peak as f64 / 1e6);
    let holds = sqlite / hashes >= 0.5 && peak < MEMORY;
    println!("bar (half of SHA-256, less than 200 MB): {}", if holds { "held" } else { "MISSED" });
    Ok(())
}

/// How long reading alone takes, and how many bytes of headers and bodies there are.
async fn read(store: &dyn Store) -> Result<(Duration, u64), Failure> {
    let (started, mut bytes) = (Instant::now(), 0);
    let mut see = |entry: EntryBytes<'_>| {
        bytes += (entry.header.len() + entry.body.map_or(0, <[u8]>::len)) as u64;
    };
    store.each_entry(identity().me, 0, u64::MAX, &mut see).await?;
    Ok((started.elapsed(), bytes))
}

/// Hashes, and verifies, the same headers and bodies in memory, some at a time: how long each takes.
async fn in_memory(store: &dyn Store) -> Result<(Duration, Duration), Failure> {
    let (mut hashing, mut checking) = (Duration::ZERO, Duration::ZERO);
    let mut journal = JournalCheck::new(identity().me);
    let mut clock = ClockCheck::new(Allowance::default().clock_millis());
    let mut addressed = AddresseeCheck::default();
    let mut from = 0;
    loop {
        let mut some: Vec<(u64, Vec<u8>, Option<Vec<u8>>)> = Vec::new();
        let mut see = |entry: EntryBytes<'_>| {
            some.push((entry.sequence, entry.header.to_vec(), entry.body.map(<[u8]>::to_vec)));
        };
        if store.each_entry(identity().me, from, IN_MEMORY, &mut see).await? == 0 {
            break;
        }
        from += some.len() as u64;
        let started = Instant::now();
        for (_, header, body) in &some {
            std::hint::black_box(Digest::of(&[header]));
            std::hint::black_box(body.as_ref().map(|body| Digest::of(&[body])));
        }
        hashing += started.elapsed();
        let started = Instant::now();
        for (sequence, header, body) in &some {
            let glance = journal.entry(*sequence, header, body.as_deref());
            let glance = glance.ok_or("a header cannot be read")?;
            if clock.entry(&glance).or(addressed.entry(&glance)).is_some() {
                return Err("a finding where there is none".into());
            }
        }
        checking += started.elapsed();
    }
    if let Some(record) = store.journal(identity().me).await? {
        let note = record.checkpoint.as_deref().unwrap_or_default();
        if !journal.finish(record.frontier.size(), note, &record.key).is_empty() {
            return Err("the journal does not lead to its signed root".into());
        }
    }
    Ok((hashing, checking))
}

/// Makes proofs of entries all over the journal, and checks them.
async fn prove(store: Arc<dyn Store>, entries: u64) -> Result<(), Failure> {
    let journal = identity().me;
    let ids: Vec<EntryId> = (0..PROOFS.min(entries))
        .map(|index| EntryId { journal, sequence: index * 2_654_435_761 % entries })
        .collect();
    let proofs = Proofs::new(store);
    let (mut making, mut checking) = (Duration::ZERO, Duration::ZERO);
    for some in ids.chunks(PROVED) {
        let started = Instant::now();
        let proved = proofs.of(some).await?;
        making += started.elapsed();
        let started = Instant::now();
        for (checkpoint, item) in proved.into_values() {
            check(journal, item, &checkpoint)?;
        }
        checking += started.elapsed();
    }
    let rate = |took: Duration| ids.len() as f64 / took.as_secs_f64();
    println!(
        "(d) proofs: {:.0} made/s, {:.0} checked/s, each with its signature",
        rate(making),
        rate(checking)
    );
    Ok(())
}

fn check(journal: JournalId, item: ParcelItem, checkpoint: &[u8]) -> Result<(), Failure> {
    let key = identity().signer.public();
    verify_parcel(journal, &key, vec![item], checkpoint)?;
    Ok(())
}
