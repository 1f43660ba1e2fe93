//! Faults an operator meets: each is told clearly, and nothing acknowledged is lost.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use terrace_node::archive::{Identity, enrolling};
use terrace_node::desk::{Desk, Numbering, Registration};
use terrace_node::folder::Folder;
use terrace_node::identity::transport::pinned_client_config;
use terrace_node::identity::{CodeSheet, TransportName};
use terrace_node::premises::open_archive;
use terrace_node::store::Store;
use terrace_node::store::sqlite::{Options, SqliteStore};
use terrace_node::window::Window;
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_proto::entry::header::Hand;
use terrace_proto::key::Signer;
use terrace_proto::wire::link_service_client::LinkServiceClient;
use terrace_proto::wire::{ConverseRequest, IntakeRegistered, RegisterRequest};
use terrace_tests::offices::{Office, OfficeError, binary, command};

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn node() -> PathBuf {
    binary("terrace-node").unwrap()
}

async fn init(data: &Path, division: &str) {
    command(&node(), &["init", "--data", &text(data), "--division", division]).await.unwrap();
}

fn free_address() -> String {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().to_string()
}

/// A root office, made and started.
async fn root(data: &Path) -> Office {
    let hub = binary("terrace-hub").unwrap();
    command(&hub, &["init", "--data", &text(data), "--listen", &free_address()]).await.unwrap();
    Office::start(&hub, data).await.unwrap()
}

/// A province below a root, enrolled but not started.
async fn province(root: &Office, data: &Path) {
    init(data, "41").await;
    let sheet = data.join("sheet.json");
    std::fs::write(&sheet, root.window().await.unwrap().admit("41").await.unwrap()).unwrap();
    command(&node(), &["enrol", "--data", &text(data), "--sheet", &text(&sheet)]).await.unwrap();
}

fn one(title: &str) -> RegisterRequest {
    let intake =
        IntakeRegistered { title: title.into(), persons: 1, ..IntakeRegistered::default() };
    let registration = terrace_proto::wire::Registration {
        intake: Some(intake),
        received_on: None,
        past: None,
        petitioners: Vec::new(),
        coded: false,
    };
    RegisterRequest { hand: None, registrations: vec![registration] }
}

fn told(error: OfficeError) -> String {
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn port_in_use_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let hub = binary("terrace-hub").unwrap();
    command(&hub, &["init", "--data", &text(folder.path()), "--listen", &address]).await.unwrap();
    let error = told(Office::start(&hub, folder.path()).await.unwrap_err());
    assert!(error.contains(&format!("cannot listen on {address}")), "{error}");
    assert!(error.contains("office.toml"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn folder_of_a_running_office_is_refused_to_a_second_one() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "410221101").await;
    let running = Office::start(&node(), folder.path()).await.unwrap();
    let error = told(Office::start(&node(), folder.path()).await.unwrap_err());
    assert!(error.contains("owned by a running office"), "{error}");
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn office_is_never_made_over_another() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "410221101").await;
    let again =
        command(&node(), &["init", "--data", &text(folder.path()), "--division", "41"]).await;
    let error = told(again.unwrap_err());
    assert!(error.contains("already holds an office"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn database_behind_its_checkpoint_file_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    init(data, "410221101").await;
    let parts = ["office.db", "office.db-wal", "office.db-shm"];
    let kept: Vec<_> = parts.iter().map(|part| std::fs::read(data.join(part)).ok()).collect();
    let register = ["case", "register", "--data", &text(data), "--title", "路灯"];
    command(&node(), &register).await.unwrap();
    for (part, bytes) in parts.iter().zip(kept) {
        _ = std::fs::remove_file(data.join(part));
        if let Some(bytes) = bytes {
            std::fs::write(data.join(part), bytes).unwrap();
        }
    }
    let error = told(command(&node(), &register).await.unwrap_err());
    assert!(error.contains("says this journal had 5 entries, but the database holds 3"), "{error}");
    assert!(error.contains("restored from an older copy"), "{error}");
    let error = told(Office::start(&node(), data).await.unwrap_err());
    assert!(error.contains("restored from an older copy"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_refuses_with_its_reason_and_keeps_what_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("office.db");
    let identity = Identity {
        me: JournalId { author: "410221101".parse().unwrap(), epoch: Epoch([7; 16]) },
        signer: Signer::from_secret(&[7; 32]),
        superior: None,
    };
    let small: Arc<dyn Store> = Arc::new(
        SqliteStore::open_with(&path, Options { max_page_count: Some(90) }).await.unwrap(),
    );
    enrolling::found(small.as_ref(), &identity).await.unwrap();
    let home = Folder::at(folder.path());
    let mut archive = open_archive(&home, identity.clone(), small).await.unwrap();
    let mut numbering = Numbering::default();
    let mut acknowledged = Vec::new();
    let refusal = loop {
        let registration = Registration {
            intake: IntakeRegistered { title: "x".repeat(2_000), ..IntakeRegistered::default() },
            received_on: None,
            past: None,
            identity: None,
            coded: false,
        };
        let mut desk = Desk::new(&mut archive, &mut numbering);
        match desk.register(&Hand::default(), vec![registration]).await {
            Ok((registered, _)) => acknowledged.extend(registered),
            Err(error) => break error.to_string(),
        }
        assert!(acknowledged.len() < 1_000, "the disk is never full");
    };
    assert!(refusal.contains("the disk is full"), "{refusal}");
    assert!(!acknowledged.is_empty());
    drop(archive);
    let roomy: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).await.unwrap());
    let mut archive = open_archive(&home, identity, roomy).await.unwrap();
    for one in &acknowledged {
        assert!(archive.case(one.case).await.unwrap().is_some(), "{}", one.number);
    }
    let more = Registration {
        intake: IntakeRegistered { title: "again".into(), ..IntakeRegistered::default() },
        received_on: None,
        past: None,
        identity: None,
        coded: false,
    };
    Desk::new(&mut archive, &mut numbering).register(&Hand::default(), vec![more]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_good_again_for_its_key_and_for_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let hub = root(&folder.path().join("00")).await;
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    province(&hub, &first).await;
    let sheet = text(&first.join("sheet.json"));
    command(&node(), &["enrol", "--data", &text(&first), "--sheet", &sheet]).await.unwrap();
    init(&second, "41").await;
    let other = command(&node(), &["enrol", "--data", &text(&second), "--sheet", &sheet]).await;
    let error = told(other.unwrap_err());
    assert!(error.contains("the superior refused"), "{error}");
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_root_fingerprint_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let hub = root(&folder.path().join("00")).await;
    let data = folder.path().join("41");
    init(&data, "41").await;
    let sheet = hub.window().await.unwrap().admit("41").await.unwrap();
    let mut sheet: Value = serde_json::from_str(&sheet).unwrap();
    sheet["root_fingerprint"] = Value::String("00".repeat(32));
    let path = data.join("sheet.json");
    std::fs::write(&path, sheet.to_string()).unwrap();
    let enrolled =
        command(&node(), &["enrol", "--data", &text(&data), "--sheet", &text(&path)]).await;
    let error = told(enrolled.unwrap_err());
    assert!(error.contains("fingerprint"), "{error}");
    hub.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn stranger_hears_why_and_so_does_the_superior() {
    let folder = tempfile::tempdir().unwrap();
    let hub_data = folder.path().join("00");
    let hub = root(&hub_data).await;
    let data = folder.path().join("41");
    province(&hub, &data).await;
    // Certificates of a province of another federation, under the same division code.
    let foreign_root = folder.path().join("foreign-00");
    let foreign_hub = root(&foreign_root).await;
    let foreign = folder.path().join("foreign-41");
    province(&foreign_hub, &foreign).await;
    foreign_hub.stop().await.unwrap();
    let config = std::fs::read_to_string(foreign.join("office.toml")).unwrap();
    let ours = std::fs::read_to_string(data.join("office.toml")).unwrap();
    let address =
        |text: &str| text.lines().find(|line| line.starts_with("address")).unwrap().to_owned();
    std::fs::write(foreign.join("office.toml"), config.replace(&address(&config), &address(&ours)))
        .unwrap();
    let stranger = Office::start(&node(), &foreign).await.unwrap();
    let word = last_word(&mut stranger.window().await.unwrap()).await;
    assert!(!word.is_empty(), "the stranger is told nothing");
    stranger.stop().await.unwrap();
    let log = std::fs::read_to_string(hub_data.join("log")).unwrap();
    assert!(log.contains("refused a connection"), "{log}");
    hub.stop().await.unwrap();
    // The keys of the real province are untouched by all this.
    let real = Folder::at(&data);
    assert!(real.credentials().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn caller_without_a_certificate_is_told_and_logged() {
    let folder = tempfile::tempdir().unwrap();
    let hub_data = folder.path().join("00");
    let hub = root(&hub_data).await;
    let sheet = hub.window().await.unwrap().admit("41").await.unwrap();
    let sheet: CodeSheet = serde_json::from_str(&sheet).unwrap();
    let (config, _) = pinned_client_config(sheet.root_fingerprint).unwrap();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config));
    let connector = tower::service_fn(move |_: tonic::transport::Uri| {
        let (tls, address) = (tls.clone(), sheet.address.clone());
        async move {
            let name = TransportName::of(DivisionCode::HUB).unwrap().server_name();
            let stream = tokio::net::TcpStream::connect(address).await?;
            tls.connect(name, stream).await.map(hyper_util::rt::TokioIo::new)
        }
    });
    let endpoint = tonic::transport::Endpoint::from_static("http://superior");
    let channel = endpoint.connect_with_connector(connector).await.unwrap();
    let mut client = LinkServiceClient::new(channel);
    let status = client.converse(tokio_stream::pending::<ConverseRequest>()).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unauthenticated);
    assert!(status.message().contains("show the certificate"), "{}", status.message());
    let log = std::fs::read_to_string(hub_data.join("log")).unwrap();
    assert!(log.contains("refused a caller"), "{log}");
    hub.stop().await.unwrap();
}

/// What the office says of its superior, once it has tried.
async fn last_word(window: &mut Window) -> String {
    for _ in 0..400 {
        let status: Value = serde_json::from_str(&window.show_status().await.unwrap()).unwrap();
        if let Some(word) = status["neighbours"][0]["last_word"].as_str() {
            assert_eq!(status["neighbours"][0]["connected"], false);
            return word.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    String::new()
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_at_the_window_is_told_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "410221101").await;
    let office = Office::start(&node(), folder.path()).await.unwrap();
    let mut window = office.window().await.unwrap();
    let nothing = window.register(one("")).await.unwrap_err().to_string();
    assert!(nothing.contains("title or a text"), "{nothing}");
    let unknown = window.show_case("410221101-2026-58213-0017-4").await.unwrap_err().to_string();
    assert!(unknown.contains("no case"), "{unknown}");
    assert_eq!(window.register(one("路灯")).await.unwrap().registered.len(), 1);
    office.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn entry_nobody_could_take_is_never_written() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "410221101").await;
    let data = text(folder.path());
    let organ = "x".repeat(17_000);
    let register = ["case", "register", "--data", &data, "--title", "路灯", "--organ", &organ];
    let error = told(command(&node(), &register).await.unwrap_err());
    assert!(error.contains("too long"), "{error}");
    let status = command(&node(), &["status", "--data", &data, "--json"]).await.unwrap();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["journal_size"], 3, "its beginning, and its two sealing keys");
}

#[tokio::test(flavor = "multi_thread")]
async fn intake_and_its_opening_are_never_cut_apart() {
    let folder = tempfile::tempdir().unwrap();
    init(folder.path(), "410221101").await;
    let office = Office::start(&node(), folder.path()).await.unwrap();
    let mut window = office.window().await.unwrap();
    let mut request = one("");
    let intake = request.registrations.pop().unwrap();
    for size in 0..400 {
        let mut next = intake.clone();
        // Texts long enough that commits are cut by their bytes, at ever other places.
        next.intake.as_mut().unwrap().text = "x".repeat(6_000 + size);
        request.registrations.push(next);
    }
    window.register(request).await.unwrap();
    office.stop().await.unwrap();
    let (_, division, epoch) = Folder::at(folder.path()).config().unwrap();
    let journal = JournalId { author: division, epoch };
    let store = SqliteStore::open(folder.path().join("office.db")).await.unwrap();
    let runs = store.runs(0, 10_000).await.unwrap();
    assert!(runs.len() > 2, "the registrations are cut into several commits");
    for run in runs {
        assert_eq!(run.run.journal, journal);
        assert_eq!(
            run.run.size % 2,
            1,
            "after the first entry of the epoch, entries come in pairs"
        );
    }
}
