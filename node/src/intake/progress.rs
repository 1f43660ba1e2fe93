//! Who watches an import, and may end it.

use crate::window::WindowError;

use super::tally::Tally;

/// How far an import has come.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// Bytes of the file behind the last durable row; in a sheet, rows.
    pub done: u64,
    /// All of them.
    pub whole: u64,
    /// The line the next row begins on, or the one after blank lines.
    pub next_line: u64,
    /// What became of the rows.
    pub tally: Tally,
    /// Rows read in this process; the others were read by runs that this one takes up.
    pub read_here: u64,
}

/// Watches an import.
pub trait Progress: Send {
    /// An earlier, interrupted run is taken up at this line.
    fn resumes(&mut self, _line: u64) {}

    /// A batch is durable.
    fn stands(&mut self, standing: &Standing);

    /// The office does not answer; it is tried again.
    fn waits(&mut self, _why: &WindowError) {}

    /// Whether to end behind the batch in hand.
    fn is_over(&mut self) -> bool {
        false
    }
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn stands(&mut self, _standing: &Standing) {}
}
