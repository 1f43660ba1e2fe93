//! What surveys seek among cases, as values.

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::digest::CaseId;
use terrace_proto::roll::pace::Trail;
use terrace_proto::roll::screening::Rule;
use terrace_proto::roll::stall::Stall;

/// What is sought, as of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// Cases that stand still in one way.
    Still(Stall, Date),
    /// Hard cases, by a rule.
    Hard(Rule, Date),
}

/// A case that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtRecord {
    /// The case.
    pub id: CaseId,
    /// What it is called by, once known.
    pub number: Option<String>,
    /// When it was opened, as the opening says.
    pub opened_at: Timestamp,
    /// What it has been through, where it has not ended.
    pub trail: Option<Trail>,
}
