//! A published table, from the command line of a running root: told, written, counted again, and found out when something
//! was altered.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use terrace_tests::offices::{Office, binary, in_files, line_over};
use terrace_tests::waiting::until;

/// Runs `terrace-hub national …` beside the root; its exit code and what it said.
fn national(root: &Office, arguments: &[&str]) -> (i32, String) {
    let data = root.folder.path().to_string_lossy();
    hub(&[&["national"], arguments, &["--data", &data]].concat())
}

/// Runs `terrace-hub …`; its exit code and what it said.
fn hub(arguments: &[&str]) -> (i32, String) {
    let program = binary("terrace-hub").unwrap();
    let mut command = std::process::Command::new(program);
    let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.code().unwrap(), said)
}

/// What a publication that was cut off in the middle leaves beside its folder.
fn cut_off(folder: &Path) -> PathBuf {
    let part = folder.with_extension("part");
    std::fs::create_dir(&part).unwrap();
    std::fs::write(part.join("table.json"), "{").unwrap();
    part
}

async fn cases_at(root: &Office) -> u64 {
    root.store().await.unwrap().tally().await.unwrap().cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_table_is_counted_again_and_whoever_alters_it_is_found_out() {
    let scratch = tempfile::tempdir().unwrap();
    let offices = line_over(scratch.path(), &["41", "4102"], &in_files).await.unwrap();
    let (root, city) = (&offices[0], &offices[2]);
    for _ in 0..3 {
        city.register("路灯不亮").await.unwrap();
    }
    until("three cases at the root", || cases_at(root), |cases| *cases == 3).await;

    let (code, told) = national(root, &["show", "--period", "2026", "--json"]);
    assert_eq!(code, 0, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    let (coverage, rows) = (&told["coverage"], told["table"]["rows"].as_array().unwrap());
    assert_eq!((&coverage["offices"], &coverage["share"]), (&3.into(), &"100.0 %".into()));
    assert!(coverage["en"].as_str().unwrap().contains("of offices heard within a day"));
    assert_eq!(rows.len(), 32, "the country and its provinces");
    let (code, told) = national(root, &["show", "--period", "2026-13"]);
    assert!(code == 2 && told.contains("is no period"), "{told}");
    let (code, told) =
        national(root, &["show", "--period", "2026", "--as-of", "2900-01-01T00:00:00Z"]);
    assert!(code == 1 && told.contains("has not come yet"), "{told}");

    let folder = scratch.path().join("published");
    let part = cut_off(&folder);
    let folder = folder.to_str().unwrap();
    let (code, told) = national(root, &["publish", folder, "--period", "2026"]);
    assert!(code == 0 && told.contains("3 册 journals"), "{told}");
    for file in [
        "table.json",
        "bulletin.html",
        "table.csv",
        "table.xlsx",
        "table.parquet",
        "coverage.json",
        "cut",
    ] {
        assert!(Path::new(folder).join(file).metadata().unwrap().len() > 100, "{file}");
    }
    assert!(!part.exists(), "it got its name when it was whole");
    let (code, told) = national(root, &["publish", folder, "--period", "2026"]);
    assert!(code == 1 && told.contains("published"), "it is not written over: {told}");

    // Offices are scored out of what was published, each by what it owed.
    let scheme = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/assessment/county.toml");
    let (code, told) = hub(&["assessment", "score", scheme, folder, "--json"]);
    assert_eq!(code, 0, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["offices"].as_array().unwrap().len(), 32, "the country and its provinces");
    let first = &told["offices"][0]["items"][0];
    assert_eq!(first["outcome"], "nothing-due", "nothing was due yet: {first}");

    // What comes later changes nothing of what was published.
    city.register("井盖缺失").await.unwrap();
    until("a fourth case at the root", || cases_at(root), |cases| *cases == 4).await;
    let (code, told) = national(root, &["recompute", folder]);
    assert!(code == 0 && told.contains("byte for byte") && told.contains("3 件 cases"), "{told}");

    let altered = |file: &str, from: &str, to: &str| {
        let path = Path::new(folder).join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let answer = national(root, &["recompute", folder]);
        std::fs::write(&path, text).unwrap();
        answer
    };
    let (code, told) = altered("table.json", "\"of\": 0", "\"of\": 7");
    assert!(code == 3 && told.contains("is not the table that was signed"), "{told}");
    let (code, told) = altered("cut", "2026-12-31", "2026-12-30");
    assert!(code == 1 && told.contains("not signed by"), "{told}");

    // A root whose folds leave a case out cannot say that it counted all.
    let database = root.folder.path().join("office.db");
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.execute_batch("DELETE FROM folded_case WHERE place = 2").unwrap();
    let (code, told) = national(root, &["recompute", folder]);
    assert!(code == 1 && told.contains("audit verify"), "{told}");
    for office in offices {
        office.kill().await.unwrap();
    }
}
