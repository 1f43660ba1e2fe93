//! The sealing keys of an office as files, and the recovery copy of its secrets.
//!
//! `keys/sealing-ORGAN-GENERATION.key` holds 32 secret bytes in hexadecimal; the petition office's organ is written
//! `office`. The discipline organ's may be kept on another machine: without it this office can take reports in and pass
//! them on, and read none. `recovery-copy.txt` is written once, at `init`, to be printed, locked away, and deleted.
//!
//! A key is never overwritten, and a key that others could read is not used.

use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;
use terrace_proto::seal::{Label, RecoveryCopy, SealingKey, Zeroizing};

use super::files::{FilesError, disk, keep_new, read_secret};
use super::pem;
use crate::cabinet::{DISCIPLINE, SealingKeys};
use crate::folder::Folder;
use crate::surroundings::Chance;

const KEYS: &str = "keys";
/// How the petition office's organ, which has no name, is written in a file name.
const OFFICE: &str = "office";
/// Where the recovery copy is written at `init`.
const RECOVERY_COPY: &str = "recovery-copy.txt";

impl Folder {
    /// Makes the first sealing key of each organ, the index key, and the recovery copy of all secrets of the office that writes
    /// `journal`; gives the copy's place.
    ///
    /// # Errors
    ///
    /// [`FilesError::Exists`] where there is one already.
    pub fn found_sealing(
        &self,
        journal: JournalId,
        signer: &Signer,
        chance: &mut dyn Chance,
    ) -> Result<PathBuf, FilesError> {
        let mut copy = RecoveryCopy::of(journal).with(Label::Journal, &signer.secret());
        for (organ, label) in [("", Label::Sealing(1)), (DISCIPLINE, Label::Discipline(1))] {
            let mut seed = Zeroizing::new([0; 32]);
            chance.fill(seed.as_mut());
            keep_new(&self.sealing_file(organ, 1), &written(&seed))?;
            copy = copy.with(label, &seed);
        }
        let copy = copy.with(Label::Index(1), &*self.found_index(chance)?);
        let path = self.path().join(RECOVERY_COPY);
        keep_new(&path, &copy.write())?;
        Ok(path)
    }

    /// The sealing keys that are here, of every organ and generation.
    ///
    /// # Errors
    ///
    /// [`FilesError`] naming the file that is damaged or readable by others.
    pub fn sealing_keys(&self) -> Result<SealingKeys, FilesError> {
        let folder = self.path().join(KEYS);
        let mut keys = SealingKeys::default();
        if !folder.exists() {
            return Ok(keys);
        }
        let listed = std::fs::read_dir(&folder).map_err(disk("read", &folder))?;
        for file in listed {
            let path = file.map_err(disk("read", &folder))?.path();
            let Some((organ, generation)) = named(&path) else { continue };
            let text = Zeroizing::new(read_secret(&path)?);
            let seed = read(&text)
                .ok_or_else(|| FilesError::Damaged { path, expected: "64 hexadecimal digits" })?;
            keys = keys.with(&organ, generation, SealingKey::from_seed(&seed));
        }
        Ok(keys)
    }

    /// Makes the next sealing key of an organ; gives its generation. Older ones stay until they are retired.
    ///
    /// # Errors
    ///
    /// [`FilesError`].
    pub fn next_sealing_key(
        &self,
        organ: &str,
        chance: &mut dyn Chance,
    ) -> Result<u32, FilesError> {
        let newest = self.sealing_keys()?.newest(organ).map_or(0, |(generation, _)| generation);
        let mut seed = Zeroizing::new([0; 32]);
        chance.fill(seed.as_mut());
        keep_new(&self.sealing_file(organ, newest + 1), &written(&seed))?;
        Ok(newest + 1)
    }

    /// Deletes every sealing key of an organ but the newest; gives the files that are gone. What was wrapped for them
    /// alone can never be opened again.
    ///
    /// # Errors
    ///
    /// [`FilesError`].
    pub fn retire_sealing_keys(&self, organ: &str) -> Result<Vec<PathBuf>, FilesError> {
        let newest = self.sealing_keys()?.newest(organ).map_or(0, |(generation, _)| generation);
        let mut gone = Vec::new();
        for generation in 1..newest {
            let path = self.sealing_file(organ, generation);
            if path.exists() {
                std::fs::remove_file(&path).map_err(disk("delete", &path))?;
                gone.push(path);
            }
        }
        Ok(gone)
    }

    /// Writes a recovery copy of the journal key, of every sealing key that is here and of the index key, as text to be printed.
    ///
    /// # Errors
    ///
    /// [`FilesError::Exists`] where an older copy still lies.
    pub fn copy_keys(&self, journal: JournalId, signer: &Signer) -> Result<PathBuf, FilesError> {
        let mut copy = RecoveryCopy::of(journal).with(Label::Journal, &signer.secret());
        for (organ, generation, key) in self.sealing_keys()?.iter() {
            let label = if organ.is_empty() {
                Label::Sealing(generation)
            } else {
                Label::Discipline(generation)
            };
            copy = copy.with(label, key.seed());
        }
        if let Some((generation, secret)) = self.index_secret()? {
            copy = copy.with(Label::Index(generation), &secret);
        }
        let path = self.path().join(RECOVERY_COPY);
        keep_new(&path, &copy.write())?;
        Ok(path)
    }

    /// Whether the recovery copy still lies beside the keys, where it protects nothing.
    #[must_use]
    pub fn has_recovery_copy(&self) -> bool {
        self.path().join(RECOVERY_COPY).exists()
    }

    /// Writes back the keys of a recovery copy that are missing here; gives the files it wrote.
    ///
    /// # Errors
    ///
    /// [`FilesError::Disk`]. What is there already is left as it is.
    pub fn restore_keys(&self, copy: &RecoveryCopy) -> Result<Vec<PathBuf>, FilesError> {
        let mut written_now = Vec::new();
        for label in copy.labels() {
            let Some(secret) = copy.secret(label) else { continue };
            let (path, text) = match label {
                Label::Journal => {
                    let text = Zeroizing::new(pem::write_ed25519(secret));
                    (self.path().join("keys/journal.key"), text)
                }
                Label::Sealing(generation) => (self.sealing_file("", generation), written(secret)),
                Label::Discipline(generation) => {
                    (self.sealing_file(DISCIPLINE, generation), written(secret))
                }
                Label::Index(generation) => (self.index_file(generation), written(secret)),
            };
            match keep_new(&path, &text) {
                Ok(()) => written_now.push(path),
                Err(FilesError::Exists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(written_now)
    }

    fn sealing_file(&self, organ: &str, generation: u32) -> PathBuf {
        let organ = if organ.is_empty() { OFFICE } else { organ };
        self.path().join(KEYS).join(format!("sealing-{organ}-{generation}.key"))
    }
}

/// Organ and generation that a file name names.
fn named(path: &Path) -> Option<(String, u32)> {
    let name = path.file_name()?.to_str()?;
    let middle = name.strip_prefix("sealing-")?.strip_suffix(".key")?;
    let (organ, generation) = middle.rsplit_once('-')?;
    let organ = if organ == OFFICE { String::new() } else { organ.to_owned() };
    Some((organ, generation.parse().ok()?))
}

pub(super) fn written(seed: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(HEXLOWER.encode(seed) + "\n")
}

pub(super) fn read(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let digits = std::str::from_utf8(text).ok()?.trim_end();
    let bytes = Zeroizing::new(HEXLOWER.decode(digits.as_bytes()).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_names_organ_and_generation() {
        let named = |name: &str| named(Path::new(name));
        assert_eq!(named("keys/sealing-office-1.key"), Some((String::new(), 1)));
        assert_eq!(named("keys/sealing-discipline-12.key"), Some((DISCIPLINE.into(), 12)));
        assert_eq!(named("keys/journal.key"), None);
        assert_eq!(named("keys/sealing-office-x.key"), None);
    }

    #[test]
    fn a_seed_is_written_as_it_is_read_back() {
        let seed = [0xa7; 32];
        assert_eq!(read(written(&seed).as_bytes()).as_deref(), Some(&seed));
        assert_eq!(read(b"a7"), None);
    }
}
