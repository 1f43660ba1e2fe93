//! The words of a report (检举控告), sealed as a whole.
//!
//! Accused, words and true addressee all stand inside: the material must not reach whom it accuses
//! (信访条例 2005 art. 23; 信访工作条例 2022 art. 30, 46). Who the true addressee is, is worked out where the
//! report is written; here it is only written down.

use std::fmt;

use super::identity::Petitioner;
use super::plain::PlainError;
use crate::division::DivisionCode;

/// A report against an office or official.
#[derive(Clone, PartialEq)]
pub struct Report {
    /// The division accused, or to which the accused belongs.
    pub accused_division: DivisionCode,
    /// The accused organ, in words; may be empty.
    pub accused_organ: String,
    /// The accused person, in words; may be empty.
    pub accused_person: String,
    /// Places whose organs the accused leads besides.
    pub leads: Vec<DivisionCode>,
    /// For a report that somebody is leaned on for a case (打击报复): its number. Empty for any other.
    pub retaliation: String,
    /// One line that says what it is about.
    pub title: String,
    /// The whole text.
    pub text: String,
    /// Whether the reporter asks that their name be kept from everyone but the addressee.
    pub confidential: bool,
    /// The office that is to read it: the lowest superior that is neither accused nor below the accused.
    pub addressee: DivisionCode,
    /// Who reports, unless they keep that to themselves.
    pub reporter: Option<Petitioner>,
}

#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub(super) struct Record {
    #[prost(fixed64, optional, tag = "1")]
    accused_division: Option<u64>,
    #[prost(string, tag = "2")]
    accused_organ: String,
    #[prost(string, tag = "3")]
    accused_person: String,
    #[prost(string, tag = "4")]
    title: String,
    #[prost(string, tag = "5")]
    text: String,
    #[prost(bool, tag = "6")]
    confidential: bool,
    #[prost(fixed64, optional, tag = "7")]
    addressee: Option<u64>,
    #[prost(message, optional, tag = "8")]
    reporter: Option<Petitioner>,
    #[prost(fixed64, repeated, tag = "9")]
    leads: Vec<u64>,
    #[prost(string, tag = "10")]
    retaliation: String,
}

impl Report {
    pub(super) fn record(&self) -> Record {
        Record {
            accused_division: Some(self.accused_division.number()),
            accused_organ: self.accused_organ.clone(),
            accused_person: self.accused_person.clone(),
            title: self.title.clone(),
            text: self.text.clone(),
            confidential: self.confidential,
            addressee: Some(self.addressee.number()),
            reporter: self.reporter.clone(),
            leads: self.leads.iter().map(|one| one.number()).collect(),
            retaliation: self.retaliation.clone(),
        }
    }

    pub(super) fn of(record: Record) -> Result<Self, PlainError> {
        let missing = |what| move || PlainError::Missing { kind: "report", what };
        let accused = record.accused_division.ok_or_else(missing("which division is accused"))?;
        let addressee = record.addressee.ok_or_else(missing("for which office it is"))?;
        let leads = record.leads.into_iter().map(DivisionCode::from_number);
        Ok(Self {
            leads: leads.collect::<Result<_, _>>()?,
            retaliation: record.retaliation,
            accused_division: DivisionCode::from_number(accused)?,
            accused_organ: record.accused_organ,
            accused_person: record.accused_person,
            title: record.title,
            text: record.text,
            confidential: record.confidential,
            addressee: DivisionCode::from_number(addressee)?,
            reporter: record.reporter,
        })
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Report(sealed)")
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(sealed)")
    }
}
