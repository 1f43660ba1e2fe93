//! [`Readers`]: the reader certificates an office has issued, and which of them are in force.
//!
//! It is the list that counts: a certificate that is not written here is refused, whoever signed it, and one
//! that was revoked stays written. It reads no clock and writes no file (`files` does); whoever changes it
//! saves it before answering.
//!
//! Invariant: no two certificates in force at one hour bear one name.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;

use super::as_text;
use super::reader::{ReaderName, Scope};

/// A reader certificate that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// What the reader is called.
    pub name: ReaderName,
    /// Whether it is an auditor's: good at the offices below this one, and not here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub audit: bool,
    /// What it may read.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the certificate in DER.
    #[serde(with = "as_text::hex")]
    pub fingerprint: [u8; 32],
    /// When it was issued.
    #[serde(with = "as_text")]
    pub issued_at: Timestamp,
    /// When it ends.
    #[serde(with = "as_text")]
    pub until: Timestamp,
    /// When it was revoked, if it was.
    #[serde(with = "as_text::optional")]
    pub revoked_at: Option<Timestamp>,
}

/// The reader certificates of one office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readers {
    #[serde(with = "as_text")]
    office: DivisionCode,
    /// In the order in which they were issued.
    issued: Vec<Issued>,
}

/// Why the list is not changed, or a certificate not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadersError {
    /// The name is taken.
    #[error(
        "issue a reader certificate: {name} has one until {until}; revoke it first, or choose another name"
    )]
    Taken {
        /// The name.
        name: ReaderName,
        /// When the one in force ends.
        until: Timestamp,
    },
    /// Nobody of that name can read.
    #[error("revoke reader {0}: no certificate in force bears that name; see `reader list`")]
    Nobody(ReaderName),
    /// Nobody would hear of it.
    #[error(
        "revoke reader {name}: offices below honour an auditor's certificate without asking here, so it cannot be called back; it ends at {until}"
    )]
    Irrevocable {
        /// The auditor.
        name: ReaderName,
        /// When it ends.
        until: Timestamp,
    },
    /// It was not issued here, or the list was restored from an older copy.
    #[error("this reader certificate is not in the list of {0}: have it issued again")]
    Unlisted(DivisionCode),
    /// It was revoked.
    #[error("the certificate of reader {name} was revoked at {at}")]
    Revoked {
        /// The reader.
        name: ReaderName,
        /// When.
        at: Timestamp,
    },
    /// It has ended.
    #[error("the certificate of reader {name} ended at {at}: have a new one issued")]
    Ended {
        /// The reader.
        name: ReaderName,
        /// When.
        at: Timestamp,
    },
}

impl Issued {
    /// Whether it can be used at an hour.
    #[must_use]
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now <= self.until
    }
}

impl Readers {
    /// None issued yet by `office`.
    #[must_use]
    pub fn of(office: DivisionCode) -> Self {
        Self { office, issued: Vec::new() }
    }

    /// Whose list it is.
    #[must_use]
    pub fn office(&self) -> DivisionCode {
        self.office
    }

    /// All that were ever issued.
    #[must_use]
    pub fn issued(&self) -> &[Issued] {
        &self.issued
    }

    /// Whether a certificate may be issued to a reader of this name.
    ///
    /// # Errors
    ///
    /// [`ReadersError::Taken`].
    pub fn free(&self, name: &ReaderName, now: Timestamp) -> Result<(), ReadersError> {
        let taken = self.issued.iter().find(|one| one.name == *name && one.in_force(now));
        taken
            .map_or(Ok(()), |one| Err(ReadersError::Taken { name: name.clone(), until: one.until }))
    }

    /// Writes down a certificate.
    ///
    /// # Errors
    ///
    /// [`ReadersError::Taken`].
    pub fn add(&mut self, issued: Issued) -> Result<(), ReadersError> {
        self.free(&issued.name, issued.issued_at)?;
        self.issued.push(issued);
        Ok(())
    }

    /// Revokes the certificate in force under a name.
    ///
    /// # Errors
    ///
    /// [`ReadersError::Nobody`], and [`ReadersError::Irrevocable`] of an auditor's.
    pub fn revoke(&mut self, name: &ReaderName, now: Timestamp) -> Result<(), ReadersError> {
        let mut issued = self.issued.iter_mut();
        let found = issued.find(|one| one.name == *name && one.in_force(now));
        let found = found.ok_or_else(|| ReadersError::Nobody(name.clone()))?;
        if found.audit {
            return Err(ReadersError::Irrevocable { name: name.clone(), until: found.until });
        }
        found.revoked_at = Some(now);
        Ok(())
    }

    /// Whose certificate it is, if it is in force.
    ///
    /// # Errors
    ///
    /// [`ReadersError::Unlisted`], [`ReadersError::Revoked`] or [`ReadersError::Ended`].
    pub fn known(
        &self,
        certificate: &CertificateDer<'_>,
        now: Timestamp,
    ) -> Result<&Issued, ReadersError> {
        let fingerprint = Digest::of(&[certificate]).0;
        let found = self.issued.iter().find(|one| one.fingerprint == fingerprint);
        let one = found.ok_or(ReadersError::Unlisted(self.office))?;
        if let Some(at) = one.revoked_at {
            return Err(ReadersError::Revoked { name: one.name.clone(), at });
        }
        if now > one.until {
            return Err(ReadersError::Ended { name: one.name.clone(), at: one.until });
        }
        Ok(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(hour * 3_600).unwrap()
    }

    fn certificate(byte: u8) -> CertificateDer<'static> {
        vec![byte; 9].into()
    }

    fn issued(name: &str, byte: u8, from: i64, until: i64) -> Issued {
        Issued {
            name: name.parse().unwrap(),
            audit: false,
            scopes: vec![Scope::Office],
            fingerprint: Digest::of(&[&certificate(byte)]).0,
            issued_at: hour(from),
            until: hour(until),
            revoked_at: None,
        }
    }

    #[test]
    fn a_certificate_counts_from_its_listing_until_it_ends_or_is_revoked() {
        let mut readers = Readers::of("410221".parse().unwrap());
        let unlisted = readers.known(&certificate(1), hour(1));
        assert!(matches!(unlisted, Err(ReadersError::Unlisted(_))));
        readers.add(issued("甲", 1, 1, 10)).unwrap();
        assert_eq!(readers.known(&certificate(1), hour(10)).unwrap().name.as_str(), "甲");
        assert!(matches!(
            readers.known(&certificate(1), hour(11)),
            Err(ReadersError::Ended { .. })
        ));
        readers.revoke(&"甲".parse().unwrap(), hour(2)).unwrap();
        let revoked = readers.known(&certificate(1), hour(2));
        assert!(matches!(revoked, Err(ReadersError::Revoked { .. })));
    }

    #[test]
    fn a_name_is_free_again_once_its_certificate_is_out_of_force() {
        let mut readers = Readers::of("410221".parse().unwrap());
        readers.add(issued("甲", 1, 1, 10)).unwrap();
        let taken = readers.add(issued("甲", 2, 2, 20));
        assert!(matches!(taken, Err(ReadersError::Taken { .. })));
        readers.add(issued("甲", 2, 11, 20)).unwrap();
        readers.revoke(&"甲".parse().unwrap(), hour(12)).unwrap();
        let nobody = readers.revoke(&"甲".parse().unwrap(), hour(12));
        assert!(matches!(nobody, Err(ReadersError::Nobody(_))));
        readers.add(issued("甲", 3, 12, 20)).unwrap();
        assert!(readers.known(&certificate(3), hour(12)).is_ok());
        assert!(readers.known(&certificate(2), hour(12)).is_err());
        assert_eq!(readers.issued().len(), 3);
    }

    #[test]
    fn an_auditors_certificate_cannot_be_called_back() {
        let mut readers = Readers::of("41".parse().unwrap());
        readers.add(Issued { audit: true, ..issued("甲", 1, 1, 10) }).unwrap();
        let refused = readers.revoke(&"甲".parse().unwrap(), hour(2));
        assert!(matches!(refused, Err(ReadersError::Irrevocable { .. })));
        assert_eq!(readers.issued()[0].revoked_at, None);
    }

    #[test]
    fn the_list_reads_back_from_its_json() {
        let mut readers = Readers::of("410221".parse().unwrap());
        readers.add(issued("甲", 1, 1, 10)).unwrap();
        readers.revoke(&"甲".parse().unwrap(), hour(2)).unwrap();
        let text = serde_json::to_string(&readers).unwrap();
        assert_eq!(serde_json::from_str::<Readers>(&text).unwrap(), readers);
        assert!(serde_json::from_str::<Readers>(&text.replace("甲", "")).is_err());
    }
}
