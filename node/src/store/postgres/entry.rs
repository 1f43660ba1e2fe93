//! Entries with their proofs.
//!
//! Nearly all entries are new, so a batch is written as if all were; only when one of them was there already is it
//! compared with what is stored, and what it has more is added. Many at once, none of which is held, are copied. Entries that are not held from their journal's
//! beginning keep their inclusion path, and share the checkpoint it leads to.
//!
//! Invariants: 1. a header that is stored never changes; 2. a body or a sealed part is written once, and only where
//! there was none; 3. the number of entries held is counted by the transaction that adds them.

use std::collections::{BTreeMap, HashMap, HashSet};

use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, query, query_scalar};
use terrace_proto::digest::Digest;
use terrace_proto::entry::{EntryId, JournalId, Standing, VerifiedEntry};
use terrace_proto::seal::SealedPart;

use super::column::{bound, column, journal, list, number, numbers, province, signed};
use super::copy::{Columns, Copy, MANY};
use super::fault::{Trouble, damaged};
use super::journal::{Names, Numbers};
use crate::store::{EntryBytes, Seeing, StoreError, StoredEntry};

/// The columns by which an entry is read, with the note that its proof leads to.
macro_rules! entry_columns {
    () => {
        "e.sequence, e.header, e.body, e.path, (SELECT c.note FROM covering_checkpoint c \
         WHERE c.province = e.province AND c.local = e.checkpoint), e.sealed"
    };
}

/// Entries that are named by province, journal and sequence, each looked up by its key: a plan that read the whole table
/// instead would take minutes, and a table that has just been filled looks small to whoever plans.
macro_rules! named_entries {
    () => {
        "FROM unnest($1::int2[], $2::int4[], $3::int8[]) WITH ORDINALITY AS w (province, journal, sequence, nth) \
         CROSS JOIN LATERAL (SELECT * FROM entry e WHERE e.province = w.province AND e.journal = w.journal \
         AND e.sequence = w.sequence LIMIT 1) e"
    };
}

/// An entry on its way into the table.
#[derive(Debug, Clone, Copy)]
struct NewRow<'a> {
    journal: i32,
    entry: &'a VerifiedEntry,
    proof: Option<(i32, &'a [Digest])>,
}

impl NewRow<'_> {
    fn place(&self) -> (i32, u64) {
        (self.journal, self.entry.header().sequence)
    }

    fn province(&self) -> i16 {
        province(self.entry.header().journal.author)
    }

    fn sealed(&self) -> Option<&[u8]> {
        self.entry.sealed().map(SealedPart::bytes)
    }
}

/// Writes entries that are not held yet, and bodies and sealed parts where they were missing; how many are new.
pub(super) async fn write(
    connection: &mut PgConnection,
    given: &Numbers,
    entries: &[VerifiedEntry],
) -> Result<u64, Trouble> {
    if entries.is_empty() {
        return Ok(0);
    }
    let rows = new_rows(connection, given, entries).await?;
    if rows.len() >= MANY && are_distinct(&rows) && !is_any_held(connection, &rows).await? {
        return copy(connection, &rows).await;
    }
    let text = "INSERT INTO entry (province, journal, sequence, header, body, checkpoint, path, sealed) \
                SELECT * FROM unnest($1::int2[], $2::int4[], $3::int8[], $4::bytea[], $5::bytea[], \
                $6::int4[], $7::bytea[], $8::bytea[]) ON CONFLICT DO NOTHING";
    let path = |row: &NewRow<'_>| {
        row.proof.map(|(_, path)| path.iter().flat_map(|hash| hash.0).collect::<Vec<u8>>())
    };
    let done = query(text)
        .bind(list(&rows, NewRow::province))
        .bind(list(&rows, |row| row.journal))
        .bind(numbers(&rows, |row| row.entry.header().sequence)?)
        .bind(rows.iter().map(|row| row.entry.header_bytes()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.entry.body()).collect::<Vec<_>>())
        .bind(list(&rows, |row| row.proof.map(|(checkpoint, _)| checkpoint)))
        .bind(list(&rows, path))
        .bind(rows.iter().map(NewRow::sealed).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    let added = done.rows_affected();
    if added < rows.len() as u64 {
        compare(connection, &rows).await?;
    }
    Ok(added)
}

/// Whether each place is named once.
fn are_distinct(rows: &[NewRow<'_>]) -> bool {
    let places: HashSet<_> = rows.iter().map(|row| (row.province(), row.place())).collect();
    places.len() == rows.len()
}

/// Whether any entry is held between the first and the last of the rows of each journal.
async fn is_any_held(connection: &mut PgConnection, rows: &[NewRow<'_>]) -> Result<bool, Trouble> {
    let mut spans: BTreeMap<(i16, i32), (u64, u64)> = BTreeMap::new();
    for row in rows {
        let (journal, sequence) = row.place();
        let span = spans.entry((row.province(), journal)).or_insert((sequence, sequence));
        *span = (span.0.min(sequence), span.1.max(sequence));
    }
    let spans: Vec<_> = spans.into_iter().collect();
    let text = "SELECT EXISTS (SELECT FROM unnest($1::int2[], $2::int4[], $3::int8[], $4::int8[]) \
                AS w (province, journal, first, last) CROSS JOIN LATERAL (SELECT FROM entry e \
                WHERE e.province = w.province AND e.journal = w.journal \
                AND e.sequence BETWEEN w.first AND w.last ORDER BY e.sequence LIMIT 1) e)";
    let asked = query_scalar(text)
        .bind(list(&spans, |span| span.0.0))
        .bind(list(&spans, |span| span.0.1))
        .bind(numbers(&spans, |span| span.1.0)?)
        .bind(numbers(&spans, |span| span.1.1)?);
    Ok(asked.fetch_one(connection).await?)
}

/// Writes entries of which none is held, each named once.
async fn copy(connection: &mut PgConnection, rows: &[NewRow<'_>]) -> Result<u64, Trouble> {
    let columns =
        ["province", "journal", "sequence", "header", "body", "checkpoint", "path", "sealed"];
    let mut into = Copy::into(connection, "entry", &columns).await?;
    for row in rows {
        let sequence = signed(row.entry.header().sequence)?;
        let (checkpoint, path) = row.proof.unzip();
        into.row(|columns| {
            let columns = columns.int2(row.province()).int4(row.journal).int8(sequence);
            let columns = columns.bytes(row.entry.header_bytes());
            let columns = columns.maybe(row.entry.body(), Columns::bytes);
            let columns = columns.maybe(checkpoint, Columns::int4).maybe(path, |columns, path| {
                columns.pieces(path.len() * 32, path.iter().map(|hash| hash.0.as_slice()))
            });
            columns.maybe(row.sealed(), Columns::bytes);
        })
        .await?;
    }
    into.finish().await
}

async fn new_rows<'a>(
    connection: &mut PgConnection,
    given: &Numbers,
    entries: &'a [VerifiedEntry],
) -> Result<Vec<NewRow<'a>>, Trouble> {
    let mut checkpoints: HashMap<(i16, &[u8]), i32> = HashMap::new();
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = entry.header().journal;
        let proof = match entry.standing() {
            Standing::InJournal => None,
            Standing::Proved { checkpoint, path } => {
                let key = (province(id.author), checkpoint.as_slice());
                let local = match checkpoints.get(&key) {
                    Some(local) => *local,
                    None => store_checkpoint(connection, key).await?,
                };
                checkpoints.insert(key, local);
                Some((local, path.as_slice()))
            }
        };
        rows.push(NewRow { journal: given.get(id)?, entry, proof });
    }
    Ok(rows)
}

async fn store_checkpoint(
    connection: &mut PgConnection,
    (province, note): (i16, &[u8]),
) -> Result<i32, Trouble> {
    let text = "INSERT INTO covering_checkpoint (local, province, digest, note) \
                VALUES ((SELECT coalesce(max(local), 0) + 1 FROM covering_checkpoint WHERE province = $1), \
                $1, $2, $3) ON CONFLICT (province, digest) DO UPDATE SET digest = excluded.digest \
                RETURNING local";
    let digest = Digest::of(&[note]).0.to_vec();
    Ok(query_scalar(text).bind(province).bind(digest).bind(note).fetch_one(connection).await?)
}

/// Compares rows with what is stored by now, and adds bodies and sealed parts where there are none.
async fn compare(connection: &mut PgConnection, rows: &[NewRow<'_>]) -> Result<(), Trouble> {
    let text = concat!(
        "SELECT e.journal, e.sequence, e.header, e.body IS NOT NULL, e.sealed IS NOT NULL ",
        named_entries!()
    );
    let stored = query(text)
        .bind(list(rows, NewRow::province))
        .bind(list(rows, |row| row.journal))
        .bind(numbers(rows, |row| row.entry.header().sequence)?)
        .fetch_all(&mut *connection)
        .await?;
    let mut held: HashMap<(i32, u64), (&[u8], bool, bool)> = HashMap::new();
    for row in &stored {
        let has = (column(row, 2)?, column(row, 3)?, column(row, 4)?);
        held.insert((column(row, 0)?, number(row, 1)?), has);
    }
    let (mut fuller, mut bodies, mut parts) = (Vec::new(), HashSet::new(), HashSet::new());
    for row in rows {
        let Some((header, body, sealed)) = held.get(&row.place()) else {
            return Err(damaged(format!("{} is not there after it was written", row.entry.id())));
        };
        if *header != row.entry.header_bytes() {
            let text = format!("another entry stands at {}", row.entry.id());
            return Err(StoreError::Conflict(text).into());
        }
        let body = row.entry.body().filter(|_| !body && bodies.insert(row.place()));
        let sealed = row.sealed().filter(|_| !sealed && parts.insert(row.place()));
        if body.is_some() || sealed.is_some() {
            fuller.push((*row, body, sealed));
        }
    }
    for (row, body, sealed) in fuller {
        fill(connection, row, body, sealed).await?;
    }
    Ok(())
}

async fn fill(
    connection: &mut PgConnection,
    row: NewRow<'_>,
    body: Option<&[u8]>,
    sealed: Option<&[u8]>,
) -> Result<(), Trouble> {
    let text = "UPDATE entry SET body = coalesce(body, $4), sealed = coalesce(sealed, $5) \
                WHERE province = $1 AND journal = $2 AND sequence = $3";
    let asked = query(text).bind(row.province()).bind(row.journal);
    let asked = asked.bind(bound(row.entry.header().sequence)).bind(body).bind(sealed);
    asked.execute(connection).await?;
    Ok(())
}

/// Entries of one journal from a sequence on, in order.
pub(super) async fn from(
    pool: &PgPool,
    (id, local): (JournalId, i32),
    from: u64,
    limit: u32,
) -> Result<Vec<StoredEntry>, Trouble> {
    let text = concat!(
        "SELECT ",
        entry_columns!(),
        " FROM entry e WHERE e.province = $1 AND e.journal = $2 AND e.sequence >= $3 ORDER BY e.sequence LIMIT $4"
    );
    let asked = query(text).bind(province(id.author)).bind(local).bind(bound(from));
    let rows = asked.bind(i64::from(limit)).fetch_all(pool).await?;
    rows.iter().map(|row| read_entry(row, id)).collect()
}

/// Shows entries of one journal from a sequence on, in order, one at a time as the server sends them; how many.
pub(super) async fn show(
    pool: &PgPool,
    (id, local): (JournalId, i32),
    from: u64,
    limit: u64,
    see: &mut Seeing<'_>,
) -> Result<u64, Trouble> {
    let text = "SELECT sequence, header, body FROM entry \
                WHERE province = $1 AND journal = $2 AND sequence >= $3 ORDER BY sequence LIMIT $4";
    let asked = query(text).bind(province(id.author)).bind(local).bind(bound(from));
    let mut rows = asked.bind(bound(limit)).fetch(pool);
    let mut shown = 0;
    while let Some(row) = rows.try_next().await? {
        let (header, body) = (column(&row, 1)?, column(&row, 2)?);
        see(EntryBytes { sequence: number(&row, 0)?, header, body });
        shown += 1;
    }
    Ok(shown)
}

/// Those of the named entries that are held.
pub(super) async fn at(
    pool: &PgPool,
    names: &Names,
    ids: &[EntryId],
) -> Result<Vec<StoredEntry>, Trouble> {
    let mut wanted = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(local) = names.find(pool, id.journal).await? {
            wanted.push((*id, local));
        }
    }
    let text = concat!("SELECT ", entry_columns!(), ", w.nth ", named_entries!());
    let rows = query(text)
        .bind(list(&wanted, |(id, _)| province(id.journal.author)))
        .bind(list(&wanted, |(_, local)| *local))
        .bind(list(&wanted, |(id, _)| bound(id.sequence)))
        .fetch_all(pool)
        .await?;
    let read = |row| {
        let nth: usize = number(row, 6)?;
        let named = nth.checked_sub(1).and_then(|at| wanted.get(at));
        read_entry(
            row,
            named.ok_or_else(|| damaged("an entry came that was not asked for"))?.0.journal,
        )
    };
    rows.iter().map(read).collect()
}

/// Entries whose body holds these bytes, of one journal the newest first. The whole table is looked through.
pub(super) async fn saying(
    pool: &PgPool,
    words: &str,
    limit: u32,
) -> Result<Vec<StoredEntry>, Trouble> {
    let text = concat!(
        "SELECT ",
        entry_columns!(),
        ", j.author, j.epoch FROM (SELECT * FROM entry WHERE position($1 IN body) > 0 \
         ORDER BY journal DESC, sequence DESC LIMIT $2) e \
         JOIN journal j ON j.province = e.province AND j.local = e.journal ORDER BY e.journal DESC, e.sequence DESC"
    );
    let rows = query(text).bind(words.as_bytes()).bind(i64::from(limit)).fetch_all(pool).await?;
    rows.iter().map(|row| read_entry(row, journal(row, 6)?)).collect()
}

fn read_entry(row: &PgRow, journal: JournalId) -> Result<StoredEntry, Trouble> {
    let id = EntryId { journal, sequence: number(row, 0)? };
    let (header, body, sealed) = (column(row, 1)?, column(row, 2)?, column(row, 5)?);
    let proof = match (column::<Option<&[u8]>>(row, 3)?, column(row, 4)?) {
        (None, None) => None,
        (Some(path), Some(note)) => Some((note, read_path(path, id)?)),
        (None, Some(_)) | (Some(_), None) => {
            return Err(damaged(format!("half of the proof of {id} is missing")));
        }
    };
    Ok(StoredEntry { id, header, body, sealed, proof })
}

fn read_path(bytes: &[u8], id: EntryId) -> Result<Vec<Digest>, Trouble> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(damaged(format!("the path of {id} is cut off")));
    }
    Ok(chunks.iter().map(|chunk| Digest(*chunk)).collect())
}
