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
use terrace_proto::journal::merkle::{parent, root_of_path};
use terrace_proto::journal::{ParcelItem, SignedCheckpoint};

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room, hour, place};
use super::journal::named;
use super::told::{self, Said};
use crate::store::StoreError;

/// One step up the tree.
#[derive(Debug)]
struct Step {
    /// The sibling stands on the left.
    left: bool,
    sibling: String,
    sum: String,
}

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
        steps: steps(proved.entry.leaf(), sequence, proved.size, &proved.item.path),
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
    let proved = console.office.shipping().prove(&[id]).await.map_err(problem)?.remove(&id);
    let (note, item) = proved.ok_or_else(unknown)?;
    let record = console.office.store().journal(journal).await.map_err(problem)?;
    let key = record.ok_or_else(unknown)?.key;
    let entry = Entry::read(item.header.clone(), item.body.clone()).map_err(|_| unknown())?;
    let signed = SignedCheckpoint::read(&note, journal, &key).ok_or_else(unknown)?;
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
    let holds = root_of_path(entry.leaf(), sequence, size, &item.path) == Some(root);
    Ok(Proved { id, entry, item, note, size, root, holds })
}

/// The hashes on the way up, as RFC 6962 has it (2.1.1): at each step the sibling stands on the left or right.
fn steps(leaf: Digest, mut index: u64, size: u64, path: &[Digest]) -> Vec<Step> {
    let mut last = size.saturating_sub(1);
    let mut sum = leaf;
    let mut steps = Vec::with_capacity(path.len());
    for sibling in path {
        // A node that is the last of its row and has no neighbour goes up as it is.
        while index == last && index.is_multiple_of(2) && last > 0 {
            (index, last) = (index / 2, last / 2);
        }
        let left = index % 2 == 1;
        sum = if left { parent(sibling, &sum) } else { parent(&sum, sibling) };
        steps.push(Step { left, sibling: sibling.to_string(), sum: sum.to_string() });
        (index, last) = (index / 2, last / 2);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use terrace_proto::journal::Frontier;
    use terrace_proto::journal::merkle::{Subtree, path};

    #[test]
    fn steps_shown_lead_to_the_root_that_is_signed() {
        let leaves: Vec<Digest> = (0..40_u8).map(|n| Digest([n; 32])).collect();
        let root = |leaves: &[Digest]| {
            let mut frontier = Frontier::default();
            leaves.iter().for_each(|leaf| frontier.push(*leaf));
            frontier.root()
        };
        let subtree = |Subtree { level, number }: Subtree| {
            let first = usize::try_from(number << level).ok()?;
            Some(root(leaves.get(first..first + (1 << level))?))
        };
        for size in 2..=leaves.len() as u64 {
            for index in 0..size {
                let (at, end) = (index as usize, size as usize);
                let path = path(index, size, &subtree).unwrap();
                let shown = steps(leaves[at], index, size, &path);
                let root = root(&leaves[..end]).to_string();
                assert_eq!(shown.last().map(|step| &step.sum), Some(&root), "{index} of {size}");
            }
        }
    }
}
