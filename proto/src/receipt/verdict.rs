//! What becomes of a receipt when it is examined: point by point what holds, what is open, what fails, and which
//! office must answer.
//!
//! The examiner needs the root's key, and has either the evidence on the receipt, or a journal of its own to look
//! into ([`Here`]), or both. A missing entry is no dead end: it is the finding.

use jiff::{SignedDuration, Timestamp};

use super::{Receipt, Unchecked};
use crate::admission::{AdmissionError, Keyring};
use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};
use crate::journal::JournalError;
use crate::key::JournalKey;

/// How long an entry may take to the office that examines before it counts as kept back: three days, so that an
/// office without a line over a weekend is not accused \[M\].
pub const ALLOWANCE: SignedDuration = SignedDuration::from_hours(72);

/// What the examining office holds of the journal that the receipt names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The author's key, by the chain of admissions held here.
    pub key: JournalKey,
    /// Whether the journal is held from its beginning.
    pub whole: bool,
    /// How many entries.
    pub size: u64,
    /// Leaf of the entry at the receipt's place, if one is held.
    pub leaf: Option<Digest>,
    /// Whether its words are held too.
    pub words: bool,
    /// When the newest entries were stored here.
    pub stored_at: Option<Timestamp>,
    /// The root at the size of the evidence's checkpoint, if the journal is held so far.
    pub root_then: Option<Digest>,
}

/// What is asked of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Does the root vouch for the office's key?
    Admitted,
    /// Did that key sign these words?
    Signed,
    /// Is the intake brought along the one the receipt means?
    Intake,
    /// Does it stand in the journal the office signed?
    InJournal,
    /// Did others sign that head of the journal?
    Cosigned,
    /// Does the journal held here say the same?
    Here,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Holds(Shown),
    /// It cannot be said here, or not yet.
    Open(Lacking),
    /// No.
    Fails(Fault),
}

/// What was seen to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Nothing to add.
    Plainly,
    /// The journal was signed at this size.
    AtSize(u64),
    /// These offices signed too, at these hours (seconds since 1970 UTC).
    By(Vec<(DivisionCode, u64)>),
    /// The entry is held here; its words are, or were withheld or erased.
    Held {
        /// Whether the words are here.
        words: bool,
    },
}

/// Why a question is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacking {
    /// The receipt brings no evidence; ask an office that holds the journal.
    NoEvidence,
    /// Nobody else has signed yet; ask again after the next sync.
    NoCosigner,
    /// This examiner holds nothing of the journal; ask the office's superior.
    NotHeldHere,
    /// The journal is held to this size and may still come.
    NotYet {
        /// Entries held.
        size: u64,
        /// When the newest were stored.
        stored_at: Option<Timestamp>,
    },
    /// No key of the office is known here, and the receipt brings none.
    NoKey,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The office's key did not sign this text: a letter was altered, or somebody forged it.
    Forged,
    /// The chain of admissions brought along is not believed.
    Chain(AdmissionError),
    /// The evidence does not prove what it claims.
    Proof(JournalError),
    /// The intake brought along is another.
    OtherIntake,
    /// The office signed that another entry stands at this place.
    Replaced {
        /// Leaf of the entry held.
        held: Digest,
    },
    /// The office has signed two histories of its journal.
    TwoHistories {
        /// The size at which they differ.
        size: u64,
    },
    /// The entry ought to have come long ago.
    KeptBack {
        /// Entries held.
        size: u64,
        /// When the newest were stored.
        stored_at: Option<Timestamp>,
        /// Hours since the registration.
        hours: i64,
    },
}

impl Fault {
    /// Whether it puts the office that gave the receipt in the wrong, whatever it says. The others are about the
    /// text that was shown.
    #[must_use]
    pub fn accuses(&self) -> bool {
        matches!(self, Self::Replaced { .. } | Self::TwoHistories { .. } | Self::KeptBack { .. })
    }
}

/// One question with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The question.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
}

/// The whole verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What the receipt says.
    pub receipt: Receipt,
    /// Point by point.
    pub points: Vec<Point>,
}

/// The verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Signed, and found in the journal.
    Holds,
    /// Signed; whether the journal says the same is not known here yet.
    Open,
    /// Something fails.
    Fails,
}

impl Verdict {
    /// In one word.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let holds = |question| {
            self.points
                .iter()
                .any(|point| point.question == question && matches!(point.answer, Answer::Holds(_)))
        };
        let fails = self.points.iter().any(|point| matches!(point.answer, Answer::Fails(_)));
        match (fails, holds(Question::Signed), holds(Question::InJournal) || holds(Question::Here))
        {
            (true, ..) => Outcome::Fails,
            (false, true, true) => Outcome::Holds,
            (false, ..) => Outcome::Open,
        }
    }

    /// Whether the receipt is genuine and the entry it names has not come, though the journal is held here.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        let signed = self.points.iter().any(|point| {
            point.question == Question::Signed && matches!(point.answer, Answer::Holds(_))
        });
        let missing = self.points.iter().any(|point| {
            matches!(
                point.answer,
                Answer::Open(Lacking::NotYet { .. }) | Answer::Fails(Fault::KeptBack { .. })
            )
        });
        signed && missing
    }

    /// The office that must answer: the one that signed, where its own signature speaks against it.
    #[must_use]
    pub fn answerable(&self) -> Option<DivisionCode> {
        let signed = self.points.iter().any(|point| {
            point.question == Question::Signed && matches!(point.answer, Answer::Holds(_))
        });
        let accused = self
            .points
            .iter()
            .any(|point| matches!(&point.answer, Answer::Fails(fault) if fault.accuses()));
        (signed && accused).then(|| self.receipt.office())
    }
}

/// Examines a receipt at an hour. `root` is a keyring with the root alone; `here` is what the examining office holds of
/// the journal, if there is an office.
#[must_use]
pub fn examine(
    shown: &Unchecked,
    mut root: Keyring,
    here: Option<&Here>,
    now: Timestamp,
    tree: &Tree,
) -> Verdict {
    let receipt = shown.receipt().clone();
    let journal = receipt.entry.journal;
    let mut points = Vec::new();
    let mut say = |question, answer| points.push(Point { question, answer });
    let chain = shown.evidence().map_or(Ok(()), |evidence| evidence.admit(&mut root, tree));
    let key = root.key(journal).copied().or_else(|| here.map(|here| here.key));
    say(
        Question::Admitted,
        match (&chain, key) {
            (Err(error), None) => Answer::Fails(Fault::Chain(error.clone())),
            (_, None) => Answer::Open(Lacking::NoKey),
            (_, Some(_)) => Answer::Holds(Shown::Plainly),
        },
    );
    let Some(key) = key else { return Verdict { receipt, points } };
    if !shown.signed_by(&key) {
        say(Question::Signed, Answer::Fails(Fault::Forged));
        return Verdict { receipt, points };
    }
    say(Question::Signed, Answer::Holds(Shown::Plainly));
    if let Some(evidence) = shown.evidence() {
        match evidence.prove(journal, &root) {
            Err(error) => say(Question::InJournal, Answer::Fails(Fault::Proof(error))),
            Ok(proven) if !is_meant(&receipt, &proven.intake) => {
                let replaced = proven.intake.id() == receipt.entry;
                let held = proven.intake.leaf();
                let fault = if replaced { Fault::Replaced { held } } else { Fault::OtherIntake };
                say(Question::Intake, Answer::Fails(fault));
            }
            Ok(proven) => {
                say(Question::Intake, Answer::Holds(Shown::Plainly));
                let size = proven.checkpoint.size;
                let contradicted = here.and_then(|here| here.root_then);
                say(
                    Question::InJournal,
                    match contradicted {
                        Some(root) if root != proven.checkpoint.root => {
                            Answer::Fails(Fault::TwoHistories { size })
                        }
                        Some(_) | None => Answer::Holds(Shown::AtSize(size)),
                    },
                );
                let by = proven.cosigned.iter();
                let by: Vec<_> = by.map(|signed| (signed.by.author, signed.at)).collect();
                say(
                    Question::Cosigned,
                    if by.is_empty() {
                        Answer::Open(Lacking::NoCosigner)
                    } else {
                        Answer::Holds(Shown::By(by))
                    },
                );
            }
        }
    } else if here.is_none() {
        say(Question::InJournal, Answer::Open(Lacking::NoEvidence));
    }
    if let Some(here) = here {
        say(Question::Here, held_here(&receipt, here, now));
    }
    Verdict { receipt, points }
}

fn is_meant(receipt: &Receipt, intake: &crate::entry::Entry) -> bool {
    intake.id() == receipt.entry && intake.leaf() == receipt.leaf
}

fn held_here(receipt: &Receipt, here: &Here, now: Timestamp) -> Answer {
    let (size, stored_at) = (here.size, here.stored_at);
    match here.leaf {
        Some(leaf) if leaf == receipt.leaf => Answer::Holds(Shown::Held { words: here.words }),
        Some(held) => Answer::Fails(Fault::Replaced { held }),
        None if !here.whole => Answer::Open(Lacking::NotHeldHere),
        None => {
            let since = now.duration_since(receipt.registered_at);
            if since > ALLOWANCE {
                let hours = since.as_hours();
                Answer::Fails(Fault::KeptBack { size, stored_at, hours })
            } else {
                Answer::Open(Lacking::NotYet { size, stored_at })
            }
        }
    }
}
