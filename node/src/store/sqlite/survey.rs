//! What surveys seek among cases: those that stand still, and hard ones. Each sort has a small index of its own.
//!
//! It reads columns that were worked out with the fold, and no fold.

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::roll::stall::{Stall, idle_before};

use super::case::read_trail;
use super::fault::damaged;
use super::statement::{Values, bytes, column, hour, number, read_listed};
use crate::store::{Sought, SoughtRecord, StoreError};

/// How many cases are as is sought, and some of them in order.
pub(super) async fn sought(
    pool: &SqlitePool,
    sought: &Sought,
    holder: Option<DivisionCode>,
    limit: u32,
) -> Result<(u64, Vec<SoughtRecord>), StoreError> {
    let mut text = String::from("SELECT count(*) FROM folded_case WHERE ");
    let values = narrow(&mut text, sought, holder)?;
    let all = read_listed(pool, text, values, |row| number(row, 0)).await?;
    let all = all.first().copied().ok_or_else(|| damaged("nothing was counted"))?;
    let mut text =
        String::from("SELECT id, number, opened_at, reopened, hops FROM folded_case WHERE ");
    let mut values = narrow(&mut text, sought, holder)?;
    text.push_str(match sought {
        Sought::Still(Stall::Idle, _) => " ORDER BY idle_since, id LIMIT ?",
        Sought::Still(Stall::Unserved | Stall::Unexecuted, _) | Sought::Hard(..) => {
            " ORDER BY opened_at, id LIMIT ?"
        }
    });
    values.put(limit)?;
    Ok((all, read_listed(pool, text, values, read).await?))
}

/// Each condition is written out as in its index, so that this is found.
fn narrow(
    text: &mut String,
    sought: &Sought,
    holder: Option<DivisionCode>,
) -> Result<Values, StoreError> {
    let mut values = Values::default();
    match sought {
        Sought::Still(Stall::Idle, today) => {
            text.push_str("idle_since < ?");
            values.put(days_of(idle_before(*today)))?;
        }
        Sought::Still(Stall::Unserved, _) => text.push_str("unserved = 1"),
        Sought::Still(Stall::Unexecuted, _) => text.push_str("unexecuted = 1"),
        Sought::Hard(rule, today) => {
            let mut bars = Vec::new();
            if let Some(hour) = rule.opened_before(*today) {
                bars.push("opened_at < ?");
                values.put(hour.as_millisecond())?;
            }
            if let Some(reopened) = rule.reopened {
                bars.push("reopened >= ?");
                values.put(reopened)?;
            }
            if let Some(hops) = rule.hops {
                bars.push("hops >= ?");
                values.put(hops)?;
            }
            let bars = if bars.is_empty() { "0".to_owned() } else { bars.join(" OR ") };
            text.push_str("hops IS NOT NULL AND (");
            text.push_str(&bars);
            text.push(')');
        }
    }
    if let Some(holder) = holder {
        text.push_str(" AND holder = ?");
        values.put_number(holder.number())?;
    }
    Ok(values)
}

fn read(row: &SqliteRow) -> Result<SoughtRecord, StoreError> {
    Ok(SoughtRecord {
        id: bytes(row, 0, CaseId::read)?,
        number: column(row, 1)?,
        opened_at: hour(row, 2)?,
        trail: read_trail(row, 3)?,
    })
}
