//! Rolls: what this office lists across cases, what each list comes to, and its entries.
//!
//! What a roll comes to is worked out at the desk; here it becomes figures, bars and columns of a month each. No roll is
//! of petitioners.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use terrace_proto::roll::Roll;

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room};
use crate::desk::DeskError;
use crate::view;
use crate::view::roll::LISTS;

/// Entries on one page.
const ROWS: u32 = 50;
/// Width of a column of a month, and height of the tallest, in points.
const COLUMN: usize = 56;
const TALL: u64 = 120;

#[derive(Debug, Template)]
#[template(path = "rolls.html")]
struct RollsPage {
    frame: Frame,
    rolls: Vec<Entrance>,
}

/// One roll in the list of all.
#[derive(Debug)]
struct Entrance {
    name: &'static str,
    zh: &'static str,
    /// The newest entry here; none where there is none.
    newest: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "roll.html")]
struct RollPage {
    frame: Frame,
    zh: &'static str,
    name: &'static str,
    shares: Vec<Part>,
    months: Vec<Month>,
    width: usize,
    tables: Vec<Table>,
    rows: Vec<Row>,
    next: Option<u64>,
}

/// So many of all.
#[derive(Debug)]
struct Part {
    name: String,
    of: u64,
    all: u64,
    told: String,
}

/// One month of a burn-down.
#[derive(Debug)]
struct Month {
    name: String,
    left: u64,
    ended: u64,
    x: usize,
    middle: usize,
    y: u64,
    height: u64,
}

/// What is listed, by column.
#[derive(Debug)]
struct Table {
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// One entry of a roll.
#[derive(Debug)]
struct Row {
    when: String,
    office: String,
    number: String,
    kind: String,
    words: Vec<(String, String)>,
}

/// Where a list goes on.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    before: Option<u64>,
}

/// All rolls.
pub(super) async fn all(
    State(console): State<Arc<Console>>,
    asked: Asked,
) -> Result<Response, Problem> {
    let frame = Frame::new(&console, &asked, Room::Rolls);
    let writing = console.office.write().await;
    let mut rolls = Vec::new();
    for roll in Roll::all() {
        let newest = writing.archive.roll(roll, None, (u64::MAX, 1)).await;
        let newest = newest.map_err(|error| Problem::archive(&console, &asked, &error))?;
        let newest = newest.first().map(|one| view::hour(one.recorded_at));
        rolls.push(Entrance { name: roll.name(), zh: roll.zh(), newest });
    }
    drop(writing);
    Ok(page(&RollsPage { frame, rolls }))
}

/// One roll.
pub(super) async fn one(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(name): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    let roll = Roll::named(&name).ok_or_else(|| Problem::unknown(&console, &asked, &name))?;
    let before = from.before.unwrap_or(u64::MAX);
    let mut writing = console.office.write().await;
    let entries = writing.archive.roll(roll, None, (before, ROWS)).await;
    let meaning = writing.desk().meaning(roll).await;
    drop(writing);
    let entries = entries.map_err(DeskError::from);
    let entries = entries.map_err(|error| Problem::desk(&console, &asked, &error))?;
    let meaning = meaning.map_err(|error| Problem::desk(&console, &asked, &error))?;
    let rows = view::roll::rows(console.office.store().as_ref(), &entries).await;
    let rows = rows.map_err(|error| Problem::store(&console, &asked, &error))?;
    let frame = Frame::new(&console, &asked, Room::Rolls);
    let full = entries.len() == ROWS as usize;
    let months = months(&meaning);
    Ok(page(&RollPage {
        zh: roll.zh(),
        name: roll.name(),
        shares: shares(&frame, &meaning),
        width: months.len() * COLUMN,
        months,
        tables: tables(&frame, &meaning),
        rows: rows.iter().map(|told| row(&frame, told)).collect(),
        next: entries.last().map(|one| one.position).filter(|_| full),
        frame,
    }))
}

/// The shares a meaning has: by level of leader, below the province, in all.
fn shares(frame: &Frame, meaning: &Value) -> Vec<Part> {
    let levels = meaning["levels"].as_array().into_iter().flatten();
    let levels =
        levels.map(|level| (frame.l(text(&level["zh"]), text(&level["en"])), &level["settled"]));
    let sums = [
        (frame.l("省级以下", "Below the province"), &meaning["below_province"]),
        (frame.l("合计", "In all"), &meaning["settled"]),
    ];
    let all = levels.chain(sums).filter(|(_, share)| share.is_object());
    let part = |(name, share): (&str, &Value)| Part {
        name: name.to_owned(),
        of: share["of"].as_u64().unwrap_or(0),
        all: share["all"].as_u64().unwrap_or(0),
        told: text(&share["share"]).to_owned(),
    };
    all.map(part).collect()
}

/// What was left at the end of each month, as columns beside one another.
fn months(meaning: &Value) -> Vec<Month> {
    let told: Vec<&Value> = meaning["months"].as_array().into_iter().flatten().collect();
    let count = |month: &Value, key: &str| month[key].as_u64().unwrap_or(0);
    let most = told.iter().map(|month| count(month, "left")).max().unwrap_or(0).max(1);
    let column = |(place, month): (usize, &&Value)| {
        let left = count(month, "left");
        let height = (left * TALL).div_ceil(most);
        Month {
            name: text(&month["month"]).to_owned(),
            left,
            ended: count(month, "ended"),
            x: place * COLUMN + COLUMN / 7,
            middle: place * COLUMN + COLUMN / 2,
            y: 20 + TALL - height,
            height,
        }
    };
    told.iter().enumerate().map(column).collect()
}

/// The lists a meaning has. Months are drawn as well as listed.
fn tables(frame: &Frame, meaning: &Value) -> Vec<Table> {
    let lists =
        LISTS.iter().filter_map(|(key, columns)| Some((meaning[*key].as_array()?, columns)));
    let table = |(rows, columns): (&Vec<Value>, &&'static [view::roll::Column])| Table {
        columns: columns.iter().map(|column| frame.l(column.1, column.2)).collect(),
        rows: rows
            .iter()
            .map(|row| columns.iter().map(|column| view::roll::plain(&row[column.0])).collect())
            .collect(),
    };
    lists.map(table).collect()
}

fn row(frame: &Frame, told: &Value) -> Row {
    let said = told["said"].as_array().into_iter().flatten();
    let words = said.map(|word| {
        let of = |zh: &str, en: &str| frame.l(text(&word[zh]), text(&word[en])).to_owned();
        (of("zh", "en"), of("text_zh", "text_en"))
    });
    Row {
        when: text(&told["recorded_at"]).parse().map(view::hour).unwrap_or_default(),
        office: text(&told["office"]).to_owned(),
        number: text(&told["number"]).to_owned(),
        kind: frame.l(text(&told["kind_zh"]), text(&told["kind"])).to_owned(),
        words: words.collect(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
