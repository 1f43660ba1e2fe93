//! The index key of an office as a file: `keys/index-GENERATION.key`, 32 secret bytes in hexadecimal.
//!
//! It marks what the office may read and answers what subordinates ask; no database holds it. It is made at `init` and
//! stands in the recovery copy. Only the newest generation is used: marks of two cannot be compared.

use std::path::PathBuf;

use terrace_proto::seal::{IndexKey, Zeroizing};

use super::files::{FilesError, disk, keep_new, read_secret};
use super::sealing::{read, written};
use crate::cabinet::IndexKeys;
use crate::folder::Folder;
use crate::surroundings::Chance;

/// The bytes of a key, wiped when dropped.
type Secret = Zeroizing<[u8; 32]>;

impl Folder {
    /// Makes the first index key; gives its secret, for the recovery copy.
    ///
    /// # Errors
    ///
    /// [`FilesError::Exists`] where there is one already.
    pub(super) fn found_index(&self, chance: &mut dyn Chance) -> Result<Secret, FilesError> {
        let mut secret = Zeroizing::new([0; 32]);
        chance.fill(secret.as_mut());
        keep_new(&self.index_file(1), &written(&secret))?;
        Ok(secret)
    }

    /// The newest index key; none where the file is missing: then nothing is marked and nobody answered.
    ///
    /// # Errors
    ///
    /// [`FilesError`] naming the file that is damaged or readable by others.
    pub fn index_keys(&self) -> Result<Option<IndexKeys>, FilesError> {
        let Some((generation, secret)) = self.index_secret()? else { return Ok(None) };
        Ok(IndexKeys::of(generation, IndexKey::of(&secret)))
    }

    /// The newest index key's generation and secret.
    pub(super) fn index_secret(&self) -> Result<Option<(u32, Secret)>, FilesError> {
        let folder = self.path().join("keys");
        if !folder.exists() {
            return Ok(None);
        }
        let mut newest = None;
        for file in std::fs::read_dir(&folder).map_err(disk("read", &folder))? {
            let name = file.map_err(disk("read", &folder))?.file_name();
            let generation = name.to_str().and_then(|name| {
                name.strip_prefix("index-")?.strip_suffix(".key")?.parse::<u32>().ok()
            });
            newest = newest.max(generation);
        }
        let Some(generation) = newest else { return Ok(None) };
        let path = self.index_file(generation);
        let text = Zeroizing::new(read_secret(&path)?);
        let expected = "64 hexadecimal digits";
        let secret = read(&text).ok_or(FilesError::Damaged { path, expected })?;
        Ok(Some((generation, secret)))
    }

    pub(super) fn index_file(&self, generation: u32) -> PathBuf {
        self.path().join("keys").join(format!("index-{generation}.key"))
    }
}
