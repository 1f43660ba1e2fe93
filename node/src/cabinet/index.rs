//! What the cabinet keeps of the blind indexes (盲索引): marks, questions to the superior, and answers.
//!
//! Marks of what this office may read are made with its own index key and never leave it. Marks of what subordinates
//! asked about are made with this office's matching key. Neither key is kept here: both come out of a file, so that a
//! copy of the database finds nobody. Marks of a case go when its key is destroyed, and none is taken afterwards.
//!
//! It holds no identity, and can list no person.

use std::collections::BTreeSet;
use std::ops::Range;

use async_trait::async_trait;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::seal::{IndexKey, Mark, MatchingKey};
use terrace_proto::session::matching::Answer;

use crate::store::StoreError;

/// About how many cases one office may ask in a day, where the configuration does not say: several times what a large
/// county registers. \[M\]
const QUESTIONS_A_DAY: u32 = 5_000;

/// The index key of an office, and the matching key that comes out of it.
#[derive(Debug)]
pub struct IndexKeys {
    /// Counts from 1.
    pub generation: u32,
    /// Marks what this office may read.
    pub own: IndexKey,
    /// Answers to subordinates.
    pub matching: MatchingKey,
    /// About how many cases one of them may ask in a day.
    pub measure: u32,
}

impl IndexKeys {
    /// The keys of one generation out of a secret; none for one of a few secrets that make no key.
    #[must_use]
    pub fn of(generation: u32, own: IndexKey) -> Option<Self> {
        let matching = MatchingKey::of(&own)?;
        Some(Self { generation, own, matching, measure: QUESTIONS_A_DAY })
    }

    /// The same keys with another measure of a day; none leaves it as it is.
    #[must_use]
    pub fn with_measure(self, measure: Option<u32>) -> Self {
        Self { measure: measure.unwrap_or(self.measure), ..self }
    }
}

/// A case that this office registered, to be asked about when the superior holds its intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The case.
    pub case: CaseId,
    /// Where its intake stands in this office's journal.
    pub sequence: u64,
}

/// Marks of a case that a subordinate asked about. The first that are kept of a case count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The case.
    pub case: CaseId,
    /// The generation of the key that made them.
    pub generation: u32,
    /// The marks.
    pub marks: Vec<Mark>,
}

/// How much a subordinate asked on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Who.
    pub office: DivisionCode,
    /// The day, since 1970-01-01, by the clock of China.
    pub day: i32,
    /// About how many cases.
    pub cases: u32,
}

/// A change of the indexes, part of a [`super::Change`].
#[derive(Debug, Clone, Default)]
pub struct IndexChange {
    /// Own marks of cases; a case without any is noted as looked at.
    pub marks: Vec<(CaseId, Vec<Mark>)>,
    /// Questions to put; one that was put before stays as it is.
    pub questions: Vec<Question>,
    /// What the superior answered.
    pub answers: Vec<Answer>,
    /// Marks that subordinates brought.
    pub matched: Vec<Matched>,
    /// What a subordinate has asked, added to its day.
    pub measure: Option<Measure>,
}

/// Where marks are kept.
#[async_trait]
pub trait MarkStore: Send + Sync + std::fmt::Debug {
    /// The cases that have one of these own marks.
    async fn marked(&self, marks: &[Mark]) -> Result<BTreeSet<CaseId>, StoreError>;

    /// Those of the named cases that have been looked at for marks.
    async fn indexed(&self, cases: &[CaseId]) -> Result<BTreeSet<CaseId>, StoreError>;

    /// Up to `limit` questions without an answer whose intakes stand in `places`, the oldest first.
    async fn questions(&self, places: Range<u64>, limit: u32) -> Result<Vec<Question>, StoreError>;

    /// What the superior answered about a case: nothing if it was not asked about, and then whether it has answered.
    async fn answered(&self, case: CaseId) -> Result<Option<Option<bool>>, StoreError>;

    /// Whether a case that subordinates asked about has a mark of another one that was asked about before it.
    async fn same_before(&self, case: CaseId, generation: u32) -> Result<bool, StoreError>;

    /// About how many cases an office has asked on a day.
    async fn measured(&self, office: DivisionCode, day: i32) -> Result<u32, StoreError>;
}
