//! Why the desk did not carry out a command: what is wrong, and what to do.

use jiff::civil::Date;
use terrace_proto::case::Guard;
use terrace_proto::case::number::NumberError;
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, DivisionError};
use terrace_proto::entry::{EntryId, Holder};
use terrace_proto::organ::Refusal;
use terrace_proto::rules::gate::NotRefusable;

use super::TEXT_LIMIT;
use crate::archive::ArchiveError;
use crate::archive::clearance::ClearanceError;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A case number that cannot be one.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// No such case here.
    #[error("no case {0} is held here")]
    UnknownCase(String),
    /// Several cases carry the number.
    #[error("{count} cases carry the number {number}: name one by its id")]
    SeveralCases {
        /// The number.
        number: String,
        /// How many.
        count: usize,
    },
    /// The opening entry is not here yet.
    #[error(
        "the case is not complete here yet: entries before its first step are still on their way"
    )]
    Incomplete,
    /// Another holds the thread.
    #[error(
        "the case is held by {holder}, so {actor} cannot advance it; a note can always be added"
    )]
    NotHolder {
        /// The custodian.
        holder: Holder,
        /// Who tried.
        actor: Holder,
    },
    /// Two entries contest the thread.
    #[error(
        "the case is contested: nobody can advance it until {settler} settles which entry applies"
    )]
    Contested {
        /// The office that settles it.
        settler: DivisionCode,
    },
    /// It is not contested, or not for this office to settle.
    #[error("there is nothing for {0} to settle in this case")]
    NothingToSettle(DivisionCode),
    /// The chosen entry does not contest.
    #[error("entry {0} is not among the contesting ones")]
    NotContesting(Digest),
    /// This version cannot interpret the case.
    #[error("the case is parked here: {0}; upgrade this office first")]
    Parked(String),
    /// The table grants no such step.
    #[error("{step} is not possible while the case is {state}; possible: {possible}")]
    Unlawful {
        /// The step, named.
        step: &'static str,
        /// The state, named.
        state: &'static str,
        /// What is possible.
        possible: String,
    },
    /// A petition office would decide the substance (R2022 22, 32).
    #[error(
        "{step} decides the substance, which is the responsible unit's and not the petition office's: pass the case on to the organ whose matter it is (`case transfer --to {division} --to-organ ORGAN`), which then acts with `--organ ORGAN`"
    )]
    NotCompetent {
        /// The step, named.
        step: &'static str,
        /// The office's own division.
        division: String,
    },
    /// The target is not a place with a node.
    #[error(transparent)]
    Target(#[from] DivisionError),
    /// The target already holds the case.
    #[error("{0} already holds the case")]
    AlreadyThere(Holder),
    /// An assignment needs a due date that lies ahead (R2022 22(3)).
    #[error("an assignment needs a due date after {today}")]
    DueDate {
        /// The day it is here.
        today: Date,
    },
    /// An intake that would come in the future.
    #[error(
        "received on {received}, which lies after today ({today}): give the day it really came"
    )]
    ReceivedAhead {
        /// The day that was given.
        received: Date,
        /// The day it is here.
        today: Date,
    },
    /// A channel that there is none.
    #[error(
        "{0:?} is no channel; there are LET, VIS, WEB, TEL, SMS, VID, FAX, EML, APP, WCH and OTH"
    )]
    Channel(String),
    /// A registration without words, or with too many.
    #[error("a registration needs a title or a text, of at most {TEXT_LIMIT} bytes")]
    Words,
    /// This office has no key to seal with.
    #[error(
        "this office has no sealing key, so nothing can be kept secret here: restore the folder `keys`"
    )]
    NoSealingKey,
    /// An opening without a purpose, or an erasure without grounds.
    #[error(
        "say what for: a purpose of a few words goes on record before anything is opened or destroyed"
    )]
    Purpose,
    /// The office neither registered the case nor holds it.
    #[error(
        "{actor} neither registered the case nor holds it ({holder} does), so it may not open or destroy its sealed part"
    )]
    NotReader {
        /// The custodian.
        holder: Holder,
        /// Who tried.
        actor: Holder,
    },
    /// A look-up by neither id number nor telephone.
    #[error("give an id number or a telephone number: a name alone finds too many people")]
    Unidentified,
    /// This office has no key to its index.
    #[error(
        "this office has no index key, so nobody can be looked up: bring it back with recover-keys"
    )]
    NoIndexKey,
    /// No sealed part is here.
    #[error("nothing sealed is held here under that name")]
    NothingSealed,
    /// The key is destroyed.
    #[error("the key of this case was destroyed: what was sealed can never be read again")]
    Erased,
    /// The key has not come here.
    #[error(
        "the key has not arrived at this office: it comes from whoever held the case before, once the line is up"
    )]
    KeyMissing,
    /// It opens, and cannot be read.
    #[error("what is sealed at {0} cannot be read by this version")]
    Unreadable(EntryId),
    /// Reports are for the discipline organ.
    #[error("reports are opened by the discipline organ alone (--organ discipline)")]
    DisciplineOnly,
    /// A report would go to whom it accuses.
    #[error("a report never goes to the office it accuses, nor to anyone below it (R2022 30, 46)")]
    Accused,
    /// Nobody above the accused can be sealed to.
    #[error(
        "no office above {0} can be sealed to from here yet: connect once, or bring the report to a higher office"
    )]
    NobodyAbove(DivisionCode),
    /// No such proposal by this office.
    #[error("entry {0} is no proposal of this office to destroy the key")]
    NoProposal(Digest),
    /// Two officers are needed.
    #[error(
        "destroying a key takes two officers, each named by a staff number, one to propose and another to agree"
    )]
    TwoOfficers,
    /// An entry of a kind that is not written this way.
    #[error("an entry {0:?} is not written this way")]
    NotHere(&'static str),
    /// The guard of a step stands against it.
    #[error("{why} ({needs})", needs = guard.en())]
    Guard {
        /// The guard, as the table names it.
        guard: Guard,
        /// What stands against it.
        why: String,
    },
    /// A ground of refusal that does not hold.
    #[error(transparent)]
    NotRefusable(#[from] NotRefusable),
    /// The entry named is not in this case, or is of another kind.
    #[error("entry {leaf} is no {kind} of this case")]
    NotThatEntry {
        /// Its leaf hash.
        leaf: Digest,
        /// The kind it should have been of.
        kind: &'static str,
    },
    /// A side entry that takes a word this office may not say.
    #[error("{actor} may not do that: {why}")]
    NotForYou {
        /// Who tried.
        actor: Holder,
        /// Why.
        why: &'static str,
    },
    /// An officer who is to keep out of the case.
    #[error("officer {0} keeps out of this case (回避)")]
    Recused(String),
    /// An officer who has left.
    #[error("officer {officer} has handed the desk over to {successor}")]
    Left {
        /// Who left.
        officer: String,
        /// Whose the desk is.
        successor: String,
    },
    /// Somebody acts for another without being deputised today.
    #[error(
        "officer {deputy} is not deputised for {officer} today: enter that first, with its days (staff deputise)"
    )]
    NotDeputy {
        /// Who acts.
        deputy: String,
        /// For whom.
        officer: String,
    },
    /// An officer who has not passed a course that opens the module.
    #[error(
        "officer {officer:?} has passed no course that opens the module {module:?} here (培训准入)"
    )]
    Untrained {
        /// Who acts.
        officer: String,
        /// The module.
        module: &'static str,
    },
    /// An organ that may not be proposed, registered or declined.
    #[error(transparent)]
    Organ(#[from] Refusal),
    /// Something about the office itself that is not whole.
    #[error("{0}")]
    Entered(&'static str),
    /// The archive did not write it.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl From<ClearanceError> for DeskError {
    fn from(error: ClearanceError) -> Self {
        match error {
            ClearanceError::Accused => Self::Accused,
            ClearanceError::KeyMissing => Self::KeyMissing,
            ClearanceError::Archive(error) => Self::Archive(error),
        }
    }
}
