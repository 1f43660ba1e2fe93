//! What authorities sign and refuse, and what OpenSSL says to it.

use std::path::Path;
use std::process::Command;

use super::*;
use crate::identity::offices::{Chaos, NOW, Office, Offices, TOWN_BESIDE, code};
use crate::identity::pem;
use crate::identity::root::Fingerprint;

#[test]
fn the_root_carries_the_journal_key() {
    let offices = Offices::enrolled();
    let root = offices.town.credentials.root();
    let journal = RootJournal::read(root).unwrap();
    assert_eq!(journal, offices.journal);
    let leaf = offices.town.credentials.transport();
    assert!(RootJournal::read(leaf).is_err());
}

#[test]
fn an_authority_signs_only_below_itself() {
    let offices = Offices::enrolled();
    let county = offices.county.authority.as_ref().unwrap();
    let key = KeyPair::generate().unwrap();
    for subject in ["41", "4102", "410221", "410222", TOWN_BESIDE, "00"] {
        let subject = code(subject);
        let request = request(subject, &key).unwrap();
        let validity = Validity::years(now(), 2);
        let leaf = county.sign_transport(subject, &request, validity, &mut Chaos(1));
        assert!(matches!(leaf, Err(AuthorityError::NotBelow { .. })), "{subject}");
        let authority = county.sign_authority(subject, &request, validity, &mut Chaos(1));
        assert!(matches!(authority, Err(AuthorityError::NotBelow { .. })), "{subject}");
    }
}

#[test]
fn a_township_gets_no_authority() {
    let offices = Offices::enrolled();
    let county = offices.county.authority.as_ref().unwrap();
    let key = KeyPair::generate().unwrap();
    let town = code("410221101");
    let request = request(town, &key).unwrap();
    let refused = county.sign_authority(town, &request, Validity::years(now(), 2), &mut Chaos(1));
    assert!(matches!(refused, Err(AuthorityError::Township(_))));
}

#[test]
fn the_superior_takes_only_the_key_from_a_request() {
    let offices = Offices::enrolled();
    let county = offices.county.authority.as_ref().unwrap();
    let key = KeyPair::generate().unwrap();
    let mut greedy = CertificateParams::new(vec!["d41.terrace".to_owned()]).unwrap();
    greedy.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let request = greedy.serialize_request(&key).unwrap();
    let town = code("410221101");
    let validity = Validity::years(now(), 2);
    let leaf = county.sign_transport(town, request.der(), validity, &mut Chaos(1)).unwrap();
    let read = Certificate::read(&leaf).unwrap();
    assert_eq!(read.holder, Holder::Office(town));
    assert_eq!(read.key_hash, requested_key_hash(request.der()).unwrap());
}

#[test]
fn a_request_that_is_broken_or_of_another_algorithm_is_refused() {
    let key = KeyPair::generate().unwrap();
    let good = request(code("41"), &key).unwrap();
    assert!(requested_key_hash(&good).is_ok());
    let point = KeyPair::public_key_raw(&key);
    let at = good.windows(point.len()).position(|bytes| bytes == point).unwrap();
    for index in [at, at + 1, at + 64, good.len() - 1] {
        let mut bad = good.clone();
        bad[index] ^= 0x01;
        assert!(requested_key_hash(&bad).is_err(), "byte {index} does not matter");
    }
    for length in 0..good.len() {
        assert!(requested_key_hash(&good[..length]).is_err());
    }
    for algorithm in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P384_SHA384] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let other = request(code("41"), &key).unwrap();
        assert!(matches!(requested_key_hash(&other), Err(AuthorityError::Algorithm)));
    }
}

#[test]
fn no_certificate_outlives_its_authority() {
    let offices = Offices::enrolled();
    let county = offices.county.authority.as_ref().unwrap();
    let request = request(code("410221101"), &KeyPair::generate().unwrap()).unwrap();
    let sign =
        |validity| county.sign_transport(code("410221101"), &request, validity, &mut Chaos(1));
    let long = sign(Validity::years(now(), 100)).unwrap();
    assert_eq!(Certificate::read(&long).unwrap().not_after, county.not_after());
    let after = Validity { from: county.not_after(), until: Timestamp::MAX };
    assert!(matches!(sign(after), Err(AuthorityError::Term { .. })));
    let backward = Validity { from: now(), until: now() };
    assert!(matches!(sign(backward), Err(AuthorityError::Term { .. })));
}

#[test]
fn a_key_and_a_certificate_that_do_not_belong_together_are_refused() {
    let offices = Offices::enrolled();
    let certificate = offices.county.authority.as_ref().unwrap().certificate().clone();
    let foreign = Authority::read(KeyPair::generate().unwrap(), certificate);
    assert!(matches!(foreign, Err(AuthorityError::Foreign(_))));
    let leaf = offices.county.credentials.transport().clone();
    let leaf = Authority::read(KeyPair::generate().unwrap(), leaf);
    assert!(matches!(leaf, Err(AuthorityError::NotAnAuthority(_))));
}

#[test]
fn openssl_accepts_every_chain_and_shows_the_same_fingerprint() {
    if !openssl_is_here() {
        return;
    }
    let offices = Offices::enrolled_at(Timestamp::now());
    let folder = tempfile::tempdir().unwrap();
    let root = offices.town.credentials.root();
    let written = folder.path().join("root.pem");
    std::fs::write(&written, pem::write_certificates(std::slice::from_ref(root))).unwrap();
    for office in offices.all() {
        let (verified, output) = openssl_verify(folder.path(), office);
        assert!(verified, "{}: {output}", office.division);
    }
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&written)
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.trim().parse::<Fingerprint>().unwrap(), Fingerprint::of(root));
}

#[test]
fn openssl_refuses_a_county_that_signs_for_another_countys_town() {
    if !openssl_is_here() {
        return;
    }
    let offices = Offices::enrolled_at(Timestamp::now());
    let folder = tempfile::tempdir().unwrap();
    let root = pem::write_certificates(std::slice::from_ref(offices.town.credentials.root()));
    std::fs::write(folder.path().join("root.pem"), root).unwrap();
    let (verified, output) = openssl_verify(folder.path(), &offices.usurper());
    assert!(!verified);
    assert!(output.contains("permitted subtree violation"), "{output}");
}

fn openssl_verify(folder: &Path, office: &Office) -> (bool, String) {
    let (leaf, chain) = (folder.join("leaf.pem"), folder.join("chain.pem"));
    let credentials = &office.credentials;
    std::fs::write(&leaf, pem::write_certificates(&credentials.chain()[..1])).unwrap();
    std::fs::write(&chain, pem::write_certificates(&credentials.chain()[1..])).unwrap();
    let name = TransportName::of(office.division).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname"]);
    openssl.arg(name.as_str()).arg("-CAfile").arg(folder.join("root.pem"));
    let output = openssl.arg("-untrusted").arg(chain).arg(leaf).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn openssl_is_here() -> bool {
    let here = Command::new("openssl").arg("version").output().is_ok();
    if !here {
        // Past the test harness, which keeps to itself what a passing test prints.
        let told =
            b"skipped: no `openssl` on this machine; `apt-get install openssl` and run again\n";
        std::io::Write::write_all(&mut std::io::stderr(), told).unwrap();
    }
    here
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}
