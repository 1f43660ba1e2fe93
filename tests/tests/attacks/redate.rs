//! Attack 2: a date is changed, and the journal signed again: the hour an entry was recorded, or the day on which the
//! petitioner was received and from which the duty of fifteen days runs.

use jiff::SignedDuration;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::{IntakeRegistered, RegisterRequest, Registration};
use terrace_tests::auditor::{audit, examine, receipt};
use terrace_tests::insider::{Insider, Lie};
use terrace_tests::offices::{in_files, line_over};

use super::{
    Guard, cosigned, file_names, folder_of, keep, nobody_notices, on_record, put_back,
    stands_up_alone, start, stop, stop_all, today,
};

const LATE: &str = "反映征地补偿";

#[tokio::test(flavor = "multi_thread")]
async fn hour_set_back_before_anyone_signed_it_is_proved_by_the_petitioners_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    cosigned(&offices[2]).await;
    offices[2].window().await.unwrap().set_link(false).await.unwrap();
    let number = offices[2].register(LATE).await.unwrap();
    offices[2].register("村口路灯不亮").await.unwrap();
    let paper = receipt(&offices[2], &number).await.unwrap();
    let data = stop(offices.pop().unwrap()).await;
    let honest = keep(&data, "honest");
    let insider = Insider::enter(&data).await.unwrap();
    let (place, _) = insider.intake(LATE).unwrap();
    let hour = insider.own()[usize::try_from(place).unwrap()].header().recorded_at;

    // A whole day back needs no guard: the entries before it say it cannot be.
    insider.rewrite(&Lie::RecordedAt(place, hour - SignedDuration::from_hours(24))).await.unwrap();
    let verified = audit("verify", &data).await.unwrap();
    assert_eq!((verified.code, verified.kinds()), (3, vec!["back-dated"]), "{verified:?}");
    let entry = verified.rows[0]["entries"][0].as_str().unwrap();
    assert!(entry.starts_with("4102/") && entry.ends_with(&format!("#{place}")), "{entry}");

    // A few minutes, over midnight say, pass for a clock that was set; nobody else has seen the entry.
    put_back(&honest, &data);
    let few = SignedDuration::from_mins(5);
    let insider = Insider::enter(&data).await.unwrap();
    insider.rewrite(&Lie::RecordedAt(place, hour - few)).await.unwrap();
    stands_up_alone(&data, Guard::Receipt).await;
    let city = start(&data).await;
    city.window().await.unwrap().set_link(true).await.unwrap();
    cosigned(&city).await;
    cosigned(&offices[1]).await;
    nobody_notices(&[&data, folder_of(&offices[1]), folder_of(&offices[0])], Guard::Receipt).await;

    // The paper says another hour, and the office signed it.
    for office in [&city, &offices[1], &offices[0]] {
        let (code, verdict) = examine(&paper, folder_of(office)).await.unwrap();
        assert_eq!((code, &verdict["answerable"]), (3, &"4102".into()), "{verdict:#}");
        assert_eq!(verdict["receipt"]["sequence"], place);
        assert_eq!(verdict["receipt"]["registered_at"], hour.to_string());
    }
    stop_all(offices.into_iter().chain([city])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn day_of_reception_moved_after_the_superior_signed_it_is_on_record_at_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    cosigned(&offices[2]).await;
    let data = stop(offices.pop().unwrap()).await;
    let last_week = keep(&data, "last-week");
    let city = start(&data).await;
    let today = today();
    let came = today - SignedDuration::from_hours(14 * 24);
    let intake = IntakeRegistered { title: LATE.into(), persons: 1, ..IntakeRegistered::default() };
    let registration = Registration {
        intake: Some(intake),
        received_on: Some(days_of(came)),
        ..Registration::default()
    };
    let request = RegisterRequest { hand: None, registrations: vec![registration] };
    city.window().await.unwrap().register(request).await.unwrap();
    let size = cosigned(&city).await["journal_size"].as_u64().unwrap();
    stop(city).await;
    let insider = Insider::enter(&data).await.unwrap().with_copy(&last_week).await.unwrap();
    let (_, case) = insider.intake(LATE).unwrap();
    insider.rewrite(&Lie::CameOn(case, today)).await.unwrap();

    // Alone, the office has fifteen days more.
    stands_up_alone(&data, Guard::Superior).await;
    let looked = Insider::enter(&data).await.unwrap();
    let due = looked.own().iter().find_map(|entry| match entry.content() {
        Some(Content::CaseOpened(opened)) => Some(opened.due[0].due_on),
        Some(_) | None => None,
    });
    assert_eq!(due, Some(days_of(today) + 15));
    drop(looked);

    // Its superior has signed another book of the same size.
    let city = start(&data).await;
    for office in [&offices[1], &offices[0]] {
        assert_eq!(on_record(office, "4102", "41", "two histories").await, size);
        file_names(office, "4102", size).await;
    }
    stop_all(offices.into_iter().chain([city])).await;
}
