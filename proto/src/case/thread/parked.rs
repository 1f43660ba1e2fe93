//! Why a thread is parked (搁置待读): this version cannot interpret it further, while custody goes on.

use crate::case::state::State;
use crate::entry::header::SCHEMA;
use crate::entry::{Header, Kind};

/// Why a thread cannot be interpreted further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parked {
    /// A kind of a later version.
    UnknownKind(u32),
    /// A body of a later schema.
    NewerSchema(u32),
    /// A step the table of this version does not grant.
    Unlawful {
        /// The kind of entry.
        kind: Kind,
        /// The state it was taken from.
        from: State,
    },
}

impl std::fmt::Display for Parked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownKind(number) => {
                write!(f, "an entry of kind {number}, which this version does not know")
            }
            Self::NewerSchema(schema) => {
                write!(f, "a body of schema {schema}, newer than {SCHEMA}")
            }
            Self::Unlawful { kind, from } => {
                write!(f, "{} does not follow {}", kind.en(), from.en())
            }
        }
    }
}

/// Whether this version cannot read the kind or the body of an entry.
pub(super) fn unreadable(header: &Header) -> Option<Parked> {
    if let Kind::Unknown(number) = header.kind {
        return Some(Parked::UnknownKind(number));
    }
    (header.schema > SCHEMA).then_some(Parked::NewerSchema(header.schema))
}
