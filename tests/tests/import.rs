//! Files brought into an office: what gets in, what is kept back, and what an interruption costs.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use terrace_node::folder::Folder;
use terrace_node::intake::encoding::Encoding;
use terrace_node::intake::import::{Import, ImportError, Options, Summary};
use terrace_node::intake::map::Map;
use terrace_node::intake::progress::{Progress, Standing, Unwatched};
use terrace_node::intake::sink::OfficeWindow;
use terrace_proto::wire::{IntakeRegistered, Provenance};
use terrace_tests::offices::{self, Office, binary};
use terrace_tests::skipped::skipped;
use terrace_tests::taker::Taker;
use terrace_tests::workbook::{Cell, workbook};

const MAP: &str = "system = \"s\"\nmode = \"live\"\n";
const COLUMNS: &str = "[columns]\nid = \"id\"\ntitle = \"title\"\nplace = \"place\"\n";

/// A scratch folder with a file to be brought, and the office's data folder.
struct Desk {
    scratch: TempDir,
    options: Options,
}

impl Desk {
    fn new() -> Self {
        let options = Options { patience: Duration::ZERO, batch: Some(3), ..Options::default() };
        Self { scratch: tempfile::tempdir().unwrap(), options }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn open(&self, name: &str, map: &str) -> Result<Import, ImportError> {
        let map = Map::parse(map, Path::new("map.toml"))?;
        let folder = Folder::at(&self.path("office"));
        Import::open(&self.path(name), map, &folder, self.options.clone())
    }

    async fn bring(&self, name: &str, map: &str, taker: &mut Taker) -> Result<Summary, String> {
        let mut import = self.open(name, map).map_err(|error| error.to_string())?;
        import.run(taker, None, &mut Unwatched).await.map_err(|error| error.to_string())
    }

    /// Brings a file that is to be refused whole; gives the reason.
    async fn refused(&self, name: &str, map: &str) -> String {
        let mut taker = Taker::default();
        let said = self.bring(name, map, &mut taker).await.unwrap_err();
        assert!(taker.taken.is_empty(), "nothing is read in of a file that is refused");
        assert!(said.contains(name), "{said}");
        said
    }

    /// Brings a file of which some rows are to be rejected; gives the rejects file.
    async fn rejects(&self, name: &str, map: &str, (read, rejected): (u64, u64)) -> String {
        let summary = self.bring(name, map, &mut Taker::default()).await.unwrap();
        assert_eq!((summary.read, summary.rejected), (read, rejected));
        String::from_utf8_lossy(&std::fs::read(summary.rejects.unwrap()).unwrap()).into_owned()
    }
}

fn map() -> String {
    format!("{MAP}{COLUMNS}")
}

fn gb_map() -> String {
    format!("{MAP}encoding = \"gb18030\"\n{COLUMNS}")
}

fn rows(range: std::ops::Range<usize>) -> String {
    range
        .map(|row| {
            json!({ "id": row.to_string(), "title": format!("第 {row} 件"), "place": "" })
                .to_string()
                + "\n"
        })
        .collect()
}

fn intake(taker: &Taker, source: &str) -> IntakeRegistered {
    taker.at(source).intake.clone().unwrap()
}

fn provenance(taker: &Taker, source: &str) -> Provenance {
    intake(taker, source).provenance.unwrap()
}

#[tokio::test]
async fn one_content_in_three_formats_makes_the_same_registrations() {
    let desk = Desk::new();
    desk.put("a.ndjson", "{\"id\":7,\"title\":\"路灯\",\"place\":\"410221\"}\n");
    desk.put("a.csv", "\u{feff}id,title,place\r\n7,路灯,410221\r\n");
    let header = ["id", "title", "place"].map(Cell::Text).to_vec();
    let row = vec![Cell::Number(7.0), Cell::Text("路灯"), Cell::Number(410_221.0)];
    desk.put("a.xlsx", workbook("甲", &[header, row], false));
    for (name, line) in [("a.ndjson", 1), ("a.csv", 2), ("a.xlsx", 2)] {
        let mut taker = Taker::default();
        let summary = desk.bring(name, &map(), &mut taker).await.unwrap();
        assert_eq!((summary.read, summary.new, summary.rejects), (1, 1, None), "{name}");
        let intake = intake(&taker, "s:7");
        assert_eq!((intake.title.as_str(), intake.place), ("路灯", 410_221_000_000), "{name}");
        assert_eq!(provenance(&taker, "s:7").line, line, "{name}");
    }
}

#[tokio::test]
async fn dates_of_a_workbook_are_dates_by_either_epoch() {
    let map = format!("{MAP}[columns]\ntitle = \"t\"\nid = \"t\"\nsubmitted_at = \"d\"\n");
    for (since_1904, days) in [(false, 45_356.5), (true, 43_894.5)] {
        let desk = Desk::new();
        let header = ["t", "d"].map(Cell::Text).to_vec();
        let row = vec![Cell::Text("x"), Cell::Date(days)];
        desk.put("a.xlsx", workbook("s", &[header, row], since_1904));
        let mut taker = Taker::default();
        desk.bring("a.xlsx", &map, &mut taker).await.unwrap();
        let hour = jiff::Timestamp::from_millisecond(intake(&taker, "s:x").submitted_at).unwrap();
        assert_eq!(hour.to_string(), "2024-03-05T04:00:00Z");
    }
}

#[tokio::test]
async fn empty_rows_of_a_sheet_are_no_rows_and_a_run_goes_on_behind_them() {
    let desk = Desk::new();
    let header = ["id", "title", "place"].map(Cell::Text).to_vec();
    let mut rows = vec![header, vec![Cell::Number(1.0), Cell::Text("a")]];
    rows.resize(9, Vec::new());
    rows.push(vec![Cell::Number(2.0), Cell::Text("b")]);
    let bytes = workbook("s", &rows, false);
    desk.put("a.xlsx", bytes);
    let mut taker = Taker { batches_left: Some(1), ..Taker::default() };
    let mut import = desk.open("a.xlsx", &map()).unwrap();
    assert_eq!(import.run(&mut taker, Some(1), &mut Unwatched).await.unwrap().next_line, 10);
    drop(import);
    taker.batches_left = None;
    let summary = desk.bring("a.xlsx", &map(), &mut taker).await.unwrap();
    assert_eq!((summary.new, summary.resumed_at_line), (2, Some(10)));
    assert_eq!(provenance(&taker, "s:2").line, 10);
}

#[tokio::test]
async fn a_file_brought_again_registers_nothing_new() {
    let desk = Desk::new();
    desk.put("a.ndjson", rows(0..10));
    let mut taker = Taker::default();
    assert_eq!(desk.bring("a.ndjson", &map(), &mut taker).await.unwrap().new, 10);
    let again = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap();
    assert_eq!((again.new, again.known, again.read), (0, 10, 10));
    assert_eq!(std::fs::read_dir(desk.path("office/imports")).unwrap().count(), 0);
}

#[tokio::test]
async fn two_rows_alike_without_an_id_are_two_however_often_they_are_brought() {
    let desk = Desk::new();
    desk.put("a.csv", "title\n灯\n灯\n路\n灯\n");
    let map = format!("{MAP}[columns]\ntitle = \"title\"\n");
    let mut taker = Taker { batches_left: Some(1), ..Taker::default() };
    assert!(desk.bring("a.csv", &map, &mut taker).await.is_err());
    taker.batches_left = None;
    let resumed = desk.bring("a.csv", &map, &mut taker).await.unwrap();
    assert_eq!((resumed.new, resumed.resumed_at_line), (4, Some(5)));
    assert_eq!(desk.bring("a.csv", &map, &mut taker).await.unwrap().known, 4);
    assert_eq!(taker.taken.len(), 4);
}

#[tokio::test]
async fn a_rejected_json_line_is_kept_as_it_was_and_mended_gets_in_once() {
    let desk = Desk::new();
    let bad = "{\"id\": \"2\",  \"title\":\"b\",\"place\":\"990000\"}";
    desk.put("a.ndjson", format!("{}{bad}\r\n{{broken\n{}", rows(1..2), rows(3..4)));
    let mut taker = Taker::default();
    let summary = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap();
    assert_eq!((summary.read, summary.accepted, summary.rejected), (4, 2, 2));
    let path = desk.path("a.rejects.ndjson");
    assert_eq!(summary.rejects.as_deref(), Some(path.as_path()));
    let kept = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = kept.split_inclusive('\n').collect();
    assert!(lines[0].starts_with("{\"_line\":2,\"_reason\":\"") && lines[0].contains("990000"));
    assert_eq!(lines[1], format!("{bad}\r\n"));
    assert!(lines[2].starts_with("{\"_line\":3,"), "{}", lines[2]);
    assert_eq!(lines[3], "{broken\n");
    let mended = kept.replace("990000", "410221").replace("{\"_line\":2,", "{ \"_line\": 2, ");
    desk.put("a.rejects.ndjson", mended);
    for (new, known) in [(1, 0), (0, 1)] {
        let again = desk.bring("a.rejects.ndjson", &map(), &mut taker).await.unwrap();
        assert_eq!((again.new, again.known, again.rejected), (new, known, 1));
    }
    assert_eq!(provenance(&taker, "s:2").line, 2);
    let still = std::fs::read_to_string(desk.path("a.rejects.rejects.ndjson")).unwrap();
    assert_eq!(still, lines[2..].concat(), "an unmended row is rejected again as it was");
}

#[tokio::test]
async fn a_rejected_record_is_kept_in_the_files_own_coding_and_mended_gets_in_once() {
    let desk = Desk::new();
    let text = "id,title,place\r\n1,甲,\r\n2,\"乙,\n\"\"𠮷\"\"\",990000\r\n3,丙,410221\r\n4,丁\r\n";
    desk.put("a.csv", Encoding::Gb18030.encode(text));
    let mut taker = Taker::default();
    let summary = desk.bring("a.csv", &gb_map(), &mut taker).await.unwrap();
    assert_eq!((summary.read, summary.accepted, summary.rejected), (4, 2, 2));
    let kept = std::fs::read(summary.rejects.unwrap()).unwrap();
    let kept = Encoding::Gb18030.decode(&kept).unwrap();
    assert!(kept.starts_with("_line,_reason,id,title,place\r\n3,"), "{kept}");
    assert!(kept.contains(",2,\"乙,\n\"\"𠮷\"\"\",990000\r\n6,"), "{kept}");
    assert!(kept.ends_with(",4,丁\r\n") && kept.contains("expected 3 fields"), "{kept}");
    desk.put(
        "m.csv",
        Encoding::Gb18030.encode(&kept.replace("990000,", "").replace("990000\r", "410221\r")),
    );
    for (new, known) in [(1, 0), (0, 1)] {
        let again = desk.bring("m.csv", &gb_map(), &mut taker).await.unwrap();
        assert_eq!((again.new, again.known, again.rejected), (new, known, 1));
    }
    assert_eq!(intake(&taker, "s:2").title, "乙,\n\"𠮷\"");
    assert_eq!(provenance(&taker, "s:2").line, 3);
    let still = std::fs::read(desk.path("m.rejects.csv")).unwrap();
    let still = Encoding::Gb18030.decode(&still).unwrap();
    assert!(still.starts_with("_line,_reason,id,title,place\r\n6,"), "{still}");
    assert!(still.ends_with(",4,丁\r\n"), "{still}");
}

#[tokio::test]
async fn rows_rejected_from_a_workbook_are_csv_and_come_back_through_the_same_map() {
    let desk = Desk::new();
    let header = ["id", "title", "place"].map(Cell::Text).to_vec();
    let row = vec![Cell::Number(7.0), Cell::Text("a, b"), Cell::Number(990_000.0)];
    desk.put("a.xlsx", workbook("s", &[header, row], false));
    let map = format!("{MAP}format = \"xlsx\"\nencoding = \"gb18030\"\nsheet = \"s\"\n{COLUMNS}");
    let kept = desk.rejects("a.xlsx", &map, (1, 1)).await;
    assert!(kept.starts_with("\u{feff}_line,_reason,id,title,place\r\n2,"), "{kept}");
    assert!(kept.ends_with(",7,\"a, b\",990000\r\n"), "{kept}");
    desk.put("a.rejects.csv", kept.replace(",990000\r", ",410221\r"));
    let mut taker = Taker::default();
    assert_eq!(desk.bring("a.rejects.csv", &map, &mut taker).await.unwrap().new, 1);
    assert_eq!(provenance(&taker, "s:7").line, 2);
}

#[tokio::test]
async fn a_rejects_file_saved_in_another_coding_is_refused() {
    let desk = Desk::new();
    desk.put("a.csv", Encoding::Gb18030.encode("id,title,place\n1,路灯,990000\n"));
    let kept = desk.bring("a.csv", &gb_map(), &mut Taker::default()).await.unwrap();
    let kept = std::fs::read(kept.rejects.unwrap()).unwrap();
    let text = Encoding::Gb18030.decode(&kept).unwrap();
    desk.put("m.csv", text.replace(",990000\n", ",\n"));
    assert!(desk.refused("m.csv", &gb_map()).await.contains("set encoding = \"utf-8\""));
}

#[tokio::test]
async fn rejects_never_go_into_the_file_itself() {
    let mut desk = Desk::new();
    desk.put("a.ndjson", rows(0..1));
    desk.options.rejects = Some(desk.path("./a.ndjson"));
    assert!(desk.refused("a.ndjson", &map()).await.contains("file itself"));
    assert_eq!(std::fs::read_to_string(desk.path("a.ndjson")).unwrap(), rows(0..1));
}

#[tokio::test]
async fn rejects_of_an_earlier_run_are_moved_aside_never_written_over() {
    let desk = Desk::new();
    desk.put("a.ndjson", "{broken\n");
    desk.put("a.rejects.ndjson", "half mended\n");
    desk.rejects("a.ndjson", &map(), (1, 1)).await;
    assert_eq!(std::fs::read_to_string(desk.path("a.rejects.ndjson~")).unwrap(), "half mended\n");
}

#[tokio::test]
async fn an_interrupted_import_goes_on_behind_its_last_durable_batch() {
    let desk = Desk::new();
    desk.put("a.ndjson", format!("{}{{broken\n{}{{worse\n{}", rows(0..4), rows(4..8), rows(8..12)));
    let mut taker = Taker { batches_left: Some(2), ..Taker::default() };
    let said = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap_err();
    assert!(said.contains("line 7"), "{said}");
    // What a killed import wrote behind its bookmark is cut off again.
    let rejects = desk.path("a.rejects.ndjson");
    let torn = [std::fs::read(&rejects).unwrap(), b"{\"_line\":10,\"_rea".repeat(99)].concat();
    std::fs::write(&rejects, torn).unwrap();
    taker.batches_left = None;
    let summary = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap();
    assert_eq!(summary.resumed_at_line, Some(7));
    assert_eq!((summary.read, summary.new, summary.rejected), (14, 12, 2));
    assert_eq!(taker.taken.len(), 12);
    let kept = std::fs::read_to_string(rejects).unwrap();
    assert_eq!(kept.lines().count(), 4, "{kept}");
}

#[tokio::test]
async fn an_import_goes_on_behind_the_rows_an_earlier_run_has_read() {
    let desk = Desk::new();
    desk.put("a.ndjson", rows(0..10));
    let mut import = desk.open("a.ndjson", &map()).unwrap();
    let mut taker = Taker::default();
    for (limit, read, finished) in [(4, 4, false), (4, 8, false), (4, 10, true), (4, 10, true)] {
        let summary = import.run(&mut taker, Some(limit), &mut Unwatched).await.unwrap();
        assert_eq!((summary.read, summary.finished), (read, finished));
    }
    assert_eq!(taker.taken.len(), 10);
}

#[tokio::test]
async fn a_batch_that_failed_is_read_again_by_the_same_import() {
    let desk = Desk::new();
    desk.put("a.ndjson", rows(0..10));
    let mut import = desk.open("a.ndjson", &map()).unwrap();
    let mut taker = Taker { batches_left: Some(1), ..Taker::default() };
    assert!(import.run(&mut taker, None, &mut Unwatched).await.is_err());
    taker.batches_left = None;
    let summary = import.run(&mut taker, None, &mut Unwatched).await.unwrap();
    assert_eq!((summary.read, summary.new, summary.finished), (10, 10, true));
}

#[tokio::test]
async fn an_office_that_comes_back_is_waited_for_and_nothing_is_doubled() {
    let mut desk = Desk::new();
    desk.options.patience = Duration::from_secs(60);
    desk.put("a.ndjson", rows(0..5));
    let mut taker = Taker { silent: 1, loses_answers: true, ..Taker::default() };
    let summary = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap();
    assert_eq!((summary.read, summary.known, summary.new, taker.reopened), (5, 3, 2, 1));
    assert_eq!(taker.taken.len(), 5);
}

#[tokio::test]
async fn patience_ends_with_the_line_the_next_run_goes_on_at() {
    let desk = Desk::new();
    desk.put("a.ndjson", rows(0..5));
    let mut taker = Taker { silent: u32::MAX, ..Taker::default() };
    let said = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap_err();
    assert!(said.contains("it goes on at line 1"), "{said}");
}

#[tokio::test]
async fn a_second_import_of_the_same_file_is_told_to_wait() {
    let desk = Desk::new();
    desk.put("a.ndjson", rows(0..5));
    let mut first = desk.open("a.ndjson", &map()).unwrap();
    let mut taker = Taker::default();
    first.run(&mut taker, Some(2), &mut Unwatched).await.unwrap();
    let said = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap_err();
    assert!(said.contains("another process"), "{said}");
}

/// Writes to the file behind the first batch.
struct Meddler(PathBuf);

impl Progress for Meddler {
    fn stands(&mut self, _standing: &Standing) {
        let mut text = std::fs::read_to_string(&self.0).unwrap();
        text.push_str(&rows(90..91));
        std::fs::write(&self.0, text).unwrap();
    }
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_read_stops_the_import() {
    let desk = Desk::new();
    let path = desk.put("a.ndjson", rows(0..10));
    let mut import = desk.open("a.ndjson", &map()).unwrap();
    let mut taker = Taker::default();
    let error = import.run(&mut taker, None, &mut Meddler(path)).await.unwrap_err();
    assert!(error.to_string().contains("changed while it was read"), "{error}");
    assert_eq!(taker.taken.len(), 3, "the batch before it stays");
    let again = desk.bring("a.ndjson", &map(), &mut taker).await.unwrap();
    assert_eq!((again.new, again.known), (8, 3));
}

#[tokio::test]
async fn what_is_no_file_of_records_is_refused_with_its_name() {
    let desk = Desk::new();
    desk.put("empty.ndjson", "");
    desk.put("a.doc", "x");
    std::fs::create_dir(desk.path("folder.csv")).unwrap();
    for (name, word) in [
        ("empty.ndjson", "empty"),
        ("missing.csv", "no such file"),
        ("folder.csv", "not a file"),
        ("a.doc", "set format"),
    ] {
        let said = desk.refused(name, &map()).await;
        assert!(said.contains(word), "{said}");
    }
    desk.put("a.xlsx", "no workbook");
    assert!(desk.refused("a.xlsx", &map()).await.contains("workbook cannot be read"));
}

#[tokio::test]
async fn two_columns_of_one_name_are_refused_naming_both() {
    let desk = Desk::new();
    desk.put("a.csv", "id,title,place,title\n1,a,,b\n");
    let said = desk.refused("a.csv", &map()).await;
    assert!(said.contains("a.csv:1:") && said.contains("columns 2 and 4"), "{said}");
    let header = ["id", "title", "id"].map(Cell::Text).to_vec();
    desk.put("a.xlsx", workbook("s", &[header], false));
    assert!(desk.refused("a.xlsx", &map()).await.contains("columns 1 and 3"));
}

#[tokio::test]
async fn a_map_that_does_not_fit_the_file_is_refused_before_anything_is_read_in() {
    let desk = Desk::new();
    desk.put("a.csv", "id,titel,place\n1,a,\n");
    desk.put("a.ndjson", "{\"id\":1,\"titel\":\"a\",\"place\":\"\"}\n");
    for name in ["a.csv", "a.ndjson"] {
        let mut taker = Taker::default();
        let said = desk.bring(name, &map(), &mut taker).await.unwrap_err();
        assert!(said.contains("map.toml:5:") && said.contains("\"title\""), "{said}");
        assert!(taker.taken.is_empty());
    }
}

#[tokio::test]
async fn a_wrong_coding_is_refused_with_the_setting_to_change() {
    let desk = Desk::new();
    let text = "id,title,place\n1,路灯三个月不亮,\n2,尽快修理,\n";
    desk.put("gb.csv", Encoding::Gb18030.encode(text));
    desk.put("utf.csv", text);
    desk.put(
        "wide.csv",
        text.encode_utf16().flat_map(u16::to_le_bytes).fold(vec![0xFF, 0xFE], |mut all, byte| {
            all.push(byte);
            all
        }),
    );
    assert!(desk.refused("gb.csv", &map()).await.contains("set encoding = \"gb18030\""));
    assert!(desk.refused("utf.csv", &gb_map()).await.contains("set encoding = \"utf-8\""));
    assert!(desk.refused("wide.csv", &map()).await.contains("UTF-16"));
}

#[tokio::test]
async fn a_single_undecodable_row_is_rejected_byte_for_byte() {
    let desk = Desk::new();
    let bad = b"2,\xFF\xFE,\n";
    desk.put("a.csv", [b"id,title,place\n1,\xE7\x94\xB2,\n", &bad[..], b"3,c,\n"].concat());
    let summary = desk.bring("a.csv", &map(), &mut Taker::default()).await.unwrap();
    assert_eq!((summary.read, summary.rejected), (3, 1));
    let kept = std::fs::read(desk.path("a.rejects.csv")).unwrap();
    assert!(kept.ends_with(bad) && String::from_utf8_lossy(&kept).contains("not utf-8"));
    let again = desk.bring("a.rejects.csv", &map(), &mut Taker::default()).await.unwrap();
    assert_eq!((again.read, again.rejected), (1, 1), "unmended, it is rejected again");
    assert_eq!(std::fs::read(desk.path("a.rejects.rejects.csv")).unwrap(), kept);
}

#[tokio::test]
async fn rare_characters_come_through_a_file_in_gb18030() {
    let desk = Desk::new();
    let names =
        ["𠮷", "䶮", "\u{9FB4}", "\u{9FBB}", "\u{FE10}", "\u{FE19}", "㑳", "\u{2CDB4}", "€"];
    let text: String = names.iter().map(|name| format!("{name},{name}路灯,\n")).collect();
    desk.put("a.csv", Encoding::Gb18030.encode(&format!("id,title,place\n{text}")));
    let mut taker = Taker::default();
    assert_eq!(desk.bring("a.csv", &gb_map(), &mut taker).await.unwrap().new, 9);
    for name in names {
        assert_eq!(intake(&taker, &format!("s:{name}")).title, format!("{name}路灯"));
    }
}

#[tokio::test]
async fn a_lost_quote_spoils_its_own_line_alone() {
    let desk = Desk::new();
    let head = "id,title,place\n1,a,\n2,\"b,\n3,c,\n";
    for (last, word) in
        [("4,\"d, \"\"e\"\"\",\n", "closes in the middle"), ("4,d,\n", "never closes")]
    {
        desk.put("a.csv", format!("{head}{last}"));
        let kept = desk.rejects("a.csv", &map(), (4, 1)).await;
        assert!(kept.contains(word) && kept.ends_with(",2,\"b,\n"), "{kept}");
        let again = desk.rejects("a.rejects.csv", &map(), (1, 1)).await;
        assert!(again.contains("\n3,") && again.ends_with(",2,\"b,\n"), "as it was: {again}");
    }
}

#[tokio::test]
async fn a_field_with_a_nul_and_one_of_5_mb_are_rejected_and_the_rest_goes_on() {
    let desk = Desk::new();
    let long = json!({ "id": "2", "title": "x".repeat(5_000_000), "place": "" });
    let nul = "{\"id\":\"3\",\"title\":\"a\\u0000b\",\"place\":\"\"}";
    desk.put("a.ndjson", format!("{}{long}\n{nul}\n{}", rows(1..2), rows(4..5)));
    let kept = desk.rejects("a.ndjson", &map(), (4, 2)).await;
    assert!(kept.contains("at most 524288") && kept.contains("{\"_line\":3,"));
    assert!(kept.contains("title holds a NUL"));
}

#[tokio::test]
async fn a_row_with_a_field_twice_or_an_unbelievable_date_is_rejected_with_its_line() {
    let desk = Desk::new();
    let map = format!("{MAP}[columns]\ntitle = \"t\"\nsubmitted_at = \"d\"\n");
    let row = |day: &str| format!("{{\"t\":\"a\",\"d\":\"{day}\"}}\n");
    let days = ["1899-12-31", "2199-01-01", "2020-02-30", "2020-02-29"].map(row).concat();
    desk.put("a.ndjson", format!("{days}{{\"t\":\"a\",\"t\":\"b\"}}\n[1]\n"));
    let kept = desk.rejects("a.ndjson", &map, (6, 5)).await;
    for word in [
        "1899-12-31 is not between",
        "2199-01-01 is not between",
        "2020-02-30",
        "stands twice",
        "\"_line\":6",
    ] {
        assert!(kept.contains(word), "{word}: {kept}");
    }
}

#[tokio::test]
async fn a_line_longer_than_16_mib_stops_and_what_was_before_it_stays() {
    let desk = Desk::new();
    let mut text = rows(1..3).into_bytes();
    text.resize(text.len() + 17 * 1024 * 1024, b'x');
    desk.put("a.ndjson", &text);
    let mut quoted = b"id,title,place\n1,a,\n2,\"b\n".to_vec();
    quoted.extend(b"some words of a line\n".repeat(900_000));
    desk.put("a.csv", &quoted);
    for (name, place, before) in [("a.ndjson", "a.ndjson:3:", 2), ("a.csv", "a.csv:3:", 1)] {
        let mut taker = Taker::default();
        for _ in 0..2 {
            let said = desk.bring(name, &map(), &mut taker).await.unwrap_err();
            assert!(said.contains(place) && said.contains("16 MiB"), "{said}");
            assert_eq!(taker.taken.len(), before, "{name}");
        }
    }
}

#[tokio::test]
async fn ten_megabytes_of_garbage_are_refused_or_rejected_and_never_a_panic() {
    let mut desk = Desk::new();
    desk.options.batch = Some(500);
    let mut state = 1_u64;
    let mut garbage = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let noise: Vec<u8> = (0..10_000_000).map(|_| garbage()).collect();
    let ascii: Vec<u8> = noise.iter().map(|byte| byte & 0x7F).collect();
    for bytes in [noise, ascii, vec![0; 10_000_000]] {
        for name in ["g.ndjson", "g.csv", "g.xlsx"] {
            desk.put(name, &bytes);
            for map in [map(), gb_map()] {
                match desk.bring(name, &map, &mut Taker::default()).await {
                    Ok(summary) => assert_eq!(summary.accepted, 0, "{name}"),
                    Err(said) => {
                        assert!(said.contains(name) || said.contains("map.toml"), "{said}")
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_preview_registers_nothing_and_writes_nothing() {
    let desk = Desk::new();
    desk.put("a.ndjson", format!("{}{{broken\n", rows(0..2)));
    let mut import = desk.open("a.ndjson", &map()).unwrap();
    let previews = import.preview(10).unwrap();
    assert_eq!(previews.len(), 3);
    assert_eq!(previews[0].json()["title"], "第 0 件");
    assert!(previews[2].json()["rejected"].as_str().unwrap().contains("JSON"));
    assert!(!desk.path("office").exists() && !desk.path("a.rejects.ndjson").exists());
    let mut taker = Taker::default();
    assert_eq!(import.run(&mut taker, None, &mut Unwatched).await.unwrap().new, 2);
}

/// Real files of others, where they are.
fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = root.join("../shared/data/complaints").join(name);
    if !path.exists() {
        skipped(&format!("{name} is not beside the repository"));
    }
    path.exists().then_some(path)
}

#[tokio::test]
async fn the_maps_that_ship_bring_real_files_without_a_reject() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (name, map, rows, legacy) in [
        ("petitions_zh_dev.ndjson", "petitions.toml", 2_850, false),
        ("la311_2018_dev.csv", "la311.toml", 2_000, true),
    ] {
        let map = Map::read(&root.join("deploy/maps").join(map)).unwrap();
        let Some(path) = shared(name) else { continue };
        let desk = Desk::new();
        let folder = Folder::at(&desk.path("office"));
        let options = Options { rejects: Some(desk.path("rejects")), ..Options::default() };
        let mut import = Import::open(&path, map, &folder, options).unwrap();
        let mut taker = Taker::default();
        let summary = import.run(&mut taker, None, &mut Unwatched).await.unwrap();
        assert_eq!((summary.read, summary.new, summary.rejected), (rows, rows, 0), "{name}");
        for registration in taker.taken.values() {
            let intake = registration.intake.as_ref().unwrap();
            assert_eq!(intake.provenance.as_ref().unwrap().legacy, legacy);
            assert_eq!(registration.past.is_some(), legacy);
            assert!(!intake.text.contains("u_") || legacy, "no submitter is taken in");
        }
    }
}

/// A new office in a folder of its own.
async fn founded(desk: &Desk) -> Folder {
    let data = desk.path("office");
    let node = binary("terrace-node").unwrap();
    let data_text = data.to_string_lossy();
    offices::command(&node, &["init", "--data", &data_text, "--division", "410221"]).await.unwrap();
    Folder::at(&data)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_record_of_the_past_is_closed_and_its_row_is_registered_once() {
    let desk = Desk::new();
    let folder = founded(&desk).await;
    let map = "system = \"s\"\nmode = \"legacy\"\n[columns]\ntitle = \"t\"\nclosed_on = \"d\"\n";
    desk.put("a.csv", "t,d\n灯,2020-01-02\n灯,2020-01-02\n路,\n");
    let mut window = OfficeWindow::open(&folder).await.unwrap();
    for (new, known) in [(3, 0), (0, 3)] {
        let mut import = desk.open("a.csv", map).unwrap();
        let summary = import.run(&mut window, None, &mut Unwatched).await.unwrap();
        assert_eq!((summary.new, summary.known), (new, known));
    }
    drop(window);
    let node = binary("terrace-node").unwrap();
    let data = folder.path().to_string_lossy().into_owned();
    let list = offices::command(&node, &["case", "list", "--json", "--data", &data]).await.unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    let states = list["cases"].as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap());
    let states: Vec<&str> = states.collect();
    assert_eq!(states.iter().filter(|state| **state == "closed").count(), 2, "{states:?}");
    let audit = offices::command(&node, &["audit", "--json", "--data", &data]).await.unwrap();
    let summary: Value = serde_json::from_str(audit.lines().last().unwrap()).unwrap();
    assert_eq!(summary["findings"], 0);
}

/// The importer as a process of its own.
fn importer(folder: &Folder, file: &Path, map: &Path) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(binary("terrace-node").unwrap());
    command.arg("import").arg(file).args(["--json", "--data"]).arg(folder.path());
    command.arg("--map").arg(map).kill_on_drop(true);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

/// How many cases a running office has.
async fn cases(office: &Office) -> u64 {
    let status = office.window().await.unwrap().show_status().await.unwrap();
    serde_json::from_str::<Value>(&status).unwrap()["cases"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_importer_killed_in_the_middle_loses_nothing_and_doubles_nothing() {
    const ROWS: usize = 12_000;
    let desk = Desk::new();
    let folder = founded(&desk).await;
    let office = Office::start(&binary("terrace-node").unwrap(), folder.path()).await.unwrap();
    let file = desk.put("a.ndjson", format!("{{broken\n{}", rows(0..ROWS)));
    let map = desk.put("map.toml", map());
    let mut first = importer(&folder, &file, &map).spawn().unwrap();
    while cases(&office).await < 2_000 {
        assert!(first.try_wait().unwrap().is_none(), "it is still at work");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    first.kill().await.unwrap();
    assert!(cases(&office).await < ROWS as u64, "it was killed in the middle");
    let second = importer(&folder, &file, &map).output().await.unwrap();
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(4), "{told}");
    assert!(told.contains("going on at line"), "{told}");
    let summary: Value = serde_json::from_slice(&second.stdout).unwrap();
    assert!(summary["resumed_at_line"].as_u64().unwrap() > 1_000, "{summary}");
    assert_eq!(summary["read"], ROWS + 1);
    assert_eq!((&summary["accepted"], &summary["rejected"]), (&json!(ROWS), &json!(1)));
    assert_eq!(cases(&office).await, ROWS as u64);
    let third = importer(&folder, &file, &map).output().await.unwrap();
    let summary: Value = serde_json::from_slice(&third.stdout).unwrap();
    assert_eq!((&summary["new"], &summary["known"]), (&json!(0), &json!(ROWS)));
    office.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_that_is_killed_and_started_again_meanwhile_gets_every_row_once() {
    const ROWS: usize = 6_000;
    let desk = Desk::new();
    let folder = founded(&desk).await;
    let node = binary("terrace-node").unwrap();
    let office = Office::start(&node, folder.path()).await.unwrap();
    let file = desk.put("a.ndjson", rows(0..ROWS));
    let map = desk.put("map.toml", map());
    let first = importer(&folder, &file, &map).spawn().unwrap();
    while cases(&office).await < 1_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(office);
    let office = loop {
        if let Ok(office) = Office::start(&node, folder.path()).await {
            break office;
        }
    };
    let output = first.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(cases(&office).await, ROWS as u64);
    office.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_ends_behind_the_batch_in_hand_and_says_where_it_goes_on() {
    const ROWS: usize = 12_000;
    let desk = Desk::new();
    let folder = founded(&desk).await;
    let office = Office::start(&binary("terrace-node").unwrap(), folder.path()).await.unwrap();
    let (file, map) = (desk.put("a.ndjson", rows(0..ROWS)), desk.put("map.toml", map()));
    let first = importer(&folder, &file, &map).spawn().unwrap();
    while cases(&office).await < 1_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let interrupt = format!("kill -INT {}", first.id().unwrap());
    let sent = tokio::process::Command::new("sh").args(["-c", &interrupt]).status().await.unwrap();
    assert!(sent.success());
    let output = first.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["finished"], &summary["read"]), (&json!(false), &summary["new"]));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains(&format!("it goes on at line {}", summary["next_line"])), "{told}");
    let rest = importer(&folder, &file, &map).output().await.unwrap();
    let rest: Value = serde_json::from_slice(&rest.stdout).unwrap();
    assert_eq!((&rest["new"], &rest["resumed_at_line"]), (&json!(ROWS), &summary["next_line"]));
    office.stop().await.unwrap();
}

#[tokio::test]
async fn a_dry_run_needs_no_office_and_says_what_would_be_rejected() {
    let desk = Desk::new();
    let folder = Folder::at(&desk.path("nowhere"));
    let file = desk.put("a.ndjson", format!("{}{{broken\n", rows(0..20)));
    let map = desk.put("map.toml", map());
    let output = importer(&folder, &file, &map).arg("--dry-run").output().await.unwrap();
    assert_eq!(output.status.code(), Some(0));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((shown["rows"].as_array().unwrap().len(), &shown["would_reject"]), (10, &json!(0)));
    assert!(!folder.path().exists());
}

#[tokio::test]
async fn exit_codes_tell_arguments_from_trouble() {
    let desk = Desk::new();
    let folder = Folder::at(&desk.path("nowhere"));
    let (good, bad) = (desk.put("map.toml", map()), desk.put("bad.toml", "system = 1\n"));
    let file = desk.put("a.ndjson", rows(0..1));
    for (file, map, code) in
        [(&file, &bad, 2), (&desk.path("missing.ndjson"), &good, 2), (&file, &good, 1)]
    {
        let output = importer(&folder, file, map).output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains("错误 error:"), "{told}");
    }
}
