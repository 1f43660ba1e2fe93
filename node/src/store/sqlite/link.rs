//! What goes over links: runs, parcels, ledgers, passages, and this office's own counts.
//!
//! Positions of runs and parcels are given by SQLite, from 1 on, one after the other; a parcel that is
//! listed already is left where it is.

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::{Digest, LinkEpoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::ledger::{Head, LedgerId, Record, Span};

use super::fault::damaged;
use super::journal::Numbers;
use super::statement::{
    Insert, Values, bound, bytes, column, division, journal, number, read, unsigned,
};
use crate::store::{
    Batch, Counter, Direction, LedgerRecord, NewRun, ParcelRecord, PassageRecord, RunRecord,
    StoreError,
};

const RUNS: Insert = Insert {
    into: "INSERT INTO run (journal, first, size, bytes, stored_at, checkpoint) VALUES ",
    columns: 6,
    after: "",
};

const PARCELS: Insert = Insert {
    into: "INSERT INTO parcel (neighbour, journal, sequence) VALUES ",
    columns: 3,
    after: " ON CONFLICT (neighbour, journal, sequence) DO NOTHING",
};

const LEDGERS: Insert = Insert {
    into: "INSERT INTO ledger (peer, direction, sender, receiver, epoch, number, digest, position, \
           proved_number, proved_signature, proved_at) VALUES ",
    columns: 11,
    after: " ON CONFLICT (peer, direction) DO UPDATE SET sender = excluded.sender, \
            receiver = excluded.receiver, epoch = excluded.epoch, number = excluded.number, \
            digest = excluded.digest, position = excluded.position, \
            proved_number = excluded.proved_number, \
            proved_signature = excluded.proved_signature, proved_at = excluded.proved_at",
};

const PASSAGES: Insert = Insert {
    into: "INSERT INTO passage (sender, receiver, epoch, number, digest, sent_at, journal, first, \
           count, picked, position, stored_at) VALUES ",
    columns: 12,
    after: " ON CONFLICT (sender, receiver, epoch, number) DO UPDATE SET digest = excluded.digest, \
            sent_at = excluded.sent_at, journal = excluded.journal, first = excluded.first, \
            count = excluded.count, picked = excluded.picked, position = excluded.position, \
            stored_at = excluded.stored_at",
};

const COUNTERS: Insert = Insert {
    into: "INSERT INTO counter (division, number, last) VALUES ",
    columns: 3,
    after: " ON CONFLICT (division) DO UPDATE SET number = excluded.number, last = excluded.last",
};

const BLOCKS: Insert = Insert {
    into: "INSERT INTO block (number) VALUES ",
    columns: 1,
    after: " ON CONFLICT (number) DO NOTHING",
};

/// Writes what a batch has of all these.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    numbers: &Numbers,
    batch: &Batch,
) -> Result<(), StoreError> {
    let bind = |values: &mut Values, run: &NewRun| {
        values.put(numbers.get(run.journal)?)?.put_number(run.first)?.put_number(run.size)?;
        values.put_number(run.bytes)?.put(run.stored_at)?.put(run.checkpoint.as_slice())?;
        Ok(())
    };
    RUNS.all(connection, &batch.runs, bind).await?;
    let bind = |values: &mut Values, (to, entry): &(DivisionCode, EntryId)| {
        values.put_number(to.number())?.put(numbers.get(entry.journal)?)?;
        values.put_number(entry.sequence)?;
        Ok(())
    };
    PARCELS.all(connection, &batch.parcels, bind).await?;
    LEDGERS.all(connection, &batch.ledgers, bind_ledger).await?;
    let bind = |values: &mut Values, passage: &PassageRecord| {
        bind_passage(values, numbers.get(passage.record.journal)?, passage)
    };
    PASSAGES.all(connection, &batch.passages, bind).await?;
    let bind = |values: &mut Values, counter: &Counter| {
        values.put_number(counter.to.number())?.put_number(counter.number)?;
        values.put(&counter.last.0[..])?;
        Ok(())
    };
    COUNTERS.all(connection, &batch.counters, bind).await?;
    let bind = |values: &mut Values, block: &u32| values.put(*block).map(|_| ());
    BLOCKS.all(connection, batch.block.as_slice(), bind).await
}

fn bind_head(values: &mut Values, head: &Head) -> Result<(), StoreError> {
    values.put_number(head.ledger.from.number())?.put_number(head.ledger.to.number())?;
    values.put(&head.ledger.epoch.0[..])?.put_number(head.number)?.put(&head.digest.0[..])?;
    Ok(())
}

fn bind_ledger(values: &mut Values, ledger: &LedgerRecord) -> Result<(), StoreError> {
    values.put_number(ledger.peer.number())?.put(direction_number(ledger.direction))?;
    bind_head(values, &ledger.head)?;
    values.put_number(ledger.position)?;
    match &ledger.proved {
        Some((number, signature)) => values.put_number(*number)?.put(&signature[..])?,
        None => values.put(None::<i64>)?.put(None::<&[u8]>)?,
    };
    values.put(ledger.proved_at)?;
    Ok(())
}

fn bind_passage(
    values: &mut Values,
    journal: i64,
    passage: &PassageRecord,
) -> Result<(), StoreError> {
    bind_head(values, &passage.record.head)?;
    values.put(passage.record.sent_at)?.put(journal)?;
    match &passage.record.span {
        Span::Run { first, count } => {
            values.put_number(*first)?.put_number(*count)?.put(None::<&[u8]>)?;
        }
        Span::Picked(sequences) => {
            let picked: Vec<u8> = sequences.iter().flat_map(|n| n.to_be_bytes()).collect();
            values.put(None::<i64>)?.put(None::<i64>)?.put(picked)?;
        }
    }
    values.put_number(passage.position)?.put(passage.stored_at)?;
    Ok(())
}

fn direction_number(direction: Direction) -> i64 {
    match direction {
        Direction::Out => 0,
        Direction::In => 1,
    }
}

/// Runs behind a position, in order.
pub(super) async fn runs(
    pool: &SqlitePool,
    after: u64,
    limit: u32,
) -> Result<Vec<RunRecord>, StoreError> {
    let mut values = Values::default();
    values.put(bound(after))?.put(limit)?;
    let text = "SELECT r.position, j.author, j.epoch, r.first, r.size, r.bytes, r.checkpoint, \
                r.stored_at FROM run r LEFT JOIN journal j ON j.local = r.journal \
                WHERE r.position > ? ORDER BY r.position LIMIT ?";
    read(pool, text, values, |row| {
        let (journal, first) = (journal(row, 1)?, number(row, 3)?);
        let (size, bytes, checkpoint) = (number(row, 4)?, number(row, 5)?, column(row, 6)?);
        let stored_at = column(row, 7)?;
        let run = NewRun { journal, first, size, bytes, stored_at, checkpoint };
        Ok(RunRecord { position: number(row, 0)?, run })
    })
    .await
}

/// Entries listed for a neighbour behind a position, in order.
pub(super) async fn parcels(
    pool: &SqlitePool,
    to: DivisionCode,
    after: u64,
    limit: u32,
) -> Result<Vec<ParcelRecord>, StoreError> {
    let mut values = Values::default();
    values.put_number(to.number())?.put(bound(after))?.put(limit)?;
    let text = "SELECT p.position, j.author, j.epoch, p.sequence \
                FROM parcel p INDEXED BY parcel_by_neighbour \
                LEFT JOIN journal j ON j.local = p.journal \
                WHERE p.neighbour = ? AND p.position > ? ORDER BY p.position LIMIT ?";
    read(pool, text, values, |row| {
        let entry = EntryId { journal: journal(row, 1)?, sequence: number(row, 3)? };
        Ok(ParcelRecord { position: number(row, 0)?, entry })
    })
    .await
}

/// The ledger with a neighbour in a direction.
pub(super) async fn ledger(
    pool: &SqlitePool,
    peer: DivisionCode,
    direction: Direction,
) -> Result<Option<LedgerRecord>, StoreError> {
    let mut values = Values::default();
    values.put_number(peer.number())?.put(direction_number(direction))?;
    let text = "SELECT sender, receiver, epoch, number, digest, position, proved_number, \
                proved_signature, proved_at FROM ledger WHERE peer = ? AND direction = ?";
    let mut found = read(pool, text, values, |row| {
        let (head, position, proved) = (read_head(row)?, number(row, 5)?, read_proved(row)?);
        Ok(LedgerRecord { peer, direction, head, position, proved, proved_at: column(row, 8)? })
    })
    .await?;
    Ok(found.pop())
}

fn read_head(row: &SqliteRow) -> Result<Head, StoreError> {
    let (from, to) = (division(row, 0)?, division(row, 1)?);
    let ledger = LedgerId { from, to, epoch: bytes(row, 2, LinkEpoch::read)? };
    Ok(Head { ledger, number: number(row, 3)?, digest: bytes(row, 4, Digest::read)? })
}

fn read_proved(row: &SqliteRow) -> Result<Option<(u64, [u8; 64])>, StoreError> {
    let Some(number) = column::<Option<i64>>(row, 6)? else { return Ok(None) };
    let signature = bytes(row, 7, |bytes| <[u8; 64]>::try_from(bytes).ok())?;
    Ok(Some((unsigned(number)?, signature)))
}

/// Passages of a ledger from a number on, in order.
pub(super) async fn passages(
    pool: &SqlitePool,
    ledger: LedgerId,
    from: u64,
    limit: u32,
) -> Result<Vec<PassageRecord>, StoreError> {
    let mut values = Values::default();
    values.put_number(ledger.from.number())?.put_number(ledger.to.number())?;
    values.put(&ledger.epoch.0[..])?.put(bound(from))?.put(limit)?;
    let text = "SELECT p.sender, p.receiver, p.epoch, p.number, p.digest, p.sent_at, j.author, \
                j.epoch, p.first, p.count, p.picked, p.position, p.stored_at \
                FROM passage p LEFT JOIN journal j ON j.local = p.journal \
                WHERE p.sender = ? AND p.receiver = ? AND p.epoch = ? AND p.number >= ? \
                ORDER BY p.number LIMIT ?";
    read(pool, text, values, |row| {
        let (head, sent_at, journal) = (read_head(row)?, column(row, 5)?, journal(row, 6)?);
        let record = Record { head, sent_at, journal, span: read_span(row)? };
        Ok(PassageRecord { record, position: number(row, 11)?, stored_at: column(row, 12)? })
    })
    .await
}

fn read_span(row: &SqliteRow) -> Result<Span, StoreError> {
    let Some(bytes) = column::<Option<&[u8]>>(row, 10)? else {
        return Ok(Span::Run { first: number(row, 8)?, count: number(row, 9)? });
    };
    let (chunks, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(damaged("the sequences of a passage are cut off"));
    }
    Ok(Span::Picked(chunks.iter().map(|chunk| u64::from_be_bytes(*chunk)).collect()))
}

/// This office's count of entries addressed to each division.
pub(super) async fn counters(pool: &SqlitePool) -> Result<Vec<Counter>, StoreError> {
    let text = "SELECT division, number, last FROM counter ORDER BY division";
    read(pool, text, Values::default(), |row| {
        let (to, number) = (division(row, 0)?, number(row, 1)?);
        Ok(Counter { to, number, last: bytes(row, 2, Digest::read)? })
    })
    .await
}

/// Blocks of case numbers this office has drawn.
pub(super) async fn blocks(pool: &SqlitePool) -> Result<Vec<u32>, StoreError> {
    let text = "SELECT number FROM block ORDER BY number";
    read(pool, text, Values::default(), |row| column(row, 0)).await
}
