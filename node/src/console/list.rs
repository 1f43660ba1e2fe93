//! Cases as a list: what is to be done here, what is overdue, what needs attention, all, and what was searched.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use terrace_proto::case::number::NumberError;
use terrace_proto::case::{CaseNumber, State as CaseState, standing};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::Header;
use terrace_proto::entry::header::days_of;

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room, day_of, hour_of, place};
use crate::store::{CaseRecord, StoreError, Wanted};

/// Rows on a page.
const ROWS: u32 = 50;
/// Entries that a search looks at before it says that there are more.
const FOUND: u32 = 200;

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
    before: Option<u64>,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Here,
    Overdue,
    Attention,
    All,
}

const TABS: [(Which, &str, &str, &str); 4] = [
    (Which::Here, "here", "本单位待办", "To do here"),
    (Which::Overdue, "overdue", "已逾期", "Overdue"),
    (Which::Attention, "attention", "需注意", "Needs attention"),
    (Which::All, "all", "全部事项", "All cases"),
];

#[derive(Debug)]
struct Tab {
    address: &'static str,
    name: &'static str,
    current: bool,
}

/// One case in a list.
#[derive(Debug)]
struct Row {
    id: String,
    number: String,
    title: String,
    state: &'static str,
    holder: String,
    opened: String,
    due: Option<Date>,
    days_over: i32,
    flag: Option<&'static str>,
}

#[derive(Debug, Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    query: String,
    hint: String,
    next: Option<String>,
    empty: &'static str,
}

/// The list.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let frame = Frame::new(&console, &asked, Room::Cases);
    let store_problem = |error: StoreError| Problem::store(&console, &asked, &error);
    let query = question.q.trim();
    if !query.is_empty() {
        let (records, hint) = search(&console, &frame, query).await.map_err(store_problem)?;
        return Ok(listed(&console, frame, None, records, query, hint));
    }
    let tab = TABS.iter().find(|tab| tab.1 == question.show).unwrap_or(&TABS[0]);
    let before = question.before.unwrap_or(u64::MAX);
    let wanted = wanted(&console, tab.0);
    let records = console.office.store().cases_wanted(&wanted, before, ROWS).await;
    Ok(listed(&console, frame, Some(tab.0), records.map_err(store_problem)?, "", String::new()))
}

fn wanted(console: &Console, which: Which) -> Wanted {
    let me = console.office.identity().me.author;
    let today = days_of(standing::day_of(console.office.now()));
    match which {
        Which::Here => Wanted { holder: Some(me), open: Some(true), ..Wanted::default() },
        Which::Overdue => Wanted { open: Some(true), due_before: Some(today), ..Wanted::default() },
        Which::Attention => Wanted { attention: true, ..Wanted::default() },
        Which::All => Wanted::default(),
    }
}

/// By a number, the beginning of one, or words in titles and in what was written.
async fn search(
    console: &Console,
    frame: &Frame,
    query: &str,
) -> Result<(Vec<CaseRecord>, String), StoreError> {
    let store = console.office.store();
    let mut hint = String::new();
    // A former number has any form.
    let exact = store.cases_numbered(query).await?;
    if !exact.is_empty() {
        return Ok((exact, hint));
    }
    let (found, more) = match query.parse::<CaseNumber>() {
        Ok(number) => (store.cases_numbered(&number.to_string()).await?, false),
        Err(NumberError::CheckDigit { .. }) => {
            let words = frame.l(
                "校验位不符：可能抄错一位，或相邻两位颠倒。请对照回执再输入一次。",
                "The check digit does not fit: a digit was misread, or two were swapped. Compare with the slip.",
            );
            return Ok((Vec::new(), words.to_owned()));
        }
        Err(NumberError::Form(_)) if query.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            let wanted = Wanted { number: Some(query.to_owned()), ..Wanted::default() };
            let found = store.cases_wanted(&wanted, u64::MAX, ROWS + 1).await?;
            let more = found.len() > ROWS as usize;
            (found, more)
        }
        Err(NumberError::Form(_)) => by_words(console, query).await?,
    };
    if more {
        let words = frame.l(
            "结果太多，只列出其中一部分；请多输入几个字。",
            "There is more than is shown; add a word.",
        );
        words.clone_into(&mut hint);
    }
    Ok((found.into_iter().take(ROWS as usize).collect(), hint))
}

async fn by_words(console: &Console, query: &str) -> Result<(Vec<CaseRecord>, bool), StoreError> {
    let store = console.office.store();
    let titled = Wanted { title: Some(query.to_owned()), ..Wanted::default() };
    let mut found = store.cases_wanted(&titled, u64::MAX, ROWS + 1).await?;
    let said = store.entries_saying(query, FOUND).await?;
    let many = said.len() >= FOUND as usize;
    let headers = said.iter().filter_map(|entry| Header::read(&entry.header).ok());
    let mut ids: Vec<CaseId> = headers.filter_map(|header| header.case).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| found.iter().all(|case| case.id != *id));
    found.extend(store.cases(&ids).await?);
    found.sort_by_key(|case| std::cmp::Reverse(case.row));
    let more = many || found.len() > ROWS as usize;
    Ok((found, more))
}

fn listed(
    console: &Console,
    frame: Frame,
    which: Option<Which>,
    records: Vec<CaseRecord>,
    query: &str,
    hint: String,
) -> Response {
    let today = standing::day_of(console.office.now());
    let full = which.is_some() && records.len() == ROWS as usize;
    let tabs = TABS
        .iter()
        .map(|tab| Tab {
            address: tab.1,
            name: frame.l(tab.2, tab.3),
            current: which == Some(tab.0),
        })
        .collect::<Vec<_>>();
    let last = records.iter().map(|record| record.row).min().filter(|_| full);
    let mut records = records;
    records.sort_by_key(|record| std::cmp::Reverse(record.opened_at));
    let current = TABS.iter().find(|tab| Some(tab.0) == which).map_or("here", |tab| tab.1);
    let next = last.map(|row| format!("/?show={current}&before={row}"));
    let empty = match which {
        Some(Which::Here) => frame.l("本单位没有待办事项。", "Nothing is to be done here."),
        Some(Which::Overdue) => frame.l("没有逾期事项。", "Nothing is overdue."),
        Some(Which::Attention) => {
            frame.l("没有等待、搁置或存争的事项。", "Nothing waits, is parked or is contested.")
        }
        Some(Which::All) => frame.l("还没有登记任何事项。", "No case is held here yet."),
        None => frame.l("没有找到。", "Nothing was found."),
    };
    let rows = records.iter().map(|record| row(&frame, record, today)).collect();
    let query = query.to_owned();
    page(&ListPage { frame, tabs, rows, query, hint, next, empty })
}

fn row(frame: &Frame, record: &CaseRecord, today: Date) -> Row {
    let state = record.state.and_then(CaseState::from_number);
    let holder = record.holder.as_ref().map(|(division, organ)| {
        let place = place(*division);
        if organ.is_empty() { place } else { format!("{place} / {organ}") }
    });
    let due = record.due_on.and_then(day_of);
    let flag = match (record.contested, record.parked, record.waiting) {
        (true, _, _) => Some(frame.l("存争", "contested")),
        (_, true, _) => Some(frame.l("搁置待读", "parked")),
        (_, _, true) => Some(frame.l("待前件", "waiting")),
        (false, false, false) => None,
    };
    Row {
        id: record.id.to_string(),
        number: record
            .number
            .clone()
            .unwrap_or_else(|| frame.l("（未到）", "(not here yet)").into()),
        title: record.title.clone(),
        state: state.map_or("", |state| frame.l(state.zh(), state.en())),
        holder: holder.unwrap_or_default(),
        opened: hour_of(record.opened_at),
        due,
        days_over: due.filter(|_| record.open).map_or(0, |due| (today - due).get_days()),
        flag,
    }
}
