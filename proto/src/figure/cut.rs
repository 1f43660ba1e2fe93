//! A cut (截面): the head of every journal that figures were read out of, and the signed note that says which table was read
//! out of it (ADR 0029).
//!
//! The figures of a cut are those of the largest set of entries within it that is causally closed: an entry whose
//! predecessor lies outside waits, and its case is counted where the entries before show it. So a case is never in two
//! places or in none, and no office can hold the country up by naming what never comes.
//!
//! In a file the note comes first and the heads behind it, one to a line; the note holds their digest. It says what was
//! counted and never that it is right: whoever holds the journals counts again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data_encoding::BASE64;
use jiff::Timestamp;

use super::period::Period;
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::JournalId;
use crate::journal::Checkpoint;
use crate::key::{JournalKey, Signer};
use crate::note::Note;

/// The first line of a note.
const FORM: &str = "terrace/cut/1";
/// What stands between the note and the heads.
const BETWEEN: &str = "\n\n";

/// How far each journal reaches; journals without entries are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut(BTreeMap<JournalId, (u64, Digest)>);

/// What was counted out of a cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Of which division.
    pub of: DivisionCode,
    /// The period that was asked for.
    pub period: Period,
    /// When.
    pub as_of: Timestamp,
    /// SHA-256 of the table as it was written.
    pub table: Digest,
}

/// A cut with what was counted out of it, signed by the office that did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCut {
    cut: Cut,
    counted: Counted,
    note: Note,
}

/// Why a file is no signed cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    /// Not of the form.
    #[error("截面文件格式不对 this is no file of a cut: {0}")]
    Malformed(String),
    /// A head cannot be read.
    #[error("截面文件第 {line} 行不对 line {line} of the cut is no head of a journal: {text:?}")]
    Head {
        /// Which line of the file, from 1.
        line: usize,
        /// What stands there, cut.
        text: String,
    },
    /// The heads are not those that the note was written for.
    #[error(
        "截面所列链头与签名不符 the heads are not those that were signed: the file was altered or is incomplete"
    )]
    Altered,
    /// Somebody else's, or nobody's signature.
    #[error("截面签名不符 the cut is not signed by {0}")]
    NotSigned(JournalId),
}

impl Cut {
    /// A cut of these heads.
    pub fn of(heads: impl IntoIterator<Item = Checkpoint>) -> Self {
        let heads = heads.into_iter().filter(|head| head.size > 0);
        Self(heads.map(|head| (head.journal, (head.size, head.root))).collect())
    }

    /// How many entries of a journal lie within it.
    #[must_use]
    pub fn size(&self, journal: JournalId) -> u64 {
        self.0.get(&journal).map_or(0, |head| head.0)
    }

    /// Its heads, in the order of the journals.
    pub fn heads(&self) -> impl Iterator<Item = Checkpoint> {
        self.0.iter().map(|(journal, (size, root))| Checkpoint {
            journal: *journal,
            size: *size,
            root: *root,
        })
    }

    /// Entries within it.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.0.values().map(|head| head.0).sum()
    }

    fn lines(&self) -> String {
        let mut lines = String::new();
        for head in self.heads() {
            let (origin, root) = (Checkpoint::origin(head.journal), BASE64.encode(&head.root.0));
            let _ = writeln!(lines, "{origin} {} {root}", head.size);
        }
        lines
    }

    /// Reads lines; the first stands on line `from` of its file.
    fn read(lines: &str, from: usize) -> Result<Self, CutError> {
        let mut heads = BTreeMap::new();
        for (place, line) in lines.lines().enumerate() {
            let wrong =
                || CutError::Head { line: from + place, text: line.chars().take(60).collect() };
            let mut words = line.split(' ');
            let mut word = || words.next().ok_or_else(wrong);
            let (origin, size, root) = (word()?, word()?, word()?);
            let journal = Checkpoint::read_origin(origin).ok_or_else(wrong)?;
            let size: u64 = size.parse().map_err(|_| wrong())?;
            let root = BASE64.decode(root.as_bytes()).ok().and_then(|root| Digest::read(&root));
            let sole = heads.insert(journal, (size, root.ok_or_else(wrong)?)).is_none();
            if !sole || size == 0 || words.next().is_some() {
                return Err(wrong());
            }
        }
        Ok(Self(heads))
    }
}

impl SignedCut {
    /// Signs what was counted out of a cut, as the office of a journal.
    #[must_use]
    pub fn sign(cut: Cut, counted: Counted, by: JournalId, signer: &Signer) -> Self {
        let heads = Digest::of(&[cut.lines().as_bytes()]);
        let text = format!(
            "{FORM}\n{}\nof {}\nperiod {}\nas of {}\ntable {}\njournals {}\nentries {}\nheads {}\n",
            Checkpoint::origin(by),
            counted.of,
            counted.period,
            counted.as_of,
            BASE64.encode(&counted.table.0),
            cut.0.len(),
            cut.entries(),
            BASE64.encode(&heads.0),
        );
        let note = Note::sign(text, &Checkpoint::origin(by), signer);
        Self { cut, counted, note }
    }

    /// Reads a file, if the office of a journal signed it with its key.
    ///
    /// # Errors
    ///
    /// [`CutError`] says what is wrong and where.
    pub fn read(text: &str, by: JournalId, key: &JournalKey) -> Result<Self, CutError> {
        let malformed = |what: &str| CutError::Malformed(what.to_owned());
        let note_text = text.split_once(BETWEEN).ok_or_else(|| malformed("it has no signature"))?;
        let (signatures, heads) =
            note_text.1.split_once(BETWEEN).ok_or_else(|| malformed("it lists no heads"))?;
        let note = format!("{}{BETWEEN}{signatures}\n", note_text.0);
        let note = Note::read(note.as_bytes()).map_err(|error| malformed(&error.to_string()))?;
        if !note.signed_by(&Checkpoint::origin(by), key) {
            return Err(CutError::NotSigned(by));
        }
        let (counted, digest) = read_note(note.text()).ok_or_else(|| malformed("its note"))?;
        if Digest::of(&[heads.as_bytes()]) != digest {
            return Err(CutError::Altered);
        }
        let from = note_text.0.lines().count() + signatures.lines().count() + 3;
        Ok(Self { cut: Cut::read(heads, from)?, counted, note })
    }

    /// As it stands in a file.
    #[must_use]
    pub fn write(&self) -> String {
        let note = String::from_utf8_lossy(&self.note.to_bytes()).into_owned();
        format!("{note}\n{}", self.cut.lines())
    }

    /// The cut.
    #[must_use]
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    /// What was counted.
    #[must_use]
    pub fn counted(&self) -> &Counted {
        &self.counted
    }
}

/// What a note says, and the digest of the heads.
fn read_note(text: &str) -> Option<(Counted, Digest)> {
    let mut lines = text.lines();
    if lines.next()? != FORM {
        return None;
    }
    Checkpoint::read_origin(lines.next()?)?;
    let mut word = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    let of = word("of")?.parse().ok()?;
    let period = Period::read(word("period")?).ok()?;
    let as_of = word("as of")?.parse().ok()?;
    let digest = |text: &str| Digest::read(&BASE64.decode(text.as_bytes()).ok()?);
    let table = digest(word("table")?)?;
    word("journals")?;
    word("entries")?;
    let heads = digest(word("heads")?)?;
    Some((Counted { of, period, as_of, table }, heads))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Epoch;

    fn journal(author: &str) -> JournalId {
        JournalId { author: author.parse().unwrap(), epoch: Epoch([7; 16]) }
    }

    fn signed() -> (SignedCut, Signer) {
        let signer = Signer::from_secret(&[3; 32]);
        let head = |author, size: u64| Checkpoint {
            journal: journal(author),
            size,
            root: Digest::of(&[&size.to_be_bytes()]),
        };
        let cut = Cut::of([head("410221", 12), head("00", 4), head("4102", 0)]);
        let counted = Counted {
            of: DivisionCode::HUB,
            period: Period::read("2026-03").unwrap(),
            as_of: "2026-11-30T10:02:00Z".parse().unwrap(),
            table: Digest::of(&[b"table"]),
        };
        (SignedCut::sign(cut, counted, journal("00"), &signer), signer)
    }

    #[test]
    fn a_cut_reads_back_as_it_was_signed() {
        let (signed, signer) = signed();
        let read = SignedCut::read(&signed.write(), journal("00"), &signer.public()).unwrap();
        assert_eq!(read, signed);
        assert_eq!((read.cut().size(journal("410221")), read.cut().entries()), (12, 16));
        assert_eq!(read.cut().size(journal("4102")), 0);
    }

    #[test]
    fn whoever_alters_a_cut_is_found_out() {
        let (signed, signer) = signed();
        let (text, key) = (signed.write(), signer.public());
        let read = |text: &str| SignedCut::read(text, journal("00"), &key);
        assert_eq!(read(&text.replace(" 12 ", " 11 ")), Err(CutError::Altered));
        let other = text.replace("2026-03-31", "2026-03-30");
        assert_eq!(read(&other), Err(CutError::NotSigned(journal("00"))));
        let last = text.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
        assert_eq!(read(&last), Err(CutError::Altered));
        assert!(matches!(read("nothing"), Err(CutError::Malformed(_))));
        let elsewhere = Signer::from_secret(&[4; 32]).public();
        let read = SignedCut::read(&text, journal("00"), &elsewhere);
        assert_eq!(read, Err(CutError::NotSigned(journal("00"))));
    }

    #[test]
    fn a_head_that_is_none_is_named_by_its_line() {
        let wrong = Cut::read("terrace/x 1 2\n", 12);
        assert_eq!(wrong, Err(CutError::Head { line: 12, text: "terrace/x 1 2".into() }));
    }
}
