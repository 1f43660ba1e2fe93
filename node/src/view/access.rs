//! The petitioner's access log (查阅记录): who opened or looked up who they are, when, and what for; and that the key was
//! destroyed.
//!
//! It is made of entries alone, so every office that holds the case shows the same. It repeats nothing that was read,
//! and is shown to whoever holds the case's receipt.

use serde::Serialize;
use terrace_proto::case::Case;
use terrace_proto::entry::{Content, EntryId};

use super::{hour, name_of};

/// One access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Access {
    /// When, in China, by the clock of the office.
    pub at: String,
    /// The office, short.
    pub office: String,
    /// Its name.
    pub office_name: String,
    /// The officer's staff number; empty where none was given.
    pub officer: String,
    /// What was done.
    pub kind: &'static str,
    /// What was done, in Chinese.
    pub kind_zh: &'static str,
    /// What for; empty where the words are not here.
    pub purpose: String,
}

/// The log of a case, the first access first. `words` gives what an entry says, where it is here.
pub fn log(case: &Case, words: impl Fn(EntryId) -> Option<Content>) -> Vec<Access> {
    let access = |fact: &terrace_proto::case::Fact| {
        let header = fact.header();
        let purpose = match words(header.id()) {
            Some(Content::Unsealed(unsealed)) => unsealed.purpose,
            Some(Content::LookedUp(looked_up)) => looked_up.purpose,
            Some(_) | None => String::new(),
        };
        let office = header.journal.author;
        Access {
            at: hour(header.recorded_at),
            office: office.short(),
            office_name: name_of(office),
            officer: header.hand.officer.clone(),
            kind: header.kind.en(),
            kind_zh: header.kind.zh(),
            purpose,
        }
    };
    case.access_log().map(access).collect()
}
