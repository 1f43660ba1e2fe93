//! An office out of its data folder: configuration, identity and store, opened and put together.
//!
//! Opening checks that the parts belong together and that the database is not behind the checkpoint file.
//! Running it is `command::serve`'s.

use std::sync::Arc;

use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use tracing::warn;

use crate::archive::{Archive, ArchiveError, Identity};
use crate::cabinet::{Cabinet, KeyFile};
use crate::desk::service::Service;
use crate::enrolment::Admitting;
use crate::folder::{Config, Folder, FolderError, place};
use crate::identity::Keys;
use crate::identity::files::FilesError;
use crate::office::Office;
use crate::reading::Reading;
use crate::store::{IfHeld, Store, StoreError};
use crate::surroundings::{SystemChance, SystemClock};
use crate::watermark::CheckpointFile;

/// Why an office cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PremisesError {
    /// The folder or its configuration.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Its keys or certificates.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Its database.
    #[error("数据库 the database: {0}")]
    Store(#[from] StoreError),
    /// What the database and the checkpoint file say together.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// An opened office.
#[derive(Debug)]
pub struct Premises {
    /// The configuration.
    pub config: Config,
    /// The keys.
    pub keys: Keys,
    /// The office.
    pub office: Arc<Office>,
    /// How it admits subordinates.
    pub admitting: Arc<Admitting>,
    /// How outside programs read it.
    pub reading: Arc<Reading>,
}

impl Premises {
    /// Opens the office in `folder`. The caller owns the folder.
    pub async fn open(folder: &Folder) -> Result<Self, PremisesError> {
        let (config, ..) = folder.config()?;
        let store = folder.store(&config).open(IfHeld::Refuse).await?;
        Self::over(folder, store).await
    }

    /// Opens the office in `folder` over its store, which is open already. The caller owns the folder.
    pub async fn over(folder: &Folder, store: Arc<dyn Store>) -> Result<Self, PremisesError> {
        let (config, division, epoch) = folder.config()?;
        let keys = folder.keys(division)?;
        let superior = superior(folder, &config)?;
        let identity = Identity {
            me: JournalId { author: division, epoch },
            signer: keys.journal.clone(),
            superior,
        };
        let mut archive = open_archive(folder, identity, store).await?;
        archive.announce_keys().await?;
        let office = Office::new(archive, Some(folder.hold()), Some(folder.notices()));
        let admitting = Arc::new(Admitting::open(folder, office.clone(), config.listen.clone())?);
        let reading = Arc::new(Reading::open(folder, office.clone(), admitting.clone())?);
        Ok(Self { config, keys, office, admitting, reading })
    }

    /// The desk, for commands.
    #[must_use]
    pub fn service(&self) -> Service {
        Service::new(self.office.clone(), self.admitting.clone(), self.reading.clone())
    }
}

/// The archive over a store, with the checkpoint file of the folder.
pub async fn open_archive(
    folder: &Folder,
    identity: Identity,
    store: Arc<dyn Store>,
) -> Result<Archive, PremisesError> {
    let watermark = Box::new(CheckpointFile::at(&folder.checkpoint()));
    let clock = Arc::new(SystemClock);
    let archive = Archive::open(identity, store, watermark, clock, Box::new(SystemChance)).await?;
    let wraps = KeyFile::open(&folder.case_keys()).await.map_err(ArchiveError::from)?;
    // An office that is being founded has keys before it has a configuration.
    let written = folder.config_file().exists().then(|| folder.config()).transpose()?;
    let measure = written.and_then(|(config, ..)| config.questions_a_day);
    let index = folder.index_keys()?.map(|keys| keys.with_measure(measure));
    if index.is_none() {
        warn!(
            "索引密钥缺失 no index key: petitioners cannot be found again until recover-keys brings it back"
        );
    }
    let cabinet = Cabinet::new(Arc::new(wraps), folder.sealing_keys()?).with_index(index);
    let mut archive = archive.with_cabinet(cabinet);
    archive.settle_keys().await?;
    Ok(archive)
}

fn superior(folder: &Folder, config: &Config) -> Result<Option<DivisionCode>, FolderError> {
    let named = config.superior.as_ref();
    named.map(|superior| place(&superior.division, &folder.config_file())).transpose()
}
