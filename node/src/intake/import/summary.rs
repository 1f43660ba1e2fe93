//! What became of a file so far, for people and programs.

use std::path::PathBuf;

use serde::Serialize;

use crate::intake::reckoning::Rows;

/// What became of a file so far, all runs that took up one another together.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Rows read: accepted + rejected.
    pub read: u64,
    /// Rows in the office: new + known.
    pub accepted: u64,
    /// Registered by this import.
    pub new: u64,
    /// Registered before from the same source.
    pub known: u64,
    /// Kept among the rejects.
    pub rejected: u64,
    /// Cells that held something in columns that are never taken over (ADR 0030).
    pub dropped: u64,
    /// Those columns.
    pub dropped_columns: Vec<String>,
    /// The rejects file, if there are any.
    pub rejects: Option<PathBuf>,
    /// How long this process has taken, in milliseconds.
    pub elapsed_ms: u64,
    /// Rows a second in this process.
    pub rows_per_second: f64,
    /// Where an interrupted run was taken up.
    pub resumed_at_line: Option<u64>,
    /// Whether the whole file has been read.
    pub finished: bool,
    /// Where a later run goes on.
    pub next_line: u64,
    /// Of records of the past: rows by the year in which they were registered.
    pub years: Vec<Year>,
    /// Rows of the past that say no year or no office that can be.
    pub unplaced: Rows,
}

/// Rows of one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// In the office.
    pub accepted: u64,
    /// Kept among the rejects.
    pub rejected: u64,
}

impl From<(i16, Rows)> for Year {
    fn from((year, rows): (i16, Rows)) -> Self {
        Self { year, accepted: rows.accepted, rejected: rows.rejected }
    }
}
