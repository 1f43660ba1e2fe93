//! A glance at a header: the few fields that whoever checks a long journal needs, without allocating.
//!
//! [`Header::read`] is the one judge of a header's form. A glance takes headers as authors write them, fields
//! in order and each once, straight off the bytes; whatever looks otherwise it leaves to the judge. So both
//! always agree, on what is read and on what is refused, and only the common case is quick.

use jiff::Timestamp;

use super::header::{FORMAT, Header, HeaderError, SEQUENCES};
use super::{EntryId, JournalId, Kind};
use crate::digest::{Digest, Epoch};
use crate::division::DivisionCode;

/// Most items of a list, as for [`Header::read`].
const LIST_LIMIT: usize = 256;
/// Days since 1970-01-01 that are dates for certain; others are left to the judge.
const SURE_DAYS: u64 = 100_000;
/// Milliseconds since 1970 UTC that are an hour for certain, until the year 5138; others are left to the judge.
const SURE_MILLIS: u64 = 100_000_000_000_000;

/// The kind of a sealed report.
const REPORT: u32 = 43;

/// The kind that says that a sealed part was opened.
const UNSEALED: u32 = 44;

/// The only field that may stand several times: what was considered.
const CONSIDERED: u64 = 24;

/// What a glance at a header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// Where the entry stands, or claims to.
    pub id: EntryId,
    /// When, by the author's clock, in milliseconds since 1970 UTC: a claim, never an order.
    pub millis: i64,
    /// Whether it is folded into a case: sealed reports are not.
    pub in_case: bool,
    /// Whether it says that a sealed report was opened: such an entry names no case.
    pub opens_report: bool,
    /// The division it is addressed to, and the author's running number for it.
    pub address: Option<(DivisionCode, u64)>,
    /// Hash of the body.
    pub body_hash: Digest,
}

impl Glance {
    /// Reads a header's bytes.
    ///
    /// # Errors
    ///
    /// Exactly those of [`Header::read`].
    pub fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        match scan(bytes) {
            Some(glance) => Ok(glance),
            None => Header::read(bytes).map(|header| Self::of(&header)),
        }
    }

    /// When, as an hour.
    #[must_use]
    pub fn recorded_at(&self) -> Timestamp {
        // Only what is an hour is read; the beginning of time stands for nothing else.
        Timestamp::from_millisecond(self.millis).unwrap_or(Timestamp::MIN)
    }

    /// The same of a header that has been read.
    #[must_use]
    pub fn of(header: &Header) -> Self {
        Self {
            id: header.id(),
            millis: header.recorded_at.as_millisecond(),
            in_case: header.case.is_some() && header.kind != Kind::ReportSealed,
            opens_report: header.case.is_none() && header.kind == Kind::Unsealed,
            address: header.address.map(|address| (address.division, address.number)),
            body_hash: header.body_hash,
        }
    }
}

/// The scalar fields met so far; those that are missing have protobuf's default.
#[derive(Default)]
struct Found<'a> {
    format: u64,
    author: u64,
    epoch: &'a [u8],
    sequence: u64,
    recorded_at: u64,
    case: &'a [u8],
    kind: u64,
    addressee: u64,
    addressee_number: u64,
    body_hash: &'a [u8],
    considered: usize,
    /// A division that was looked at and is one: most headers name the same few times over.
    good: u64,
}

/// What stands behind a tag.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Reads a header that is written as authors write it; `None` for any other, well-formed or not.
fn scan(mut bytes: &[u8]) -> Option<Glance> {
    let mut found = Found::default();
    let mut last = 0;
    while !bytes.is_empty() {
        let (tag, field) = field(&mut bytes)?;
        if tag <= last && tag != CONSIDERED || tag < last {
            return None;
        }
        last = tag;
        match field {
            Field::Number(number) => found.number(tag, number)?,
            Field::Bytes(bytes) => found.bytes(tag, bytes)?,
        }
    }
    found.glance()
}

#[inline]
fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let key = varint(bytes)?;
    let field = match key & 7 {
        0 => Field::Number(varint(bytes)?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (value, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Field::Bytes(value)
        }
        _ => return None,
    };
    Some((key >> 3, field))
}

/// A number of up to nine bytes; longer ones are left to the judge.
#[inline]
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(value);
        }
    }
    None
}

impl<'a> Found<'a> {
    fn number(&mut self, tag: u64, number: u64) -> Option<()> {
        let small = u32::try_from(number).is_ok();
        match tag {
            1 if number == u64::from(FORMAT) => self.format = number,
            2 => self.author = number,
            4 => self.sequence = number,
            8 => self.recorded_at = number,
            // Zigzag: even numbers are the days from 1970 on.
            9 if number.is_multiple_of(2) && number / 2 <= SURE_DAYS => {}
            14 if small => self.kind = number,
            12 | 15 if small => {}
            19 => self.addressee = number,
            20 => self.addressee_number = number,
            _ => return None,
        }
        Some(())
    }

    fn bytes(&mut self, tag: u64, bytes: &'a [u8]) -> Option<()> {
        let fits = |length: usize| bytes.is_empty() || bytes.len() == length;
        match tag {
            3 if bytes.len() == 16 => self.epoch = bytes,
            5..=7 => _ = std::str::from_utf8(bytes).ok()?,
            10 if fits(16) => self.case = bytes,
            11 if fits(16) => {}
            13 | 21 | 23 | 25 if fits(32) => {}
            16 | 17 => self.holder(bytes)?,
            18 => self.divisions(bytes)?,
            22 if bytes.len() == 32 => self.body_hash = bytes,
            CONSIDERED if bytes.len() == 32 && self.considered < LIST_LIMIT => self.considered += 1,
            _ => return None,
        }
        Some(())
    }

    /// Looks at a holder: a division, then an organ.
    fn holder(&mut self, mut bytes: &[u8]) -> Option<()> {
        let (mut division, mut last) = (0, 0);
        while !bytes.is_empty() {
            let (tag, field) = field(&mut bytes)?;
            if tag <= last {
                return None;
            }
            last = tag;
            match (tag, field) {
                (1, Field::Number(number)) => division = number,
                (2, Field::Bytes(organ)) => _ = std::str::from_utf8(organ).ok()?,
                _ => return None,
            }
        }
        self.division(division)
    }

    /// Looks at a packed list of divisions.
    fn divisions(&mut self, mut bytes: &[u8]) -> Option<()> {
        let mut count = 0;
        while !bytes.is_empty() {
            self.division(varint(&mut bytes)?)?;
            count += 1;
        }
        (count <= LIST_LIMIT).then_some(())
    }

    fn division(&mut self, number: u64) -> Option<()> {
        if number != self.good {
            DivisionCode::from_number(number).ok()?;
            self.good = number;
        }
        Some(())
    }

    fn glance(&self) -> Option<Glance> {
        // Without its format it is a header of version 0: the judge says so.
        if self.format == 0 || self.sequence >= SEQUENCES {
            return None;
        }
        let division = |number| DivisionCode::from_number(number).ok();
        let address = match self.addressee_number {
            0 => None,
            number => Some((division(self.addressee)?, number)),
        };
        let journal = JournalId { author: division(self.author)?, epoch: Epoch::read(self.epoch)? };
        let sure = Some(self.recorded_at).filter(|millis| *millis <= SURE_MILLIS);
        Some(Glance {
            id: EntryId { journal, sequence: self.sequence },
            millis: i64::try_from(sure?).ok()?,
            in_case: !self.case.is_empty() && self.kind != u64::from(REPORT),
            opens_report: self.case.is_empty() && self.kind == u64::from(UNSEALED),
            address,
            body_hash: Digest::read(self.body_hash)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::digest::{CaseId, ThreadId};
    use crate::entry::header::{Address, Hand, Holder, Place, date_of};

    fn division() -> impl Strategy<Value = DivisionCode> {
        prop::sample::select(vec!["00", "41", "4102", "410221", "410221101"])
            .prop_map(|code| code.parse().unwrap())
    }

    fn holder() -> impl Strategy<Value = Holder> {
        (division(), "[a-z\u{4e00}-\u{4e10}]{0,6}")
            .prop_map(|(division, organ)| Holder { division, organ })
    }

    fn digest() -> impl Strategy<Value = Digest> {
        any::<[u8; 32]>().prop_map(Digest)
    }

    fn place() -> impl Strategy<Value = Place> {
        (any::<[u8; 16]>(), 0_u32..4, option::of(digest())).prop_map(
            |(thread, stage, predecessor)| Place { thread: ThreadId(thread), stage, predecessor },
        )
    }

    fn address() -> impl Strategy<Value = Address> {
        (division(), 1_u64..1_000_000, option::of(digest()))
            .prop_map(|(division, number, previous)| Address { division, number, previous })
    }

    prop_compose! {
        fn header()(
            (author, epoch, sequence) in (division(), any::<[u8; 16]>(), 0..SEQUENCES),
            (organ, officer) in ("[a-z]{0,5}", "[0-9\u{7532}]{0,8}"),
            (at, received) in (0_i64..4_000_000_000_000, option::of(0_i32..40_000)),
            (case, place) in (option::of(any::<[u8; 16]>()), option::of(place())),
            (kind, schema) in (0_u32..60, 0_u32..3),
            (from, to) in (option::of(holder()), option::of(holder())),
            (added, address) in (vec(division(), 0..4), option::of(address())),
            (body, sealed) in (digest(), option::of(digest())),
            (considered, settles) in (vec(digest(), 0..3), option::of(digest())),
        ) -> Header {
            Header {
                journal: JournalId { author, epoch: Epoch(epoch) },
                sequence,
                hand: Hand { organ, officer, on_behalf_of: String::new() },
                recorded_at: Timestamp::from_millisecond(at).unwrap(),
                received_on: received.map(|days| date_of(days).unwrap()),
                case: case.map(CaseId),
                place,
                kind: Kind::from_number(kind),
                schema,
                custody_from: from,
                custody_to: to,
                audience_added: added,
                address,
                body_hash: body,
                sealed_hash: sealed,
                considered,
                settles,
            }
        }
    }

    #[test]
    fn the_kind_of_a_sealed_report_is_what_it_is() {
        assert_eq!(Kind::ReportSealed.number(), REPORT);
        assert_eq!(Kind::Unsealed.number(), UNSEALED);
    }

    fn judged(bytes: &[u8]) -> Result<Glance, HeaderError> {
        Header::read(bytes).map(|header| Glance::of(&header))
    }

    proptest! {
        #[test]
        fn header_as_its_author_wrote_it_is_read_without_the_judge(header in header()) {
            let bytes = header.encode();
            prop_assert_eq!(scan(&bytes), Some(Glance::of(&header)));
        }

        #[test]
        fn glance_and_judge_agree_on_whatever_was_altered(
            header in header(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
            cut in any::<prop::sample::Index>(), more in vec(any::<u8>(), 0..6),
        ) {
            let mut bytes = header.encode();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            prop_assert_eq!(Glance::read(&bytes), judged(&bytes));
            bytes.extend_from_slice(&more);
            prop_assert_eq!(Glance::read(&bytes), judged(&bytes));
            bytes.truncate(cut.index(bytes.len()));
            prop_assert_eq!(Glance::read(&bytes), judged(&bytes));
        }

        #[test]
        fn glance_and_judge_agree_on_fields_that_stand_twice(one in header(), two in header()) {
            let bytes = [one.encode(), two.encode()].concat();
            prop_assert_eq!(Glance::read(&bytes), judged(&bytes));
        }

        #[test]
        fn glance_and_judge_agree_on_noise(bytes in vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(Glance::read(&bytes), judged(&bytes));
        }
    }
}
