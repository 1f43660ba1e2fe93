//! What a subordinate asks its superior to sign: PKCS#10 requests.
//!
//! A request is signed by the key it contains, which proves that the sender holds it. Only that key is read
//! from it, and only P-256 is accepted.
//!
//! A request never says what the certificate will say.

use rcgen::{
    CertificateParams, CertificateSigningRequestParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKey,
    PublicKeyData as _,
};
use rustls::pki_types::CertificateSigningRequestDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;

use super::{AuthorityError, key_hash, subject};
use crate::identity::name::TransportName;

/// Bytes of an uncompressed P-256 point, and its first byte.
const POINT: (usize, u8) = (65, 0x04);

/// A PKCS#10 request for a certificate of `division` over `key`, in DER. The transport certificate and the
/// authority are requested alike, each with its own key; what they become is the superior's to write.
///
/// # Errors
///
/// [`AuthorityError::Name`] when the division has no office, [`AuthorityError::Sign`] when signing fails.
pub fn request(division: DivisionCode, key: &KeyPair) -> Result<Vec<u8>, AuthorityError> {
    let name = TransportName::of(division)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = subject(name.as_str());
    let request = params.serialize_request(key).map_err(AuthorityError::Sign)?;
    Ok(request.der().to_vec())
}

/// SHA-256 of the public key in a PKCS#10 request: the `key_hash` of the certificate it becomes.
///
/// # Errors
///
/// [`AuthorityError::Request`] or [`AuthorityError::Algorithm`] when the request is bad.
pub fn requested_key_hash(request: &[u8]) -> Result<Digest, AuthorityError> {
    requested_key(request).map(|key| key_hash(&key))
}

pub(super) fn requested_key(request: &[u8]) -> Result<PublicKey, AuthorityError> {
    let request = CertificateSigningRequestDer::from(request);
    let request = CertificateSigningRequestParams::from_der(&request);
    let key = request.map_err(AuthorityError::Request)?.public_key;
    let point = key.der_bytes();
    let p256 = key.algorithm() == &PKCS_ECDSA_P256_SHA256
        && (point.len(), point.first().copied()) == (POINT.0, Some(POINT.1));
    if p256 { Ok(key) } else { Err(AuthorityError::Algorithm) }
}
