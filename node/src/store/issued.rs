//! Rules that offices issued, found without reading journals, as values.

use terrace_proto::entry::EntryId;

/// A rule pack or a calendar, as an entry brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedRules {
    /// The entry.
    pub entry: EntryId,
    /// What it is: [`PACK`] or [`CALENDAR`]; others are of a later version.
    pub form: u32,
    /// What its file was called.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// A rule pack.
pub const PACK: u32 = 1;
/// A calendar.
pub const CALENDAR: u32 = 2;
