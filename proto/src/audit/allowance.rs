//! What the audit allows before it speaks of a finding.
//!
//! No article fixes these numbers: each is a custom of offices **\[M\]** and configuration. Days that the law
//! does fix are pinned in entries as due dates and never stand here.

/// How long, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Hours an office of the subtree may be silent: nothing of its journals was stored here.
    pub silence_hours: u32,
    /// Minutes by which two clocks may differ, or one clock may be set back.
    pub clock_minutes: u32,
    /// Days from an opinion until it must have been served.
    pub service_days: u32,
    /// Days until a sealed report must have been opened by whom it is sealed for.
    pub report_days: u32,
}

impl Default for Allowance {
    /// Three days of silence, ten minutes of a clock, fifteen days for service, and for opening a report.
    fn default() -> Self {
        Self { silence_hours: 72, clock_minutes: 10, service_days: 15, report_days: 15 }
    }
}

impl Allowance {
    /// The tolerance of clocks in milliseconds.
    #[must_use]
    pub fn clock_millis(&self) -> i64 {
        i64::from(self.clock_minutes) * 60_000
    }
}
