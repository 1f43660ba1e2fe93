//! [`Authority`]: who may sign certificates, and for whom.
//!
//! An authority is a P-256 key and a certificate. The root signs itself; every other
//! authority is signed by its superior's. The subordinate makes its keys and sends a PKCS#10 request; from
//! it the superior takes nothing but the public key, of which the request proves possession. Name, term and
//! constraints are the superior's to write.
//!
//! It never makes a subordinate's key and never signs for a division that is not below its own. Serial
//! numbers come from the caller's random bytes and terms from the caller's clock.
//!
//! Invariants:
//! 1. Every authority's certificate permits exactly one DNS subtree, that of its division.
//! 2. No certificate outlives the authority that signed it.

mod request;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PublicKeyData,
    SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Level, Tree};

use super::certificate::{Certificate, CertificateError, Holder};
use super::name::{NameError, TransportName};
use super::reader::{Extent, Reach, ReaderName, Scopes, alternative_name};
use super::root::RootJournal;
use crate::surroundings::Chance;

pub use request::{request, requested_key_hash};

/// Years a transport certificate lasts, unless the caller says otherwise.
pub const TRANSPORT_YEARS: i64 = 2;
/// Years an authority below the root lasts, unless the caller says otherwise.
pub const AUTHORITY_YEARS: i64 = 10;
/// Years the root lasts: renewing it means a new fingerprint on every code sheet.
pub const ROOT_YEARS: i64 = 30;
/// How far the clock of a neighbour may be behind ours: a certificate is in force that much earlier.
pub(super) const CLOCKS_APART: SignedDuration = SignedDuration::from_hours(24);
/// Steps from the root office to the lowest office that may have an authority, a county under a prefecture.
const LOWEST_AUTHORITY: usize = 3;
/// Bytes of a serial number; RFC 5280 allows twenty.
const SERIAL: usize = 16;

/// The term of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// In force from.
    pub from: Timestamp,
    /// In force until.
    pub until: Timestamp,
}

/// A key that signs certificates, with the certificate that says for whom.
#[derive(Debug)]
pub struct Authority {
    division: DivisionCode,
    not_after: Timestamp,
    key: KeyPair,
    certificate: CertificateDer<'static>,
}

/// Why a certificate is not signed.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The subject is not below the authority.
    #[error(
        "sign a certificate for {subject}: the authority of {authority} may only sign for divisions \
         below it; ask the superior of {subject}"
    )]
    NotBelow {
        /// Whose authority it is.
        authority: DivisionCode,
        /// For whom it was asked.
        subject: DivisionCode,
    },
    /// A township admits nobody.
    #[error("sign an authority for {0}: a township admits nobody and has no authority")]
    Township(DivisionCode),
    /// The division has no office.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The request cannot be read, or is not signed by the key it contains.
    #[error("read certificate request: {0}; make it again with `enrol`")]
    Request(#[source] rcgen::Error),
    /// The request is for another kind of key.
    #[error("read certificate request: its key is not a P-256 key; make it again with `enrol`")]
    Algorithm,
    /// The term ends before it begins, perhaps because the authority's own ends.
    #[error(
        "sign a certificate for {subject}: its term would end at {until}, not after its beginning; \
         the authority's own certificate ends at {not_after}, renew it if that is past"
    )]
    Term {
        /// For whom it was asked.
        subject: DivisionCode,
        /// When the term would end.
        until: Timestamp,
        /// When the authority's certificate ends.
        not_after: Timestamp,
    },
    /// The authority's certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The certificate is an office's.
    #[error("read authority: the certificate is one of {0} for TLS, not an authority")]
    NotAnAuthority(DivisionCode),
    /// Key and certificate do not belong together.
    #[error("read authority: the key is not the one in the certificate of {0}; restore both files")]
    Foreign(DivisionCode),
    /// The key or the random source failed.
    #[error("sign a certificate: {0}")]
    Sign(#[source] rcgen::Error),
}

impl Validity {
    /// From `now` for some years. It begins a day early, since the clocks of offices differ.
    #[must_use]
    pub fn years(now: Timestamp, years: i64) -> Self {
        Self::hours(now, years.saturating_mul(365 * 24 + 6))
    }

    /// From `now` for some days, beginning as early.
    #[must_use]
    pub fn days(now: Timestamp, days: u32) -> Self {
        Self::hours(now, i64::from(days) * 24)
    }

    fn hours(now: Timestamp, hours: i64) -> Self {
        let from = now.checked_sub(CLOCKS_APART).unwrap_or(Timestamp::MIN);
        let term = SignedDuration::try_from_hours(hours).unwrap_or(SignedDuration::MAX);
        Self { from, until: now.checked_add(term).unwrap_or(Timestamp::MAX) }
    }
}

impl Authority {
    /// Makes the root: a self-signed certificate that carries the root's journal key.
    ///
    /// # Errors
    ///
    /// [`AuthorityError::Term`] for an empty term, [`AuthorityError::Sign`] when signing fails.
    pub fn root(
        key: KeyPair,
        journal: &RootJournal,
        validity: Validity,
        chance: &mut dyn Chance,
    ) -> Result<Self, AuthorityError> {
        let name = TransportName::of(DivisionCode::HUB)?;
        let params = authority_params(&name, Some(journal.extension()));
        let not_after = validity.until;
        let params = with_term(params, &name, validity, not_after, chance)?;
        let signed = params.self_signed(&key).map_err(AuthorityError::Sign)?;
        Self::read(key, signed.der().clone())
    }

    /// The authority with this key and certificate.
    ///
    /// # Errors
    ///
    /// [`AuthorityError::Foreign`] when they do not belong together, and others when the certificate is
    /// not an authority's.
    pub fn read(
        key: KeyPair,
        certificate: CertificateDer<'static>,
    ) -> Result<Self, AuthorityError> {
        let read = Certificate::read(&certificate)?;
        let division = match read.holder {
            Holder::Authority(division) => division,
            Holder::Office(division) => return Err(AuthorityError::NotAnAuthority(division)),
            Holder::Reader(reach) => return Err(AuthorityError::NotAnAuthority(reach.office)),
        };
        if read.key_hash != key_hash(&key) {
            return Err(AuthorityError::Foreign(division));
        }
        Ok(Self { division, not_after: read.not_after, key, certificate })
    }

    /// Whose authority it is.
    #[must_use]
    pub fn division(&self) -> DivisionCode {
        self.division
    }

    /// Its certificate; at the root office, the root certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// When its certificate ends.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Signs the transport certificate of `subject` for the key in a PKCS#10 request.
    ///
    /// # Errors
    ///
    /// [`AuthorityError::NotBelow`] unless the subject is strictly below this authority; the root office
    /// alone may sign for itself. Others when the request or the term is bad.
    pub fn sign_transport(
        &self,
        subject: DivisionCode,
        request: &[u8],
        validity: Validity,
        chance: &mut dyn Chance,
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        let itself = subject == DivisionCode::HUB && self.division == DivisionCode::HUB;
        if !itself {
            self.check_below(subject)?;
        }
        self.issue(
            &transport_params(&TransportName::of(subject)?)?,
            subject,
            request,
            validity,
            chance,
        )
    }

    /// Signs the authority of `subject`, for the divisions below it and no others.
    ///
    /// # Errors
    ///
    /// [`AuthorityError::NotBelow`] unless the subject is strictly below this authority,
    /// [`AuthorityError::Township`] when nobody is below the subject. Others when the request or the term
    /// is bad.
    pub fn sign_authority(
        &self,
        subject: DivisionCode,
        request: &[u8],
        validity: Validity,
        chance: &mut dyn Chance,
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        self.check_below(subject)?;
        if !may_have_authority(subject) {
            return Err(AuthorityError::Township(subject));
        }
        let params = authority_params(&TransportName::of(subject)?, None);
        self.issue(&params, subject, request, validity, chance)
    }

    /// Signs a certificate for a program that reads this authority's own office, or for an auditor who reads those
    /// below it, for the key in a PKCS#10 request. It serves to call, never to answer calls, and names no office.
    ///
    /// # Errors
    ///
    /// [`AuthorityError`] when the request or the term is bad.
    pub fn sign_reader(
        &self,
        name: &ReaderName,
        extent: Extent,
        scopes: Scopes,
        request: &[u8],
        validity: Validity,
        chance: &mut dyn Chance,
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        let key_hash = requested_key_hash(request)?;
        let office = TransportName::of(self.division)?;
        let mut params = leaf_params(name.as_str(), &alternative_name(&office, key_hash))?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let reach = Reach { office: self.division, extent, scopes };
        params.custom_extensions = vec![reach.extension()];
        self.issue(&params, self.division, request, validity, chance)
    }

    fn check_below(&self, subject: DivisionCode) -> Result<(), AuthorityError> {
        let authority = self.division;
        if subject != authority && Tree::national().is_within(subject, authority) {
            Ok(())
        } else {
            Err(AuthorityError::NotBelow { authority, subject })
        }
    }

    /// Signs whatever it is given. Only what was checked may come here.
    pub(super) fn issue(
        &self,
        params: &CertificateParams,
        subject: DivisionCode,
        request: &[u8],
        validity: Validity,
        chance: &mut dyn Chance,
    ) -> Result<CertificateDer<'static>, AuthorityError> {
        let key = request::requested_key(request)?;
        let name = TransportName::of(subject)?;
        let params = with_term(params.clone(), &name, validity, self.not_after, chance)?;
        let issuer = Issuer::from_ca_cert_der(&self.certificate, &self.key);
        let signed = issuer.and_then(|issuer| params.signed_by(&key, &issuer));
        Ok(signed.map_err(AuthorityError::Sign)?.der().clone())
    }
}

/// Whether an office at this division admits others and so needs an authority.
#[must_use]
pub fn may_have_authority(division: DivisionCode) -> bool {
    match division.level() {
        Level::Hub | Level::Province | Level::Prefecture | Level::County => true,
        Level::Township | Level::Village => false,
    }
}

fn key_hash(key: &impl PublicKeyData) -> Digest {
    Digest::of(&[&key.subject_public_key_info()])
}

pub(super) fn transport_params(name: &TransportName) -> Result<CertificateParams, AuthorityError> {
    let mut params = leaf_params(name.as_str(), name.as_str())?;
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

/// A certificate that carries TLS and signs nothing; what TLS is for is still to be said.
pub(super) fn leaf_params(
    common_name: &str,
    alternative: &str,
) -> Result<CertificateParams, AuthorityError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject(common_name);
    let alternative = alternative.try_into().map_err(AuthorityError::Sign)?;
    params.subject_alt_names = vec![SanType::DnsName(alternative)];
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

pub(super) fn authority_params(
    name: &TransportName,
    extension: Option<CustomExtension>,
) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject(&format!("authority of {name}"));
    // Authorities that may stand below this one.
    let steps = Tree::national().path(name.division()).len().saturating_sub(1);
    let below = u8::try_from(LOWEST_AUTHORITY.saturating_sub(steps)).unwrap_or(0);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(name.subtree().to_owned())],
        excluded_subtrees: vec![],
    });
    params.use_authority_key_identifier_extension = true;
    params.custom_extensions = extension.into_iter().collect();
    params
}

fn subject(common_name: &str) -> rcgen::DistinguishedName {
    let mut subject = rcgen::DistinguishedName::new();
    subject.push(DnType::OrganizationName, "Terrace");
    subject.push(DnType::CommonName, common_name);
    subject
}

fn with_term(
    mut params: CertificateParams,
    name: &TransportName,
    validity: Validity,
    not_after: Timestamp,
    chance: &mut dyn Chance,
) -> Result<CertificateParams, AuthorityError> {
    let until = validity.until.min(not_after);
    if until <= validity.from {
        return Err(AuthorityError::Term { subject: name.division(), until, not_after });
    }
    // rcgen's hours are of a crate we do not use otherwise: counted from 1970.
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let hour =
        |at: Timestamp| std::time::Duration::from_secs(at.as_second().try_into().unwrap_or(0));
    params.not_before = epoch + hour(validity.from);
    params.not_after = epoch + hour(until);
    let mut serial = [0; SERIAL];
    chance.fill(&mut serial);
    // Positive, and not shortened by leading zeros.
    serial[0] = serial[0] & 0x7f | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

#[cfg(test)]
mod tests;
