//! A program that has nothing of ours reads a county's office, and is refused what is not its own.
//!
//! The program is `tests/clients/read.py`, in Python with public libraries. Where Python or the libraries
//! cannot be had, the test says aloud that it was skipped.

use std::path::{Path, PathBuf};
use std::process::{Command as PlainCommand, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use terrace_node::window::Window;
use terrace_tests::offices::{Office, OfficeError, binary, command, line};
use terrace_tests::skipped::skipped;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

/// Until what was passed on has come down and been cosigned.
const PATIENCE: Duration = Duration::from_secs(60);

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

async fn node(arguments: &[&str]) -> String {
    command(&binary("terrace-node").unwrap(), arguments).await.unwrap()
}

/// Python with the libraries it needs, if they can be had.
fn python() -> Option<PathBuf> {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("clients");
    let prepare = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/prepare.sh");
    let output = PlainCommand::new("sh").arg(prepare).arg(&environment).output().unwrap();
    if output.status.success() {
        return Some(environment.join("bin/python"));
    }
    let why = String::from_utf8_lossy(&output.stderr);
    skipped(&format!("no outside reader in Python: {}", why.trim()));
    None
}

/// Registers a case; gives its number.
async fn register(data: &str, title: &str) -> String {
    let told = node(&["case", "register", "--data", data, "--title", title]).await;
    let number = told.split_whitespace().find(|word| word.matches('-').count() == 4);
    number.unwrap_or_else(|| panic!("no case number in {told:?}")).to_owned()
}

async fn issue(
    office: &Office,
    name: &str,
    scope: &str,
    out: &Path,
) -> Result<String, OfficeError> {
    let (data, out) = (text(office.folder.path()), text(out));
    let issue =
        ["reader", "issue", "--data", &data, "--name", name, "--scope", scope, "--out", &out];
    let program = binary("terrace-node")?;
    command(&program, &issue).await
}

/// The certificates of an office under the names a reader's have.
fn office_as_reader(office: &Path, out: &Path) {
    std::fs::create_dir(out).unwrap();
    let read = |name: &str| std::fs::read_to_string(office.join(name)).unwrap();
    let chain = read("certificates/transport.pem") + &read("certificates/above.pem");
    std::fs::write(out.join("reader.pem"), chain).unwrap();
    std::fs::copy(office.join("keys/transport.key"), out.join("reader.key")).unwrap();
}

/// Waits until the superior has cosigned what the office wrote, the office being connected.
async fn cosigned(window: &mut Window) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status: Value = serde_json::from_str(&window.show_status().await.unwrap()).unwrap();
        if status["not_cosigned"]["entries"] == 0 && status["neighbours"][0]["connected"] == true {
            return;
        }
        assert!(Instant::now() < deadline, "never cosigned: {status:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What the program is told.
fn plan(county: &Office, folder: &Path, number: &str, title: &str) -> Value {
    let (config, ..) = county.folder.config().unwrap();
    json!({
        "address": config.listen.unwrap(),
        "server_name": "d410221.d4102.d41.terrace",
        "division": 410_221_000_000_u64,
        "superior": 410_200_000_000_u64,
        "name": "杞县",
        "cases": 3,
        "number": number,
        "title": title,
        "reader": folder.join("reader"),
        "limited": folder.join("limited"),
        "office": folder.join("office"),
        "other_office": folder.join("other"),
        "foreign": folder.join("foreign"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn program_with_nothing_of_ours_reads_a_county_and_checks_its_proofs() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("ours"), &["41", "4102", "410221"]).await.unwrap();
    let strangers = line(&folder.path().join("strangers"), &[]).await.unwrap();
    let [_, _, city, county] = offices.as_slice() else { panic!("four offices") };
    let data = text(county.folder.path());
    let title = "东街路灯三盏不亮，夜间行走不便";
    let number = register(&data, title).await;
    let unit = ["case", "transfer", "--data", &data, &number, "--to", "410221", "--to-organ", "zj"];
    node(&unit).await;
    node(&["case", "receive", "--data", &data, &number, "--organ", "zj"]).await;
    node(&["case", "accept", "--data", &data, &number, "--organ", "zj"]).await;
    for other in ["水渠淤塞", "集市噪声"] {
        let passed_on = register(&data, other).await;
        node(&["case", "transfer", "--data", &data, &passed_on, "--to", "4102"]).await;
    }
    issue(county, "统计平台", "office,cases,journal,neighbours", &folder.path().join("reader"))
        .await
        .unwrap();
    issue(county, "门户", "office", &folder.path().join("limited")).await.unwrap();
    issue(city, "统计平台", "office,cases", &folder.path().join("other")).await.unwrap();
    issue(&strangers[0], "外人", "office", &folder.path().join("foreign")).await.unwrap();
    office_as_reader(county.folder.path(), &folder.path().join("office"));
    cosigned(&mut county.window().await.unwrap()).await;
    let written = folder.path().join("plan.json");
    std::fs::write(&written, plan(county, folder.path(), &number, title).to_string()).unwrap();
    let log = || std::fs::read_to_string(county.folder.path().join("log")).unwrap();

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/read.py");
    let mut program = Command::new(python);
    program.arg(script).arg(written).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = program.kill_on_drop(true).spawn().unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap()).lines();
    assert_eq!(said.next_line().await.unwrap().as_deref(), Some("read"), "{}", log());
    let revoke = ["reader", "revoke", "--data", &data, "统计平台"];
    node(&revoke).await;
    let mut to = program.stdin.take().unwrap();
    to.write_all(b"revoked\n").await.unwrap();
    assert_eq!(said.next_line().await.unwrap().as_deref(), Some("refused"), "{}", log());
    assert!(program.wait().await.unwrap().success());
    assert!(log().contains("answering a reader"), "{}", log());
    assert!(log().contains("refused a caller"), "{}", log());
    assert!(!log().contains("路灯"), "the log repeats words of a case");
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_issued_listed_and_revoked_beside_a_running_office_or_without() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line(folder.path(), &[]).await.unwrap();
    let root = offices.pop().unwrap();
    let data = text(root.folder.path());
    let out = folder.path().join("reader");
    let told = issue(&root, "审计", "journal,office", &out).await.unwrap();
    assert!(told.contains("server name: root.terrace"), "{told}");
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(out.join(name)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode("reader.key"), 0o600);
    // A folder that is there is never written over, and a name in force is not given twice.
    let error = issue(&root, "别人", "office", &out).await.unwrap_err().to_string();
    assert!(error.contains("a new folder"), "{error}");
    let twice = issue(&root, "审计", "office", &folder.path().join("twice")).await;
    assert!(twice.unwrap_err().to_string().contains("revoke it first"));
    let scope = issue(&root, "别人", "everything", &folder.path().join("scope")).await;
    assert!(scope.unwrap_err().to_string().contains("expected office, cases, journal"));
    root.stop().await.unwrap();
    let list = ["reader", "list", "--data", &data, "--json"];
    let listed: Value = serde_json::from_str(&node(&list).await).unwrap();
    assert_eq!(listed["readers"].as_array().unwrap().len(), 1, "{listed:#}");
    assert_eq!(listed["readers"][0]["scopes"], json!(["office", "journal"]));
    assert_eq!(listed["readers"][0]["revoked_at"], Value::Null);
    node(&["reader", "revoke", "--data", &data, "审计"]).await;
    assert!(node(&["reader", "list", "--data", &data]).await.contains("已吊销 revoked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn township_says_that_it_cannot_be_read_and_where_to_ask() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(&folder.path().join("town"));
    node(&["init", "--data", &data, "--division", "410221101"]).await;
    let out = text(&folder.path().join("reader"));
    let issue =
        ["reader", "issue", "--data", &data, "--name", "a", "--scope", "office", "--out", &out];
    let refused = command(&binary("terrace-node").unwrap(), &issue).await.unwrap_err().to_string();
    assert!(refused.contains("no authority and no port; its county holds"), "{refused}");
    assert!(!Path::new(&out).exists());
}
