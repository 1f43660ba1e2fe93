//! What figures are read out of, as values: cells, and which cases were counted in them.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::Grain;
use terrace_proto::figure::measured::Measured;

/// What one case adds to the figures of one office on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedRecord {
    /// The case.
    pub case: CaseId,
    /// What it adds there, all of it.
    pub measured: Measured,
}

/// Which cells are asked for: of some divisions, of one figure or of all, of one grain, beginning between two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellsAsked {
    /// The divisions.
    pub divisions: Vec<DivisionCode>,
    /// The figure; all of them where none is named.
    pub figure: Option<Figure>,
    /// Days or months.
    pub grain: Grain,
    /// The days on which they begin.
    pub days: RangeInclusive<Date>,
}

/// Which cases are asked for: those counted in one figure of one office, without those below it, between two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedAsked {
    /// The figure.
    pub figure: Figure,
    /// The office alone.
    pub office: DivisionCode,
    /// The days.
    pub days: RangeInclusive<Date>,
    /// Only those behind this one.
    pub after: Option<(Date, u32, CaseId)>,
}
