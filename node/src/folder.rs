//! The data folder of an office: what stands where, and that one process owns it.
//!
//! `office.toml` is the configuration, `keys/` and `certificates/` the identity, `office.db` the store (unless a
//! server keeps it), `keys.db` the cabinet of case keys,
//! `checkpoint` the newest head beside it, `desk.sock` where commands speak to the running office, `imports/`
//! how far interrupted imports have come.

pub mod file;

use std::fs::{File, TryLockError};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use terrace_proto::digest::Epoch;
use terrace_proto::division::{DivisionCode, DivisionError, Tree};

use crate::store::Address;

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration is not one.
    #[error("{path}: {why}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// It names a place that cannot have an office.
    #[error("{path}: {error}")]
    Division {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: DivisionError,
    },
    /// An office lives here already.
    #[error("{0} already holds an office: an office is never overwritten, choose another folder")]
    Occupied(PathBuf),
    /// Another process runs this office.
    #[error("{0} is owned by a running office: stop it first, or speak to it with a command")]
    Running(PathBuf),
}

/// The configuration of an office (`office.toml`). Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The division, short or with 12 digits. Trust: its certificate must name the same.
    pub division: String,
    /// The life of this office's database, 32 hexadecimal digits. Drawn at init; never edited.
    pub epoch: String,
    /// Where subordinates reach this office, `host:port`; none for an office without subordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Where the console is shown, an address of this machine itself; none shows no console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// The PostgreSQL database this office's store is in, `postgres://USER@HOST:PORT/DATABASE`; none keeps it in
    /// `office.db`. The password belongs into `~/.pgpass` or `PGPASSWORD`, not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// About how many cases one subordinate may ask in a day whether they are the same as others; none is as many as a
    /// large county registers several times over. \[M\]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub questions_a_day: Option<u32>,
    /// The superior; none before enrolment and for the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superior: Option<SuperiorConfig>,
}

/// The superior, as enrolment wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuperiorConfig {
    /// Its division. Trust: its certificate must name the same.
    pub division: String,
    /// Its address, `host:port`. Not trusted: whoever answers there must prove to be the superior.
    pub address: String,
}

/// A data folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// Held as long as this process owns the folder.
#[derive(Debug)]
pub struct Ownership(#[expect(dead_code, reason = "held open for its lock")] File);

impl Folder {
    /// The folder at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the store is that a configuration names.
    #[must_use]
    pub fn store(&self, config: &Config) -> Address {
        match &config.database {
            Some(address) => Address::Server(address.clone()),
            None => Address::File(self.database()),
        }
    }

    /// The file of a store that is in no server's database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("office.db")
    }

    /// Where wrapped case keys are kept, apart from the database.
    #[must_use]
    pub fn case_keys(&self) -> PathBuf {
        self.0.join("keys.db")
    }

    /// The newest head of the own journal.
    #[must_use]
    pub fn checkpoint(&self) -> PathBuf {
        self.0.join("checkpoint")
    }

    /// Where commands speak to the running office.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.0.join("desk.sock")
    }

    /// Present while an operator holds the link to the superior.
    #[must_use]
    pub fn hold(&self) -> PathBuf {
        self.0.join("link.held")
    }

    /// The office's own templates of notices, in the place of the program's.
    #[must_use]
    pub fn notices(&self) -> PathBuf {
        self.0.join("notices")
    }

    /// How far imports that were interrupted have come.
    #[must_use]
    pub fn imports(&self) -> PathBuf {
        self.0.join("imports")
    }

    /// The configuration file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.0.join("office.toml")
    }

    /// Makes a new folder, readable by its owner alone.
    pub fn create(&self) -> Result<(), FolderError> {
        if self.config_file().exists() {
            return Err(FolderError::Occupied(self.0.clone()));
        }
        file::make_folder(&self.0).map_err(|source| file_error(&self.0, source))?;
        let only_owner = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&self.0, only_owner).map_err(|source| file_error(&self.0, source))
    }

    /// Reads the configuration, with its division and epoch checked.
    pub fn config(&self) -> Result<(Config, DivisionCode, Epoch), FolderError> {
        let path = self.config_file();
        let text = std::fs::read_to_string(&path).map_err(|source| file_error(&path, source))?;
        let bad = |why: String| FolderError::Config { path: path.clone(), why };
        let config: Config = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
        let division = place(&config.division, &path)?;
        let epoch = config.epoch.parse().map_err(|error| bad(format!("epoch: {error}")))?;
        Ok((config, division, epoch))
    }

    /// Writes the configuration.
    pub fn write_config(&self, config: &Config) -> Result<(), FolderError> {
        let path = self.config_file();
        let text = toml::to_string(config)
            .map_err(|error| FolderError::Config { path: path.clone(), why: error.to_string() })?;
        file::replace(&path, text.as_bytes()).map_err(|source| file_error(&path, source))
    }

    /// Takes the folder for this process.
    pub fn own(&self) -> Result<Ownership, FolderError> {
        let path = self.0.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| file_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Ownership(file)),
            Err(TryLockError::WouldBlock) => Err(FolderError::Running(self.0.clone())),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }
}

/// The division a text names, if an office can stand there.
pub fn place(text: &str, path: &Path) -> Result<DivisionCode, FolderError> {
    let bad = |why: String| FolderError::Config { path: path.to_path_buf(), why };
    let code: DivisionCode =
        text.parse().map_err(|error| bad(format!("division {text:?}: {error}")))?;
    Tree::national()
        .node(code)
        .map_err(|error| FolderError::Division { path: path.to_path_buf(), error })?;
    Ok(code)
}

fn file_error(path: &Path, source: std::io::Error) -> FolderError {
    FolderError::File { path: path.to_path_buf(), source }
}
