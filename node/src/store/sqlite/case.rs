//! Folded cases, and how much is held of everything.
//!
//! Places are given by SQLite, one after the other, and no row is ever removed: the last place is the
//! number of cases. Lists of what needs attention have small indexes of their own.

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::roll::pace::{Pace, Trail};

use super::fault::damaged;
use super::statement::{
    Insert, Values, bound, bytes, column, number, pieces, place_of, read, read_listed, unsigned,
    with_rows,
};
use crate::store::{CaseRecord, Holding, StoreError, Tally, Wanted};

/// The columns by which a case is read.
macro_rules! select_case {
    ($behind:literal) => {
        concat!(
            "SELECT c.place, c.id, c.number, c.state, c.holder, c.organ, c.title, c.opened_at, c.due_on, c.open, \
             c.waiting, c.parked, c.contested, c.facts, c.former, c.idle_since, c.unserved, c.unexecuted, \
             c.reopened, c.hops FROM ",
            $behind
        )
    };
}

const CASES: Insert = Insert {
    into: "INSERT INTO folded_case (id, number, state, holder, organ, title, opened_at, due_on, open, \
           waiting, parked, contested, facts, former, idle_since, unserved, unexecuted, reopened, hops) VALUES ",
    columns: 19,
    after: " ON CONFLICT (id) DO UPDATE SET number = excluded.number, state = excluded.state, \
            holder = excluded.holder, organ = excluded.organ, title = excluded.title, \
            opened_at = excluded.opened_at, due_on = excluded.due_on, open = excluded.open, \
            waiting = excluded.waiting, \
            parked = excluded.parked, contested = excluded.contested, facts = excluded.facts, \
            former = excluded.former, idle_since = excluded.idle_since, unserved = excluded.unserved, \
            unexecuted = excluded.unexecuted, reopened = excluded.reopened, hops = excluded.hops",
};

/// Writes folds; one that is known keeps its place, and is refused where all are said to be new.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    cases: &[CaseRecord],
    all_new: bool,
) -> Result<(), StoreError> {
    let insert = if all_new { Insert { after: "", ..CASES } } else { CASES };
    insert.all(connection, cases, bind).await
}

fn bind(values: &mut Values, case: &CaseRecord) -> Result<(), StoreError> {
    let holder = case.holder.as_ref();
    values.put(&case.id.0[..])?.put(case.number.as_deref())?.put(case.state)?;
    match holder {
        Some((division, organ)) => values.put_number(division.number())?.put(organ.as_str())?,
        None => values.put(None::<i64>)?.put(None::<&str>)?,
    };
    values.put(case.title.as_str())?.put(case.opened_at)?.put(case.due_on)?.put(case.open)?;
    values.put(case.waiting)?.put(case.parked)?.put(case.contested)?.put(case.facts.as_slice())?;
    values.put(case.former.as_deref())?;
    let idle_since = case.pace.and_then(|pace| pace.idle_since).map(days_of);
    let trail = case.pace.and_then(|pace| pace.trail);
    values.put(idle_since)?.put(case.pace.map(|pace| pace.unserved))?;
    values.put(case.pace.map(|pace| pace.unexecuted))?;
    values.put(trail.map(|trail| trail.reopened))?.put(trail.map(|trail| trail.hops))?;
    Ok(())
}

/// Those of the named cases that are known.
pub(super) async fn named(
    pool: &SqlitePool,
    ids: &[CaseId],
) -> Result<Vec<CaseRecord>, StoreError> {
    let mut cases = Vec::with_capacity(ids.len());
    for piece in pieces(ids) {
        let mut values = Values::default();
        for id in piece {
            values.put(&id.0[..])?;
        }
        let before = "WITH wanted (id) AS (VALUES ";
        let after = concat!(") ", select_case!("wanted w CROSS JOIN folded_case c USING (id)"));
        let text = with_rows(before, piece.len(), 1, after);
        cases.extend(read_listed(pool, text, values, read_case).await?);
    }
    Ok(cases)
}

/// The cases with a number, be it one they had before.
pub(super) async fn numbered(
    pool: &SqlitePool,
    number: &str,
) -> Result<Vec<CaseRecord>, StoreError> {
    let mut values = Values::default();
    values.put(number)?.put(number)?;
    let text = select_case!("folded_case c WHERE c.number = ? OR c.former = ? ORDER BY c.place");
    read(pool, text, values, read_case).await
}

/// Cases behind a place, in order.
pub(super) async fn after(
    pool: &SqlitePool,
    after: u64,
    limit: u32,
) -> Result<Vec<CaseRecord>, StoreError> {
    let mut values = Values::default();
    values.put(bound(after))?.put(limit)?;
    let text = select_case!("folded_case c WHERE c.place > ? ORDER BY c.place LIMIT ?");
    read(pool, text, values, read_case).await
}

fn read_case(row: &SqliteRow) -> Result<CaseRecord, StoreError> {
    let holder = match (column::<Option<i64>>(row, 4)?, column(row, 5)?) {
        (Some(division), Some(organ)) => Some((place_of(unsigned(division)?)?, organ)),
        (None, None) => None,
        (None, Some(_)) | (Some(_), None) => return Err(damaged("a case has half a holder")),
    };
    Ok(CaseRecord {
        row: number(row, 0)?,
        id: bytes(row, 1, CaseId::read)?,
        number: column(row, 2)?,
        state: column(row, 3)?,
        holder,
        title: column(row, 6)?,
        opened_at: column(row, 7)?,
        due_on: column(row, 8)?,
        open: column(row, 9)?,
        waiting: column(row, 10)?,
        parked: column(row, 11)?,
        contested: column(row, 12)?,
        facts: column(row, 13)?,
        former: column(row, 14)?,
        pace: read_pace(row)?,
    })
}

fn read_pace(row: &SqliteRow) -> Result<Option<Pace>, StoreError> {
    let (unserved, unexecuted) = (column(row, 16)?, column(row, 17)?);
    let Some((unserved, unexecuted)) = Option::zip(unserved, unexecuted) else { return Ok(None) };
    let idle_since = column::<Option<i32>>(row, 15)?.map(date_of).transpose();
    let idle_since = idle_since.map_err(|_| damaged("a case is idle since no day"))?;
    Ok(Some(Pace { idle_since, unserved, unexecuted, trail: read_trail(row, 18)? }))
}

/// What a case has been through, out of two columns.
pub(super) fn read_trail(row: &SqliteRow, at: usize) -> Result<Option<Trail>, StoreError> {
    let trail = Option::zip(column(row, at)?, column(row, at + 1)?);
    Ok(trail.map(|(reopened, hops)| Trail { reopened, hops }))
}

/// Wanted cases before a place, the newest first.
pub(super) async fn wanted(
    pool: &SqlitePool,
    wanted: &Wanted,
    before: u64,
    limit: u32,
) -> Result<Vec<CaseRecord>, StoreError> {
    let mut text = String::from(select_case!("folded_case c WHERE c.place < ?"));
    let mut values = Values::default();
    values.put(bound(before))?;
    if let Some(holder) = wanted.holder {
        text.push_str(" AND c.holder = ?");
        values.put_number(holder.number())?;
    }
    match wanted.open {
        // Written out, so that the index of open cases is found.
        Some(true) => text.push_str(" AND c.open = 1"),
        Some(false) => text.push_str(" AND c.open = 0"),
        None => {}
    }
    if let Some(state) = wanted.state {
        text.push_str(" AND c.state = ?");
        values.put(state)?;
    }
    if let Some(day) = wanted.due_before {
        text.push_str(" AND c.due_on < ?");
        values.put(day)?;
    }
    if wanted.attention {
        text.push_str(" AND (c.waiting = 1 OR c.parked = 1 OR c.contested = 1)");
    }
    if wanted.unpaced {
        text.push_str(" AND c.unserved IS NULL");
    }
    if let Some(number) = &wanted.number {
        text.push_str(" AND (instr(c.number, ?) = 1 OR instr(c.former, ?) = 1)");
        values.put(number.as_str())?.put(number.as_str())?;
    }
    if let Some(title) = &wanted.title {
        text.push_str(" AND instr(c.title, ?) > 0");
        values.put(title.as_str())?;
    }
    text.push_str(" ORDER BY c.place DESC LIMIT ?");
    values.put(limit)?;
    read_listed(pool, text, values, read_case).await
}

/// What the divisions hold of open cases.
pub(super) async fn holdings(pool: &SqlitePool, today: i32) -> Result<Vec<Holding>, StoreError> {
    let mut values = Values::default();
    values.put(today)?;
    let text = "SELECT holder, state, count(*), count(CASE WHEN due_on < ? THEN 1 END) \
                FROM folded_case WHERE open = 1 AND holder IS NOT NULL AND state IS NOT NULL \
                GROUP BY holder, state ORDER BY holder, state";
    read(pool, text, values, |row| {
        let (division, state) = (place_of(number(row, 0)?)?, column(row, 1)?);
        Ok(Holding { division, state, cases: number(row, 2)?, overdue: number(row, 3)? })
    })
    .await
}

/// How much is held of everything.
pub(super) async fn tally(pool: &SqlitePool) -> Result<Tally, StoreError> {
    let text = "SELECT (SELECT entries FROM held), \
                (SELECT coalesce(max(place), 0) FROM folded_case), \
                (SELECT count(*) FROM folded_case WHERE waiting = 1), \
                (SELECT count(*) FROM folded_case WHERE parked = 1), \
                (SELECT count(*) FROM folded_case WHERE contested = 1)";
    let mut found = read(pool, text, Values::default(), |row| {
        let (entries, cases) = (number(row, 0)?, number(row, 1)?);
        let (waiting, parked, contested) = (number(row, 2)?, number(row, 3)?, number(row, 4)?);
        Ok(Tally { entries, cases, waiting, parked, contested })
    })
    .await?;
    found.pop().ok_or_else(|| damaged("nothing was counted"))
}
