//! Folded cases, and how much is held of everything.
//!
//! A case is asked for by its id, which says nothing of where it lies; [`homes`] does. Rows are given one after the
//! other and none is ever removed. Lists of what needs attention have small indexes of their own.

use std::collections::HashMap;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder, query, query_scalar};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::roll::pace::{Pace, Trail};

use super::column::{bound, bytes, code, column, division, list, number, province, small, words};
use super::copy::{Columns, Copy, MANY};
use super::fault::{Trouble, damaged};
use super::latest::latest;
use crate::store::{CaseRecord, Holding, Tally, Wanted};

/// The columns by which a case is read.
macro_rules! select_case {
    ($behind:literal) => {
        concat!(
            "SELECT c.row, c.id, c.number, c.state, c.holder, c.organ, c.title, c.opened_at, c.due_on, c.open, \
             c.waiting, c.parked, c.contested, c.facts, c.former, c.idle_since, c.unserved, c.unexecuted, \
             c.reopened, c.hops FROM ",
            $behind
        )
    };
}

/// Where a case lies.
#[derive(Debug, Clone, Copy)]
struct Home {
    province: i16,
    row: i64,
}

/// Writes folds; one that is known keeps its place. How many are new. Where all are said to be new, none is looked for.
pub(super) async fn write(
    connection: &mut PgConnection,
    cases: &[CaseRecord],
    all_new: bool,
) -> Result<i64, Trouble> {
    let cases = &latest(cases, |case| case.id);
    if cases.is_empty() {
        return Ok(0);
    }
    let mut homes = if all_new { HashMap::new() } else { homes(connection, cases).await? };
    let (known, fresh): (Vec<&CaseRecord>, Vec<&CaseRecord>) =
        cases.iter().copied().partition(|case| homes.contains_key(&case.id));
    let count = i64::try_from(fresh.len()).expect("a batch is not that long");
    if count > 0 {
        settle(connection, &fresh, &mut homes).await?;
    }
    if fresh.len() >= MANY {
        copy(connection, &fresh, &homes).await?;
        upsert(connection, &known, &homes).await?;
    } else {
        upsert(connection, cases, &homes).await?;
    }
    Ok(count)
}

/// Writes folds of new cases in their homes.
async fn copy(
    connection: &mut PgConnection,
    cases: &[&CaseRecord],
    homes: &HashMap<CaseId, Home>,
) -> Result<(), Trouble> {
    let columns = [
        "province",
        "row",
        "id",
        "number",
        "state",
        "holder",
        "organ",
        "title",
        "opened_at",
        "due_on",
        "open",
        "waiting",
        "parked",
        "contested",
        "facts",
        "former",
        "idle_since",
        "unserved",
        "unexecuted",
        "reopened",
        "hops",
    ];
    let mut into = Copy::into(connection, "folded_case", &columns).await?;
    for case in cases {
        let home = homes[&case.id];
        into.row(|columns| {
            let columns = columns.int2(home.province).int8(home.row).bytes(&case.id.0);
            let number = case.number.as_deref().map(str::as_bytes);
            let columns = columns.maybe(number, Columns::bytes);
            let columns = columns.maybe(case.state.map(i16::from), Columns::int2);
            let holder = case.holder.as_ref();
            let columns = columns.maybe(holder.map(|(at, _)| code(*at)), Columns::int8);
            let columns = columns.maybe(holder.map(|(_, organ)| organ.as_bytes()), Columns::bytes);
            let columns = columns.bytes(case.title.as_bytes()).int8(case.opened_at);
            let columns = columns.maybe(case.due_on, Columns::int4).bool(case.open);
            let columns = columns.bool(case.waiting).bool(case.parked).bool(case.contested);
            let columns = columns.bytes(&case.facts);
            let former = case.former.as_deref().map(str::as_bytes);
            let columns = columns.maybe(former, Columns::bytes);
            let columns = columns.maybe(idle_since(case), Columns::int4);
            let columns = columns.maybe(case.pace.map(|pace| pace.unserved), Columns::bool);
            let columns = columns.maybe(case.pace.map(|pace| pace.unexecuted), Columns::bool);
            let (reopened, hops) = trail(case).unzip();
            columns.maybe(reopened, Columns::int8).maybe(hops, Columns::int8);
        })
        .await?;
    }
    into.finish().await.map(drop)
}

/// Writes folds in their homes; one that is there already is replaced.
async fn upsert(
    connection: &mut PgConnection,
    cases: &[&CaseRecord],
    homes: &HashMap<CaseId, Home>,
) -> Result<(), Trouble> {
    if cases.is_empty() {
        return Ok(());
    }
    let home = |case: &&CaseRecord| homes[&case.id];
    let text = "INSERT INTO folded_case (province, row, id, number, state, holder, organ, title, opened_at, \
                due_on, open, waiting, parked, contested, facts, former, idle_since, unserved, unexecuted, \
                reopened, hops) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::text[], $5::int2[], $6::int8[], \
                $7::bytea[], $8::bytea[], $9::int8[], $10::int4[], $11::bool[], $12::bool[], $13::bool[], \
                $14::bool[], $15::bytea[], $16::text[], $17::int4[], $18::bool[], $19::bool[], $20::int8[], \
                $21::int8[]) ON CONFLICT (province, row) DO UPDATE SET \
                number = excluded.number, state = excluded.state, holder = excluded.holder, \
                organ = excluded.organ, title = excluded.title, opened_at = excluded.opened_at, \
                due_on = excluded.due_on, open = excluded.open, waiting = excluded.waiting, \
                parked = excluded.parked, contested = excluded.contested, facts = excluded.facts, \
                former = excluded.former, idle_since = excluded.idle_since, \
                unserved = excluded.unserved, unexecuted = excluded.unexecuted, \
                reopened = excluded.reopened, hops = excluded.hops";
    let organ =
        |case: &&CaseRecord| case.holder.as_ref().map(|(_, organ)| organ.clone().into_bytes());
    query(text)
        .bind(list(cases, |case| home(case).province))
        .bind(list(cases, |case| home(case).row))
        .bind(list(cases, |case| case.id.0.to_vec()))
        .bind(list(cases, |case| case.number.clone()))
        .bind(list(cases, |case| case.state.map(i16::from)))
        .bind(list(cases, |case| case.holder.as_ref().map(|(division, _)| code(*division))))
        .bind(list(cases, organ))
        .bind(list(cases, |case| case.title.clone().into_bytes()))
        .bind(list(cases, |case| case.opened_at))
        .bind(list(cases, |case| case.due_on))
        .bind(list(cases, |case| case.open))
        .bind(list(cases, |case| case.waiting))
        .bind(list(cases, |case| case.parked))
        .bind(list(cases, |case| case.contested))
        .bind(cases.iter().map(|case| case.facts.as_slice()).collect::<Vec<_>>())
        .bind(list(cases, |case| case.former.clone()))
        .bind(list(cases, |case| idle_since(case)))
        .bind(list(cases, |case| case.pace.map(|pace| pace.unserved)))
        .bind(list(cases, |case| case.pace.map(|pace| pace.unexecuted)))
        .bind(list(cases, |case| trail(case).map(|(reopened, _)| reopened)))
        .bind(list(cases, |case| trail(case).map(|(_, hops)| hops)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The day since which it is idle, in days since 1970-01-01.
fn idle_since(case: &CaseRecord) -> Option<i32> {
    case.pace?.idle_since.map(days_of)
}

/// How often it began anew, and how often it was passed on.
fn trail(case: &CaseRecord) -> Option<(i64, i64)> {
    let trail = case.pace?.trail?;
    Some((trail.reopened.into(), trail.hops.into()))
}

/// Where those of the cases lie that are known.
async fn homes(
    connection: &mut PgConnection,
    cases: &[&CaseRecord],
) -> Result<HashMap<CaseId, Home>, Trouble> {
    let text = "SELECT h.id, h.province, h.row FROM unnest($1::bytea[]) AS w (id) \
                CROSS JOIN LATERAL (SELECT * FROM case_home h WHERE h.id = w.id LIMIT 1) h";
    let asked = query(text).bind(list(cases, |case| case.id.0.to_vec()));
    let mut homes = HashMap::with_capacity(cases.len());
    for row in &asked.fetch_all(connection).await? {
        let home = Home { province: column(row, 1)?, row: column(row, 2)? };
        homes.insert(bytes(row, 0, CaseId::read)?, home);
    }
    Ok(homes)
}

/// Gives new cases their homes: the province of whoever held them first here, and the next rows.
async fn settle(
    connection: &mut PgConnection,
    fresh: &[&CaseRecord],
    homes: &mut HashMap<CaseId, Home>,
) -> Result<(), Trouble> {
    let held: i64 = query_scalar("SELECT cases FROM held").fetch_one(&mut *connection).await?;
    for (row, case) in (held + 1..).zip(fresh) {
        let province = case.holder.as_ref().map_or(0, |(division, _)| province(*division));
        homes.insert(case.id, Home { province, row });
    }
    if fresh.len() >= MANY {
        let mut into = Copy::into(connection, "case_home", &["id", "province", "row"]).await?;
        for case in fresh {
            let home = homes[&case.id];
            into.row(|columns| {
                columns.bytes(&case.id.0).int2(home.province).int8(home.row);
            })
            .await?;
        }
        return into.finish().await.map(drop);
    }
    let text = "INSERT INTO case_home (id, province, row) \
                SELECT * FROM unnest($1::bytea[], $2::int2[], $3::int8[])";
    query(text)
        .bind(list(fresh, |case| case.id.0.to_vec()))
        .bind(list(fresh, |case| homes[&case.id].province))
        .bind(list(fresh, |case| homes[&case.id].row))
        .execute(connection)
        .await?;
    Ok(())
}

/// Those of the named cases that are known.
pub(super) async fn named(pool: &PgPool, ids: &[CaseId]) -> Result<Vec<CaseRecord>, Trouble> {
    let text = select_case!(
        "unnest($1::bytea[]) AS w (id) \
         CROSS JOIN LATERAL (SELECT * FROM case_home h WHERE h.id = w.id LIMIT 1) h \
         CROSS JOIN LATERAL (SELECT * FROM folded_case c WHERE c.province = h.province AND c.row = h.row LIMIT 1) c"
    );
    let asked = query(text).bind(list(ids, |id| id.0.to_vec()));
    asked.fetch_all(pool).await?.iter().map(read_case).collect()
}

/// The cases with a number, be it one they had before.
pub(super) async fn numbered(pool: &PgPool, number: &str) -> Result<Vec<CaseRecord>, Trouble> {
    if number.contains('\0') {
        return Ok(Vec::new());
    }
    let text = select_case!("folded_case c WHERE c.number = $1 OR c.former = $1 ORDER BY c.row");
    query(text).bind(number).fetch_all(pool).await?.iter().map(read_case).collect()
}

/// Cases behind a place, in order.
pub(super) async fn after(
    pool: &PgPool,
    after: u64,
    limit: u32,
) -> Result<Vec<CaseRecord>, Trouble> {
    let text = select_case!("folded_case c WHERE c.row > $1 ORDER BY c.row LIMIT $2");
    let rows = query(text).bind(bound(after)).bind(i64::from(limit)).fetch_all(pool).await?;
    rows.iter().map(read_case).collect()
}

fn read_case(row: &PgRow) -> Result<CaseRecord, Trouble> {
    let holder = match (column::<Option<i64>>(row, 4)?, column::<Option<&[u8]>>(row, 5)?) {
        (Some(_), Some(_)) => Some((division(row, 4)?, words(row, 5)?)),
        (None, None) => None,
        (None, Some(_)) | (Some(_), None) => return Err(damaged("a case has half a holder")),
    };
    let state = column::<Option<i16>>(row, 3)?.map(|_| small(row, 3)).transpose()?;
    Ok(CaseRecord {
        row: number(row, 0)?,
        id: bytes(row, 1, CaseId::read)?,
        number: column(row, 2)?,
        state,
        holder,
        title: words(row, 6)?,
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

fn read_pace(row: &PgRow) -> Result<Option<Pace>, Trouble> {
    let (unserved, unexecuted) = (column(row, 16)?, column(row, 17)?);
    let Some((unserved, unexecuted)) = Option::zip(unserved, unexecuted) else { return Ok(None) };
    let idle_since = column::<Option<i32>>(row, 15)?.map(date_of).transpose();
    let idle_since = idle_since.map_err(|_| damaged("a case is idle since no day"))?;
    let trail = read_trail(row, 18)?;
    Ok(Some(Pace { idle_since, unserved, unexecuted, trail }))
}

/// What a case has been through, out of two columns.
pub(super) fn read_trail(row: &PgRow, at: usize) -> Result<Option<Trail>, Trouble> {
    let Some(_) = column::<Option<i64>>(row, at)? else { return Ok(None) };
    Ok(Some(Trail { reopened: number(row, at)?, hops: number(row, at + 1)? }))
}

/// Wanted cases before a place, the newest first.
pub(super) async fn wanted(
    pool: &PgPool,
    wanted: &Wanted,
    before: u64,
    limit: u32,
) -> Result<Vec<CaseRecord>, Trouble> {
    let mut text: QueryBuilder<Postgres> =
        QueryBuilder::new(select_case!("folded_case c WHERE c.row < "));
    text.push_bind(bound(before));
    if let Some(holder) = wanted.holder {
        text.push(" AND c.holder = ").push_bind(code(holder));
    }
    match wanted.open {
        // Written out, so that the index of open cases is found.
        Some(true) => _ = text.push(" AND c.open"),
        Some(false) => _ = text.push(" AND NOT c.open"),
        None => {}
    }
    if let Some(state) = wanted.state {
        text.push(" AND c.state = ").push_bind(i16::from(state));
    }
    if let Some(day) = wanted.due_before {
        text.push(" AND c.due_on < ").push_bind(day);
    }
    if wanted.attention {
        text.push(" AND (c.waiting OR c.parked OR c.contested)");
    }
    if wanted.unpaced {
        text.push(" AND c.unserved IS NULL");
    }
    if let Some(number) = &wanted.number {
        let number = number.replace('\0', "?");
        text.push(" AND (starts_with(c.number, ").push_bind(number.clone());
        text.push(") OR starts_with(c.former, ").push_bind(number).push("))");
    }
    if let Some(title) = &wanted.title {
        text.push(" AND position(").push_bind(title.as_bytes()).push(" IN c.title) > 0");
    }
    text.push(" ORDER BY c.row DESC LIMIT ").push_bind(i64::from(limit));
    text.build().fetch_all(pool).await?.iter().map(read_case).collect()
}

/// What the divisions hold of open cases.
pub(super) async fn holdings(pool: &PgPool, today: i32) -> Result<Vec<Holding>, Trouble> {
    let text = "SELECT holder, state, count(*), count(*) FILTER (WHERE due_on < $1) FROM folded_case \
                WHERE open AND holder IS NOT NULL AND state IS NOT NULL \
                GROUP BY holder, state ORDER BY holder, state";
    let rows = query(text).bind(today).fetch_all(pool).await?;
    let read = |row| {
        let (division, state): (DivisionCode, u8) = (division(row, 0)?, small(row, 1)?);
        Ok(Holding { division, state, cases: number(row, 2)?, overdue: number(row, 3)? })
    };
    rows.iter().map(read).collect()
}

/// How much is held of everything.
pub(super) async fn tally(pool: &PgPool) -> Result<Tally, Trouble> {
    let text = "SELECT entries, cases, (SELECT count(*) FROM folded_case WHERE waiting), \
                (SELECT count(*) FROM folded_case WHERE parked), \
                (SELECT count(*) FROM folded_case WHERE contested) FROM held";
    let row = &query(text).fetch_one(pool).await?;
    let (entries, cases) = (number(row, 0)?, number(row, 1)?);
    let (waiting, parked, contested) = (number(row, 2)?, number(row, 3)?, number(row, 4)?);
    Ok(Tally { entries, cases, waiting, parked, contested })
}
