//! Formats and codings of a file, and what of them is refused.

use super::*;

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
