//! A record of the past (历史件), folded by itself: a case that begins with one and of which nothing else is known.
//!
//! Millions of them come at once, and nearly all stay as they came. What their fold says can be read off the one entry;
//! whatever else becomes known of such a case, it is folded like any other. Both say the same, as a test holds them to.
//!
//! It never judges an entry that is not a plain record of the past: that is left to the fold.

use jiff::Timestamp;

use super::fact::{self, Fact};
use super::state::State;
use super::step::beginning;
use super::thread::opens_here;
use crate::digest::CaseId;
use crate::entry::{Content, Entry, Header, Holder, Kind, SALT_LENGTH};

/// Longest number that a record can have had where it was kept, in bytes: what is longer is in its words alone.
pub const NUMBER_LIMIT: usize = 512;

/// A case of one entry, which took it over.
#[derive(Debug, Clone)]
pub struct Past {
    fact: Fact,
    id: CaseId,
    holder: Holder,
    state: State,
}

impl Past {
    /// The case that an entry takes over; `None` for any other entry, one without its words, and one whose case's id does
    /// not say that its author opened it.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        // The words of anything else are not read.
        if entry.header().kind != Kind::PastTakenOver {
            return None;
        }
        Self::begun_with(Fact::of(entry))
    }

    /// Writes an entry, and what its case is after it, whose words need not be read back; as [`Past::of`] the entry.
    #[must_use]
    pub fn write(
        header: Header,
        content: Content,
        salt: [u8; SALT_LENGTH],
    ) -> (Entry, Option<Self>) {
        let (entry, fact) = Fact::write(header, content, salt);
        (entry, Self::begun_with(fact))
    }

    fn begun_with(fact: Fact) -> Option<Self> {
        let header = fact.header();
        let plain = header.kind == Kind::PastTakenOver && fact.has_body();
        let alone = header.settles.is_none() && header.audience_added == [header.journal.author];
        if !plain || !alone || !opens_here(header) {
            return None;
        }
        let (id, holder) = (header.case?, header.custody_to.clone()?);
        let state = beginning(header.kind)?;
        Some(Self { fact, id, holder, state })
    }

    /// The case.
    #[must_use]
    pub fn id(&self) -> CaseId {
        self.id
    }

    /// The number it had where it was kept; `None` where it had none.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        Some(self.fact.former_number()).filter(|number| !number.is_empty())
    }

    /// Who keeps it.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Its state: at its end.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Its title, cut to a line.
    #[must_use]
    pub fn title(&self) -> &str {
        self.fact.title().unwrap_or_default()
    }

    /// When it was taken over.
    #[must_use]
    pub fn opened_at(&self) -> Timestamp {
        self.fact.header().recorded_at
    }

    /// The fact's bytes, all that needs to be kept of the case.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        fact::write_all(std::iter::once(&self.fact))
    }
}
