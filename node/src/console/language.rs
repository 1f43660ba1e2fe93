//! Which of the two languages a page speaks: Chinese unless English was chosen.
//!
//! Both wordings of everything stand side by side where they are used, so that neither is forgotten.

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Under which name the choice is kept by the browser.
const COOKIE: &str = "language";

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Chinese,
    English,
}

impl Language {
    /// The one of two wordings that this language is.
    pub(super) fn of<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// As HTML names it.
    pub(super) fn tag(self) -> &'static str {
        self.of("zh-Hans", "en")
    }

    /// What the browser was told to keep.
    pub(super) fn chosen(headers: &HeaderMap) -> Self {
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let english = cookies
            .flat_map(|cookies| cookies.split(';'))
            .any(|cookie| cookie.trim().split_once('=') == Some((COOKIE, "en")));
        if english { Self::English } else { Self::Chinese }
    }
}

/// Where to go on after the choice.
#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    to: String,
}

/// Keeps the choice in the browser and goes back to the page it was made on.
pub(super) async fn choose(Path(tag): Path<String>, Query(onward): Query<Onward>) -> Response {
    let tag = if tag == "en" { "en" } else { "zh" };
    let cookie = format!("{COOKIE}={tag}; Path=/; SameSite=Strict; HttpOnly; Max-Age=31536000");
    ([(header::SET_COOKIE, cookie)], Redirect::to(own_page(&onward.to))).into_response()
}

/// A page of this console; its first page for whatever else an address may say.
fn own_page(to: &str) -> &str {
    let own = to.starts_with('/') && !to.starts_with("//");
    if own && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') { to } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choice_leads_to_own_pages_only() {
        assert_eq!(own_page("/journal?before=7"), "/journal?before=7");
        for elsewhere in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"]
        {
            assert_eq!(own_page(elsewhere), "/");
        }
    }

    #[test]
    fn english_is_what_was_chosen_and_chinese_otherwise() {
        let mut headers = HeaderMap::new();
        assert_eq!(Language::chosen(&headers), Language::Chinese);
        headers.insert(header::COOKIE, "a=b; language=en".parse().unwrap());
        assert_eq!(Language::chosen(&headers), Language::English);
        headers.insert(header::COOKIE, "language=fr".parse().unwrap());
        assert_eq!(Language::chosen(&headers), Language::Chinese);
    }
}
