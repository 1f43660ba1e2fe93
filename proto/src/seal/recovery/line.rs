//! One line of a recovery copy: its number, what it says, its check code.
//!
//! The check code is six characters of base32, the first 30 bits of SHA-256 over the copy the line belongs to,
//! its number, and what it says without spaces and in capitals. A line with a wrong character passes one time
//! in a thousand million, and so does a line of another copy or in another place. What a line means is not
//! known here.

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

use super::RecoveryError;
use crate::digest::Digest;
use crate::entry::JournalId;

/// Characters of a check code.
const CHECK: usize = 6;

/// A copy as far as it is written or read: how many lines there were, and whose they are.
#[derive(Default)]
pub(super) struct Sheet {
    lines: usize,
    journal: Option<JournalId>,
}

impl Sheet {
    /// The number of the next line, from 1.
    pub(super) fn due(&self) -> usize {
        self.lines + 1
    }

    /// From here on, lines are those of the copy of `journal`.
    pub(super) fn belong_to(&mut self, journal: JournalId) {
        self.journal = Some(journal);
    }

    /// Writes the next line.
    pub(super) fn write(&mut self, text: &mut String, said: &str) {
        let number = self.due();
        let check = self.check(number, &compact(said.split_whitespace()));
        self.lines = number;
        for piece in [&format!("{number:02}"), "  ", said, "  ", &check, "\n"] {
            text.push_str(piece);
        }
    }

    /// What the next line says, without spaces and in capitals.
    pub(super) fn read(&mut self, line: &str) -> Result<Zeroizing<String>, RecoveryError> {
        let due = self.due();
        let mut words = line.split_whitespace();
        let number = words.next().unwrap_or_default();
        // `parse` alone would take +1 for 1.
        if number.starts_with('+') || number.parse() != Ok(due) {
            return Err(RecoveryError::Misplaced { line: due });
        }
        let mistyped = RecoveryError::Mistyped { line: due };
        let rest = compact(words);
        let Some((said, check)) =
            rest.len().checked_sub(CHECK).and_then(|at| rest.split_at_checked(at))
        else {
            return Err(mistyped);
        };
        if *self.check(due, said) != *check {
            return Err(mistyped);
        }
        self.lines = due;
        Ok(Zeroizing::new(said.to_owned()))
    }

    fn check(&self, number: usize, said: &str) -> Zeroizing<String> {
        let (division, epoch) = match self.journal {
            Some(JournalId { author, epoch }) => (author.number(), epoch.0),
            None => (0, [0; 16]),
        };
        let digest = Digest::of(&[
            b"terrace recovery copy\0",
            &division.to_be_bytes(),
            &epoch,
            &(number as u64).to_be_bytes(),
            said.as_bytes(),
        ]);
        let mut check = Zeroizing::new(BASE32_NOPAD.encode(&digest.0[..4]));
        check.truncate(CHECK);
        check
    }
}

/// Words run together, in capitals.
fn compact<'a>(words: impl Iterator<Item = &'a str>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(128));
    for word in words {
        text.extend(word.chars().map(|symbol| symbol.to_ascii_uppercase()));
    }
    text
}
