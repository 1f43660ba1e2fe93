//! The console's port: what it shows and refuses, and that garbage and slow callers do not keep others from it.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;

use terrace_node::console::port::CALLERS;
use terrace_proto::wire::{IntakeRegistered, RegisterRequest, Registration};
use terrace_tests::dice::Dice;
use terrace_tests::offices::{Office, OfficeError, as_asked, binary, command};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A root office whose console answers at the address given back.
async fn office(data: &Path) -> (Office, String) {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let address = free.to_string();
    let hub = binary("terrace-hub").unwrap();
    let path = data.to_string_lossy();
    let mut init = vec!["init", "--data", &path, "--console", &address];
    let database = as_asked("00");
    init.extend(database.iter().flat_map(|address| ["--database", address]));
    command(&hub, &init).await.unwrap();
    (Office::start(&hub, data).await.unwrap(), address)
}

/// What is answered to a question in plain HTTP.
async fn ask(address: &str, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let question = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn answers(address: &str) -> bool {
    let answer = tokio::time::timeout(Duration::from_secs(30), ask(address, "/", address)).await;
    answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[tokio::test(flavor = "multi_thread")]
async fn console_answers_to_this_machine_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (office, address) = office(&folder.path().join("00")).await;
    assert!(answers(&address).await);
    let refused = ask(&address, "/", "evil.example").await;
    assert!(refused.starts_with("HTTP/1.1 421"), "{refused}");
    let lost = ask(&address, "/cases/410221101-2026-58213-0017-5", &address).await;
    assert!(lost.starts_with("HTTP/1.1 404") && lost.contains("check digit"), "{lost}");
    let nowhere = ask(&address, "/no/such/page", &address).await;
    assert!(nowhere.starts_with("HTTP/1.1 404"), "{nowhere}");
    office.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn console_on_an_address_others_could_reach_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("00");
    let hub = binary("terrace-hub").unwrap();
    let path = data.to_string_lossy().into_owned();
    command(&hub, &["init", "--data", &path, "--console", "0.0.0.0:0"]).await.unwrap();
    let Err(OfficeError::Command { told, .. }) = Office::start(&hub, &data).await else {
        panic!("it shows itself to everyone")
    };
    assert!(told.contains("only an address of this machine itself"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_slow_callers_keep_nobody_from_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let (office, address) = office(&folder.path().join("00")).await;
    let mut dice = Dice::of(7);
    let garbage: Vec<u8> = (0..10 << 20).map(|_| dice.below(256) as u8).collect();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    // It is cut off somewhere on the way; how much was taken does not matter.
    _ = stream.write_all(&garbage).await;
    assert!(answers(&address).await, "after garbage");
    let mut half = TcpStream::connect(&address).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: 127.0").await.unwrap();
    assert!(answers(&address).await, "beside half a question");
    let mut silent = Vec::new();
    for _ in 0..CALLERS + 8 {
        silent.push(TcpStream::connect(&address).await.unwrap());
    }
    assert!(answers(&address).await, "behind more silent callers than are answered at once");
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).await.unwrap();
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"), "half a question has no answer");
    office.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rare_characters_and_markup_are_shown_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let (office, address) = office(&folder.path().join("00")).await;
    let intake = IntakeRegistered {
        title: "𠮷某、䶮某反映<b>路灯</b>".into(),
        text: "署名：龴鿋𫚭 \"引号\" & <script>alert(1)</script>".into(),
        persons: 1,
        ..IntakeRegistered::default()
    };
    let registration = Registration {
        intake: Some(intake),
        received_on: None,
        past: None,
        petitioners: Vec::new(),
        coded: false,
    };
    let request = RegisterRequest { hand: None, registrations: vec![registration] };
    let mut window = office.window().await.unwrap();
    let number = window.register(request).await.unwrap().registered[0].number.clone();
    let page = ask(&address, &format!("/cases/{number}"), &address).await;
    assert!(page.contains("𠮷某、䶮某反映&#60;b&#62;路灯"), "{page}");
    assert!(page.contains("龴鿋𫚭") && !page.contains("<script>alert"), "{page}");
    // 鿋𫚭, in the text alone, as an address carries it.
    let found = ask(&address, "/?q=%E9%BF%8B%F0%AB%9A%AD", &address).await;
    assert!(found.contains(&number), "{found}");
    let json = window.show_case(&number).await.unwrap();
    assert!(json.contains("𠮷某、䶮某"), "{json}");
    office.stop().await.unwrap();
}

/// T17: the report of a year is a document to be printed, at the console and as a file, and lets nothing run.
#[tokio::test(flavor = "multi_thread")]
async fn the_annual_report_is_a_document_that_names_what_it_counts() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("00");
    let (office, address) = office(&data).await;
    let intake = IntakeRegistered {
        title: "路灯不亮".into(),
        category: "030800".into(),
        channel: "LET".into(),
        ..IntakeRegistered::default()
    };
    let registration = Registration { intake: Some(intake), ..Registration::default() };
    let request = RegisterRequest { hand: None, registrations: vec![registration] };
    office.window().await.unwrap().register(request).await.unwrap();
    let year = jiff::tz::offset(8).to_datetime(jiff::Timestamp::now()).year();
    let page = ask(&address, &format!("/surveys/annual?year={year}"), &address).await;
    assert!(page.contains("default-src 'none'"), "{page}");
    for said in ["<strong>1</strong>", "来信", "城乡建设", "urban and rural construction"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let before = ask(&address, &format!("/surveys/annual?year={}", year - 1), &address).await;
    assert!(before.contains("<strong>0</strong>"), "{before}");
    let (file, year) = (folder.path().join("annual.html"), year.to_string());
    let (path, file) = (data.to_string_lossy(), file.to_string_lossy());
    let asked = ["survey", "annual", "--data", &path, "--year", &year, "--page", &file];
    command(&binary("terrace-hub").unwrap(), &asked).await.unwrap();
    let written = std::fs::read_to_string(&*file).unwrap();
    assert!(written.contains("城乡建设") && written.contains("《信访工作条例》第四十一条"));
    office.stop().await.unwrap();
}
