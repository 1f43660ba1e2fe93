//! One entry and its proof: every step from its leaf to the root that its author signed, to be followed by eye,
//! and as a file to be checked anywhere without this office.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::json;
use terrace_proto::digest::Digest;
use terrace_proto::entry::{Entry, EntryId, JournalId};
use terrace_proto::journal::merkle::{Step, climb};
use terrace_proto::journal::{ParcelItem, SignedCheckpoint};

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room, hour, place};
use super::journal::named;
use super::told::{self, Said};
use crate::store::StoreError;

#[derive(Debug, Template)]
#[template(path = "proof.html")]
struct ProofPage {
    frame: Frame,
    place: String,
    sequence: u64,
    when: String,
    kind: String,
    officer: String,
    case: Option<String>,
    words: Vec<Said>,
    header: String,
    leaf: String,
    steps: Vec<Step>,
    root: String,
    size: u64,
    note: String,
    holds: bool,
    download: String,
}

/// An entry with its proof, as held here.
struct Proved {
    id: EntryId,
    entry: Entry,
    item: ParcelItem,
    note: Vec<u8>,
    size: u64,
    root: Digest,
    /// Every step up the tree; none where the path cannot be the entry's.
    steps: Vec<Step>,
    /// The path leads to the root, and the author signed it.
    holds: bool,
}

/// The page of an entry.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path((name, sequence)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    let proved = prove(&console, &asked, &name, sequence).await?;
    let frame = Frame::new(&console, &asked, Room::Journal);
    let header = proved.entry.header();
    let content = proved.entry.content();
    let JournalId { author, epoch } = proved.id.journal;
    Ok(page(&ProofPage {
        place: place(author),
        sequence,
        when: hour(header.recorded_at),
        kind: told::kind(&frame, header.kind),
        officer: header.hand.officer.clone(),
        case: header.case.map(|case| case.to_string()),
        words: content.map(|content| told::words(&frame, &content)).unwrap_or_default(),
        header: HEXLOWER.encode(&proved.item.header),
        leaf: proved.entry.leaf().to_string(),
        steps: proved.steps,
        root: proved.root.to_string(),
        size: proved.size,
        note: String::from_utf8_lossy(&proved.note).into_owned(),
        holds: proved.holds,
        download: format!("/journal/{}.{epoch}/{sequence}/proof.json", author.short()),
        frame,
    }))
}

/// The proof as a file.
pub(super) async fn download(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path((name, sequence)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    let proved = prove(&console, &asked, &name, sequence).await?;
    let path: Vec<String> = proved.item.path.iter().map(ToString::to_string).collect();
    let text = json!({
        "author": proved.id.journal.author.short(),
        "epoch": proved.id.journal.epoch.to_string(),
        "sequence": sequence,
        "header": BASE64.encode(&proved.item.header),
        "leaf": proved.entry.leaf().to_string(),
        "path": path,
        "size": proved.size,
        "root": proved.root.to_string(),
        "checkpoint": String::from_utf8_lossy(&proved.note),
    });
    let file = format!("attachment; filename=\"proof-{sequence}.json\"");
    let said = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((said, format!("{text:#}\n")).into_response())
}

async fn prove(
    console: &Console,
    asked: &Asked,
    name: &str,
    sequence: u64,
) -> Result<Proved, Problem> {
    let unknown = || Problem::unknown(console, asked, &format!("{name} #{sequence}"));
    let problem = |error: StoreError| Problem::store(console, asked, &error);
    let journal = named(console, name).await.ok_or_else(unknown)?;
    let id = EntryId { journal, sequence };
    let proved = console.office.proofs().of(&[id]).await.map_err(problem)?.remove(&id);
    let (note, item) = proved.ok_or_else(unknown)?;
    let record = console.office.store().journal(journal).await.map_err(problem)?;
    let key = record.ok_or_else(unknown)?.key;
    let entry = Entry::read(item.header.clone(), item.body.clone()).map_err(|_| unknown())?;
    let signed = SignedCheckpoint::read(&note, journal, &key).ok_or_else(unknown)?;
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
    let steps = climb(entry.leaf(), sequence, size, &item.path);
    let reached = steps.as_ref().map(|steps| steps.last().map_or(entry.leaf(), |step| step.sum));
    let holds = reached == Some(root);
    Ok(Proved { id, entry, item, note, size, root, steps: steps.unwrap_or_default(), holds })
}
