//! Witnesses and questions over real offices: a sibling signs what it sees, and an office is asked for what it signed.
//! Forged and rolled back journals are in `attacks/`.

use std::path::{Path, PathBuf};

use serde_json::Value;
use terrace_tests::offices::{Office, binary, command, join, line};
use terrace_tests::waiting;

fn node() -> PathBuf {
    binary("terrace-node").unwrap()
}

async fn status(office: &Office) -> Value {
    let told = office.window().await.unwrap().show_status().await.unwrap();
    serde_json::from_str(&told).unwrap()
}

/// Waits until the status of an office is as wanted.
async fn until(office: &Office, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    waiting::until(what, || status(office), wanted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sibling_signs_and_the_author_can_show_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line(folder.path(), &["41"]).await.unwrap();
    let henan = offices.pop().unwrap();
    let hubei = join(folder.path(), &offices[0], "42").await.unwrap();
    let number = henan.register("村口路灯不亮").await.unwrap();
    let all_of = |status: &Value, by: &str| {
        let size = &status["journal_size"];
        let lines = status["witnessed"].as_array().unwrap();
        lines.iter().any(|line| line["by"] == by && line["size"] == *size)
    };
    until(&henan, "41 is witnessed", |status| all_of(status, "42")).await;
    until(&hubei, "42 is witnessed", |status| all_of(status, "41")).await;

    // Its receipt brings both signatures along, and holds by the root's key alone.
    let data = henan.folder.path().to_string_lossy().into_owned();
    let root = command(&node(), &["root", "--json", "--data", &data]).await.unwrap();
    let root: Value = serde_json::from_str(&root).unwrap();
    let shown = ["receipt", "show", &number, "--evidence", "--data", &data];
    let receipt = folder.path().join("receipt");
    std::fs::write(&receipt, command(&node(), &shown).await.unwrap()).unwrap();
    let (receipt, root) = (receipt.to_string_lossy(), root["root"].as_str().unwrap());
    let verify = ["receipt", "verify", "--json", &receipt, "--root", root];
    let verdict: Value = serde_json::from_str(&command(&node(), &verify).await.unwrap()).unwrap();
    let points = verdict["points"].as_array().unwrap();
    let cosigned = points.iter().find(|point| point["question"] == "cosigned").unwrap();
    let told = cosigned["zh"].as_str().unwrap();
    assert!(told.contains("全国") && told.contains("湖北省"), "{told}");
    for office in [henan, hubei].into_iter().chain(offices) {
        office.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn office_is_asked_for_what_it_signed_and_the_question_reaches_it() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41", "4102"]).await.unwrap();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (province, city) = (text(offices[1].folder.path()), text(offices[2].folder.path()));
    offices[2].window().await.unwrap().set_link(false).await.unwrap();
    let number = offices[2].register("举报").await.unwrap();
    let receipt = folder.path().join("receipt");
    let shown = command(&node(), &["receipt", "show", &number, "--data", &city]).await.unwrap();
    std::fs::write(&receipt, shown).unwrap();
    let receipt = text(&receipt);
    let ask = ["receipt", "ask", &receipt, "--data", &province];
    command(&node(), &ask).await.unwrap();
    command(&node(), &ask).await.unwrap();
    let raised = status(&offices[1]).await["raised"].clone();
    assert_eq!(raised.as_array().unwrap().len(), 1, "asked once: {raised}");
    assert_eq!((&raised[0]["ground"], &raised[0]["about"]), (&"asked".into(), &"4102".into()));
    // Back on the line, the city hears the question, and answers by what climbs anyway.
    offices[2].window().await.unwrap().set_link(true).await.unwrap();
    let heard = |status: &Value| status["raised"][0]["ground"] == "asked";
    until(&offices[2], "the city is asked", heard).await;
    until(&offices[2], "signed", |status| status["not_cosigned"]["entries"] == 0).await;
    let told = command(&node(), &ask).await.unwrap_err().to_string();
    assert!(told.contains("nothing to ask"), "{told}");
    for office in offices {
        office.stop().await.unwrap();
    }
}
