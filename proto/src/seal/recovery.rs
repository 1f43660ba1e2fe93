//! The recovery copy: an office's secrets as text that can be printed, kept in a safe, and typed in again.
//!
//! A head line names the office and its epoch; each secret of 32 bytes has a label and two lines of 16 bytes in
//! base32, in groups of four; an end line closes the copy. Every line has a number and a check code
//! ([`line`]), so that a mistyped one is found and named. Lines that begin with `#` are for the reader, in
//! Chinese and English, and need not be typed; letter case, spaces and empty lines do not matter.
//!
//! It holds the secrets in the clear: whoever has the paper has the office. It never reads or writes a file,
//! and never says which of the secrets an office should have. Transport keys are not in it: they are issued
//! anew.

mod line;

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use data_encoding::{BASE32_NOPAD, HEXUPPER};
use zeroize::Zeroizing;

use crate::digest::Epoch;
use crate::division::DivisionCode;
use crate::entry::JournalId;
use line::Sheet;

/// Bytes of a secret.
const SECRET: usize = 32;
/// Bytes of a secret on one line.
const HALF: usize = SECRET / 2;
/// Characters of base32 for them.
const HALF_TEXT: usize = 26;
/// How the head line begins, with the version of the form.
const HEAD: &str = "TERRACE-RECOVERY-1";
/// Digits of a division in full.
const DIVISION_TEXT: usize = 12;
/// What the end line says.
const END: &str = "END";

/// What a secret is for. Generations count from 1, the newest being the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// The seed of the journal key.
    Journal,
    /// The seed of the sealing key of this generation.
    Sealing(u32),
    /// The seed of the discipline organ's sealing key of this generation.
    Discipline(u32),
    /// The index key of this generation.
    Index(u32),
}

/// Why a text is not a recovery copy. Lines are named by the numbers printed before them. Nothing of a secret
/// is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// The line does not agree with its check code.
    #[error(
        "第 {line} 行有误，校验码不符，请与纸上逐字核对。 \
         Line {line} is mistyped or of another copy: compare it with the paper, letter by letter"
    )]
    Mistyped {
        /// The line's number.
        line: usize,
    },
    /// Another line stands where this one is due.
    #[error(
        "应为第 {line} 行，却不是；可能漏行或重行。 \
         Line {line} is due here and something else was typed: a line is left out or typed twice"
    )]
    Misplaced {
        /// The number of the line that is due.
        line: usize,
    },
    /// The text ends early.
    #[error(
        "副本不完整，缺第 {line} 行及以后。 The copy ends before line {line}: type the rest of it"
    )]
    Ended {
        /// The number of the first line that is missing.
        line: usize,
    },
    /// The check code agrees, but the line says nothing that this version knows.
    #[error(
        "第 {line} 行无法识别，可能由新版本打印。 \
         Line {line} is none that this version knows: a newer one may have printed it"
    )]
    Unknown {
        /// The line's number.
        line: usize,
    },
}

/// The secrets of one office in one epoch. Wiped when dropped, never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCopy {
    journal: JournalId,
    secrets: BTreeMap<Label, Zeroizing<[u8; SECRET]>>,
}

impl RecoveryCopy {
    /// A copy for the office that writes `journal`, still without secrets.
    #[must_use]
    pub fn of(journal: JournalId) -> Self {
        Self { journal, secrets: BTreeMap::new() }
    }

    /// The same copy with one more secret, in place of one with the same label.
    #[must_use]
    pub fn with(mut self, label: Label, secret: &[u8; SECRET]) -> Self {
        self.secrets.insert(label, Zeroizing::new(*secret));
        self
    }

    /// Whose secrets these are.
    #[must_use]
    pub fn journal(&self) -> JournalId {
        self.journal
    }

    /// The secret with this label.
    #[must_use]
    pub fn secret(&self, label: Label) -> Option<&[u8; SECRET]> {
        self.secrets.get(&label).map(|secret| &**secret)
    }

    /// What there is a secret for.
    pub fn labels(&self) -> impl Iterator<Item = Label> {
        self.secrets.keys().copied()
    }

    /// The text to print.
    #[must_use]
    pub fn write(&self) -> Zeroizing<String> {
        // Room enough for the whole, so that no copy is left in a buffer that grew.
        let mut text = Zeroizing::new(String::with_capacity(2048 + 512 * self.secrets.len()));
        preface(&mut text);
        let mut sheet = Sheet::default();
        let JournalId { author, epoch } = self.journal;
        let mut head = Zeroizing::new(format!("{HEAD} {author} "));
        grouped(&mut head, &HEXUPPER.encode(&epoch.0));
        sheet.write(&mut text, &head);
        sheet.belong_to(self.journal);
        for (label, secret) in &self.secrets {
            let _ = writeln!(text, "\n# {}", label.words());
            let halves = [("A", &secret[..HALF]), ("B", &secret[HALF..])];
            for (half, bytes) in halves {
                let mut said = Zeroizing::new(String::with_capacity(128));
                let _ = write!(said, "{label}/{half} ");
                grouped(&mut said, &Zeroizing::new(BASE32_NOPAD.encode(bytes)));
                sheet.write(&mut text, &said);
            }
        }
        text.push('\n');
        sheet.write(&mut text, END);
        text
    }

    /// Reads a text that was typed in.
    pub fn read(text: &str) -> Result<Self, RecoveryError> {
        let mut sheet = Sheet::default();
        let mut lines =
            text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let mut next = |sheet: &mut Sheet| {
            let line = lines.next().ok_or(RecoveryError::Ended { line: sheet.due() })?;
            sheet.read(line)
        };

        let head = next(&mut sheet)?;
        let mut copy = Self::of(head_of(&head).ok_or(RecoveryError::Unknown { line: 1 })?);
        sheet.belong_to(copy.journal);
        loop {
            let line = sheet.due();
            let first = next(&mut sheet)?;
            if *first == END {
                break;
            }
            let (label, front) = half_of(&first, "/A").ok_or(RecoveryError::Unknown { line })?;
            let line = sheet.due();
            let second = next(&mut sheet)?;
            let (same, back) = half_of(&second, "/B").ok_or(RecoveryError::Unknown { line })?;
            let known = copy.secrets.contains_key(&label);
            if same != label || known {
                return Err(RecoveryError::Unknown { line });
            }
            let mut secret = Zeroizing::new([0; SECRET]);
            secret[..HALF].copy_from_slice(&*front);
            secret[HALF..].copy_from_slice(&*back);
            copy.secrets.insert(label, secret);
        }
        match lines.next() {
            None => Ok(copy),
            Some(_) => Err(RecoveryError::Misplaced { line: sheet.due() }),
        }
    }
}

impl fmt::Debug for RecoveryCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryCopy({:?} with {:?})", self.journal, self.secrets.keys())
    }
}

impl Label {
    /// What the reader of the paper is told.
    fn words(self) -> String {
        match self {
            Self::Journal => "记录簿密钥 journal key".into(),
            Self::Sealing(n) => format!("密封密钥 第 {n} 代 sealing key, generation {n}"),
            Self::Discipline(n) => {
                format!("纪检监察密封密钥 第 {n} 代 discipline organ's sealing key, generation {n}")
            }
            Self::Index(n) => format!("盲索引密钥 第 {n} 代 index key, generation {n}"),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal => f.write_str("JOURNAL"),
            Self::Sealing(generation) => write!(f, "SEALING-{generation}"),
            Self::Discipline(generation) => write!(f, "DISCIPLINE-{generation}"),
            Self::Index(generation) => write!(f, "INDEX-{generation}"),
        }
    }
}

impl Label {
    fn read(text: &str) -> Option<Self> {
        match text.split_once('-') {
            Some(("SEALING", generation)) => generation.parse().ok().map(Self::Sealing),
            Some(("DISCIPLINE", generation)) => generation.parse().ok().map(Self::Discipline),
            Some(("INDEX", generation)) => generation.parse().ok().map(Self::Index),
            None if text == "JOURNAL" => Some(Self::Journal),
            Some(_) | None => None,
        }
    }
}

/// What stands above the lines.
fn preface(text: &mut String) {
    text.push_str(
        "# Terrace 恢复副本 recovery copy\n\
         # 持有本件者可冒用本单位名义，并可拆阅密封件。请密封上锁，与设备分开保存。\n\
         # Whoever holds this can speak as this office and open what is sealed for it.\n\
         # Keep it sealed and locked, away from the machine.\n\
         # 以 # 开头的行不必录入。每行先为行号，末六位为校验码；密钥只用字母 A-Z 和数字 2-7。\n\
         # Lines with # need not be typed. A line begins with its number and ends with six characters\n\
         # of check code; secrets use the letters A-Z and the digits 2-7 alone.\n\n",
    );
}

/// `symbols` in groups of four.
fn grouped(text: &mut String, symbols: &str) {
    for (place, symbol) in symbols.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
        text.push(symbol);
    }
}

/// The journal that a head line names.
fn head_of(line: &str) -> Option<JournalId> {
    let (division, epoch) = line.strip_prefix(HEAD)?.split_at_checked(DIVISION_TEXT)?;
    let author: DivisionCode = division.parse().ok()?;
    let epoch = Epoch::read(&HEXUPPER.decode(epoch.as_bytes()).ok()?)?;
    Some(JournalId { author, epoch })
}

/// The label of a line and its half of the secret.
fn half_of(line: &str, half: &str) -> Option<(Label, Zeroizing<[u8; HALF]>)> {
    let (label, symbols) = line.split_at_checked(line.len().checked_sub(HALF_TEXT)?)?;
    let label = Label::read(label.strip_suffix(half)?)?;
    let bytes = Zeroizing::new(BASE32_NOPAD.decode(symbols.as_bytes()).ok()?);
    Some((label, Zeroizing::new(bytes.as_slice().try_into().ok()?)))
}

#[cfg(test)]
mod tests;
