//! Tables and coverage in words: as JSON for programs, whose bytes are what a publication signs, and as sentences.
//!
//! The JSON of a table is made of the table and the hour alone, key by key in the order of the alphabet; so the same table
//! gives the same bytes.

use jiff::{Timestamp, tz};
use serde_json::{Value, json};
use terrace_proto::figure::coverage::Coverage;
use terrace_proto::figure::share::Share;
use terrace_proto::figure::table::{Line, Row, Shown, Table, Value as Told, parts};
use terrace_proto::figure::{Figure, Shape};

use crate::view::name_of;

/// What the JSON of a table is called, so that a reader of another version knows.
const FORM: &str = "terrace/table/1";
/// What stands where few persons came.
pub const FEW: &str = "<5";

/// A table as JSON, read at an hour.
#[must_use]
pub fn table(table: &Table, at: Timestamp) -> Value {
    json!({
        "form": FORM,
        "period": table.period.to_string(),
        "before": table.before.to_string(),
        "as_of": at.to_string(),
        "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &Row) -> Value {
    json!({
        "division": row.division.short(),
        "name": name_of(row.division),
        "values": row.values.iter().map(|(line, told)| value(*line, *told)).collect::<Vec<_>>(),
    })
}

fn value(line: Line, told: Told) -> Value {
    let (part_zh, part_en) = part(line);
    json!({
        "figure": line.figure.code(),
        "part": line.part,
        "zh": line.figure.zh(), "en": line.figure.en(),
        "part_zh": part_zh, "part_en": part_en,
        "now": shown(line.figure, told.now), "before": shown(line.figure, told.before),
        "change": changes(line.figure, told),
    })
}

fn shown(figure: Figure, shown: Shown) -> Value {
    match (shown, figure.shape()) {
        (Shown::Few, _) => json!({ "few": true }),
        (Shown::Share(share), Shape::Share) => {
            json!({ "of": share.of, "all": share.all, "share": share.to_string() })
        }
        (Shown::Share(share), Shape::Count) => json!({ "count": share.of }),
        (Shown::Share(share), Shape::Visits) => {
            json!({ "batches": share.of, "persons": share.all })
        }
    }
}

fn changes(figure: Figure, told: Told) -> Value {
    let change = |of: fn(Share) -> u64| {
        told.change(of).map_or_else(|| "n/a".to_owned(), |change| change.to_string())
    };
    match figure.shape() {
        Shape::Share => json!({ "points": points(told) }),
        Shape::Count => json!({ "count": change(|share| share.of) }),
        Shape::Visits => {
            json!({ "batches": change(|share| share.of), "persons": change(|share| share.all) })
        }
    }
}

/// How a share moved in percentage points, as `+1.5` or `n/a`.
#[must_use]
pub fn points(told: Told) -> String {
    let Some(tenths) = told.points() else { return "n/a".into() };
    let sign = match tenths {
        ..0 => "−",
        0 => "",
        1.. => "+",
    };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

/// The part of a figure that a line is of, in Chinese and in English; empty where it has none.
#[must_use]
pub fn part(line: Line) -> (String, String) {
    let known = parts(line.figure).into_iter().find(|part| part.0 == line.part);
    known.map(|(_, zh, en)| (zh, en)).unwrap_or_default()
}

/// Coverage as JSON.
#[must_use]
pub fn coverage(coverage: &Coverage) -> Value {
    let below = coverage.below.iter().map(|(division, heard)| {
        json!({
            "division": division.short(), "name": name_of(*division),
            "heard": heard.offices.of, "offices": heard.offices.all,
            "newest": heard.newest.map(|at| at.to_string()),
        })
    });
    let silent = coverage.silent.iter().map(|(division, last)| {
        json!({
            "division": division.short(), "name": name_of(*division),
            "since": last.map(|at| at.to_string()),
        })
    });
    json!({
        "at": coverage.at.to_string(),
        "offices": coverage.whole.offices.all,
        "heard_within_a_day": coverage.whole.offices.of,
        "share": coverage.whole.offices.to_string(),
        "below": below.collect::<Vec<_>>(),
        "silent": silent.collect::<Vec<_>>(),
        "silent_towns": coverage.silent_towns,
        "waiting": coverage.waiting,
        "zh": sentences(coverage).0, "en": sentences(coverage).1,
    })
}

/// Coverage in a sentence of each language.
#[must_use]
pub fn sentences(coverage: &Coverage) -> (String, String) {
    let share = coverage.whole.offices;
    let mut zh = format!("一日内有报的单位 {share}（{}/{}）", share.of, share.all);
    let mut en = format!("{share} of offices heard within a day ({} of {})", share.of, share.all);
    let newest =
        coverage.below.iter().filter_map(|(division, heard)| Some((division, heard.newest?)));
    // The one that lags most says how late the whole may be.
    if let Some((division, at)) = newest.min_by_key(|(_, at)| *at) {
        let (hour, name) = (hour(at, coverage.at), name_of(*division));
        zh += &format!("；{name}截至 {hour}");
        en += &format!("; {name} as of {hour}");
    }
    let named: Vec<String> = coverage.silent.keys().map(|division| name_of(*division)).collect();
    if !named.is_empty() {
        let since = coverage.silent.values().filter_map(|last| *last).min();
        let since = since.map(|at| hour(at, coverage.at));
        let some = named.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("、");
        let more = if named.len() > 3 { "等" } else { "" };
        zh += &format!("；{} 个县级以上单位无报：{some}{more}", named.len());
        en += &format!("; {} offices from counties up silent", named.len());
        if let Some(since) = since {
            zh += &format!("（最早自 {since}）");
            en += &format!(", the longest since {since}");
        }
    }
    if coverage.silent_towns > 0 {
        zh += &format!("；{} 个乡级单位无报", coverage.silent_towns);
        en += &format!("; {} townships silent", coverage.silent_towns);
    }
    if let Some(waiting) = coverage.waiting.filter(|waiting| *waiting > 0) {
        zh += &format!("；{waiting} 件待前件，按已到条目统计");
        en += &format!("; {waiting} cases wait for entries, counted as far as they go");
    }
    (zh, en)
}

/// An hour in China; with its day, unless that is the day it is told on.
fn hour(at: Timestamp, told_at: Timestamp) -> String {
    let local = |at| tz::offset(8).to_datetime(at);
    let form = if local(at).date() == local(told_at).date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    local(at).strftime(form).to_string()
}
