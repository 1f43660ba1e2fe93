//! [`UnknownDivision`] and [`DivisionError`]: what a search in the tree can refuse.
//!
//! A clerk meets these texts when a code was typed wrong, or names a place that statistics know but
//! that answers to nobody. Each therefore says what to use instead or where to look. They carry the
//! codes as values too, for a caller that wants to act on them.
//!
//! They never correct a code: the nearest node is a suggestion for a person.

use std::error::Error;
use std::fmt;

use super::code::DivisionCode;
use super::level::{Kind, Level};
use super::tree::Tree;

/// A well-formed code that no place in the table has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDivision {
    /// The code that was looked for.
    pub code: DivisionCode,
    /// The lowest known node that the digits of the code could stand under; at worst the hub.
    pub nearest: DivisionCode,
    /// The name of that node.
    pub nearest_name: &'static str,
}

/// Why a code does not lead to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DivisionError {
    /// No place has this code.
    Unknown(UnknownDivision),
    /// The place is known, and no place of its kind has a node.
    WithoutNode {
        /// The code that was looked for.
        code: DivisionCode,
        /// The name of the place.
        name: &'static str,
        /// The kind that has no node.
        kind: Kind,
        /// The node that answers for the place.
        superior: DivisionCode,
        /// The name of that node.
        superior_name: &'static str,
    },
}

impl From<UnknownDivision> for DivisionError {
    fn from(unknown: UnknownDivision) -> Self {
        Self::Unknown(unknown)
    }
}

impl fmt::Display for UnknownDivision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, nearest, nearest_name } = self;
        write!(f, "find division {code}: ")?;
        if code.level() == Level::Village {
            write!(f, "villages are not in the table; ")?;
        } else {
            write!(f, "the table of {} has no such code; ", Tree::EDITION)?;
        }
        write!(
            f,
            "the nearest node known above it is {nearest} {nearest_name}; \
             correct the code, or choose from `divisions tree {} --depth 1`",
            nearest.short()
        )
    }
}

impl fmt::Display for DivisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(unknown) => unknown.fmt(f),
            Self::WithoutNode { code, name, kind, superior, superior_name } => write!(
                f,
                "find a node for division {code} {name}: its kind, {} {}, has no node; \
                 {superior} {superior_name} answers for it; use that code",
                kind.zh(),
                kind.en(),
            ),
        }
    }
}

impl Error for UnknownDivision {}

impl Error for DivisionError {}
