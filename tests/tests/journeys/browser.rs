//! Every page of every office in a real browser: both languages, scripts on and off, light and dark.
//!
//! No page may make the browser complain, ask another machine for anything, or have a serious fault that
//! axe-core finds. Set `TERRACE_PICTURES` to a folder to keep pictures of the pages.

use std::path::PathBuf;
use std::process::Stdio;

use fantoccini::Locator;
use fantoccini::key::Key;
use futures::future::join_all;
use serde_json::Value;
use terrace_tests::browser::{Browser, BrowserError, Driver, Eyes};
use terrace_tests::offices::{binary, command};
use terrace_tests::skipped::skipped;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const AXE: &str = include_str!("../../vendor/axe-core/axe.min.js");

/// Five offices that played the story and stay to be looked at.
struct Stage {
    _demo: Child,
    _data: tempfile::TempDir,
    /// Where each is looked at, from the root down, without the slash at the end.
    consoles: Vec<String>,
    /// The data folder of the town.
    town: String,
}

async fn stage() -> Stage {
    let data = tempfile::tempdir().unwrap();
    let mut demo = Command::new(binary("terrace-hub").unwrap())
        .args(["demo", "--data"])
        .arg(data.path().join("offices"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("Ctrl-C") {
            break;
        }
    }
    let roll = std::fs::read_to_string(data.path().join("offices/offices.json")).unwrap();
    let roll: Value = serde_json::from_str(&roll).unwrap();
    let consoles = roll.as_array().unwrap().iter().map(|row| row["console"].as_str().unwrap());
    let consoles = consoles.map(|address| address.trim_end_matches('/').to_owned()).collect();
    let town = roll[4]["data"].as_str().unwrap().to_owned();
    Stage { _demo: demo, _data: data, consoles, town }
}

/// The driver; without one the test says so aloud and proves nothing.
async fn driver() -> Option<Driver> {
    match Driver::start().await {
        Ok(driver) => Some(driver),
        Err(error @ BrowserError::Missing) => {
            skipped(&format!("no browser: {error}"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The pages of an office: fixed ones, and one case, one entry and one division below where there are any.
async fn pages(browser: &Browser, console: &str) -> Vec<String> {
    let mut pages: Vec<String> = [
        "/",
        "/?show=overdue",
        "/?show=attention",
        "/?show=all",
        "/?q=%E8%B7%AF%E7%81%AF",
        "/?q=410221101-2026-00000-0001-0",
        "/receipts",
        "/receipts?number=410221101-2026-00000-0001-0&code=AAAA-BBBB-CCCC",
        "/neighbours",
        "/journal",
        "/rolls",
        "/rolls/backlog",
        "/rolls/receptions",
        "/organs",
        "/surveys",
        "/surveys?what=hard&days=0",
        "/surveys?what=coverage",
        "/figures",
        "/figures/410221101/cases?figure=passed_on",
        "/cases/nothing",
    ]
    .map(str::to_owned)
    .to_vec();
    for (list, part) in
        [("/?show=all", "/cases/"), ("/journal", "/journal/"), ("/subtree", "/subtree/")]
    {
        browser.client().goto(&format!("{console}{list}")).await.unwrap();
        let links = browser.client().find_all(Locator::Css("main a[href]")).await.unwrap();
        for link in links {
            let to = link.attr("href").await.unwrap().unwrap_or_default();
            if to.starts_with(part) {
                if part == "/cases/" && gives_receipt(browser, console, &to).await {
                    pages.push(format!("{to}/receipt"));
                }
                pages.push(to);
                break;
            }
        }
    }
    if !console.is_empty() && browser.client().current_url().await.unwrap().path() == "/subtree" {
        pages.push("/subtree".into());
    }
    pages
}

/// Whether the case at `page` was registered at this office, so that there is a receipt.
async fn gives_receipt(browser: &Browser, console: &str, page: &str) -> bool {
    browser.client().goto(&format!("{console}{page}")).await.unwrap();
    browser.client().find(Locator::Css("a[href$='/receipt']")).await.is_ok()
}

/// Serious and critical faults that axe-core finds on the page.
async fn faults(browser: &Browser) -> Vec<String> {
    browser.client().execute(AXE, Vec::new()).await.unwrap();
    let ask = "const done = arguments[arguments.length - 1]; axe.run(document).then(r => done(r.violations));";
    let found = browser.client().execute_async(ask, Vec::new()).await.unwrap();
    let serious = |fault: &&Value| fault["impact"] == "serious" || fault["impact"] == "critical";
    let told =
        |fault: &Value| format!("{}: {} {}", fault["id"], fault["help"], fault["nodes"][0]["html"]);
    found.as_array().unwrap().iter().filter(serious).map(told).collect()
}

async fn open_all(driver: &Driver, consoles: &[String], eyes: Eyes, language: &str) -> usize {
    let browser = driver.open(eyes).await.unwrap();
    let pictures = std::env::var_os("TERRACE_PICTURES").map(PathBuf::from);
    let mut opened = 0;
    for console in consoles {
        browser.client().goto(&format!("{console}/language/{language}?to=/")).await.unwrap();
        for page in pages(&browser, console).await {
            browser.size(1_280, 960).await.unwrap();
            browser.client().goto(&format!("{console}{page}")).await.unwrap();
            let heading = browser.client().find(Locator::Css("h1")).await.unwrap();
            assert!(!heading.text().await.unwrap().is_empty(), "{page} has no heading");
            let tag = browser.client().find(Locator::Css("html")).await.unwrap().attr("lang").await;
            let expected = if language == "en" { "en" } else { "zh-Hans" };
            assert_eq!(tag.unwrap().as_deref(), Some(expected), "{page}");
            if eyes.scripts {
                let faults = faults(&browser).await;
                assert!(faults.is_empty(), "{console}{page} ({language}, {eyes:?}): {faults:#?}");
            }
            if let Some(folder) = &pictures {
                let office = consoles.iter().position(|one| one == console).unwrap();
                let name = page.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
                let name: String = name.chars().take(40).collect();
                let scheme = if eyes.dark { "dark" } else { "light" };
                let scripts = if eyes.scripts { "scripts" } else { "plain" };
                let file =
                    folder.join(format!("{office}-{language}-{scheme}-{scripts}-{name}.png"));
                browser.picture(&file, 1_280).await.unwrap();
            }
            opened += 1;
        }
        let told = browser.told().await.unwrap();
        let not_found = |complaint: &&String| !complaint.contains("/cases/nothing");
        let complaints: Vec<&String> = told.complaints.iter().filter(not_found).collect();
        assert!(complaints.is_empty(), "{console}: {complaints:#?}");
        assert!(!told.asked.is_empty(), "nothing was noted");
        let elsewhere = |address: &&String| {
            !address.starts_with(console.as_str()) && !address.starts_with("data:")
        };
        let elsewhere: Vec<&String> = told.asked.iter().filter(elsewhere).collect();
        assert!(elsewhere.is_empty(), "{console} asked elsewhere: {elsewhere:?}");
    }
    browser.close().await.unwrap();
    opened
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_every_office_opens_without_a_fault() {
    let Some(driver) = driver().await else { return };
    let stage = stage().await;
    let looks =
        [(true, false, "zh"), (true, true, "en"), (false, true, "zh"), (false, false, "en")];
    // Four readers at once: a browser mostly waits for its driver.
    let opened = join_all(looks.map(|(scripts, dark, language)| {
        open_all(&driver, &stage.consoles, Eyes { scripts, dark }, language)
    }));
    let opened: usize = opened.await.into_iter().sum();
    assert!(opened >= 4 * (4 * 13 + 10), "only {opened} pages were opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn clerk_finds_a_case_and_its_proof_with_the_keyboard_alone() {
    let Some(driver) = driver().await else { return };
    let stage = stage().await;
    let browser = driver.open(Eyes { scripts: false, dark: false }).await.unwrap();
    let client = browser.client();
    client.goto(&format!("{}/", stage.consoles[3])).await.unwrap();
    let body = client.find(Locator::Css("body")).await.unwrap();
    body.send_keys(&Key::Tab.to_string()).await.unwrap();
    let focused = client.active_element().await.unwrap();
    assert_eq!(
        focused.attr("href").await.unwrap().as_deref(),
        Some("#content"),
        "the skip link comes first"
    );
    let search = client.find(Locator::Css("#q")).await.unwrap();
    search.send_keys("路灯").await.unwrap();
    search.send_keys(&Key::Enter.to_string()).await.unwrap();
    let case = client.wait().for_element(Locator::Css("tbody a.code")).await.unwrap();
    case.send_keys(&Key::Enter.to_string()).await.unwrap();
    let way = client.wait().for_element(Locator::Css("svg.way")).await.unwrap();
    let told = way.attr("aria-label").await.unwrap().unwrap();
    assert!(told.contains("五里河镇"), "the picture says in words what it shows: {told}");
    let proof = client.find(Locator::Css(".proof a")).await.unwrap();
    proof.send_keys(&Key::Enter.to_string()).await.unwrap();
    let verdict = client.wait().for_element(Locator::Css(".verdict")).await.unwrap();
    assert!(verdict.text().await.unwrap().starts_with('✓'));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn petitioner_has_a_receipt_examined_at_another_office() {
    let Some(driver) = driver().await else { return };
    let stage = stage().await;
    let browser = driver.open(Eyes { scripts: false, dark: false }).await.unwrap();
    let client = browser.client();
    client.goto(&format!("{}/?show=all", stage.consoles[4])).await.unwrap();
    let case = client.find(Locator::Css("tbody a.code")).await.unwrap();
    case.click().await.unwrap();
    let paper = client.wait().for_element(Locator::Css("a[href$='/receipt']")).await.unwrap();
    paper.click().await.unwrap();
    let note = client.wait().for_element(Locator::Css("#note-1")).await.unwrap();
    let note = note.text().await.unwrap();
    assert!(client.find(Locator::Css("svg.qr")).await.is_ok(), "the code is drawn");
    let code = client.find_all(Locator::Css(".paper .big")).await.unwrap();
    let [number, code] = [code[0].text().await.unwrap(), code[1].text().await.unwrap()];

    // The province examines the paper of the town.
    let examine = format!("{}/receipts", stage.consoles[1]);
    client.goto(&examine).await.unwrap();
    let field = client.find(Locator::Css("#receipt")).await.unwrap();
    field.send_keys(&note).await.unwrap();
    client.find(Locator::Css("form[method=post] button")).await.unwrap().click().await.unwrap();
    let verdict = client.wait().for_element(Locator::Css("#verdict .verdict.good")).await.unwrap();
    assert!(verdict.text().await.unwrap().contains("五里河镇"));
    if let Some(folder) = std::env::var_os("TERRACE_PICTURES") {
        browser.picture(&PathBuf::from(folder).join("examined.png"), 1_280).await.unwrap();
    }

    // A forged day is told apart, and accuses nobody.
    client.goto(&examine).await.unwrap();
    let field = client.find(Locator::Css("#receipt")).await.unwrap();
    field.send_keys(&note.replace("due triage 20", "due triage 21")).await.unwrap();
    client.find(Locator::Css("form[method=post] button")).await.unwrap().click().await.unwrap();
    let verdict = client.wait().for_element(Locator::Css("#verdict .verdict.bad")).await.unwrap();
    assert!(verdict.text().await.unwrap().contains("不能据此认定"));

    // The short code of an SMS.
    client.goto(&examine).await.unwrap();
    client.find(Locator::Css("#number")).await.unwrap().send_keys(&number).await.unwrap();
    let field = client.find(Locator::Css("#code")).await.unwrap();
    field.send_keys(&code.to_lowercase()).await.unwrap();
    field.send_keys(&Key::Enter.to_string()).await.unwrap();
    client.wait().for_element(Locator::Css(".verdict.good a[href^='/journal/']")).await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn petitioner_sees_who_has_opened_who_they_are() {
    let Some(driver) = driver().await else { return };
    let stage = stage().await;
    let (node, town) = (binary("terrace-node").unwrap(), stage.town.as_str());
    let name =
        ["case", "register", "--title", "井盖缺失", "--name", "测试人甲", "--phone", "13800138000"];
    let told = command(&node, &[&name[..], &["--json", "--data", town]].concat()).await.unwrap();
    let told: Value = serde_json::from_str(told.trim()).unwrap();
    let number = told["number"].as_str().unwrap();
    let shown =
        command(&node, &["receipt", "show", number, "--json", "--data", town]).await.unwrap();
    let shown: Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
    let note = shown["text"].as_str().unwrap_or_else(|| panic!("{shown}")).to_owned();

    let browser = driver.open(Eyes { scripts: true, dark: false }).await.unwrap();
    let client = browser.client();
    let examined = async || {
        client.goto(&format!("{}/receipts", stage.consoles[4])).await.unwrap();
        client.find(Locator::Css("#receipt")).await.unwrap().send_keys(&note).await.unwrap();
        client.find(Locator::Css("form[method=post] button")).await.unwrap().click().await.unwrap();
        let verdict = client.wait().for_element(Locator::Css("#verdict")).await.unwrap();
        verdict.text().await.unwrap()
    };
    let before = examined().await;
    assert!(before.contains("无人启封"), "{before}");
    let purpose = "核实联系方式";
    let unseal = ["case", "unseal", number, "--officer", "0417", "--purpose", purpose];
    let opened = command(&node, &[&unseal[..], &["--data", town]].concat()).await.unwrap();
    assert!(opened.contains("13800138000"));
    let after = examined().await;
    assert!(after.contains(purpose) && after.contains("0417") && after.contains("启封"), "{after}");
    assert!(!after.contains("13800138000") && !after.contains("井盖"), "the log alone: {after}");
    assert_eq!(faults(&browser).await, Vec::<String>::new());
    if let Some(folder) = std::env::var_os("TERRACE_PICTURES") {
        let folder = PathBuf::from(folder);
        browser.picture(&folder.join("access-receipt.png"), 1_280).await.unwrap();
        client.goto(&format!("{}/cases/{number}", stage.consoles[4])).await.unwrap();
        browser.picture(&folder.join("access-case.png"), 1_280).await.unwrap();
    }
    browser.close().await.unwrap();
}
