//! An insider (内鬼): root on the machine of an office, with the office's own keys and all the time he wants.
//!
//! He is the strongest one we could think of. He opens the data folder of a *stopped* office ([`Insider::enter`]) and
//! every copy of it he ever kept ([`Insider::with_copy`]), decides on a [`Lie`], and writes a disk on which the lie is
//! the truth ([`Insider::rewrite`]): nothing is patched, the office's whole life is lived again ([`forging`]) through
//! the product's own archive, with the same key, the same epoch, and the hours and salts of the entries he keeps. So
//! what is before the lie is the same to the byte, what is behind it is numbered, chained, counted, folded and signed
//! anew, and the checkpoint file follows. The forged disk is consistent in itself; no check of it alone can tell.
//!
//! What he does not have is anybody else's key. Signatures of others he can only keep or leave out: [`signatures`]
//! gathers those of every copy, so that a forged journal still shows the newest one that fits it.
//!
//! He sits at an office without subordinates, which loses nothing: what a superior sees of a forged journal is the
//! same wherever its author stands. He never touches another office's machine; who lets him do that runs him twice.

mod forging;
mod signatures;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_node::archive::Identity;
use terrace_node::folder::{Folder, place};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{Store, StoredEntry};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::{Content, Entry, JournalId};

use self::signatures::Signatures;

/// Entries and rows read at once; the offices he enters are small.
const ALL: u32 = 100_000;

/// What goes wrong while forging is the insider's own trouble: it is told, and ends the test.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// What shall have been otherwise.
#[derive(Debug, Clone)]
pub enum Lie {
    /// This case never was: every own entry of it, its rows and its fold are gone.
    NeverWas(CaseId),
    /// An own entry was recorded at another hour.
    RecordedAt(u64, Timestamp),
    /// The petitioner of this case came on another day, and the duty of fifteen days began then.
    CameOn(CaseId, Date),
    /// From this passage on nothing came from the superior, hence nothing of this case, and nothing was answered.
    NeverCame(CaseId, u64),
}

/// Root on the machine of a stopped office.
#[derive(Debug)]
pub struct Insider {
    folder: Folder,
    identity: Identity,
    store: Arc<SqliteStore>,
    signatures: Signatures,
    own: Vec<Entry>,
}

impl Insider {
    /// Walks into the data folder of an office that is stopped.
    pub async fn enter(data: &Path) -> Result<Self, Trouble> {
        let folder = Folder::at(data);
        let (config, division, epoch) = folder.config()?;
        let named = config.superior.as_ref().map(|superior| superior.division.as_str());
        let superior = named.map(|named| place(named, &folder.config_file())).transpose()?;
        let signer = folder.keys(division)?.journal;
        let identity = Identity { me: JournalId { author: division, epoch }, signer, superior };
        let store = Arc::new(SqliteStore::open_to_read(&folder.database()).await?);
        let stored = store.entries(identity.me, 0, ALL).await?;
        let read = StoredEntry::into_entry;
        let own = stored.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut signatures = Signatures::default();
        signatures.gather(store.as_ref(), &identity).await?;
        Ok(Self { folder, identity, store, signatures, own })
    }

    /// Also has what others had signed when this copy of the disk was made.
    pub async fn with_copy(mut self, copy: &Path) -> Result<Self, Trouble> {
        let store = SqliteStore::open_to_read(Folder::at(copy).database()).await?;
        self.signatures.gather(&store, &self.identity).await?;
        store.close().await?;
        Ok(self)
    }

    /// The office's own journal, as it is before the lie.
    #[must_use]
    pub fn own(&self) -> &[Entry] {
        &self.own
    }

    /// The place of the intake with this title in the office's own journal, and the case it belongs to.
    #[must_use]
    pub fn intake(&self, title: &str) -> Option<(u64, CaseId)> {
        self.own.iter().find_map(|entry| match entry.content() {
            Some(Content::IntakeRegistered(intake)) if intake.title == title => {
                Some((entry.header().sequence, entry.header().case?))
            }
            Some(_) | None => None,
        })
    }

    /// Puts a disk in the place of the office's on which the lie is the truth.
    pub async fn rewrite(self, lie: &Lie) -> Result<(), Trouble> {
        let forged = self.folder.path().join("forged.db");
        forging::forge(&self, lie, &forged).await?;
        let database = self.folder.database();
        drop(self.store);
        for ending in ["-wal", "-shm"] {
            _ = std::fs::remove_file(beside(&database, ending));
        }
        std::fs::rename(&forged, &database)?;
        // What the program told its log is the least of it.
        std::fs::write(self.folder.path().join("log"), [])?;
        Ok(())
    }
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
