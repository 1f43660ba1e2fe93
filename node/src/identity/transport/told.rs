//! A refused handshake, told so that an officer knows what to do.
//!
//! Rustls says precisely what happened, in the words of its types. [`tell`] puts the cases that occur in an
//! office's life into a sentence, for whichever end asks: the one that refused, or the one that was refused
//! and only has the alert. Everything else keeps the words of rustls.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::PeerError;
use super::pinned::NotPinned;

/// Why a connection to a neighbour failed, if TLS is the reason.
#[must_use]
pub fn tell(error: &io::Error) -> String {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match tls {
        Some(Error::InvalidCertificate(reason)) => refusing(reason),
        Some(Error::AlertReceived(alert)) => refused(*alert),
        Some(other) => format!("speak TLS with the neighbour: {other}"),
        None => format!("connect to the neighbour: {error}"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the rest keeps the words of rustls")]
fn refusing(reason: &CertificateError) -> String {
    let told = match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired; the neighbour must renew it, or a clock is wrong"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not in force yet; compare the clocks"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is of another division; check the address of the superior"
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "it does not lead to the root of this system; compare the root's fingerprints"
        }
        CertificateError::Other(other) => {
            let (pinned, peer) = (other.0.downcast_ref::<NotPinned>(), other.0.downcast_ref());
            return match (pinned, peer) {
                (Some(not_pinned), _) => not_pinned.to_string(),
                (_, Some(peer)) => PeerError::to_string(peer),
                _ => format!("verify the neighbour's certificate: {}", other.0),
            };
        }
        other => return format!("verify the neighbour's certificate: {other}"),
    };
    format!("verify the neighbour's certificate: {told}")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the rest keeps the words of rustls")]
fn refused(alert: AlertDescription) -> String {
    let told = match alert {
        AlertDescription::CertificateExpired => "it has expired; renew it, or set the clock",
        AlertDescription::UnknownCA | AlertDescription::DecryptError => {
            "it does not lead to the neighbour's root; compare the root's fingerprints"
        }
        AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied => "see what the neighbour says; enrol again if need be",
        other => return format!("speak TLS with the neighbour: it answered {other:?}"),
    };
    format!("show our certificate to the neighbour: it was refused; {told}")
}
