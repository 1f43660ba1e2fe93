//! An objection (异议): why a journal was not taken as it was shown, with both notes its author signed.
//!
//! Whoever refuses a journal says so in its own journal, which climbs: so it is known one level up and at the root,
//! and cannot be taken back. The evidence is in the entry; nobody has to believe who raised it.
//!
//! It never accuses an officer, and says nothing about a case.

use jiff::Timestamp;

use crate::digest::{Digest, Epoch};
use crate::division::DivisionCode;
use crate::entry::{Content, JournalId};
use crate::wire;

/// What an objection rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The author shows a shorter journal than it had signed: something was rolled back.
    Shorter,
    /// The author signed two histories.
    Forked,
    /// Nothing has come from the author for longer than is let.
    Silent,
    /// The author was asked for an entry it signed for, and does not give it.
    Withheld,
    /// The new head was not shown to go on from the one before.
    Unproved,
    /// The subordinate does not know a passage that it had signed as stored: it lost what it answered for, or denies it.
    Denied,
}

const GROUNDS: [(Ground, u32, &str, &str); 6] = [
    (Ground::Shorter, 1, "短于已签", "shorter than signed before"),
    (Ground::Forked, 2, "两本记录簿", "two histories"),
    (Ground::Silent, 3, "久无音讯", "silent"),
    (Ground::Withheld, 4, "询问不答", "asked at, nothing given"),
    (Ground::Unproved, 5, "前后不接", "not shown to go on"),
    (Ground::Denied, 6, "否认已收", "denies what it signed as stored"),
];

impl Ground {
    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u32 {
        self.row().1
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().2
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().3
    }

    fn row(self) -> &'static (Self, u32, &'static str, &'static str) {
        GROUNDS.iter().find(|row| row.0 == self).expect("every ground has a row")
    }

    fn from_number(number: u32) -> Option<Self> {
        GROUNDS.iter().find(|row| row.1 == number).map(|row| row.0)
    }
}

/// An objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// What it rests on.
    pub ground: Ground,
    /// The journal.
    pub about: JournalId,
    /// Size or sequence at which it shows; for [`Ground::Denied`] the number of the passage.
    pub place: u64,
    /// The note the author showed; empty for silence.
    pub shown: Vec<u8>,
    /// The note the author had signed before, a ledger's head for [`Ground::Denied`]; empty where none is held.
    pub held: Vec<u8>,
    /// Since when nothing came, or when it was asked for.
    pub since: Option<Timestamp>,
}

impl Objection {
    /// As it stands in an entry.
    #[must_use]
    pub fn content(&self) -> Content {
        Content::Objected(wire::Objected {
            ground: self.ground.number(),
            author: self.about.author.number(),
            epoch: self.about.epoch.0.to_vec(),
            place: self.place,
            shown: self.shown.clone(),
            held: self.held.clone(),
            since: self.since.map_or(0, Timestamp::as_millisecond),
        })
    }

    /// Reads one out of an entry; `None` when a field does not have its form, or the ground is of a later version.
    #[must_use]
    pub fn read(wire: &wire::Objected) -> Option<Self> {
        Some(Self {
            ground: Ground::from_number(wire.ground)?,
            about: JournalId {
                author: DivisionCode::from_number(wire.author).ok()?,
                epoch: Epoch::read(&wire.epoch)?,
            },
            place: wire.place,
            shown: wire.shown.clone(),
            held: wire.held.clone(),
            since: (wire.since != 0)
                .then(|| Timestamp::from_millisecond(wire.since).ok())
                .flatten(),
        })
    }

    /// The same for what is objected again at the same place, however the journal grows meanwhile: an office says a
    /// thing once.
    #[must_use]
    pub fn gist(&self) -> Digest {
        let about = (self.about.author.number().to_be_bytes(), self.about.epoch.0);
        let since = self.since.map_or(0, Timestamp::as_millisecond).to_be_bytes();
        let ground = self.ground.number().to_be_bytes();
        let place = self.place.to_be_bytes();
        Digest::of(&[b"terrace objection\0", &ground, &about.0, &about.1, &place, &since])
    }
}

/// The gist of a question for an entry.
#[must_use]
pub fn gist_of_question(asked: &wire::Asked) -> Digest {
    let author = asked.author.to_be_bytes();
    Digest::of(&[
        b"terrace question\0",
        &author,
        &asked.epoch,
        &asked.sequence.to_be_bytes(),
        &asked.leaf,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(ground: Ground) -> Objection {
        let about = JournalId { author: "410221".parse().unwrap(), epoch: Epoch([3; 16]) };
        let since = Timestamp::from_millisecond(1_790_000_000_123).ok();
        Objection { ground, about, place: 7, shown: vec![1], held: vec![2, 3], since }
    }

    #[test]
    fn every_ground_reads_back() {
        for (ground, ..) in GROUNDS {
            let said = objection(ground);
            let Content::Objected(wire) = said.content() else { panic!("another content") };
            assert_eq!(Objection::read(&wire), Some(said));
        }
        let Content::Objected(mut wire) = objection(Ground::Forked).content() else {
            panic!("another content")
        };
        wire.ground = 99;
        assert_eq!(Objection::read(&wire), None);
    }

    #[test]
    fn what_is_said_again_has_the_same_gist_and_anything_else_another() {
        let said = objection(Ground::Shorter);
        assert_eq!(said.gist(), Objection { held: vec![9], ..said.clone() }.gist());
        assert_ne!(said.gist(), Objection { place: 8, ..said.clone() }.gist());
        assert_eq!(said.gist(), Objection { shown: vec![9], ..said.clone() }.gist());
        assert_ne!(said.gist(), objection(Ground::Forked).gist());
    }
}
