//! What everyone must know beforehand: the root certificate, and the journal key inside it.
//!
//! All certificates lead to that of the root office. Its SHA-256 [`Fingerprint`] comes to each office on
//! paper, on the code sheet, and nothing received over a network is believed without it. The certificate carries the
//! root's journal key and epoch in a private extension ([`RootJournal`]), so that one fingerprint pins both
//! the names on the links and the first link of every admission chain.
//!
//! The extension has the object identifier 1.3.6.1.4.1.32473.41.1. The arc 32473 is set aside for examples
//! (RFC 5612), so it can clash with nobody's; a deployment with an enterprise number of its own changes
//! [`EXTENSION`] before its first root is made. It is not critical, since verifiers that do not know Terrace
//! must accept the certificate. Its value is the DER of
//! `SEQUENCE { algorithm INTEGER, journalKey OCTET STRING (32), epoch OCTET STRING (16) }`.
//!
//! Nothing here verifies a signature: who holds the right fingerprint holds the right certificate.

use std::fmt;
use std::str::FromStr;

use rcgen::CustomExtension;
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::key::{Algorithm, JournalKey, KeyError};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The extension that carries the root's journal key.
pub const EXTENSION: &[u64] = &[1, 3, 6, 1, 4, 1, 32473, 41, 1];

/// `SEQUENCE` of 55 bytes, and an `INTEGER` of one byte, which follows.
const HEAD: [u8; 4] = [0x30, 55, 0x02, 1];
/// `OCTET STRING` of 32 bytes.
const KEY: [u8; 2] = [0x04, 32];
/// `OCTET STRING` of 16 bytes.
const EPOCH: [u8; 2] = [0x04, 16];
/// Hexadecimal digits in a printed group.
const GROUP: usize = 4;
/// Hexadecimal digits of a fingerprint.
const DIGITS: usize = 64;

/// The SHA-256 of a root certificate.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(pub Digest);

/// The journal at the top of every admission chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootJournal {
    /// The key that signs it.
    pub key: JournalKey,
    /// Its epoch.
    pub epoch: Epoch,
}

/// Why a certificate is not a root of Terrace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// It is no X.509 certificate.
    #[error("read root certificate: it is not an X.509 certificate in DER")]
    Certificate,
    /// The extension is missing.
    #[error("read root certificate: it does not carry a journal key; it was not made by `init`")]
    Missing,
    /// The extension has another form.
    #[error("read root certificate: its journal key has an unknown form; update this program")]
    Form,
    /// The key cannot be read.
    #[error("read root certificate: {0}")]
    Key(#[from] KeyError),
}

/// A text that is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// Something else than hexadecimal digits.
    #[error("read fingerprint: {0:?} is not a hexadecimal digit; copy it from the code sheet")]
    NotADigit(char),
    /// Too few or too many digits.
    #[error("read fingerprint: it has {0} digits, expected 64; copy all of it from the code sheet")]
    Length(usize),
}

impl Fingerprint {
    /// The fingerprint of a certificate.
    #[must_use]
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Digest::of(&[certificate]))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string().to_uppercase();
        for start in (0..DIGITS).step_by(GROUP) {
            let space = if start == 0 { "" } else { " " };
            write!(f, "{space}{}", &digits[start..start + GROUP])?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({})", self.0)
    }
}

/// Reads what [`Fingerprint`] prints and what `openssl x509 -fingerprint -sha256` prints; spaces, case,
/// colons and hyphens do not matter.
impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits = text.rsplit_once('=').map_or(text, |(_, digits)| digits);
        let mut nibbles = Vec::with_capacity(DIGITS);
        for c in digits.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')) {
            let nibble = c.to_digit(16).and_then(|nibble| u8::try_from(nibble).ok());
            nibbles.push(nibble.ok_or(FingerprintError::NotADigit(c))?);
        }
        let bytes = nibbles.chunks(2).map(|pair| pair.iter().fold(0, |byte, n| byte << 4 | n));
        let digest = Digest::read(&bytes.collect::<Vec<u8>>());
        let whole = digest.filter(|_| nibbles.len() == DIGITS);
        whole.map(Self).ok_or(FingerprintError::Length(nibbles.len()))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(text: String) -> Result<Self, FingerprintError> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

impl RootJournal {
    /// Reads the journal out of a root certificate.
    ///
    /// # Errors
    ///
    /// [`RootError`] when it is another kind of certificate.
    pub fn read(certificate: &CertificateDer<'_>) -> Result<Self, RootError> {
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| RootError::Certificate)?;
        let ours = |oid: &x509_parser::der_parser::Oid<'_>| {
            oid.iter().is_some_and(|arcs| arcs.eq(EXTENSION.iter().copied()))
        };
        let mut extensions = parsed.extensions().iter();
        let found = extensions.find(|extension| ours(&extension.oid)).ok_or(RootError::Missing)?;
        Self::read_value(found.value)
    }

    /// The journal's identity.
    #[must_use]
    pub fn id(&self) -> JournalId {
        JournalId { author: DivisionCode::HUB, epoch: self.epoch }
    }

    /// The extension, for the certificate about to be made.
    pub(super) fn extension(&self) -> CustomExtension {
        let key = self.key.bytes();
        let value =
            [HEAD.as_slice(), &[Algorithm::Ed25519 as u8], &KEY, &key, &EPOCH, &self.epoch.0]
                .concat();
        CustomExtension::from_oid_content(EXTENSION, value)
    }

    fn read_value(value: &[u8]) -> Result<Self, RootError> {
        let rest = value.strip_prefix(&HEAD).ok_or(RootError::Form)?;
        let (algorithm, rest) = rest.split_first().ok_or(RootError::Form)?;
        let rest = rest.strip_prefix(&KEY).ok_or(RootError::Form)?;
        let (key, rest) = rest.split_at_checked(32).ok_or(RootError::Form)?;
        let epoch = rest.strip_prefix(&EPOCH).ok_or(RootError::Form)?;
        let epoch = Epoch::read(epoch).ok_or(RootError::Form)?;
        Ok(Self { key: JournalKey::read(u32::from(*algorithm), key)?, epoch })
    }
}

#[cfg(test)]
mod tests {
    use terrace_proto::key::Signer;

    use super::*;

    #[test]
    fn a_fingerprint_reads_back_from_every_way_of_writing_it() {
        let fingerprint = Fingerprint(Digest::of(&[b"root"]));
        let printed = fingerprint.to_string();
        assert_eq!(printed.len(), 64 + 15);
        let plain = fingerprint.0.to_string();
        let colons = printed.replace(' ', "").as_bytes().chunks(2).fold(
            "sha256 Fingerprint=".to_owned(),
            |text, pair| {
                let colon = if text.ends_with('=') { "" } else { ":" };
                format!("{text}{colon}{}", std::str::from_utf8(pair).unwrap())
            },
        );
        for text in
            [&printed, &plain, &colons, &printed.replace(' ', "\n"), &printed.to_lowercase()]
        {
            assert_eq!(text.parse::<Fingerprint>().unwrap(), fingerprint, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_with_a_wrong_or_missing_digit_is_refused() {
        let printed = Fingerprint(Digest::of(&[b"root"])).to_string();
        assert_eq!(printed[1..].parse::<Fingerprint>(), Err(FingerprintError::Length(63)));
        assert_eq!(
            (printed.clone() + "0").parse::<Fingerprint>(),
            Err(FingerprintError::Length(65))
        );
        assert_eq!((printed + "g").parse::<Fingerprint>(), Err(FingerprintError::NotADigit('g')));
        assert_eq!("".parse::<Fingerprint>(), Err(FingerprintError::Length(0)));
    }

    #[test]
    fn the_extension_reads_back_and_nothing_else_does() {
        let key = Signer::from_secret(&[7; 32]).public();
        let journal = RootJournal { key, epoch: Epoch([9; 16]) };
        let value = journal.extension().content().to_vec();
        assert_eq!(RootJournal::read_value(&value), Ok(journal));
        for length in 0..value.len() {
            assert!(RootJournal::read_value(&value[..length]).is_err());
        }
        assert!(RootJournal::read_value(&[value.as_slice(), &[0]].concat()).is_err());
        let mut other = value;
        other[4] = 2;
        assert_eq!(RootJournal::read_value(&other), Err(RootError::Key(KeyError::Algorithm(2))));
    }
}
