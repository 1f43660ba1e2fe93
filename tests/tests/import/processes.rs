//! The importer and the office as processes, killed, interrupted and asked wrongly.

use super::*;

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
