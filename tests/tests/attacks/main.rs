//! The attack suite: the answer to "but the office has root on its own machine".
//!
//! Each file is one attack by an insider with the office's own keys ([`terrace_tests::insider`]), in two halves.
//! *Without the guard* the attack succeeds: the program that verifies an office finds nothing wrong with the forged
//! disk, which shows that the forgery is a good one. *With the guard*, the very same disk is refused or found, and
//! what is found names the office that must answer and the place. Which guard it is stands in [`Guard`].
//!
//! The page for readers is `docs/ATTACKS.md`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod accuse;
mod delete;
mod deny;
mod fork;
mod redate;
mod rollback;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::{Timestamp, tz};
use serde_json::Value;
use terrace_tests::auditor::{audit, export_and_check, root_key, status};
use terrace_tests::offices::{Office, binary, copy};
use terrace_tests::waiting;

/// What stands between an insider and his end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// The superior has stored the journal and signed its head; missing while the office stands alone.
    Superior,
    /// The petitioner has a paper the office signed; missing when nobody brings one.
    Receipt,
    /// A sibling has signed the heads of the journal; missing for an only child whose superior is in it too.
    Witness,
    /// The superior has the office's signature on what it stored; missing while nobody compares.
    Ledger,
}

/// The forged office as it shows itself: every check of it alone passes, and nothing is amiss in its status.
async fn stands_up_alone(data: &Path, without: Guard) {
    let verified = audit("verify", data).await.unwrap();
    assert_eq!((verified.code, verified.kinds()), (0, vec![]), "without {without:?}: {verified:?}");
    let status = status(data).await.unwrap();
    let troubles = ["waiting", "parked", "contested"].map(|trouble| status[trouble].as_u64());
    assert_eq!(troubles, [Some(0); 3], "without {without:?}: {status:#}");
    assert_eq!(status["refusing"], Value::Null, "without {without:?}: {status:#}");
    assert_eq!(objections(&status), [], "without {without:?}");
}

/// Nobody in the federation has anything to say: the attack has succeeded.
async fn nobody_notices(folders: &[&Path], without: Guard) {
    for data in folders {
        stands_up_alone(data, without).await;
        let root = root_key(data).await.unwrap();
        let checked = export_and_check(data, &root).await.unwrap();
        assert_eq!((checked.code, checked.named()), (0, vec![]), "without {without:?}");
    }
}

/// What is on record at an office: about whom, by whom, on what ground, at which place.
fn objections(status: &Value) -> Vec<(String, String, String, u64)> {
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let rows = status["raised"].as_array().into_iter().flatten();
    let mut all: Vec<_> = rows
        .map(|row| {
            let place = row["place"].as_u64().unwrap_or_default();
            (text(row, "about"), text(row, "by"), text(row, "ground"), place)
        })
        .collect();
    all.sort_unstable();
    all
}

/// Waits until an office has an objection with this ground about `about` on record; gives its place.
async fn on_record(office: &Office, about: &str, by: &str, ground: &str) -> u64 {
    let wanted = |status: &Value| {
        let all = objections(status);
        all.iter()
            .any(|one| (one.0.as_str(), one.1.as_str(), one.2.as_str()) == (about, by, ground))
    };
    let status = until(office, ground, wanted).await;
    let all = objections(&status);
    all.iter().find(|one| one.0 == about && one.2 == ground).unwrap().3
}

/// The auditor's file of an office names `about` and the place, with the root's key alone.
async fn file_names(office: &Office, about: &str, place: u64) {
    let data = office.folder.path();
    let root = root_key(data).await.unwrap();
    let checked = export_and_check(data, &root).await.unwrap();
    let raised = ("raised".to_owned(), about.to_owned(), Some(place));
    assert_eq!(checked.code, 3, "{checked:?}");
    assert!(checked.named().contains(&raised), "{checked:?}");
}

/// Waits until the status of an office is as wanted.
async fn until(office: &Office, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let read = || async {
        let told = office.window().await.unwrap().show_status().await.unwrap();
        serde_json::from_str(&told).unwrap()
    };
    waiting::until(what, read, wanted).await
}

/// Waits until the superior has signed the whole journal of an office.
async fn cosigned(office: &Office) -> Value {
    until(office, "cosigned", |status| status["not_cosigned"]["entries"] == 0).await
}

/// Starts an office again.
async fn start(data: &Path) -> Office {
    let program = if data.ends_with("00") { "terrace-hub" } else { "terrace-node" };
    Office::start(&binary(program).unwrap(), data).await.unwrap()
}

/// The day it is in China.
fn today() -> Date {
    tz::offset(8).to_datetime(Timestamp::now()).date()
}

fn folder_of(office: &Office) -> &Path {
    office.folder.path()
}

/// Stops an office; gives its folder.
async fn stop(office: Office) -> PathBuf {
    let data = office.folder.path().to_path_buf();
    office.stop().await.unwrap();
    data
}

/// A copy of a stopped office's folder, beside it.
fn keep(data: &Path, name: &str) -> PathBuf {
    let kept = data.with_added_extension(name);
    copy(data, &kept).unwrap();
    kept
}

/// Puts a copy in the place of a stopped office's folder.
fn put_back(kept: &Path, data: &Path) {
    std::fs::remove_dir_all(data).unwrap();
    copy(kept, data).unwrap();
}

async fn stop_all(offices: impl IntoIterator<Item = Office>) {
    for office in offices {
        office.stop().await.unwrap();
    }
}
