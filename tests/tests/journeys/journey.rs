//! One journey over real processes: five offices play the story while an outsider kills two of them.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use terrace_tests::offices::binary;
use terrace_tests::outsider::Outsider;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn town_and_county_are_killed_and_nothing_is_missing() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("offices");
    let mut demo = Command::new(binary("terrace-hub").unwrap());
    demo.args(["demo", "--once", "--json", "--data"]).arg(&data);
    let demo =
        demo.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let killing = tokio::spawn(kill_both(data.clone()));
    let output = tokio::time::timeout(Duration::from_secs(300), demo.wait_with_output());
    let output = output.await.expect("the story ends in time").unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("no result: {}\n{}", String::from_utf8_lossy(&output.stderr), logs(&data))
    });
    assert!(output.status.success(), "{result:#}\n{}", logs(&data));
    assert_eq!(killing.await.unwrap(), 2, "both offices were killed while the story was played");
    assert_eq!(result["imported"], 42);
    assert_eq!(result["at_hub"], result["imported"]);
    assert_eq!(result["rejected"], 0);
    assert_eq!(result["assigned_down"], 3);
    assert_eq!(result["views_agree"], true);
    assert_eq!(result["audit_findings"], 0);
    assert!(result["registered_offline"].as_u64().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn demonstration_stays_until_it_is_told_to_stop_and_leaves_nothing_behind() {
    let scratch = tempfile::tempdir().unwrap();
    let mut demo = Command::new(binary("terrace-hub").unwrap());
    demo.arg("demo").env("TMPDIR", scratch.path()).stdin(Stdio::null());
    let mut demo =
        demo.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut addresses = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        addresses.extend(
            line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned),
        );
        if line.contains("Ctrl-C") {
            break;
        }
    }
    assert_eq!(addresses.len(), 5, "{addresses:?}");
    assert!(demo.try_wait().unwrap().is_none(), "it stays");
    let ports: Vec<String> = addresses
        .iter()
        .map(|address| address.trim_start_matches("http://").trim_end_matches('/').to_owned())
        .collect();
    for port in &ports {
        assert!(tokio::net::TcpStream::connect(port).await.is_ok(), "{port} can be looked at");
    }
    let pid = demo.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let mut result = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        result += &line;
    }
    assert!(demo.wait().await.unwrap().success(), "{result}");
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(
        (&result["at_hub"], &result["audit_findings"]),
        (&result["imported"], &Value::from(0))
    );
    for port in &ports {
        assert!(tokio::net::TcpStream::connect(port).await.is_err(), "{port} still answers");
    }
    let left: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Kills the county and the town once each, as soon as they have something in their journals.
async fn kill_both(data: PathBuf) -> usize {
    let outsider = Outsider::of(&data);
    let mut killed = 0;
    for division in ["410221", "410221101"] {
        killed += usize::from(outsider.kill_once_busy(division, Duration::from_secs(60)).await);
    }
    killed
}

fn logs(data: &Path) -> String {
    let log =
        |code: &&str| std::fs::read_to_string(data.join(code).join("log")).unwrap_or_default();
    ["00", "41", "4102", "410221", "410221101"].iter().map(log).collect::<Vec<_>>().join("\n--\n")
}
