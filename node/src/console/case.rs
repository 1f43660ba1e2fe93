//! One case: how it stands, what was said, its way through the offices, and its timeline.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use terrace_proto::case::standing::day_of;
use terrace_proto::case::{Case, Fact};
use terrace_proto::digest::Digest;
use terrace_proto::entry::{Content, Entry, EntryId, Kind};

use super::Console;
use super::answer::{Problem, page};
use super::clocks::{self, Row};
use super::frame::{Asked, Frame, Room, hour, place};
use super::told::{self, Said};
use super::way::Way;
use crate::desk::DeskError;
use crate::notice::form::Form;
use crate::store::StoreError;
use crate::view::access::{self, Access};

/// One entry in the timeline.
#[derive(Debug)]
struct Moment {
    when: String,
    kind: String,
    who: String,
    officer: String,
    words: Vec<Said>,
    aside: Option<&'static str>,
    withheld: bool,
    /// Its words stand at the head of the page.
    above: bool,
    proof: String,
    leaf: String,
    /// Codes and titles of the documents it makes.
    notices: Vec<(&'static str, String)>,
}

#[derive(Debug, Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    number: String,
    id: String,
    title: String,
    state: &'static str,
    holder: String,
    /// How many agents brought it, and whether they act for the petitioner.
    proxy: Option<String>,
    due: Option<String>,
    overdue: Option<i32>,
    trouble: Vec<String>,
    /// An intake of it was registered here, so this office owes a receipt.
    receipt: bool,
    intake: Vec<Said>,
    way: Option<Way>,
    clocks: Vec<Row>,
    timeline: Vec<Moment>,
    /// Whether anything of it is sealed, and who opened it.
    sealed: bool,
    accesses: Vec<Access>,
    entitled: Vec<String>,
}

/// The page of a case, by number or id.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let case = found(&console, &asked, &name).await?;
    let entries =
        entries(&console, &case).await.map_err(|error| Problem::store(&console, &asked, &error))?;
    Ok(page(&made(&console, &asked, &case, &entries)))
}

/// The case that a number or id names.
pub(super) async fn found(console: &Console, asked: &Asked, name: &str) -> Result<Case, Problem> {
    let mut writing = console.office.write().await;
    let id = writing.desk().find(name).await;
    let case = match id {
        Ok(id) => writing.archive.case(id).await.map_err(DeskError::from),
        Err(error) => Err(error),
    };
    drop(writing);
    let case = case.map_err(|error| Problem::desk(console, asked, &error))?;
    case.ok_or_else(|| Problem::unknown(console, asked, name))
}

async fn entries(console: &Console, case: &Case) -> Result<BTreeMap<EntryId, Content>, StoreError> {
    let ids: Vec<EntryId> = case.facts().values().map(|fact| fact.header().id()).collect();
    let stored = console.office.store().entries_at(&ids).await?;
    let read = stored.into_iter().filter_map(|stored| {
        let content = Entry::read(stored.header, stored.body).ok()?.content()?;
        Some((stored.id, content))
    });
    Ok(read.collect())
}

fn made(
    console: &Console,
    asked: &Asked,
    case: &Case,
    entries: &BTreeMap<EntryId, Content>,
) -> CasePage {
    let frame = Frame::new(console, asked, Room::Cases);
    let leading = case.leading();
    let standing = case.at(console.office.now());
    let mut timeline = case.timeline();
    let first = timeline.iter().find(|fact| fact.header().kind.is_intake());
    let first = first.map(|fact| fact.header().id());
    let intake = first.and_then(|id| entries.get(&id)).map(|content| told::words(&frame, content));
    let (way, late) = (Way::of(&frame, case), case.late());
    let moments =
        timeline.drain(..).map(|fact| moment(&frame, case, fact, (entries, first), &late));
    let timeline = moments.collect();
    CasePage {
        number: case.called().unwrap_or_default(),
        id: case.id().to_string(),
        title: case.title().to_owned(),
        state: leading.map_or("", |thread| frame.l(thread.state().zh(), thread.state().en())),
        holder: leading.map(|thread| holder(thread.holder())).unwrap_or_default(),
        proxy: case.proxy().map(|proxy| {
            let mandate = frame.l(proxy.mandate.zh(), proxy.mandate.en());
            format!("{} · {mandate}", proxy.agents)
        }),
        due: leading.and_then(|thread| case.due_on(thread)).map(|day| day.to_string()),
        overdue: standing
            .overdue
            .iter()
            .map(|clock| clock.missed_by(day_of(console.office.now())))
            .max(),
        trouble: trouble(&frame, case),
        receipt: registered_here(console, case),
        intake: intake.unwrap_or_default(),
        way,
        clocks: clocks::rows(&frame, case, day_of(console.office.now())),
        timeline,
        sealed: case.sealed_parts().next().is_some(),
        accesses: access::log(case, |id| entries.get(&id).cloned()),
        entitled: case.audience().iter().map(|code| place(*code)).collect(),
        frame,
    }
}

fn registered_here(console: &Console, case: &Case) -> bool {
    let me = console.office.identity().me;
    let mut headers = case.facts().values().map(Fact::header);
    headers.any(|header| header.kind == Kind::IntakeRegistered && header.journal == me)
}

fn holder(holder: &terrace_proto::entry::Holder) -> String {
    let place = place(holder.division);
    if holder.organ.is_empty() { place } else { format!("{place} / {}", holder.organ) }
}

/// What keeps the case from going on, in sentences.
fn trouble(frame: &Frame, case: &Case) -> Vec<String> {
    let mut trouble = Vec::new();
    for contest in case.threads().values().filter_map(|thread| thread.contest()) {
        let settler = place(contest.settler);
        trouble.push(match frame.tag() {
            "en" => format!(
                "Contested: nobody advances it until {settler} settles which entry applies."
            ),
            _ => format!("存争：由{settler}裁定采用哪一条之前，任何单位不得推进。"),
        });
    }
    if let Some(parked) = case.parked() {
        let words =
            frame.l("搁置待读：本节点的版本还不能解读", "Parked: this version cannot interpret");
        trouble.push(format!("{words} ({parked})"));
    }
    if case.is_waiting() {
        let words = frame.l(
            "待前件：有条目的前件还在路上。",
            "Waiting: an entry is here whose predecessor is still on its way.",
        );
        trouble.push(words.to_owned());
    }
    trouble
}

fn moment(
    frame: &Frame,
    case: &Case,
    fact: &Fact,
    (entries, first): (&BTreeMap<EntryId, Content>, Option<EntryId>),
    late: &BTreeSet<Digest>,
) -> Moment {
    let header = fact.header();
    let above = first == Some(header.id());
    let content = entries.get(&header.id()).filter(|_| !above);
    let JournalAddress(proof) = JournalAddress::of(header.id());
    Moment {
        when: hour(header.recorded_at),
        kind: told::kind(frame, header.kind),
        who: told::author(header),
        officer: header.hand.officer.clone(),
        words: content.map(|content| told::words(frame, content)).unwrap_or_default(),
        aside: case
            .aside()
            .get(&fact.leaf())
            .map(|aside| told::aside(frame, *aside))
            .or_else(|| late.contains(&fact.leaf()).then(|| told::late(frame))),
        withheld: !fact.has_body(),
        above,
        proof,
        leaf: fact.leaf().to_string(),
        notices: notices(frame, case, fact, entries.get(&header.id())),
    }
}

/// The documents that an entry makes.
fn notices(
    frame: &Frame,
    case: &Case,
    fact: &Fact,
    content: Option<&Content>,
) -> Vec<(&'static str, String)> {
    let forms = content.map(|content| Form::of(case, fact, content));
    let told = |form: Form| (form.code(), frame.l(form.zh(), form.en()).to_owned());
    forms.unwrap_or_default().into_iter().map(told).collect()
}

/// Where an entry is proved.
#[derive(Debug, Default)]
pub(super) struct JournalAddress(pub(super) String);

impl JournalAddress {
    /// The page of the entry.
    pub(super) fn of(id: EntryId) -> Self {
        let EntryId { journal, sequence } = id;
        Self(format!("/journal/{}.{}/{sequence}", journal.author.short(), journal.epoch))
    }
}
