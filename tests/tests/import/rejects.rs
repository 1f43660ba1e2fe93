//! Rows that are kept back, and how they get in once they are mended.

use super::*;

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
