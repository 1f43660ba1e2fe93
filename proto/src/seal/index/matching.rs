//! Whether two cases are of one petitioner, asked of a superior that learns nothing else: an oblivious
//! pseudorandom function (RFC 9497, ristretto255-SHA512, base mode).
//!
//! The office that asks blinds a field of the identity ([`Blinding`]); the superior applies its [`MatchingKey`]
//! without seeing the field; unblinded, the answer is a [`Mark`] that nobody could have made alone: the office has
//! no key, the superior no field. The superior compares marks and says yes or no.
//!
//! A field is bound to the place of the problem, so that marks tell "the same petitioner about the same place" and
//! never bring together what one person has said about different matters. It keeps nothing, draws nothing at random,
//! and counts nobody.

use std::fmt;

use rand_core::{CryptoRng, RngCore};
use voprf::{BlindedElement, EvaluationElement, OprfClient, OprfServer, Ristretto255};
use zeroize::Zeroizing;

use super::{IndexKey, Mark, normal};
use crate::division::DivisionCode;
use crate::seal::Identity;

/// Bytes of a blinded field, and of the answer to it.
pub const ELEMENT_LENGTH: usize = 32;
/// Random bytes that blinding one field takes.
pub const BLINDING_CHANCE: usize = 64;

/// What a superior answers with. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct MatchingKey(OprfServer<Ristretto255>);

/// A field that was blinded, for as long as its answer is awaited. Wiped when dropped, never printed.
pub struct Blinding {
    input: Zeroizing<Vec<u8>>,
    client: OprfClient<Ristretto255>,
    element: [u8; ELEMENT_LENGTH],
}

impl MatchingKey {
    /// The key of an office, out of its index key; none for one of a few seeds that make no key at all.
    #[must_use]
    pub fn of(index: &IndexKey) -> Option<Self> {
        OprfServer::new_from_seed(index.secret(), b"terrace matching").ok().map(Self)
    }

    /// Answers to a blinded field; none if it is no element of the group.
    #[must_use]
    pub fn evaluate(&self, element: &[u8]) -> Option<[u8; ELEMENT_LENGTH]> {
        let blinded = BlindedElement::deserialize(exactly(element)?).ok()?;
        Some(self.0.blind_evaluate(&blinded).serialize().into())
    }
}

impl Blinding {
    /// The element for the superior.
    #[must_use]
    pub fn element(&self) -> &[u8; ELEMENT_LENGTH] {
        &self.element
    }

    /// The mark, out of what the superior answered; none if that is no element of the group.
    #[must_use]
    pub fn mark(&self, answered: &[u8]) -> Option<Mark> {
        let evaluated = EvaluationElement::deserialize(exactly(answered)?).ok()?;
        let output = self.client.finalize(&self.input, &evaluated).ok()?;
        Mark::read(output.get(..ELEMENT_LENGTH)?)
    }
}

/// The fields of an identity that tell people apart, blinded: id number and telephone of each petitioner, bound to the
/// place of the problem. `chance` gives fresh random bytes for each.
pub fn blind(
    identity: &Identity,
    place: DivisionCode,
    mut chance: impl FnMut() -> [u8; BLINDING_CHANCE],
) -> Vec<Blinding> {
    let fields = identity.petitioners().flat_map(|petitioner| {
        [(1, normal::id_number(&petitioner.id_number)), (2, normal::phone(&petitioner.phone))]
    });
    let told = fields.filter(|(_, normal)| !normal.is_empty());
    told.filter_map(|(field, normal)| {
        let mut input = Zeroizing::new(b"terrace same case\0".to_vec());
        input.push(field);
        input.extend_from_slice(&place.number().to_be_bytes());
        input.extend_from_slice(normal.as_bytes());
        let drawn = Zeroizing::new(chance());
        let blinded = OprfClient::blind(&input, &mut Drawn::of(&*drawn)).ok()?;
        let element = blinded.message.serialize().into();
        Some(Blinding { input, client: blinded.state, element })
    })
    .collect()
}

/// The library reads as many bytes as it needs and leaves what follows: only the exact length is an element.
fn exactly(bytes: &[u8]) -> Option<&[u8]> {
    (bytes.len() == ELEMENT_LENGTH).then_some(bytes)
}

/// Random bytes that were drawn before, in the shape this library asks for them. It takes all of them at once; should
/// they be among the few that make no number, it asks again and is given others made of the same.
struct Drawn<'a> {
    bytes: &'a [u8],
    again: u8,
}

impl<'a> Drawn<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, again: 0 }
    }
}

impl RngCore for Drawn<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, wanted: &mut [u8]) {
        for (to, from) in wanted.iter_mut().zip(self.bytes.iter().cycle()) {
            *to = from ^ self.again;
        }
        self.again = self.again.wrapping_add(1);
    }

    fn try_fill_bytes(&mut self, wanted: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(wanted);
        Ok(())
    }
}

impl CryptoRng for Drawn<'_> {}

impl fmt::Debug for MatchingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MatchingKey(secret)")
    }
}

impl fmt::Debug for Blinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blinding(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Petitioner;

    fn identity(id_number: &str, phone: &str) -> Identity {
        let (id_number, phone) = (id_number.to_owned(), phone.to_owned());
        let petitioner = Petitioner { id_number, phone, ..Petitioner::default() };
        Identity { petitioner, others: Vec::new() }
    }

    fn key(number: u8) -> MatchingKey {
        MatchingKey::of(&IndexKey::of(&[number; 32])).unwrap()
    }

    fn marks(key: &MatchingKey, identity: &Identity, place: &str, chance: u8) -> Vec<Mark> {
        let blindings = blind(identity, place.parse().unwrap(), || [chance; BLINDING_CHANCE]);
        let mark = |one: &Blinding| one.mark(&key.evaluate(one.element()).unwrap()).unwrap();
        blindings.iter().map(mark).collect()
    }

    #[test]
    fn one_petitioner_about_one_place_has_one_mark_whoever_asks() {
        let (one, other) = (key(1), identity("41022119800101123x", "13800138000"));
        let written = identity("４１０２２１ 19800101 123Ｘ", "+86 138-0013-8000");
        let first = marks(&one, &other, "410221", 3);
        assert_eq!(first.len(), 2);
        assert_eq!(first, marks(&one, &written, "410221", 4));
    }

    #[test]
    fn marks_differ_by_place_field_key_and_person() {
        let person = identity("13800138000", "13800138000");
        let mut all = marks(&key(1), &person, "410221", 3);
        all.extend(marks(&key(1), &person, "410222", 3));
        all.extend(marks(&key(2), &person, "410221", 3));
        all.extend(marks(&key(1), &identity("", "13800138001"), "410221", 3));
        for (at, mark) in all.iter().enumerate() {
            assert!(!all[..at].contains(mark), "{at}");
        }
    }

    #[test]
    fn what_the_superior_sees_is_another_each_time() {
        let person = identity("41022119800101123X", "");
        let element = |chance: u8| {
            let blindings = blind(&person, "410221".parse().unwrap(), || [chance; BLINDING_CHANCE]);
            *blindings[0].element()
        };
        assert_eq!(element(1), element(1));
        assert_ne!(element(1), element(2));
        // A draw that makes no number is replaced, not waited for.
        assert_ne!(element(0), element(2));
    }

    #[test]
    fn what_is_no_element_has_no_answer() {
        let key = key(1);
        assert_eq!(key.evaluate(&[0; 32]), None, "the identity shows nothing and is refused");
        assert_eq!(key.evaluate(&[0xff; 32]), None);
        assert_eq!(key.evaluate(&[1; 31]), None);
        let blindings = blind(&identity("4102", ""), DivisionCode::HUB, || [9; BLINDING_CHANCE]);
        let answer = key.evaluate(blindings[0].element()).unwrap();
        assert_eq!(blindings[0].mark(&[&answer[..], &[0]].concat()), None);
        assert_eq!(blindings[0].mark(&[0; 32]), None);
    }

    #[test]
    fn an_identity_that_tells_nobody_apart_asks_nothing() {
        let blindings = blind(&identity(" - ", "无"), DivisionCode::HUB, || [9; BLINDING_CHANCE]);
        assert!(blindings.is_empty());
    }
}
