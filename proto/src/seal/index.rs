//! The blind index: finding the same petitioner again without reading who they are.
//!
//! An [`IndexKey`] turns a field of an identity into a [`Mark`], HMAC-SHA256 over the field's kind and its
//! normalised writing ([`normal`]). Two marks of one key are equal if the fields mean the same, and tell
//! nothing else; marks of two keys cannot be compared. An id number is soon guessed by whoever holds the key,
//! so the key is as secret as the identities, and a mark never leaves the office whose key made it. Finding it in other
//! offices is [`matching`].
//!
//! It keeps no marks, and counts and ranks nobody.

pub mod matching;
pub mod normal;

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Identity;
use crate::division::DivisionCode;

/// What the digits below a county's come to.
const BELOW_COUNTY: u64 = 1_000_000;

/// The secret of one office's index. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct IndexKey(Zeroizing<[u8; 32]>);

/// What stands for a field: equal for equal fields under one key, and otherwise like chance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark([u8; 32]);

/// The kinds of field, by the number that goes into the mark.
#[derive(Clone, Copy)]
enum Field {
    IdNumber = 1,
    Phone = 2,
    NameAt = 3,
    IdNumberAt = 4,
    PhoneAt = 5,
}

impl IndexKey {
    /// The key with these secret bytes, drawn by the caller.
    #[must_use]
    pub fn of(secret: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*secret))
    }

    /// The secret bytes, to be kept in a file only its owner can read, and in the recovery copy.
    #[must_use]
    pub fn secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// The mark of an id number; none if nothing is written there.
    #[must_use]
    pub fn id_number(&self, written: &str) -> Option<Mark> {
        self.mark(Field::IdNumber, &normal::id_number(written), &[])
    }

    /// The mark of a telephone number; none if no digit is written there.
    #[must_use]
    pub fn phone(&self, written: &str) -> Option<Mark> {
        self.mark(Field::Phone, &normal::phone(written), &[])
    }

    /// The mark of a name together with a division, since many people share a name; none without a name.
    #[must_use]
    pub fn name_at(&self, written: &str, division: DivisionCode) -> Option<Mark> {
        self.mark(Field::NameAt, &normal::name(written), &division.number().to_be_bytes())
    }

    /// The marks by which a petitioner finds all that is held of them: id number and telephone of each.
    #[must_use]
    pub fn of_person(&self, identity: &Identity) -> Vec<Mark> {
        let petitioners = identity.petitioners();
        let marks = petitioners.flat_map(|petitioner| {
            [self.id_number(&petitioner.id_number), self.phone(&petitioner.phone)]
        });
        marks.flatten().collect()
    }

    /// The marks by which the same matter is found again: id number, telephone and name of each petitioner, all bound
    /// to the place of the problem. They do not bring together what one person has said about several places.
    #[must_use]
    pub fn of_matter(&self, identity: &Identity, place: DivisionCode) -> Vec<Mark> {
        let beside = place.number().to_be_bytes();
        let marks = identity.petitioners().flat_map(|petitioner| {
            let id_number = normal::id_number(&petitioner.id_number);
            [
                self.mark(Field::IdNumberAt, &id_number, &beside),
                self.mark(Field::PhoneAt, &normal::phone(&petitioner.phone), &beside),
                self.name_at(&petitioner.name, place),
            ]
        });
        marks.flatten().collect()
    }

    /// Kind, what is bound to the field (of one length for each kind), and the field itself at the end.
    fn mark(&self, field: Field, normal: &str, beside: &[u8]) -> Option<Mark> {
        if normal.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes any key");
        for piece in [&b"terrace blind index\0"[..], &[field as u8], beside, normal.as_bytes()] {
            mac.update(piece);
        }
        Some(Mark(mac.finalize().into_bytes().into()))
    }
}

/// The place to which a matter is bound: the county where the problem lies, or that of the office that registered it
/// where the intake does not say. A place above the counties stands for itself.
#[must_use]
pub fn place_of_matter(said: u64, author: DivisionCode) -> DivisionCode {
    let place = DivisionCode::from_number(said).ok().filter(|place| *place != DivisionCode::HUB);
    let place = place.unwrap_or(author);
    DivisionCode::from_number(place.number() / BELOW_COUNTY * BELOW_COUNTY).unwrap_or(place)
}

impl Mark {
    /// Reads exactly 32 bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey(secret)")
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mark({})", HEXLOWER.encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Petitioner;

    fn key(number: u8) -> IndexKey {
        IndexKey::of(&[number; 32])
    }

    #[test]
    fn one_person_written_in_two_ways_has_one_mark() {
        let key = key(1);
        assert_eq!(
            key.id_number("41022119800101123x"),
            key.id_number("４１０２２１ 19800101 123Ｘ")
        );
        assert_eq!(key.phone("13800138000"), key.phone("+86 138-0013-8000"));
        let place = "410221".parse().unwrap();
        assert_eq!(key.name_at("阿依古丽·买买提", place), key.name_at("阿依古丽•买买提 ", place));
    }

    #[test]
    fn marks_differ_by_field_key_and_place() {
        let [here, there] = ["410221", "410222"].map(|code| code.parse().unwrap());
        let digits = "13800138000";
        let marks = [
            key(1).id_number(digits),
            key(2).id_number(digits),
            key(1).phone(digits),
            key(1).name_at(digits, here),
            key(1).name_at(digits, there),
        ];
        for (at, mark) in marks.iter().enumerate() {
            assert!(mark.is_some() && !marks[..at].contains(mark), "{at}");
        }
    }

    #[test]
    fn one_person_about_two_places_is_found_by_person_and_not_by_matter() {
        let petitioner = Petitioner {
            name: "王芳".into(),
            id_number: "41022119800101123X".into(),
            phone: "13800138000".into(),
            ..Petitioner::default()
        };
        let identity = Identity { petitioner, others: Vec::new() };
        let [here, there] = ["410221", "410222"].map(|code| code.parse().unwrap());
        let (one, other) = (key(1).of_matter(&identity, here), key(1).of_matter(&identity, there));
        assert_eq!((one.len(), key(1).of_person(&identity).len()), (3, 2));
        assert!(one.iter().all(|mark| !other.contains(mark)));
        assert!(key(1).of_person(&identity).iter().all(|mark| !one.contains(mark)));
    }

    #[test]
    fn a_matter_is_bound_to_its_county() {
        let place =
            |said: u64, author: &str| place_of_matter(said, author.parse().unwrap()).to_string();
        assert_eq!(place(410_221_101_000, "41"), "410221000000");
        assert_eq!(place(0, "410221101"), "410221000000");
        assert_eq!(place(410_200_000_000, "410221"), "410200000000");
        assert_eq!(place(410_221_000_001, "410222"), "410222000000", "no division: as if not said");
    }

    #[test]
    fn nothing_written_has_no_mark() {
        assert_eq!(key(1).id_number(" - "), None);
        assert_eq!(key(1).phone("无"), None);
        assert_eq!(key(1).name_at("\u{3000}", DivisionCode::HUB), None);
    }

    #[test]
    fn the_mark_of_a_known_field_never_changes() {
        // Made with another implementation of HMAC over the same bytes.
        let mark = key(7).phone("138 0013 8000").unwrap();
        assert_eq!(
            HEXLOWER.encode(mark.bytes()),
            "b9b1eed39b7354c076272f37eda2e5ee274f6e7e7ed40afe0e1c1c813cc68e54"
        );
    }
}
