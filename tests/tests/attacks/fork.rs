//! Attack 3: two continuations of one journal, one for each who looks.
//!
//! A superior shows the heads of a journal to the sibling that witnesses it, so the two cannot be shown different
//! books unless the superior is in it: then the insider has root there as well, and the witness is the only guard.

use std::path::Path;

use terrace_tests::offices::{Office, in_files, join_over, line_over};

use super::{
    Guard, cosigned, file_names, folder_of, keep, nobody_notices, on_record, put_back,
    stands_up_alone, start, stop, stop_all, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn two_copies_that_dial_the_same_superior_are_seen_at_the_second() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41", "4102"], &in_files).await.unwrap();
    cosigned(&offices[2]).await;
    offices[2].window().await.unwrap().set_link(false).await.unwrap();
    let data = stop(offices.pop().unwrap()).await;
    let twin = keep(&data, "twin");
    let city = start(&data).await;
    city.register("给上级看的").await.unwrap();
    city.window().await.unwrap().set_link(true).await.unwrap();
    let size = cosigned(&city).await["journal_size"].as_u64().unwrap();
    stop(city).await;
    let first = keep(&data, "first");
    put_back(&twin, &data);
    let city = start(&data).await;
    city.register("给别人看的").await.unwrap();
    stop(city).await;

    // Each copy is a good office by itself.
    stands_up_alone(&first, Guard::Superior).await;
    stands_up_alone(&data, Guard::Superior).await;

    // Both are signed by one key at one size: that is proof.
    let city = start(&data).await;
    city.window().await.unwrap().set_link(true).await.unwrap();
    for office in [&offices[1], &offices[0]] {
        assert_eq!(on_record(office, "4102", "41", "two histories").await, size);
        file_names(office, "4102", size).await;
    }
    stop_all(offices.into_iter().chain([city])).await;
}

/// Root and province together take back what the province wrote, and write something else of the same length; gives
/// the two, and the size at which the histories differ. A sibling that stands beside goes on running.
async fn collude(folder: &Path, sibling: bool) -> (Vec<Office>, Option<Office>, u64) {
    let mut pair = line_over(folder, &["41"], &in_files).await.unwrap();
    let sibling = if sibling {
        Some(join_over(folder, &pair[0], "42", &in_files).await.unwrap())
    } else {
        None
    };
    cosigned(&pair[1]).await;
    pair[1].window().await.unwrap().set_link(false).await.unwrap();
    let province = stop(pair.pop().unwrap()).await;
    let root = stop(pair.pop().unwrap()).await;
    let before = [keep(&root, "before"), keep(&province, "before")];
    let (hub, city) = (start(&root).await, start(&province).await);
    city.register("见证过的").await.unwrap();
    city.window().await.unwrap().set_link(true).await.unwrap();
    let size = cosigned(&city).await["journal_size"].as_u64().unwrap();
    if sibling.is_some() {
        until(&city, "witnessed", |status| {
            let lines = status["witnessed"].as_array().into_iter().flatten();
            lines.into_iter().any(|line| line["by"] == "42" && line["size"] == size)
        })
        .await;
    }
    stop(city).await;
    stop(hub).await;
    put_back(&before[0], &root);
    put_back(&before[1], &province);
    let (hub, city) = (start(&root).await, start(&province).await);
    city.register("换上去的").await.unwrap();
    city.window().await.unwrap().set_link(true).await.unwrap();
    cosigned(&city).await;
    (vec![hub, city], sibling, size)
}

#[tokio::test(flavor = "multi_thread")]
async fn office_and_superior_together_deceive_everyone_but_the_witness() {
    // Without a sibling nobody else ever saw the first history.
    let folder = tempfile::tempdir().unwrap();
    let (pair, _, _) = collude(folder.path(), false).await;
    nobody_notices(&[folder_of(&pair[0]), folder_of(&pair[1])], Guard::Witness).await;
    stop_all(pair).await;

    // With one, it holds the head it signed against the one it is shown, and its journal climbs.
    let folder = tempfile::tempdir().unwrap();
    let (pair, sibling, size) = collude(folder.path(), true).await;
    let sibling = sibling.unwrap();
    assert_eq!(on_record(&sibling, "41", "42", "two histories").await, size);
    file_names(&sibling, "41", size).await;
    assert_eq!(on_record(&pair[0], "41", "42", "two histories").await, size);
    stop_all(pair.into_iter().chain([sibling])).await;
}
