//! The tables of the page: rates and counts by division, and what passed between levels.
//!
//! A row of its own stands for what the division's own office does, so that the numbers below add up to the one above.

use std::collections::BTreeMap;

use terrace_proto::division::DivisionCode;
use terrace_proto::figure::share::Share;
use terrace_proto::figure::table::{Line, Shown, Table, Value, parts};
use terrace_proto::figure::{Figure, RUNGS, Shape, passed_on};

use super::super::frame::Frame;
use crate::figure::{sheet, told};
use crate::view::name_of;

/// A number of the table.
#[derive(Debug)]
pub(super) struct Number {
    pub(super) told: String,
    pub(super) change: String,
    /// To what lies behind it.
    pub(super) address: Option<String>,
}

/// What one level passed on, to each level.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) from: &'static str,
    pub(super) to: Vec<Passed>,
}

/// How much went from a level to a level.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) count: u64,
    /// How wide its bar is, in per cent of the widest.
    pub(super) width: u64,
    pub(super) class: &'static str,
}

/// A table of some of the lines.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) code: String,
    pub(super) address: Option<String>,
    pub(super) numbers: Vec<Number>,
}

/// The lines of the table: rates whole, and what has parts by its parts.
fn lines() -> Vec<Line> {
    // What was passed on has a picture of its own.
    Figure::all().filter(|figure| *figure != Figure::PassedOn).flat_map(Line::of).collect()
}

/// The tables of a page: rates, and what is counted.
pub(super) fn sheets(
    frame: &Frame,
    table: &Table,
    query: &impl Fn(Figure) -> String,
) -> Vec<Sheet> {
    let (rates, counts): (Vec<Line>, Vec<Line>) =
        lines().into_iter().partition(|line| is_rate(*line));
    let counted = frame.l("件数与越级走访", "Counts, and visits past the level rule");
    let named = [(frame.l("履职率", "Duties kept"), rates), (counted, counts)];
    let sheet = |(name, lines): (&'static str, Vec<Line>)| Sheet {
        name,
        headings: lines.iter().map(|line| heading(frame, *line)).collect(),
        rows: rows(frame, table, &lines, query),
    };
    named.into_iter().map(sheet).collect()
}

/// What was passed on between levels within the division.
pub(super) fn flow(frame: &Frame, table: &Table) -> Vec<Stream> {
    let count = |from: usize, to: usize| {
        let part = passed_on(u32::try_from(from).unwrap_or(0), u32::try_from(to).unwrap_or(0));
        let value = table.rows[0].values.get(&Line { figure: Figure::PassedOn, part });
        match value.map(|value| value.now) {
            Some(Shown::Share(share)) => share.of,
            Some(Shown::Few) | None => 0,
        }
    };
    let levels = 0..RUNGS.len();
    let pairs = levels.clone().flat_map(|from| levels.clone().map(move |to| (from, to)));
    let most = pairs.map(|(from, to)| count(from, to)).max().unwrap_or(0).max(1);
    let passed = |from: usize, to: usize| Passed {
        count: count(from, to),
        width: count(from, to) * 100 / most,
        class: match from.cmp(&to) {
            std::cmp::Ordering::Less => "down",
            std::cmp::Ordering::Equal => "across",
            std::cmp::Ordering::Greater => "up",
        },
    };
    let stream = |from: usize| Stream {
        from: frame.l(RUNGS[from].0, RUNGS[from].1),
        to: levels.clone().map(|to| passed(from, to)).collect(),
    };
    levels.clone().map(stream).collect()
}

/// Whether a line is a share of the whole division: packages stand with the counts, by the level of their leaders.
fn is_rate(line: Line) -> bool {
    line.figure.shape() == Shape::Share && parts(line.figure).is_empty()
}

fn heading(frame: &Frame, line: Line) -> String {
    let (zh, en) = told::part(line);
    let (figure, part) = (frame.l(line.figure.zh(), line.figure.en()), frame.l(&zh, &en));
    if part.is_empty() { figure.to_owned() } else { format!("{figure} · {part}") }
}

/// A row for the division and each below it, and one for what the division's own office does.
fn rows(
    frame: &Frame,
    table: &Table,
    lines: &[Line],
    query: &impl Fn(Figure) -> String,
) -> Vec<Row> {
    let Some((whole, _)) = table.rows.split_first() else { return Vec::new() };
    let number = |division: DivisionCode, own: bool, line: &Line, value: Option<&Value>| {
        let Some(value) = value else {
            return Number { told: "–".into(), change: String::new(), address: None };
        };
        let (told, mut change) = (sheet::told(*line, value.now), sheet::change(*line, *value));
        if change.starts_with("n/a") {
            change = String::new();
        }
        let leads = line.figure.shape() != Shape::Visits
            && (!own || line.figure.has_cases())
            && told != "n/a"
            && told != "0";
        let cases = if own { "/cases" } else { "" };
        let address = format!("/figures/{}{cases}?{}", division.short(), query(line.figure));
        Number { told, change, address: leads.then_some(address) }
    };
    let mut rows: Vec<Row> = table
        .rows
        .iter()
        .map(|row| Row {
            name: name_of(row.division),
            code: row.division.short(),
            address: (row.division != whole.division).then(|| {
                format!("/figures/{}?{}", row.division.short(), query(Figure::OnSchedule))
            }),
            numbers: lines
                .iter()
                .map(|line| number(row.division, false, line, row.values.get(line)))
                .collect(),
        })
        .collect();
    let own = own_values(table);
    rows.insert(
        1,
        Row {
            name: frame.l("其中：本级单位", "of these, the office itself").to_owned(),
            code: whole.division.short(),
            address: None,
            numbers: lines
                .iter()
                .map(|line| number(whole.division, true, line, own.get(line)))
                .collect(),
        },
    );
    rows
}

/// What the office of the division itself did: the sum without those below. Of visits it would tell of few; it is left out.
fn own_values(table: &Table) -> BTreeMap<Line, Value> {
    let Some((whole, below)) = table.rows.split_first() else { return BTreeMap::new() };
    let share = |shown: Shown| match shown {
        Shown::Share(share) => share,
        Shown::Few => Share::default(),
    };
    let less = |whole: Shown, of: &dyn Fn(&Value) -> Shown, line: &Line| {
        let below: Share =
            below.iter().filter_map(|row| row.values.get(line)).map(|v| share(of(v))).sum();
        let whole = share(whole);
        Shown::Share(Share {
            of: whole.of.saturating_sub(below.of),
            all: whole.all.saturating_sub(below.all),
        })
    };
    let counted = whole.values.iter().filter(|(line, _)| line.figure.shape() != Shape::Visits);
    let own = counted.map(|(line, value)| {
        let now = less(value.now, &|one| one.now, line);
        let before = less(value.before, &|one| one.before, line);
        (*line, Value { now, before })
    });
    own.collect()
}
