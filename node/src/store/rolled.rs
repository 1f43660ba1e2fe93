//! Entries on a roll, and sketches of what cases say, as values.

use terrace_proto::alike::Sketch;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::roll::Roll;

/// An entry that stands on a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rolled {
    /// The entry.
    pub entry: EntryId,
    /// The number of its roll.
    pub roll: u32,
    /// The case it stands in, if in one.
    pub case: Option<CaseId>,
}

impl Rolled {
    /// An entry on a roll.
    #[must_use]
    pub fn on(roll: Roll, entry: EntryId, case: Option<CaseId>) -> Self {
        Self { entry, roll: roll.number(), case }
    }
}

/// What a case says, as far as likeness needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SketchRecord {
    /// The county it is about, or a place above the counties.
    pub place: DivisionCode,
    /// The case's row.
    pub row: u64,
    /// The case.
    pub case: CaseId,
    /// The first two digits of its category; 0 where it has none.
    pub category: u8,
    /// The sketch.
    pub sketch: Sketch,
}
