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

/// A column of a list: its name for programs, in Chinese, in English.
pub type Column = (&'static str, &'static str, &'static str);

/// The lists a meaning may have, with the columns that are shown.
pub const LISTS: &[(&str, &[Column])] = &[
    ("months", &[("month", "月份", "month"), ("ended", "化解", "ended"), ("left", "尚余", "left")]),
    (
        "campaigns",
        &[
            ("title", "名称", "title"),
            ("taken", "收到", "taken"),
            ("adopted", "采纳", "adopted"),
            ("partly", "部分采纳", "partly"),
            ("declined", "未采纳", "declined"),
            ("issues", "各期篇数", "by issue"),
            ("entry", "条目", "entry"),
        ],
    ),
    (
        "receptions",
        &[
            ("held_on", "日期", "day"),
            ("leader", "领导", "leader"),
            ("place", "地点", "place"),
            ("booked", "已约", "booked"),
            ("seats", "可约", "seats"),
            ("entry", "条目", "entry"),
        ],
    ),
    (
        "courses",
        &[
            ("name", "课程", "course"),
            ("modules", "模块", "modules"),
            ("attended", "参训", "attended"),
            ("passed", "合格", "passed"),
            ("entry", "条目", "entry"),
        ],
    ),
    (
        "waiting",
        &[
            ("number", "号码", "number"),
            ("sort", "类别", "sort"),
            ("drawn_on", "日期", "day"),
            ("entry", "条目", "entry"),
        ],
    ),
    (
        "experts",
        &[
            ("name", "姓名", "name"),
            ("field", "专业", "field"),
            ("organ", "所在机关", "serves at"),
            ("until", "任期至", "until"),
            ("entry", "条目", "entry"),
        ],
    ),
];

/// A value as it is written in a list.
#[must_use]
pub fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None if value.is_null() => String::new(),
        None => value.to_string().replace('"', ""),
    }
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
