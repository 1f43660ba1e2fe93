//! Verifying a superior when nothing is known but the root's fingerprint.
//!
//! The office that enrols has a code sheet and no certificate. The superior presents its chain up to the
//! root; the one with the right fingerprint becomes the root for this connection, and the chain is then
//! verified against it by the ordinary verifier, name and term included. Afterwards the caller takes the
//! root certificate and keeps it.
//!
//! It never believes a certificate because of its name, and never falls back to anything.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};

use super::{VERSIONS, for_http2, peer_division, provider, roots};
use crate::identity::root::Fingerprint;

/// The root certificate that was found during the handshake.
#[derive(Debug, Clone)]
pub struct PinnedRoot(Arc<OnceLock<CertificateDer<'static>>>);

/// Why a superior is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "verify the superior: none of the {presented} certificates it presented has the fingerprint of \
     the code sheet ({expected}); compare the sheet with one from another hand, and do not go on"
)]
pub struct NotPinned {
    /// The fingerprint of the code sheet.
    pub expected: Fingerprint,
    /// How many certificates the superior presented.
    pub presented: usize,
}

#[derive(Debug)]
struct PinnedVerifier {
    fingerprint: Fingerprint,
    algorithms: WebPkiSupportedAlgorithms,
    found: PinnedRoot,
}

impl PinnedRoot {
    /// The root certificate, once a handshake succeeded.
    #[must_use]
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        self.0.get().cloned()
    }
}

/// TLS for enrolment: the caller shows no certificate and verifies the superior against the certificate
/// with this fingerprint, which it can take from [`PinnedRoot`] afterwards.
///
/// # Errors
///
/// When rustls does not support the fixed TLS version, which this build does.
pub fn pinned_client_config(fingerprint: Fingerprint) -> Result<(ClientConfig, PinnedRoot), Error> {
    let found = PinnedRoot(Arc::new(OnceLock::new()));
    let algorithms = provider().signature_verification_algorithms;
    let verifier = PinnedVerifier { fingerprint, algorithms, found: found.clone() };
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok((for_http2(config), found))
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let pinned =
            |certificate: &&CertificateDer<'_>| Fingerprint::of(certificate) == self.fingerprint;
        let Some(root) = intermediates.iter().find(pinned) else {
            let presented = intermediates.len() + 1;
            return Err(refusal(NotPinned { expected: self.fingerprint, presented }));
        };
        let verifier = WebPkiServerVerifier::builder_with_provider(roots(root)?, provider());
        let verifier = verifier.build().map_err(refusal)?;
        let verified = verifier.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        )?;
        let presented = [std::slice::from_ref(end_entity), intermediates].concat();
        peer_division(&presented).map_err(refusal)?;
        // A second handshake finds the same certificate, for it has the same fingerprint.
        self.found.0.get_or_init(|| root.clone().into_owned());
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn refusal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    CertificateError::Other(OtherError(Arc::new(error))).into()
}
