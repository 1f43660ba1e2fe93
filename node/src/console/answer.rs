//! What a page answers with: itself, or a page that says what is wrong and what to do.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::Console;
use super::frame::{Asked, Frame, Room};
use crate::archive::ArchiveError;
use crate::desk::DeskError;
use crate::notice::template::TemplateError;
use crate::store::StoreError;

/// What a document may do.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// A page that could not be made.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    page: Box<ProblemPage>,
}

#[derive(Debug, Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    what: String,
    detail: String,
}

impl Problem {
    fn new(
        console: &Console,
        asked: &Asked,
        status: StatusCode,
        words: (&str, &str),
        detail: String,
    ) -> Self {
        let frame = Frame::new(console, asked, Room::None);
        let what = frame.l(words.0, words.1).to_owned();
        Self { status, page: Box::new(ProblemPage { frame, what, detail }) }
    }

    /// There is no such page.
    pub(super) fn nowhere(console: &Console, asked: &Asked) -> Self {
        let words = ("没有这个页面", "There is no such page");
        Self::new(console, asked, StatusCode::NOT_FOUND, words, String::new())
    }

    /// There is no such thing here.
    pub(super) fn unknown(console: &Console, asked: &Asked, what: &str) -> Self {
        let words = ("本单位没有这项内容", "It is not held here");
        Self::new(console, asked, StatusCode::NOT_FOUND, words, what.to_owned())
    }

    /// The store does not answer.
    pub(super) fn store(console: &Console, asked: &Asked, error: &StoreError) -> Self {
        if let StoreError::TooMuch(why) = error {
            let words = (
                "要查找的内容太多，请输入完整编号",
                "Too much would have to be looked through; enter the whole number",
            );
            return Self::new(console, asked, StatusCode::UNPROCESSABLE_ENTITY, words, why.clone());
        }
        let words = ("数据库没有应答，请稍后再试", "The store does not answer; try again later");
        Self::new(console, asked, StatusCode::SERVICE_UNAVAILABLE, words, error.to_string())
    }

    /// A template of the office's own is wrong.
    pub(super) fn template(console: &Console, asked: &Asked, error: &TemplateError) -> Self {
        let words = (
            "文书模板有误：请按所示文件和行号改正，或者删去该文件以恢复原模板",
            "A template is wrong: mend it at the file and line below, or remove the file to have the program's own back",
        );
        Self::new(console, asked, StatusCode::UNPROCESSABLE_ENTITY, words, error.to_string())
    }

    /// The archive does not answer.
    pub(super) fn archive(console: &Console, asked: &Asked, error: &ArchiveError) -> Self {
        console.office.observe(error);
        let words = ("数据库没有应答，请稍后再试", "The store does not answer; try again later");
        Self::new(console, asked, StatusCode::SERVICE_UNAVAILABLE, words, error.to_string())
    }

    /// The desk does not find the case.
    pub(super) fn desk(console: &Console, asked: &Asked, error: &DeskError) -> Self {
        if let DeskError::Archive(error) = error {
            return Self::archive(console, asked, error);
        }
        Self::unknown(console, asked, &error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, page(&*self.page)).into_response()
    }
}

/// A page as an answer.
pub(super) fn page(template: &impl Template) -> Response {
    answer(template.render())
}

/// A document to be printed as an answer. It brings its own style, and is allowed nothing else: no script, no picture from
/// anywhere.
pub(super) fn printed(document: Result<String, askama::Error>) -> Response {
    let mut response = answer(document);
    let policy = HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn answer(text: Result<String, askama::Error>) -> Response {
    match text {
        Ok(text) => Html(text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
