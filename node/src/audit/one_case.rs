//! One case: every entry with its hour and its proof, every hop, and all that does not fit.

use std::collections::BTreeMap;

use jiff::Timestamp;
use terrace_proto::audit::{Finding, hops, reads_sealed_part};
use terrace_proto::case::{Case, Fact};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::Tree;
use terrace_proto::entry::EntryId;
use terrace_proto::journal::{Checkpoint, JournalError, verify_parcel};
use terrace_proto::note::Note;

use super::row::{Row, StepRow};
use super::telling::Telling;
use super::{AuditError, Books, traffic};
use crate::archive::Proofs;
use crate::store::{CaseRecord, StoreError};
use crate::view::name_of;

/// Tells the case that `name` names: a number, which several cases may carry, or an id.
pub(super) async fn tell(
    books: &Books,
    telling: &mut Telling,
    name: &str,
) -> Result<(), AuditError> {
    let name = name.trim();
    let records: Vec<CaseRecord> = match name.parse::<CaseId>() {
        Ok(id) => books.store.cases(&[id]).await?,
        Err(_) => books.store.cases_numbered(name).await?,
    };
    if records.is_empty() {
        return Err(AuditError::UnknownCase(name.to_owned()));
    }
    for record in records {
        telling.summary.cases += 1;
        match Case::read(record.id, &record.facts, Tree::national()) {
            Ok(case) => self::case(books, telling, &case).await?,
            Err(_) => telling.found([Finding::Fold { case: record.id }]).await?,
        }
    }
    Ok(())
}

async fn case(books: &Books, telling: &mut Telling, case: &Case) -> Result<(), AuditError> {
    let ids: Vec<EntryId> = case.facts().values().map(|fact| fact.header().id()).collect();
    telling.summary.entries += ids.len() as u64;
    let (sizes, damaged) = proofs(books, &ids).await?;
    let before = before(case);
    for fact in case.timeline() {
        if telling.question().wants_hour(fact.header().recorded_at) {
            let size = sizes.get(&fact.header().id()).copied();
            let row = step(case, fact, before.get(&fact.leaf()).copied(), size);
            telling.summary.sealed_reads += u64::from(row.reads_sealed_part);
            telling.tell(Row::Step(row)).await?;
        }
    }
    traffic::tell(books, telling, case, &hops(case), &sizes).await?;
    telling.found(damaged).await
}

/// Proves the entries anew, and gives the sizes of the checkpoints their proofs lead to.
async fn proofs(
    books: &Books,
    ids: &[EntryId],
) -> Result<(BTreeMap<EntryId, u64>, Vec<Finding>), StoreError> {
    let proved = Proofs::new(books.store.clone()).of(ids).await?;
    let (mut sizes, mut damaged) = (BTreeMap::new(), Vec::new());
    for entry in ids {
        let known = books.journals.get(&entry.journal);
        let what = match (proved.get(entry), known) {
            (Some((note, item)), Some(journal)) => {
                let proof = verify_parcel(journal.id, &journal.key, vec![item.clone()], note);
                match proof {
                    Ok(_) => {
                        sizes.extend(size_of(note, *entry).map(|size| (*entry, size)));
                        None
                    }
                    Err(JournalError::Entry { error, .. }) => Some(error.to_string()),
                    Err(error) => Some(error.to_string()),
                }
            }
            (None, _) => Some("it is not held, or its proof is not".to_owned()),
            (Some(_), None) => Some("the admission of its author is not held".to_owned()),
        };
        damaged.extend(what.map(|what| Finding::Entry { entry: *entry, what }));
    }
    Ok((sizes, damaged))
}

fn size_of(note: &[u8], entry: EntryId) -> Option<u64> {
    let note = Note::read(note).ok()?;
    Checkpoint::read(note.text(), entry.journal).map(|checkpoint| checkpoint.size)
}

/// The hour of the step before each applied step, by leaf.
fn before(case: &Case) -> BTreeMap<Digest, Timestamp> {
    let mut hours = BTreeMap::new();
    for thread in case.threads().values() {
        for pair in thread.steps().windows(2) {
            if let Some(fact) = case.facts().get(&pair[0]) {
                hours.insert(pair[1], fact.header().recorded_at);
            }
        }
    }
    hours
}

/// An entry of a case as a row.
pub(super) fn step(
    case: &Case,
    fact: &Fact,
    before: Option<Timestamp>,
    checkpoint_size: Option<u64>,
) -> StepRow {
    let header = fact.header();
    StepRow {
        case: case.id().to_string(),
        recorded_at: header.recorded_at,
        kind: header.kind.en().to_owned(),
        kind_zh: header.kind.zh().to_owned(),
        author: header.actor().to_string(),
        name: name_of(header.journal.author),
        holder: header.custody_to.as_ref().map(ToString::to_string),
        after_seconds: before.map(|before| header.recorded_at.duration_since(before).as_secs()),
        aside: case.aside().get(&fact.leaf()).map(|aside| format!("{aside:?}").to_lowercase()),
        reads_sealed_part: reads_sealed_part(header.kind),
        entry: header.id().to_string(),
        leaf: fact.leaf().to_string(),
        checkpoint_size,
    }
}
