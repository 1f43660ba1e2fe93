//! A file brought again, whole or behind where it was left: nothing is lost, nothing doubled.

use super::*;

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
