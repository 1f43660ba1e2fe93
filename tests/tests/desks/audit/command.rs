//! `audit` on the command line: the same answer beside a running office and without one.

use super::*;

async fn run(data: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = tokio::process::Command::new(binary("terrace-node").unwrap());
    command.arg("audit").args(arguments).arg("--data").arg(data);
    let output = command.stdin(std::process::Stdio::null()).output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.code() != Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn command_answers_beside_a_running_office_and_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("41");
    let node = binary("terrace-node").unwrap();
    let text = data.to_string_lossy().into_owned();
    offices::command(&node, &["init", "--data", &text, "--division", "41"]).await.unwrap();
    let register = ["case", "register", "--data", &text, "--title", "路灯"];
    offices::command(&node, &register).await.unwrap();
    let alone = run(&data, &["--json"]).await;
    let office = offices::Office::start(&node, &data).await.unwrap();
    let beside = run(&data, &["verify", "--json"]).await;
    assert_eq!(alone, beside);
    let last: Value = serde_json::from_str(beside.1.lines().last().unwrap()).unwrap();
    assert_eq!((&last["row"], &last["findings"]), (&"summary".into(), &0.into()));
    let (code, told) = run(&data, &["traffic", "--csv"]).await;
    assert_eq!((code, told.lines().count()), (0, 1), "{told}");
    let (code, told) = run(&data, &["reconcile"]).await;
    assert!(code == 0 && told.contains("河南省的记录簿存 5 条"), "{told}");
    let (code, _) = run(&data, &["verify", "--kind", "nonsense"]).await;
    assert_eq!(code, 2);
    // What is found makes the exit code: a fold is altered by hand.
    office.stop().await.unwrap();
    let connection = rusqlite::Connection::open(data.join("office.db")).unwrap();
    connection.execute_batch("UPDATE folded_case SET title = '改'").unwrap();
    drop(connection);
    let (code, told) = run(&data, &[]).await;
    assert!(code == 3 && told.contains("归并不符 fold"), "{told}");
}
