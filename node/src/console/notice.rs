//! A document of a case, as it is printed: the page is the document itself, without the frame of the console.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use super::Console;
use super::answer::{Problem, printed};
use super::case::found;
use super::frame::Asked;
use crate::notice::form::Form;

/// The document of one act.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
    Path((name, form, leaf)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let case = found(&console, &asked, &name).await?;
    let notices = console.office.notices();
    let made = notices.of(&case).await;
    let made = made.map_err(|error| Problem::store(&console, &asked, &error))?;
    let form = Form::from_code(&form);
    let one = made.iter().find(|one| Some(one.form) == form && one.leaf.to_string() == leaf);
    let one = one.ok_or_else(|| Problem::unknown(&console, &asked, &name))?;
    let page = notices.write(one).map_err(|error| Problem::template(&console, &asked, &error))?;
    Ok(printed(Ok(page)))
}
