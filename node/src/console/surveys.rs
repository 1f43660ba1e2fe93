//! Surveys: cases and tickets that stand still, hard cases by a rule, and what no channel has gone through yet.
//!
//! Cases stand in the order of how long they wait, and nobody is listed by name.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use terrace_proto::entry::channel::CHANNELS;
use terrace_proto::roll::coverage;
use terrace_proto::roll::screening::Rule;

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room};
use crate::survey::Survey;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(super) struct Question {
    #[serde(default)]
    what: String,
    /// Bars of a rule for hard cases; an empty field is no bar.
    #[serde(default)]
    days: String,
    #[serde(default)]
    reopened: String,
    #[serde(default)]
    hops: String,
}

#[derive(Debug, Template)]
#[template(path = "surveys.html")]
struct SurveysPage {
    frame: Frame,
    what: &'static str,
    /// Whether some older cases are not found yet.
    incomplete: bool,
    queues: Vec<Queue>,
    tickets: Vec<Ticket>,
    hard: Vec<Hard>,
    /// All hard cases, more than are shown.
    hard_in_all: u64,
    bars: [String; 3],
    channels: Vec<&'static str>,
    coverage: Vec<Coverage>,
    gaps: usize,
    pairs: u64,
}

/// Cases that stand still in one way.
#[derive(Debug)]
struct Queue {
    name: String,
    all: u64,
    cases: Vec<String>,
}

#[derive(Debug)]
struct Ticket {
    number: u64,
    drawn_on: String,
    called: bool,
}

#[derive(Debug)]
struct Hard {
    number: String,
    opened_on: String,
    reopened: u64,
    hops: u64,
}

/// One step, and by which channels a case has taken it.
#[derive(Debug)]
struct Coverage {
    step: &'static str,
    seen: Vec<bool>,
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let number = |text: &str| text.trim().parse::<u32>().ok();
    let rule = Rule {
        days: number(&question.days),
        reopened: number(&question.reopened),
        hops: number(&question.hops),
    };
    let (what, survey) = match question.what.as_str() {
        "hard" => ("hard", Survey::Hard(rule)),
        "coverage" => ("coverage", Survey::Coverage),
        _ => ("still", Survey::Still(console.office.identity().me.author)),
    };
    let store = console.office.store().as_ref();
    let told = survey.of(store, None, console.office.now()).await;
    let told = told.map_err(|error| Problem::store(&console, &asked, &error))?;
    let frame = Frame::new(&console, &asked, Room::Surveys);
    let gaps = told["gaps"].as_array().map_or(0, Vec::len);
    Ok(page(&SurveysPage {
        what,
        incomplete: told["incomplete"] == true,
        queues: queues(&frame, &told),
        tickets: list(&told["tickets"]).map(ticket).collect(),
        hard: list(&told["cases"]).map(hard).collect(),
        hard_in_all: told["all"].as_u64().unwrap_or(0),
        bars: [question.days, question.reopened, question.hops],
        channels: CHANNELS.iter().map(|row| frame.l(row.1, row.2)).collect(),
        coverage: if what == "coverage" { matrix(&frame, &told) } else { Vec::new() },
        gaps,
        pairs: told["all"].as_u64().unwrap_or(0),
        frame,
    }))
}

fn queues(frame: &Frame, told: &Value) -> Vec<Queue> {
    let queue = |queue: &Value| Queue {
        name: frame.l(text(&queue["zh"]), text(&queue["en"])).to_owned(),
        all: queue["all"].as_u64().unwrap_or(0),
        cases: list(&queue["cases"]).map(|case| text(case).to_owned()).collect(),
    };
    list(&told["queues"]).map(queue).collect()
}

fn ticket(told: &Value) -> Ticket {
    Ticket {
        number: told["number"].as_u64().unwrap_or(0),
        drawn_on: text(&told["drawn_on"]).to_owned(),
        called: told["called"] == true,
    }
}

fn hard(told: &Value) -> Hard {
    Hard {
        number: text(&told["number"]).to_owned(),
        opened_on: text(&told["opened_on"]).to_owned(),
        reopened: told["reopened"].as_u64().unwrap_or(0),
        hops: told["hops"].as_u64().unwrap_or(0),
    }
}

/// Every step with the channels that have gone through it.
fn matrix(frame: &Frame, told: &Value) -> Vec<Coverage> {
    let missing = |channel: &str, step: &str| {
        list(&told["gaps"])
            .any(|gap| text(&gap["channel"]) == channel && text(&gap["step"]) == step)
    };
    let row = |step: terrace_proto::entry::Kind| Coverage {
        step: frame.l(step.zh(), step.en()),
        seen: CHANNELS.iter().map(|channel| !missing(channel.0, step.en())).collect(),
    };
    coverage::steps().into_iter().map(row).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
