//! The identity of an office as files: what a [`Folder`] holds of it.
//!
//! `keys/` holds `journal.key`, `transport.key` and, where the office admits others, `authority.key`, all
//! PKCS#8 in PEM, readable by their owner only. `certificates/` holds `transport.pem`, `authority.pem` and
//! `above.pem`, the authorities above up to the root; at the root office `authority.pem` is the root and
//! nothing is above. `admissions.json` holds the codes this office has issued, `readers.json` the
//! reader certificates. `transport.pem` is written last, so
//! where it stands the office is enrolled.
//!
//! A file is written beside its place, synced, moved there, and the folder synced: it is there whole or not
//! at all. A key is never overwritten, and a key that others could read is not used.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rcgen::KeyPair;
use rustls::pki_types::CertificateDer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use terrace_proto::division::DivisionCode;
use terrace_proto::key::Signer;

use super::authority::{Authority, AuthorityError, may_have_authority};
use super::enrolment::Admissions;
use super::pem;
use super::readers::Readers;
use super::transport::{Credentials, TransportError};
use crate::folder::{Folder, file};
use crate::surroundings::Chance;

const JOURNAL_KEY: &str = "keys/journal.key";
const TRANSPORT_KEY: &str = "keys/transport.key";
const AUTHORITY_KEY: &str = "keys/authority.key";
const TRANSPORT: &str = "certificates/transport.pem";
const AUTHORITY: &str = "certificates/authority.pem";
const ABOVE: &str = "certificates/above.pem";
const ADMISSIONS: &str = "admissions.json";
const READERS: &str = "readers.json";
/// What stands in the folder that a reader is handed.
const READER: [&str; 3] = ["reader.pem", "reader.key", "root.pem"];

/// The secret keys of an office.
#[derive(Debug)]
pub struct Keys {
    /// Signs the journal.
    pub journal: Signer,
    /// Carries TLS.
    pub transport: KeyPair,
    /// Signs the certificates of subordinates, where there can be any.
    pub authority: Option<KeyPair>,
}

/// Why the identity cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A key is missing.
    #[error("read {0}: it is missing; run `init` in a new folder, or restore the folder `keys`")]
    KeyMissing(PathBuf),
    /// A certificate is missing.
    #[error("read {0}: it is missing; run `enrol` with the code sheet of the superior")]
    CertificateMissing(PathBuf),
    /// Others than the owner may read a key.
    #[error("read {path}: others may read it (mode {mode:03o}); run `chmod 600 {path}`")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// There is a key already.
    #[error(
        "write {0}: it exists and keys are never overwritten; go on with it, or use a new folder"
    )]
    Exists(PathBuf),
    /// A file holds something else than it should.
    #[error("read {path}: expected {expected}; restore it from a copy")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// A list of what this office has issued cannot be read.
    #[error("read {path}: {source}; restore it from a copy")]
    List {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The list is another office's.
    #[error(
        "read {path}: it belongs to {found}, this office is {expected}; restore it from a copy"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// This office.
        expected: DivisionCode,
        /// Whose it is.
        found: DivisionCode,
    },
    /// The certificates do not form a chain.
    #[error("read certificates in {path}: {source}")]
    Credentials {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: TransportError,
    },
    /// The authority cannot be used.
    #[error("read {path}: {source}")]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: AuthorityError,
    },
    /// The disk refuses.
    #[error("{action} {path}: {source}")]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Keys {
    /// Makes the keys of the office at `division`: the journal key from `chance`, the others by rcgen from
    /// the operating system.
    ///
    /// # Errors
    ///
    /// [`AuthorityError::Sign`] when the operating system gives no random bytes.
    pub fn make(division: DivisionCode, chance: &mut dyn Chance) -> Result<Self, AuthorityError> {
        let pair = || KeyPair::generate().map_err(AuthorityError::Sign);
        let mut secret = [0; 32];
        chance.fill(&mut secret);
        let authority = may_have_authority(division).then(pair).transpose()?;
        Ok(Self { journal: Signer::from_secret(&secret), transport: pair()?, authority })
    }
}

impl Folder {
    /// Whether the office has its certificates.
    #[must_use]
    pub fn is_enrolled(&self) -> bool {
        self.path().join(TRANSPORT).exists()
    }

    /// Writes new keys.
    ///
    /// # Errors
    ///
    /// [`FilesError::Exists`] when there is any key already; then nothing is written.
    pub fn keep_new_keys(&self, keys: &Keys) -> Result<(), FilesError> {
        let authority = keys.authority.as_ref().map(|key| (AUTHORITY_KEY, key.serialize_pem()));
        let texts = [
            Some((JOURNAL_KEY, pem::write_ed25519(&keys.journal.secret()))),
            Some((TRANSPORT_KEY, keys.transport.serialize_pem())),
            authority,
        ];
        for name in [JOURNAL_KEY, TRANSPORT_KEY, AUTHORITY_KEY] {
            let path = self.path().join(name);
            if path.exists() {
                return Err(FilesError::Exists(path));
            }
        }
        texts.iter().flatten().try_for_each(|(name, text)| keep_new(&self.path().join(name), text))
    }

    /// The keys.
    ///
    /// # Errors
    ///
    /// [`FilesError`] naming the file that is missing, damaged, or readable by others.
    pub fn keys(&self, division: DivisionCode) -> Result<Keys, FilesError> {
        let authority =
            may_have_authority(division).then(|| self.key_pair(AUTHORITY_KEY)).transpose()?;
        Ok(Keys { journal: self.signer()?, transport: self.key_pair(TRANSPORT_KEY)?, authority })
    }

    /// Writes the office's certificates, over those it had. The root office's authority is the root, with
    /// which its credentials end.
    ///
    /// # Errors
    ///
    /// [`FilesError::Disk`].
    pub fn keep_certificates(
        &self,
        credentials: &Credentials,
        authority: Option<&CertificateDer<'_>>,
    ) -> Result<(), FilesError> {
        let (own, above) = credentials.chain().split_at(1);
        if let Some(authority) = authority {
            let text = pem::write_certificates(std::slice::from_ref(authority));
            keep(&self.path().join(AUTHORITY), &text)?;
        }
        if credentials.division() != DivisionCode::HUB {
            keep(&self.path().join(ABOVE), &pem::write_certificates(above))?;
        }
        keep(&self.path().join(TRANSPORT), &pem::write_certificates(own))
    }

    /// The certificates the office shows.
    ///
    /// # Errors
    ///
    /// [`FilesError`] naming the file that is missing or damaged.
    pub fn credentials(&self) -> Result<Credentials, FilesError> {
        let path = self.path().join(TRANSPORT);
        let own = self.certificate(TRANSPORT)?;
        // Only the root office has nobody above. Elsewhere its own authority does not close the chain.
        let at_the_top = !self.path().join(ABOVE).exists() && self.path().join(AUTHORITY).exists();
        let authorities = self.certificates(if at_the_top { AUTHORITY } else { ABOVE })?;
        Credentials::new(own, authorities)
            .map_err(|source| FilesError::Credentials { path, source })
    }

    /// The office's authority.
    ///
    /// # Errors
    ///
    /// [`FilesError`] naming the file that is missing, damaged, or readable by others. An office that
    /// admits nobody has none.
    pub fn authority(&self) -> Result<Authority, FilesError> {
        let key = self.key_pair(AUTHORITY_KEY)?;
        let certificate = self.certificate(AUTHORITY)?;
        let path = self.path().join(AUTHORITY);
        Authority::read(key, certificate).map_err(|source| FilesError::Authority { path, source })
    }

    /// The codes this office has issued; none where there is no file yet.
    ///
    /// # Errors
    ///
    /// [`FilesError::List`] or [`FilesError::Foreign`] when the file is damaged or another office's.
    pub fn admissions(&self, superior: DivisionCode) -> Result<Admissions, FilesError> {
        let admissions = self.list(ADMISSIONS)?.unwrap_or_else(|| Admissions::of(superior));
        self.check_owner(ADMISSIONS, superior, admissions.superior())?;
        Ok(admissions)
    }

    /// Replaces the codes this office has issued; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`FilesError::Disk`].
    pub fn keep_admissions(&self, admissions: &Admissions) -> Result<(), FilesError> {
        self.keep_list(ADMISSIONS, admissions)
    }

    /// The reader certificates this office has issued; none where there is no file yet.
    ///
    /// # Errors
    ///
    /// [`FilesError::List`] or [`FilesError::Foreign`] when the file is damaged or another office's.
    pub fn readers(&self, office: DivisionCode) -> Result<Readers, FilesError> {
        let readers = self.list(READERS)?.unwrap_or_else(|| Readers::of(office));
        self.check_owner(READERS, office, readers.office())?;
        Ok(readers)
    }

    /// Replaces the list of reader certificates; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`FilesError::Disk`].
    pub fn keep_readers(&self, readers: &Readers) -> Result<(), FilesError> {
        self.keep_list(READERS, readers)
    }

    fn list<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, FilesError> {
        let path = self.path().join(name);
        let read = read(&path)?.map(|text| serde_json::from_slice(&text)).transpose();
        read.map_err(|source| FilesError::List { path, source })
    }

    fn keep_list(&self, name: &str, list: &impl Serialize) -> Result<(), FilesError> {
        let path = self.path().join(name);
        let text = serde_json::to_string_pretty(list);
        let text = text.map_err(|source| FilesError::List { path: path.clone(), source })?;
        keep(&path, &(text + "\n"))
    }

    fn check_owner(
        &self,
        name: &str,
        expected: DivisionCode,
        found: DivisionCode,
    ) -> Result<(), FilesError> {
        let path = self.path().join(name);
        if expected == found { Ok(()) } else { Err(FilesError::Foreign { path, expected, found }) }
    }

    fn signer(&self) -> Result<Signer, FilesError> {
        let path = self.path().join(JOURNAL_KEY);
        let secret = pem::read_ed25519(&read_secret(&path)?);
        let expected = "an Ed25519 key in PEM";
        secret
            .map(|secret| Signer::from_secret(&secret))
            .ok_or(FilesError::Damaged { path, expected })
    }

    fn key_pair(&self, name: &str) -> Result<KeyPair, FilesError> {
        let path = self.path().join(name);
        let pair = pem::read_p256(&read_secret(&path)?);
        pair.ok_or(FilesError::Damaged { path, expected: "a P-256 key in PEM" })
    }

    fn certificate(&self, name: &str) -> Result<CertificateDer<'static>, FilesError> {
        match <[_; 1]>::try_from(self.certificates(name)?) {
            Ok([certificate]) => Ok(certificate),
            Err(_) => {
                let path = self.path().join(name);
                Err(FilesError::Damaged { path, expected: "one certificate in PEM" })
            }
        }
    }

    fn certificates(&self, name: &str) -> Result<Vec<CertificateDer<'static>>, FilesError> {
        let path = self.path().join(name);
        let Some(text) = read(&path)? else {
            return Err(FilesError::CertificateMissing(path));
        };
        let expected = "certificates in PEM";
        let read = pem::read_certificates(&text).ok().filter(|read| !read.is_empty());
        read.ok_or(FilesError::Damaged { path, expected })
    }
}

/// Writes what a reader is handed into a folder that must be new: `reader.pem` with the certificate and the
/// authorities up to the root, `reader.key`, and `root.pem`.
///
/// # Errors
///
/// [`FilesError::Exists`] when the folder is there already, [`FilesError::Disk`].
pub fn hand_over(
    folder: &Path,
    key: &KeyPair,
    chain: &[CertificateDer<'_>],
) -> Result<(), FilesError> {
    if folder.exists() {
        return Err(FilesError::Exists(folder.to_path_buf()));
    }
    let root = chain.last().map(std::slice::from_ref).unwrap_or_default();
    let texts =
        [pem::write_certificates(chain), key.serialize_pem(), pem::write_certificates(root)];
    READER.iter().zip(&texts).try_for_each(|(name, text)| keep_new(&folder.join(name), text))
}

/// What a reader was handed.
#[derive(Debug)]
pub struct Handed {
    /// The certificate, then the authorities up to the root.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key in the certificate.
    pub key: KeyPair,
    /// The root certificate, to know an office by.
    pub root: CertificateDer<'static>,
}

/// Reads the folder that [`hand_over`] wrote.
///
/// # Errors
///
/// [`FilesError`] naming the file that is missing, damaged, or readable by others.
pub fn handed(folder: &Path) -> Result<Handed, FilesError> {
    let [chain, key, root] = READER;
    let folder = Folder::at(folder);
    Ok(Handed {
        chain: folder.certificates(chain)?,
        key: folder.key_pair(key)?,
        root: folder.certificate(root)?,
    })
}

pub(super) fn keep_new(path: &Path, text: &str) -> Result<(), FilesError> {
    file::new(path, text.as_bytes()).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return FilesError::Exists(path.to_path_buf());
        }
        disk("write", path)(error)
    })
}

fn keep(path: &Path, text: &str) -> Result<(), FilesError> {
    file::replace(path, text.as_bytes()).map_err(disk("write", path))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, FilesError> {
    file::read(path).map_err(disk("read", path))
}

/// The bytes of a key, provided that nobody but its owner could read it.
pub(super) fn read_secret(path: &Path) -> Result<Vec<u8>, FilesError> {
    let key = read(path)?.ok_or_else(|| FilesError::KeyMissing(path.to_path_buf()))?;
    match file::exposed(path).map_err(disk("read", path))? {
        Some(mode) => Err(FilesError::Exposed { path: path.to_path_buf(), mode }),
        None => Ok(key),
    }
}

pub(super) fn disk(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> FilesError + use<> {
    let path = path.to_path_buf();
    move |source| FilesError::Disk { action, path, source }
}

#[cfg(test)]
mod tests;
