//! Real messages through intake, triage by category, duplicates and replies, with the time of each step; and what finding
//! the same matter costs among a million cases.
//!
//! Messages are read from a file outside the repository and never shown. Places are fictional: the tokens of cities and
//! counties are mapped onto counties of Henan. No bar: it prints what it measured.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "printing is what a measurement does"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use serde_json::Value;
use terrace_node::desk::{Registered, Registration};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{Batch, SketchRecord, Store};
use terrace_proto::alike::{ALIKE, Grams, Sketch};
use terrace_proto::case::standing::day_of;
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Level, Tree};
use terrace_proto::entry::Content;
use terrace_proto::entry::header::Hand;
use terrace_proto::rules::Duty;
use terrace_proto::wire;
use terrace_tests::line::Line;

/// The office that takes everything in.
const OFFICE: &str = "41";
/// Cases of the second part.
const CASES: u64 = 1_000_000;
/// Cases of the one large county among them.
const LARGE: u64 = 100_000;
/// Sketches written in one transaction, and looked through at once.
const PAGE: u32 = 2_048;

/// Top categories, by their first two digits.
const CATEGORIES: [&str; 16] = [
    "农村农业",
    "国土资源",
    "城乡建设",
    "劳动和社会保障",
    "卫生计生",
    "教育文体",
    "政法",
    "纪检监察",
    "组织人事",
    "党务政务",
    "民政",
    "交通运输",
    "环境保护",
    "经济管理",
    "商贸旅游",
    "科技与信息产业",
];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = match arguments.as_slice() {
        [] => None,
        [name, file] if name == "--input" => Some(file.clone()),
        _ => {
            eprintln!("usage: messages_bench [--input FILE.ndjson]");
            return ExitCode::from(2);
        }
    };
    match file {
        Some(file) => messages(Path::new(&file)).await,
        None => println!("messages: SKIPPED, no file was given (--input)"),
    }
    a_million().await;
    ExitCode::SUCCESS
}

/// One message, as far as it is used.
#[derive(Debug)]
struct Message {
    intake: wire::IntakeRegistered,
    received: Date,
    category: usize,
    replied: Option<(Date, String)>,
    group: Option<String>,
}

async fn messages(file: &Path) {
    let messages = read(file);
    let scratch = tempfile::Builder::new().prefix("terrace-messages-").tempdir().unwrap();
    let store = SqliteStore::open(scratch.path().join("office.db")).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let mut line =
        Line::with(&["00", OFFICE], |division| (division == OFFICE).then(|| Arc::clone(&store)))
            .await;
    println!("messages: {}", messages.len());
    let started = Instant::now();
    let registered = taken_in(&mut line, &messages).await;
    told("intake", started.elapsed(), registered.len());
    let started = Instant::now();
    for (message, registered) in messages.iter().zip(&registered) {
        let triaged = wire::Triaged {
            purpose: "求决".into(),
            category: format!("{:02}0000", message.category),
            ..Default::default()
        };
        let who = (OFFICE, "", "0417");
        line.act(registered.case, who, Content::Triaged(triaged)).await.unwrap();
    }
    told("triage by category", started.elapsed(), registered.len());
    duplicates(&mut line, &messages, &registered).await;
    replies(&mut line, &messages, &registered).await;
}

async fn taken_in(line: &mut Line, messages: &[Message]) -> Vec<Registered> {
    let registrations = messages.iter().map(|message| Registration {
        intake: message.intake.clone(),
        received_on: Some(message.received),
        past: None,
        identity: None,
        coded: false,
    });
    let (registered, _) =
        line.desk(OFFICE).register(&Hand::default(), registrations.collect()).await.unwrap();
    registered
}

/// The same matter, by what is said: every message is compared with all that was registered about its county.
async fn duplicates(line: &mut Line, messages: &[Message], registered: &[Registered]) {
    let started = Instant::now();
    while line.at(OFFICE).archive.sketch().await.unwrap() > 0 {}
    told("sketches", started.elapsed(), registered.len());
    let numbers: BTreeMap<&str, usize> =
        registered.iter().enumerate().map(|(at, one)| (one.number.as_str(), at)).collect();
    let (mut found, mut labelled) = (BTreeSet::new(), BTreeSet::new());
    let started = Instant::now();
    for (at, one) in registered.iter().enumerate() {
        let known = line.desk(OFFICE).sameness(one.case).await.unwrap();
        for proposal in known.alike {
            let other = numbers[proposal.number.as_str()];
            found.insert((at.min(other), at.max(other)));
        }
    }
    told("duplicates proposed", started.elapsed(), registered.len());
    for (one, message) in messages.iter().enumerate() {
        for (two, other) in messages.iter().enumerate().skip(one + 1) {
            let same = message.group.is_some() && message.group == other.group;
            if same && message.intake.place == other.intake.place {
                labelled.insert((one, two));
            }
        }
    }
    let hit = found.intersection(&labelled).count();
    println!(
        "  pairs proposed {}, labelled (by text, a weak label) {}, both {hit}: recall {}, precision {}",
        found.len(),
        labelled.len(),
        share(hit, labelled.len()),
        share(hit, found.len())
    );
}

async fn replies(line: &mut Line, messages: &[Message], registered: &[Registered]) {
    let (mut replied, mut in_time) = (0, 0);
    let started = Instant::now();
    for (message, one) in messages.iter().zip(registered) {
        let Some((on, reply)) = &message.replied else { continue };
        let held = line.case(OFFICE, one.case).await;
        let clock = held.clocks().into_iter().find(|clock| clock.duty == Duty::Triage);
        in_time += usize::from(clock.is_some_and(|clock| *on <= clock.due_on()));
        let closed = wire::Closed { manner: 1, reply: reply.clone(), ..Default::default() };
        line.act(one.case, (OFFICE, "", "0417"), Content::Closed(closed)).await.unwrap();
        replied += 1;
    }
    told("replies", started.elapsed(), replied);
    println!(
        "  {replied} of {} have a reply; {in_time} within the fifteen days of their registration ({})",
        registered.len(),
        share(in_time, replied)
    );
}

fn read(file: &Path) -> Vec<Message> {
    let text = std::fs::read_to_string(file).unwrap();
    let counties = counties();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| message(&row, &counties)).collect()
}

fn message(row: &Value, counties: &[DivisionCode]) -> Message {
    let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let day = |name: &str| {
        let at = word(name).parse::<jiff::Timestamp>().ok();
        at.map(day_of)
    };
    let token = format!("{}{}", word("city"), word("county"));
    let place = token
        .bytes()
        .fold(7_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let category = CATEGORIES.iter().position(|name| *name == word("category"));
    let received = day("submitted_at").unwrap_or(jiff::civil::date(2020, 1, 1));
    Message {
        intake: wire::IntakeRegistered {
            channel: "WEB".into(),
            title: word("title"),
            text: word("body"),
            place: counties[place % counties.len()].number(),
            persons: 1,
            ..Default::default()
        },
        received,
        category: category.map_or(99, |at| at + 1),
        replied: day("replied_at")
            .map(|on| (on, word("reply")))
            .filter(|(_, text)| !text.is_empty()),
        group: row["dup_group"].as_str().map(str::to_owned),
    }
}

/// Counties of Henan, for the tokens of the messages to stand at.
fn counties() -> Vec<DivisionCode> {
    let (tree, province) = (Tree::national(), OFFICE.parse::<DivisionCode>().unwrap());
    let codes = tree.iter().map(|division| division.code);
    let county = |code: &DivisionCode| {
        code.level() == Level::County && tree.node(*code).is_ok() && tree.is_within(*code, province)
    };
    codes.filter(county).collect()
}

/// What it costs to keep sketches of a million cases, and to look one up.
async fn a_million() {
    let scratch = tempfile::Builder::new().prefix("terrace-sketches-").tempdir().unwrap();
    let path = scratch.path().join("office.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let counties = counties();
    let started = Instant::now();
    let (mut row, mut making) = (0, Duration::ZERO);
    while row < CASES {
        let began = Instant::now();
        let until = (row + u64::from(PAGE)).min(CASES);
        let sketches = (row + 1..=until).map(|row| sketched(row, &counties)).collect();
        making += began.elapsed();
        store.commit(Batch { sketches, sketched: Some(until), ..Batch::default() }).await.unwrap();
        row = until;
    }
    let took = started.elapsed();
    told("a million: texts and sketches made", making, usize::try_from(CASES).unwrap());
    told("a million: sketches kept", took.saturating_sub(making), usize::try_from(CASES).unwrap());
    let size = std::fs::metadata(&path).unwrap().len();
    println!("  {:.0} bytes a case in the file", size as f64 / CASES as f64);
    for (name, county) in [("usual", counties[1]), ("large", counties[0])] {
        let wanted = Sketch::of(&Grams::of(&text(4_711)));
        let (mut looked, mut like, mut after) = (0_u64, 0_u64, 0);
        let started = Instant::now();
        loop {
            let page = store.sketches(county, after, PAGE).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.row;
            looked += page.len() as u64;
            like += page.iter().filter(|one| wanted.likeness(&one.sketch) >= ALIKE).count() as u64;
        }
        let took = started.elapsed();
        println!("  one look-up in a {name} county of {looked} cases: {took:.1?} ({like} alike)");
    }
}

fn sketched(row: u64, counties: &[DivisionCode]) -> SketchRecord {
    let county = if row <= LARGE { 0 } else { 1 + (row as usize) % (counties.len() - 1) };
    let mut case = [0; 16];
    case[..8].copy_from_slice(&row.to_be_bytes());
    let sketch = Sketch::of(&Grams::of(&text(row)));
    SketchRecord { place: counties[county], row, case: CaseId(case), category: 0, sketch }
}

/// Two hundred characters that depend on a number.
fn text(number: u64) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let letters = (0..200).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from_u32(0x4e00 + u32::try_from(state % 2_500).unwrap()).unwrap()
    });
    letters.collect()
}

fn told(step: &str, took: Duration, count: usize) {
    let each = took.as_secs_f64() * 1e6 / count.max(1) as f64;
    println!("{step}: {count} in {:.2} s, {each:.0} µs each", took.as_secs_f64());
}

fn share(of: usize, all: usize) -> String {
    let share = terrace_proto::figure::share::Share { of: of as u64, all: all as u64 };
    share.to_string()
}
