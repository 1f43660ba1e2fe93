//! Organs as JSON: what holds of each on a day, its node, its superior and its successor; and what is proposed.

use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::organ::registry::Declined;
use terrace_proto::organ::{Irregular, Organ, OrganCode, Proposal, Record, Registry};

use super::name_of;

/// An organ as it is said, without what the registry makes of it.
#[must_use]
pub fn organ(organ: &Organ) -> Value {
    json!({
        "code": organ.code.to_string(),
        "division": organ.division().short(),
        "place": name_of(organ.division()),
        "category": organ.category.number(),
        "category_zh": organ.category.zh(),
        "category_en": organ.category.en(),
        "name": organ.name,
        "superior": organ.superior.map(|code| code.to_string()),
        "valid_from": organ.valid_from.to_string(),
        "valid_to": organ.valid_to.map(|day| day.to_string()),
        "successor": organ.successor.map(|code| code.to_string()),
        "revision": organ.revision,
    })
}

/// What the registry says of a code on a day: the organ as it is then or was last, whether it is there, its node, who it
/// answers to and who acts for it. Null for a code that is not registered.
#[must_use]
pub fn on(registry: &Registry, tree: &Tree, code: OrganCode, day: Date) -> Value {
    let held = registry.on(code, day).or_else(|| registry.latest(code));
    let Some(Record { organ: held, leaf, office }) = held else { return Value::Null };
    let standing = registry.resolve(code, day, tree);
    let named = |organ: &Organ| json!({ "code": organ.code.to_string(), "name": organ.name });
    let superior = registry.superior(code, day).ok().flatten().map(named);
    let acting = registry.acting(code, day).map(named);
    let mut told = organ(held);
    told["stands"] = json!(standing.is_ok());
    told["node"] = json!(standing.as_ref().ok().map(|node| node.short()));
    told["why_not"] = json!(standing.err().map(|why| why.to_string()));
    told["answers_to"] = json!(superior);
    told["acting"] = json!(acting);
    told["registered_by"] = json!(office.short());
    told["entry"] = json!(leaf.to_string());
    told
}

/// All that was ever registered of a code, the newest first.
#[must_use]
pub fn history(registry: &Registry, code: OrganCode) -> Value {
    let mut records: Vec<Value> = registry
        .records(code)
        .map(|record| {
            let mut told = organ(&record.organ);
            told["registered_by"] = json!(record.office.short());
            told["entry"] = json!(record.leaf.to_string());
            told
        })
        .collect();
    records.reverse();
    Value::Array(records)
}

/// A proposal: who, when, how many, and the first of them by name.
#[must_use]
pub fn proposal(registry: &Registry, proposal: &Proposal) -> Value {
    let declined: Vec<Value> = registry
        .declined(proposal.leaf)
        .map(|Declined { office, reason }| json!({ "office": office.short(), "reason": reason }))
        .collect();
    json!({
        "entry": proposal.leaf.to_string(),
        "office": proposal.office.short(),
        "place": name_of(proposal.office),
        "recorded_on": proposal.recorded_on.to_string(),
        "organs": proposal.organs.len(),
        "first": proposal.organs.first().map(|organ| organ.name.clone()),
        "registered_by": registry.registered_by(proposal.leaf).map(DivisionCode::short),
        "declined": declined,
    })
}

/// What does not count, and why.
#[must_use]
pub fn irregular(one: &Irregular) -> Value {
    json!({
        "entry": one.leaf.to_string(),
        "office": one.office.short(),
        "code": one.code.map(|code| code.to_string()),
        "why": one.why.to_string(),
    })
}
