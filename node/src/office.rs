//! A running office: its archive and desk behind one lock, and what its links and commands share.
//!
//! Writing goes through [`Office::write`], one at a time; reading for links and pages goes to the store
//! directly. Whoever wrote tells the others through [`Office::tell`]. An error that makes the journal
//! untrustworthy stops the office ([`Office::trouble`]); a full disk only makes it refuse, and say why.

pub mod condition;
pub mod raised;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use terrace_proto::division::{DivisionCode, Tree};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, watch};

use crate::archive::shipping::Shipping;
use crate::archive::{Archive, ArchiveError, Identity, Level, News, Proofs};
use crate::desk::{Desk, Numbering};
use crate::store::{Store, StoreError};
use crate::surroundings::Clock;

/// The state of the link with a neighbour, for people to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whether both ends have greeted each other and are talking.
    pub connected: bool,
    /// Since when it is as it is.
    pub since: Timestamp,
    /// Why the last conversation ended, or why none could begin.
    pub last_word: Option<String>,
    /// Which meeting noted it.
    meeting: u64,
}

/// One conversation with a neighbour, or an attempt at one.
#[derive(Debug, Clone, Copy)]
pub struct Meeting {
    peer: DivisionCode,
    number: u64,
}

/// How often the bell was rung, and how often for entries that go down to each subordinate.
#[derive(Debug, Clone, Default)]
pub struct Rung {
    all: u64,
    down: BTreeMap<DivisionCode, u64>,
}

impl Rung {
    fn ring(&mut self, news: &News) {
        self.all += 1;
        for to in &news.down {
            *self.down.entry(*to).or_default() += 1;
        }
    }

    /// How often it was rung for entries that are due to `to`: all of them where that is the `superior`.
    #[must_use]
    pub fn for_entries(&self, to: DivisionCode, superior: Option<DivisionCode>) -> u64 {
        if Some(to) == superior { self.all } else { self.down.get(&to).copied().unwrap_or(0) }
    }
}

/// The one writing hand of the office.
#[derive(Debug)]
pub struct Writing {
    /// The archive.
    pub archive: Archive,
    numbering: Numbering,
}

impl Writing {
    /// The desk over this archive.
    pub fn desk(&mut self) -> Desk<'_> {
        Desk::new(&mut self.archive, &mut self.numbering)
    }
}

/// A running office.
#[derive(Debug)]
pub struct Office {
    identity: Identity,
    tree: &'static Tree,
    store: Arc<dyn Store>,
    level: Level,
    clock: Arc<dyn Clock>,
    writing: AsyncMutex<Writing>,
    /// Rung whenever something became durable that a neighbour may be due.
    bell: watch::Sender<Rung>,
    contacts: Mutex<BTreeMap<DivisionCode, Contact>>,
    trouble: watch::Sender<Option<String>>,
    refusing: Mutex<Option<String>>,
    /// Whether an operator holds the link to the superior.
    held: watch::Sender<bool>,
    hold_file: Option<PathBuf>,
    templates: Option<PathBuf>,
}

impl Office {
    /// An office over an opened archive. `hold_file` is where an operator's hold on the link is kept, `templates` where
    /// the office may lay its own templates of notices.
    #[must_use]
    pub fn new(
        archive: Archive,
        hold_file: Option<PathBuf>,
        templates: Option<PathBuf>,
    ) -> Arc<Self> {
        let held = hold_file.as_ref().is_some_and(|file| file.exists());
        Arc::new(Self {
            identity: archive.identity().clone(),
            tree: archive.tree(),
            store: archive.store().clone(),
            level: archive.level().clone(),
            clock: archive.clock().clone(),
            writing: AsyncMutex::new(Writing { archive, numbering: Numbering::default() }),
            bell: watch::Sender::default(),
            contacts: Mutex::default(),
            trouble: watch::Sender::new(None),
            refusing: Mutex::default(),
            held: watch::Sender::new(held),
            hold_file,
            templates,
        })
    }

    /// Who the office is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where the office may lay its own templates of notices.
    #[must_use]
    pub fn templates(&self) -> Option<PathBuf> {
        self.templates.clone()
    }

    /// The tree of divisions.
    #[must_use]
    pub fn tree(&self) -> &'static Tree {
        self.tree
    }

    /// Its store, for reading.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Reads what is due to neighbours.
    #[must_use]
    pub fn shipping(&self) -> Shipping {
        Shipping::new(self.store.clone(), self.level.clone())
    }

    /// Makes proofs out of its store.
    #[must_use]
    pub fn proofs(&self) -> Proofs {
        Proofs::new(self.store.clone())
    }

    /// Held while something is read for others than the office's own people.
    #[must_use]
    pub fn level(&self) -> &Level {
        &self.level
    }

    /// The hour.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The writing hand, when it is free.
    pub async fn write(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().await
    }

    /// Tells links that there is something new for them.
    pub fn tell(&self, news: &News) {
        if news.up || !news.down.is_empty() || !news.admitted.is_empty() {
            self.bell.send_modify(|rung| rung.ring(news));
        }
        *self.refusing.lock().expect("no one panics while holding it") = None;
    }

    /// Rings whenever something became durable.
    #[must_use]
    pub fn bell(&self) -> watch::Receiver<Rung> {
        self.bell.subscribe()
    }

    /// Looks at an error of the archive: a full disk makes the office refuse, anything that leaves the journal
    /// in doubt stops it.
    pub fn observe(&self, error: &ArchiveError) {
        match error {
            ArchiveError::Store(StoreError::Full(_)) => {
                let mut refusing = self.refusing.lock().expect("no one panics while holding it");
                *refusing = Some(error.to_string());
            }
            ArchiveError::Store(
                StoreError::Corrupt(_) | StoreError::Unavailable(_) | StoreError::Version(_),
            )
            | ArchiveError::Watermark(_) => {
                self.trouble.send_replace(Some(error.to_string()));
            }
            ArchiveError::Store(StoreError::Conflict(_) | StoreError::TooMuch(_))
            | ArchiveError::TooLarge { .. }
            | ArchiveError::Uncleared
            | ArchiveError::Fork { .. }
            | ArchiveError::Part(_)
            | ArchiveError::Wrap(_)
            | ArchiveError::NotAdmitted(_) => {}
        }
    }

    /// Why the office accepts nothing now, if so.
    #[must_use]
    pub fn refusing(&self) -> Option<String> {
        self.refusing.lock().expect("no one panics while holding it").clone()
    }

    /// Set once the office must stop, with the reason.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    /// A conversation with a neighbour begins, or an attempt at one; what it notes counts until the next does.
    pub fn meet(&self, peer: DivisionCode) -> Meeting {
        let mut contacts = self.contacts.lock().expect("no one panics while holding it");
        let contact = contacts.entry(peer).or_insert(Contact {
            connected: false,
            since: self.now(),
            last_word: None,
            meeting: 0,
        });
        contact.meeting += 1;
        Meeting { peer, number: contact.meeting }
    }

    /// Notes how the link with a neighbour stands, unless a later meeting has taken the place of this one.
    pub fn contact(&self, meeting: Meeting, connected: bool, word: Option<String>) {
        let now = self.now();
        let mut contacts = self.contacts.lock().expect("no one panics while holding it");
        let Some(contact) =
            contacts.get_mut(&meeting.peer).filter(|contact| contact.meeting == meeting.number)
        else {
            return;
        };
        if contact.connected != connected {
            contact.since = now;
        }
        contact.connected = connected;
        contact.last_word = word.or(contact.last_word.take());
    }

    /// Puts on record who has been silent too long, and which questions were not answered.
    pub async fn keep_vigil(&self) -> Result<(), ArchiveError> {
        let contacts = self.contacts();
        let connected = contacts.iter().filter(|(_, contact)| contact.connected);
        let connected = connected.map(|(division, _)| *division).collect();
        let mut writing = self.write().await;
        let mut news = writing.archive.keep_vigil(self.now(), &connected).await?;
        news.join(writing.archive.supervise(self.now()).await?);
        news.join(writing.archive.tell_ratings(self.now()).await?);
        writing.archive.sketch().await?;
        drop(writing);
        self.tell(&news);
        // The hand is given back between rounds, so that nobody waits for all of them.
        while self.write().await.archive.learn_paces().await? > 0 {}
        Ok(())
    }

    /// How the links stand.
    #[must_use]
    pub fn contacts(&self) -> BTreeMap<DivisionCode, Contact> {
        self.contacts.lock().expect("no one panics while holding it").clone()
    }

    /// Whether an operator holds the link to the superior.
    #[must_use]
    pub fn held(&self) -> watch::Receiver<bool> {
        self.held.subscribe()
    }

    /// Holds or releases the link to the superior. The office goes on working; a hold survives a restart.
    pub fn hold(&self, hold: bool) -> std::io::Result<()> {
        if let Some(file) = &self.hold_file {
            match (hold, file.exists()) {
                (true, _) => std::fs::write(file, b"held by an operator\n")?,
                (false, true) => std::fs::remove_file(file)?,
                (false, false) => {}
            }
        }
        self.held.send_replace(hold);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_bell_says_for_whom_there_are_entries() {
        let [root, henan, hebei] = ["00", "41", "13"].map(|code| code.parse().unwrap());
        let mut rung = Rung::default();
        rung.ring(&News { up: true, ..News::default() });
        rung.ring(&News { down: BTreeSet::from([henan]), ..News::default() });
        let times = |to| rung.for_entries(to, Some(root));
        assert_eq!([root, henan, hebei].map(times), [2, 1, 0]);
    }
}
