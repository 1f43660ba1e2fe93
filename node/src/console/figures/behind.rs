//! The cases behind a number: those counted at one office, without those below it, in the order of days.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use terrace_proto::digest::CaseId;
use terrace_proto::figure::Shape;

use super::super::Console;
use super::super::answer::{Problem, page};
use super::super::frame::{Asked, Frame, Room, encode, place};
use super::{Question, figure_of, period_of, within};
use crate::store::{CountedAsked, StoreError};

/// Cases shown at once.
const SHOWN: u32 = 200;

/// A case behind a number.
#[derive(Debug)]
struct Counted {
    address: String,
    number: String,
    day: Date,
    kept: bool,
}

#[derive(Debug, Template)]
#[template(path = "behind.html")]
struct BehindPage {
    frame: Frame,
    here: String,
    back: String,
    name: &'static str,
    period: String,
    is_rate: bool,
    cases: Vec<Counted>,
    more: Option<String>,
}

/// The cases counted at one office, without those below it.
pub(in crate::console) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(code): Path<String>,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let Some(office) = within(&console, &code) else {
        return Err(Problem::unknown(&console, &asked, &code));
    };
    let problem = |error: StoreError| Problem::store(&console, &asked, &error);
    let frame = Frame::new(&console, &asked, Room::Figures);
    let (figure, (period, _)) = (figure_of(&question), period_of(&console, &question));
    let passed = period.passed(console.office.now());
    let store = console.office.store();
    let after = question.after.as_deref().and_then(read_place);
    let wanted = CountedAsked { figure, office, days: passed.first..=passed.last, after };
    let found = store.counted(&wanted, SHOWN).await.map_err(problem)?;
    let ids: Vec<_> = found.iter().map(|one| one.case).collect();
    let records = store.cases(&ids).await.map_err(problem)?;
    let numbers: BTreeMap<_, _> =
        records.into_iter().filter_map(|record| Some((record.id, record.number?))).collect();
    let cases = found.iter().map(|one| Counted {
        address: format!("/cases/{}", one.case),
        number: numbers.get(&one.case).cloned().unwrap_or_else(|| one.case.to_string()),
        day: one.measured.day,
        kept: one.measured.share.of > 0,
    });
    let query = format!("figure={}&period={}", figure.code(), encode(&period.to_string()));
    let full = found.len() == SHOWN as usize;
    let more = found.last().filter(|_| full).map(|last| {
        let (day, facet) = (last.measured.day, last.measured.facet);
        format!("/figures/{}/cases?{query}&after={day}_{facet}_{}", office.short(), last.case)
    });
    let back = format!("/figures/{}?{query}", office.short());
    let name = frame.l(figure.zh(), figure.en());
    let (cases, is_rate) = (cases.collect(), figure.shape() == Shape::Share);
    let here = place(office);
    Ok(page(&BehindPage {
        frame,
        here,
        back,
        name,
        period: passed.to_string(),
        is_rate,
        cases,
        more,
    }))
}

/// A place in a list: day, facet and case.
fn read_place(text: &str) -> Option<(Date, u32, CaseId)> {
    let mut words = text.split('_');
    let (day, facet, case) = (words.next()?, words.next()?, words.next()?);
    Some((day.parse().ok()?, facet.parse().ok()?, case.parse().ok()?))
}
