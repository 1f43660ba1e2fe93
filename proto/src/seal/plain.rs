//! The text inside a sealed part: one kind byte, then an identity, a report or a rating.
//!
//! The kind stands inside, so that nobody can see from outside which of them is sealed. Nothing here shows
//! its words in a `Debug`, and what is encoded is wiped when dropped; words that were read live as ordinary
//! strings for as long as their reader keeps them.

use prost::Message as _;
use zeroize::Zeroizing;

use super::identity::{self, Identity};
use super::report::{self, Report};
use crate::division::CodeError;
use crate::roll::rating::Rating;

/// The first byte of a sealed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identity = 1,
    Report = 2,
    Rating = 3,
}

/// What is sealed.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// Who the petitioner is.
    Identity(Identity),
    /// A whole report (检举控告).
    Report(Report),
    /// What a petitioner says of how the case was dealt with (评价).
    Rating(Rating),
}

/// Why an opened text cannot be read. None of them repeats anything of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// No kind byte.
    #[error("the sealed text is empty: it names no kind")]
    Empty,
    /// A kind this version does not know.
    #[error("sealed texts of kind {0} are not known to this version: a newer one can read it")]
    Kind(u8),
    /// Not a message of its kind.
    #[error("the sealed {0} cannot be decoded: whoever sealed it made it wrongly")]
    Encoding(&'static str),
    /// Something that must be there is missing.
    #[error("the sealed {kind} does not say {what}: whoever sealed it made it wrongly")]
    Missing {
        /// Identity or report.
        kind: &'static str,
        /// What is missing.
        what: &'static str,
    },
    /// A division that cannot be one. It does not say which.
    #[error("the sealed report names a division that cannot be one")]
    Division,
}

impl From<CodeError> for PlainError {
    fn from(_: CodeError) -> Self {
        Self::Division
    }
}

impl Plain {
    /// The text to seal.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Identity(identity) => encode(Kind::Identity, &identity.record()),
            Self::Report(report) => encode(Kind::Report, &report.record()),
            Self::Rating(rating) => encode(Kind::Rating, &rating.record()),
        }
    }

    /// Reads a text that was opened.
    pub fn read(text: &[u8]) -> Result<Self, PlainError> {
        let (kind, words) = text.split_first().ok_or(PlainError::Empty)?;
        if *kind == Kind::Identity as u8 {
            let record = identity::Record::decode(words);
            let record = record.map_err(|_| PlainError::Encoding("identity"))?;
            Identity::of(record).map(Self::Identity)
        } else if *kind == Kind::Report as u8 {
            let record = report::Record::decode(words);
            let record = record.map_err(|_| PlainError::Encoding("report"))?;
            Report::of(record).map(Self::Report)
        } else if *kind == Kind::Rating as u8 {
            let rating = Rating::read(words).ok_or(PlainError::Encoding("rating"))?;
            Ok(Self::Rating(rating))
        } else {
            Err(PlainError::Kind(*kind))
        }
    }
}

/// Written into a buffer of the right size, so that no copy is left in one that grew.
fn encode(kind: Kind, record: &impl prost::Message) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(1 + record.encoded_len()));
    text.push(kind as u8);
    record.encode(&mut *text).expect("a vector takes any length");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_of_ours_is_refused() {
        assert_eq!(Plain::read(&[]), Err(PlainError::Empty));
        assert_eq!(Plain::read(&[4, 1]), Err(PlainError::Kind(4)));
        assert_eq!(Plain::read(&[3]), Err(PlainError::Encoding("rating")));
        assert_eq!(Plain::read(&[1, 0xff]), Err(PlainError::Encoding("identity")));
        assert_eq!(Plain::read(&[2, 0xff]), Err(PlainError::Encoding("report")));
        assert!(matches!(Plain::read(&[1]), Err(PlainError::Missing { kind: "identity", .. })));
        assert!(matches!(Plain::read(&[2]), Err(PlainError::Missing { kind: "report", .. })));
    }
}
