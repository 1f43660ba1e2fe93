//! Reads of sealed parts: which kinds of entries say that somebody looked into one.
//!
//! An office that opens a sealed part says so by an entry of its own, and the audit lists those entries. A kind
//! that means it is named here and nowhere else.

use crate::entry::Kind;

/// The kinds by which an office says that it opened a sealed part.
const READINGS: &[Kind] = &[Kind::Unsealed];

/// Whether an entry of this kind says that a sealed part was opened.
#[must_use]
pub fn reads_sealed_part(kind: Kind) -> bool {
    READINGS.contains(&kind)
}
