//! A receipt in the hands of a petitioner: given at the town, completed above, examined by whoever holds the root's
//! key, and by every office.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use terrace_tests::offices::{Office, binary, command, copy, in_files, line, line_over};
use terrace_tests::waiting::until;
use tokio::process::Command;

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn node() -> PathBuf {
    binary("terrace-node").unwrap()
}

async fn show(office: &Office, number: &str, evidence: bool) -> String {
    let data = text(office.folder.path());
    let mut arguments = vec!["receipt", "show", number, "--data", &data];
    if evidence {
        arguments.push("--evidence");
    }
    command(&node(), &arguments).await.unwrap()
}

/// The exit code and the verdict of `receipt verify`.
async fn verify(receipt: &Path, rest: &[&str]) -> (i32, Value) {
    let mut verify = Command::new(node());
    verify.args(["receipt", "verify", "--json"]).arg(receipt).args(rest).stdin(Stdio::null());
    let output = verify.output().await.unwrap();
    let verdict = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), verdict)
}

fn answer<'v>(verdict: &'v Value, question: &str) -> &'v Value {
    let points = verdict["points"].as_array().unwrap();
    &points.iter().find(|point| point["question"] == question).unwrap()["answer"]
}

/// Waits until the superior of an office has signed all of its journal.
async fn cosigned(office: &Office) {
    let status = async || -> Value {
        let told = office.window().await.unwrap().show_status().await.unwrap();
        serde_json::from_str(&told).unwrap()
    };
    for _ in 0..600 {
        let status = status().await;
        if status["not_cosigned"]["entries"] == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{}", status().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_is_checked_by_the_roots_key_alone_and_by_every_office() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line(folder.path(), &["41", "4102"]).await.unwrap();
    let root: Value = serde_json::from_str(
        &command(&node(), &["root", "--json", "--data", &text(offices[2].folder.path())])
            .await
            .unwrap(),
    )
    .unwrap();
    let root = root["root"].as_str().unwrap();
    offices[2].window().await.unwrap().set_link(false).await.unwrap();
    let number = offices[2].register("村口路灯不亮").await.unwrap();
    let file = folder.path().join("receipt.txt");

    // At once, offline: signed, with the chain of admissions, nobody else has signed yet.
    std::fs::write(&file, show(&offices[2], &number, false).await).unwrap();
    let (code, verdict) = verify(&file, &["--root", root]).await;
    assert_eq!((code, &verdict["outcome"]), (5, &"open".into()), "{verdict}");
    let early = show(&offices[2], &number, true).await;
    std::fs::write(&file, &early).unwrap();
    let (code, verdict) = verify(&file, &["--root", root]).await;
    assert_eq!((code, answer(&verdict, "cosigned")), (0, &"open".into()), "{verdict}");
    let bare = early.split("-----BEGIN").next().unwrap().to_owned();

    // The province does not hold it yet, and says so.
    let province = text(offices[1].folder.path());
    std::fs::write(&file, &bare).unwrap();
    let (code, verdict) = verify(&file, &["--data", &province]).await;
    assert_eq!((code, answer(&verdict, "here")), (5, &"open".into()), "{verdict}");
    assert_eq!(verdict["answerable"], Value::Null);

    // After the sync the same paper holds everywhere, and can be completed with the superior's signature.
    offices[2].window().await.unwrap().set_link(true).await.unwrap();
    cosigned(&offices[2]).await;
    cosigned(&offices[1]).await;
    let whole = folder.path().join("whole.txt");
    for office in &offices {
        let data = text(office.folder.path());
        let complete = text(&whole);
        // Its own journal is signed; the town's entries may still be on their way to whoever stands above.
        let here = || async { verify(&file, &["--data", &data]).await.0 };
        until("the registration", here, |code| *code == 0).await;
        let (code, verdict) = verify(&file, &["--data", &data, "--complete", &complete]).await;
        assert_eq!((code, answer(&verdict, "here")), (0, &"holds".into()), "{verdict}");
        let (code, verdict) = verify(&whole, &["--root", root]).await;
        assert_eq!((code, answer(&verdict, "cosigned")), (0, &"holds".into()), "{verdict}");
        assert_eq!(verdict["receipt"]["number"], number.as_str());
        assert_eq!(verdict["receipt"]["due"][0]["duty"], "triage");
    }

    // A changed date is no longer what the office signed; another root vouches for nobody.
    let due = verdict_due(&bare);
    std::fs::write(&file, bare.replace(&due, "due triage 2031-01-01")).unwrap();
    let (code, verdict) = verify(&file, &["--data", &province]).await;
    assert_eq!((code, answer(&verdict, "signed")), (3, &"fails".into()), "{verdict}");
    let stranger = root.replace("terrace/", "terrace/0");
    let (code, verdict) = verify(&whole, &["--root", &stranger]).await;
    assert_eq!((code, verdict), (1, Value::Null));
    for office in offices.drain(..) {
        office.stop().await.unwrap();
    }
}

fn verdict_due(receipt: &str) -> String {
    receipt.lines().find(|line| line.starts_with("due triage")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_kept_back_shows_at_the_superior_and_names_the_office() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line_over(folder.path(), &["41"], &in_files).await.unwrap();
    cosigned(&offices[1]).await;
    // The province registers and gives the paper, then goes back to a copy of its database from before.
    offices.pop().unwrap().stop().await.unwrap();
    let data = folder.path().join("41");
    let kept = folder.path().join("copy");
    copy(&data, &kept).unwrap();
    let liar = Office::start(&node(), &data).await.unwrap();
    liar.window().await.unwrap().set_link(false).await.unwrap();
    let number = liar.register("举报截留低保").await.unwrap();
    let receipt = show(&liar, &number, true).await;
    liar.stop().await.unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&kept, &data).unwrap();
    let liar = Office::start(&node(), &data).await.unwrap();
    liar.register("另一件").await.unwrap();
    cosigned(&liar).await;

    let file = folder.path().join("receipt.txt");
    std::fs::write(&file, receipt).unwrap();
    let hub = text(offices[0].folder.path());
    let (code, verdict) = verify(&file, &["--data", &hub]).await;
    assert_eq!(code, 3, "{verdict}");
    assert_eq!(verdict["answerable"], "41", "{verdict}");
    assert_eq!(answer(&verdict, "here"), "fails");
    assert_eq!(answer(&verdict, "in-journal"), "fails", "it has signed two histories: {verdict}");
    liar.stop().await.unwrap();
    offices.pop().unwrap().stop().await.unwrap();
}
