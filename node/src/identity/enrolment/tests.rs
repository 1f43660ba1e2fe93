//! What becomes of a code, and what a signature covers.

use super::*;
use crate::identity::offices::{Chaos, NOW, code};

#[test]
fn a_code_admits_one_office_and_answers_it_alike_until_it_has_joined() {
    let (mut admissions, sheet) = issued();
    let first = admissions.redeem(town(), &sheet, office(1), now());
    assert_eq!(first, Ok(Use::First));
    let saved = admissions.clone();
    for _ in 0..3 {
        assert_eq!(admissions.redeem(town(), &sheet, office(1), now()), Ok(Use::Again));
    }
    assert_eq!(admissions, saved);
    assert!(admissions.confirm(town(), office(1)));
    assert!(!admissions.confirm(town(), office(1)));
    let after = admissions.redeem(town(), &sheet, office(1), now());
    assert_eq!(after, Err(UseError::Burnt { division: town() }));
}

#[test]
fn a_bound_code_is_refused_to_another_key_and_to_another_epoch() {
    let (mut admissions, sheet) = issued();
    admissions.redeem(town(), &sheet, office(1), now()).unwrap();
    let other = admissions.redeem(town(), &sheet, office(2), now()).unwrap_err();
    assert!(matches!(other, UseError::Bound { .. }));
    assert!(other.to_string().contains("revoke"), "{other}");
    let reborn = Applicant { epoch: Epoch([8; 16]), ..office(1) };
    let refused = admissions.redeem(town(), &sheet, reborn, now());
    assert!(matches!(refused, Err(UseError::Epoch { .. })));
    assert!(!admissions.confirm(town(), office(2)));
    assert!(!admissions.confirm(town(), reborn));
    assert_eq!(admissions.redeem(town(), &sheet, office(1), now()), Ok(Use::Again));
}

#[test]
fn a_code_is_good_for_its_division_only() {
    let (mut admissions, sheet) = issued();
    let beside = code("410221100");
    let refused = admissions.redeem(beside, &sheet, office(1), now());
    assert_eq!(refused, Err(UseError::Unknown { division: beside }));
    let wrong = OneTimeCode::draw(&mut Chaos(77));
    let refused = admissions.redeem(town(), &wrong, office(1), now());
    assert_eq!(refused, Err(UseError::Unknown { division: town() }));
    assert_eq!(admissions.find(town()).unwrap().bound, None);
}

#[test]
fn a_code_expires_after_thirty_days_bound_or_not() {
    let (mut admissions, sheet) = issued();
    let last = now().checked_add(CODE_TERM).unwrap();
    let late = last.checked_add(SignedDuration::from_secs(1)).unwrap();
    let expired = Err(UseError::Expired { division: town(), issued_at: now() });
    assert_eq!(admissions.redeem(town(), &sheet, office(1), late), expired);
    assert_eq!(admissions.redeem(town(), &sheet, office(1), last), Ok(Use::First));
    assert_eq!(admissions.redeem(town(), &sheet, office(1), late), expired);
    // A clock that was set back does no harm.
    let early = now().checked_sub(CODE_TERM).unwrap();
    assert_eq!(admissions.redeem(town(), &sheet, office(1), early), Ok(Use::Again));
}

#[test]
fn a_revoked_or_replaced_code_is_refused() {
    let (mut admissions, old) = issued();
    let new = OneTimeCode::draw(&mut Chaos(43));
    let replaced = admissions.issue(town(), &new, now()).unwrap();
    assert_eq!(replaced.unwrap().code_hash, old.hash().0);
    let unknown = Err(UseError::Unknown { division: town() });
    assert_eq!(admissions.redeem(town(), &old, office(1), now()), unknown);
    assert_eq!(admissions.iter().count(), 1);
    assert!(admissions.revoke(town()).is_some());
    assert_eq!(admissions.redeem(town(), &new, office(1), now()), unknown);
    assert_eq!(admissions.revoke(town()), None);
}

#[test]
fn a_code_is_issued_only_for_an_office_below() {
    let mut admissions = Admissions::of(code("410221"));
    let sheet = OneTimeCode::draw(&mut Chaos(42));
    for division in ["00", "41", "4102", "410221", "410222"] {
        let refused = admissions.issue(code(division), &sheet, now());
        assert!(matches!(refused, Err(IssueError::NotBelow { .. })), "{division}");
    }
    for division in ["4190", "99"] {
        let refused = Admissions::of(DivisionCode::HUB).issue(code(division), &sheet, now());
        assert!(matches!(refused, Err(IssueError::Division(_))), "{division}");
    }
}

#[test]
fn no_code_is_kept() {
    let (mut admissions, sheet) = issued();
    admissions.redeem(town(), &sheet, office(1), now()).unwrap();
    let json = serde_json::to_string(&admissions).unwrap();
    assert!(!json.contains(std::str::from_utf8(&sheet.characters()).unwrap()));
    assert!(!json.contains(&sheet.to_string()));
    assert_eq!(serde_json::from_str::<Admissions>(&json).unwrap(), admissions);
}

#[test]
fn a_signature_covers_every_field() {
    let signer = Signer::from_secret(&[3; 32]);
    let key = signer.public().bytes();
    let sheet = OneTimeCode::draw(&mut Chaos(42));
    let good = EnrolmentRequest {
        division: town(),
        code: &sheet,
        epoch: Epoch([1; 16]),
        algorithm: 1,
        journal_key: &key,
        transport_request: b"transport",
        authority_request: b"",
    };
    let signature = good.sign(&signer);
    let (verified, applicant) = good.verify(&signature).unwrap();
    assert_eq!(verified, signer.public());
    assert_eq!(applicant, Applicant { journal_key: key, epoch: Epoch([1; 16]) });
    let other = OneTimeCode::draw(&mut Chaos(43));
    for changed in [
        EnrolmentRequest { division: code("410221100"), ..good },
        EnrolmentRequest { code: &other, ..good },
        EnrolmentRequest { epoch: Epoch([2; 16]), ..good },
        EnrolmentRequest { transport_request: b"transpor", ..good },
        EnrolmentRequest { transport_request: b"transpor", authority_request: b"t", ..good },
    ] {
        assert_eq!(changed.verify(&signature), Err(RequestError::Signature));
    }
    let unknown = EnrolmentRequest { algorithm: 2, ..good };
    assert_eq!(unknown.verify(&signature), Err(RequestError::Key(KeyError::Algorithm(2))));
    let key = Signer::from_secret(&[4; 32]).public().bytes();
    let foreign = EnrolmentRequest { journal_key: &key, ..good };
    assert_eq!(foreign.verify(&signature), Err(RequestError::Signature));
    assert_eq!(good.verify(&signature[..63]), Err(RequestError::Signature));
}

fn issued() -> (Admissions, OneTimeCode) {
    let mut admissions = Admissions::of(code("410221"));
    let sheet = OneTimeCode::draw(&mut Chaos(42));
    assert_eq!(admissions.issue(town(), &sheet, now()), Ok(None));
    (admissions, sheet)
}

fn office(number: u8) -> Applicant {
    Applicant { journal_key: [number; 32], epoch: Epoch([number; 16]) }
}

fn town() -> DivisionCode {
    code("410221101")
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}
