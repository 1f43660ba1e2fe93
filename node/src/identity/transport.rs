//! TLS with a neighbour: what an office shows, and what it believes.
//!
//! Both ends show their certificate with all authorities up to the root and accept nothing that does not
//! lead to the root they know. The listening end also lets in who shows no certificate at all, since an
//! office that enrols has none yet and a stranger deserves an answer in words: whoever answers calls must
//! refuse everything but enrolment to a peer without a division. The dialling end verifies the transport
//! name of its superior. While enrolling it knows only the root's fingerprint, so it looks for that
//! certificate among those presented and verifies the others against it ([`pinned_client_config`]).
//!
//! Versions and algorithms are fixed: TLS 1.3 with ring, HTTP/2, no resumption, so that every connection
//! verifies the certificates anew. Nothing here opens a connection.
//!
//! Invariant: [`peer_division`] answers only for a chain in which every authority presented is properly
//! above what it signed. The certificates presented have distinct subjects and each is named as the issuer
//! of the one before it, so the path that the verifier found contains no authority that was not judged.

mod pinned;
mod told;

use std::sync::Arc;

use jiff::Timestamp;
use rcgen::KeyPair;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use terrace_proto::division::{DivisionCode, Tree};

use super::certificate::{Certificate, CertificateError, Holder};
use super::name::TransportName;
use super::root::Fingerprint;

pub use pinned::{NotPinned, PinnedRoot, pinned_client_config};
pub use told::tell;

/// The protocol spoken inside TLS.
const HTTP2: &[u8] = b"h2";
/// The versions of TLS.
const VERSIONS: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];
/// Certificates in the longest chain: a town's, three authorities and the root.
pub(super) const LONGEST: usize = 5;

/// The certificates an office shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    division: DivisionCode,
    /// The office's own, its superior's authority, and so on; the root comes last.
    chain: Vec<CertificateDer<'static>>,
}

/// Why certificates cannot be used for TLS.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The chain is not in order.
    #[error("use certificates: {0}")]
    Chain(#[from] PeerError),
    /// The last authority is not a root.
    #[error("use certificates: the last authority is not the root; all up to the root are needed")]
    NoRoot,
    /// Rustls refuses them.
    #[error("use certificates: {0}")]
    Tls(#[from] rustls::Error),
    /// Rustls refuses the root.
    #[error("use root certificate: {0}")]
    Root(#[from] VerifierBuilderError),
}

/// Why a chain of certificates does not say which office it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// No certificate was shown.
    #[error("name the peer: it showed no certificate; it must enrol with its superior first")]
    Missing,
    /// More certificates than the tree has rungs.
    #[error("name the peer: it showed {0} certificates, at most 5 are possible")]
    TooMany(usize),
    /// One of them is not of Terrace.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The first is an authority.
    #[error("name the peer: it showed the authority of {0} in place of its own certificate")]
    NotAnOffice(DivisionCode),
    /// The first is a reader's.
    #[error("name the peer: it showed a certificate for reading {0}, which is not an office's")]
    Reader(DivisionCode),
    /// A later one is not an authority.
    #[error("name the peer: the certificate of {0} was used as an authority")]
    NotAnAuthority(DivisionCode),
    /// They are not each the issuer of the one before.
    #[error("name the peer: its certificates are not in order, each signed by the next")]
    Order,
    /// An authority signed for somebody not below it.
    #[error("name the peer: the authority of {authority} may not sign for {subject}")]
    NotAbove {
        /// Whose authority it is.
        authority: DivisionCode,
        /// For whom it signed.
        subject: DivisionCode,
    },
}

impl Credentials {
    /// An office's certificate and the authorities above it, nearest first, the root last.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when they do not form a chain from an office to the root. Signatures and terms
    /// are not looked at; see [`Credentials::verify`].
    pub fn new(
        transport: CertificateDer<'static>,
        authorities: Vec<CertificateDer<'static>>,
    ) -> Result<Self, TransportError> {
        let mut chain = vec![transport];
        chain.extend(authorities);
        let division = peer_division(&chain)?;
        let last = chain.last().map(Certificate::read).transpose().map_err(PeerError::from)?;
        let root = last.is_some_and(|last| {
            last.holder == Holder::Authority(DivisionCode::HUB) && last.subject == last.issuer
        });
        if root { Ok(Self { division, chain }) } else { Err(TransportError::NoRoot) }
    }

    /// Verifies everything as a neighbour would at `now`, for one who was just given these certificates.
    ///
    /// # Errors
    ///
    /// [`TransportError::Tls`] with the verifier's reason.
    pub fn verify(&self, now: Timestamp) -> Result<(), TransportError> {
        let name = TransportName::of(self.division).map_err(CertificateError::from);
        let name = name.map_err(PeerError::from)?.server_name();
        let since = std::time::Duration::from_secs(now.as_second().try_into().unwrap_or(0));
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots(self.root())?, provider()).build()?;
        let at = UnixTime::since_unix_epoch(since);
        verifier.verify_server_cert(self.transport(), &self.chain[1..], &name, &[], at)?;
        Ok(())
    }

    /// Whose they are.
    #[must_use]
    pub fn division(&self) -> DivisionCode {
        self.division
    }

    /// The office's own certificate.
    #[must_use]
    pub fn transport(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }

    /// The root certificate.
    #[must_use]
    pub fn root(&self) -> &CertificateDer<'static> {
        &self.chain[self.chain.len() - 1]
    }

    /// All of them, the office's own first, the root last.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The root's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.root())
    }

    /// A chain that no office would be given.
    #[cfg(test)]
    pub(super) fn unchecked(
        division: DivisionCode,
        transport: CertificateDer<'static>,
        authorities: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self { division, chain: [vec![transport], authorities].concat() }
    }
}

/// TLS for the listening end. A peer without a certificate is let in: see the head of this file.
///
/// # Errors
///
/// [`TransportError`] when the key does not belong to the certificates.
pub fn server_config(
    credentials: &Credentials,
    key: &KeyPair,
) -> Result<ServerConfig, TransportError> {
    let roots = roots(credentials.root())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
    let verifier = verifier.allow_unauthenticated().build()?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(credentials.chain.clone(), private(key))?;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// TLS for the dialling end. The caller hands rustls the superior's [`TransportName::server_name`].
///
/// # Errors
///
/// [`TransportError`] when the key does not belong to the certificates.
pub fn client_config(
    credentials: &Credentials,
    key: &KeyPair,
) -> Result<ClientConfig, TransportError> {
    calling(&credentials.chain, credentials.root(), key)
}

/// TLS for a reader: it shows its chain, and believes an office of the name it dials that leads to `root`.
///
/// # Errors
///
/// [`TransportError`] when the key does not belong to the certificate.
pub fn reader_config(
    chain: &[CertificateDer<'static>],
    root: &CertificateDer<'_>,
    key: &KeyPair,
) -> Result<ClientConfig, TransportError> {
    calling(chain, root, key)
}

fn calling(
    chain: &[CertificateDer<'static>],
    root: &CertificateDer<'_>,
    key: &KeyPair,
) -> Result<ClientConfig, TransportError> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)?
        .with_root_certificates(roots(root)?)
        .with_client_auth_cert(chain.to_vec(), private(key))?;
    Ok(for_http2(config))
}

/// Which office presented these certificates, which a verifier has accepted already.
///
/// # Errors
///
/// [`PeerError`] when they do not name an office, or an authority among them signed for somebody who is not
/// below it, which the name constraints forbid as well.
pub fn peer_division(presented: &[CertificateDer<'_>]) -> Result<DivisionCode, PeerError> {
    if presented.len() > LONGEST {
        return Err(PeerError::TooMany(presented.len()));
    }
    let chain = presented.iter().map(Certificate::read).collect::<Result<Vec<_>, _>>()?;
    let (first, authorities) = chain.split_first().ok_or(PeerError::Missing)?;
    let division = match first.holder {
        Holder::Office(division) => division,
        Holder::Authority(division) => return Err(PeerError::NotAnOffice(division)),
        Holder::Reader(reach) => return Err(PeerError::Reader(reach.office)),
    };
    above_in_order(first, division, authorities)?;
    Ok(division)
}

/// Whether each of these authorities is properly above what it signed, the first having signed `below`, the certificate
/// of `subject`, and all have distinct subjects.
pub(super) fn above_in_order<'c>(
    mut below: &'c Certificate,
    mut subject: DivisionCode,
    authorities: &'c [Certificate],
) -> Result<(), PeerError> {
    let first = below;
    for (position, above) in authorities.iter().enumerate() {
        let authority = match above.holder {
            Holder::Authority(authority) => authority,
            Holder::Office(office) => return Err(PeerError::NotAnAuthority(office)),
            Holder::Reader(reach) => return Err(PeerError::NotAnAuthority(reach.office)),
        };
        let mut earlier = authorities[..position].iter().chain([first]);
        let seen = earlier.any(|earlier| earlier.subject == above.subject);
        if seen || below.issuer != above.subject {
            return Err(PeerError::Order);
        }
        let top_itself = position == 0 && (subject, authority) == (DivisionCode::HUB, subject);
        let above_it = subject != authority && Tree::national().is_within(subject, authority);
        if !above_it && !top_itself {
            return Err(PeerError::NotAbove { authority, subject });
        }
        (below, subject) = (above, authority);
    }
    Ok(())
}

fn for_http2(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![HTTP2.to_vec()];
    config.resumption = Resumption::disabled();
    config
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(root: &CertificateDer<'_>) -> Result<Arc<RootCertStore>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone().into_owned())?;
    Ok(Arc::new(roots))
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

#[cfg(test)]
mod tests;
