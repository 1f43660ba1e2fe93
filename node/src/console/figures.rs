//! How the offices below keep their duties: a picture to zoom into, a line through the months beside the year before, a
//! table in the order of the codes, and behind each number of an office its cases.
//!
//! How far it can be relied on stands above all of it. Nothing is ordered by how much there is of it, and of visits past
//! the level rule there are numbers by place alone.

pub(super) mod behind;
mod sheets;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use terrace_proto::case::standing::day_of;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::figure::period::Period;
use terrace_proto::figure::share::Share;
use terrace_proto::figure::{Figure, RUNGS, Shape};

use self::sheets::{Sheet, Stream, flow, sheets};
use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room, encode, place};
use super::icicle::{Icicle, Look};
use super::series::Series;
use crate::figure::{Figures, told};
use crate::store::StoreError;
use crate::view::name_of;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Question {
    period: Option<String>,
    figure: Option<String>,
    /// Behind this day and case, for the next page.
    after: Option<String>,
}

/// How much of its duty a division kept, in steps for the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Nearly,
    Mostly,
    Partly,
    Hardly,
    Nothing,
}

impl Kept {
    const ALL: [Self; 5] = [Self::Nearly, Self::Mostly, Self::Partly, Self::Hardly, Self::Nothing];

    fn of(share: Share) -> Self {
        match share.tenths() {
            None => Self::Nothing,
            Some(950..) => Self::Nearly,
            Some(800..) => Self::Mostly,
            Some(500..) => Self::Partly,
            Some(_) => Self::Hardly,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Nearly => "kept-nearly",
            Self::Mostly => "kept-mostly",
            Self::Partly => "kept-partly",
            Self::Hardly => "kept-hardly",
            Self::Nothing => "absent",
        }
    }

    fn told(self, frame: &Frame) -> &'static str {
        match self {
            Self::Nearly => frame.l("95% 以上", "95 % and more"),
            Self::Mostly => frame.l("80% 至 95%", "80 to 95 %"),
            Self::Partly => frame.l("50% 至 80%", "50 to 80 %"),
            Self::Hardly => frame.l("不足 50%", "less than half"),
            Self::Nothing => frame.l("本期无应办事项", "nothing was due"),
        }
    }
}

#[derive(Debug)]
struct Choice {
    address: String,
    name: &'static str,
    chosen: bool,
}

#[derive(Debug)]
struct Crumb {
    address: String,
    name: String,
}

#[derive(Debug, Template)]
#[template(path = "figures.html")]
struct FiguresPage {
    frame: Frame,
    here: String,
    crumbs: Vec<Crumb>,
    period: String,
    figure: &'static str,
    coverage: String,
    /// Whether offices are enrolled, and none is silent.
    is_whole: bool,
    silent: Vec<String>,
    choices: Vec<Choice>,
    picture: Option<Icicle>,
    legend: Vec<(&'static str, &'static str)>,
    series: Series,
    /// Rates, and what is counted.
    sheets: Vec<Sheet>,
    flow: Vec<Stream>,
    levels: Vec<&'static str>,
    wrong: Option<String>,
}

/// Of this office.
pub(super) async fn whole(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let me = console.office.identity().me.author;
    answer(&console, &asked, me, &question).await
}

/// Of one division below it.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(code): Path<String>,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    match within(&console, &code) {
        Some(division) => answer(&console, &asked, division, &question).await,
        None => Err(Problem::unknown(&console, &asked, &code)),
    }
}

fn within(console: &Console, code: &str) -> Option<DivisionCode> {
    let (tree, me) = (Tree::national(), console.office.identity().me.author);
    code.parse().ok().filter(|code| tree.find(*code).is_ok() && tree.is_within(*code, me))
}

fn figure_of(question: &Question) -> Figure {
    let named = question.figure.as_deref().and_then(Figure::named);
    named.filter(|figure| figure.shape() != Shape::Visits).unwrap_or(Figure::OnSchedule)
}

/// The period that is asked for, this year where none is; and what is wrong with it.
fn period_of(console: &Console, question: &Question) -> (Period, Option<String>) {
    let today = day_of(console.office.now());
    let year = Period { first: today.first_of_year(), last: today.last_of_year() };
    match question.period.as_deref().filter(|text| !text.is_empty()).map(Period::read) {
        None => (year, None),
        Some(Ok(period)) => (period, None),
        Some(Err(error)) => (year, Some(error.to_string())),
    }
}

async fn answer(
    console: &Console,
    asked: &Asked,
    at: DivisionCode,
    question: &Question,
) -> Result<Response, Problem> {
    let problem = |error: StoreError| Problem::store(console, asked, &error);
    let frame = Frame::new(console, asked, Room::Figures);
    let (figure, now) = (figure_of(question), console.office.now());
    let (period, wrong) = period_of(console, question);
    let (passed, me) = (period.passed(now), console.office.identity().me.author);
    let figures = Figures::of(console.office.store().as_ref(), me).await.map_err(problem)?;
    let coverage = figures.coverage(at, now).await.map_err(problem)?;
    let table = figures.table(at, period, now).await.map_err(problem)?;
    let months = Series::months(period);
    let running = figures.tally_of(&[at], figure, months.passed(now)).await.map_err(problem)?;
    let mut months = figures.tally(&[at], months).await.map_err(problem)?;
    running.cells().for_each(|(cell, share)| months.put(*cell, *share));
    let series = Series::of(&frame, figure, &months, (at, period, now));
    let picture = match figure.shape() {
        Shape::Share => {
            Some(picture(&figures, (at, figure), (period, passed)).await.map_err(problem)?)
        }
        Shape::Count | Shape::Visits => None,
    };
    let query =
        |figure: Figure| format!("figure={}&period={}", figure.code(), encode(&period.to_string()));
    let choices =
        Figure::all().filter(|figure| figure.shape() != Shape::Visits).map(|one| Choice {
            address: format!("/figures/{}?{}", at.short(), query(one)),
            name: frame.l(one.zh(), one.en()),
            chosen: one == figure,
        });
    let tree = Tree::national();
    let crumbs =
        tree.path(at).into_iter().filter(|code| tree.is_within(*code, me)).map(|code| Crumb {
            address: format!("/figures/{}?{}", code.short(), query(figure)),
            name: name_of(code),
        });
    let (zh, en) = told::sentences(&coverage);
    let silent = coverage.silent.keys().map(|division| name_of(*division)).collect();
    let flow = flow(&frame, &table);
    let sheets = sheets(&frame, &table, &query);
    let levels = RUNGS.map(|(zh, en)| frame.l(zh, en)).to_vec();
    let legend = Kept::ALL.map(|kept| (kept.class(), kept.told(&frame))).to_vec();
    let (choices, crumbs) = (choices.collect(), crumbs.collect());
    Ok(page(&FiguresPage {
        coverage: frame.l(&zh, &en).to_owned(),
        is_whole: coverage.whole.offices.all > 0
            && coverage.whole.offices.of == coverage.whole.offices.all,
        here: place(at),
        figure: frame.l(figure.zh(), figure.en()),
        period: passed.to_string(),
        frame,
        crumbs,
        silent,
        choices,
        picture,
        legend,
        series,
        sheets,
        flow,
        levels,
        wrong,
    }))
}

/// The picture of a division and the rungs below it, coloured by how much of a duty was kept.
async fn picture(
    figures: &Figures,
    (at, figure): (DivisionCode, Figure),
    (period, passed): (Period, Period),
) -> Result<Icicle, StoreError> {
    let divisions = Icicle::divisions(at);
    let tally = figures.tally_of(&divisions, figure, passed).await?;
    let look = |code: DivisionCode| {
        let share = tally.share(figure, code, passed);
        let (kept, told) = (Kept::of(share), share.to_string());
        let query = format!("figure={}&period={}", figure.code(), encode(&period.to_string()));
        Look {
            class: kept.class(),
            address: format!("/figures/{}?{query}", code.short()),
            told: format!(
                "{} {}: {told}（{}/{}）",
                name_of(code),
                code.short(),
                share.of,
                share.all
            ),
            words: if share.all > 0 { vec![told] } else { Vec::new() },
        }
    };
    Ok(Icicle::drawn(at, look))
}
