//! Where anyone can have a receipt examined: the text of one, or a case number with the short code.
//!
//! Nothing that is shown here is kept.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use terrace_proto::receipt::verdict::{Answer, Outcome};
use terrace_proto::receipt::{Unchecked, Verdict};

use super::Console;
use super::answer::{Problem, page};
use super::case::JournalAddress;
use super::frame::{Asked, Frame, Room, hour};
use crate::receipt::told::{self, Told};
use crate::view::access::Access;
use crate::view::name_of;

/// The short form, as it is sent by SMS.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Short {
    number: String,
    code: String,
}

/// The text of a receipt.
#[derive(Debug, Deserialize)]
pub(super) struct Whole {
    receipt: String,
}

/// One question with its answer.
#[derive(Debug)]
struct Row {
    /// `good`, `open` or `bad`.
    class: &'static str,
    mark: &'static str,
    question: String,
    answer: String,
}

/// What was found.
#[derive(Debug)]
struct Found {
    class: &'static str,
    sentence: String,
    rows: Vec<Row>,
    office: String,
    number: String,
    registered: String,
    due: Vec<(String, String)>,
    /// Who opened who the petitioner is; none where that is not for this receipt to show.
    accesses: Option<Vec<Access>>,
    /// The receipt with all evidence this office can add.
    completed: String,
}

#[derive(Debug, Template)]
#[template(path = "examining.html")]
struct ExaminingPage {
    frame: Frame,
    number: String,
    code: String,
    receipt: String,
    /// What was shown and cannot be read.
    mistake: Option<String>,
    /// The answer to a short form, and the entry it means.
    short: Option<(bool, String, String)>,
    found: Option<Found>,
}

impl ExaminingPage {
    fn empty(frame: Frame) -> Self {
        let (number, code, receipt) = Default::default();
        Self { frame, number, code, receipt, mistake: None, short: None, found: None }
    }
}

/// The page, and the answer to a short form.
pub(super) async fn ask(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(short): Query<Short>,
) -> Result<Response, Problem> {
    let mut made = ExaminingPage::empty(Frame::new(&console, &asked, Room::Receipts));
    if !short.number.trim().is_empty() {
        let entry = console.office.receipts().coded(&short.number, &short.code).await;
        let entry = entry.map_err(|error| Problem::store(&console, &asked, &error))?;
        let words = match &entry {
            Some(_) => made.frame.l(
                "相符：本单位所存记录簿中有这一件。短码不是签名，需要证据时请用完整回执核验。",
                "It fits: the journal held here has this entry. The short code is no signature; for evidence use the whole receipt.",
            ),
            None => made.frame.l(
                "不相符：本单位没有编号与短码相合的登记。登记地可能尚未同步；请用完整回执核验，才能认定责任。",
                "It does not fit: no registration held here has this number and code. It may still be on its way; only the whole receipt can say who must answer.",
            ),
        };
        let JournalAddress(address) = entry.map(JournalAddress::of).unwrap_or_default();
        made.short = Some((entry.is_some(), words.to_owned(), address));
    }
    (made.number, made.code) = (short.number, short.code);
    Ok(page(&made))
}

/// The answer to a whole receipt.
pub(super) async fn examine(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Form(whole): Form<Whole>,
) -> Result<Response, Problem> {
    let mut made = ExaminingPage::empty(Frame::new(&console, &asked, Room::Receipts));
    match Unchecked::read(&whole.receipt) {
        Err(error) => made.mistake = Some(error.to_string()),
        Ok(shown) => {
            let receipts = console.office.receipts();
            let problem = |error| Problem::archive(&console, &asked, &error);
            let verdict = receipts.examine(&shown).await.map_err(problem)?;
            let evidence = receipts.evidence(shown.receipt()).await.map_err(problem)?;
            let completed = evidence.map(|evidence| shown.note() + &evidence.armour());
            let accesses = receipts.accesses(&verdict).await;
            let accesses = accesses.map_err(|error| Problem::store(&console, &asked, &error))?;
            let shown = (accesses, completed.unwrap_or_default());
            made.found = Some(found(&made.frame, &verdict, shown));
        }
    }
    made.receipt = whole.receipt;
    Ok(page(&made))
}

fn found(
    frame: &Frame,
    verdict: &Verdict,
    (accesses, completed): (Option<Vec<Access>>, String),
) -> Found {
    let say = |told: Told| frame.l(&told.zh, &told.en).to_owned();
    let receipt = &verdict.receipt;
    let rows = verdict.points.iter().map(|point| {
        let (class, mark) = match point.answer {
            Answer::Holds(_) => ("good", "✓"),
            Answer::Open(_) => ("open", "…"),
            Answer::Fails(_) => ("bad", "✗"),
        };
        let (question, answer) =
            (told::question(point.question), told::answer(point, receipt.office()));
        Row { class, mark, question: say(question), answer: say(answer) }
    });
    let due = receipt.due.iter().map(|due| (due.due_on.to_string(), say(told::duty(&due.code))));
    Found {
        class: match verdict.outcome() {
            Outcome::Holds => "good",
            Outcome::Open => "open",
            Outcome::Fails => "bad",
        },
        sentence: say(told::outcome(verdict)),
        rows: rows.collect(),
        office: format!("{} {}", name_of(receipt.office()), receipt.office().short()),
        number: receipt.number.to_string(),
        registered: hour(receipt.registered_at),
        due: due.collect(),
        accesses,
        completed,
    }
}
