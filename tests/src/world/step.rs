//! What one step of the world did, as its checkers see it.

use terrace_node::store::Batch;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::wire::Frame;

/// One step.
#[derive(Debug, Default)]
pub struct Step {
    /// Its number, from 1.
    pub number: u64,
    /// What became durable, and where.
    pub commits: Vec<(DivisionCode, Batch)>,
    /// What was said.
    pub said: Vec<Said>,
    /// What officers asked of their desks.
    pub orders: Vec<Order>,
    /// What officers wrote past their desks.
    pub rogue: Vec<Rogue>,
    /// Offices that have crashed or begun in this step.
    pub restarted: Vec<DivisionCode>,
    /// What the world itself saw an office do that it must not.
    pub complaints: Vec<String>,
}

/// A frame as it left its office.
#[derive(Debug)]
pub struct Said {
    /// By whom.
    pub from: DivisionCode,
    /// To whom.
    pub to: DivisionCode,
    /// Whether fate had touched the connection before.
    pub faulted: bool,
    /// The frame.
    pub frame: Frame,
}

/// A command at a desk.
#[derive(Debug)]
pub struct Order {
    /// Where.
    pub office: DivisionCode,
    /// Which.
    pub what: &'static str,
    /// Whether the officer had to wait.
    pub waited: bool,
    /// Whether the disk was in trouble.
    pub hindered: bool,
    /// Whether the desk must grant it.
    pub due: bool,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
}

/// An entry written past the desk.
#[derive(Debug, Clone)]
pub struct Rogue {
    /// What is wrong with it.
    pub sort: Sort,
    /// The case.
    pub case: CaseId,
    /// The entry.
    pub entry: EntryId,
    /// Its leaf.
    pub leaf: Digest,
}

/// What is wrong with an entry written past the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Its author does not hold the thread.
    WithoutCustody,
    /// One of two after the same predecessor.
    Double,
    /// The table grants no such step.
    Unlawful,
    /// Of a kind this version does not know.
    LaterKind,
    /// Of a schema this version does not read.
    LaterSchema,
    /// It settles what its author may not settle.
    ForeignSettlement,
    /// It admits who is not below its author.
    ForeignAdmission,
    /// It opens a case that another has opened.
    SecondOpening,
}
