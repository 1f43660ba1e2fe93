//! An entry to be written, before it has a place in the journal; and what is too long to be written at all.

use std::iter::Peekable;

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{
    BODY_LIMIT, Content, Entry, HEADER_LIMIT, Header, Holder, JournalId, body,
};
use terrace_proto::seal::SealedPart;
use terrace_proto::session::{BATCH_BYTES, BATCH_ENTRIES};

use super::ArchiveError;
use super::clearance::Cleared;

/// An entry to be written, before it has a place in the journal.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Who acts.
    pub hand: Hand,
    /// When the petitioner was received, if another day.
    pub received_on: Option<Date>,
    /// The case, unless it is a reference entry.
    pub case: Option<CaseId>,
    /// Its place in a thread.
    pub place: Option<Place>,
    /// Whether its predecessor in the thread is the draft right before it, whose leaf is not known yet.
    pub after_previous: bool,
    /// Custody before and after, for entries of a thread.
    pub custody: Option<(Option<Holder>, Holder)>,
    /// Nodes that become entitled.
    pub audience_added: Vec<DivisionCode>,
    /// To whom it is addressed.
    pub addressee: Option<DivisionCode>,
    /// Entries it takes into account; for a thread that follows another, first the entry it follows.
    pub considered: Vec<Digest>,
    /// For a settlement: the entry that applies.
    pub settles: Option<Digest>,
    /// What it says.
    pub content: Content,
    /// What it says to those alone who have the key.
    pub sealed: Option<SealedPart>,
    /// For a report that goes somewhere: that it may.
    pub cleared: Option<Cleared>,
}

impl Draft {
    /// The header it makes at a place of a journal, addressed to nobody and without the hash of its words.
    #[must_use]
    pub fn header(&self, journal: JournalId, sequence: u64, recorded_at: Timestamp) -> Header {
        let mut header = Header::plain(journal, sequence, body::kind(&self.content), recorded_at);
        header.hand = self.hand.clone();
        header.received_on = self.received_on;
        header.case = self.case;
        header.place = self.place.clone();
        if let Some((from, to)) = self.custody.clone() {
            (header.custody_from, header.custody_to) = (from, Some(to));
        }
        header.audience_added = self.audience_added.clone();
        header.considered.clone_from(&self.considered);
        header.settles = self.settles;
        header
    }

    /// The offices that it hands the case to, entitles, or is addressed to.
    pub(super) fn destinations(&self) -> impl Iterator<Item = DivisionCode> {
        let held = self.custody.as_ref().map(|(_, to)| to.division);
        self.audience_added.iter().copied().chain(held).chain(self.addressee)
    }

    /// A draft beside any thread and addressed to nobody.
    #[must_use]
    pub fn plain(hand: Hand, case: Option<CaseId>, content: Content) -> Self {
        Self {
            hand,
            received_on: None,
            case,
            place: None,
            after_previous: false,
            custody: None,
            audience_added: Vec::new(),
            addressee: None,
            considered: Vec::new(),
            settles: None,
            content,
            sealed: None,
            cleared: None,
        }
    }
}

/// The entries that the next drafts make, as many as travel in one passage; neighbouring drafts of one case are never cut
/// apart. `write` is told how many stand before in the passage, and the leaf right before.
pub(super) fn passage(
    drafts: &mut Peekable<impl Iterator<Item = Draft>>,
    mut write: impl FnMut(Draft, u64, Option<Digest>) -> Entry,
) -> Result<Vec<Entry>, ArchiveError> {
    let (mut entries, mut bytes, mut case) = (Vec::<Entry>::new(), 0, None);
    while entries.len() < BATCH_ENTRIES as usize && bytes < BATCH_BYTES as usize / 2
        || case.is_some() && drafts.peek().is_some_and(|draft| draft.case == case)
    {
        let Some(draft) = drafts.next() else { break };
        case = draft.case;
        let entry = write(draft, entries.len() as u64, entries.last().map(Entry::leaf));
        bytes += size(&entry)?;
        entries.push(entry);
    }
    Ok(entries)
}

/// Bytes of an entry; refused when others would refuse it, since what is written can never be taken back.
pub(super) fn size(entry: &Entry) -> Result<usize, ArchiveError> {
    let (header, body) = (entry.header_bytes().len(), entry.body().map_or(0, <[u8]>::len));
    let size = header + body + entry.sealed().map_or(0, |part| part.bytes().len());
    let travels = header <= HEADER_LIMIT && body <= BODY_LIMIT && size <= BATCH_BYTES as usize / 2;
    if travels { Ok(size) } else { Err(ArchiveError::TooLarge { size }) }
}
