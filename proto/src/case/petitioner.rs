//! What the petitioner alone can say (信访人本人的表示): signed with the key of the code that was given at registration.
//!
//! The public half stands in the first intake of the office that opened the case; what is said is signed over the case,
//! the entry it follows and the kind. A withdrawal that is not so signed is kept, shown, and moves nothing: no office
//! can end a case in the petitioner's name. While the intake or its words are not here, nothing is judged.
//!
//! What stands beside the thread is signed over the entry it is about: a rating over the one that served what is rated.
//!
//! It never holds a code.

use std::collections::{BTreeMap, BTreeSet};

use super::fact::Fact;
use crate::digest::{CaseId, Digest};
use crate::entry::{Header, Kind};
use crate::key::{Algorithm, JournalKey};

/// What the petitioner alone can say.
pub const SAYINGS: [Kind; 6] = [
    Kind::Withdrawn,
    Kind::WithdrawalUndone,
    Kind::Rated,
    Kind::ContentStated,
    Kind::PublicationConsented,
    Kind::MandateStated,
];

/// What is signed: this case, the entry that is followed, and the kind.
#[must_use]
pub fn message(case: CaseId, after: Digest, kind: Kind) -> Vec<u8> {
    let parts: [&[u8]; 4] =
        [b"terrace petitioner says\0", &case.0, &after.0, &kind.number().to_be_bytes()];
    parts.concat()
}

/// What is known of the petitioner's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PetitionerKey {
    /// The intake, or its words, are not here.
    NotHere,
    /// No code was given.
    None,
    /// This one.
    Known(JournalKey),
}

impl PetitionerKey {
    /// Out of the facts of a case: that of the first intake by whoever the case's id says opened it.
    #[must_use]
    pub fn of(case: CaseId, facts: &BTreeMap<Digest, Fact>) -> Self {
        let opener = facts.values().map(Fact::header).find(|header| opens(case, header));
        let Some(journal) = opener.map(|header| header.journal) else { return Self::NotHere };
        let intakes = facts.values().filter(|fact| {
            fact.header().kind == Kind::IntakeRegistered && fact.header().journal == journal
        });
        let first = intakes.min_by_key(|fact| fact.header().sequence);
        let Some(first) = first.filter(|fact| fact.has_body()) else { return Self::NotHere };
        let key = JournalKey::read(Algorithm::Ed25519 as u32, first.petitioner_key());
        key.map_or(Self::None, Self::Known)
    }
}

fn opens(case: CaseId, header: &Header) -> bool {
    let place = header.place.as_ref().filter(|place| place.predecessor.is_none());
    place.is_some_and(|place| CaseId::of(header.journal.author, place.thread) == case)
}

/// The entries that say in the petitioner's name what the petitioner did not sign.
pub(super) fn unsigned(facts: &BTreeMap<Digest, Fact>) -> BTreeSet<Digest> {
    let mut sayings =
        facts.values().filter(|fact| SAYINGS.contains(&fact.header().kind)).peekable();
    let Some(case) = sayings.peek().and_then(|fact| fact.header().case) else {
        return BTreeSet::new();
    };
    let key = match PetitionerKey::of(case, facts) {
        PetitionerKey::NotHere => return BTreeSet::new(),
        PetitionerKey::None => None,
        PetitionerKey::Known(key) => Some(key),
    };
    let forged = sayings.filter(|fact| fact.has_body() && !is_signed(case, fact, key.as_ref()));
    forged.map(Fact::leaf).collect()
}

fn is_signed(case: CaseId, fact: &Fact, key: Option<&JournalKey>) -> bool {
    let place = fact.header().place.as_ref();
    let after = place.map_or_else(|| fact.about(), |place| place.predecessor);
    let (Some(key), Some(after)) = (key, after) else { return false };
    let Ok(signature) = fact.signature().try_into() else { return false };
    key.verifies(&message(case, after, fact.header().kind), &signature)
}
