//! [`Auditor`]: whether a certificate is one that a superior issued to an auditor, and good at this office.
//!
//! Nobody at the office is asked and no list is kept: whatever the certificate needs to be honoured stands in it, in
//! the certificates this office was enrolled with, and in the tree of divisions. So an office learns of an auditor
//! with the auditor's first call, and from nobody before.
//!
//! It never verifies a signature: the TLS that brought the certificates has. It adds what TLS does not ask: that the
//! signer is the very superior it names, the one above this office in this office's own chain.
//!
//! Invariant: whoever holds only keys of this office and of offices below or beside it can make nothing that is
//! honoured here.

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};

use super::authority::CLOCKS_APART;
use super::certificate::{Certificate, CertificateError, Holder, reader_name};
use super::reader::{Extent, ReaderName, Scopes};
use super::transport::{Credentials, LONGEST, PeerError, above_in_order};

/// Longest term of an auditor's certificate, in days \[M\]: it cannot be called back, so it ends soon.
pub const LONGEST_AUDIT: u32 = 30;

const HOURS_A_DAY: i64 = 24;

/// An auditor whom this office lets read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auditor {
    /// What the auditor is called in the certificate.
    pub name: ReaderName,
    /// SHA-256 of the certificate in DER.
    pub certificate: Digest,
    /// The superior that issued it.
    pub issuer: DivisionCode,
    /// Until when it is good.
    pub until: Timestamp,
    /// What may be read.
    pub scopes: Scopes,
}

/// Why an auditor's certificate is not honoured here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditorError {
    /// It is none.
    #[error("this is not the certificate of an auditor")]
    NotAnAuditor,
    /// The authorities that were shown do not form a chain.
    #[error(transparent)]
    Chain(#[from] PeerError),
    /// It cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// It was issued by this office.
    #[error(
        "本单位签发的审计证书只在下级有效 an auditor's certificate of {0} is good below {0} and not at {0} itself: have it issued by a superior of {0}"
    )]
    Itself(DivisionCode),
    /// This office is not below the one that issued it.
    #[error(
        "本单位不在其下辖区域 this certificate is for auditing the offices below {issuer}, and {office} is not one of them"
    )]
    NotBelow {
        /// Who issued it.
        issuer: DivisionCode,
        /// This office.
        office: DivisionCode,
    },
    /// Another authority signed it than the one it names.
    #[error(
        "签发单位不符 this certificate says it was issued by {named}, and the authority of {signed} signed it: nobody but {named} can"
    )]
    Signer {
        /// Who it says has issued it.
        named: DivisionCode,
        /// Whose authority signed it.
        signed: DivisionCode,
    },
    /// The authority is none of those above this office.
    #[error(
        "签发机构不在本单位证书链中 the authority of {0} that signed this certificate is not the one in the certificates of this office: have it issued by the office of {0} as it is now"
    )]
    Foreign(DivisionCode),
    /// It was made for longer than any auditor's may be.
    #[error(
        "有效期过长 an auditor's certificate is good for at most {LONGEST_AUDIT} days, and this one for {0}"
    )]
    TooLong(i64),
    /// It is not in force yet.
    #[error("尚未生效 this certificate is in force from {0} on: compare the clocks")]
    NotYet(Timestamp),
    /// It has ended.
    #[error("已过期 this certificate ended at {0}: have a new one issued by the superior")]
    Ended(Timestamp),
}

impl Auditor {
    /// Judges the certificates that a caller has proved over TLS, at the office with these credentials.
    ///
    /// # Errors
    ///
    /// [`AuditorError`], with the reason for the caller.
    pub fn of(
        presented: &[CertificateDer<'_>],
        own: &Credentials,
        now: Timestamp,
    ) -> Result<Self, AuditorError> {
        if presented.len() > LONGEST {
            return Err(PeerError::TooMany(presented.len()).into());
        }
        let chain = presented.iter().map(Certificate::read).collect::<Result<Vec<_>, _>>()?;
        let (shown, authorities) = chain.split_first().ok_or(PeerError::Missing)?;
        let (signer, above) = authorities.split_first().ok_or(PeerError::Missing)?;
        let Holder::Reader(reach) = shown.holder else { return Err(AuditorError::NotAnAuditor) };
        if reach.extent != Extent::Below {
            return Err(AuditorError::NotAnAuditor);
        }
        let (issuer, office) = (reach.office, own.division());
        if issuer == office {
            return Err(AuditorError::Itself(office));
        }
        if !Tree::national().is_within(office, issuer) {
            return Err(AuditorError::NotBelow { issuer, office });
        }
        match signer.holder {
            Holder::Authority(signed) if signed == issuer => {}
            Holder::Authority(signed) | Holder::Office(signed) => {
                return Err(AuditorError::Signer { named: issuer, signed });
            }
            Holder::Reader(reader) => {
                return Err(PeerError::NotAnAuthority(reader.office).into());
            }
        }
        if shown.issuer != signer.subject {
            return Err(PeerError::Order.into());
        }
        above_in_order(signer, issuer, above)?;
        let mut known = own.chain()[1..].iter().map(Certificate::read);
        if !known.any(|known| known.is_ok_and(|known| same_authority(&known, signer))) {
            return Err(AuditorError::Foreign(issuer));
        }
        in_force(shown, now)?;
        Ok(Self {
            name: reader_name(&presented[0])?,
            certificate: Digest::of(&[&presented[0]]),
            issuer,
            until: shown.not_after,
            scopes: reach.scopes,
        })
    }
}

/// An authority may be given a new certificate; it is its key that signs.
fn same_authority(known: &Certificate, signer: &Certificate) -> bool {
    known.holder == signer.holder && known.key_hash == signer.key_hash
}

fn in_force(shown: &Certificate, now: Timestamp) -> Result<(), AuditorError> {
    // Every certificate begins that much before it is issued.
    let term = shown.not_after.duration_since(shown.not_before).saturating_sub(CLOCKS_APART);
    if term > SignedDuration::from_hours(i64::from(LONGEST_AUDIT) * HOURS_A_DAY) {
        return Err(AuditorError::TooLong(term.as_hours() / HOURS_A_DAY));
    }
    if now < shown.not_before {
        return Err(AuditorError::NotYet(shown.not_before));
    }
    if now > shown.not_after { Err(AuditorError::Ended(shown.not_after)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
