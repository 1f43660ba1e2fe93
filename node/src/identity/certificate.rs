//! [`Certificate`]: what a certificate says, for offices, authorities and readers.
//!
//! An office's certificate names it in its only alternative name. An authority's certificate is known by its
//! name constraint: the one DNS subtree it permits is the subtree of its division, so what this program
//! reads and what every X.509 verifier enforces cannot differ. A reader's is known by its extension.
//!
//! It never judges whether a certificate is genuine or in force; verifiers and [`super::transport`] do.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use x509_parser::extensions::{GeneralName, NameConstraints};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::name::{NameError, TransportName};
use super::reader::{Reach, ReaderError, ReaderName};

/// Whose certificate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The transport certificate of the office at a division.
    Office(DivisionCode),
    /// The certificate of the authority of a division.
    Authority(DivisionCode),
    /// The certificate of a program that reads an office.
    Reader(Reach),
}

/// The parts of a certificate that Terrace reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub holder: Holder,
    /// In force from this second on.
    pub not_before: Timestamp,
    /// In force up to and with this second.
    pub not_after: Timestamp,
    /// SHA-256 of the public key (SubjectPublicKeyInfo in DER), as admissions name it.
    pub key_hash: Digest,
    /// The subject's name in DER.
    pub(super) subject: Vec<u8>,
    /// The issuer's name in DER.
    pub(super) issuer: Vec<u8>,
}

/// Why a certificate is not one of Terrace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a certificate at all, or an extension that cannot be read.
    #[error("read certificate: it is not an X.509 certificate in DER")]
    Form,
    /// An office's certificate with no, several or other names than one DNS name.
    #[error("read certificate: expected exactly one DNS name as its alternative name")]
    AlternativeNames,
    /// An authority without the name constraint that makes it harmless to others.
    #[error("read certificate: an authority must permit exactly one DNS subtree, its own")]
    Unconstrained,
    /// The name is not that of an office.
    #[error("read certificate: {0}")]
    Name(#[from] NameError),
    /// What a reader may read cannot be understood.
    #[error(transparent)]
    Reader(#[from] ReaderError),
}

impl Certificate {
    /// Reads a certificate.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] when it is neither an office's nor an authority's nor a reader's.
    pub fn read(certificate: &CertificateDer<'_>) -> Result<Self, CertificateError> {
        let (rest, parsed) =
            X509Certificate::from_der(certificate).map_err(|_| CertificateError::Form)?;
        if !rest.is_empty() {
            return Err(CertificateError::Form);
        }
        let holder = match Reach::of(&parsed)? {
            Some(reach) if !parsed.is_ca() => Holder::Reader(reach),
            Some(_) => return Err(ReaderError::Form.into()),
            None if parsed.is_ca() => authority(&parsed)?,
            None => Holder::Office(office(&parsed)?),
        };
        let validity = parsed.validity();
        let second = |at: i64| Timestamp::from_second(at).map_err(|_| CertificateError::Form);
        Ok(Self {
            holder,
            not_before: second(validity.not_before.timestamp())?,
            not_after: second(validity.not_after.timestamp())?,
            key_hash: Digest::of(&[parsed.public_key().raw]),
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
        })
    }

    /// Whole days from `now` until it ends; negative when it has ended.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i64 {
        self.not_after.duration_since(now).as_secs().div_euclid(24 * 60 * 60)
    }
}

/// What the holder of a reader certificate is called in it.
pub(super) fn reader_name(
    certificate: &CertificateDer<'_>,
) -> Result<ReaderName, CertificateError> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| CertificateError::Form)?;
    Ok(ReaderName::of(&parsed)?)
}

fn office(parsed: &X509Certificate<'_>) -> Result<DivisionCode, CertificateError> {
    let names = parsed.subject_alternative_name().map_err(|_| CertificateError::Form)?;
    let names = names.ok_or(CertificateError::AlternativeNames)?;
    let [GeneralName::DNSName(name)] = names.value.general_names.as_slice() else {
        return Err(CertificateError::AlternativeNames);
    };
    Ok(name.parse::<TransportName>()?.division())
}

fn authority(parsed: &X509Certificate<'_>) -> Result<Holder, CertificateError> {
    let constraints = parsed.name_constraints().map_err(|_| CertificateError::Form)?;
    let constraints = constraints.ok_or(CertificateError::Unconstrained)?;
    let NameConstraints { permitted_subtrees: Some(permitted), excluded_subtrees: None } =
        constraints.value
    else {
        return Err(CertificateError::Unconstrained);
    };
    let [subtree] = permitted.as_slice() else { return Err(CertificateError::Unconstrained) };
    let GeneralName::DNSName(subtree) = subtree.base else {
        return Err(CertificateError::Unconstrained);
    };
    Ok(Holder::Authority(TransportName::of_subtree(subtree)?.division()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::offices::{NOW, Offices};

    #[test]
    fn a_certificate_tells_its_holder_and_its_term() {
        let offices = Offices::enrolled();
        let leaf = Certificate::read(offices.town.credentials.transport()).unwrap();
        assert_eq!(leaf.holder, Holder::Office(offices.town.division));
        assert!((729..=731).contains(&leaf.days_left(NOW.parse().unwrap())));
        let authority = offices.county.authority.as_ref().unwrap();
        let authority = Certificate::read(authority.certificate()).unwrap();
        assert_eq!(authority.holder, Holder::Authority(offices.county.division));
        let root = Certificate::read(offices.town.credentials.root()).unwrap();
        assert_eq!(root.holder, Holder::Authority(DivisionCode::HUB));
        assert_eq!(root.subject, root.issuer);
    }

    #[test]
    fn bytes_that_are_no_certificate_are_refused() {
        let offices = Offices::enrolled();
        let good = offices.town.credentials.transport().to_vec();
        for length in (0..good.len()).step_by(7) {
            assert!(Certificate::read(&good[..length].into()).is_err());
        }
        let trailing = [good.as_slice(), &[0]].concat();
        assert_eq!(Certificate::read(&trailing.into()), Err(CertificateError::Form));
    }
}
