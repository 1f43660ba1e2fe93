//! A finding (审计发现): something that does not fit, with the entries or passages that prove it.

mod kind;
mod sentence;

use jiff::Timestamp;
use jiff::civil::Date;

pub use kind::FindingKind;

use crate::case::standing::day_of;
use crate::digest::CaseId;
use crate::division::DivisionCode;
use crate::entry::{EntryId, JournalId};
use crate::rules::Duty;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The entries of a journal do not lead to its signed root.
    JournalRoot {
        /// The journal.
        journal: JournalId,
        /// Entries held.
        size: u64,
    },
    /// A journal's checkpoint is not signed by its admitted key.
    CheckpointSignature(JournalId),
    /// An entry is damaged or its proof does not hold.
    Entry {
        /// Where.
        entry: EntryId,
        /// What is wrong.
        what: String,
    },
    /// Sequences are missing.
    Gap {
        /// The journal.
        journal: JournalId,
        /// The first missing sequence.
        at: u64,
    },
    /// Two heads of one size were signed, or cosigned, that differ.
    Fork {
        /// The journal.
        journal: JournalId,
        /// The size at which they differ.
        size: u64,
    },
    /// A ledger's record does not follow from the one before and the entries that passed.
    LedgerGap {
        /// The sender.
        from: DivisionCode,
        /// The receiver.
        to: DivisionCode,
        /// The missing or wrong number.
        number: u64,
    },
    /// The other end's signature does not hold on the head as it is kept here: the heads differ.
    LedgerSignature {
        /// The sender.
        from: DivisionCode,
        /// The receiver.
        to: DivisionCode,
        /// The number of the head.
        number: u64,
    },
    /// The line the superior put under a journal does not hold.
    Cosignature {
        /// The journal.
        journal: JournalId,
        /// The size the line speaks of.
        size: u64,
    },
    /// A case's stored fold differs from a fresh one.
    Fold {
        /// The case.
        case: CaseId,
    },
    /// The folds do not hold as many entries of cases as the journals.
    FoldCount {
        /// Entries the folds hold.
        folds: u64,
        /// Entries of cases in the journals.
        journals: u64,
    },
    /// An entry by a node that did not hold the thread.
    WithoutCustody {
        /// The entry.
        entry: EntryId,
    },
    /// An entry that says in the petitioner's name what the petitioner did not sign.
    Unsigned {
        /// The case.
        case: CaseId,
        /// The entry.
        entry: EntryId,
    },
    /// A side entry by an office whose it is not to say.
    Overstepping {
        /// The case.
        case: CaseId,
        /// The entry.
        entry: EntryId,
    },
    /// A step that decides the substance, by a petition office (R2022 22, 32).
    BeyondCompetence {
        /// The case.
        case: CaseId,
        /// The entry.
        entry: EntryId,
    },
    /// An entry by an officer who was to keep out (R2022 28).
    Recused {
        /// The case.
        case: CaseId,
        /// The entry.
        entry: EntryId,
    },
    /// A thread that waits for its common superior.
    Contested {
        /// The case.
        case: CaseId,
        /// The entries that contest.
        entries: Vec<EntryId>,
        /// Who settles it.
        settler: DivisionCode,
    },
    /// An author's count of entries to an addressee has a hole: something was left out on the way down.
    AddresseeGap {
        /// The author.
        journal: JournalId,
        /// The addressee.
        to: DivisionCode,
        /// The missing number.
        number: u64,
    },
    /// Nothing of an office's journals was stored here for longer than allowed.
    Silence {
        /// The office.
        division: DivisionCode,
        /// When something was stored last, or the office was admitted.
        since: Timestamp,
        /// Whole hours since.
        hours: i64,
    },
    /// An entry claims an hour later than the one it was stored at here.
    ClockAhead {
        /// The first such entry of the passage.
        entry: EntryId,
        /// The hour it claims.
        recorded_at: Timestamp,
        /// The hour it was stored here.
        stored_at: Timestamp,
    },
    /// Consecutive entries claim hours earlier than one that stands before them in the same journal.
    BackDated {
        /// The first of them.
        entry: EntryId,
        /// How many.
        count: u64,
        /// The hour the first of them claims.
        recorded_at: Timestamp,
        /// The entry before them, by sequence.
        behind: u64,
        /// The hour that one claims.
        not_before: Timestamp,
    },
    /// A hop skipped offices that were enrolled.
    LevelRule {
        /// The case.
        case: CaseId,
        /// The hop.
        entry: EntryId,
        /// Who passed it on.
        from: DivisionCode,
        /// To whom.
        to: DivisionCode,
        /// The offices between them, in order of the way.
        skipped: Vec<DivisionCode>,
    },
    /// A pinned day passed before what was owed was done.
    DeadlineMissed {
        /// The case.
        case: CaseId,
        /// The entry that pinned the day.
        entry: EntryId,
        /// What was owed.
        duty: Duty,
        /// Who was to answer.
        holder: DivisionCode,
        /// The day.
        due_on: Date,
        /// When it was answered; `None` while it is open.
        answered_on: Option<Date>,
        /// Days late, so far.
        days: i32,
    },
    /// A pinned day that the pack and calendar it names do not give, or of a pack the case does not stand under.
    Misreckoned {
        /// The case.
        case: CaseId,
        /// The entry that pinned it.
        entry: EntryId,
        /// Of what.
        duty: Duty,
        /// The day.
        due_on: Date,
        /// The pack is not among those that the case was opened under.
        foreign: bool,
    },
    /// An opinion was served later than allowed, or not yet.
    LateService {
        /// The case.
        case: CaseId,
        /// The opinion.
        entry: EntryId,
        /// The day it was given.
        decided_on: Date,
        /// The day its service was recorded; `None` while it was not.
        served_on: Option<Date>,
        /// Days between, so far.
        days: i32,
    },
    /// A sealed report that nobody has opened.
    Unopened {
        /// The report.
        entry: EntryId,
        /// When it was taken in.
        recorded_at: Timestamp,
        /// Whole days since.
        days: i64,
    },
    /// A sealed report came without its ciphertext, or without any wrap of its key.
    Owed {
        /// The report.
        entry: EntryId,
        /// Who passed it on.
        by: DivisionCode,
        /// Whether it is the ciphertext that is missing, not the key.
        ciphertext: bool,
    },
}

impl Finding {
    /// What sort it is.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        match self {
            Self::JournalRoot { .. } => FindingKind::JournalRoot,
            Self::CheckpointSignature(_) => FindingKind::CheckpointSignature,
            Self::Entry { .. } => FindingKind::Entry,
            Self::Gap { .. } => FindingKind::Gap,
            Self::Fork { .. } => FindingKind::Fork,
            Self::LedgerGap { .. } => FindingKind::Ledger,
            Self::LedgerSignature { .. } => FindingKind::LedgerSignature,
            Self::Cosignature { .. } => FindingKind::Cosignature,
            Self::Fold { .. } | Self::FoldCount { .. } => FindingKind::Fold,
            Self::WithoutCustody { .. } => FindingKind::WithoutCustody,
            Self::Unsigned { .. } => FindingKind::Unsigned,
            Self::Overstepping { .. } => FindingKind::Overstepping,
            Self::BeyondCompetence { .. } => FindingKind::BeyondCompetence,
            Self::Recused { .. } => FindingKind::Recused,
            Self::Contested { .. } => FindingKind::Contested,
            Self::AddresseeGap { .. } => FindingKind::AddresseeGap,
            Self::Silence { .. } => FindingKind::Silence,
            Self::ClockAhead { .. } => FindingKind::ClockAhead,
            Self::BackDated { .. } => FindingKind::BackDated,
            Self::LevelRule { .. } => FindingKind::LevelRule,
            Self::DeadlineMissed { .. } => FindingKind::DeadlineMissed,
            Self::LateService { .. } => FindingKind::LateService,
            Self::Misreckoned { .. } => FindingKind::Misreckoned,
            Self::Owed { .. } => FindingKind::Owed,
            Self::Unopened { .. } => FindingKind::Unopened,
        }
    }

    /// The divisions it touches; none when it touches the office that looks.
    #[must_use]
    pub fn places(&self) -> Vec<DivisionCode> {
        match self {
            Self::JournalRoot { journal, .. }
            | Self::CheckpointSignature(journal)
            | Self::Gap { journal, .. }
            | Self::Fork { journal, .. }
            | Self::Cosignature { journal, .. } => vec![journal.author],
            Self::Entry { entry, .. }
            | Self::WithoutCustody { entry }
            | Self::Unsigned { entry, .. }
            | Self::Overstepping { entry, .. }
            | Self::BeyondCompetence { entry, .. }
            | Self::Recused { entry, .. }
            | Self::ClockAhead { entry, .. }
            | Self::BackDated { entry, .. }
            | Self::Misreckoned { entry, .. }
            | Self::LateService { entry, .. }
            | Self::Unopened { entry, .. } => vec![entry.journal.author],
            Self::LedgerGap { from, to, .. }
            | Self::LedgerSignature { from, to, .. }
            | Self::LevelRule { from, to, .. } => vec![*from, *to],
            Self::Fold { .. } | Self::FoldCount { .. } => Vec::new(),
            Self::Contested { entries, settler, .. } => {
                entries.iter().map(|entry| entry.journal.author).chain([*settler]).collect()
            }
            Self::AddresseeGap { journal, to, .. } => vec![journal.author, *to],
            Self::Silence { division, .. } => vec![*division],
            Self::DeadlineMissed { entry, holder, .. } => vec![entry.journal.author, *holder],
            Self::Owed { entry, by, .. } => vec![entry.journal.author, *by],
        }
    }

    /// The day it happened, where it has one: the hour an entry claims, the day something was due or given.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Silence { since, .. } => Some(day_of(*since)),
            Self::ClockAhead { recorded_at, .. }
            | Self::BackDated { recorded_at, .. }
            | Self::Unopened { recorded_at, .. } => Some(day_of(*recorded_at)),
            Self::DeadlineMissed { due_on, .. } | Self::Misreckoned { due_on, .. } => Some(*due_on),
            Self::LateService { decided_on, .. } => Some(*decided_on),
            Self::JournalRoot { .. }
            | Self::CheckpointSignature(_)
            | Self::Entry { .. }
            | Self::Gap { .. }
            | Self::Fork { .. }
            | Self::LedgerGap { .. }
            | Self::LedgerSignature { .. }
            | Self::Cosignature { .. }
            | Self::Fold { .. }
            | Self::FoldCount { .. }
            | Self::WithoutCustody { .. }
            | Self::Unsigned { .. }
            | Self::Overstepping { .. }
            | Self::BeyondCompetence { .. }
            | Self::Recused { .. }
            | Self::Contested { .. }
            | Self::AddresseeGap { .. }
            | Self::LevelRule { .. }
            | Self::Owed { .. } => None,
        }
    }

    /// The entries that prove it.
    #[must_use]
    pub fn entries(&self) -> Vec<EntryId> {
        match self {
            Self::Entry { entry, .. }
            | Self::WithoutCustody { entry }
            | Self::Unsigned { entry, .. }
            | Self::Overstepping { entry, .. }
            | Self::BeyondCompetence { entry, .. }
            | Self::Recused { entry, .. }
            | Self::ClockAhead { entry, .. }
            | Self::BackDated { entry, .. }
            | Self::LevelRule { entry, .. }
            | Self::DeadlineMissed { entry, .. }
            | Self::LateService { entry, .. }
            | Self::Misreckoned { entry, .. }
            | Self::Unopened { entry, .. }
            | Self::Owed { entry, .. } => vec![*entry],
            Self::Contested { entries, .. } => entries.clone(),
            Self::JournalRoot { .. }
            | Self::CheckpointSignature(_)
            | Self::Gap { .. }
            | Self::Fork { .. }
            | Self::LedgerGap { .. }
            | Self::LedgerSignature { .. }
            | Self::Cosignature { .. }
            | Self::Fold { .. }
            | Self::FoldCount { .. }
            | Self::AddresseeGap { .. }
            | Self::Silence { .. } => Vec::new(),
        }
    }

    /// The case it is about.
    #[must_use]
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Fold { case }
            | Self::Contested { case, .. }
            | Self::LevelRule { case, .. }
            | Self::DeadlineMissed { case, .. }
            | Self::Misreckoned { case, .. }
            | Self::LateService { case, .. }
            | Self::Unsigned { case, .. }
            | Self::Overstepping { case, .. }
            | Self::BeyondCompetence { case, .. }
            | Self::Recused { case, .. } => Some(*case),
            Self::JournalRoot { .. }
            | Self::CheckpointSignature(_)
            | Self::Entry { .. }
            | Self::Gap { .. }
            | Self::Fork { .. }
            | Self::LedgerGap { .. }
            | Self::LedgerSignature { .. }
            | Self::Cosignature { .. }
            | Self::FoldCount { .. }
            | Self::WithoutCustody { .. }
            | Self::AddresseeGap { .. }
            | Self::Silence { .. }
            | Self::ClockAhead { .. }
            | Self::BackDated { .. }
            | Self::Unopened { .. }
            | Self::Owed { .. } => None,
        }
    }
}
