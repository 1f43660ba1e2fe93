//! Five enrolled offices for the tests of this room: the root office, 41, 4102, 410221 and 410221101.

use jiff::Timestamp;
use rcgen::KeyPair;
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::key::Signer;

use super::authority::{self, Authority, Validity};
use super::name::TransportName;
use super::root::RootJournal;
use super::transport::Credentials;
use crate::surroundings::Chance;

/// When the offices of the tests were enrolled. Handshakes run by the machine's clock, so tests with
/// handshakes enrol at the machine's hour instead.
pub(super) const NOW: &str = "2026-11-02T09:00:00Z";

/// A town of Tongxu county, beside Qi county under the same city.
pub(super) const TOWN_BESIDE: &str = "410222001";

/// Bytes that differ from call to call and are the same in every run.
#[derive(Debug)]
pub(super) struct Chaos(pub(super) u8);

impl Chance for Chaos {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(1);
            *byte = self.0;
        }
    }
}

#[derive(Debug)]
pub(super) struct Office {
    pub(super) division: DivisionCode,
    pub(super) key: KeyPair,
    pub(super) credentials: Credentials,
    pub(super) authority: Option<Authority>,
}

#[derive(Debug)]
pub(super) struct Offices {
    pub(super) journal: RootJournal,
    pub(super) top: Office,
    pub(super) province: Office,
    pub(super) city: Office,
    pub(super) county: Office,
    pub(super) town: Office,
}

impl Offices {
    pub(super) fn enrolled() -> Self {
        Self::enrolled_at(NOW.parse().unwrap())
    }

    pub(super) fn enrolled_at(now: Timestamp) -> Self {
        let validity = Validity::years(now, authority::TRANSPORT_YEARS);
        let journal =
            RootJournal { key: Signer::from_secret(&[1; 32]).public(), epoch: Epoch([2; 16]) };
        let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let term = Validity::years(now, authority::ROOT_YEARS);
        let root = Authority::root(root_key, &journal, term, &mut Chaos(0)).unwrap();
        let request = authority::request(DivisionCode::HUB, &key).unwrap();
        let leaf = root.sign_transport(DivisionCode::HUB, &request, validity, &mut Chaos(0));
        let credentials =
            Credentials::new(leaf.unwrap(), vec![root.certificate().clone()]).unwrap();
        let top = Office { division: DivisionCode::HUB, key, credentials, authority: Some(root) };
        let province = Office::under(&top, "41", validity);
        let city = Office::under(&province, "4102", validity);
        let county = Office::under(&city, "410221", validity);
        let town = Office::under(&county, "410221101", validity);
        Self { journal, top, province, city, county, town }
    }

    pub(super) fn all(&self) -> [&Office; 5] {
        [&self.top, &self.province, &self.city, &self.county, &self.town]
    }

    /// What the county gets when its authority signs for a town of Tongxu county, leaving out the check.
    pub(super) fn usurper(&self) -> Office {
        self.county.forge(TOWN_BESIDE)
    }
}

impl Office {
    pub(super) fn under(superior: &Self, division: &str, validity: Validity) -> Self {
        let division = code(division);
        let above = superior.authority.as_ref().unwrap();
        let key = KeyPair::generate().unwrap();
        let request = authority::request(division, &key).unwrap();
        let leaf = above.sign_transport(division, &request, validity, &mut Chaos(3)).unwrap();
        let authority = authority::may_have_authority(division).then(|| {
            let key = KeyPair::generate().unwrap();
            let request = authority::request(division, &key).unwrap();
            let signed = above.sign_authority(division, &request, validity, &mut Chaos(4));
            Authority::read(key, signed.unwrap()).unwrap()
        });
        let credentials = Credentials::new(leaf, superior.authorities()).unwrap();
        Self { division, key, credentials, authority }
    }

    /// A certificate in any name, signed by this office's authority without asking whether it may.
    pub(super) fn forge(&self, division: &str) -> Self {
        let division = code(division);
        let now = Timestamp::now();
        let key = KeyPair::generate().unwrap();
        let request = authority::request(division, &key).unwrap();
        let params = authority::transport_params(&TransportName::of(division).unwrap()).unwrap();
        let validity = Validity::years(now, 1);
        let above = self.authority.as_ref().unwrap();
        let leaf = above.issue(&params, division, &request, validity, &mut Chaos(5)).unwrap();
        let credentials = Credentials::unchecked(division, leaf, self.authorities());
        Self { division, key, credentials, authority: None }
    }

    /// This office's authority and those above it, up to the root.
    pub(super) fn authorities(&self) -> Vec<rustls::pki_types::CertificateDer<'static>> {
        let mut authorities = vec![self.authority.as_ref().unwrap().certificate().clone()];
        if self.division != DivisionCode::HUB {
            authorities.extend_from_slice(&self.credentials.chain()[1..]);
        }
        authorities
    }
}

pub(super) fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}
