//! Whom an office lets audit it, and whom not: each refusal with certificates that TLS would accept.

use rcgen::{ExtendedKeyUsagePurpose, KeyPair};

use super::*;
use crate::identity::authority::{
    Authority, Validity, authority_params, leaf_params, request, requested_key_hash,
};
use crate::identity::name::TransportName;
use crate::identity::offices::{Chaos, NOW, Office, Offices, code};
use crate::identity::reader::{Reach, Scope, alternative_name};

type Chain = Vec<CertificateDer<'static>>;

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn hours(hours: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(hours)).unwrap()
}

fn scopes() -> Scopes {
    Scopes::of(Scope::ALL).unwrap()
}

/// What the office gives an auditor, with all authorities up to the root.
fn issued(by: &Office, days: u32) -> Chain {
    let wanted = request(by.division, &KeyPair::generate().unwrap()).unwrap();
    let (name, term) = ("审计组".parse().unwrap(), Validity::days(now(), days));
    let authority = by.authority.as_ref().unwrap();
    let signed =
        authority.sign_reader(&name, Extent::Below, scopes(), &wanted, term, &mut Chaos(8));
    [vec![signed.unwrap()], by.authorities()].concat()
}

/// What `by` signs for an auditor in the name of `named`, without asking whether it may.
fn forged(by: &Office, named: &str, days: u32) -> CertificateDer<'static> {
    let wanted = request(by.division, &KeyPair::generate().unwrap()).unwrap();
    let own = TransportName::of(by.division).unwrap();
    let alternative = alternative_name(&own, requested_key_hash(&wanted).unwrap());
    let mut params = leaf_params("审计组", &alternative).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let reach = Reach { office: code(named), extent: Extent::Below, scopes: scopes() };
    params.custom_extensions = vec![reach.extension()];
    let authority = by.authority.as_ref().unwrap();
    let term = Validity::days(now(), days);
    authority.issue(&params, by.division, &wanted, term, &mut Chaos(9)).unwrap()
}

fn judged(presented: &[CertificateDer<'_>], at: &Office) -> Result<Auditor, AuditorError> {
    Auditor::of(presented, &at.credentials, now())
}

#[test]
fn every_office_below_the_issuer_honours_it_at_any_depth() {
    let offices = Offices::enrolled();
    let all = offices.all();
    for (position, issuer) in all[..3].iter().enumerate() {
        let chain = issued(issuer, LONGEST_AUDIT);
        for office in &all[position + 1..] {
            let auditor = judged(&chain, office).unwrap();
            assert_eq!((auditor.name.as_str(), auditor.issuer), ("审计组", issuer.division));
            assert_eq!(auditor.certificate, Digest::of(&[&chain[0]]));
            assert_eq!(auditor.until, hours(24 * 30));
        }
    }
}

#[test]
fn the_issuer_and_whoever_is_not_below_it_refuse() {
    let offices = Offices::enrolled();
    let beside = Office::under(&offices.city, "410222", Validity::years(now(), 2));
    let another = Office::under(&offices.top, "42", Validity::years(now(), 2));
    let own = judged(&issued(&offices.city, 9), &offices.city);
    assert_eq!(own, Err(AuditorError::Itself(code("4102"))));
    assert!(own.unwrap_err().to_string().contains("have it issued by a superior"));
    for (issuer, office) in [
        (&beside, &offices.county),
        (&another, &offices.county),
        (&offices.county, &offices.city),
        (&offices.city, &offices.top),
    ] {
        let refused = judged(&issued(issuer, 9), office);
        let (issuer, office) = (issuer.division, office.division);
        assert_eq!(refused, Err(AuditorError::NotBelow { issuer, office }));
    }
}

#[test]
fn an_office_cannot_mint_an_auditor_in_the_name_of_a_superior() {
    let offices = Offices::enrolled();
    let beside = Office::under(&offices.city, "410222", Validity::years(now(), 2));
    for by in [&offices.county, &beside, &offices.city] {
        let chain = [vec![forged(by, "41", 9)], by.authorities()].concat();
        let refused = judged(&chain, &offices.county);
        let (named, signed) = (code("41"), by.division);
        assert_eq!(refused, Err(AuditorError::Signer { named, signed }), "{signed}");
        // Leaving its own authority out of what it shows does not make it the superior's.
        let short = [chain[..1].to_vec(), offices.province.authorities()].concat();
        let refused = judged(&short, &offices.county);
        assert_eq!(refused, Err(AuditorError::Chain(PeerError::Order)));
    }
}

#[test]
fn an_authority_of_the_superiors_name_with_another_key_is_not_the_superior() {
    let offices = Offices::enrolled();
    // The city signs an authority for the whole province. TLS lets it serve names below the city.
    let key = KeyPair::generate().unwrap();
    let wanted = request(code("41"), &key).unwrap();
    let params = authority_params(&TransportName::of(code("41")).unwrap(), None);
    let city = offices.city.authority.as_ref().unwrap();
    let term = Validity::years(now(), 1);
    let usurped = city.issue(&params, code("41"), &wanted, term, &mut Chaos(5)).unwrap();
    let usurper = Office {
        division: code("41"),
        key: KeyPair::generate().unwrap(),
        credentials: offices.province.credentials.clone(),
        authority: Some(Authority::read(key, usurped.clone()).unwrap()),
    };
    let leaf = forged(&usurper, "41", 9);
    let whole = [vec![leaf.clone(), usurped.clone()], offices.city.authorities()].concat();
    let refused = judged(&whole, &offices.county);
    assert!(matches!(refused, Err(AuditorError::Chain(PeerError::NotAbove { .. }))));
    let short = [leaf, usurped, offices.top.credentials.root().clone()];
    assert!(matches!(judged(&short, &offices.county), Err(AuditorError::Chain(PeerError::Order))));
    // A second authority that the root itself has signed is in order, and still not the one above this office.
    let second = Office::under(&offices.top, "41", Validity::years(now(), 2));
    let refused = judged(&issued(&second, 9), &offices.county);
    assert_eq!(refused, Err(AuditorError::Foreign(code("41"))));
}

#[test]
fn it_is_good_from_its_beginning_to_its_end_and_never_for_long() {
    let offices = Offices::enrolled();
    let chain = issued(&offices.province, 2);
    let at = |hour| Auditor::of(&chain, &offices.county.credentials, hours(hour));
    assert!(at(-24).is_ok() && at(48).is_ok());
    assert_eq!(at(-25), Err(AuditorError::NotYet(hours(-24))));
    assert_eq!(at(49), Err(AuditorError::Ended(hours(48))));
    let long = [vec![forged(&offices.province, "41", 31)], offices.province.authorities()].concat();
    assert_eq!(judged(&long, &offices.county), Err(AuditorError::TooLong(31)));
}

#[test]
fn other_certificates_are_no_auditors() {
    let offices = Offices::enrolled();
    let office = offices.town.credentials.chain();
    assert_eq!(judged(office, &offices.county), Err(AuditorError::NotAnAuditor));
    let authority = offices.province.authorities();
    assert_eq!(judged(&authority, &offices.county), Err(AuditorError::NotAnAuditor));
    let wanted = request(code("41"), &KeyPair::generate().unwrap()).unwrap();
    let (name, term) = ("统计".parse().unwrap(), Validity::days(now(), 9));
    let province = offices.province.authority.as_ref().unwrap();
    let listed =
        province.sign_reader(&name, Extent::Itself, scopes(), &wanted, term, &mut Chaos(8));
    let listed = [vec![listed.unwrap()], offices.province.authorities()].concat();
    assert_eq!(judged(&listed, &offices.county), Err(AuditorError::NotAnAuditor));
    for bare in [&[][..], &listed[..1]] {
        let refused = judged(bare, &offices.county);
        assert_eq!(refused, Err(AuditorError::Chain(PeerError::Missing)));
    }
    let six = [listed.clone(), authority.clone(), authority].concat();
    let refused = judged(&six, &offices.county);
    assert!(matches!(refused, Err(AuditorError::Chain(PeerError::TooMany(_)))));
}
