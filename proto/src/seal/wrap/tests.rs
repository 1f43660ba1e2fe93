//! What a wrap must refuse, each told apart.

use super::*;

fn office(code: &str) -> JournalId {
    JournalId { author: code.parse().unwrap(), epoch: Epoch([0x11; 16]) }
}

fn signer() -> Signer {
    Signer::from_secret(&[0x22; 32])
}

fn key() -> CaseKey {
    CaseKey::of(CaseId([1; 16]), &[7; 32])
}

fn sealing(number: u8) -> SealingKey {
    SealingKey::from_seed(&[number; 32])
}

fn make(recipient: Recipient, to: &SealingKey) -> VerifiedWrap {
    let by = office("410221101");
    Wrap::make(&key(), recipient, to.public(), by, &signer(), &[9; 32]).unwrap()
}

fn named(code: &str) -> Recipient {
    Recipient::Named(code.parse().unwrap())
}

#[test]
fn the_recipient_alone_opens_it() {
    for recipient in [named("410221"), Recipient::Blind] {
        let wrap = make(recipient, &sealing(1));
        let came = Wrap::read(&wrap.bytes()).unwrap().verify(&signer().public()).unwrap();
        assert_eq!(came, wrap);
        let opened = came.open(&sealing(1)).unwrap();
        assert_eq!((opened.id(), opened.secret()), (key().id(), key().secret()));
        let refused = came.open(&sealing(2)).unwrap_err();
        assert_eq!(refused, WrapError::Sealing(SealingError::NotOurs));
    }
}

#[test]
fn a_blind_wrap_shows_nothing_of_its_recipient() {
    let sizes: Vec<usize> =
        (1..=20).map(|n| make(Recipient::Blind, &sealing(n)).bytes().len()).collect();
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
    let wrap = make(Recipient::Blind, &sealing(1));
    let public = sealing(1).public().bytes();
    assert!(!wrap.bytes().windows(8).any(|w| public.windows(8).any(|p| p == w)));
    assert!(sizes[0] * 2 < WRAP_LIMIT);
}

#[test]
fn the_root_can_wrap_and_be_wrapped_for() {
    let by = JournalId { author: DivisionCode::HUB, epoch: Epoch([0x11; 16]) };
    let to = Recipient::Named(DivisionCode::HUB);
    let wrap = Wrap::make(&key(), to, sealing(1).public(), by, &signer(), &[9; 32]).unwrap();
    assert_eq!(Wrap::read(&wrap.bytes()).unwrap(), *wrap);
}

#[test]
fn what_others_signed_is_not_believed() {
    let wrap = Wrap::read(&make(named("410221"), &sealing(1)).bytes()).unwrap();
    let stranger = Signer::from_secret(&[0x23; 32]).public();
    assert!(matches!(wrap.verify(&stranger), Err(WrapError::Signature { .. })));
}

/// Whoever has a journal key can sign a wrap anew; the closed key in it must not follow.
#[test]
fn a_closed_key_cannot_be_moved_into_another_wrap() {
    let honest = make(named("410221"), &sealing(1));
    let thief = Signer::from_secret(&[0x66; 32]);
    let changes: [fn(&mut Wrap); 4] = [
        |wrap| wrap.case = CaseId([2; 16]),
        |wrap| wrap.key_id = CaseKey::of(CaseId([1; 16]), &[8; 32]).id(),
        |wrap| wrap.recipient = Recipient::Blind,
        |wrap| wrap.by = office("410222"),
    ];
    for change in changes {
        let mut wrap = honest.wrap().clone();
        change(&mut wrap);
        wrap.signature = thief.sign(&wrap.statement());
        let verified = wrap.verify(&thief.public()).unwrap();
        let refused = verified.open(&sealing(1)).unwrap_err();
        assert_eq!(refused, WrapError::Sealing(SealingError::NotOurs));
    }
}

/// A wrapper that closes another key than the one it names is found out by the id.
#[test]
fn a_key_that_is_not_the_named_one_is_noticed() {
    let (by, recipient) = (office("410221101"), named("410221"));
    let info = info(key().case(), key().id(), recipient, by);
    let (encapsulated, closed) = sealing(1).public().close(&info, &[], &[8; 32], &[9; 32]).unwrap();
    let closed = closed.try_into().unwrap();
    let mut wrap = Wrap { encapsulated, closed, ..make(recipient, &sealing(1)).wrap().clone() };
    wrap.signature = signer().sign(&wrap.statement());
    let opened = wrap.verify(&signer().public()).unwrap().open(&sealing(1));
    assert_eq!(opened.unwrap_err(), WrapError::OtherKey { by, named: key().id() });
}

#[test]
fn a_wrap_has_one_form() {
    let wrap = make(named("410221"), &sealing(1)).bytes();
    let mut longer = wrap.clone();
    longer.extend_from_slice(&[0xf8, 0x01, 0x01]);
    assert!(matches!(Wrap::read(&longer), Err(WrapError::Form(_))), "an unknown field");
    let twice = [&[0x08, 0x01][..], &wrap].concat();
    assert!(matches!(Wrap::read(&twice), Err(WrapError::Form(_))), "a field twice");
    let endless = Wrap::read(&vec![0; WRAP_LIMIT + 1]).unwrap_err();
    assert_eq!(
        endless,
        WrapError::Form("it is longer than any wrap"),
        "refused before it is decoded"
    );
}

#[test]
fn a_newer_suite_is_said_to_be_one() {
    let wrap = make(named("410221"), &sealing(1)).bytes();
    let mut record = Record::decode(wrap.as_slice()).unwrap();
    record.suite = 2;
    let error = Wrap::read(&record.encode_to_vec()).unwrap_err();
    assert_eq!(error, WrapError::Unknown { what: "sealing suite", number: 2 });
    record.suite = SUITE;
    record.signature_algorithm = 3;
    let error = Wrap::read(&record.encode_to_vec()).unwrap_err();
    assert_eq!(error, WrapError::Unknown { what: "signature algorithm", number: 3 });
}
