//! Entries with their proofs.
//!
//! Nearly all entries are new, so a piece is first written as if all were; only when one of them is there
//! already is the piece compared with what is stored, and then written without it. Entries that are not
//! held from their journal's beginning keep their inclusion path, and share the checkpoint it leads to.
//!
//! The key of an entry is one number, made of its journal's number and its sequence: rows lie in the order
//! they are read in, and a row of usual size fits its page (keyed by two columns it would not).
//!
//! Invariants: 1. a header that is stored never changes; 2. a body or a sealed part is written once, and only where
//! there was none;
//! 3. the number of entries held is counted by the transaction that adds them.

use std::collections::HashMap;

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::Digest;
use terrace_proto::entry::{EntryId, JournalId, Standing, VerifiedEntry};
use terrace_proto::seal::SealedPart;

use super::fault::{StatementError, damaged, meaning};
use super::journal::{Names, Numbers};
use super::statement::{
    Insert, Values, column, journal, pieces, read, read_listed, unsigned, with_rows,
};
use crate::store::{StoreError, StoredEntry};

const ENTRIES: Insert = Insert {
    into: "INSERT INTO entry (place, header, body, checkpoint, path, sealed) VALUES ",
    columns: 6,
    after: "",
};

/// Bits of a place that count the sequence: a million million entries in each of eight million journals.
const SEQUENCE_BITS: u32 = 40;
const LAST_SEQUENCE: i64 = (1 << SEQUENCE_BITS) - 1;
const JOURNAL_LIMIT: i64 = 1 << (63 - SEQUENCE_BITS);

const CHECKPOINT: &str = "INSERT INTO covering_checkpoint (digest, note) VALUES (?, ?) \
     ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING local";

/// An entry on its way into the table.
#[derive(Debug, Clone, Copy)]
struct NewRow<'a> {
    place: i64,
    entry: &'a VerifiedEntry,
    proof: Option<(i64, &'a [Digest])>,
}

/// Writes entries that are not held yet, and bodies and sealed parts where they were missing.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    numbers: &Numbers,
    entries: &[VerifiedEntry],
) -> Result<(), StoreError> {
    let rows = new_rows(connection, numbers, entries).await?;
    let mut added = 0;
    for piece in pieces(&rows) {
        added += match ENTRIES.piece(connection, piece, bind).await {
            Ok(()) => piece.len(),
            Err(StatementError::Taken) => merge(connection, piece).await?,
            Err(StatementError::Other(error)) => return Err(error),
        };
    }
    if added > 0 {
        let query = sqlx::query("UPDATE held SET entries = entries + ?").bind(added as i64);
        query.execute(connection).await.map_err(|error| meaning(&error))?;
    }
    Ok(())
}

async fn new_rows<'a>(
    connection: &mut SqliteConnection,
    numbers: &Numbers,
    entries: &'a [VerifiedEntry],
) -> Result<Vec<NewRow<'a>>, StoreError> {
    let mut checkpoints: HashMap<&[u8], i64> = HashMap::new();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let proof = match entry.standing() {
            Standing::InJournal => None,
            Standing::Proved { checkpoint, path } => {
                let local = match checkpoints.get(checkpoint.as_slice()) {
                    Some(local) => *local,
                    None => store_checkpoint(connection, checkpoint).await?,
                };
                checkpoints.insert(checkpoint, local);
                Some((local, path.as_slice()))
            }
        };
        let place = place(numbers.get(entry.header().journal)?, entry.header().sequence)
            .ok_or_else(|| StoreError::Conflict(format!("there is no place for {}", entry.id())))?;
        rows.push(NewRow { place, entry, proof });
    }
    Ok(rows)
}

/// Where an entry lies; `None` beyond what can be numbered.
fn place(journal: i64, sequence: u64) -> Option<i64> {
    let sequence = i64::try_from(sequence).ok().filter(|sequence| *sequence <= LAST_SEQUENCE)?;
    (0..JOURNAL_LIMIT).contains(&journal).then_some((journal << SEQUENCE_BITS) | sequence)
}

/// The number of the journal and the sequence that a place stands for.
fn parts(place: i64) -> Result<(i64, u64), StoreError> {
    let journal = place >> SEQUENCE_BITS;
    Ok((journal, unsigned(place - (journal << SEQUENCE_BITS))?))
}

async fn store_checkpoint(
    connection: &mut SqliteConnection,
    note: &[u8],
) -> Result<i64, StoreError> {
    let digest = Digest::of(&[note]);
    let query = sqlx::query_scalar(CHECKPOINT).bind(&digest.0[..]).bind(note);
    query.fetch_one(connection).await.map_err(|error| meaning(&error))
}

fn bind(values: &mut Values, row: &NewRow<'_>) -> Result<(), StoreError> {
    values.put(row.place)?.put(row.entry.header_bytes())?.put(row.entry.body())?;
    let path = row.proof.map(|(_, path)| path.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>());
    values.put(row.proof.map(|(checkpoint, _)| checkpoint))?.put(path)?;
    values.put(row.entry.sealed().map(SealedPart::bytes))?;
    Ok(())
}

/// Writes what a piece adds to what is held, and returns how many entries that were.
async fn merge(
    connection: &mut SqliteConnection,
    piece: &[NewRow<'_>],
) -> Result<usize, StoreError> {
    let mut held = held(connection, piece).await?;
    let (mut fresh, mut fuller) = (Vec::new(), Vec::new());
    for row in piece {
        let entry = row.entry;
        let here = (entry.body().is_some(), entry.sealed().is_some());
        let Some((header, body, sealed)) = held.get_mut(&row.place) else {
            held.insert(row.place, (entry.header_bytes().to_vec(), here.0, here.1));
            fresh.push(*row);
            continue;
        };
        if header != entry.header_bytes() {
            return Err(StoreError::Conflict(format!("another entry stands at {}", entry.id())));
        }
        if here.0 && !*body || here.1 && !*sealed {
            (*body, *sealed) = (*body || here.0, *sealed || here.1);
            fuller.push(*row);
        }
    }
    ENTRIES.all(connection, &fresh, bind).await?;
    for row in fuller {
        fill(connection, &row).await?;
    }
    Ok(fresh.len())
}

/// Headers that are held at the places of a piece, and whether there are a body and a sealed part.
async fn held(
    connection: &mut SqliteConnection,
    rows: &[NewRow<'_>],
) -> Result<HashMap<i64, (Vec<u8>, bool, bool)>, StoreError> {
    let mut values = Values::default();
    for row in rows {
        values.put(row.place)?;
    }
    let before = "WITH wanted (place) AS (VALUES ";
    let after = ") SELECT e.place, e.header, e.body IS NOT NULL, e.sealed IS NOT NULL \
                 FROM wanted w CROSS JOIN entry e USING (place)";
    let text = with_rows(before, rows.len(), 1, after);
    let found = read_listed(connection, text, values, |row| {
        Ok((column(row, 0)?, (column(row, 1)?, column(row, 2)?, column(row, 3)?)))
    });
    Ok(found.await?.into_iter().collect())
}

async fn fill(connection: &mut SqliteConnection, row: &NewRow<'_>) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.put(row.entry.body())?.put(row.entry.sealed().map(SealedPart::bytes))?.put(row.place)?;
    let text =
        "UPDATE entry SET body = coalesce(body, ?), sealed = coalesce(sealed, ?) WHERE place = ?";
    let query = sqlx::query_with(text, values.into_arguments());
    query.execute(connection).await.map_err(|error| meaning(&error))?;
    Ok(())
}

/// Entries of one journal from a sequence on, in order.
pub(super) async fn from(
    pool: &SqlitePool,
    journal: (JournalId, i64),
    from: u64,
    limit: u32,
) -> Result<Vec<StoredEntry>, StoreError> {
    let (id, local) = journal;
    let Some(first) = place(local, from) else { return Ok(Vec::new()) };
    let mut values = Values::default();
    values.put(first)?.put((local << SEQUENCE_BITS) | LAST_SEQUENCE)?.put(limit)?;
    let text = "SELECT e.place, e.header, e.body, e.path, c.note, e.sealed \
                FROM entry e LEFT JOIN covering_checkpoint c ON c.local = e.checkpoint \
                WHERE e.place BETWEEN ? AND ? ORDER BY e.place LIMIT ?";
    read(pool, text, values, |row| {
        let (_, sequence) = parts(column(row, 0)?)?;
        read_entry(row, EntryId { journal: id, sequence })
    })
    .await
}

/// The places of a journal from a sequence on, first and last; `None` beyond what can be numbered.
pub(super) fn places(local: i64, from: u64) -> Option<(i64, i64)> {
    Some((place(local, from)?, (local << SEQUENCE_BITS) | LAST_SEQUENCE))
}

/// The sequence that a place stands for.
pub(super) fn sequence(place: i64) -> u64 {
    (place & LAST_SEQUENCE).unsigned_abs()
}

/// Those of the named entries that are held.
pub(super) async fn at(
    pool: &SqlitePool,
    names: &Names,
    ids: &[EntryId],
) -> Result<Vec<StoredEntry>, StoreError> {
    let (mut journals, mut wanted) = (HashMap::new(), Vec::with_capacity(ids.len()));
    for id in ids {
        if let Some(local) = names.find(pool, id.journal).await? {
            journals.insert(local, id.journal);
            wanted.extend(place(local, id.sequence));
        }
    }
    let mut entries = Vec::with_capacity(wanted.len());
    for piece in pieces(&wanted) {
        let mut values = Values::default();
        for place in piece {
            values.put(*place)?;
        }
        let before = "WITH wanted (place) AS (VALUES ";
        let after = ") SELECT e.place, e.header, e.body, e.path, c.note, e.sealed \
                     FROM wanted w CROSS JOIN entry e USING (place) \
                     LEFT JOIN covering_checkpoint c ON c.local = e.checkpoint";
        let text = with_rows(before, piece.len(), 1, after);
        let found = read_listed(pool, text, values, |row| {
            let (local, sequence) = parts(column(row, 0)?)?;
            let journal = *journals.get(&local).ok_or_else(|| damaged("an unasked journal"))?;
            read_entry(row, EntryId { journal, sequence })
        });
        entries.extend(found.await?);
    }
    Ok(entries)
}

/// Entries whose body holds these bytes, of one journal the newest first. The whole table is looked through.
pub(super) async fn saying(
    pool: &SqlitePool,
    words: &str,
    limit: u32,
) -> Result<Vec<StoredEntry>, StoreError> {
    let mut values = Values::default();
    values.put(words.as_bytes())?.put(limit)?;
    // A place holds the journal's number above its lowest 40 bits.
    let text = "SELECT e.place, e.header, e.body, e.path, c.note, e.sealed, j.author, j.epoch \
                FROM entry e JOIN journal j ON j.local = e.place >> 40 \
                LEFT JOIN covering_checkpoint c ON c.local = e.checkpoint \
                WHERE instr(e.body, ?) > 0 ORDER BY e.place DESC LIMIT ?";
    read(pool, text, values, |row| {
        let (_, sequence) = parts(column(row, 0)?)?;
        read_entry(row, EntryId { journal: journal(row, 6)?, sequence })
    })
    .await
}

fn read_entry(row: &SqliteRow, id: EntryId) -> Result<StoredEntry, StoreError> {
    let (header, body, sealed) = (column(row, 1)?, column(row, 2)?, column(row, 5)?);
    let proof = match (column(row, 3)?, column(row, 4)?) {
        (None, None) => None,
        (Some(path), Some(note)) => Some((note, read_path(path, id)?)),
        (None, Some(_)) | (Some(_), None) => {
            return Err(damaged(format!("half of the proof of {id} is missing")));
        }
    };
    Ok(StoredEntry { id, header, body, sealed, proof })
}

fn read_path(bytes: &[u8], id: EntryId) -> Result<Vec<Digest>, StoreError> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(damaged(format!("the path of {id} is cut off")));
    }
    Ok(chunks.iter().map(|chunk| Digest(*chunk)).collect())
}
