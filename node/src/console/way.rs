//! A case's way through the offices, as a picture: one terrace for each office, from the highest down, and a
//! line that runs where the case was held and steps where it was handed over.
//!
//! Only the geometry is worked out here; it is drawn by a template. The columns keep the order of the thread:
//! hours are written at them, never used to order them.

use std::collections::BTreeMap;

use terrace_proto::case::{Case, Fact, State};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Kind;

use super::frame::{Frame, hour, length};
use super::told;
use crate::view::name_of;

const LABELS: i32 = 168;
/// The picture is as wide as a page where it can be, and wider where its words would run into each other.
const PAGE: i32 = 1_150;
const WIDEST: i32 = 120;
const LANE: i32 = 62;
const STEP: i32 = 10;
const TOP: i32 = 14;
const FOOT: i32 = 46;

/// The picture.
#[derive(Debug)]
pub(super) struct Way {
    column: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) lanes: Vec<Lane>,
    pub(super) lines: Vec<Line>,
    pub(super) marks: Vec<Mark>,
    pub(super) hours: Vec<Hour>,
    pub(super) lengths: Vec<Length>,
    /// What the picture shows, told in one sentence.
    pub(super) told: String,
}

/// An office.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) middle: i32,
    pub(super) name: String,
    pub(super) code: String,
    pub(super) holds: bool,
}

/// A stretch of the line.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) from: (i32, i32),
    pub(super) to: (i32, i32),
    /// Handed over and not yet received.
    pub(super) in_transit: bool,
}

/// An entry.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) label: i32,
    pub(super) kind: String,
    /// A step of the thread; otherwise an entry beside it.
    pub(super) step: bool,
    /// Kept, but not applied.
    pub(super) aside: bool,
}

/// What is written below a column.
#[derive(Debug)]
pub(super) struct Hour {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) day: String,
    pub(super) time: String,
}

/// How long the case was in one place.
#[derive(Debug)]
pub(super) struct Length {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) text: String,
}

impl Way {
    /// The way of a case; `None` while its opening is not here.
    pub(super) fn of(frame: &Frame, case: &Case) -> Option<Self> {
        let thread = case.leading().filter(|thread| !thread.steps().is_empty())?;
        let course = case.course();
        let facts = in_order(case, &course);
        let lanes = lanes(&facts, thread.holder().division);
        let count = i32::try_from(facts.len()).ok()?;
        let narrowest = if frame.tag() == "en" { 100 } else { 76 };
        let column = ((PAGE - LABELS) / (count + 1)).clamp(narrowest, WIDEST);
        let width = LABELS + column * count + column / 2;
        let height = TOP + LANE * i32::try_from(lanes.len()).ok()?;
        let mut way = Self {
            column,
            width,
            height: height + FOOT,
            lanes: Vec::new(),
            lines: Vec::new(),
            marks: Vec::new(),
            hours: Vec::new(),
            lengths: Vec::new(),
            told: told_way(frame, &facts, &course, thread.state()),
        };
        way.draw_lanes(&lanes, thread.holder().division);
        way.draw_line(frame, case, &facts, (&course, thread.state()), &lanes);
        way.draw_hours(&facts, height);
        Some(way)
    }

    fn draw_lanes(&mut self, lanes: &BTreeMap<DivisionCode, i32>, holder: DivisionCode) {
        for (division, row) in lanes {
            let (x, y) = (STEP * row, TOP + LANE * row);
            self.lanes.push(Lane {
                x,
                y,
                width: self.width - x,
                height: LANE,
                middle: y + LANE / 2,
                name: name_of(*division),
                code: division.short(),
                holds: *division == holder,
            });
        }
    }

    fn draw_line(
        &mut self,
        frame: &Frame,
        case: &Case,
        facts: &[&Fact],
        (steps, state): (&[Digest], State),
        lanes: &BTreeMap<DivisionCode, i32>,
    ) {
        let mut last: Option<((i32, i32), &Fact)> = None;
        for (column, fact) in (0..).zip(facts) {
            let header = fact.header();
            let row = lanes.get(&header.journal.author).copied().unwrap_or(0);
            let (x, y) =
                (LABELS + self.column * column + self.column / 2, TOP + LANE * row + LANE / 2);
            let step = steps.contains(&fact.leaf());
            let aside = case.aside().contains_key(&fact.leaf());
            let kind = told::kind(frame, header.kind);
            self.marks.push(Mark { x, y, label: y + 22, kind, step, aside });
            if !step {
                continue;
            }
            if let Some(((from_x, from_y), before)) = last {
                let in_transit = is_hop(before.header().kind);
                self.lines.push(Line { from: (from_x, from_y), to: (x, y), in_transit });
                let seconds =
                    header.recorded_at.duration_since(before.header().recorded_at).as_secs();
                if seconds >= 60 {
                    let text = length(seconds, frame.language());
                    self.lengths.push(Length {
                        x: (from_x + x) / 2,
                        y: (from_y + y) / 2 - 8,
                        text,
                    });
                }
            }
            last = Some(((x, y), fact));
        }
        // What can still be advanced goes on: where it is held, or to where it was handed over last.
        if let Some(((x, y), fact)) = last.filter(|_| !state.is_final()) {
            let to = fact.header().custody_to.as_ref().and_then(|to| lanes.get(&to.division));
            let row = to.copied().unwrap_or(0);
            let to = (x + self.column * 2 / 3, TOP + LANE * row + LANE / 2);
            let in_transit = is_hop(fact.header().kind);
            self.lines.push(Line { from: (x, y), to, in_transit });
        }
    }

    fn draw_hours(&mut self, facts: &[&Fact], y: i32) {
        for (column, fact) in (0..).zip(facts) {
            let hour = hour(fact.header().recorded_at);
            let (day, time) = hour.split_once(' ').unwrap_or((&hour, ""));
            self.hours.push(Hour {
                x: LABELS + self.column * column + self.column / 2,
                y,
                day: day.get(5..).unwrap_or(day).to_owned(),
                time: time.to_owned(),
            });
        }
    }
}

/// The steps in the order of the thread, and what stands beside it where its hour falls among them.
fn in_order<'c>(case: &'c Case, steps: &[Digest]) -> Vec<&'c Fact> {
    let mut order: Vec<&Fact> = steps.iter().filter_map(|leaf| case.facts().get(leaf)).collect();
    let beside = case.timeline().into_iter().filter(|fact| !steps.contains(&fact.leaf()));
    for fact in beside {
        let later = |other: &&Fact| other.header().recorded_at > fact.header().recorded_at;
        // An intake is written in the same breath as the opening and comes before it.
        let first = fact.header().kind == Kind::IntakeRegistered
            && order.first().is_some_and(|o| o.header().recorded_at == fact.header().recorded_at);
        let at = if first { 0 } else { order.iter().position(later).unwrap_or(order.len()) };
        order.insert(at, fact);
    }
    order
}

/// The offices that wrote or held, from the highest down, each with its row.
fn lanes(facts: &[&Fact], holder: DivisionCode) -> BTreeMap<DivisionCode, i32> {
    let held = facts.iter().filter_map(|fact| fact.header().custody_to.as_ref());
    let mut offices: Vec<DivisionCode> = held
        .map(|to| to.division)
        .chain(facts.iter().map(|fact| fact.header().journal.author))
        .chain([holder])
        .collect();
    offices.sort_by_key(|code| (code.level(), *code));
    offices.dedup();
    offices.into_iter().zip(0..).collect()
}

fn is_hop(kind: Kind) -> bool {
    let hops = [Kind::Transferred, Kind::Assigned, Kind::Disputed, Kind::DisputeRejected];
    hops.contains(&kind)
}

fn told_way(frame: &Frame, facts: &[&Fact], steps: &[Digest], state: State) -> String {
    let mut offices: Vec<String> = Vec::new();
    for fact in facts.iter().filter(|fact| steps.contains(&fact.leaf())) {
        let to = fact.header().custody_to.as_ref().map(|to| name_of(to.division));
        offices.extend(to.filter(|name| offices.last() != Some(name)));
    }
    let (way, state) = (offices.join(" → "), frame.l(state.zh(), state.en()));
    format!("{}: {way}; {state}", frame.l("本事项经过", "The case went"))
}
