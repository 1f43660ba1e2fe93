//! The rows of an audit's answer, for people and programs.
//!
//! One row is one line of `--json`; the field names are part of the commands' contract. Hours are RFC 3339 in
//! UTC, days are dates in China, divisions are short codes, hashes hexadecimal. No row counts persons.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use terrace_proto::audit::{Finding, Hop};
use terrace_proto::division::DivisionCode;

use crate::view::name_of;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
pub enum Row {
    /// A case was passed on.
    Hop(HopRow),
    /// Something does not fit.
    Finding(FindingRow),
    /// One direction of a link.
    Account(AccountRow),
    /// One journal held whole.
    Journal(JournalRow),
    /// One entry of a case.
    Step(StepRow),
    /// How far the audit has come. Not part of the answer.
    Progress(Progress),
    /// The last row.
    Summary(Summary),
}

/// One passing on of a case from an office to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopRow {
    /// The case's id.
    pub case: String,
    /// Its readable number, once known.
    pub number: Option<String>,
    /// `transferred` or `assigned`.
    pub kind: String,
    /// Its name in Chinese.
    pub kind_zh: String,
    /// Who passed it on, `division` or `division/organ`, and its name.
    pub from: String,
    /// The sender's name.
    pub from_name: String,
    /// To whom.
    pub to: String,
    /// The receiver's name.
    pub to_name: String,
    /// When it was passed on, as the entry claims.
    pub sent_at: Timestamp,
    /// When the receiver said it has it.
    pub received_at: Option<Timestamp>,
    /// When the receiver passed it on or closed the stage.
    pub left_at: Option<Timestamp>,
    /// Seconds between sending and receiving, so far if it is in transit.
    pub transit_seconds: i64,
    /// Seconds the receiver held it, so far if it still does.
    pub held_seconds: i64,
    /// The day it was due, if one was pinned.
    pub due_on: Option<Date>,
    /// `none`, `met`, `missed` or `open`.
    pub due: String,
    /// The same in Chinese.
    pub due_zh: String,
    /// The entry: author, epoch and sequence.
    pub entry: String,
    /// Its leaf hash.
    pub leaf: String,
    /// Size of the signed checkpoint that covers it here.
    pub checkpoint_size: Option<u64>,
    /// Kinds of findings about this hop.
    pub findings: Vec<String>,
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    /// A name for counting, which never changes.
    pub kind: String,
    /// Its name in Chinese.
    pub kind_zh: String,
    /// What it is.
    pub text: String,
    /// The divisions it touches.
    pub places: Vec<String>,
    /// The entries that prove it.
    pub entries: Vec<String>,
    /// The case it is about.
    pub case: Option<String>,
}

/// One direction of a link, as both ends signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// One life of the ledger.
    pub link_epoch: String,
    /// Passages kept here.
    pub passages: u64,
    /// Entries that passed by them, on the days asked for.
    pub entries: u64,
    /// Digest of the head here.
    pub digest: String,
    /// The passage up to which the other end has signed.
    pub signed_number: u64,
    /// Whether its signature holds on the head as it is kept here: then both heads are equal.
    pub equal: bool,
    /// When the last passage left, by the sender's clock.
    pub last_sent_at: Option<Timestamp>,
    /// Passages recorded here that the other end has not signed for; `None` for what comes in.
    pub under_way: Option<u64>,
    /// Whether something is due to the other end that no passage carries yet; `None` for what comes in.
    pub unsent: Option<bool>,
    /// The same as a sentence, in Chinese.
    pub zh: String,
    /// And in English.
    pub en: String,
}

/// How far a journal is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    /// Its author.
    pub author: String,
    /// The author's name.
    pub name: String,
    /// One life of the author's database.
    pub epoch: String,
    /// Entries held, from the first.
    pub size: u64,
    /// Whether its author's admitted key signed exactly that.
    pub signed: bool,
    /// When the newest of them were stored here.
    pub stored_at: Option<Timestamp>,
    /// How far another has signed it: the superior, or a witness.
    pub cosigned_size: Option<u64>,
    /// When, by the superior's clock.
    pub cosigned_at: Option<Timestamp>,
    /// The same as a sentence, in Chinese.
    pub zh: String,
    /// And in English.
    pub en: String,
}

/// One entry of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// The case's id.
    pub case: String,
    /// When it was recorded, as it claims.
    pub recorded_at: Timestamp,
    /// What it does.
    pub kind: String,
    /// Its name in Chinese.
    pub kind_zh: String,
    /// Who wrote it.
    pub author: String,
    /// The author's name.
    pub name: String,
    /// Who holds the thread from here on; `None` beside the thread.
    pub holder: Option<String>,
    /// Seconds since the step before it in its thread.
    pub after_seconds: Option<i64>,
    /// Why it moves nothing, if so.
    pub aside: Option<String>,
    /// Whether it says that a sealed part was opened.
    pub reads_sealed_part: bool,
    /// The entry.
    pub entry: String,
    /// Its leaf hash.
    pub leaf: String,
    /// Size of the signed checkpoint that covers it here; `None` when its proof does not hold.
    pub checkpoint_size: Option<u64>,
}

/// How far the audit has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// `entries`, `passages` or `cases`.
    pub of: String,
    /// How many are done.
    pub done: u64,
    /// How many there are.
    pub whole: u64,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Entries whose bytes and proofs were checked.
    pub entries: u64,
    /// Journals.
    pub journals: u64,
    /// Passages of ledgers, in both directions.
    pub passages: u64,
    /// Cases.
    pub cases: u64,
    /// Hops listed.
    pub hops: u64,
    /// Entries listed that say a sealed part was opened.
    pub sealed_reads: u64,
    /// Findings told.
    pub findings: u64,
}

impl FindingRow {
    /// A finding as a row.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self {
            kind: finding.kind().name().to_owned(),
            kind_zh: finding.kind().zh().to_owned(),
            text: finding.to_string(),
            places: finding.places().into_iter().map(DivisionCode::short).collect(),
            entries: finding.entries().iter().map(ToString::to_string).collect(),
            case: finding.case().map(|case| case.to_string()),
        }
    }
}

impl HopRow {
    /// A hop as a row, at `now`.
    #[must_use]
    pub fn of(hop: &Hop, now: Timestamp, checkpoint_size: Option<u64>, found: &[Finding]) -> Self {
        let due = hop.due(now);
        Self {
            case: hop.case.to_string(),
            number: hop.number.as_ref().map(ToString::to_string),
            kind: hop.kind.en().to_owned(),
            kind_zh: hop.kind.zh().to_owned(),
            from: hop.from.to_string(),
            from_name: name_of(hop.from.division),
            to: hop.to.to_string(),
            to_name: name_of(hop.to.division),
            sent_at: hop.sent_at,
            received_at: hop.received_at,
            left_at: hop.left_at,
            transit_seconds: hop.transit_seconds(now),
            held_seconds: hop.held_seconds(now),
            due_on: hop.due_on,
            due: due.en().to_owned(),
            due_zh: due.zh().to_owned(),
            entry: hop.entry.to_string(),
            leaf: hop.leaf.to_string(),
            checkpoint_size,
            findings: found.iter().map(|finding| finding.kind().name().to_owned()).collect(),
        }
    }
}
