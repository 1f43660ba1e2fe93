//! What a case keeps of one entry: its header, and the few words of its body that the fold needs.
//!
//! Facts are kept together with their case, so that a case can be folded without reading journals.

use jiff::civil::Date;
use prost::Message as _;

use super::number::CaseNumber;
use crate::digest::Digest;
use crate::entry::header::{date_of, days_of};
use crate::entry::{Content, Entry, Header, HeaderError};

/// One entry, as far as its case needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    leaf: Digest,
    header_bytes: Vec<u8>,
    header: Header,
    detail: Option<Detail>,
}

/// The words the fold needs; present once the body is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Detail {
    number: Option<CaseNumber>,
    due_on: Option<Date>,
    title: String,
    proposal: Option<Digest>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(bytes = "vec", tag = "1")]
    header: Vec<u8>,
    #[prost(bool, tag = "2")]
    has_body: bool,
    #[prost(string, tag = "3")]
    number: String,
    #[prost(sint32, optional, tag = "4")]
    due_on: Option<i32>,
    #[prost(string, tag = "5")]
    title: String,
    #[prost(bytes = "vec", tag = "6")]
    proposal: Vec<u8>,
}

/// Characters of a title that a case keeps: a line of a list.
const TITLE: usize = 60;

#[derive(Clone, PartialEq, prost::Message)]
struct Records {
    #[prost(message, repeated, tag = "1")]
    facts: Vec<Record>,
}

/// Facts that were stored but cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// Not what was written.
    #[error("the facts of a case are damaged: {0}")]
    Encoding(String),
    /// A header in them is damaged.
    #[error("the facts of a case hold a damaged header: {0}")]
    Header(#[from] HeaderError),
}

impl Fact {
    /// What a case keeps of `entry`.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self {
            leaf: entry.leaf(),
            header_bytes: entry.header_bytes().to_vec(),
            header: entry.header().clone(),
            detail: entry.body().map(|_| entry.content().map(|c| detail(&c)).unwrap_or_default()),
        }
    }

    /// The entry's leaf hash.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its header's bytes, as its author made them.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// Whether the body was here when the fact was kept.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.detail.is_some()
    }

    /// The case number an opening gives.
    #[must_use]
    pub fn number(&self) -> Option<&CaseNumber> {
        self.detail.as_ref()?.number.as_ref()
    }

    /// The due date an entry pins.
    #[must_use]
    pub fn due_on(&self) -> Option<Date> {
        self.detail.as_ref()?.due_on
    }

    /// The title of an intake, cut to a line; for an intake without one, the beginning of its text.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.detail.as_ref().map(|detail| detail.title.as_str()).filter(|title| !title.is_empty())
    }

    /// The proposal that an erasure agrees to.
    #[must_use]
    pub fn proposal(&self) -> Option<Digest> {
        self.detail.as_ref()?.proposal
    }

    fn record(&self) -> Record {
        let detail = self.detail.as_ref();
        Record {
            header: self.header_bytes.clone(),
            has_body: detail.is_some(),
            number: detail
                .and_then(|d| d.number.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default(),
            due_on: detail.and_then(|d| d.due_on).map(days_of),
            title: detail.map(|d| d.title.clone()).unwrap_or_default(),
            proposal: detail
                .and_then(|d| d.proposal)
                .map(|leaf| leaf.0.to_vec())
                .unwrap_or_default(),
        }
    }

    fn from_record(record: Record) -> Result<Self, FactError> {
        let header = Header::read(&record.header)?;
        let detail = Detail {
            number: record.number.parse().ok(),
            due_on: record.due_on.map(date_of).transpose()?,
            title: record.title,
            proposal: Digest::read(&record.proposal),
        };
        Ok(Self {
            leaf: crate::entry::leaf_of(&record.header),
            header,
            header_bytes: record.header,
            detail: record.has_body.then_some(detail),
        })
    }
}

/// Reads the facts of a case.
pub fn read_all(bytes: &[u8]) -> Result<Vec<Fact>, FactError> {
    let records = Records::decode(bytes).map_err(|e| FactError::Encoding(e.to_string()))?;
    records.facts.into_iter().map(Fact::from_record).collect()
}

/// Writes the facts of a case.
pub fn write_all<'a>(facts: impl Iterator<Item = &'a Fact>) -> Vec<u8> {
    Records { facts: facts.map(Fact::record).collect() }.encode_to_vec()
}

fn detail(content: &Content) -> Detail {
    match content {
        Content::CaseOpened(opened) => {
            let due_on = opened.due.first().and_then(|due| date_of(due.due_on).ok());
            Detail { number: opened.number.parse().ok(), due_on, ..Detail::default() }
        }
        Content::Assigned(assigned) => {
            Detail { due_on: date_of(assigned.due_on).ok(), ..Detail::default() }
        }
        Content::Accepted(accepted) => {
            let due_on = accepted.due_on.and_then(|days| date_of(days).ok());
            Detail { due_on, ..Detail::default() }
        }
        Content::IntakeRegistered(intake) => {
            let words = if intake.title.is_empty() { &intake.text } else { &intake.title };
            let line = words.split(['\n', '\r']).find(|line| !line.trim().is_empty());
            let title = line.unwrap_or_default().trim().chars().take(TITLE).collect();
            Detail { title, ..Detail::default() }
        }
        Content::Erased(erased) => {
            Detail { proposal: Digest::read(&erased.proposal), ..Detail::default() }
        }
        Content::EpochOpened(_)
        | Content::NodeAdmitted(_)
        | Content::Asked(_)
        | Content::Objected(_)
        | Content::Inspected(_)
        | Content::SealingKeyAnnounced(_)
        | Content::CasesMatched(_)
        | Content::Transferred(_)
        | Content::Received(_)
        | Content::Decided(_)
        | Content::Served(_)
        | Content::Closed(_)
        | Content::Noted(_)
        | Content::Settled(_)
        | Content::ReportSealed(_)
        | Content::Unsealed(_)
        | Content::ErasureProposed(_)
        | Content::LookedUp(_) => Detail::default(),
    }
}
