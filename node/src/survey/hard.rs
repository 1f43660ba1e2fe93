//! Hard cases (排查), told.

use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::case::standing::day_of;
use terrace_proto::division::DivisionCode;
use terrace_proto::roll::screening::Rule;

use super::{SHOWN, is_incomplete};
use crate::store::{Sought, SoughtRecord, Store, StoreError};

/// The hard cases by a rule at a day, the oldest first, and how many there are.
pub(super) async fn hard(
    store: &dyn Store,
    (rule, today): (Rule, Date),
    holder: Option<DivisionCode>,
) -> Result<Value, StoreError> {
    let (all, found) = store.sought(&Sought::Hard(rule, today), holder, SHOWN).await?;
    let rows: Vec<Value> = found.iter().map(told).collect();
    Ok(json!({ "cases": rows, "all": all, "incomplete": is_incomplete(store).await? }))
}

fn told(found: &SoughtRecord) -> Value {
    let trail = found.trail;
    json!({
        "number": found.number,
        "opened_on": day_of(found.opened_at).to_string(),
        "reopened": trail.map(|trail| trail.reopened),
        "hops": trail.map(|trail| trail.hops),
    })
}
