//! Signed notes (C2SP signed-note): a short text and the lines that sign it.
//!
//! A note is what checkpoints and ledger heads are written on. A signature line is
//! `— NAME BASE64(key id ‖ signature)`; the key id binds name, algorithm and key. A cosignature line
//! (C2SP tlog-cosignature) carries the hour as well and signs it together with the text.
//!
//! Invariants: 1. the text ends in a newline and has no empty line; 2. unknown signature lines are
//! kept and never trusted; 3. only [`Note::signed_by`] and [`cosigned_at`] say that a signature holds.

use data_encoding::{BASE64, HEXLOWER};

use crate::digest::Digest;
use crate::key::{JournalKey, Signer};

/// Longest note anyone accepts, in bytes.
const NOTE_LIMIT: usize = 16 * 1024;
/// Most signature lines anyone accepts.
const LINE_LIMIT: usize = 32;
const PREFIX: &str = "\u{2014} ";
const TYPE_ED25519: u8 = 0x01;
const TYPE_COSIGNATURE: u8 = 0x04;

/// A text with its signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    lines: Vec<Line>,
}

/// One signature line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    key_id: [u8; 4],
    signature: Vec<u8>,
}

/// What is wrong with a note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not of the form text, empty line, signature lines.
    #[error("malformed note: {0}")]
    Malformed(&'static str),
}

impl Note {
    /// A note of `text`, signed once by `signer` under `name`.
    #[must_use]
    pub fn sign(text: String, name: &str, signer: &Signer) -> Self {
        let signature = signer.sign(text.as_bytes()).to_vec();
        let line = Line {
            name: name.to_owned(),
            key_id: key_id(name, TYPE_ED25519, &signer.public()),
            signature,
        };
        Self { text, lines: vec![line] }
    }

    /// A note of `text` with a signature that was made elsewhere; it is not checked.
    #[must_use]
    pub fn with(text: String, name: &str, key: &JournalKey, signature: &[u8; 64]) -> Self {
        let (key_id, signature) = (key_id(name, TYPE_ED25519, key), signature.to_vec());
        Self { text, lines: vec![Line { name: name.to_owned(), key_id, signature }] }
    }

    /// Reads a note; no signature is checked.
    pub fn read(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_LIMIT {
            return Err(NoteError::Malformed("longer than 16 KiB"));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Malformed("not UTF-8"))?;
        let (text, signatures) = whole
            .split_once("\n\n")
            .ok_or(NoteError::Malformed("no empty line before the signatures"))?;
        let signatures =
            signatures.strip_suffix('\n').ok_or(NoteError::Malformed("no newline at the end"))?;
        let lines = signatures.split('\n').map(Line::read).collect::<Result<Vec<_>, _>>()?;
        if lines.len() > LINE_LIMIT {
            return Err(NoteError::Malformed("more than 32 signature lines"));
        }
        Ok(Self { text: format!("{text}\n"), lines })
    }

    /// The note as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!("{}\n", self.text);
        for line in &self.lines {
            out.push_str(&line.to_string());
            out.push('\n');
        }
        out.into_bytes()
    }

    /// The signed text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a line under `name` holds for `key`.
    #[must_use]
    pub fn signed_by(&self, name: &str, key: &JournalKey) -> bool {
        let id = key_id(name, TYPE_ED25519, key);
        self.lines.iter().any(|line| {
            line.name == name
                && line.key_id == id
                && <&[u8; 64]>::try_from(line.signature.as_slice())
                    .is_ok_and(|signature| key.verifies(self.text.as_bytes(), signature))
        })
    }
}

/// A key as it is handed out on paper and in configuration (C2SP signed-note): name, key id and key in one word.
#[must_use]
pub fn verifier(name: &str, key: &JournalKey) -> String {
    let id = key_id(name, TYPE_ED25519, key);
    let mut bytes = vec![TYPE_ED25519];
    bytes.extend(key.bytes());
    format!("{name}+{}+{}", HEXLOWER.encode(&id), BASE64.encode(&bytes))
}

/// Reads what [`verifier`] writes: the name and the key; `None` when it is none, or a letter was mistaken.
#[must_use]
pub fn read_verifier(text: &str) -> Option<(String, JournalKey)> {
    let (name, rest) = text.trim().split_once('+')?;
    let (id, bytes) = rest.split_once('+')?;
    let bytes = BASE64.decode(bytes.as_bytes()).ok()?;
    let (kind, key) = bytes.split_first()?;
    let key = JournalKey::read(u32::from(*kind), key).ok()?;
    let fits = *kind == TYPE_ED25519 && HEXLOWER.encode(&key_id(name, TYPE_ED25519, &key)) == id;
    fits.then(|| (name.to_owned(), key))
}

/// A cosignature line by `signer` under `name` on `text`, at `seconds` since 1970 UTC.
#[must_use]
pub fn cosign(text: &str, name: &str, signer: &Signer, seconds: u64) -> String {
    let mut signature = seconds.to_be_bytes().to_vec();
    signature.extend(signer.sign(&cosigned_message(text, seconds)));
    let key_id = key_id(name, TYPE_COSIGNATURE, &signer.public());
    Line { name: name.to_owned(), key_id, signature }.to_string()
}

/// The hour, in seconds since 1970 UTC, at which `key` cosigned `text` by `line`; `None` when the line
/// does not hold.
#[must_use]
pub fn cosigned_at(text: &str, line: &str, name: &str, key: &JournalKey) -> Option<u64> {
    let line = Line::read(line).ok()?;
    if line.name != name || line.key_id != key_id(name, TYPE_COSIGNATURE, key) {
        return None;
    }
    let (seconds, signature) = line.signature.split_first_chunk::<8>()?;
    let seconds = u64::from_be_bytes(*seconds);
    let signature = <&[u8; 64]>::try_from(signature).ok()?;
    key.verifies(&cosigned_message(text, seconds), signature).then_some(seconds)
}

fn cosigned_message(text: &str, seconds: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

fn key_id(name: &str, kind: u8, key: &JournalKey) -> [u8; 4] {
    let digest = Digest::of(&[name.as_bytes(), b"\n", &[kind], &key.bytes()]);
    [digest.0[0], digest.0[1], digest.0[2], digest.0[3]]
}

impl Line {
    fn read(text: &str) -> Result<Self, NoteError> {
        let rest = text
            .strip_prefix(PREFIX)
            .ok_or(NoteError::Malformed("a signature line without its dash"))?;
        let (name, encoded) =
            rest.split_once(' ').ok_or(NoteError::Malformed("a signature line without a name"))?;
        let bytes = BASE64
            .decode(encoded.as_bytes())
            .map_err(|_| NoteError::Malformed("a signature that is not base64"))?;
        let (key_id, signature) = bytes
            .split_first_chunk::<4>()
            .ok_or(NoteError::Malformed("a signature without a key id"))?;
        Ok(Self { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() })
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = self.key_id.to_vec();
        bytes.extend(&self.signature);
        write!(f, "{PREFIX}{} {}", self.name, BASE64.encode(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "terrace/41";

    #[test]
    fn signed_note_reads_back_and_holds() {
        let signer = Signer::from_secret(&[7; 32]);
        let note = Note::sign("origin\n3\nabc\n".into(), NAME, &signer);
        let again = Note::read(&note.to_bytes()).unwrap();
        assert_eq!(again, note);
        assert!(again.signed_by(NAME, &signer.public()));
        assert!(!again.signed_by("terrace/42", &signer.public()));
        assert!(!again.signed_by(NAME, &Signer::from_secret(&[8; 32]).public()));
    }

    #[test]
    fn key_on_paper_reads_back_and_no_letter_of_it_can_be_mistaken() {
        let key = Signer::from_secret(&[7; 32]).public();
        let word = verifier(NAME, &key);
        assert_eq!(read_verifier(&format!(" {word}\n")), Some((NAME.to_owned(), key)));
        for at in 0..word.len() {
            let mut wrong = word.clone();
            let letter = if word.as_bytes()[at] == b'A' { "B" } else { "A" };
            wrong.replace_range(at..=at, letter);
            assert_eq!(read_verifier(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn changed_text_does_not_hold() {
        let signer = Signer::from_secret(&[7; 32]);
        let note = Note::sign("origin\n3\nabc\n".into(), NAME, &signer);
        let bytes = String::from_utf8(note.to_bytes()).unwrap().replacen('3', "4", 1);
        assert!(!Note::read(bytes.as_bytes()).unwrap().signed_by(NAME, &signer.public()));
    }

    #[test]
    fn cosignature_tells_its_hour() {
        let signer = Signer::from_secret(&[9; 32]);
        let line = cosign("origin\n3\nabc\n", NAME, &signer, 1_700_000_000);
        assert_eq!(
            cosigned_at("origin\n3\nabc\n", &line, NAME, &signer.public()),
            Some(1_700_000_000)
        );
        assert_eq!(cosigned_at("origin\n4\nabc\n", &line, NAME, &signer.public()), None);
    }

    #[test]
    fn garbage_is_an_error_and_not_a_panic() {
        for bytes in
            [&b""[..], b"\n\n", b"a\n\n\xff", b"a\n\n- b c\n", "a\n\n\u{2014} b\n".as_bytes()]
        {
            assert!(Note::read(bytes).is_err(), "{bytes:?}");
        }
    }
}
