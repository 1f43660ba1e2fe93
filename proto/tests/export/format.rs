//! The format of an export: what is written reads back, and no altered or cut file passes for one.

use jiff::Timestamp;
use proptest::prelude::*;
use terrace_proto::admission::Keyring;
use terrace_proto::digest::{Digest, LinkEpoch};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::EntryId;
use terrace_proto::export::frame::frame;
use terrace_proto::export::record::{
    CosignedHead, Head, Journal, Ledger, Manifest, Page, Passage, Raised,
};
use terrace_proto::export::{ColophonCheck, ExportError, Frame, MAGIC, Record, Unframer};
use terrace_proto::journal::ParcelItem;
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head as LedgerHead, LedgerId, Span};

use super::{BEGAN, ROOT, file, journal, keyring, manifest};

fn frames(bytes: &[u8], piece: usize) -> Result<Vec<Frame>, ExportError> {
    let mut unframer = Unframer::new();
    let mut frames = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        unframer.feed(piece);
        while let Some(frame) = unframer.poll()? {
            frames.push(frame);
        }
    }
    unframer.finish()?;
    Ok(frames)
}

fn signed(bytes: &[u8]) -> Result<Manifest, ExportError> {
    let mut reading = ColophonCheck::under(keyring(), Tree::national());
    for frame in frames(bytes, 4_096)? {
        reading.take(&frame)?;
    }
    reading.finish()
}

/// One record of every sort, filled from `seed`.
fn every_sort(seed: u64) -> Vec<Record> {
    let byte = u8::try_from(seed % 251).unwrap();
    let digest = Digest([byte; 32]);
    let item = ParcelItem {
        header: vec![byte; 40],
        body: seed.is_multiple_of(2).then(|| vec![byte; 9]),
        sealed: None,
        path: vec![digest; usize::from(byte % 4)],
    };
    let head = CosignedHead { size: seed, root: digest, by: ROOT, line: "— x".into() };
    let ledger = LedgerId {
        from: DivisionCode::HUB,
        to: "41".parse().unwrap(),
        epoch: LinkEpoch([byte; 16]),
    };
    let passage = |span| Passage {
        number: seed,
        digest,
        sent_at: -3,
        stored_at: seed.is_multiple_of(3).then_some(7),
        journal: ROOT,
        span,
    };
    let entry = EntryId { journal: ROOT, sequence: seed };
    vec![
        Record::Manifest(manifest()),
        Record::Admission { checkpoint: vec![byte; 70], item: item.clone() },
        Record::Journal(Journal {
            id: ROOT,
            whole: seed % 2 == 1,
            size: seed,
            stored_at: seed.is_multiple_of(2).then(|| Timestamp::from_second(9).unwrap()),
            cosigned: vec![head],
        }),
        Record::Page(Page { checkpoint: vec![byte], items: vec![item; 3] }),
        Record::Head(Head { checkpoint: vec![byte; 5], line: "line".into() }),
        Record::Ledger(Ledger {
            head: LedgerHead { ledger, number: seed, digest },
            own_signature: vec![byte; 64],
            proved: seed.is_multiple_of(2).then(|| (seed + 1, vec![byte; 64])),
        }),
        Record::Passages(vec![
            passage(Span::Run { first: seed, count: 3 }),
            passage(Span::Picked(vec![seed, seed + 5])),
        ]),
        Record::Raised(Raised { entry, kind: 4, about: ROOT, place: seed }),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back_in_any_pieces(seed in 0_u64..1_000_000, piece in 1_usize..90) {
        let records = every_sort(seed);
        let bytes = file(records.clone());
        let read: Vec<Record> =
            frames(&bytes, piece).unwrap().iter().map(|one| Record::read(one).unwrap()).collect();
        prop_assert_eq!(&read[..records.len()], &records[..]);
        prop_assert_eq!(signed(&bytes), Ok(manifest()));
    }

    #[test]
    fn garbage_is_an_error_and_not_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(signed(&bytes).is_err());
        prop_assert!(signed(&[MAGIC, &bytes].concat()).is_err());
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bytes = file(journal(&[BEGAN, BEGAN + 1]));
    assert!(signed(&bytes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << bit;
            assert!(signed(&altered).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn a_cut_at_any_place_is_noticed_and_so_is_anything_behind_the_colophon() {
    let bytes = file(journal(&[BEGAN, BEGAN + 1]));
    for at in 0..bytes.len() {
        assert!(signed(&bytes[..at]).is_err(), "{at}");
    }
    assert!(signed(&[&bytes[..], b"\0"].concat()).is_err());
    assert!(signed(&[&bytes[..], b"\x85"].concat()).is_err());
    let record = Record::Page(Page::default()).encode();
    assert!(signed(&[&bytes[..], &record].concat()).is_err());
    let colophon = frames(&bytes, 100).unwrap().pop().unwrap();
    assert!(signed(&[&bytes[..], &colophon.framed].concat()).is_err());
}

#[test]
fn colophon_has_one_form() {
    let bytes = file(journal(&[BEGAN]));
    let colophon = frames(&bytes, 100).unwrap().pop().unwrap();
    let before = &bytes[..bytes.len() - colophon.framed.len()];
    // A field that no version knows, behind the note.
    let more = frame(&[colophon.record(), &[0x78, 0x01]].concat());
    assert!(signed(&[before, &more].concat()).is_err());
    // The same length, written longer.
    let length = colophon.framed.len() - colophon.record().len();
    let mut longer = colophon.framed[..length].to_vec();
    longer[length - 1] |= 0x80;
    longer.push(0);
    longer.extend(colophon.record());
    assert!(frames(&[before, &longer].concat(), 100).is_err());
}

#[test]
fn another_root_believes_nothing() {
    let bytes = file(journal(&[BEGAN]));
    let other = Keyring::of_root(ROOT, Signer::from_secret(&[2; 32]).public());
    let mut reading = ColophonCheck::under(other, Tree::national());
    frames(&bytes, 100).unwrap().iter().for_each(|one| reading.take(one).unwrap());
    assert!(matches!(reading.finish(), Err(ExportError::Altered(_))));
}
