//! What stands in the folder, and what is said when it is wrong.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::identity::code::OneTimeCode;
use crate::identity::offices::{Chaos, NOW, Offices, code};

#[test]
fn keys_read_back_and_only_their_owner_may_read_them() {
    let (_guard, folder) = fresh();
    let keys = Keys::make(code("410221"), &mut Chaos(1)).unwrap();
    folder.keep_new_keys(&keys).unwrap();
    let read = folder.keys(code("410221")).unwrap();
    assert_eq!(read.journal.secret(), keys.journal.secret());
    assert_eq!(read.transport.serialize_der(), keys.transport.serialize_der());
    let pairs = [read.authority, keys.authority].map(|pair| pair.unwrap().serialize_der());
    assert_eq!(pairs[0], pairs[1]);
    for name in [JOURNAL_KEY, TRANSPORT_KEY, AUTHORITY_KEY] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let names = fs::read_dir(folder.path().join("keys")).unwrap().count();
    assert_eq!(names, 3, "nothing is left behind");
}

#[test]
fn a_township_has_no_authority_key() {
    let (_guard, folder) = fresh();
    let keys = Keys::make(code("410221101"), &mut Chaos(1)).unwrap();
    folder.keep_new_keys(&keys).unwrap();
    assert!(folder.keys(code("410221101")).unwrap().authority.is_none());
    assert!(!folder.path().join(AUTHORITY_KEY).exists());
}

#[test]
fn a_key_is_never_overwritten() {
    let (_guard, folder) = fresh();
    let keys = Keys::make(code("41"), &mut Chaos(1)).unwrap();
    folder.keep_new_keys(&keys).unwrap();
    for name in [TRANSPORT_KEY, AUTHORITY_KEY, ""] {
        let other = Keys::make(code("41"), &mut Chaos(2)).unwrap();
        let refused = folder.keep_new_keys(&other);
        assert!(matches!(refused, Err(FilesError::Exists(_))));
        assert_eq!(folder.signer().unwrap().secret(), keys.journal.secret());
        if !name.is_empty() {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
    let path = folder.path().join(JOURNAL_KEY);
    assert!(matches!(keep_new(&path, "other"), Err(FilesError::Exists(_))));
    assert_eq!(folder.signer().unwrap().secret(), keys.journal.secret());
}

#[test]
fn a_key_that_others_may_read_is_not_used() {
    let (_guard, folder) = fresh();
    folder.keep_new_keys(&Keys::make(code("41"), &mut Chaos(1)).unwrap()).unwrap();
    let path = folder.path().join(TRANSPORT_KEY);
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let error = folder.keys(code("41")).unwrap_err().to_string();
    assert!(error.contains("mode 640"), "{error}");
    assert!(error.contains(&format!("chmod 600 {}", path.display())), "{error}");
}

#[test]
fn a_missing_or_damaged_key_is_named() {
    let (_guard, folder) = fresh();
    let error = folder.keys(code("41")).unwrap_err().to_string();
    assert!(error.contains("keys/authority.key") && error.contains("`init`"), "{error}");
    folder.keep_new_keys(&Keys::make(code("41"), &mut Chaos(1)).unwrap()).unwrap();
    let path = folder.path().join(JOURNAL_KEY);
    let transport = fs::read(folder.path().join(TRANSPORT_KEY)).unwrap();
    for text in [b"".as_slice(), b"nonsense", &transport] {
        keep(&path, std::str::from_utf8(text).unwrap()).unwrap();
        let error = folder.keys(code("41")).unwrap_err().to_string();
        assert!(error.contains("journal.key: expected an Ed25519 key"), "{error}");
    }
}

#[test]
fn certificates_of_every_office_read_back() {
    let offices = Offices::enrolled();
    for office in offices.all() {
        let (_guard, folder) = fresh();
        assert!(!folder.is_enrolled());
        let authority = office.authority.as_ref().map(Authority::certificate);
        folder.keep_certificates(&office.credentials, authority).unwrap();
        folder.keep_certificates(&office.credentials, authority).unwrap();
        assert!(folder.is_enrolled());
        assert_eq!(folder.credentials().unwrap(), office.credentials);
    }
}

#[test]
fn an_authority_reads_back_and_a_foreign_key_is_refused() {
    let (_guard, folder) = fresh();
    let offices = Offices::enrolled();
    let keys = Keys::make(code("41"), &mut Chaos(1)).unwrap();
    folder.keep_new_keys(&keys).unwrap();
    let certificate = offices.province.authority.as_ref().map(Authority::certificate);
    folder.keep_certificates(&offices.province.credentials, certificate).unwrap();
    let refused = folder.authority();
    assert!(matches!(
        refused,
        Err(FilesError::Authority { source: AuthorityError::Foreign(_), .. })
    ));
}

#[test]
fn missing_certificates_are_named() {
    let (_guard, folder) = fresh();
    let error = folder.credentials().unwrap_err().to_string();
    assert!(error.contains("certificates/transport.pem"), "{error}");
    assert!(error.contains("`enrol`"), "{error}");
    let offices = Offices::enrolled();
    folder.keep_certificates(&offices.town.credentials, None).unwrap();
    fs::remove_file(folder.path().join(ABOVE)).unwrap();
    let error = folder.credentials().unwrap_err().to_string();
    assert!(error.contains("certificates/above.pem"), "{error}");
    fs::write(folder.path().join(ABOVE), "nonsense").unwrap();
    let error = folder.credentials().unwrap_err().to_string();
    assert!(error.contains("above.pem: expected certificates in PEM"), "{error}");
}

#[test]
fn admissions_read_back_and_belong_to_one_office() {
    let (_guard, folder) = fresh();
    let county = code("410221");
    let mut admissions = folder.admissions(county).unwrap();
    assert_eq!(admissions, Admissions::of(county));
    let now = NOW.parse::<Timestamp>().unwrap();
    let drawn = OneTimeCode::draw(&mut Chaos(1));
    admissions.issue(code("410221101"), &drawn, now).unwrap();
    folder.keep_admissions(&admissions).unwrap();
    assert_eq!(folder.admissions(county).unwrap(), admissions);
    assert!(matches!(folder.admissions(code("41")), Err(FilesError::Foreign { .. })));
    fs::write(folder.path().join(ADMISSIONS), "{").unwrap();
    assert!(matches!(folder.admissions(county), Err(FilesError::List { .. })));
}

#[test]
fn an_interrupted_attempt_does_no_harm() {
    let (_guard, folder) = fresh();
    fs::create_dir_all(folder.path().join("keys")).unwrap();
    let left = folder.path().join("keys/journal.key.new");
    fs::write(&left, "half").unwrap();
    fs::set_permissions(&left, Permissions::from_mode(0o666)).unwrap();
    folder.keep_new_keys(&Keys::make(code("41"), &mut Chaos(1)).unwrap()).unwrap();
    folder.keys(code("41")).unwrap();
    assert!(!left.exists());
}

fn fresh() -> (TempDir, Folder) {
    let guard = tempfile::tempdir().unwrap();
    let folder = Folder::at(&guard.path().join("office"));
    (guard, folder)
}
