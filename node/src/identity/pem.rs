//! PEM, as far as the data folder needs it: certificates and PKCS#8 keys.
//!
//! Reading is done by rustls; writing is done here. Nothing here knows what the bytes mean, but for the
//! sixteen bytes that stand before every Ed25519 secret in PKCS#8.

use data_encoding::BASE64;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

/// Characters in a line.
const LINE: usize = 64;
/// PKCS#8, version 0, algorithm Ed25519, and the head of the 32 bytes that follow.
const ED25519: [u8; 16] =
    [0x30, 0x2e, 0x02, 1, 0, 0x30, 5, 0x06, 3, 0x2b, 0x65, 0x70, 0x04, 34, 0x04, 32];

/// Certificates, one after the other.
pub(super) fn write_certificates(certificates: &[CertificateDer<'_>]) -> String {
    certificates.iter().map(|certificate| write("CERTIFICATE", certificate)).collect()
}

/// All certificates of a text.
pub(super) fn read_certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    CertificateDer::pem_slice_iter(text).collect()
}

/// A secret Ed25519 key.
pub(super) fn write_ed25519(secret: &[u8; 32]) -> String {
    write("PRIVATE KEY", &[ED25519.as_slice(), secret].concat())
}

/// A secret Ed25519 key; none if the text holds anything else.
pub(super) fn read_ed25519(text: &[u8]) -> Option<[u8; 32]> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(text).ok()?;
    key.secret_pkcs8_der().strip_prefix(&ED25519)?.try_into().ok()
}

/// A P-256 key; none if the text holds anything else.
pub(super) fn read_p256(text: &[u8]) -> Option<KeyPair> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(text).ok()?;
    KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256).ok()
}

fn write(label: &str, bytes: &[u8]) -> String {
    let encoded = BASE64.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back() {
        let certificates = [vec![1; 100], vec![2; 48], vec![3; 1]].map(CertificateDer::from);
        let text = write_certificates(&certificates);
        assert_eq!(read_certificates(text.as_bytes()).unwrap(), certificates);
        assert!(text.lines().all(|line| line.len() <= LINE));
        let secret = [5; 32];
        assert_eq!(read_ed25519(write_ed25519(&secret).as_bytes()), Some(secret));
        assert_eq!(read_ed25519(text.as_bytes()), None);
    }
}
