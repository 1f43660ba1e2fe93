//! Sealing as a whole: from words to a wrapped key and back, what is refused, and what must never show.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use proptest::prelude::*;
use terrace_proto::digest::{CaseId, Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;
use terrace_proto::seal::padding::{TEXT_LIMIT, size_of};
use terrace_proto::seal::{
    CaseKey, IdKind, Identity, IndexKey, Label, PartError, Petitioner, Plain, Recipient,
    RecoveryCopy, Report, SealedPart, SealingKey, VerifiedWrap, Wrap,
};

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn by() -> JournalId {
    JournalId { author: code("410221101"), epoch: Epoch([0x11; 16]) }
}

fn signer() -> Signer {
    Signer::from_secret(&[0x44; 32])
}

fn petitioner(number: usize) -> Petitioner {
    Petitioner {
        name: "王小明".into(),
        id_kind: IdKind::ResidentCard as i32,
        id_number: "41022119800101123X".into(),
        phone: format!("138{number:08}"),
        address: "河南省开封市杞县五里河镇".into(),
        further_contact: "其兄王大明".into(),
        role: 0,
    }
}

fn identity() -> Plain {
    let others = (1..=3).map(petitioner).collect();
    Plain::Identity(Identity { petitioner: petitioner(0), others })
}

fn report() -> Plain {
    Plain::Report(Report {
        accused_division: code("410221101"),
        accused_organ: "镇民政所".into(),
        accused_person: "李某".into(),
        title: "低保".into(),
        text: "克扣低保金".repeat(40),
        confidential: true,
        addressee: code("410221"),
        reporter: None,
        leads: vec![code("410222")],
        retaliation: "410221101-2026-58213-0017-4".into(),
    })
}

fn wrapped(recipient: Recipient, to: &SealingKey) -> (CaseKey, VerifiedWrap) {
    let key = CaseKey::of(CaseId([0x33; 16]), &[0x55; 32]);
    let wrap = Wrap::make(&key, recipient, to.public(), by(), &signer(), &[0x66; 32]).unwrap();
    (key, wrap)
}

#[test]
fn words_travel_sealed_and_are_read_by_whom_they_are_wrapped_for() {
    let county = SealingKey::from_seed(&[1; 32]);
    let (key, wrap) = wrapped(Recipient::Named(code("410221")), &county);
    for plain in [identity(), report()] {
        let part = SealedPart::seal(&key, &plain.encode(), &[0x77; 24]).unwrap();
        let (part, wrap) = (part.into_bytes(), wrap.bytes());

        let part = SealedPart::read(part).unwrap();
        let wrap = Wrap::read(&wrap).unwrap().verify(&signer().public()).unwrap();
        assert_eq!(wrap.key_id(), part.key_id());
        let text = part.open(&wrap.open(&county).unwrap()).unwrap();
        assert_eq!(Plain::read(&text).unwrap(), plain);
    }
}

/// Bytes of a part and of both kinds of wrap, worked out from the documents alone by an implementation of
/// XChaCha20-Poly1305, HPKE and Ed25519 that shares no code with this one. They never change silently.
#[test]
fn parts_and_wraps_are_the_bytes_another_implementation_makes() {
    let county = SealingKey::from_seed(&[1; 32]);
    let (key, named) = wrapped(Recipient::Named(code("410221")), &county);
    let (_, blind) = wrapped(Recipient::Blind, &county);
    let part = SealedPart::seal(&key, "信访".as_bytes(), &[0x77; 24]).unwrap();
    let made = [part.into_bytes(), named.bytes(), blind.bytes()];
    let expected = [
        (313, "1ebc4e967cdf974d35155cab3fe240f9cd02779ef346d12c6ab46130aebdcebc"),
        (226, "4a80e3c38c85b79501b44da858ed6e8b910ca80717f4f741a1f1a7f1579d3ab8"),
        (217, "38162c17dcfbff8cb962e082904f5748e8eb628270f0748c2bdcbcc4974d202c"),
    ];
    for (bytes, (length, digest)) in made.iter().zip(expected) {
        assert_eq!((bytes.len(), &*Digest::of(&[bytes]).to_string()), (length, digest));
    }
}

/// Custody moves: the holder opens its wrap and makes one for the next; the part stays as it is.
#[test]
fn a_key_is_wrapped_anew_when_custody_moves() {
    let [county, city] = [1, 2].map(|n| SealingKey::from_seed(&[n; 32]));
    let (key, wrap) = wrapped(Recipient::Named(code("410221")), &county);
    let part = SealedPart::seal(&key, &identity().encode(), &[0x77; 24]).unwrap();
    let held = wrap.open(&county).unwrap();
    let (next, me) = (Recipient::Named(code("4102")), Signer::from_secret(&[0x45; 32]));
    let journal = JournalId { author: code("410221"), epoch: Epoch([0x12; 16]) };
    let onward = Wrap::make(&held, next, city.public(), journal, &me, &[0x67; 32]).unwrap();
    assert!(part.open(&onward.open(&city).unwrap()).is_ok());
}

#[test]
fn a_blind_wrap_is_tried_by_every_superior_and_opened_by_one() {
    let ladder: Vec<SealingKey> = (1..=4).map(|n| SealingKey::from_seed(&[n; 32])).collect();
    let (_, wrap) = wrapped(Recipient::Blind, &ladder[2]);
    let opened: Vec<bool> = ladder.iter().map(|key| wrap.open(key).is_ok()).collect();
    assert_eq!(opened, [false, false, true, false]);
}

#[test]
fn every_flipped_byte_of_a_sealed_part_is_refused() {
    let (key, _) = wrapped(Recipient::Blind, &SealingKey::from_seed(&[1; 32]));
    let part = SealedPart::seal(&key, b"words", &[0x77; 24]).unwrap().into_bytes();
    for at in 0..part.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut flipped = part.clone();
            flipped[at] ^= flip;
            let opened = SealedPart::read(flipped).and_then(|part| part.open(&key));
            assert!(opened.is_err(), "byte {at} ^ {flip:#x}");
        }
    }
    for length in 0..part.len() {
        let cut = SealedPart::read(part[..length].to_vec()).and_then(|part| part.open(&key));
        assert!(cut.is_err(), "cut to {length}");
    }
}

#[test]
fn every_flipped_bit_of_a_wrap_is_refused() {
    let county = SealingKey::from_seed(&[1; 32]);
    for recipient in [Recipient::Named(code("410221")), Recipient::Blind] {
        let wrap = wrapped(recipient, &county).1.bytes();
        for bit in 0..wrap.len() * 8 {
            let mut flipped = wrap.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let read = Wrap::read(&flipped).and_then(|wrap| wrap.verify(&signer().public()));
            assert!(read.is_err(), "bit {bit}");
        }
        for length in 0..wrap.len() {
            assert!(Wrap::read(&wrap[..length]).is_err(), "cut to {length}");
        }
    }
}

/// Every secret and every word used here, looked for in everything that can be printed.
#[test]
fn no_secret_and_no_word_is_ever_printed() {
    let county = SealingKey::from_seed(&[0xa1; 32]);
    let (key, wrap) = wrapped(Recipient::Blind, &county);
    let index = IndexKey::of(&[0xa2; 32]);
    let copy = RecoveryCopy::of(by()).with(Label::Journal, &[0xa3; 32]);
    let part = SealedPart::seal(&key, &report().encode(), &[0x77; 24]).unwrap();
    let other = CaseKey::of(CaseId([0x34; 16]), &[0x55; 32]);
    let typed = copy.write().replace("JOURNAL/A", "JOURNAL/B");
    let shown = [
        format!("{key:?} {county:?} {index:?} {copy:?} {part:?} {wrap:?}"),
        format!("{:#?} {:#?}", identity(), report()),
        format!("{:#?}", petitioner(0)),
        format!("{:?}", part.open(&other).unwrap_err()),
        format!("{}", part.open(&other).unwrap_err()),
        format!("{:?}", wrap.open(&SealingKey::from_seed(&[2; 32])).unwrap_err()),
        format!("{:?}", Plain::read("\u{1}王小明".as_bytes()).unwrap_err()),
        format!("{} {0:?}", RecoveryCopy::read(&typed).unwrap_err()),
    ]
    .join("\n")
    .to_lowercase();
    let secrets = ["55", "a1", "a2", "a3"].map(|byte| byte.repeat(3));
    let decimal = ["85, 85", "161, 161", "162, 162", "163, 163"].map(str::to_owned);
    let words = ["王", "410221198", "138", "五里河", "民政", "李某", "低保", "ur4o", "uhqk"]
        .map(str::to_owned);
    for secret in secrets.iter().chain(&decimal).chain(&words) {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

fn words() -> impl Strategy<Value = String> {
    "[\\PC]{0,40}"
}

fn anyone() -> impl Strategy<Value = Petitioner> {
    (words(), 0..7, words(), words(), words(), words(), 0..3).prop_map(
        |(name, id_kind, id_number, phone, address, further_contact, role)| Petitioner {
            name,
            id_kind,
            id_number,
            phone,
            address,
            further_contact,
            role,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_identity_comes_back(people in prop::collection::vec(anyone(), 1..6)) {
        let mut people = people.into_iter();
        let petitioner = people.next().unwrap();
        let plain = Plain::Identity(Identity { petitioner, others: people.collect() });
        prop_assert!(Plain::read(&plain.encode()).as_ref() == Ok(&plain));
    }

    #[test]
    fn any_text_comes_back_and_its_size_is_a_step(
        text in prop::collection::vec(any::<u8>(), 0..70_000),
        secret: [u8; 32],
        case: [u8; 16],
        nonce: [u8; 24],
    ) {
        let key = CaseKey::of(CaseId(case), &secret);
        let part = SealedPart::seal(&key, &text, &nonce).unwrap();
        prop_assert_eq!(part.bytes().len(), 57 + size_of(text.len()).unwrap());
        let part = SealedPart::read(part.into_bytes()).unwrap();
        let opened = part.open(&key).unwrap();
        prop_assert_eq!(opened.as_slice(), text.as_slice());
    }

    #[test]
    fn a_step_hides_sizes_and_at_most_doubles_them(length in 253..TEXT_LIMIT) {
        let padded = size_of(length).unwrap();
        prop_assert!(padded >= length + 4);
        prop_assert!(padded - length <= length.max(256), "{} for {}", padded, length);
        prop_assert_eq!(size_of(padded - 4), Some(padded), "the step's longest text has its size too");
    }

    #[test]
    fn another_key_or_case_never_opens(
        secret: [u8; 32],
        other in any::<[u8; 32]>(),
        case: [u8; 16],
        foreign: [u8; 16],
    ) {
        prop_assume!(secret != other && case != foreign);
        let part = SealedPart::seal(&CaseKey::of(CaseId(case), &secret), b"words", &[1; 24]).unwrap();
        for key in [CaseKey::of(CaseId(case), &other), CaseKey::of(CaseId(foreign), &secret)] {
            let refused = matches!(part.open(&key), Err(PartError::OtherKey { .. }));
            prop_assert!(refused);
        }
    }

    #[test]
    fn any_case_key_comes_out_of_its_wrap_and_of_no_other_office(
        secret: [u8; 32],
        chance: [u8; 32],
        seed: [u8; 32],
        stranger: [u8; 32],
        blind: bool,
    ) {
        prop_assume!(seed != stranger);
        let key = CaseKey::of(CaseId([3; 16]), &secret);
        let recipient = if blind { Recipient::Blind } else { Recipient::Named(code("4102")) };
        let to = SealingKey::from_seed(&seed);
        let wrap = Wrap::make(&key, recipient, to.public(), by(), &signer(), &chance).unwrap();
        let came = Wrap::read(&wrap.bytes()).unwrap().verify(&signer().public()).unwrap();
        let opened = came.open(&to).unwrap();
        prop_assert_eq!(opened.secret(), &secret);
        prop_assert!(came.open(&SealingKey::from_seed(&stranger)).is_err());
    }

    #[test]
    fn garbage_is_refused_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let (key, _) = wrapped(Recipient::Blind, &SealingKey::from_seed(&[1; 32]));
        prop_assert!(Wrap::read(&bytes).is_err());
        let _ = Plain::read(&bytes);
        let _ = RecoveryCopy::read(&String::from_utf8_lossy(&bytes));
        let opened = SealedPart::read(bytes).and_then(|part| part.open(&key));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn any_recovery_copy_reads_back_and_any_changed_character_is_found(
        journal: [u8; 32],
        sealing in prop::collection::btree_map(1u32..10_000, any::<[u8; 32]>(), 0..4),
        index in prop::collection::btree_map(any::<u32>(), any::<[u8; 32]>(), 0..3),
        place: prop::sample::Index,
        other in prop_oneof![prop::char::range('!', '~'), any::<char>()],
    ) {
        let mut copy = RecoveryCopy::of(by()).with(Label::Journal, &journal);
        for (generation, secret) in &sealing {
            copy = copy.with(Label::Sealing(*generation), secret);
        }
        for (generation, secret) in &index {
            copy = copy.with(Label::Index(*generation), secret);
        }
        let text = copy.write();
        prop_assert!(RecoveryCopy::read(&text).as_ref() == Ok(&copy));

        let typed: Vec<&str> = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
        let mut symbols: Vec<char> = typed.join("\n").chars().collect();
        let at = place.index(symbols.len());
        let was = std::mem::replace(&mut symbols[at], other);
        // Letter case and the kind of space carry nothing.
        prop_assume!(!was.eq_ignore_ascii_case(&other));
        prop_assume!(!(was.is_whitespace() && other.is_whitespace()));
        // Nor does the zero that fills up a line's number.
        let begins = at == 0 || symbols[at - 1] == '\n';
        prop_assume!(!(begins && was == '0' && other.is_whitespace()));
        let line = 1 + symbols[..at].iter().filter(|s| **s == '\n').count();
        let error = RecoveryCopy::read(&symbols.into_iter().collect::<String>()).unwrap_err();
        prop_assert!(error.to_string().contains(&format!("ine {line}")), "{} for line {}", error, line);
    }
}
