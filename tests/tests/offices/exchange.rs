//! Records of the national system, out of real offices and into others: what is written, what is read, what is never
//! taken over, and what both ends say of it. All words are made up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use terrace_node::exchange::bookmark::{Bookmark, BookmarkError};
use terrace_node::exchange::{Format, Order, WriteError, Written, write};
use terrace_node::export::Unwatched as Unseen;
use terrace_node::folder::Folder;
use terrace_node::intake::import::{Import, Options, Summary};
use terrace_node::intake::map::Map;
use terrace_node::intake::progress::Unwatched;
use terrace_node::store::Store;
use terrace_node::surroundings::Clock as _;
use terrace_proto::entry::Content;
use terrace_proto::exchange::{Field, Forbidden};
use terrace_proto::wire::{self, IntakeRegistered};
use terrace_tests::line::{Line, code};
use terrace_tests::offices::{self, Office, binary};
use terrace_tests::taker::Taker;

const FORMATS: [(&str, &str); 3] = [("a.csv", "csv"), ("gb.csv", "gb18030"), ("a.xlsx", "xlsx")];
/// A file as another program might write it: forbidden columns, people, dates without an hour.
const HEADER: &str =
    "xfjid,xfjbh,xzqh,djsj,xfrq,xfxs,xfrs,gkxx,tsnr,nrfldm,wtsddm,xm,zjlx,yybz,民族,ZZMM,tsry";
const ROWS: [&str; 3] = [
    "N1,41-1,410221,2026/03/02 09:05:00,2026/03/01 10:00:00,来访,3,路灯,\"坏了,\"\"两个月\"\"\n请修\",030000,410221,甲某,111,0,汉,,",
    "N2,41-2,410221,2026/03/02 09:06:00,2026/03/01 10:00:00,来信,1,=低保,𠮷村 _x0041_ 无答复,110000,410221,,,1,,群众,1",
    "N3,41-3,410222,2025/12/31 09:06:00,2025/12/30 10:00:00,网上投诉,1,校车,线路太少,060000,410222,,,,,,",
];

struct Scratch(TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, lines: &[&str]) -> PathBuf {
        std::fs::write(self.path(name), lines.join("\r\n") + "\r\n").unwrap();
        self.path(name)
    }

    /// A running office that nobody is above.
    async fn office(&self, division: &str) -> Office {
        let node = binary("terrace-node").unwrap();
        let data = self.path(division);
        let folder = data.to_string_lossy();
        let database = offices::as_asked(division);
        let mut init = vec!["init", "--data", &folder, "--division", division];
        init.extend(database.iter().flat_map(|address| ["--database", address]));
        offices::command(&node, &init).await.unwrap();
        Office::start(&node, &data).await.unwrap()
    }

    /// What the file says, as the built-in map reads it.
    async fn read(&self, file: &Path) -> BTreeMap<String, IntakeRegistered> {
        let (taker, _) = self.taken(file).await;
        let intakes = taker.taken.into_iter().map(|(source, one)| {
            let intake = one.intake.unwrap_or_default();
            (source, IntakeRegistered { provenance: None, ..intake })
        });
        intakes.collect()
    }

    async fn taken(&self, file: &Path) -> (Taker, Summary) {
        let folder = Folder::at(&self.path("nobody"));
        let mut taker = Taker::default();
        let mut import = Import::open(file, Map::national(), &folder, Options::default()).unwrap();
        let summary = import.run(&mut taker, None, &mut Unwatched).await.unwrap();
        (taker, summary)
    }
}

/// Runs a command; gives its exit code and what it printed.
async fn node(arguments: &[&str]) -> (i32, String) {
    let mut command = tokio::process::Command::new(binary("terrace-node").unwrap());
    let output = command.args(arguments).output().await.unwrap();
    let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), told.concat())
}

fn last_line(told: &str) -> Value {
    serde_json::from_str(told.lines().last().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_go_through_two_running_offices_in_every_format_and_stay_the_same() {
    let scratch = Scratch::new();
    let first = scratch.office("410221").await;
    let given = scratch.put("given.csv", &[&[HEADER][..], &ROWS].concat());
    let (given, data) =
        (given.to_string_lossy().into_owned(), first.folder.path().display().to_string());
    let import = ["import", &given, "--map", "national", "--data", &data, "--json"];
    let (exit, told) = node(&import).await;
    let summary = last_line(&told);
    assert_eq!((exit, &summary["new"], &summary["dropped"]), (0, &json!(3), &json!(5)), "{told}");
    assert_eq!(summary["dropped_columns"], json!(["yybz", "民族", "ZZMM", "tsry"]));
    let mut read = Vec::new();
    for (name, format) in FORMATS {
        let file = scratch.path(name).display().to_string();
        let (exit, told) =
            node(&["exchange", "write", &file, "--format", format, "--data", &data]).await;
        assert_eq!(exit, 0, "{told}");
        let totals = format!("{file}.totals.json");
        let (exit, told) = node(&["exchange", "check", &file, "--totals", &totals, "--json"]).await;
        let summary = last_line(&told);
        assert_eq!(
            (exit, &summary["well"], &summary["same"]),
            (0, &json!(3), &json!(true)),
            "{told}"
        );
        let total: Value = serde_json::from_slice(&std::fs::read(&totals).unwrap()).unwrap();
        read.push((total["digest"].clone(), scratch.read(Path::new(&file)).await));
    }
    assert!(read.windows(2).all(|pair| pair[0] == pair[1]), "{read:#?}");
    let as_given = scratch.read(Path::new(&given)).await;
    assert_eq!(read[0].1, as_given, "ids, words, places and hours are those that came");

    // Into another office out of the workbook, and out again.
    let second = scratch.office("410222").await;
    let data = second.folder.path().display().to_string();
    let sheet = scratch.path("a.xlsx").display().to_string();
    let (exit, told) =
        node(&["import", &sheet, "--map", "national", "--data", &data, "--json"]).await;
    assert_eq!((exit, &last_line(&told)["new"]), (0, &json!(3)), "{told}");
    let again = scratch.path("again.csv").display().to_string();
    assert_eq!(node(&["exchange", "write", &again, "--data", &data]).await.0, 0);
    assert_eq!(scratch.read(Path::new(&again)).await, as_given);
    first.stop().await.unwrap();
    second.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_forbidden_and_nobody_is_written() {
    let scratch = Scratch::new();
    let office = scratch.office("410221").await;
    let given = scratch.put("given.csv", &[&[HEADER][..], &ROWS].concat());
    let (given, data) = (given.display().to_string(), office.folder.path().display().to_string());
    assert_eq!(node(&["import", &given, "--map", "national", "--data", &data]).await.0, 0);
    let named = [
        "case",
        "register",
        "--title",
        "井盖",
        "--text",
        "缺失",
        "--name",
        "乙某某",
        "--phone",
        "13800000000",
        "--data",
        &data,
    ];
    let (exit, told) = node(&named).await;
    assert_eq!(exit, 0, "{told}");
    let file = scratch.path("a.csv");
    let path = file.display().to_string();
    assert_eq!(node(&["exchange", "write", &path, "--data", &data]).await.0, 0);
    let written = std::fs::read_to_string(&file).unwrap();
    let header: Vec<&str> = written.lines().next().unwrap().split(',').collect();
    assert!(header.iter().copied().eq(Field::all().map(Field::code)));
    assert!(header.iter().all(|heading| Forbidden::of(heading).is_none()), "{header:?}");
    assert!(written.contains("井盖") && written.contains("路灯"));
    for of_person in ["甲某", "乙某某", "13800000000", "群众"] {
        assert!(!written.contains(of_person), "{of_person}");
    }
    office.stop().await.unwrap();
}

#[tokio::test]
async fn wrong_rows_are_named_by_row_and_field_and_kept_as_they_were() {
    let scratch = Scratch::new();
    let wrong = "N4,,41022,昨天,2026/03/01 10:00:00,来信,两,照明,坏了,30000,410221,,身份证,0,,,";
    let place = "N5,41-5,410000101000,2026/03/02 09:06:00,,来信,1,照明,坏了,,,,,,,,";
    let file = scratch.put("a.csv", &[HEADER, ROWS[0], wrong, place, ROWS[1]]);
    let path = file.display().to_string();
    let (exit, told) = node(&["exchange", "check", &path]).await;
    assert_eq!(exit, 6, "{told}");
    let line = told.lines().find(|line| line.contains("row 4:")).unwrap();
    for field in ["xfjbh ", "xzqh ", "djsj ", "xfrs ", "nrfldm ", "zjlx "] {
        assert!(line.contains(field), "{field}: {line}");
    }
    assert!(told.contains("row 5: xzqh"), "{told}");
    assert!(told.contains("读取 read 4 = 合格 well 2 + 退回 rejected 2"), "{told}");
    assert!(
        told.contains("扬言标志 threat flag; 3 格") && told.contains("民族 ethnicity; 1 格"),
        "{told}"
    );
    let kept = std::fs::read_to_string(scratch.path("a.rejects.csv")).unwrap();
    assert!(
        kept.contains(&format!(",{wrong}\r\n")) && kept.contains(&format!(",{place}\r\n")),
        "{kept}"
    );

    // Mended, the rejects are a file like any other.
    let mended =
        kept.replace(wrong, &ROWS[2].replace("N3", "N4")).replace("410000101000", "410223");
    std::fs::write(scratch.path("mended.csv"), mended).unwrap();
    let mended = scratch.path("mended.csv").display().to_string();
    let (exit, told) = node(&["exchange", "check", &mended]).await;
    assert_eq!(exit, 0, "{told}");
    for (header, word) in
        [("xfjid,xfjbh,xzqh", "djsj"), ("xfjbh,信访件编号,xzqh,djsj", "both xfjbh")]
    {
        let file = scratch.put("b.csv", &[header, "1,2,3,4"]).display().to_string();
        let (exit, told) = node(&["exchange", "check", &file]).await;
        assert!(exit == 1 && told.contains(word), "{exit} {told}");
    }
}

const OFFICES: [&str; 6] = ["00", "41", "4102", "410221", "410222", "410221101"];

fn order<'a>(line: &Line, office: &str, path: &'a Path, since: Option<&Path>) -> Order<'a> {
    let since = since.map(|path| Bookmark::read(path).unwrap());
    Order { office: code(office), at: line.clock.now(), path, format: Format::Csv, since }
}

async fn written(line: &mut Line, office: &str, path: &Path, since: Option<&Path>) -> Written {
    let order = order(line, office, path, since);
    let store: Arc<dyn Store> = line.at(office).archive.store().clone();
    write(&store, order, &mut Unseen).await.unwrap()
}

#[tokio::test]
async fn the_second_run_writes_only_what_changed() {
    let scratch = Scratch::new();
    let mut line = Line::new(&OFFICES).await;
    let quiet = line.register("410221101").await;
    let moved = line.register("410221101").await;
    line.climb().await;
    let path = scratch.path("a.csv");
    let all = written(&mut line, "410221", &path, None).await;
    assert_eq!((all.totals.rows(), all.unchanged), (2, 0));
    let nothing = written(&mut line, "410221", &path, Some(&all.bookmark_file)).await;
    assert_eq!((nothing.totals.rows(), nothing.unchanged), (0, 2));

    line.hop(moved, "410221101", "410221", None).await;
    let fresh = line.register("410221101").await;
    line.climb().await;
    let some = written(&mut line, "410221", &path, Some(&nothing.bookmark_file)).await;
    assert_eq!((some.totals.rows(), some.unchanged), (2, 1));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(&moved.to_string()) && text.contains(&fresh.to_string()));
    assert!(!text.contains(&quiet.to_string()));
    let totals: Value = serde_json::from_slice(&std::fs::read(&some.totals_file).unwrap()).unwrap();
    assert_eq!((&totals["incremental"], &totals["rows"]), (&json!(true), &json!(2)));
    assert_eq!(
        totals["parts"][0],
        json!({"division": "410221101000", "name": "五里河镇", "year": 2026, "rows": 2})
    );
}

#[tokio::test]
async fn entries_that_came_singly_from_another_branch_are_known_again() {
    let scratch = Scratch::new();
    let mut line = Line::new(&OFFICES).await;
    let path = scratch.path("a.csv");
    let case = line.register("410221101").await;
    line.hop(case, "410221101", "4102", None).await;
    line.climb().await;
    line.step(case, "4102", Content::Received(wire::Received::default())).await;
    line.hop(case, "4102", "410222", None).await;
    line.sink().await;
    let all = written(&mut line, "410222", &path, None).await;
    assert_eq!(
        (all.totals.rows(), all.waiting),
        (1, 0),
        "the case of the other county is held here"
    );
    let nothing = written(&mut line, "410222", &path, Some(&all.bookmark_file)).await;
    assert_eq!((nothing.totals.rows(), nothing.unchanged), (0, 1));
    line.step(case, "410222", Content::Received(wire::Received::default())).await;
    line.hop(case, "410222", "4102", None).await;
    line.climb().await;
    let own = written(&mut line, "410222", &path, Some(&nothing.bookmark_file)).await;
    assert_eq!((own.totals.rows(), own.unchanged), (1, 0));
    line.step(case, "4102", Content::Received(wire::Received::default())).await;
    line.sink().await;
    let one = written(&mut line, "410222", &path, Some(&own.bookmark_file)).await;
    assert_eq!((one.totals.rows(), one.unchanged), (1, 0));
}

#[tokio::test]
async fn a_bookmark_of_another_office_or_another_history_is_refused() {
    let scratch = Scratch::new();
    let mut line = Line::new(&OFFICES).await;
    line.register("410221101").await;
    line.climb().await;
    let path = scratch.path("a.csv");
    let all = written(&mut line, "410221", &path, None).await;
    let before = std::fs::read(&path).unwrap();
    let spoilt = scratch.path("spoilt.json");
    let text = std::fs::read_to_string(&all.bookmark_file).unwrap();
    let at = text.find("\"root\": \"").unwrap() + "\"root\": \"".len();
    let digit = if &text[at..=at] == "0" { "1" } else { "0" };
    std::fs::write(&spoilt, format!("{}{digit}{}", &text[..at], &text[at + 1..])).unwrap();
    for (office, bookmark, other_office) in
        [("410222", &all.bookmark_file, true), ("410221", &spoilt, false)]
    {
        let order = order(&line, office, &path, Some(bookmark));
        let store: Arc<dyn Store> = line.at(office).archive.store().clone();
        let refused = write(&store, order, &mut Unseen).await.unwrap_err();
        let WriteError::Bookmark(why) = refused else { panic!("{refused}") };
        assert_eq!(matches!(why, BookmarkError::Office { .. }), other_office, "{why}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before, "the file is what it was");
}

#[tokio::test]
async fn totals_that_do_not_agree_are_said() {
    let scratch = Scratch::new();
    let mut line = Line::new(&OFFICES).await;
    line.register("410221101").await;
    line.register("410221").await;
    line.climb().await;
    let path = scratch.path("a.csv");
    let all = written(&mut line, "410221", &path, None).await;
    let (file, totals) = (path.display().to_string(), all.totals_file.display().to_string());
    let (exit, told) = node(&["exchange", "check", &file, "--totals", &totals]).await;
    assert!(exit == 0 && told.contains("it agrees with its totals"), "{told}");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("路灯", "路面")).unwrap();
    let (exit, told) = node(&["exchange", "check", &file, "--totals", &totals]).await;
    assert!(exit == 6 && told.contains("not those the totals were made of"), "{told}");
    let lost: Vec<&str> = text.lines().take(2).collect();
    scratch.put("a.csv", &lost);
    let (exit, told) = node(&["exchange", "check", &file, "--totals", &totals]).await;
    assert!(exit == 6 && told.contains("2026: 应有 declared 1, 实有 found 0"), "{told}");
    std::fs::write(&totals, "{}").unwrap();
    let (exit, told) = node(&["exchange", "check", &file, "--totals", &totals]).await;
    assert!(exit == 1 && told.contains("totals.json"), "{told}");
}
