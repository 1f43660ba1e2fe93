//! Attack 5: what was delivered never came. A case was assigned (交办) to the office and stored there; the insider
//! removes the entry, the passage it came by, and whatever the office answered.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde_json::Value;
use terrace_proto::digest::CaseId;
use terrace_tests::auditor::{Answer, ask, audit};
use terrace_tests::insider::{Insider, Lie};
use terrace_tests::offices::{Office, in_files, line_over};

use super::{
    Guard, cosigned, file_names, folder_of, keep, nobody_notices, on_record, stands_up_alone,
    start, stop, stop_all, today, until,
};

/// A case assigned to the city, and stored there.
struct Assigned {
    /// The root and the province.
    above: Vec<Office>,
    city: Office,
    /// The case, and its number.
    case: CaseId,
    number: String,
    /// The passage up to which the city signed as stored, and the one up to which it did before the case came.
    passage: u64,
    before: u64,
    /// The city's disk of before.
    kept: PathBuf,
}

/// A province assigns a case to its city; an earlier one lies there already.
async fn assigned(folder: &Path) -> Assigned {
    let mut above = line_over(folder, &["41", "4102"], &in_files).await.unwrap();
    cosigned(&above[2]).await;
    let city = above.pop().unwrap();
    let (_, before) = assign(&above[1], "早先交办的", &city, 1).await;
    let data = stop(city).await;
    let kept = keep(&data, "before");
    let city = start(&data).await;
    let (number, passage) = assign(&above[1], "请查处", &city, 2).await;
    let shown = show(&number, folder_of(&above[1])).await;
    let case = shown.rows[0]["case"].as_str().unwrap().parse().unwrap();
    Assigned { above, city, case, number, passage, before, kept }
}

/// Assigns a case to the city, which then has `cases`; gives its number, and the passage the city has signed for.
async fn assign(province: &Office, title: &str, city: &Office, cases: u64) -> (String, u64) {
    let number = province.register(title).await.unwrap();
    let data = folder_of(province).to_string_lossy().into_owned();
    let due = (today() + SignedDuration::from_hours(60 * 24)).to_string();
    let assign = ["case", "assign", &number, "--data", &data, "--to", "4102", "--due", &due];
    let told = ask(&assign).await.unwrap();
    assert_eq!(told.code, 0, "{told:?}");
    until(city, "the case has come", |status| status["cases"] == cases).await;
    let signed = until(province, "the city signs for it", |status| {
        let sent = sent_to_the_city(status);
        sent["number"].is_u64() && sent["number"] == sent["proved_number"]
    })
    .await;
    (number, sent_to_the_city(&signed)["number"].as_u64().unwrap())
}

async fn show(number: &str, data: &Path) -> Answer {
    ask(&["case", "show", number, "--data", &data.to_string_lossy()]).await.unwrap()
}

/// The city's insider makes the case never have come; gives the city's folder.
async fn deny(city: Office, case: CaseId, after: u64, kept: &Path) -> PathBuf {
    let data = stop(city).await;
    let insider = Insider::enter(&data).await.unwrap().with_copy(kept).await.unwrap();
    insider.rewrite(&Lie::NeverCame(case, after + 1)).await.unwrap();
    data
}

fn sent_to_the_city(status: &Value) -> &Value {
    let all = status["neighbours"].as_array().into_iter().flatten();
    let city = all.into_iter().find(|one| one["division"] == "4102");
    city.map_or(&Value::Null, |city| &city["ledgers"]["sent"])
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_that_never_came_was_signed_for() {
    let folder = tempfile::tempdir().unwrap();
    let Assigned { above, city, case, number, passage, before, kept } =
        assigned(folder.path()).await;
    let data = deny(city, case, before, &kept).await;

    // The city's book, its ledger as both ends signed it, and its auditor's file know of no case.
    nobody_notices(&[&data], Guard::Ledger).await;
    assert_ne!(show(&number, &data).await.code, 0, "the case is gone");

    // The province's books name who signed for which passage, without a word from the city.
    let books = audit("reconcile", folder_of(&above[1])).await.unwrap();
    let account = books.rows.iter().find(|row| row["from"] == "41" && row["to"] == "4102").unwrap();
    assert_eq!((&account["signed_number"], &account["equal"]), (&passage.into(), &true.into()));

    // As soon as the city speaks, what it denies is on record, and comes again.
    let city = start(&data).await;
    for office in [&above[1], &above[0]] {
        let place = on_record(office, "4102", "41", "denies what it signed as stored").await;
        assert_eq!(place, passage);
        file_names(office, "4102", passage).await;
    }
    until(&city, "the case comes again", |status| status["cases"] == 2).await;
    stop_all(above.into_iter().chain([city])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_that_was_answered_cannot_be_denied_without_a_shorter_journal() {
    let folder = tempfile::tempdir().unwrap();
    let Assigned { above, city, case, number, before, kept, .. } = assigned(folder.path()).await;
    let at = folder_of(&city).to_string_lossy().into_owned();
    let told = ask(&["case", "receive", &number, "--data", &at]).await.unwrap();
    assert_eq!(told.code, 0, "{told:?}");
    let size = cosigned(&city).await["journal_size"].as_u64().unwrap();
    let data = deny(city, case, before, &kept).await;
    stands_up_alone(&data, Guard::Superior).await;

    let city = start(&data).await;
    for office in [&above[1], &above[0]] {
        let place = on_record(office, "4102", "41", "shorter than signed before").await;
        assert_eq!(place, size);
        file_names(office, "4102", size).await;
    }
    stop_all(above.into_iter().chain([city])).await;
}
