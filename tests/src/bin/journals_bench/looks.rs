//! What people see of such a root: its pages and its commands, and how long they wait.

use std::time::Instant;

use jiff::Timestamp;
use terrace_proto::case::standing::day_of;
use terrace_tests::offices::command;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Failure;
use crate::growth::Growth;
use crate::root::Root;

/// The pages, without what says of which year.
const PAGES: [&str; 11] = [
    "/",
    "/neighbours",
    "/journal",
    "/journal/11",
    "/subtree",
    "/subtree/11",
    "/figures",
    "/figures/11",
    "/rolls",
    "/surveys",
    "/organs",
];
/// How often each is asked for; the quickest counts, since other work on the machine can only make it slower.
const TIMES: usize = 5;

/// Asks for each page, and notes how long the answer took.
pub(crate) async fn measure(
    root: &Root,
    growth: &mut Growth,
    journals: u64,
) -> Result<(), Failure> {
    for page in PAGES {
        let mut best = f64::INFINITY;
        for _ in 0..TIMES {
            let began = Instant::now();
            ask(root.console(), page).await?;
            best = best.min(began.elapsed().as_secs_f64() * 1e3);
        }
        growth.add(&format!("page: {page}, ms"), journals, best);
    }
    Ok(())
}

/// Asks for a page; its bytes.
async fn ask(address: &str, page: &str) -> Result<Vec<u8>, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {page} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 200") {
        return Ok(answer);
    }
    let told = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    Err(format!("{page}: {told}").into())
}

/// Runs the commands that look at the whole country, and prints how long each took.
pub(crate) async fn commands(root: &Root) -> Result<(), Failure> {
    let year = day_of(Timestamp::now()).year().to_string();
    let data = root.folder().to_string_lossy().into_owned();
    let published = root.folder().join("published").to_string_lossy().into_owned();
    let asked: [&[&str]; 5] = [
        &["status", "--data", &data],
        &["national", "show", "--data", &data, "--period", &year],
        &["national", "publish", &published, "--data", &data, "--period", &year],
        &["national", "recompute", &published, "--data", &data],
        &["audit", "verify", "--data", &data, "--json"],
    ];
    for arguments in asked {
        let began = Instant::now();
        let told = command(root.program(), arguments).await?;
        let took = began.elapsed().as_secs_f64();
        let last = told.lines().last().unwrap_or_default().chars().take(100).collect::<String>();
        let name: Vec<&str> =
            arguments.iter().take_while(|one| **one != "--data").copied().collect();
        println!("command {}: {took:.2} s ({last})", name.join(" ").replace(&published, "FOLDER"));
    }
    Ok(())
}
