//! The console: what people look at in a browser, at every office.
//!
//! Pages are made on the server, complete without a script, in Chinese with English beside it, and printable.
//! They show folds and rows as they are held here and say as of when; nothing can be changed through them.
//! Whoever can reach the address can read: so it is answered on this machine's own address alone ([`port`]).
//!
//! No page counts, ranks or lists persons, and none asks another machine for anything.

mod annual;
mod answer;
mod case;
mod clocks;
mod examining;
mod figures;
mod frame;
mod icicle;
mod journal;
mod language;
mod list;
mod neighbours;
mod notice;
mod organs;
mod paper;
pub mod port;
mod proof;
mod rolls;
mod series;
mod subtree;
mod surveys;
mod told;
mod way;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::enrolment::Admitting;
use crate::office::Office;

/// The style of all pages, and the script that keeps figures fresh where scripts are allowed.
const STYLE: &str = include_str!("../assets/console.css");
const SCRIPT: &str = include_str!("../assets/console.js");
const EMBLEM: &str = include_str!("../assets/emblem.svg");
/// What a browser may load: this office's own style, script and pictures, and nothing else anywhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every page is made from.
#[derive(Debug, Clone)]
pub struct Console {
    office: Arc<Office>,
    admitting: Arc<Admitting>,
}

impl Console {
    /// The console of an office.
    #[must_use]
    pub fn new(office: Arc<Office>, admitting: Arc<Admitting>) -> Self {
        Self { office, admitting }
    }

    /// All its pages.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(list::show))
            .route("/cases/{case}", get(case::show))
            .route("/cases/{case}/receipt", get(paper::show))
            .route("/cases/{case}/notices/{form}/{leaf}", get(notice::show))
            .route("/receipts", get(examining::ask).post(examining::examine))
            .route("/neighbours", get(neighbours::show))
            .route("/journal", get(journal::own))
            .route("/journal/{author}", get(journal::show))
            .route("/journal/{author}/{sequence}", get(proof::show))
            .route("/journal/{author}/{sequence}/proof.json", get(proof::download))
            .route("/rolls", get(rolls::all))
            .route("/rolls/{roll}", get(rolls::one))
            .route("/organs", get(organs::show))
            .route("/surveys", get(surveys::show))
            .route("/surveys/annual", get(annual::show))
            .route("/figures", get(figures::whole))
            .route("/figures/{division}", get(figures::show))
            .route("/figures/{division}/cases", get(figures::behind::show))
            .route("/subtree", get(subtree::whole))
            .route("/subtree/{division}", get(subtree::show))
            .route("/language/{tag}", get(language::choose))
            .route("/console.css", get(async || asset("text/css; charset=utf-8", STYLE)))
            .route("/console.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
            .route("/emblem.svg", get(async || asset("image/svg+xml", EMBLEM)))
            .fallback(nowhere)
            .layer(DefaultBodyLimit::max(terrace_proto::receipt::TEXT_LIMIT * 3))
            .layer(from_fn(guard))
            .with_state(Arc::new(self))
    }
}

async fn nowhere(
    State(console): State<Arc<Console>>,
    asked: frame::Asked,
) -> Result<Response, answer::Problem> {
    Err(answer::Problem::nowhere(&console, &asked))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let age = HeaderValue::from_static("max-age=300");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, age)], text)
        .into_response()
}

/// Refuses a request that names another host than this machine, which a page elsewhere on the web could have
/// made a browser send, and says what browsers may do with the answer.
async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_here) {
        let why = "只在本机地址上应答 this console answers to 127.0.0.1, [::1] or localhost only\n";
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let said = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in said {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A document to be printed has a stricter one of its own.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_here(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_here() {
        for host in ["127.0.0.1", "127.0.0.1:8041", "localhost:1", "[::1]", "[::1]:8041"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:80", "localhost:", "", "10.0.0.1:8041"]
        {
            assert!(!is_here(host), "{host}");
        }
    }
}
