//! The offices below, as a picture to zoom into and a table: what each holds, what of it is overdue, and as of
//! which of its checkpoints that is known here.
//!
//! Rows stand in the order of the division codes. Nothing is ordered by how much there is of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use terrace_proto::case::standing;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::days_of;

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room, hour_of, place};
use super::icicle::{Freshness, Icicle};
use crate::store::StoreError;
use crate::view::name_of;

/// What is known here of a division and all below it.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Offices enrolled, this one included.
    pub(super) offices: u64,
    /// Open cases held.
    pub(super) open: u64,
    /// Of them, past their day.
    pub(super) overdue: u64,
    /// Size of its own journal, as held here.
    pub(super) size: Option<u64>,
    /// When its newest entries were stored here, milliseconds since 1970 UTC.
    pub(super) stored_at: Option<i64>,
}

/// What is known of the divisions of a subtree.
pub(super) type Knowledge = BTreeMap<DivisionCode, Known>;

#[derive(Debug)]
struct Row {
    address: String,
    name: String,
    code: String,
    level: &'static str,
    below: usize,
    offices: u64,
    open: u64,
    overdue: u64,
    size: Option<u64>,
    stored: Option<String>,
    freshness: Freshness,
    freshness_told: &'static str,
}

#[derive(Debug)]
struct Crumb {
    address: String,
    name: String,
}

#[derive(Debug, Template)]
#[template(path = "subtree.html")]
struct SubtreePage {
    frame: Frame,
    here: String,
    crumbs: Vec<Crumb>,
    rows: Vec<Row>,
    picture: Icicle,
    legend: Vec<(Freshness, &'static str)>,
}

/// All below this office.
pub(super) async fn whole(
    State(console): State<Arc<Console>>,
    asked: Asked,
) -> Result<Response, Problem> {
    let me = console.office.identity().me.author;
    answer(&console, &asked, me).await
}

/// One division and what is below it.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let me = console.office.identity().me.author;
    let within = |code: &DivisionCode| Tree::national().is_within(*code, me);
    match code.parse::<DivisionCode>().ok().filter(|code| Tree::national().node(*code).is_ok()) {
        Some(code) if within(&code) => answer(&console, &asked, code).await,
        Some(_) | None => Err(Problem::unknown(&console, &asked, &code)),
    }
}

async fn answer(console: &Console, asked: &Asked, at: DivisionCode) -> Result<Response, Problem> {
    let problem = |error: StoreError| Problem::store(console, asked, &error);
    let frame = Frame::new(console, asked, Room::Subtree);
    let knowledge = knowledge(console).await.map_err(problem)?;
    let (me, now) = (console.office.identity().me.author, console.office.now().as_millisecond());
    let tree = Tree::national();
    let rows = std::iter::once(at)
        .chain(tree.answering_to(at).map(|division| division.code))
        .map(|code| row(&frame, &knowledge, code, now))
        .collect();
    let crumbs = tree.path(at).into_iter().filter(|code| tree.is_within(*code, me));
    let crumb = |code: DivisionCode| Crumb {
        address: format!("/subtree/{}", code.short()),
        name: name_of(code),
    };
    let picture = Icicle::of(&frame, &knowledge, at, now);
    let legend = Freshness::ALL.map(|freshness| (freshness, freshness.told(&frame))).to_vec();
    let (here, crumbs) = (place(at), crumbs.map(crumb).collect());
    Ok(page(&SubtreePage { frame, here, crumbs, rows, picture, legend }))
}

/// Everything known here, summed up the tree.
async fn knowledge(console: &Console) -> Result<Knowledge, StoreError> {
    let tree = Tree::national();
    let today = days_of(standing::day_of(console.office.now()));
    let store = console.office.store();
    let mut knowledge = Knowledge::new();
    for reach in store.reaches().await? {
        let office = reach.journal.author;
        for above in tree.path(office) {
            knowledge.entry(above).or_default().offices += 1;
        }
        let own = knowledge.entry(office).or_default();
        own.size = Some(reach.frontier.size());
        own.stored_at = own.stored_at.max(reach.stored_at);
    }
    for holding in store.holdings(today).await? {
        for above in tree.path(holding.division) {
            let known = knowledge.entry(above).or_default();
            known.open += holding.cases;
            known.overdue += holding.overdue;
        }
    }
    Ok(knowledge)
}

fn row(frame: &Frame, knowledge: &Knowledge, code: DivisionCode, now: i64) -> Row {
    let known = knowledge.get(&code).cloned().unwrap_or_default();
    let freshness = Freshness::of(&known, now);
    Row {
        address: format!("/subtree/{}", code.short()),
        name: name_of(code),
        code: code.short(),
        level: frame.l(code.level().zh(), code.level().en()),
        below: Tree::national().nodes_within(code),
        offices: known.offices,
        open: known.open,
        overdue: known.overdue,
        size: known.size,
        stored: known.stored_at.map(hour_of),
        freshness,
        freshness_told: freshness.told(frame),
    }
}
