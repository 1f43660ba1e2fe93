//! What goes over links: runs, parcels, ledgers, passages, and this office's own counts.
//!
//! Positions of runs and parcels are given from 1 on, one after the other; a parcel that is listed already is left
//! where it is.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, query, query_scalar};
use terrace_proto::digest::{Digest, LinkEpoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::ledger::{Head, LedgerId, Record, Span};

use super::column::{
    bound, bytes, code, column, division, journal, list, number, numbers, province, signed,
};
use super::fault::{Trouble, damaged};
use super::journal::Numbers;
use super::latest::latest;
use crate::store::{
    Batch, Counter, Direction, LedgerRecord, NewRun, ParcelRecord, PassageRecord, RunRecord,
};

/// Writes what a batch has of all these.
pub(super) async fn write(
    connection: &mut PgConnection,
    given: &Numbers,
    batch: &Batch,
) -> Result<(), Trouble> {
    write_runs(connection, given, &batch.runs).await?;
    write_parcels(connection, given, &batch.parcels).await?;
    write_ledgers(connection, &batch.ledgers).await?;
    write_passages(connection, given, &batch.passages).await?;
    write_counters(connection, &batch.counters).await?;
    let Some(block) = batch.block else { return Ok(()) };
    let text = "INSERT INTO block (number) VALUES ($1) ON CONFLICT DO NOTHING";
    query(text).bind(i64::from(block)).execute(connection).await?;
    Ok(())
}

async fn write_runs(
    connection: &mut PgConnection,
    given: &Numbers,
    items: &[NewRun],
) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO run (position, province, journal, first, size, bytes, checkpoint, stored_at) \
                SELECT (SELECT coalesce(max(position), 0) FROM run) + nth, \
                province, journal, first, size, bytes, checkpoint, stored_at \
                FROM unnest($1::int2[], $2::int4[], $3::int8[], $4::int8[], $5::int8[], $6::bytea[], $7::int8[]) \
                WITH ORDINALITY AS c (province, journal, first, size, bytes, checkpoint, stored_at, nth)";
    query(text)
        .bind(list(items, |run| province(run.journal.author)))
        .bind(given.list(items, |run| run.journal)?)
        .bind(numbers(items, |run| run.first)?)
        .bind(numbers(items, |run| run.size)?)
        .bind(numbers(items, |run| run.bytes)?)
        .bind(list(items, |run| run.checkpoint.clone()))
        .bind(list(items, |run| run.stored_at))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_parcels(
    connection: &mut PgConnection,
    given: &Numbers,
    items: &[(DivisionCode, EntryId)],
) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "WITH come AS MATERIALIZED ( \
                SELECT DISTINCT ON (province, neighbour, journal_province, journal, sequence) * \
                FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int4[], $5::int8[]) WITH ORDINALITY \
                AS c (province, neighbour, journal_province, journal, sequence, nth) \
                ORDER BY province, neighbour, journal_province, journal, sequence, nth) \
                INSERT INTO parcel (position, province, neighbour, journal_province, journal, sequence) \
                SELECT (SELECT coalesce(max(position + 0), 0) FROM parcel) + row_number() OVER (ORDER BY nth), \
                province, neighbour, journal_province, journal, sequence FROM come c \
                WHERE NOT EXISTS (SELECT FROM parcel p \
                WHERE (p.province, p.neighbour, p.journal_province, p.journal, p.sequence) = \
                (c.province, c.neighbour, c.journal_province, c.journal, c.sequence))";
    query(text)
        .bind(list(items, |(to, _)| province(*to)))
        .bind(list(items, |(to, _)| code(*to)))
        .bind(list(items, |(_, entry)| province(entry.journal.author)))
        .bind(given.list(items, |(_, entry)| entry.journal)?)
        .bind(numbers(items, |(_, entry)| entry.sequence)?)
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_ledgers(
    connection: &mut PgConnection,
    items: &[LedgerRecord],
) -> Result<(), Trouble> {
    let items = &latest(items, |ledger| (ledger.peer, ledger.direction as u8));
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO ledger (province, peer, direction, sender, receiver, epoch, number, digest, \
                position, proved_number, proved_signature, proved_at) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int8[], $5::int8[], $6::bytea[], \
                $7::int8[], $8::bytea[], $9::int8[], $10::int8[], $11::bytea[], $12::int8[]) \
                ON CONFLICT (province, peer, direction) DO UPDATE SET sender = excluded.sender, \
                receiver = excluded.receiver, epoch = excluded.epoch, number = excluded.number, \
                digest = excluded.digest, position = excluded.position, \
                proved_number = excluded.proved_number, proved_signature = excluded.proved_signature, \
                proved_at = excluded.proved_at";
    let proved = items.iter().map(|ledger| ledger.proved.map(|(number, _)| signed(number)));
    let proved = proved.map(Option::transpose).collect::<Result<Vec<_>, _>>()?;
    query(text)
        .bind(list(items, |ledger| province(ledger.peer)))
        .bind(list(items, |ledger| code(ledger.peer)))
        .bind(list(items, |ledger| direction_number(ledger.direction)))
        .bind(list(items, |ledger| code(ledger.head.ledger.from)))
        .bind(list(items, |ledger| code(ledger.head.ledger.to)))
        .bind(list(items, |ledger| ledger.head.ledger.epoch.0.to_vec()))
        .bind(numbers(items, |ledger| ledger.head.number)?)
        .bind(list(items, |ledger| ledger.head.digest.0.to_vec()))
        .bind(numbers(items, |ledger| ledger.position)?)
        .bind(proved)
        .bind(list(items, |ledger| ledger.proved.map(|(_, signature)| signature.to_vec())))
        .bind(list(items, |ledger| ledger.proved_at))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_passages(
    connection: &mut PgConnection,
    given: &Numbers,
    items: &[PassageRecord],
) -> Result<(), Trouble> {
    let items = &latest(items, |passage| {
        let head = &passage.record.head;
        (head.ledger.from, head.ledger.to, head.ledger.epoch.0, head.number)
    });
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO passage (province, sender, receiver, epoch, number, digest, sent_at, \
                journal_province, journal, first, count, picked, position, stored_at) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::bytea[], $5::int8[], $6::bytea[], \
                $7::int8[], $8::int2[], $9::int4[], $10::int8[], $11::int8[], $12::bytea[], $13::int8[], \
                $14::int8[]) ON CONFLICT (province, sender, receiver, epoch, number) DO UPDATE SET \
                digest = excluded.digest, sent_at = excluded.sent_at, \
                journal_province = excluded.journal_province, journal = excluded.journal, \
                first = excluded.first, count = excluded.count, picked = excluded.picked, \
                position = excluded.position, stored_at = excluded.stored_at";
    let (mut firsts, mut counts, mut picked) = (Vec::new(), Vec::new(), Vec::new());
    for passage in items {
        match &passage.record.span {
            Span::Run { first, count } => {
                firsts.push(Some(signed(*first)?));
                counts.push(Some(signed(*count)?));
                picked.push(None);
            }
            Span::Picked(sequences) => {
                firsts.push(None);
                counts.push(None);
                let bytes = sequences.iter().flat_map(|sequence| sequence.to_be_bytes());
                picked.push(Some(bytes.collect::<Vec<u8>>()));
            }
        }
    }
    query(text)
        .bind(list(items, |passage| lower(&passage.record.head.ledger)))
        .bind(list(items, |passage| code(passage.record.head.ledger.from)))
        .bind(list(items, |passage| code(passage.record.head.ledger.to)))
        .bind(list(items, |passage| passage.record.head.ledger.epoch.0.to_vec()))
        .bind(numbers(items, |passage| passage.record.head.number)?)
        .bind(list(items, |passage| passage.record.head.digest.0.to_vec()))
        .bind(list(items, |passage| passage.record.sent_at))
        .bind(list(items, |passage| province(passage.record.journal.author)))
        .bind(given.list(items, |passage| passage.record.journal)?)
        .bind(firsts)
        .bind(counts)
        .bind(picked)
        .bind(numbers(items, |passage| passage.position)?)
        .bind(list(items, |passage| passage.stored_at))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_counters(connection: &mut PgConnection, items: &[Counter]) -> Result<(), Trouble> {
    let items = &latest(items, |counter| counter.to);
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO counter (province, division, number, last) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::bytea[]) \
                ON CONFLICT (province, division) DO UPDATE SET number = excluded.number, last = excluded.last";
    query(text)
        .bind(list(items, |counter| province(counter.to)))
        .bind(list(items, |counter| code(counter.to)))
        .bind(numbers(items, |counter| counter.number)?)
        .bind(list(items, |counter| counter.last.0.to_vec()))
        .execute(connection)
        .await?;
    Ok(())
}

fn direction_number(direction: Direction) -> i16 {
    match direction {
        Direction::Out => 0,
        Direction::In => 1,
    }
}

/// The province of whichever end of a link is not the root.
fn lower(ledger: &LedgerId) -> i16 {
    province(ledger.from).max(province(ledger.to))
}

/// Runs behind a position, in order.
pub(super) async fn runs(pool: &PgPool, after: u64, limit: u32) -> Result<Vec<RunRecord>, Trouble> {
    let text = "SELECT r.position, j.author, j.epoch, r.first, r.size, r.bytes, r.checkpoint, \
                r.stored_at FROM run r JOIN journal j ON j.province = r.province AND j.local = r.journal \
                WHERE r.position > $1 ORDER BY r.position LIMIT $2";
    let rows = query(text).bind(bound(after)).bind(i64::from(limit)).fetch_all(pool).await?;
    let read = |row| {
        let (journal, first) = (journal(row, 1)?, number(row, 3)?);
        let (size, bytes, checkpoint) = (number(row, 4)?, number(row, 5)?, column(row, 6)?);
        let stored_at = column(row, 7)?;
        let run = NewRun { journal, first, size, bytes, stored_at, checkpoint };
        Ok(RunRecord { position: number(row, 0)?, run })
    };
    rows.iter().map(read).collect()
}

/// Entries listed for a neighbour behind a position, in order.
pub(super) async fn parcels(
    pool: &PgPool,
    to: DivisionCode,
    after: u64,
    limit: u32,
) -> Result<Vec<ParcelRecord>, Trouble> {
    let text = "SELECT p.position, j.author, j.epoch, p.sequence FROM parcel p \
                JOIN journal j ON j.province = p.journal_province AND j.local = p.journal \
                WHERE p.neighbour = $1 AND p.position > $2 ORDER BY p.position LIMIT $3";
    let asked = query(text).bind(code(to)).bind(bound(after)).bind(i64::from(limit));
    let rows = asked.fetch_all(pool).await?;
    let read = |row| {
        let entry = EntryId { journal: journal(row, 1)?, sequence: number(row, 3)? };
        Ok(ParcelRecord { position: number(row, 0)?, entry })
    };
    rows.iter().map(read).collect()
}

/// The ledger with a neighbour in a direction.
pub(super) async fn ledger(
    pool: &PgPool,
    peer: DivisionCode,
    direction: Direction,
) -> Result<Option<LedgerRecord>, Trouble> {
    let text = "SELECT sender, receiver, epoch, number, digest, position, proved_number, \
                proved_signature, proved_at FROM ledger \
                WHERE province = $1 AND peer = $2 AND direction = $3";
    let asked = query(text).bind(province(peer)).bind(code(peer));
    let found = asked.bind(direction_number(direction)).fetch_optional(pool).await?;
    let read = |row: &PgRow| {
        let (head, position, proved) = (read_head(row)?, number(row, 5)?, read_proved(row)?);
        Ok(LedgerRecord { peer, direction, head, position, proved, proved_at: column(row, 8)? })
    };
    found.as_ref().map(read).transpose()
}

fn read_head(row: &PgRow) -> Result<Head, Trouble> {
    let (from, to) = (division(row, 0)?, division(row, 1)?);
    let ledger = LedgerId { from, to, epoch: bytes(row, 2, LinkEpoch::read)? };
    Ok(Head { ledger, number: number(row, 3)?, digest: bytes(row, 4, Digest::read)? })
}

fn read_proved(row: &PgRow) -> Result<Option<(u64, [u8; 64])>, Trouble> {
    if column::<Option<i64>>(row, 6)?.is_none() {
        return Ok(None);
    }
    let signature = bytes(row, 7, |bytes| <[u8; 64]>::try_from(bytes).ok())?;
    Ok(Some((number(row, 6)?, signature)))
}

/// Passages of a ledger from a number on, in order.
pub(super) async fn passages(
    pool: &PgPool,
    ledger: LedgerId,
    from: u64,
    limit: u32,
) -> Result<Vec<PassageRecord>, Trouble> {
    let text = "SELECT p.sender, p.receiver, p.epoch, p.number, p.digest, p.sent_at, j.author, \
                j.epoch, p.first, p.count, p.picked, p.position, p.stored_at FROM passage p \
                JOIN journal j ON j.province = p.journal_province AND j.local = p.journal \
                WHERE p.province = $1 AND p.sender = $2 AND p.receiver = $3 AND p.epoch = $4 \
                AND p.number >= $5 ORDER BY p.number LIMIT $6";
    let rows = query(text)
        .bind(lower(&ledger))
        .bind(code(ledger.from))
        .bind(code(ledger.to))
        .bind(ledger.epoch.0.to_vec())
        .bind(bound(from))
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await?;
    let read = |row| {
        let (head, sent_at, journal) = (read_head(row)?, column(row, 5)?, journal(row, 6)?);
        let record = Record { head, sent_at, journal, span: read_span(row)? };
        Ok(PassageRecord { record, position: number(row, 11)?, stored_at: column(row, 12)? })
    };
    rows.iter().map(read).collect()
}

fn read_span(row: &PgRow) -> Result<Span, Trouble> {
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
pub(super) async fn counters(pool: &PgPool) -> Result<Vec<Counter>, Trouble> {
    let text = "SELECT division, number, last FROM counter ORDER BY division";
    let rows = query(text).fetch_all(pool).await?;
    let read = |row| {
        let (to, number) = (division(row, 0)?, number(row, 1)?);
        Ok(Counter { to, number, last: bytes(row, 2, Digest::read)? })
    };
    rows.iter().map(read).collect()
}

/// Blocks of case numbers this office has drawn.
pub(super) async fn blocks(pool: &PgPool) -> Result<Vec<u32>, Trouble> {
    let blocks: Vec<i64> =
        query_scalar("SELECT number FROM block ORDER BY number").fetch_all(pool).await?;
    let read = |block| u32::try_from(block).map_err(|_| damaged("no such block"));
    blocks.into_iter().map(read).collect()
}
