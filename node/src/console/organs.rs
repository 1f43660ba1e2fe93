//! The registry of organs (机构编码库): those of one division on a day, as a list to be printed, and the divisions below it.
//!
//! It shows what the registry holds here. Organs stand in the order of their codes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use terrace_proto::case::standing::day_of;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::organ::{Organ, Registry};

use super::Console;
use super::answer::{Problem, page};
use super::frame::{Asked, Frame, Room, place};

#[derive(Debug, Template)]
#[template(path = "organs.html")]
struct OrgansPage {
    frame: Frame,
    division: String,
    place: String,
    on: String,
    organs: Vec<Row>,
    below: Vec<Entrance>,
}

/// An organ.
#[derive(Debug)]
struct Row {
    code: String,
    name: String,
    category: &'static str,
    superior: String,
    from: String,
    until: String,
    registered_by: String,
}

/// A division below.
#[derive(Debug)]
struct Entrance {
    code: String,
    name: String,
    organs: usize,
}

/// Of which division, on which day.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    division: Option<String>,
    on: Option<String>,
}

/// The organs of a division.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let frame = Frame::new(&console, &asked, Room::Rolls);
    let unknown = |text: &str| Problem::unknown(&console, &asked, text);
    let at = match wanted.division.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => console.office.identity().me.author,
        Some(text) => text.parse::<DivisionCode>().map_err(|_| unknown(text))?,
    };
    let day = match wanted.on.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        None => day_of(console.office.now()),
        Some(text) => text.parse::<Date>().map_err(|_| unknown(text))?,
    };
    let tree = Tree::national();
    tree.find(at).map_err(|_| unknown(&at.short()))?;
    let registry = console.office.write().await.archive.organs().clone();
    let organs = registry.of_division(at, day).map(|organ| row(&frame, &registry, organ, day));
    let below = tree.children(at).map(|division| Entrance {
        code: division.code.short(),
        name: place(division.code),
        organs: registry.of_division(division.code, day).count(),
    });
    Ok(page(&OrgansPage {
        division: at.short(),
        place: place(at),
        on: day.to_string(),
        organs: organs.collect(),
        below: below.collect(),
        frame,
    }))
}

fn row(frame: &Frame, registry: &Registry, organ: &Organ, day: Date) -> Row {
    let superior = registry.superior(organ.code, day).ok().flatten();
    let by = registry.on(organ.code, day).map(|record| record.office.short());
    Row {
        code: organ.code.to_string(),
        name: organ.name.clone(),
        category: frame.l(organ.category.zh(), organ.category.en()),
        superior: superior.map(|above| above.name.clone()).unwrap_or_default(),
        from: organ.valid_from.to_string(),
        until: organ.valid_to.map(|until| until.to_string()).unwrap_or_default(),
        registered_by: by.unwrap_or_default(),
    }
}
