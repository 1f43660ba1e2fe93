//! Attack 6: a report against the office itself. A township takes in a report (检举控告) against its county; the
//! county's insider, with root and every key of the county on his machine, looks for it wherever it passes.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use terrace_node::cabinet::{Cabinet, KeyFile, KeyStore as _};
use terrace_node::identity::files::handed;
use terrace_node::identity::transport::reader_config;
use terrace_node::store::Store;
use terrace_node::store::StoredEntry;
use terrace_proto::entry::{Entry, JournalId, Kind};
use terrace_proto::seal::Wrap;
use terrace_proto::wire::read_service_client::ReadServiceClient;
use terrace_proto::wire::{EntryName, ReadCasesRequest, ReadEntriesRequest};
use terrace_tests::auditor::ask;
use terrace_tests::offices::{
    Office, binary, command, dial, free_address, in_files, line_over, store_of,
};
use terrace_tests::search;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{folder_of, keep, start, stop, stop_all, until};

const COUNTY: &str = "410221";
const TOWN: &str = "410221101";
/// Words of the report that stand nowhere else.
const WORDS: &str = "私分征地补偿款";
/// The same in the percent encoding of an address.
const SOUGHT: &str = "%E7%A7%81%E5%88%86%E5%BE%81%E5%9C%B0%E8%A1%A5%E5%81%BF%E6%AC%BE";

/// Everything a reader can be let read.
const SCOPES: &str = "office,cases,journal,neighbours";

/// A federation whose county has a console; the county is not connected upwards, so that all that passes lies there.
async fn federation(folder: &Path) -> (Vec<Office>, Office, Office, String) {
    let mut offices = line_over(folder, &["41", "4102", COUNTY, TOWN], &in_files).await.unwrap();
    let (town, county) = (offices.pop().unwrap(), offices.pop().unwrap());
    let data = stop(county).await;
    let address = free_address().unwrap();
    let file = data.join("office.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("console = \"{address}\"\n{config}")).unwrap();
    (offices, start(&data).await, town, address)
}

/// What the insider finds the words in, at the county, by the name of the way.
async fn found(county: &Office, console: &str) -> BTreeSet<&'static str> {
    let data = folder_of(county);
    let mut ways = BTreeSet::new();
    let mut note = |way, holds: bool| {
        if holds {
            ways.insert(way);
        }
    };
    note("console", crawl(console).await.iter().any(|page| page.contains(WORDS)));
    let search = get(console, &format!("/?q={SOUGHT}")).await;
    note("search", search.contains("href=\"/cases/"));
    note("API", api(county).await.iter().any(|bytes| holds(bytes)));
    let text = data.to_string_lossy().into_owned();
    let told = |answer: terrace_tests::auditor::Answer| {
        answer.rows.iter().map(Value::to_string).collect::<String>()
    };
    let mut statistics = String::new();
    for question in [vec!["status"], vec!["case", "list"], vec!["audit", "traffic"]] {
        let question: Vec<&str> = question.into_iter().chain(["--data", &text]).collect();
        statistics += &told(ask(&question).await.unwrap());
    }
    note("statistics", statistics.contains(WORDS));
    let export = data.with_added_extension("export");
    let file = export.to_string_lossy();
    ask(&["audit", "export", &file, "--data", &text]).await.unwrap();
    note("export", holds(&std::fs::read(&export).unwrap()));
    let backup = keep(data, "backup");
    note("backup", any_file(&backup, &|name| name != "log"));
    note("logs", any_file(&backup, &|name| name == "log"));
    note("sync", passing(&backup).await);
    std::fs::remove_dir_all(&backup).unwrap();
    ways
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(WORDS.len()).any(|some| some == WORDS.as_bytes())
}

/// Whether any file below a folder that is named as wanted holds the words.
fn any_file(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> bool {
    let other = |path: &Path| !path.file_name().is_some_and(|name| wanted(&name.to_string_lossy()));
    !search::holding(folder, WORDS.as_bytes(), &other).is_empty()
}

/// What comes from the township and is passed on: every part of every entry, opened with every key of the county
/// where a wrap of it lies there.
async fn passing(data: &Path) -> bool {
    let folder = terrace_node::folder::Folder::at(data);
    let store = store_of(&folder).await.unwrap();
    let wraps = KeyFile::open(&folder.case_keys()).await.unwrap();
    let superior = "4102".parse().unwrap();
    let mut lying = wraps.due(superior, 1_000).await.unwrap();
    for case in wraps.cases().await.unwrap() {
        lying.extend(wraps.wraps(case).await.unwrap());
    }
    assert!(
        !lying.is_empty() || entries(store.as_ref()).await.iter().all(|one| one.sealed().is_none())
    );
    let cabinet = Cabinet::new(std::sync::Arc::new(wraps), folder.sealing_keys().unwrap());
    let opens = async |bytes: &[u8]| {
        let wrap = Wrap::read(bytes).unwrap();
        let key = store.journal(wrap.by()).await.unwrap().unwrap().key;
        cabinet.opens(&wrap.verify(&key).unwrap())
    };
    for wrap in &lying {
        if opens(wrap).await {
            return true;
        }
    }
    entries(store.as_ref()).await.iter().any(|entry| {
        let sealed = entry.sealed().is_some_and(|part| holds(part.bytes()));
        sealed || holds(entry.header_bytes()) || entry.body().is_some_and(holds)
    })
}

/// The township's entries as the county holds them.
async fn entries(store: &dyn Store) -> Vec<Entry> {
    let journals = store.journals().await.unwrap();
    let town: JournalId =
        journals.iter().map(|one| one.id).find(|id| id.author.short() == TOWN).unwrap();
    let stored = store.entries(town, 0, 1_000).await.unwrap();
    stored.into_iter().map(StoredEntry::into_entry).map(Result::unwrap).collect()
}

/// Every page of the console that leads on from the first.
async fn crawl(console: &str) -> Vec<String> {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec!["/".to_owned()]);
    let mut pages = Vec::new();
    while let Some(path) = waiting.pop() {
        if seen.len() > 300 || !seen.insert(path.clone()) {
            continue;
        }
        let page = get(console, &path).await;
        let links = page.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
        let links = links.filter(|link| !link.contains(".css") && !link.contains('?'));
        waiting.extend(links.map(|link| format!("/{link}")));
        pages.push(page);
    }
    assert!(pages.len() > 5, "the console has more than its first page");
    pages
}

async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let question = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// All that the read service shows of cases and of the township's journal, with a certificate the county issued itself.
async fn api(county: &Office) -> Vec<Vec<u8>> {
    let data = folder_of(county).to_string_lossy().into_owned();
    let out = folder_of(county).with_added_extension(format!("reader{}", Timestamp::now()));
    let (name, folder) =
        (format!("内部{}", Timestamp::now().as_millisecond()), out.to_string_lossy());
    let issue =
        ["reader", "issue", "--data", &data, "--name", &name, "--scope", SCOPES, "--out", &folder];
    command(&binary("terrace-node").unwrap(), &issue).await.unwrap();
    let with = handed(&out).unwrap();
    let config = reader_config(&with.chain, &with.root, &with.key).unwrap();
    let mut reader = ReadServiceClient::new(dial(county, config).await.unwrap());
    let cases = reader.read_cases(ReadCasesRequest::default()).await;
    let mut shown = vec![format!("{:?}", cases.unwrap().into_inner()).into_bytes()];
    let store = county.store().await.unwrap();
    let town =
        store.journals().await.unwrap().into_iter().find(|one| one.id.author.short() == TOWN);
    let town = town.unwrap().id;
    let (author, epoch) = (town.author.number(), town.epoch.0.to_vec());
    let from = Some(EntryName { author, epoch, sequence: 0 });
    let request = ReadEntriesRequest { from, ..Default::default() };
    let mut stream = reader.read_entries(request).await.unwrap().into_inner();
    while let Some(entry) = stream.message().await.unwrap() {
        shown.extend([entry.header, entry.body.unwrap_or_default()]);
    }
    shown
}

/// Waits until the county holds so many entries of the township.
async fn arrived(county: &Office, kind: Kind) {
    until(county, "the township's entry is at the county", |_| true).await;
    for _ in 0..600 {
        let store = county.store().await.unwrap();
        if entries(store.as_ref()).await.iter().any(|entry| entry.header().kind == kind) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the township's entry never came");
}

/// Waits until the wrap of a report's key lies at the county, on its way up.
async fn key_waits(county: &Office) {
    for _ in 0..600 {
        let copy = keep(folder_of(county), "probe");
        let folder = terrace_node::folder::Folder::at(&copy);
        let wraps = KeyFile::open(&folder.case_keys()).await.unwrap();
        let due = wraps.due("4102".parse().unwrap(), 1).await.unwrap();
        drop(wraps);
        std::fs::remove_dir_all(&copy).unwrap();
        if !due.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the wrap never came");
}

/// Takes in the report; tries again until the township has heard of a key above the county.
async fn accuse(town: &Office, folder: &Path) -> Value {
    let file = folder.join("report.json");
    let report = json!({ "title": "举报", "text": WORDS, "accused_person": "县领导" });
    std::fs::write(&file, report.to_string()).unwrap();
    let (data, path) = (folder_of(town).to_string_lossy(), file.to_string_lossy());
    let take = ["accusation", "take", &path, "--accused", COUNTY, "--data", &data];
    for _ in 0..600 {
        let taken = ask(&take).await.unwrap();
        if taken.code == 0 {
            std::fs::remove_file(&file).unwrap();
            return taken.rows[0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the report is never taken in");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_seal_the_accused_reads_it_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    let (above, county, town, console) = federation(folder.path()).await;
    let data = folder_of(&town).to_string_lossy().into_owned();
    let plain = ["case", "register", "--title", WORDS, "--text", WORDS, "--data", &data];
    assert_eq!(ask(&plain).await.unwrap().code, 0);
    arrived(&county, Kind::CaseOpened).await;
    let ways = found(&county, &console).await;
    // An export holds no words by itself, and a log holds none of what officers write: these ways show nothing even so.
    let open = BTreeSet::from(["API", "backup", "console", "search", "statistics", "sync"]);
    assert_eq!(ways, open);
    stop_all(above.into_iter().chain([county, town])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_report_is_found_by_the_accused_in_no_way_and_read_above() {
    let folder = tempfile::tempdir().unwrap();
    let (above, county, town, console) = federation(folder.path()).await;
    // Once the first is taken in, the town knows the key above; the second one's key waits at the county.
    accuse(&town, folder.path()).await;
    county.window().await.unwrap().set_link(false).await.unwrap();
    let taken = accuse(&town, folder.path()).await;
    arrived(&county, Kind::ReportSealed).await;
    key_waits(&county).await;
    assert_eq!(found(&county, &console).await, BTreeSet::new());
    county.window().await.unwrap().set_link(true).await.unwrap();

    let leaf = taken["leaf"].as_str().unwrap();
    let city = folder_of(&above[2]).to_string_lossy().into_owned();
    let open = ["accusation", "open", leaf, "--organ", "discipline", "--purpose", "初核"];
    let open: Vec<&str> = open.into_iter().chain(["--data", &city]).collect();
    let mut opened = ask(&open).await.unwrap();
    for _ in 0..600 {
        if opened.code == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        opened = ask(&open).await.unwrap();
    }
    assert_eq!(opened.rows[0]["text"], WORDS);
    stop_all(above.into_iter().chain([county, town])).await;
    // Nor does it lie in any file of any office, the reader's included.
    assert!(!any_file(folder.path(), &|_| true));
}
