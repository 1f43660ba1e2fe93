//! Why an organ is not proposed, not registered, or does not count: what is wrong, and what would be right.

use jiff::civil::Date;

use super::code::{OrganCode, OrganCodeError};
use super::{ENTRY_ORGANS, LAST_REVISION};
use crate::digest::Digest;
use crate::division::{DivisionCode, UnknownDivision};

/// Why an organ is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A number that is no code.
    #[error(transparent)]
    Code(OrganCodeError),
    /// A number that is no day.
    #[error("{0} 不是日期 is no day")]
    Date(i32),
    /// No such place.
    #[error("区划不存在 unknown division: {0}")]
    Division(UnknownDivision),
    /// Outside of the proposer's subtree.
    #[error(
        "{code} 不在提请单位 {proposer} 的区域内 is not of {proposer}'s own subtree: an office proposes organs of its own division and below",
        proposer = proposer.short()
    )]
    NotBelow {
        /// The organ.
        code: OrganCode,
        /// Who proposed.
        proposer: DivisionCode,
    },
    /// Registered or declined by somebody who does not stand above the proposer.
    #[error(
        "{office} 不是 {proposer} 的上级 is no superior of {proposer}, so its word on the proposal does not count",
        office = office.short(), proposer = proposer.short()
    )]
    NotAbove {
        /// Who spoke.
        office: DivisionCode,
        /// Who is said to have proposed.
        proposer: DivisionCode,
    },
    /// The superior is neither of the same division nor of one above.
    #[error(
        "上级机构 {superior} 不在 {code} 的上级序列中 the superior is neither of the same division nor of one above it"
    )]
    OutOfLine {
        /// The organ.
        code: OrganCode,
        /// Its superior, as given.
        superior: OrganCode,
    },
    /// The superior is nowhere.
    #[error(
        "上级机构 {0} 未登记 the superior is neither registered nor proposed: propose it first"
    )]
    UnknownSuperior(OrganCode),
    /// It would answer to itself.
    #[error("{code} 的上级或继任关系成环 would answer to itself, or succeed itself")]
    Cycle {
        /// The organ.
        code: OrganCode,
    },
    /// It ends before it begins.
    #[error("止于 {until}，早于起始 {from} it ends before it begins")]
    Days {
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
    },
    /// A successor of an organ that is not closed.
    #[error("未撤销而有继任机构 {successor} has a successor and no last day: give both or neither")]
    SuccessorOfOpen {
        /// The successor.
        successor: OrganCode,
    },
    /// The successor is nowhere.
    #[error(
        "继任机构 {0} 未登记 the successor is neither registered nor proposed: propose it first"
    )]
    UnknownSuccessor(OrganCode),
    /// The successor is not there on the day after.
    #[error(
        "继任机构 {successor} 在 {on} 不存续 the successor is not there on {on}, the day after the last one"
    )]
    SuccessorBeforeItsTime {
        /// The successor.
        successor: OrganCode,
        /// The day on which it would have to act.
        on: Date,
    },
    /// Another organ has the code.
    #[error(
        "编码 {code} 已属 {name} the code is taken: a new organ takes another, a change carries revision {next}"
    )]
    Taken {
        /// The code.
        code: OrganCode,
        /// Whose it is.
        name: String,
        /// The number that a change would carry.
        next: u32,
    },
    /// A change whose number does not follow.
    #[error(
        "{code} 的变更次数应为 {expected}，实为 {given} a change carries revision {expected}, not {given}"
    )]
    Revision {
        /// The organ.
        code: OrganCode,
        /// The next number.
        expected: u32,
        /// As given.
        given: u32,
    },
    /// A change beyond the last number.
    #[error("变更次数 {revision} 超出上限 revision {revision} is above {LAST_REVISION}")]
    LastRevision {
        /// As given.
        revision: u32,
    },
    /// No name, or too long a one.
    #[error("名称应有 1 至 {limit} 字 a name has 1 to {limit} characters, none of them a control")]
    Name {
        /// Most characters.
        limit: usize,
    },
    /// A category that this version does not know.
    #[error("类别 {0} 未知 category {0} is unknown to this version")]
    Category(u32),
    /// An entry with none, or too many.
    #[error(
        "一次提请 1 至 {ENTRY_ORGANS} 个机构 an entry holds 1 to {ENTRY_ORGANS} organs, not {0}"
    )]
    Size(usize),
    /// The proposal is held here and says something else.
    #[error("与所核定的提请不符 is not what the proposal {0} says")]
    NotAsProposed(Digest),
    /// The proposal is nowhere here.
    #[error("提请 {0} 不在本单位 no such proposal is held here")]
    NoProposal(Digest),
    /// It was registered before.
    #[error("提请 {0} 已核定 the proposal was registered before")]
    Registered(Digest),
}

/// Something in an entry that does not count, or does not fit what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irregular {
    /// The entry.
    pub leaf: Digest,
    /// Who wrote it.
    pub office: DivisionCode,
    /// The organ, where it is about one.
    pub code: Option<OrganCode>,
    /// Why.
    pub why: Refusal,
}
