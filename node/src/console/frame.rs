//! What stands around every page: the office, where one can go, and how times and places are written.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::division::DivisionCode;

use super::Console;
use super::language::Language;
pub(super) use crate::view::hour;
use crate::view::name_of;

/// What a request says beside its question.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The language chosen.
    pub(super) language: Language,
    /// Path and query, to come back to.
    here: String,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let here = parts.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
        Ok(Self { language: Language::chosen(&parts.headers), here })
    }
}

/// The pages one can go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Cases,
    Neighbours,
    Journal,
    Receipts,
    Rolls,
    Surveys,
    Figures,
    Subtree,
    None,
}

/// The frame of one page.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    language: Language,
    /// Where the language switch leads.
    pub(super) other_language: String,
    /// The office's name.
    pub(super) office: String,
    /// Its short code.
    pub(super) code: String,
    /// Its place on the ladder, named.
    pub(super) level: &'static str,
    /// Whether any office can stand below it.
    pub(super) has_subtree: bool,
    /// The hour of the page.
    pub(super) now: String,
    /// How the link to the superior stands, unless this is the root.
    pub(super) uplink: Option<bool>,
    /// Why the office accepts nothing, if so.
    pub(super) refusing: Option<String>,
    room: Room,
}

impl Frame {
    /// The frame of a page in `room`.
    pub(super) fn new(console: &Console, asked: &Asked, room: Room) -> Self {
        let office = &console.office;
        let me = office.identity().me.author;
        let language = asked.language;
        let other = language.of("en", "zh");
        let contacts = office.contacts();
        let uplink = office
            .identity()
            .superior
            .map(|superior| contacts.get(&superior).is_some_and(|contact| contact.connected));
        Self {
            language,
            other_language: format!("/language/{other}?to={}", encode(&asked.here)),
            office: name_of(me),
            code: me.short(),
            level: language.of(me.level().zh(), me.level().en()),
            has_subtree: office.tree().nodes_within(me) > 1,
            now: hour(office.now()),
            uplink,
            refusing: office.refusing(),
            room,
        }
    }

    /// The one of two wordings that the page speaks.
    pub(super) fn l<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.language.of(zh, en)
    }

    /// The language of the page.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// As HTML names the language.
    pub(super) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// Whether the page is in that room, for the menu.
    pub(super) fn is_in(&self, room: Room) -> bool {
        self.room == room
    }
}

/// An hour given in milliseconds since 1970 UTC.
pub(super) fn hour_of(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map(hour).unwrap_or_default()
}

/// A day given in days since 1970-01-01.
pub(super) fn day_of(days: i32) -> Option<Date> {
    terrace_proto::entry::header::date_of(days).ok()
}

/// How long something took, in the largest unit that fits.
pub(super) fn length(seconds: i64, language: Language) -> String {
    let (count, zh, en) = match seconds.max(0) {
        s if s < 60 => (s, "秒", "s"),
        s if s < 3_600 => (s / 60, "分钟", "min"),
        s if s < 86_400 => (s / 3_600, "小时", "h"),
        s => (s / 86_400, "天", "d"),
    };
    format!("{count} {}", language.of(zh, en))
}

/// A place with its code.
pub(super) fn place(code: DivisionCode) -> String {
    format!("{} {}", name_of(code), code.short())
}

/// A text inside an address.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_the_largest_unit_that_fits() {
        let told = |seconds| length(seconds, Language::English);
        assert_eq!([0, 59, 60, 7_200, 200_000].map(told), ["0 s", "59 s", "1 min", "2 h", "2 d"]);
    }

    #[test]
    fn addresses_carry_any_text() {
        assert_eq!(encode("/?q=𠮷&a"), "/%3Fq%3D%F0%A0%AE%B7%26a");
    }
}
