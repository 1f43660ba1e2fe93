//! Records of the past are taken over: once, whole, counted by office and year, and without a clock.

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use terrace_node::desk::Registration;
use terrace_node::store::{CaseRecord, Wanted};
use terrace_proto::case::number::NumberError;
use terrace_proto::case::{Case, CaseNumber, Past, State};
use terrace_proto::digest::CaseId;
use terrace_proto::division::Tree;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind};
use terrace_proto::figure::measured::measured;
use terrace_proto::wire;
use terrace_tests::legacy::{self, FAULTS, Written};
use terrace_tests::line::Line;
use terrace_tests::offices::{as_asked, binary, command};
use tokio::process::Command;

/// Rows of a file that is brought whole.
const ROWS: u64 = 12_000;

/// A stopped office with its folder, and a file to bring.
struct Stage {
    _scratch: tempfile::TempDir,
    file: PathBuf,
    data: String,
    written: Written,
}

async fn stage(rows: u64) -> Stage {
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("rows.csv");
    let mut out = BufWriter::new(std::fs::File::create(&file).unwrap());
    let written = legacy::write(&mut out, rows, 7).unwrap();
    out.flush().unwrap();
    let data = scratch.path().join("office").to_string_lossy().into_owned();
    let node = binary("terrace-node").unwrap();
    let mut init = vec!["init", "--data", &data, "--division", "41"];
    let database = as_asked("41");
    init.extend(database.iter().flat_map(|address| ["--database", address]));
    command(&node, &init).await.unwrap();
    Stage { _scratch: scratch, file, data, written }
}

impl Stage {
    /// What the importer says, and its exit code.
    async fn bring(&self, more: &[&str]) -> (Value, i32) {
        let mut import = Command::new(binary("terrace-node").unwrap());
        import.arg("import").arg(&self.file).args(["--map", "national-past", "--json", "--data"]);
        import.arg(&self.data).args(more).stdin(Stdio::null());
        let output = import.output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let summary = serde_json::from_slice(&output.stdout);
        (summary.unwrap_or_else(|_| panic!("{said}")), output.status.code().unwrap())
    }

    async fn command(&self, arguments: &[&str]) -> String {
        let all = [arguments, &["--data", &self.data]].concat();
        command(&binary("terrace-node").unwrap(), &all).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_taken_over_or_kept_with_its_reason_however_often_it_is_brought() {
    let stage = stage(ROWS).await;
    let faulty = stage.written.faults();
    assert!(stage.written.faulty.iter().all(|count| *count > 0), "{FAULTS:?} each at least once");
    // In two pieces, as if it had been interrupted.
    let (first, code) = stage.bring(&["--limit", "5000"]).await;
    assert_eq!((&first["read"], &first["finished"], code), (&5_000.into(), &json!(false), 4));
    let (summary, code) = stage.bring(&[]).await;
    assert_eq!(code, 4);
    assert_eq!(summary["read"], ROWS);
    assert_eq!(summary["rejected"], faulty);
    assert_eq!(summary["accepted"], ROWS - faulty);
    assert_eq!(summary["known"], stage.written.twice);
    let sum = |of: &str| -> u64 {
        summary["years"].as_array().unwrap().iter().map(|year| year[of].as_u64().unwrap()).sum()
    };
    assert_eq!(sum("accepted"), ROWS - faulty);
    assert_eq!(sum("rejected") + summary["unplaced"]["rejected"].as_u64().unwrap(), faulty);
    let rejects = std::fs::read(stage.file.with_extension("rejects.csv")).unwrap();
    let reasons = String::from_utf8_lossy(&rejects);
    for word in [
        "it holds bytes",
        "quote closes",
        "expected 59 fields",
        "NUL",
        "neither title nor text",
        "飞鸽传书",
        "41x225",
        "990000",
        "persons",
        "2014/02/30",
        "1949-10-01",
    ] {
        assert!(reasons.contains(word), "{word}");
    }
    // Everything of it is known, and the rejects are rejected again.
    let (again, code) = stage.bring(&[]).await;
    assert_eq!((&again["new"], &again["rejected"], code), (&0.into(), &faulty.into(), 4));
    let found = stage.command(&["audit", "verify"]).await;
    assert!(found.contains(&format!("{}", ROWS - faulty - stage.written.twice)), "{found}");
    let list = stage.command(&["case", "list", "--json"]).await;
    let list: Value = serde_json::from_str(&list).unwrap();
    let numbers = list["cases"].as_array().unwrap().iter().filter_map(|one| one["number"].as_str());
    let former = numbers.into_iter().find(|number| !number.contains('-')).unwrap();
    let shown = stage.command(&["case", "show", former, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["number"], &shown["state"]), (&json!(former), &json!("closed")));
    let status: Value = serde_json::from_str(&stage.command(&["status", "--json"]).await).unwrap();
    assert_eq!(status["cases"], ROWS - faulty - stage.written.twice);
    assert_eq!(status["overdue"].as_u64().unwrap_or(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_is_held_against_what_was_handed_over() {
    let stage = stage(400).await;
    let totals = stage.file.with_extension("totals.json");
    std::fs::write(&totals, stage.written.totals().to_string()).unwrap();
    let path = totals.to_string_lossy().into_owned();
    let (summary, code) = stage.bring(&["--totals", &path]).await;
    assert_eq!((&summary["totals"]["agrees"], code), (&json!(true), 4), "{summary}");
    // One record fewer than was handed over.
    let mut more = stage.written.clone();
    let first = *more.parts.keys().next().unwrap();
    *more.parts.get_mut(&first).unwrap() += 1;
    more.rows += 1;
    std::fs::write(&totals, more.totals().to_string()).unwrap();
    let (summary, code) = stage.bring(&["--totals", &path]).await;
    assert_eq!((&summary["totals"]["agrees"], code), (&json!(false), 6), "{summary}");
    let differences = summary["totals"]["differences"].as_array().unwrap();
    let missing = differences.iter().find(|one| one["division"] == first.0.to_string()).unwrap();
    assert_eq!(missing["year"], first.1);
}

/// What real exports hold besides: ids that two systems gave, places that are no more, offices and days that nobody wrote
/// down, reports among petitions, and headings and days as people write them.
#[tokio::test(flavor = "multi_thread")]
async fn what_only_looks_known_or_out_of_place_is_told_apart() {
    let stage = stage(0).await;
    let rows = [
        "XFJID,xfjbh,xzqh,djsj,信访日期,xfxs,xfrs,gkxx,tsnr,nrfldm,wtsddm,bjbz,xfmddm",
        "1,A1,410225,2009/5/6,2009/05/06,来信,1,路灯,（虚构）路灯不亮,030800,410224,1,",
        "1,B1,410311,2012/01/02,2012/01/02,来信,1,井盖,（虚构）井盖缺失,030800,410311,1,",
        "2,A2,,2010/1/2,2010/01/02 09:00:00,来信,1,路灯,（虚构）路灯不亮,030800,,1,",
        "3,A3,410225,,,来信,1,路灯,（虚构）路灯不亮,030800,,1,",
        "4,A4,410225,2011/03/12,2011/03/12,来信,1,某事,（虚构）某事,080100,,1,揭发控告",
        "1,A1,410225,2009/5/6,2009/05/06,来信,1,路灯,（虚构）路灯不亮,030800,410224,1,",
        "5,A5,410225,2013/1/1,2013/01/01,来信,1,路灯,（虚构）路灯不亮,030800,,0,",
        "5,B5,410225,2013/1/1,2013/01/01,来信,1,水,（虚构）停水,030800,,0,",
    ];
    std::fs::write(&stage.file, rows.join("\n") + "\n").unwrap();
    let totals = stage.file.with_extension("totals.json");
    let parts =
        [("410225", 2008, 1), ("410225", 2009, 2), ("410225", 2010, 1), ("410225", 2011, 1)];
    let parts = parts.into_iter().chain([("410225", 2013, 2), ("410311", 2012, 1)]);
    let parts = parts.map(|(division, year, rows)| ((division.parse().unwrap(), year), rows));
    let declared = Written { parts: parts.collect(), rows: 8, ..stage.written.clone() }.totals();
    std::fs::write(&totals, declared.to_string()).unwrap();
    let path = totals.to_string_lossy().into_owned();
    let (summary, code) = stage.bring(&["--totals", &path]).await;
    let counts = ["read", "new", "known", "rejected"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!((counts, code), ([8, 4, 1, 3], 4), "{summary}");
    assert_eq!(summary["unplaced"], json!({ "accepted": 2, "rejected": 0 }));
    assert_eq!(summary["totals"]["agrees"], json!(true), "{summary}");
    let rejects = std::fs::read_to_string(stage.file.with_extension("rejects.csv")).unwrap();
    for (line, why) in [(3, "with the number A1"), (6, "is sealed"), (9, "with the number A5")] {
        let row = rejects.lines().find(|row| row.starts_with(&format!("{line},")));
        assert!(row.is_some_and(|row| row.contains(why)), "{line} {why}: {rejects}");
    }
    let shown: Value =
        serde_json::from_str(&stage.command(&["case", "show", "A1", "--json"]).await).unwrap();
    assert!(shown.to_string().contains("路灯不亮"), "the first of the two is held: {shown}");
    // What is written out again is what its own check takes, of the year in which it came.
    let out = stage.file.with_extension("again.csv");
    let out = out.to_string_lossy().into_owned();
    stage.command(&["exchange", "write", &out]).await;
    let checked = Command::new(binary("terrace-node").unwrap())
        .args(["exchange", "check", &out, "--json"])
        .output()
        .await
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(
        written.lines().any(|row| row.contains("A2") && row.contains("2010/01/02")),
        "{written}"
    );
}

fn past(number: &str) -> Registration {
    let intake = wire::IntakeRegistered {
        channel: "LET".into(),
        title: "路灯".into(),
        text: "（虚构）路灯不亮".into(),
        source: format!("old:{number}"),
        persons: 1,
        provenance: Some(wire::Provenance {
            system: "old".into(),
            file: vec![7; 32],
            line: 2,
            legacy: true,
            number: number.into(),
            registrar: 410_225_000_000,
            registered_at: 1_400_000_000_000,
        }),
        ..wire::IntakeRegistered::default()
    };
    let past =
        wire::PastTakenOver { outcome: "已答复".into(), ..wire::PastTakenOver::default() };
    Registration {
        intake,
        received_on: None,
        past: Some(Box::new(past)),
        identity: None,
        coded: false,
    }
}

async fn take_over(line: &mut Line, at: &str, numbers: &[&str]) -> Vec<CaseId> {
    let registrations = numbers.iter().map(|number| past(number)).collect();
    let (registered, _) = line.desk(at).register(&Hand::default(), registrations).await.unwrap();
    registered.into_iter().map(|one| one.case).collect()
}

#[tokio::test]
async fn a_record_folded_by_itself_is_what_its_case_folds_to_here_and_above() {
    let mut line = Line::new(&["00", "41", "4113", "411322"]).await;
    let cases = take_over(&mut line, "411322", &["410225201400001", "", "3"]).await;
    line.climb().await;
    for at in ["411322", "4113", "41"] {
        let store = line.at(at).archive.store().clone();
        let mut records = store.cases(&cases).await.unwrap();
        records.sort_by_key(|record| record.row);
        assert_eq!(records.len(), 3, "{at}");
        for record in records {
            let case = Case::read(record.id, &record.facts, Tree::national()).unwrap();
            let full = CaseRecord { row: record.row, ..CaseRecord::of(&case) };
            assert_eq!(record, full, "{at}");
            assert_eq!(case.leading().unwrap().state(), State::Closed);
            assert!(
                case.clocks().is_empty() && measured(&case).is_empty() && case.aside().is_empty()
            );
            assert!(!record.open && record.due_on.is_none());
        }
        let found = line.desk(at).find("410225201400001").await.unwrap();
        assert_eq!(found, cases[0], "{at}: it is found by the number it had");
    }
}

#[tokio::test]
async fn what_is_no_plain_record_is_left_to_the_fold() {
    let mut line = Line::new(&["00", "41", "4113"]).await;
    let case = take_over(&mut line, "4113", &["1"]).await[0];
    let store = line.at("4113").archive.store().clone();
    let fact = line.case("4113", case).await.facts().values().next().unwrap().header().clone();
    let stored = store.entries_at(&[fact.id()]).await.unwrap().pop().unwrap();
    let entry = stored.into_entry().unwrap();
    assert!(Past::of(&entry).is_some());
    let write = |change: &dyn Fn(&mut terrace_proto::entry::Header)| {
        let mut header = fact.clone();
        change(&mut header);
        terrace_proto::entry::Entry::write(header, entry.content().unwrap(), [1; 16])
    };
    let stranger = write(&|header| header.journal.author = "41".parse().unwrap());
    let elsewhere = write(&|header| header.case = Some(CaseId([9; 16])));
    let wider = write(&|header| header.audience_added.push("41".parse().unwrap()));
    let newer = write(&|header| header.schema = 99);
    let other = write(&|header| header.kind = Kind::CaseOpened);
    for entry in [stranger, elsewhere, wider, newer, other] {
        assert!(Past::of(&entry).is_none(), "{:?}", entry.header());
    }
}

#[tokio::test]
async fn a_record_of_the_past_can_be_taken_up_again_from_above() {
    let mut line = Line::new(&["00", "41", "4113"]).await;
    let case = take_over(&mut line, "4113", &["1"]).await[0];
    line.climb().await;
    let content = Content::TakenUp(wire::TakenUp {
        ground: 4,
        reason: "原处理结果确有错误".into(),
        ..wire::TakenUp::default()
    });
    let hand = Hand::default();
    line.desk("41").open(case, &hand, content).await.unwrap();
    let taken = line.case("41", case).await;
    assert_eq!(taken.leading().unwrap().state(), State::Triaged);
    assert_eq!(taken.called().as_deref(), Some("1"));
}

#[tokio::test]
async fn a_record_that_was_not_done_is_found_by_either_of_its_numbers() {
    let mut line = Line::new(&["00", "41", "4113"]).await;
    let mut undone = past("410225201400009");
    undone.past = None;
    // As if another office had numbered it as we do, with a slip of the pen.
    let ours = CaseNumber::new("41".parse().unwrap(), 2026, 1, 1).unwrap().to_string();
    let like_ours = (0..10)
        .map(|digit| format!("{}{digit}", &ours[..ours.len() - 1]))
        .find(|one| matches!(one.parse::<CaseNumber>(), Err(NumberError::CheckDigit { .. })));
    let like_ours = like_ours.expect("one digit of ten is right");
    let slip = take_over(&mut line, "4113", &[&like_ours]).await[0];
    assert_eq!(line.desk("4113").find(&like_ours).await.unwrap(), slip);
    let registrations = vec![undone];
    let (registered, _) =
        line.desk("4113").register(&Hand::default(), registrations).await.unwrap();
    let (case, number) = (registered[0].case, registered[0].number.clone());
    line.climb().await;
    for at in ["4113", "41"] {
        for called in [number.as_str(), "410225201400009"] {
            assert_eq!(line.desk(at).find(called).await.unwrap(), case, "{at} {called}");
        }
        let held = line.case(at, case).await;
        assert_eq!(held.called().as_deref(), Some(number.as_str()));
        assert_eq!(held.former_number(), Some("410225201400009"));
        assert!(held.clocks().is_empty());
        let wanted = Wanted { number: Some("41022520140".into()), ..Wanted::default() };
        let store = line.at(at).archive.store().clone();
        let found = store.cases_wanted(&wanted, u64::MAX, 9).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [case], "{at}");
    }
}

/// Two exports overlap: what both hold begins somewhere in the second.
#[tokio::test(flavor = "multi_thread")]
async fn records_that_are_known_from_somewhere_on_in_a_command_are_taken_over_once() {
    let mut line = Line::new(&["00", "41"]).await;
    let records = |from: u32, to: u32| (from..to).map(|n| past(&n.to_string())).collect::<Vec<_>>();
    line.desk("41").register(&Hand::default(), records(5_000, 5_100)).await.unwrap();
    let hand = Hand::default();
    let refused = line.desk("41").register(&hand, records(0, 9_000)).await;
    assert!(refused.is_err(), "its first records are new, and so it takes the others for new");
    let (again, _) = line.desk("41").register(&hand, records(0, 9_000)).await.unwrap();
    assert_eq!(again.len(), 9_000);
    assert!(again[0].known && again[5_050].known && !again[8_999].known);
    let store = line.at("41").archive.store().clone();
    assert_eq!(store.tally().await.unwrap().cases, 9_000);
}

#[tokio::test]
async fn a_record_without_words_or_with_a_registrar_that_is_none_is_refused() {
    let mut line = Line::new(&["00", "41"]).await;
    let mut wrong = past("1");
    wrong.intake.provenance.as_mut().unwrap().registrar = 99;
    let mut mute = past("2");
    (mute.intake.title, mute.intake.text) = (String::new(), String::new());
    let mut long = past("3");
    long.intake.provenance.as_mut().unwrap().number = "9".repeat(513);
    long.past = None;
    for registration in [wrong, mute, long] {
        let refused = line.desk("41").register(&Hand::default(), vec![registration]).await;
        assert!(refused.is_err());
    }
}
