//! Rolls as JSON: one row an entry, with its words and the number of its case.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use terrace_proto::case::{Link, Relation};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::body;

use super::words;
use crate::archive::rolling::Enrolled;
use crate::store::{Store, StoreError};

/// The rows of some entries of a roll.
pub async fn rows(store: &dyn Store, entries: &[Enrolled]) -> Result<Vec<Value>, StoreError> {
    let cases: Vec<CaseId> = entries.iter().filter_map(|one| one.case).collect();
    let known = store.cases(&cases).await?;
    let numbers: BTreeMap<CaseId, Option<String>> =
        known.into_iter().map(|case| (case.id, case.number)).collect();
    Ok(entries.iter().map(|one| row(one, &numbers)).collect())
}

fn row(one: &Enrolled, numbers: &BTreeMap<CaseId, Option<String>>) -> Value {
    let kind = one.content.as_ref().map(body::kind);
    json!({
        "position": one.position,
        "leaf": one.leaf.to_string(),
        "office": one.entry.journal.author.short(),
        "sequence": one.entry.sequence,
        "recorded_at": one.recorded_at.to_string(),
        "case": one.case.map(|case| case.to_string()),
        "number": one.case.and_then(|case| numbers.get(&case).cloned().flatten()),
        "kind": kind.map(terrace_proto::entry::Kind::en),
        "kind_zh": kind.map(terrace_proto::entry::Kind::zh),
        "words": one.content.as_ref().map(words::json),
        "said": one.content.as_ref().map(words::pairs),
    })
}

/// A link of a case.
pub(super) fn link(link: &Link) -> Value {
    let (zh, en) = match link.relation {
        Relation::Same => ("同一事项", "the same matter"),
        Relation::NewFacts => ("新的事实", "new facts"),
        Relation::Related => ("相关", "related"),
    };
    json!({ "case": link.other.to_string(), "relation": en, "relation_zh": zh, "entry": link.leaf.to_string() })
}
