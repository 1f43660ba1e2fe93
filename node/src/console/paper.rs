//! The receipt as a sheet of paper, with its QR code: what the petitioner takes home.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::Console;
use super::answer::{Problem, page};
use super::case::found;
use super::frame::{Asked, Frame, Room, hour};
use crate::qr;
use crate::receipt::{Given, told};
use crate::view::door::door;
use crate::view::name_of;

/// One receipt on the sheet.
#[derive(Debug)]
struct Sheet {
    number: String,
    registered: String,
    received: String,
    place: String,
    content: String,
    code: String,
    sms: String,
    due: Vec<(String, String)>,
    note: String,
    qr: String,
}

#[derive(Debug, Template)]
#[template(path = "paper.html")]
struct PaperPage {
    frame: Frame,
    case: String,
    office: String,
    door: (String, String),
    sheets: Vec<Sheet>,
}

/// The receipts for a case.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let case = found(&console, &asked, &name).await?;
    let given = console.office.receipts().given(&case).await;
    let given = given.map_err(|error| Problem::store(&console, &asked, &error))?;
    if given.is_empty() {
        return Err(Problem::unknown(&console, &asked, &name));
    }
    let frame = Frame::new(&console, &asked, Room::Cases);
    let sheets = given.iter().map(|given| sheet(&frame, given)).collect();
    let me = console.office.identity().me.author;
    let (case, office) = (case.id().to_string(), name_of(me));
    Ok(page(&PaperPage { case, office, door: door(me), sheets, frame }))
}

fn sheet(frame: &Frame, Given { receipt, note }: &Given) -> Sheet {
    let duty = |code: &str| {
        let told = told::duty(code);
        frame.l(&told.zh, &told.en).to_owned()
    };
    let label = frame.l("回执二维码", "The receipt as a QR code");
    Sheet {
        number: receipt.number.to_string(),
        registered: hour(receipt.registered_at),
        received: receipt.received_on.to_string(),
        place: format!("{} #{}", receipt.entry.journal, receipt.entry.sequence),
        content: receipt.content.to_string(),
        code: receipt.code(),
        sms: told::sms(receipt),
        due: receipt.due.iter().map(|due| (due.due_on.to_string(), duty(&due.code))).collect(),
        note: note.clone(),
        qr: qr::svg(note, label).unwrap_or_default(),
    }
}
