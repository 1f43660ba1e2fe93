//! What only the petitioner can do: said with the code that was given at registration.
//!
//! The code is words on paper. It makes a key; its public half stands in the intake, and what the petitioner says is
//! signed with the other, over the case, the entry it follows, the kind and what is said. The office forgets the code when it has
//! signed. The desk that writes it checks the signature, and so does every fold: see `terrace_proto::case::petitioner`.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use data_encoding::BASE32_NOPAD;
use ed25519_dalek::{Signer as _, SigningKey};
use terrace_proto::case::petitioner::{self, PetitionerKey};
use terrace_proto::case::{Case, Guard};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::{Content, Kind, body};

use super::DeskError;
use super::matter::{Matter, refused};

/// Random bytes in a code.
pub const CODE_BYTES: usize = 10;

/// A petitioner's code (查询码): sixteen letters and digits in groups of four.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CODE_BYTES]);

impl Code {
    /// A code of these random bytes.
    #[must_use]
    pub fn of(random: [u8; CODE_BYTES]) -> Self {
        Self(random)
    }

    /// Reads a code as somebody writes it: case, spaces and hyphens do not matter.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        let letters: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
        let bytes = BASE32_NOPAD.decode(letters.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The key that it makes.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        self.key().verifying_key().to_bytes().to_vec()
    }

    /// Signs what the petitioner says in a case.
    #[must_use]
    pub fn sign(&self, case: &Case, kind: Kind) -> Vec<u8> {
        self.key().sign(&message(case, kind)).to_bytes().to_vec()
    }

    /// Signs what the petitioner says about an entry of a case; `said` is what [`petitioner::covered`] gives.
    #[must_use]
    pub fn sign_about(&self, case: CaseId, about: Digest, kind: Kind, said: &[u8]) -> Vec<u8> {
        self.key().sign(&petitioner::message(case, about, kind, said)).to_bytes().to_vec()
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&Digest::of(&[b"terrace petitioner code\0", &self.0]).0)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letters = BASE32_NOPAD.encode(&self.0);
        let groups: Vec<&str> = (0..4).filter_map(|at| letters.get(at * 4..at * 4 + 4)).collect();
        f.write_str(&groups.join("-"))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

/// What is signed: this case, as it stands, and what is said.
fn message(case: &Case, kind: Kind) -> Vec<u8> {
    let tip = case.leading().and_then(|thread| thread.tip()).unwrap_or_default();
    petitioner::message(case.id(), tip, kind, &[])
}

/// Whether an entry bears the signature of the petitioner of the case.
pub(super) fn signed(matter: &Matter<'_>, content: &Content) -> Result<(), DeskError> {
    let signature = match content {
        Content::Withdrawn(said) => &said.signature,
        Content::WithdrawalUndone(said) => &said.signature,
        _ => return Ok(()),
    };
    let tip = matter.case.leading().and_then(|thread| thread.tip()).unwrap_or_default();
    verified(matter.case, tip, (body::kind(content), &[]), signature)
}

/// Whether the petitioner of a case signed what is said after or about an entry, with what the signature covers of it.
pub(super) fn verified(
    case: &Case,
    entry: Digest,
    (kind, said): (Kind, &[u8]),
    signature: &[u8],
) -> Result<(), DeskError> {
    let key = match PetitionerKey::of(case.id(), case.facts()) {
        PetitionerKey::Known(key) => key,
        PetitionerKey::None => return Err(refused(Guard::Code, "no code was given for this case")),
        PetitionerKey::NotHere => {
            return Err(refused(Guard::Code, "the intake with the key of the code is not here"));
        }
    };
    let Ok(signature) = signature.try_into() else {
        return Err(refused(Guard::Code, "give the petitioner's code"));
    };
    if key.verifies(&petitioner::message(case.id(), entry, kind, said), &signature) {
        return Ok(());
    }
    Err(refused(Guard::Code, "that is not the code of this case"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_written() {
        let code = Code::of([7, 1, 2, 3, 4, 5, 6, 250, 8, 9]);
        let told = code.to_string();
        assert_eq!(told.len(), 19);
        assert_eq!(Code::read(&told.to_lowercase().replace('-', " ")), Some(code.clone()));
        assert_eq!(Code::read("ABCD"), None);
        assert_ne!(Code::of([0; 10]).public(), code.public());
    }
}
