//! Test vectors of wire version 1, for other implementations and against silent change.
//!
//! Every value is made from the fixed inputs below. The files in `vectors/` hold what they must be: `wire-1.txt` bytes,
//! `wire-1-fields.txt` the fields of every message that passes between offices. Wire version 1 is frozen: a line that
//! stands there never changes. With `TERRACE_WRITE_VECTORS=1` lines are added that are not there yet; one that differs
//! is a broken wire, and is never written over.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use data_encoding::HEXLOWER;
use prost::Message as _;
use terrace_proto::case::{CaseNumber, petitioner};
use terrace_proto::digest::{CaseId, Digest, Epoch, LinkEpoch, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Address, Hand, Place};
use terrace_proto::entry::{Content, Entry, Header, Holder, JournalId, Kind, VerifiedEntry};
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::{Frontier, VerifiedRun, append};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, LedgerId, Span};
use terrace_proto::receipt::Receipt;
use terrace_proto::seal::matching::{self, BLINDING_CHANCE};
use terrace_proto::seal::{
    CaseKey, Identity, IndexKey, Mark, MatchingKey, Petitioner, Plain, Recipient, Report,
    SealedPart, SealingKey, Wrap,
};
use terrace_proto::wire::frame::Say;
use terrace_proto::wire::{self, RefusalReason};

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

const THREAD: ThreadId = ThreadId([0x33; 16]);

fn town() -> JournalId {
    JournalId { author: code("410221101"), epoch: Epoch([0x11; 16]) }
}

fn header(sequence: u64, kind: Kind) -> Header {
    let hour = "2026-03-02T00:00:00.5Z".parse().unwrap();
    let mut header = Header::plain(town(), sequence, kind, hour);
    header.hand = Hand { organ: "mzj".into(), officer: "3071".into(), on_behalf_of: "3002".into() };
    header.received_on = Some(jiff::civil::date(2026, 3, 1));
    header.case = Some(CaseId::of(town().author, THREAD));
    header
}

/// An intake, the opening of its case, and its transfer to the county.
fn entries() -> Vec<Entry> {
    let intake = Content::IntakeRegistered(wire::IntakeRegistered {
        channel: "VIS".into(),
        category: "030000".into(),
        title: "路灯".into(),
        text: "村口路灯不亮 𠮷".into(),
        submitted_at: 1_772_323_200_000,
        source: "vector-1".into(),
        place: 410_221_101_000,
        persons: 2,
        provenance: Some(wire::Provenance {
            system: "mailbox".into(),
            file: vec![0x88; 32],
            line: 7,
            legacy: false,
            ..wire::Provenance::default()
        }),
        ..wire::IntakeRegistered::default()
    });
    let intake = Entry::write(header(0, Kind::IntakeRegistered), intake, [1; 16]);
    let town_office = Holder::office(town().author);
    let mut opening = header(1, Kind::CaseOpened);
    opening.place = Some(Place { thread: THREAD, stage: 1, predecessor: None });
    opening.custody_to = Some(town_office.clone());
    opening.audience_added = vec![town().author];
    let number = CaseNumber::new(town().author, 2026, 58_213, 17).unwrap().to_string();
    let due = vec![wire::Due { duty: "triage".into(), due_on: 20_528, ..wire::Due::default() }];
    let opened =
        Content::CaseOpened(wire::CaseOpened { number, due, ..wire::CaseOpened::default() });
    let opening = Entry::write(opening, opened, [2; 16]);
    let mut transfer = header(2, Kind::Transferred);
    transfer.place = Some(Place { thread: THREAD, stage: 1, predecessor: Some(opening.leaf()) });
    transfer.custody_from = Some(town_office);
    transfer.custody_to = Some(Holder { division: code("410221"), organ: "mzj".into() });
    transfer.audience_added = vec![code("410221")];
    transfer.address = Some(Address { division: code("410221"), number: 1, previous: None });
    transfer.considered = vec![intake.leaf()];
    let reason = Content::Transferred(wire::Transferred {
        reason: "超出本级职权".into(),
        ..wire::Transferred::default()
    });
    let transfer = Entry::write(transfer, reason, [3; 16]);
    let mut sealed = header(3, Kind::IntakeRegistered);
    sealed.place = None;
    let words = Content::IntakeRegistered(wire::IntakeRegistered {
        channel: "LET".into(),
        title: "来信".into(),
        persons: 1,
        ..wire::IntakeRegistered::default()
    });
    let part = SealedPart::seal(&case_key(), &identity().encode(), &[0x9a; 24]).unwrap();
    vec![intake, opening, transfer, Entry::write_sealed(sealed, words, [4; 16], Some(part))]
}

fn case_key() -> CaseKey {
    CaseKey::of(CaseId::of(town().author, THREAD), &[0x99; 32])
}

fn person() -> Petitioner {
    Petitioner {
        name: "测试人·甲".into(),
        id_kind: 1,
        id_number: "41022119800101123X".into(),
        phone: "13800138000".into(),
        address: "五里河镇".into(),
        further_contact: "村委会转".into(),
        role: 0,
    }
}

fn identity() -> Plain {
    Plain::Identity(Identity { petitioner: person(), others: vec![Petitioner::default()] })
}

fn report() -> Plain {
    Plain::Report(Report {
        accused_division: code("410221"),
        accused_organ: "mzj".into(),
        accused_person: "某某".into(),
        title: "检举".into(),
        text: "挪用".into(),
        confidential: true,
        addressee: code("4102"),
        reporter: Some(person()),
        leads: Vec::new(),
        retaliation: String::new(),
    })
}

fn vectors() -> String {
    let signer = Signer::from_secret(&[0x44; 32]);
    let superior = Signer::from_secret(&[0x55; 32]);
    let mut out = String::new();
    let mut line = |name: &str, value: &str| writeln!(out, "{name} {value}").unwrap();
    line("journal_key", &HEXLOWER.encode(&signer.public().bytes()));
    for (index, entry) in entries().iter().enumerate() {
        line(&format!("entry_{index}_header"), &HEXLOWER.encode(entry.header_bytes()));
        line(&format!("entry_{index}_body"), &HEXLOWER.encode(entry.body().unwrap()));
        line(&format!("entry_{index}_leaf"), &entry.leaf().to_string());
    }
    let leaves: Vec<Digest> = entries().iter().map(Entry::leaf).collect();
    let run = append(town(), Frontier::default(), entries(), &signer);
    line("root", &run.frontier().root().to_string());
    line("checkpoint", &HEXLOWER.encode(run.checkpoint().note()));
    let county = JournalId { author: code("410221"), epoch: Epoch([0x66; 16]) };
    let cosigned = Cosigned::sign(*run.checkpoint().checkpoint(), county, &superior, 1_772_409_600);
    line("cosignature", &HEXLOWER.encode(cosigned.line.as_bytes()));
    let ledger = LedgerId { from: town().author, to: county.author, epoch: LinkEpoch([0x77; 16]) };
    let record = Head::start(ledger).next(
        1_772_409_600_000,
        town(),
        Span::Run { first: 0, count: 4 },
        &leaves,
    );
    line("ledger_head_text", &HEXLOWER.encode(record.head.text().as_bytes()));
    line("ledger_head_signature", &HEXLOWER.encode(&record.head.sign(&signer)));
    let due = [wire::Due { duty: "triage".into(), due_on: 20_528, ..wire::Due::default() }];
    let number = CaseNumber::new(town().author, 2026, 58_213, 17).unwrap();
    let receipt = Receipt::of(&entries()[0], number, &due).unwrap();
    line("receipt", &HEXLOWER.encode(&receipt.sign(&signer)));
    let said = petitioner::message(
        CaseId::of(town().author, THREAD),
        entries()[2].leaf(),
        Kind::Withdrawn,
        &[],
    );
    line("petitioner_says", &HEXLOWER.encode(&said));
    for (name, value) in sealing_vectors(&signer).into_iter().chain(frame_vectors(&run)) {
        line(&name, &HEXLOWER.encode(&value));
    }
    out
}

/// Sealed parts, wraps, and the marks of blind indexes.
fn sealing_vectors(signer: &Signer) -> Vec<(String, Vec<u8>)> {
    let (key, seed) = (case_key(), SealingKey::from_seed(&[0x9b; 32]));
    let named = Recipient::Named(code("410221"));
    let wrap = |recipient| {
        Wrap::make(&key, recipient, seed.public(), town(), signer, &[0x9c; 32]).unwrap().bytes()
    };
    let sealed = entries()[3].sealed().unwrap().bytes().to_vec();
    let opened = SealedPart::read(sealed.clone()).unwrap().open(&key).unwrap();
    assert_eq!(Plain::read(&opened).unwrap(), identity());
    let Plain::Identity(who) = identity() else { panic!("an identity") };
    let (index, place) = (IndexKey::of(&[0x9d; 32]), code("410221"));
    let matching = MatchingKey::of(&index).unwrap();
    let blindings = matching::blind(&who, place, || [0x9e; BLINDING_CHANCE]);
    let evaluated = matching.evaluate(blindings[0].element()).unwrap();
    let mark = blindings[0].mark(&evaluated).unwrap();
    let own = |marks: Vec<Mark>| marks.iter().flat_map(|mark| *mark.bytes()).collect::<Vec<u8>>();
    [
        ("sealing_public", seed.public().bytes().to_vec()),
        ("identity_text", identity().encode().to_vec()),
        ("report_text", report().encode().to_vec()),
        ("sealed_part", sealed),
        ("key_id", key.id().bytes().to_vec()),
        ("wrap_named", wrap(named)),
        ("wrap_blind", wrap(Recipient::Blind)),
        ("marks_of_person", own(index.of_person(&who))),
        ("marks_of_matter", own(index.of_matter(&who, place))),
        ("matching_blinded", blindings[0].element().to_vec()),
        ("matching_evaluated", evaluated.to_vec()),
        ("matching_mark", mark.bytes().to_vec()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// What makes a conversation: hello, a passage, and that it is stored.
fn talk(run: &VerifiedRun) -> Vec<Say> {
    let cursor = |number| {
        let (link_epoch, digest) = (vec![0x77; 16], vec![0xa1; 32]);
        Some(wire::Cursor { link_epoch, number, digest })
    };
    let item = |entry: &VerifiedEntry| wire::Item {
        header: entry.header_bytes().to_vec(),
        body: entry.body().map(<[u8]>::to_vec),
        path: vec![vec![0xa2; 32]],
        sealed: entry.sealed().map(|part| part.bytes().to_vec()),
    };
    let (author, epoch) = (town().author.number(), town().epoch.0.to_vec());
    vec![
        Say::Hello(wire::Hello {
            division: author,
            protocol_min: 1,
            protocol_max: 1,
            header_format_max: 1,
            schema_read_max: 1,
            schema_write_max: 1,
            software: "terrace".into(),
            sent: cursor(3),
            stored: cursor(4),
            window_entries: 16_384,
            window_bytes: 8_388_608,
            journal_epoch: epoch.clone(),
            cosigned_size: 2,
            checkpoint: run.checkpoint().note().to_vec(),
        }),
        Say::Passage(wire::Passage {
            number: 4,
            sent_at: 1_772_409_600_000,
            author,
            epoch,
            checkpoint: run.checkpoint().note().to_vec(),
            items: run.entries().iter().map(item).collect(),
            run: true,
            head_signature: vec![0xa5; 64],
        }),
        Say::Stored(wire::Stored {
            number: 4,
            digest: vec![0xa6; 32],
            stored_at: 1_772_409_600_001,
            head_signature: vec![0xa7; 64],
            cosignature: Some(wire::Cosignature {
                size: 4,
                root: vec![0xa8; 32],
                line: "— x y\n".into(),
            }),
            window_entries: 1,
            window_bytes: 2,
        }),
    ]
}

/// What goes beside the ledger.
fn beside() -> Vec<Say> {
    let (author, epoch) = (town().author.number(), town().epoch.0.to_vec());
    let fields =
        || vec![wire::SameCaseFields { case_id: vec![0xa3; 16], fields: vec![vec![0xa4; 32]] }];
    vec![
        Say::Probe(wire::Probe { number: 9 }),
        Say::Place(wire::Place { number: 9, digest: vec![0xa9; 32] }),
        Say::Refusal(wire::Refusal { reason: RefusalReason::Fork.into(), detail: "why".into() }),
        Say::HeadOffered(wire::HeadOffered {
            author,
            epoch: epoch.clone(),
            checkpoint: vec![1],
            from_size: 3,
            proof: vec![vec![0xaa; 32]],
        }),
        Say::HeadAnswered(wire::HeadAnswered {
            author,
            epoch: epoch.clone(),
            size: 4,
            line: "— x y\n".into(),
            held_size: 3,
        }),
        Say::Witnessed(wire::Witnessed {
            division: 410_222_000_000,
            epoch,
            size: 4,
            root: vec![0xab; 32],
            line: "— x y\n".into(),
        }),
        Say::KeysHanded(wire::KeysHanded { wraps: vec![vec![0xac; 40]] }),
        Say::KeysTaken(wire::KeysTaken { digests: vec![vec![0xad; 32]] }),
        Say::SameCaseAsked(wire::SameCaseAsked { cases: fields() }),
        Say::SameCaseEvaluated(wire::SameCaseEvaluated { generation: 1, cases: fields() }),
        Say::SameCaseMarked(wire::SameCaseMarked { generation: 1, cases: fields() }),
        Say::SameCaseAnswered(wire::SameCaseAnswered {
            answers: vec![wire::SameCaseAnswer { case_id: vec![0xa3; 16], same: true }],
        }),
    ]
}

/// One frame of every kind.
fn frame_vectors(run: &VerifiedRun) -> Vec<(String, Vec<u8>)> {
    let says = talk(run).into_iter().chain(beside());
    let named = says.map(|say| (format!("frame_{}", name(&say)), say));
    named.map(|(name, say)| (name, wire::Frame { say: Some(say) }.encode_to_vec())).collect()
}

/// What a frame is called; a frame of a new kind does not compile without a name, nor without a vector of its own.
fn name(say: &Say) -> &'static str {
    match say {
        Say::Hello(_) => "hello",
        Say::Passage(_) => "passage",
        Say::Stored(_) => "stored",
        Say::Probe(_) => "probe",
        Say::Place(_) => "place",
        Say::Refusal(_) => "refusal",
        Say::HeadOffered(_) => "head_offered",
        Say::HeadAnswered(_) => "head_answered",
        Say::Witnessed(_) => "witnessed",
        Say::KeysHanded(_) => "keys_handed",
        Say::KeysTaken(_) => "keys_taken",
        Say::SameCaseAsked(_) => "same_case_asked",
        Say::SameCaseEvaluated(_) => "same_case_evaluated",
        Say::SameCaseMarked(_) => "same_case_marked",
        Say::SameCaseAnswered(_) => "same_case_answered",
    }
}

/// Every field of every message that passes between offices, as the contract says it now.
fn fields() -> String {
    let files = ["holder", "roll", "entry", "link", "enrolment", "receipt", "export"];
    let files = files.map(|name| format!("terrace/v1/{name}.proto"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let compiled = protox::compile(files, [folder]).unwrap();
    let mut lines = Vec::new();
    for message in compiled.file.iter().flat_map(|file| &file.message_type) {
        for field in &message.field {
            let kind = field.type_name.clone().unwrap_or_default();
            let repeated = if field.label() as i32 == 3 { "repeated " } else { "" };
            let (name, number) = (field.name(), field.number());
            let what = format!("{repeated}{:?} {kind}", field.r#type());
            lines.push(format!("{}.{name} {number} {}", message.name(), what.trim_end()));
        }
    }
    for choice in compiled.file.iter().flat_map(|file| &file.enum_type) {
        lines.extend(
            choice
                .value
                .iter()
                .map(|value| format!("{}.{} {}", choice.name(), value.name(), value.number())),
        );
    }
    lines.join("\n") + "\n"
}

/// Holds what is made now against what is frozen: every line there must be here, letter by letter.
fn is_what_it_was(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let frozen = std::fs::read_to_string(&path).unwrap_or_default();
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let made: BTreeMap<String, &str> = now.lines().map(|line| (name(line), line)).collect();
    for line in frozen.lines() {
        let now = made.get(&name(line)).copied();
        assert_eq!(now, Some(line), "wire version 1 is frozen ({file})");
    }
    let known: BTreeSet<String> = frozen.lines().map(name).collect();
    let more: Vec<&str> = now.lines().filter(|line| !known.contains(&name(line))).collect();
    if std::env::var_os("TERRACE_WRITE_VECTORS").is_some() {
        let added: String = more.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, frozen + &added).unwrap();
    } else {
        assert!(more.is_empty(), "not frozen yet, run with TERRACE_WRITE_VECTORS=1: {more:?}");
    }
}

#[test]
fn bytes_of_wire_version_1_are_what_they_were() {
    is_what_it_was("wire-1.txt", &vectors());
}

#[test]
fn fields_of_wire_version_1_are_what_they_were() {
    is_what_it_was("wire-1-fields.txt", &fields());
}

#[test]
fn header_of_wire_version_0_is_refused_with_a_word() {
    let bytes = entries()[0].header_bytes().to_vec();
    // Field 1 is the format; version 0 did not write it.
    assert_eq!(bytes[..2], [0x08, 0x01]);
    let error = Entry::read(bytes[2..].to_vec(), None).unwrap_err().to_string();
    assert!(error.contains("wire version 0"), "{error}");
    let later = [&[0x08, 0x02], &bytes[2..]].concat();
    let error = Entry::read(later, None).unwrap_err().to_string();
    assert!(error.contains("newer than 1"), "{error}");
}

#[test]
fn vector_headers_read_back_as_they_were_written() {
    for entry in entries() {
        let again = Entry::of_parts(entry.clone().into_parts()).unwrap();
        assert_eq!(again, entry);
        assert_eq!(again.header().encode(), entry.header_bytes());
    }
}
