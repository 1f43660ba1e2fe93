//! What a reader certificate covers: one office or those below it, and some of what can be read there.
//!
//! A reader (查阅方) is a program outside Terrace. Its certificate is signed by the authority of the office it
//! reads, or, for an auditor, of a superior of all that it reads ([`Extent`]). It carries a [`Reach`] in a private
//! extension, 1.3.6.1.4.1.32473.41.2 (see [`super::root`] for the arc). The extension is not critical; its value is
//! the DER of `SEQUENCE { office OCTET STRING (8, big-endian division code), scopes INTEGER (0..127) }`, where bit 4
//! of the scopes (16) is the extent.
//!
//! It never makes its holder an office: the name in it, [`alternative_name`], stands in the subtree of the
//! authority, as the name constraints demand, and is no office's.

use std::fmt;
use std::str::FromStr;

use rcgen::CustomExtension;
use serde::{Deserialize, Serialize};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use x509_parser::prelude::X509Certificate;

use super::name::TransportName;

/// The extension that makes a certificate a reader's.
pub const EXTENSION: &[u64] = &[1, 3, 6, 1, 4, 1, 32473, 41, 2];

/// `SEQUENCE` of 13 bytes, and an `OCTET STRING` of 8, which follows.
const HEAD: [u8; 4] = [0x30, 13, 0x04, 8];
/// `INTEGER` of one byte.
const SCOPES: [u8; 2] = [0x02, 1];
/// Longest name in characters: what a common name in X.509 may have.
const LONGEST_NAME: usize = 64;
/// Beside the scopes: the offices below, and not the one that issues.
const BELOW: u8 = 16;

/// Something that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The office, the head of its journal and how much it holds.
    Office,
    /// Cases, with the words of their entries.
    Cases,
    /// Entries as bytes, with their proofs.
    Journal,
    /// The links with the neighbours.
    Neighbours,
}

/// Where a reader may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// At the office that issued the certificate, which keeps it in its list.
    Itself,
    /// At every office below the one that issued it, and not at that one: an auditor's.
    Below,
}

/// A set of scopes; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

/// What a reader certificate covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The office whose authority issues the certificate.
    pub office: DivisionCode,
    /// Which offices may be read.
    pub extent: Extent,
    /// What may be read there.
    pub scopes: Scopes,
}

/// What a reader is called, in the certificate and in the list of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReaderName(String);

/// Why a text is not the name of a reader, or not a scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReaderError {
    /// The name is empty, too long, or has a control character.
    #[error(
        "name a reader {0:?}: expected 1 to 64 characters on one line, without blanks at the ends"
    )]
    Name(String),
    /// There is no such scope.
    #[error("scope {0:?}: expected office, cases, journal or neighbours")]
    Scope(String),
    /// No scope at all.
    #[error("a reader needs at least one scope: office, cases, journal or neighbours")]
    NoScope,
    /// An extension of another form.
    #[error("read reader certificate: what it covers has an unknown form; update this program")]
    Form,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 4] = [Self::Office, Self::Cases, Self::Journal, Self::Neighbours];

    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Cases => "cases",
            Self::Journal => "journal",
            Self::Neighbours => "neighbours",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Office => 1,
            Self::Cases => 2,
            Self::Journal => 4,
            Self::Neighbours => 8,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Scope {
    type Err = ReaderError;

    fn from_str(text: &str) -> Result<Self, ReaderError> {
        let found = Self::ALL.into_iter().find(|scope| scope.word() == text);
        found.ok_or_else(|| ReaderError::Scope(text.chars().take(LONGEST_NAME).collect()))
    }
}

impl Scopes {
    /// The set of these.
    ///
    /// # Errors
    ///
    /// [`ReaderError::NoScope`] when there are none.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, ReaderError> {
        match scopes.into_iter().fold(0, |set, scope| set | scope.bit()) {
            0 => Err(ReaderError::NoScope),
            set => Ok(Self(set)),
        }
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn cover(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// They, in their order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.cover(*scope))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Scope::word).collect::<Vec<_>>().join(","))
    }
}

impl Reach {
    /// What a certificate covers; `None` when it is not a reader's.
    ///
    /// # Errors
    ///
    /// [`ReaderError::Form`] when it is a reader's in a form that this version does not know.
    pub(super) fn of(parsed: &X509Certificate<'_>) -> Result<Option<Self>, ReaderError> {
        let ours = |oid: &x509_parser::der_parser::Oid<'_>| {
            oid.iter().is_some_and(|arcs| arcs.eq(EXTENSION.iter().copied()))
        };
        let found = parsed.extensions().iter().find(|extension| ours(&extension.oid));
        found.map(|extension| Self::read_value(extension.value)).transpose()
    }

    /// The extension, for the certificate about to be made.
    pub(super) fn extension(self) -> CustomExtension {
        let office = self.office.number().to_be_bytes();
        let extent = match self.extent {
            Extent::Itself => 0,
            Extent::Below => BELOW,
        };
        let value = [HEAD.as_slice(), &office, &SCOPES, &[self.scopes.0 | extent]].concat();
        CustomExtension::from_oid_content(EXTENSION, value)
    }

    fn read_value(value: &[u8]) -> Result<Self, ReaderError> {
        let rest = value.strip_prefix(&HEAD).ok_or(ReaderError::Form)?;
        let (office, rest) = rest.split_first_chunk::<8>().ok_or(ReaderError::Form)?;
        let office = DivisionCode::from_number(u64::from_be_bytes(*office));
        let office = office.map_err(|_| ReaderError::Form)?;
        let Some(&[set]) = rest.strip_prefix(&SCOPES) else { return Err(ReaderError::Form) };
        let extent = if set & BELOW == 0 { Extent::Itself } else { Extent::Below };
        let scopes = Scopes::of(Scope::ALL.into_iter().filter(|scope| set & scope.bit() != 0))?;
        let known = scopes.0 == set & !BELOW;
        if known { Ok(Self { office, extent, scopes }) } else { Err(ReaderError::Form) }
    }
}

impl ReaderName {
    /// What the holder of a reader certificate is called in it.
    ///
    /// # Errors
    ///
    /// [`ReaderError::Name`] when the subject of the certificate has no common name, or one that is no reader's.
    pub(super) fn of(parsed: &X509Certificate<'_>) -> Result<Self, ReaderError> {
        let name = parsed.subject().iter_common_name().next();
        name.and_then(|name| name.as_str().ok()).unwrap_or_default().parse()
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ReaderName {
    type Err = ReaderError;

    fn from_str(text: &str) -> Result<Self, ReaderError> {
        let plain = text.trim() == text && !text.chars().any(char::is_control);
        if plain && (1..=LONGEST_NAME).contains(&text.chars().count()) {
            return Ok(Self(text.to_owned()));
        }
        Err(ReaderError::Name(text.chars().take(LONGEST_NAME).collect()))
    }
}

impl TryFrom<String> for ReaderName {
    type Error = ReaderError;

    fn try_from(text: String) -> Result<Self, ReaderError> {
        text.parse()
    }
}

impl From<ReaderName> for String {
    fn from(name: ReaderName) -> Self {
        name.0
    }
}

/// The DNS name in the certificate of a reader with this key: below the office, and no office's.
pub(super) fn alternative_name(office: &TransportName, key_hash: Digest) -> String {
    let key = key_hash.to_string();
    format!("r{}.reader.{}", &key[..16], office.subtree())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_reads_back_and_nothing_else_does() {
        let office = "410221".parse().unwrap();
        for (scopes, extent) in
            (1..16).flat_map(|scopes| [(scopes, Extent::Itself), (scopes, Extent::Below)])
        {
            let reach = Reach { office, extent, scopes: Scopes(scopes) };
            let value = reach.extension().content().to_vec();
            assert_eq!(Reach::read_value(&value), Ok(reach));
            for length in 0..value.len() {
                assert!(Reach::read_value(&value[..length]).is_err());
            }
            assert!(Reach::read_value(&[value.as_slice(), &[0]].concat()).is_err());
        }
        let extent = Extent::Itself;
        let mut value = Reach { office, extent, scopes: Scopes(1) }.extension().content().to_vec();
        for unknown in [0, 16, 32, 33, 49, 128] {
            *value.last_mut().unwrap() = unknown;
            assert!(Reach::read_value(&value).is_err(), "{unknown}");
        }
    }

    #[test]
    fn a_scope_reads_back_and_other_words_do_not() {
        for scope in Scope::ALL {
            assert_eq!(scope.word().parse(), Ok(scope));
        }
        for word in ["", "Office", "all", "case"] {
            assert!(word.parse::<Scope>().is_err());
        }
        let two = Scopes::of([Scope::Journal, Scope::Office]).unwrap();
        assert_eq!(two.to_string(), "office,journal");
        assert!(two.cover(Scope::Office) && !two.cover(Scope::Cases));
    }

    #[test]
    fn a_name_is_one_short_line() {
        for good in ["a", "统计平台 2026", &"名".repeat(64)] {
            assert_eq!(good.parse::<ReaderName>().unwrap().as_str(), good);
        }
        for bad in ["", " ", " a", "a\n", "a\nb", "a\0", &"名".repeat(65)] {
            assert!(bad.parse::<ReaderName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_name_of_a_reader_is_no_offices() {
        for office in ["00", "41", "4102", "410221"] {
            let office = TransportName::of(office.parse().unwrap()).unwrap();
            let name = alternative_name(&office, Digest([7; 32]));
            assert!(name.ends_with(&format!(".{}", office.subtree())), "{name}");
            assert!(name.parse::<TransportName>().is_err());
        }
    }
}
