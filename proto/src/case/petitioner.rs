//! What the petitioner alone can say (信访人本人的表示): signed with the key of the code that was given at registration.
//!
//! The public half stands in the first intake of the office that opened the case; what is said is signed over the case,
//! the entry it follows and the kind. A withdrawal that is not so signed is kept, shown, and moves nothing: no office
//! can end a case in the petitioner's name. While the intake or its words are not here, nothing is judged.
//!
//! What stands beside the thread is signed over the entry it is about: a rating over the one that served what is rated.
//! The signature covers what is said as well, so that no office turns a no into a yes with the signature of the no, and
//! sayings on one thing follow one another, so that none wins by being written down again.
//!
//! It never holds a code.

use std::collections::{BTreeMap, BTreeSet};

use super::Case;
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

/// What is signed: this case, the entry that is followed, the kind, and what is said of it as [`covered`] gives it.
#[must_use]
pub fn message(case: CaseId, after: Digest, kind: Kind, said: &[u8]) -> Vec<u8> {
    let parts: [&[u8]; 5] =
        [b"terrace petitioner says\0", &case.0, &after.0, &kind.number().to_be_bytes(), said];
    parts.concat()
}

/// What of a saying its signature covers beside the kind: yes or no as one byte, 1 or 0, for a kind that can say either;
/// for a rating the hash of the sealed part that holds it; nothing for a kind that says one thing alone.
#[must_use]
#[allow(clippy::wildcard_enum_match_arm, reason = "most kinds say one thing alone")]
pub fn covered(kind: Kind, yes: bool, sealed: Option<Digest>) -> Vec<u8> {
    match kind {
        Kind::ContentStated | Kind::PublicationConsented | Kind::MandateStated => vec![yes.into()],
        Kind::Rated => sealed.map(|hash| hash.0.to_vec()).unwrap_or_default(),
        _ => Vec::new(),
    }
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
        let first = first_intake(case, facts);
        let Some(first) = first.filter(|fact| fact.has_body()) else { return Self::NotHere };
        let key = JournalKey::read(Algorithm::Ed25519 as u32, first.petitioner_key());
        key.map_or(Self::None, Self::Known)
    }
}

/// The first intake of whoever the case's id says opened it.
fn first_intake(case: CaseId, facts: &BTreeMap<Digest, Fact>) -> Option<&Fact> {
    let opener = facts.values().map(Fact::header).find(|header| opens(case, header))?;
    let intakes = facts
        .values()
        .filter(|fact| fact.header().kind.is_intake() && fact.header().journal == opener.journal);
    intakes.min_by_key(|fact| fact.header().sequence)
}

impl Case {
    /// The first intake of whoever opened the case.
    #[must_use]
    pub fn first_intake(&self) -> Option<&Fact> {
        first_intake(self.id, &self.facts)
    }

    /// The last of the sayings of a kind that follow one another from an entry on. Of those that follow the same entry the
    /// nos count, where there are any; and the same written down twice is one saying, so what follows either follows both.
    /// Whoever holds a saying back, or writes one down again, gains nothing.
    #[must_use]
    pub fn last_said(&self, kind: Kind, from: Digest) -> Option<&Fact> {
        let (mut last, mut after) = (None, BTreeSet::from([from]));
        loop {
            let said: Vec<&Fact> = self
                .facts
                .values()
                .filter(|fact| {
                    fact.header().kind == kind
                        && fact.about().is_some_and(|about| after.contains(&about))
                        && !self.aside.contains_key(&fact.leaf())
                })
                .collect();
            let Some(least) = said.iter().map(|fact| fact.outcome()).min() else { return last };
            let counting = || said.iter().filter(|fact| fact.outcome() == least);
            last = counting().min_by_key(|fact| fact.leaf()).copied();
            after = counting().map(|fact| fact.leaf()).collect();
        }
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
    let kind = fact.header().kind;
    let said = covered(kind, fact.outcome() == 1, fact.header().sealed_hash);
    key.verifies(&message(case, after, kind, &said), &signature)
}
