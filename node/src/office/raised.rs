//! Questions and objections on record here, read out of their entries.

use jiff::Timestamp;
use terrace_proto::entry::{Content, Entry, EntryId};
use terrace_proto::objection::Objection;

use super::Office;
use crate::store::{RaisedRecord, StoreError};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The entry, and what it is about.
    pub record: RaisedRecord,
    /// The objection; `None` for a question.
    pub objection: Option<Objection>,
}

impl Raised {
    /// The office that must answer.
    #[must_use]
    pub fn about(&self) -> terrace_proto::division::DivisionCode {
        self.record.about.author
    }

    /// What it is, in Chinese and English.
    #[must_use]
    pub fn words(&self) -> (&'static str, &'static str) {
        match &self.objection {
            Some(objection) => (objection.ground.zh(), objection.ground.en()),
            None => ("询问", "asked"),
        }
    }

    /// When it was raised, as its entry says.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.record.raised_at).unwrap_or_default()
    }
}

impl Office {
    /// Up to `limit` questions and objections, the newest here first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn raised(&self, limit: u32) -> Result<Vec<Raised>, StoreError> {
        let records = self.store.raised(u64::MAX, limit).await?;
        let ids: Vec<EntryId> = records.iter().map(|(_, record)| record.entry).collect();
        let stored = self.store.entries_at(&ids).await?;
        let entries = stored.into_iter().filter_map(|one| Entry::read(one.header, one.body).ok());
        let said: std::collections::BTreeMap<EntryId, Objection> = entries
            .filter_map(|entry| match entry.content() {
                Some(Content::Objected(objected)) => {
                    Some((entry.id(), Objection::read(&objected)?))
                }
                Some(_) | None => None,
            })
            .collect();
        let raised = records.into_iter().map(|(_, record)| {
            let objection = said.get(&record.entry).cloned();
            Raised { record, objection }
        });
        Ok(raised.collect())
    }
}
