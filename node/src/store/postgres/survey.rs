//! What surveys seek among cases: those that stand still, and hard ones. Each sort has a small index of its own.
//!
//! It reads columns that were worked out with the fold, and no fold.

use jiff::civil::Date;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Postgres, QueryBuilder};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::roll::screening::Rule;
use terrace_proto::roll::stall::{Stall, idle_before};

use super::case::read_trail;
use super::column::{bytes, code, column, hour, number};
use super::fault::Trouble;
use crate::store::{Sought, SoughtRecord};

/// How many cases are as is sought, and some of them in order.
pub(super) async fn sought(
    pool: &PgPool,
    sought: &Sought,
    holder: Option<DivisionCode>,
    limit: u32,
) -> Result<(u64, Vec<SoughtRecord>), Trouble> {
    let mut text = QueryBuilder::new("SELECT count(*) FROM folded_case WHERE ");
    narrow(&mut text, sought, holder);
    let all = number(&text.build().fetch_one(pool).await?, 0)?;
    let mut text =
        QueryBuilder::new("SELECT id, number, opened_at, reopened, hops FROM folded_case WHERE ");
    narrow(&mut text, sought, holder);
    text.push(match sought {
        Sought::Still(Stall::Idle, _) => " ORDER BY idle_since, id LIMIT ",
        Sought::Still(Stall::Unserved | Stall::Unexecuted, _) | Sought::Hard(..) => {
            " ORDER BY opened_at, id LIMIT "
        }
    });
    text.push_bind(i64::from(limit));
    let rows = text.build().fetch_all(pool).await?;
    Ok((all, rows.iter().map(read).collect::<Result<_, _>>()?))
}

/// Each condition is written out as in its index, so that this is found.
fn narrow(text: &mut QueryBuilder<Postgres>, sought: &Sought, holder: Option<DivisionCode>) {
    match sought {
        Sought::Still(Stall::Idle, today) => {
            text.push("idle_since < ").push_bind(days_of(idle_before(*today)));
        }
        Sought::Still(Stall::Unserved, _) => _ = text.push("unserved"),
        Sought::Still(Stall::Unexecuted, _) => _ = text.push("unexecuted"),
        Sought::Hard(rule, today) => hard(text, rule, *today),
    }
    if let Some(holder) = holder {
        text.push(" AND holder = ").push_bind(code(holder));
    }
}

fn hard(text: &mut QueryBuilder<Postgres>, rule: &Rule, today: Date) {
    text.push("hops IS NOT NULL AND (false");
    if let Some(hour) = rule.opened_before(today) {
        text.push(" OR opened_at < ").push_bind(hour.as_millisecond());
    }
    if let Some(reopened) = rule.reopened {
        text.push(" OR reopened >= ").push_bind(i64::from(reopened));
    }
    if let Some(hops) = rule.hops {
        text.push(" OR hops >= ").push_bind(i64::from(hops));
    }
    text.push(")");
}

fn read(row: &PgRow) -> Result<SoughtRecord, Trouble> {
    Ok(SoughtRecord {
        id: bytes(row, 0, CaseId::read)?,
        number: column(row, 1)?,
        opened_at: hour(row, 2)?,
        trail: read_trail(row, 3)?,
    })
}
