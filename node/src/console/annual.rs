//! The annual report of this office (年度报告; R2022 41), as it is printed: the page is the report itself.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use terrace_proto::case::standing::day_of;

use super::Console;
use super::answer::{Problem, printed};
use super::frame::Asked;
use crate::survey::Survey;
use crate::survey::report::report;
use crate::view::{hour, name_of};

/// What is asked.
#[derive(Debug, Deserialize)]
pub(super) struct Question {
    /// The year; this one where it is none.
    #[serde(default)]
    year: String,
}

/// The report of a year.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let (me, now) = (console.office.identity().me.author, console.office.now());
    let asked_for = question.year.trim().parse().ok().filter(|year| (1949..=9999).contains(year));
    let survey = Survey::Annual(me, asked_for.unwrap_or_else(|| day_of(now).year()));
    let told = survey.of(console.office.store().as_ref(), None, now).await;
    let told = told.map_err(|error| Problem::store(&console, &asked, &error))?;
    Ok(printed(report(&told, (name_of(me), me.short()), hour(now))))
}
