//! Attack 1: an entry is deleted with its rows (销号), and everything behind it is numbered and signed anew.

use std::path::Path;

use terrace_proto::wire::AskForEntryRequest;
use terrace_tests::auditor::{ask, examine, receipt};
use terrace_tests::insider::{Insider, Lie};
use terrace_tests::offices::{in_files, line_over};

use super::{
    Guard, cosigned, file_names, folder_of, keep, nobody_notices, on_record, put_back,
    stands_up_alone, start, stop, stop_all,
};

const GONE: &str = "举报截留低保";

/// Deletes the case with the title [`GONE`] from a stopped office; gives the place of its intake.
async fn delete(data: &Path, copies: &[&Path]) -> u64 {
    let mut insider = Insider::enter(data).await.unwrap();
    for copy in copies {
        insider = insider.with_copy(copy).await.unwrap();
    }
    let (place, case) = insider.intake(GONE).unwrap();
    insider.rewrite(&Lie::NeverWas(case)).await.unwrap();
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_before_anyone_signed_it_is_proved_by_the_petitioners_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    cosigned(&offices[2]).await;
    offices[2].window().await.unwrap().set_link(false).await.unwrap();
    let number = offices[2].register(GONE).await.unwrap();
    offices[2].register("村口路灯不亮").await.unwrap();
    let paper = receipt(&offices[2], &number).await.unwrap();
    let data = stop(offices.pop().unwrap()).await;
    let place = delete(&data, &[]).await;

    // Without a receipt nobody ever hears of it, however long they sync.
    stands_up_alone(&data, Guard::Receipt).await;
    let city = start(&data).await;
    city.window().await.unwrap().set_link(true).await.unwrap();
    cosigned(&city).await;
    cosigned(&offices[1]).await;
    nobody_notices(&[&data, folder_of(&offices[1]), folder_of(&offices[0])], Guard::Receipt).await;

    // With it, every office that holds the journal says who must answer, and for which entry.
    for office in [&city, &offices[1], &offices[0]] {
        let (code, verdict) = examine(&paper, office.folder.path()).await.unwrap();
        assert_eq!((code, &verdict["answerable"]), (3, &"4102".into()), "{verdict:#}");
        assert_eq!(verdict["receipt"]["sequence"], place, "{verdict:#}");
    }
    stop_all(offices.into_iter().chain([city])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_with_nothing_behind_it_is_asked_for_and_the_question_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    cosigned(&offices[2]).await;
    offices[2].window().await.unwrap().set_link(false).await.unwrap();
    let number = offices[2].register(GONE).await.unwrap();
    let paper = receipt(&offices[2], &number).await.unwrap();
    let data = stop(offices.pop().unwrap()).await;
    let place = delete(&data, &[]).await;
    let city = start(&data).await;
    city.window().await.unwrap().set_link(true).await.unwrap();
    cosigned(&city).await;
    nobody_notices(&[&data, folder_of(&offices[1])], Guard::Receipt).await;

    let text = std::fs::read_to_string(&paper).unwrap();
    let request = AskForEntryRequest { hand: None, receipt: text };
    let province = &mut offices[1].window().await.unwrap();
    assert!(province.ask_for_entry(request).await.unwrap().asked);
    for office in &offices {
        assert_eq!(on_record(office, "4102", "41", "asked").await, place);
        file_names(office, "4102", place).await;
    }
    // The city is told, and has nothing to give.
    assert_eq!(on_record(&city, "4102", "41", "asked").await, place);
    stop_all(offices.into_iter().chain([city])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_after_the_superior_signed_it_is_refused_and_on_record_at_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    cosigned(&offices[2]).await;
    let data = stop(offices.pop().unwrap()).await;
    let last_week = keep(&data, "last-week");
    let city = start(&data).await;
    let number = city.register(GONE).await.unwrap();
    city.register("村口路灯不亮").await.unwrap();
    let signed = cosigned(&city).await["journal_size"].as_u64().unwrap();
    stop(city).await;
    let place = delete(&data, &[&last_week]).await;
    let forged = keep(&data, "forged");

    // Alone, the office has a clean book in which the case never was.
    stands_up_alone(&data, Guard::Superior).await;
    let show = ["case", "show", &number, "--data", &data.to_string_lossy()];
    assert_ne!(ask(&show).await.unwrap().code, 0, "the case is gone");

    // Its superior has signed a longer one, and still has the case.
    let city = start(&data).await;
    for office in [&offices[1], &offices[0]] {
        let at = on_record(office, "4102", "41", "shorter than signed before").await;
        assert_eq!(at, signed);
        file_names(office, "4102", signed).await;
        let there = office.folder.path().to_string_lossy().into_owned();
        let show = ["case", "show", &number, "--data", &there];
        assert_eq!(ask(&show).await.unwrap().code, 0, "the case is held above");
    }

    // It does not help to write on until the forged book is the longer one: the very entry is named.
    stop(city).await;
    put_back(&forged, &data);
    let city = start(&data).await;
    city.window().await.unwrap().set_link(false).await.unwrap();
    for title in ["一", "二", "三"] {
        city.register(title).await.unwrap();
    }
    city.window().await.unwrap().set_link(true).await.unwrap();
    for office in [&offices[1], &offices[0]] {
        assert_eq!(on_record(office, "4102", "41", "two histories").await, place);
        file_names(office, "4102", place).await;
    }
    stop_all(offices.into_iter().chain([city])).await;
}
