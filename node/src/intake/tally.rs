//! What became of the rows read so far.

use serde::{Deserialize, Serialize};

/// Counts of rows: read = accepted + rejected, accepted = new + known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Registered by this import.
    pub new: u64,
    /// Registered before from the same source; nothing was written.
    pub known: u64,
    /// Kept among the rejects.
    pub rejected: u64,
    /// Cells that held something in columns that are never taken over; they count in no row.
    #[serde(default)]
    pub dropped: u64,
}

impl Tally {
    /// Rows in the office.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.new + self.known
    }

    /// Rows read.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.accepted() + self.rejected
    }
}
