//! What an entry puts on record about another's journal, and whether the notes it brings prove that by themselves.
//!
//! It believes no one: a note counts only if the key of the journal it speaks against signed it.

use crate::admission::Keyring;
use crate::entry::{Content, body};
use crate::journal::{Checkpoint, SignedCheckpoint};
use crate::note::Note;
use crate::objection::{Ground, Objection};

/// A question or an objection in the file.
#[derive(Debug)]
pub(super) struct Raising {
    /// Its kind, by its number on the wire.
    pub(super) kind: u32,
    /// Whether the file says about what.
    pub(super) told: bool,
    objection: Option<Objection>,
}

impl Raising {
    /// What an entry of this kind says, if its words are here.
    pub(super) fn of(kind: u32, words: Option<&[u8]>) -> Self {
        let objection = match words.and_then(body::content) {
            Some(Content::Objected(objected)) => Objection::read(&objected),
            Some(_) | None => None,
        };
        Self { kind, told: false, objection }
    }

    /// What it rests on; nothing for a question.
    pub(super) fn ground(&self) -> Option<Ground> {
        self.objection.as_ref().map(|objection| objection.ground)
    }

    /// Whether the accused has signed what contradicts itself, or what it denies: nobody else has to be believed.
    pub(super) fn is_proved(&self, keyring: &Keyring) -> bool {
        let Some(objection) = &self.objection else { return false };
        let about = objection.about;
        let Some(key) = keyring.key(about) else { return false };
        let signed = |note: &[u8]| SignedCheckpoint::read(note, about, key);
        let heads = signed(&objection.shown).zip(signed(&objection.held));
        let heads = heads.map(|(shown, held)| (*shown.checkpoint(), *held.checkpoint()));
        match objection.ground {
            Ground::Forked => heads
                .is_some_and(|(shown, held)| shown.size == held.size && shown.root != held.root),
            // A head may be old; only what was shown as the newest speaks for this, and that is the objector's word.
            Ground::Shorter | Ground::Unproved | Ground::Silent | Ground::Withheld => false,
            Ground::Denied => Note::read(&objection.held)
                .is_ok_and(|note| note.signed_by(&Checkpoint::origin(about), key)),
        }
    }
}
