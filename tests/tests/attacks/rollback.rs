//! Attack 4: the whole disk is put back to last week's, the checkpoint file with it, so that nothing in the folder
//! knows better.

use terrace_tests::auditor::{examine, receipt};
use terrace_tests::offices::{in_files, line_over};

use super::{
    Guard, cosigned, file_names, folder_of, keep, objections, on_record, put_back, stands_up_alone,
    start, stop, stop_all, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn disk_of_last_week_is_refused_and_on_record_at_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    offices[2].register("一").await.unwrap();
    cosigned(&offices[2]).await;
    let data = stop(offices.pop().unwrap()).await;
    let last_week = keep(&data, "last-week");
    let city = start(&data).await;
    let number = city.register("二").await.unwrap();
    let paper = receipt(&city, &number).await.unwrap();
    let size = cosigned(&city).await["journal_size"].as_u64().unwrap();
    stop(city).await;
    put_back(&last_week, &data);

    // Alone it is last week's office, and a good one.
    stands_up_alone(&data, Guard::Superior).await;
    let (code, verdict) = examine(&paper, &data).await.unwrap();
    assert_eq!((code, &verdict["answerable"]), (5, &serde_json::Value::Null), "{verdict:#}");

    // The superior has signed more of it. The office hears why it is cut off, however often it dials.
    let city = start(&data).await;
    until(&city, "the city hears why", |status| {
        let word = status["neighbours"][0]["last_word"].as_str().unwrap_or_default();
        word.contains("rolled back")
    })
    .await;
    for office in [&offices[1], &offices[0]] {
        let place = on_record(office, "4102", "41", "shorter than signed before").await;
        assert_eq!(place, size);
        file_names(office, "4102", size).await;
        let (code, verdict) = examine(&paper, folder_of(office)).await.unwrap();
        assert_eq!(code, 0, "what was registered is not lost: {verdict:#}");
        let said = until(office, "status", |_| true).await;
        assert_eq!(objections(&said).len(), 1, "it is said once: {said:#}");
    }
    stop_all(offices.into_iter().chain([city])).await;
}
