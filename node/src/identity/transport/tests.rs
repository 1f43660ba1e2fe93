//! Handshakes between the five offices, and those that must not come about.

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;
use crate::identity::authority::{
    AUTHORITY_YEARS, Authority, AuthorityError, Validity, authority_params, request,
    transport_params,
};
use crate::identity::offices::{Chaos, Office, Offices, TOWN_BESIDE, code};
use crate::identity::reader::{Extent, Scope, Scopes, alternative_name};
use crate::identity::root::RootJournal;

/// What one end has after a handshake: the peer's certificates, or why there was none.
type Met = Result<Option<Vec<CertificateDer<'static>>>, String>;

#[tokio::test]
async fn every_office_meets_its_superior_and_both_know_each_other() {
    let offices = today();
    for pair in offices.all().windows(2) {
        let [superior, subordinate] = pair else { unreachable!("windows of two") };
        let (at_superior, at_subordinate) = link(superior, subordinate).await;
        assert_eq!(named(at_superior), subordinate.division);
        assert_eq!(named(at_subordinate), superior.division);
        superior.credentials.verify(Timestamp::now()).unwrap();
    }
}

#[tokio::test]
async fn http2_is_agreed_on() {
    let offices = today();
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let acceptor = TlsAcceptor::from(Arc::new(server(&offices.top)));
    let connector = TlsConnector::from(Arc::new(client(&offices.province)));
    let (listening, dialling) =
        tokio::join!(acceptor.accept(ours), connector.connect(name("00"), theirs));
    assert_eq!(listening.unwrap().get_ref().1.alpn_protocol(), Some(HTTP2));
    assert_eq!(dialling.unwrap().get_ref().1.alpn_protocol(), Some(HTTP2));
}

#[tokio::test]
async fn a_superior_of_another_name_is_refused() {
    let offices = today();
    let met = meet(server(&offices.city), client(&offices.town), name("410221")).await;
    assert!(refused(&met.1, "another division"), "{:?}", met.1);
    assert!(met.0.is_err());
}

#[tokio::test]
async fn an_expired_certificate_is_refused_on_either_side() {
    let now = Timestamp::now();
    let offices = today();
    let long_ago = now.checked_sub(jiff::SignedDuration::from_hours(24 * 800)).unwrap();
    let expired = Validity { from: long_ago, until: now.checked_sub(hours(1)).unwrap() };
    let town = Office::under(&offices.county, "410221101", expired);
    let (at_superior, at_subordinate) = link(&offices.county, &town).await;
    assert!(refused(&at_superior, "it has expired"), "{at_superior:?}");
    assert!(refused(&at_subordinate, "renew it, or set the clock"), "{at_subordinate:?}");
    let county = Office::under(&offices.city, "410221", expired);
    let met = meet(server(&county), client(&offices.town), name("410221")).await;
    assert!(refused(&met.1, "it has expired"), "{:?}", met.1);
    assert!(county.credentials.verify(now).is_err());
}

#[tokio::test]
async fn a_certificate_from_another_root_is_refused_on_either_side() {
    let (offices, strangers) = (today(), today());
    let (at_superior, at_subordinate) = link(&offices.county, &strangers.town).await;
    assert!(at_superior.is_err());
    assert!(at_subordinate.is_err());
    // The stranger believes our root, so that only its own certificate can be refused.
    let chain = strangers.town.credentials.chain()[..4].to_vec();
    let authorities = [chain[1..].to_vec(), vec![offices.top.credentials.root().clone()]].concat();
    let mixed = Credentials::unchecked(code("410221101"), chain[0].clone(), authorities);
    let config = client_config(&mixed, &strangers.town.key).unwrap();
    let met = meet(server(&offices.county), config, name("410221")).await;
    assert!(met.0.is_err(), "{:?}", met.0);
    assert!(mixed.verify(Timestamp::now()).is_err());
}

#[tokio::test]
async fn a_county_cannot_speak_for_a_town_of_another_county() {
    let offices = today();
    let usurper = offices.usurper();
    let (at_superior, _) = link(&offices.county, &usurper).await;
    assert!(refused(&at_superior, "NameConstraintViolation"), "{at_superior:?}");
    let met = meet(server(&usurper), client(&offices.county), name(TOWN_BESIDE)).await;
    assert!(refused(&met.1, "NameConstraintViolation"), "{:?}", met.1);
    assert!(usurper.credentials.verify(Timestamp::now()).is_err());
    let judged = peer_division(usurper.credentials.chain());
    let (authority, subject) = (code("410221"), code(TOWN_BESIDE));
    assert_eq!(judged, Err(PeerError::NotAbove { authority, subject }));
}

#[tokio::test]
async fn a_county_cannot_speak_for_its_province_or_itself() {
    let offices = today();
    let province = offices.county.forge("41");
    let (at_superior, _) = link(&offices.top, &province).await;
    assert!(refused(&at_superior, "NameConstraintViolation"), "{at_superior:?}");
    assert!(matches!(peer_division(province.credentials.chain()), Err(PeerError::NotAbove { .. })));
    // Its own name lies in its own subtree, so here the second check is the only one.
    let itself = offices.county.forge("410221");
    itself.credentials.verify(Timestamp::now()).unwrap();
    assert!(matches!(peer_division(itself.credentials.chain()), Err(PeerError::NotAbove { .. })));
}

#[tokio::test]
async fn an_authority_signed_by_a_county_for_a_province_is_refused() {
    let offices = today();
    let above = offices.county.authority.as_ref().unwrap();
    let key = KeyPair::generate().unwrap();
    let wanted = request(code("41"), &key).unwrap();
    let params = authority_params(&TransportName::of(code("41")).unwrap(), None);
    let term = Validity::years(Timestamp::now(), AUTHORITY_YEARS);
    let signed = above.issue(&params, code("41"), &wanted, term, &mut Chaos(9)).unwrap();
    let authority = Authority::read(key, signed.clone()).unwrap();
    let key = KeyPair::generate().unwrap();
    let wanted = request(code("4102"), &key).unwrap();
    let leaf = authority.sign_transport(code("4102"), &wanted, term, &mut Chaos(9)).unwrap();
    let authorities = [vec![signed], offices.county.authorities()].concat();
    let credentials = Credentials::unchecked(code("4102"), leaf, authorities);
    assert!(credentials.verify(Timestamp::now()).is_err());
    assert_eq!(peer_division(credentials.chain()), Err(PeerError::TooMany(6)));
    assert!(matches!(
        peer_division(&credentials.chain()[..5]),
        Err(PeerError::NotAbove { authority, .. }) if authority == code("410221")
    ));
}

#[tokio::test]
async fn a_peer_without_a_certificate_is_let_in_without_a_division() {
    let offices = today();
    let (config, _) = pinned_client_config(offices.top.credentials.fingerprint()).unwrap();
    let (at_superior, at_subordinate) = meet(server(&offices.county), config, name("410221")).await;
    assert_eq!(at_superior, Ok(None));
    assert_eq!(named(at_subordinate), code("410221"));
    assert_eq!(peer_division(&[]), Err(PeerError::Missing));
}

#[tokio::test]
async fn enrolment_finds_the_root_by_its_fingerprint() {
    let offices = today();
    for office in [&offices.top, &offices.county] {
        let (config, root) = pinned_client_config(office.credentials.fingerprint()).unwrap();
        assert_eq!(root.certificate(), None);
        let met = meet(server(office), config, name(&office.division.short())).await;
        assert_eq!(named(met.1), office.division);
        let root = root.certificate().unwrap();
        assert_eq!(&root, offices.top.credentials.root());
        assert_eq!(RootJournal::read(&root).unwrap(), offices.journal);
    }
}

#[tokio::test]
async fn enrolment_with_a_wrong_fingerprint_or_name_is_refused() {
    let (offices, strangers) = (today(), today());
    let (config, root) = pinned_client_config(strangers.top.credentials.fingerprint()).unwrap();
    let met = meet(server(&offices.county), config, name("410221")).await;
    assert!(refused(&met.1, "fingerprint of the code sheet"), "{:?}", met.1);
    assert_eq!(root.certificate(), None);
    let (config, root) = pinned_client_config(offices.top.credentials.fingerprint()).unwrap();
    let met = meet(server(&offices.city), config, name("410221")).await;
    assert!(refused(&met.1, "another division"), "{:?}", met.1);
    assert_eq!(root.certificate(), None);
}

#[tokio::test]
async fn enrolment_does_not_believe_a_stranger_who_shows_the_right_root() {
    let (offices, strangers) = (today(), today());
    let county = &strangers.county;
    let [leaf, authorities @ .., _] = county.credentials.chain() else { unreachable!() };
    let root = offices.top.credentials.root().clone();
    let authorities = [authorities, &[root]].concat();
    let mixed = Credentials::unchecked(county.division, leaf.clone(), authorities);
    let config = server_config(&mixed, &county.key).unwrap();
    let (pinned, root) = pinned_client_config(offices.top.credentials.fingerprint()).unwrap();
    let met = meet(config, pinned, name("410221")).await;
    assert!(refused(&met.1, "certificate"), "{:?}", met.1);
    assert_eq!(root.certificate(), None);
}

#[test]
fn certificates_out_of_order_are_refused() {
    let offices = today();
    let chain = offices.town.credentials.chain();
    let [leaf, county, city, province, root] = chain else { panic!("five certificates") };
    let order = |chain: &[&CertificateDer<'static>]| {
        let chain = chain.iter().map(|&certificate| certificate.clone()).collect::<Vec<_>>();
        peer_division(&chain)
    };
    assert_eq!(order(&[leaf, county, city, province, root]), Ok(offices.town.division));
    assert_eq!(order(&[leaf, city, county, province, root]), Err(PeerError::Order));
    assert_eq!(order(&[leaf, county, county, city]), Err(PeerError::Order));
    assert_eq!(order(&[leaf, county, city, province, root, root]), Err(PeerError::TooMany(6)));
    assert_eq!(order(&[county, city]), Err(PeerError::NotAnOffice(code("410221"))));
    let beside = offices.county.credentials.transport();
    assert_eq!(order(&[leaf, beside]), Err(PeerError::NotAnAuthority(code("410221"))));
}

#[test]
fn credentials_must_reach_the_root() {
    let offices = today();
    let [leaf, authorities @ .., _] = offices.town.credentials.chain() else { unreachable!() };
    let cut = Credentials::new(leaf.clone(), authorities.to_vec());
    assert!(matches!(cut, Err(TransportError::NoRoot)));
    let alone = Credentials::new(leaf.clone(), vec![]);
    assert!(matches!(alone, Err(TransportError::NoRoot)));
}

#[test]
fn a_key_that_does_not_belong_to_the_certificate_is_refused() {
    let offices = today();
    let foreign = server_config(&offices.town.credentials, &offices.county.key);
    assert!(matches!(foreign, Err(TransportError::Tls(_))));
    let foreign = client_config(&offices.town.credentials, &offices.county.key);
    assert!(matches!(foreign, Err(TransportError::Tls(_))));
}

#[test]
fn a_certificate_with_two_names_names_nobody() {
    let offices = today();
    let town = code("410221101");
    let mut params = transport_params(&TransportName::of(town).unwrap()).unwrap();
    params.subject_alt_names.push(params.subject_alt_names[0].clone());
    let wanted = request(town, &KeyPair::generate().unwrap()).unwrap();
    let county = offices.county.authority.as_ref().unwrap();
    let term = Validity::years(Timestamp::now(), 1);
    let leaf = county.issue(&params, town, &wanted, term, &mut Chaos(1)).unwrap();
    let refused = PeerError::Certificate(CertificateError::AlternativeNames);
    assert_eq!(peer_division(&[leaf]), Err(refused));
}

#[test]
fn an_authority_without_a_name_constraint_is_refused() {
    let offices = today();
    let mut params = authority_params(&TransportName::of(code("410221")).unwrap(), None);
    params.name_constraints = None;
    let key = KeyPair::generate().unwrap();
    let wanted = request(code("410221"), &key).unwrap();
    let city = offices.city.authority.as_ref().unwrap();
    let term = Validity::years(Timestamp::now(), 1);
    let signed = city.issue(&params, code("410221"), &wanted, term, &mut Chaos(1)).unwrap();
    let chain = [offices.town.credentials.transport().clone(), signed];
    let refused = PeerError::Certificate(CertificateError::Unconstrained);
    assert_eq!(peer_division(&chain), Err(refused));
}

#[tokio::test]
async fn a_reader_is_let_in_and_is_no_office() {
    let offices = today();
    for office in [&offices.top, &offices.province, &offices.county] {
        let reader = reader(office);
        let server_name = TransportName::of(office.division).unwrap().server_name();
        let config = client_config(&reader.credentials, &reader.key).unwrap();
        let met = meet(server(office), config, server_name).await;
        let shown = met.0.unwrap().unwrap();
        assert_eq!(peer_division(&shown), Err(PeerError::Reader(office.division)));
        let read = Certificate::read(&shown[0]).unwrap();
        let Holder::Reader(reach) = read.holder else { panic!("{read:?}") };
        assert_eq!(reach.office, office.division);
        assert_eq!(reach.scopes.to_string(), "cases");
        assert!(Credentials::new(shown[0].clone(), shown[1..].to_vec()).is_err());
        assert!(matches!(
            Authority::read(reader.key, shown[0].clone()),
            Err(AuthorityError::NotAnAuthority(_))
        ));
    }
}

#[tokio::test]
async fn a_reader_cannot_answer_calls() {
    let offices = today();
    let reader = reader(&offices.county);
    let shown = Certificate::read(reader.credentials.transport()).unwrap();
    let office = TransportName::of(offices.county.division).unwrap();
    let own_name = alternative_name(&office, shown.key_hash).try_into().unwrap();
    let answering = server_config(&reader.credentials, &reader.key).unwrap();
    let met = meet(answering, client(&offices.town), own_name).await;
    assert!(refused(&met.1, "InvalidPurpose"), "{:?}", met.1);
}

/// A program that reads `office`, with what its authority gives it.
fn reader(office: &Office) -> Office {
    let key = KeyPair::generate().unwrap();
    let wanted = request(office.division, &key).unwrap();
    let scopes = Scopes::of([Scope::Cases]).unwrap();
    let term = Validity::days(Timestamp::now(), 9);
    let authority = office.authority.as_ref().unwrap();
    let name = "统计".parse().unwrap();
    let leaf = authority.sign_reader(&name, Extent::Itself, scopes, &wanted, term, &mut Chaos(6));
    let credentials = Credentials::unchecked(office.division, leaf.unwrap(), office.authorities());
    Office { division: office.division, key, credentials, authority: None }
}

fn today() -> Offices {
    Offices::enrolled_at(Timestamp::now())
}

fn hours(hours: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(hours)
}

fn server(office: &Office) -> ServerConfig {
    server_config(&office.credentials, &office.key).unwrap()
}

fn client(office: &Office) -> ClientConfig {
    client_config(&office.credentials, &office.key).unwrap()
}

fn name(division: &str) -> ServerName<'static> {
    TransportName::of(code(division)).unwrap().server_name()
}

fn named(met: Met) -> DivisionCode {
    peer_division(&met.unwrap().unwrap()).unwrap()
}

fn refused(met: &Met, reason: &str) -> bool {
    met.as_ref().is_err_and(|error| error.contains(reason))
}

/// The subordinate dials its superior.
async fn link(superior: &Office, subordinate: &Office) -> (Met, Met) {
    let name = TransportName::of(superior.division).unwrap().server_name();
    meet(server(superior), client(subordinate), name).await
}

/// A handshake and one byte each way, since with TLS 1.3 a client learns only afterwards that it was
/// refused. What the listening end saw comes first.
async fn meet(server: ServerConfig, client: ClientConfig, name: ServerName<'static>) -> (Met, Met) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let listening = async {
        let mut stream = TlsAcceptor::from(Arc::new(server)).accept(ours).await?;
        stream.write_all(&[1]).await?;
        stream.flush().await?;
        stream.read_u8().await?;
        Ok(stream.get_ref().1.peer_certificates().map(<[_]>::to_vec))
    };
    let dialling = async {
        let mut stream = TlsConnector::from(Arc::new(client)).connect(name, theirs).await?;
        stream.read_u8().await?;
        stream.write_all(&[2]).await?;
        stream.flush().await?;
        Ok(stream.get_ref().1.peer_certificates().map(<[_]>::to_vec))
    };
    let (at_server, at_client) = tokio::join!(listening, dialling);
    let text = |error: std::io::Error| format!("{} ({error:?})", tell(&error));
    (at_server.map_err(text), at_client.map_err(text))
}
