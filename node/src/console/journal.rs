//! A journal: its signed head, the superior's cosignature, and its entries, the newest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Header, JournalId, leaf_of};

use super::Console;
use super::answer::{Problem, page};
use super::case::JournalAddress;
use super::frame::{Asked, Frame, Room, hour, hour_of, place};
use super::told;
use crate::store::{JournalRecord, Reach, StoreError};

/// Entries on a page.
const ROWS: u64 = 50;

/// Which page of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Page {
    before: Option<u64>,
}

#[derive(Debug)]
struct Row {
    sequence: u64,
    address: String,
    when: String,
    kind: String,
    officer: String,
    case: Option<String>,
    leaf: String,
}

#[derive(Debug)]
struct Cosigned {
    size: u64,
    at: String,
    line: String,
}

/// A journal that can be looked at.
#[derive(Debug)]
struct Other {
    address: String,
    place: String,
    size: u64,
    stored: Option<String>,
    current: bool,
}

#[derive(Debug, Template)]
#[template(path = "journal.html")]
struct JournalPage {
    frame: Frame,
    place: String,
    whole: bool,
    size: u64,
    root: String,
    note: String,
    stored: Option<String>,
    cosigned: Option<Cosigned>,
    rows: Vec<Row>,
    next: Option<String>,
    others: Vec<Other>,
}

/// The journal of this office.
pub(super) async fn own(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(page): Query<Page>,
) -> Result<Response, Problem> {
    let me = console.office.identity().me;
    answer(&console, &asked, me, page.before).await
}

/// Another journal that is held here.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(name): Path<String>,
    Query(page): Query<Page>,
) -> Result<Response, Problem> {
    let Some(id) = named(&console, &name).await else {
        return Err(Problem::unknown(&console, &asked, &name));
    };
    answer(&console, &asked, id, page.before).await
}

/// The journal a part of an address names: a division, or a division and an epoch with a dot between.
pub(super) async fn named(console: &Console, name: &str) -> Option<JournalId> {
    if let Some((author, epoch)) = name.split_once('.') {
        let author: DivisionCode = author.parse().ok()?;
        let epoch: Epoch = epoch.parse().ok()?;
        return Some(JournalId { author, epoch });
    }
    let author: DivisionCode = name.parse().ok()?;
    let me = console.office.identity().me;
    if author == me.author {
        return Some(me);
    }
    let journals = console.office.store().journals_of(author).await.ok()?;
    let newest = journals.iter().max_by_key(|journal| journal.admitted_by.map(|by| by.sequence));
    newest.map(|journal| journal.id)
}

async fn answer(
    console: &Console,
    asked: &Asked,
    id: JournalId,
    before: Option<u64>,
) -> Result<Response, Problem> {
    let problem = |error: StoreError| Problem::store(console, asked, &error);
    let Some(record) = console.office.store().journal(id).await.map_err(problem)? else {
        return Err(Problem::unknown(console, asked, &id.to_string()));
    };
    let frame = Frame::new(console, asked, Room::Journal);
    let size = record.frontier.size();
    let end = before.unwrap_or(size).min(size);
    let first = end.saturating_sub(ROWS);
    let limit = u32::try_from(end - first).unwrap_or(0);
    let stored = console.office.store().entries(id, first, limit).await.map_err(problem)?;
    let mut rows: Vec<Row> = stored.iter().filter_map(|entry| row(&frame, &entry.header)).collect();
    rows.reverse();
    let own = id == console.office.identity().me;
    let cosignature = console.office.cosigned_by_superior().await.map_err(problem)?;
    let name = JournalAddress::of(terrace_proto::entry::EntryId { journal: id, sequence: 0 }).0;
    let name = name.trim_end_matches("/0").to_owned();
    let cosigned = cosignature.filter(|_| own).map(|cosignature| Cosigned {
        size: cosignature.size,
        at: hour_of(i64::try_from(cosignature.at).unwrap_or(0).saturating_mul(1_000)),
        line: cosignature.line.trim().to_owned(),
    });
    let reaches = console.office.store().reaches().await.map_err(problem)?;
    Ok(page(&JournalPage {
        place: place(id.author),
        whole: record.whole,
        size,
        root: record.frontier.root().to_string(),
        note: note(&record),
        stored: record.stored_at.map(hour_of),
        cosigned,
        rows,
        next: (first > 0).then(|| format!("{name}?before={first}")),
        others: others(&reaches, id),
        frame,
    }))
}

fn note(record: &JournalRecord) -> String {
    record.checkpoint.as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned()
}

fn row(frame: &Frame, header_bytes: &[u8]) -> Option<Row> {
    let header = Header::read(header_bytes).ok()?;
    Some(Row {
        sequence: header.sequence,
        address: JournalAddress::of(header.id()).0,
        when: hour(header.recorded_at),
        kind: told::kind(frame, header.kind),
        officer: header.hand.officer.clone(),
        case: header.case.map(|case| case.to_string()),
        leaf: leaf_of(header_bytes).to_string(),
    })
}

/// The journals held from their beginning, in order of division.
fn others(reaches: &[Reach], current: JournalId) -> Vec<Other> {
    let begun = reaches.iter().filter(|reach| reach.frontier.size() > 0);
    let other = |reach: &Reach| Other {
        address: format!("/journal/{}.{}", reach.journal.author.short(), reach.journal.epoch),
        place: place(reach.journal.author),
        size: reach.frontier.size(),
        stored: reach.stored_at.map(hour_of),
        current: reach.journal == current,
    };
    begun.take(200).map(other).collect()
}
