//! A receipt (回执): what an office owes the petitioner in writing, and its signature on it.
//!
//! At registration the office signs that it has entered this intake, with these words, at this place of its
//! journal, and by when it owes what. The text is a signed note of a few lines, short enough for a QR code. From
//! then on the paper is a witness: if the journal holds something else at that place, or nothing, the office has
//! signed two things that cannot both be true. [`Evidence`] can be added later, so that the paper is checked with
//! the root's key alone; [`examine`] says what holds, what fails, and which office must answer.
//!
//! It never says who the petitioner is.
//!
//! Invariants: 1. a receipt names leaf and place, so it commits to the whole entry; 2. its first line is no
//! checkpoint's, so neither can pass for the other; 3. only [`Unchecked::signed_by`] says that the signature holds.

pub mod evidence;
pub mod verdict;

use data_encoding::{BASE32_NOPAD, BASE64};
use jiff::Timestamp;
use jiff::civil::Date;

pub use evidence::Evidence;
pub use verdict::{Here, Verdict, examine};

use crate::case::CaseNumber;
use crate::case::standing::day_of;
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::header::date_of;
use crate::entry::{Entry, EntryId, JournalId, Kind};
use crate::journal::Checkpoint;
use crate::key::{JournalKey, Signer};
use crate::note::Note;
use crate::wire;

/// Most duties a receipt names.
const DUE_LIMIT: usize = 16;
/// Longest text anyone reads as a receipt, in bytes: a note and its evidence.
pub const TEXT_LIMIT: usize = 4 * 1024 * 1024;
const HEAD: &str = "terrace/receipt/";

/// Something an office owes, and the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDate {
    /// Its code, as in [`wire::Due`].
    pub code: String,
    /// The last day on which it is done in time.
    pub due_on: Date,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Where the intake stands.
    pub entry: EntryId,
    /// Leaf hash of the intake.
    pub leaf: Digest,
    /// Hash of its words, salt included.
    pub content: Digest,
    /// Number of the case it opened.
    pub number: CaseNumber,
    /// When it was recorded, by the office's clock.
    pub registered_at: Timestamp,
    /// The day the petitioner was received: where the terms begin.
    pub received_on: Date,
    /// What is owed.
    pub due: Vec<DueDate>,
}

/// Why a text is no receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// No signed note.
    #[error(
        "this is not a receipt: {0}; copy all of it, from `{HEAD}` to the line with the signature"
    )]
    Note(String),
    /// A line is not what it should be.
    #[error("line {line} of the receipt cannot be read: expected {expected}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// The block of evidence behind it is damaged.
    #[error(
        "the evidence behind the receipt is damaged: {0}; the receipt itself can be checked without it"
    )]
    Evidence(String),
}

impl Receipt {
    /// The receipt for an intake that opened the case `number`, or for a sealed report; `None` for any other kind of entry.
    #[must_use]
    pub fn of(intake: &Entry, number: CaseNumber, due: &[wire::Due]) -> Option<Self> {
        let header = intake.header();
        let duty = |due: &wire::Due| {
            Some(DueDate { code: due.duty.clone(), due_on: date_of(due.due_on).ok()? })
        };
        matches!(header.kind, Kind::IntakeRegistered | Kind::ReportSealed).then(|| Self {
            entry: header.id(),
            leaf: intake.leaf(),
            content: header.body_hash,
            number,
            registered_at: header.recorded_at,
            received_on: header.received_on.unwrap_or_else(|| day_of(header.recorded_at)),
            due: due.iter().filter_map(duty).take(DUE_LIMIT).collect(),
        })
    }

    /// The office that gave it.
    #[must_use]
    pub fn office(&self) -> DivisionCode {
        self.entry.journal.author
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let JournalId { author, epoch } = self.entry.journal;
        let mut text = format!(
            "{HEAD}{author}/{epoch}\n{}\n{}\ncontent {}\nnumber {}\nregistered {}\nreceived {}\n",
            self.entry.sequence,
            BASE64.encode(&self.leaf.0),
            BASE64.encode(&self.content.0),
            self.number,
            self.registered_at,
            self.received_on,
        );
        for duty in &self.due {
            text.push_str(&format!("due {} {}\n", duty.code, duty.due_on));
        }
        text
    }

    /// Signs it as the office whose journal it names: the note's bytes.
    #[must_use]
    pub fn sign(&self, signer: &Signer) -> Vec<u8> {
        Note::sign(self.text(), &Checkpoint::origin(self.entry.journal), signer).to_bytes()
    }

    /// Twelve letters and digits to be read aloud or sent by SMS. They are no signature: an office that holds the
    /// journal can compare them with its entry.
    #[must_use]
    pub fn code(&self) -> String {
        code_of(&self.leaf)
    }
}

/// The short code of an intake, in groups of four: the beginning of its leaf hash.
#[must_use]
pub fn code_of(leaf: &Digest) -> String {
    let letters = BASE32_NOPAD.encode(&leaf.0[..8]);
    format!("{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..12])
}

/// A receipt as it was shown, its signature not yet checked.
#[derive(Debug, Clone)]
pub struct Unchecked {
    receipt: Receipt,
    note: Note,
    evidence: Option<Evidence>,
}

impl Unchecked {
    /// Reads a receipt, with its evidence where there is some; spaces and line ends that copying adds are borne.
    pub fn read(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > TEXT_LIMIT {
            return Err(ReceiptError::Note(format!("it is longer than {TEXT_LIMIT} bytes")));
        }
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let (note, block) = match text.find(evidence::BEGIN) {
            Some(at) => text.split_at(at),
            None => (text.as_str(), ""),
        };
        let bytes = format!("{}\n", note.trim());
        let note =
            Note::read(bytes.as_bytes()).map_err(|error| ReceiptError::Note(error.to_string()))?;
        let receipt = read_lines(note.text())?;
        let evidence = if block.is_empty() { None } else { Some(Evidence::unarmour(block)?) };
        Ok(Self { receipt, note, evidence })
    }

    /// What it says, believed or not.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// What it brings along.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }

    /// The signed note without the evidence.
    #[must_use]
    pub fn note(&self) -> String {
        String::from_utf8(self.note.to_bytes()).unwrap_or_default()
    }

    /// Whether `key` of the office signed it.
    #[must_use]
    pub fn signed_by(&self, key: &JournalKey) -> bool {
        self.note.signed_by(&Checkpoint::origin(self.receipt.entry.journal), key)
    }
}

fn read_lines(text: &str) -> Result<Receipt, ReceiptError> {
    let lines: Vec<&str> = text.lines().collect();
    let at = |line: usize, expected: &'static str| {
        let error = ReceiptError::Line { line: line + 1, expected };
        lines.get(line).map(|text| (*text, error.clone())).ok_or(error)
    };
    let after = |line: usize, label: &str, expected: &'static str| {
        let (text, error) = at(line, expected)?;
        let rest = text.strip_prefix(label).map(str::to_owned);
        rest.map(|rest| (rest, error.clone())).ok_or(error)
    };
    let (head, error) = after(0, HEAD, "terrace/receipt/DIVISION/EPOCH")?;
    let journal = head.split_once('/').and_then(|(author, epoch)| {
        Some(JournalId { author: author.parse().ok()?, epoch: epoch.parse().ok()? })
    });
    let journal = journal.ok_or(error)?;
    let (digits, error) = at(1, "a place in the journal")?;
    let sequence = digits.parse::<u64>().map_err(|_| error)?;
    let (leaf, error) = at(2, "a hash in base64")?;
    let leaf = digest(leaf).ok_or(error)?;
    let (content, error) = after(3, "content ", "content and a hash in base64")?;
    let content = digest(&content).ok_or(error)?;
    let (number, error) = after(4, "number ", "number and a case number")?;
    let number = number.parse().map_err(|_| error)?;
    let (registered, error) = after(5, "registered ", "registered and an hour")?;
    let registered_at = registered.parse().map_err(|_| error)?;
    let (received, error) = after(6, "received ", "received and a day")?;
    let received_on = received.parse().map_err(|_| error)?;
    let mut due = Vec::new();
    for line in 7..lines.len() {
        let (rest, error) = after(line, "due ", "due, a duty and a day")?;
        let duty = rest.split_once(' ').and_then(|(code, day)| {
            Some(DueDate { code: code.to_owned(), due_on: day.parse().ok()? })
        });
        due.push(duty.filter(|_| due.len() < DUE_LIMIT).ok_or(error)?);
    }
    let entry = EntryId { journal, sequence };
    let receipt = Receipt { entry, leaf, content, number, registered_at, received_on, due };
    // What is read must be what was signed, to the letter.
    if receipt.text() == text {
        Ok(receipt)
    } else {
        Err(ReceiptError::Note("it is not written as an office writes it".into()))
    }
}

fn digest(text: &str) -> Option<Digest> {
    Digest::read(&BASE64.decode(text.as_bytes()).ok()?)
}
