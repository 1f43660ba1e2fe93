//! Garbage, silence and crowds on every door of a running office.
//!
//! After each, the office answers `status` at once, still converses with its subordinate, and its log says
//! what happened.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use rustls::ClientConfig;
use serde_json::Value;
use terrace_node::folder::Folder;
use terrace_node::identity::TransportName;
use terrace_node::identity::transport::{client_config, pinned_client_config};
use terrace_node::link::HANDSHAKE;
use terrace_node::port::accept::{HANDSHAKES, STRANGERS};
use terrace_node::window::Window;
use terrace_proto::division::DivisionCode;
use terrace_proto::wire::{IntakeRegistered, RegisterRequest, Registration};
use terrace_tests::offices::{Office, line};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

/// How much random garbage.
const GARBAGE: usize = 10_000_000;
/// "At once", on a machine that is busy with other tests.
const AT_ONCE: Duration = Duration::from_secs(3);
/// Longer than an office waits for its callers when it stops.
const STOPPING: Duration = Duration::from_secs(20);
/// Until something that must come has come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a client says first in HTTP/2, with empty settings.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Frame types and flags of HTTP/2.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A root office and its province, conversing.
struct Pair {
    root: Office,
    province: Office,
    address: String,
    registered: u64,
}

impl Pair {
    async fn conversing(data: &Path) -> Self {
        let mut offices = line(data, &["41"]).await.unwrap();
        let (province, root) = (offices.pop().unwrap(), offices.pop().unwrap());
        let address = root.folder.config().unwrap().0.listen.unwrap();
        let mut pair = Self { root, province, address, registered: 0 };
        pair.goes_on().await;
        pair
    }

    /// The root answers at once, and stores and cosigns what its subordinate writes now.
    async fn goes_on(&mut self) {
        let asked = Instant::now();
        self.root.window().await.unwrap().show_status().await.unwrap();
        assert!(asked.elapsed() < AT_ONCE, "the status took {:?}", asked.elapsed());
        let mut window = self.province.window().await.unwrap();
        let intake = IntakeRegistered {
            title: format!("路面塌陷之{}", self.registered),
            persons: 1,
            ..IntakeRegistered::default()
        };
        let registrations = vec![Registration { intake: Some(intake), ..Registration::default() }];
        window.register(RegisterRequest { hand: None, registrations }).await.unwrap();
        self.registered += 1;
        let deadline = Instant::now() + PATIENCE;
        while !is_cosigned(&mut window).await {
            assert!(Instant::now() < deadline, "the subordinate is not served: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.root.folder.path().join("log")).unwrap()
    }

    /// Waits until the log has so many lines with these words.
    async fn has_told(&self, words: &str, times: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.log().lines().filter(|line| line.contains(words)).count() < times {
            assert!(Instant::now() < deadline, "the log never says {words:?}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn dial(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    /// A connection with TLS made, showing the certificates of the province.
    async fn as_province(&self) -> tokio_rustls::client::TlsStream<TcpStream> {
        let folder: &Folder = &self.province.folder;
        let keys = folder.keys("41".parse().unwrap()).unwrap();
        let config: ClientConfig =
            client_config(&folder.credentials().unwrap(), &keys.transport).unwrap();
        let name = TransportName::of(DivisionCode::HUB).unwrap().server_name();
        TlsConnector::from(Arc::new(config)).connect(name, self.dial().await).await.unwrap()
    }
}

/// A connection with TLS made, showing no certificate.
async fn as_nobody(pair: &Pair) -> tokio_rustls::client::TlsStream<TcpStream> {
    let fingerprint = pair.root.folder.credentials().unwrap().fingerprint();
    let (config, _) = pinned_client_config(fingerprint).unwrap();
    let name = TransportName::of(DivisionCode::HUB).unwrap().server_name();
    TlsConnector::from(Arc::new(config)).connect(name, pair.dial().await).await.unwrap()
}

async fn is_cosigned(window: &mut Window) -> bool {
    let status: Value = serde_json::from_str(&window.show_status().await.unwrap()).unwrap();
    status["not_cosigned"]["entries"] == 0 && status["neighbours"][0]["connected"] == true
}

fn garbage() -> Vec<u8> {
    let mut bytes = vec![0; GARBAGE];
    SmallRng::seed_from_u64(41).fill_bytes(&mut bytes);
    bytes
}

/// Writes until the other end will have no more, then waits until it has hung up.
async fn pour(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &[u8]) {
    _ = stream.write_all(bytes).await;
    _ = stream.shutdown().await;
    hung_up(stream).await;
}

async fn hung_up(stream: &mut (impl AsyncRead + Unpin)) {
    let mut heard = Vec::new();
    let end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
    _ = end.expect("the office hangs up");
}

/// A frame of HTTP/2 on the first stream.
fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, 1], payload].concat()
}

/// The beginning of a call: its headers, each spelt out (RFC 7541, 6.2.2).
fn call(path: &str) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "office"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend_from_slice(text.as_bytes());
        }
    }
    [HELLO, &frame(HEADERS, END_HEADERS, &block)].concat()
}

/// Half a message: the length prefix says more than follows.
fn half_a_message() -> Vec<u8> {
    frame(DATA, END_STREAM, b"\0\0\0\0\x40half")
}

/// A length prefix of four gigabytes.
fn endless_message() -> Vec<u8> {
    frame(DATA, 0, b"\0\xff\xff\xff\xffand so on")
}

/// Says something and waits for any answer; the connection stays open.
async fn say(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &[u8]) {
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    let heard = tokio::time::timeout(PATIENCE, stream.read(&mut [0; 1_024])).await;
    assert!(heard.expect("there is an answer").unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_the_port_is_named_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut pair = Pair::conversing(folder.path()).await;
    pour(&mut pair.dial().await, &garbage()).await;
    pair.has_told("refused a connection: speak TLS with the neighbour", 1).await;
    pair.goes_on().await;
    // The head of a TLS record of 16,384 bytes, and little of it.
    pour(&mut pair.dial().await, b"\x16\x03\x01\x40\x00half").await;
    pair.has_told("refused a connection: connect to the neighbour: tls handshake eof", 1).await;
    pair.goes_on().await;
    // Something else than HTTP/2 inside TLS.
    pour(&mut pair.as_province().await, &garbage()).await;
    pair.has_told("refused a connection: it does not speak HTTP/2", 1).await;
    pair.goes_on().await;
    pair.root.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_calls_on_the_port_are_named_and_harm_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut pair = Pair::conversing(folder.path()).await;
    // On a call that needs no certificate, and on the link, which takes over from the real conversation.
    let enrol = call("/terrace.v1.EnrolmentService/Enrol");
    let converse = call("/terrace.v1.LinkService/Converse");
    let mut half = pair.as_province().await;
    say(&mut half, &[enrol.clone(), half_a_message()].concat()).await;
    pair.has_told("refused a caller: Internal: Unexpected EOF", 1).await;
    let mut endless = pair.as_province().await;
    say(&mut endless, &[enrol, endless_message()].concat()).await;
    pair.has_told("refused a caller: OutOfRange", 1).await;
    assert!(pair.log().contains("call=\"/terrace.v1.EnrolmentService/Enrol\""), "{}", pair.log());
    pair.goes_on().await;
    for message in [half_a_message(), endless_message()] {
        let before = ended(&pair.log());
        let mut stream = pair.as_province().await;
        say(&mut stream, &[converse.clone(), message].concat()).await;
        // That of the real subordinate, and this one.
        let deadline = Instant::now() + PATIENCE;
        while ended(&pair.log()) < before + 2 {
            assert!(Instant::now() < deadline, "{}", pair.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        pair.goes_on().await;
    }
    assert!(pair.log().contains("the connection broke: "), "{}", pair.log());
    pair.root.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn crowd_without_certificates_leaves_room_for_those_who_have_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut pair = Pair::conversing(folder.path()).await;
    let mut crowd = Vec::new();
    for _ in 0..STRANGERS {
        let mut stranger = as_nobody(&pair).await;
        say(&mut stranger, HELLO).await;
        crowd.push(stranger);
    }
    let mut one_more = as_nobody(&pair).await;
    hung_up(&mut one_more).await;
    pair.has_told("too many callers without a certificate", 1).await;
    pair.goes_on().await;
    say(&mut pair.as_province().await, HELLO).await;
    // Room that was given back is room again.
    drop(crowd);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut stranger = as_nobody(&pair).await;
        _ = stranger.write_all(HELLO).await;
        if stranger.read(&mut [0; 1_024]).await.is_ok_and(|heard| heard > 0) {
            break;
        }
        assert!(Instant::now() < deadline, "{}", pair.log());
    }
    pair.root.stop().await.unwrap();
}

fn ended(log: &str) -> usize {
    log.lines().filter(|line| line.contains("conversation ended")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_fall_silent_are_dropped_and_keep_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut pair = Pair::conversing(folder.path()).await;
    // One says a few bytes of TLS, one at a time; one makes TLS and says nothing; one begins HTTP/2.
    let mut slow = pair.dial().await;
    for byte in b"\x16\x03\x01" {
        slow.write_all(&[*byte]).await.unwrap();
        slow.flush().await.unwrap();
    }
    let mut mute = pair.as_province().await;
    let mut stammering = pair.as_province().await;
    stammering.write_all(&HELLO[..5]).await.unwrap();
    let since = Instant::now();
    pair.goes_on().await;
    tokio::join!(hung_up(&mut slow), hung_up(&mut mute), hung_up(&mut stammering));
    let waited = since.elapsed();
    assert!(waited + Duration::from_secs(1) > HANDSHAKE, "they were dropped after {waited:?}");
    assert!(waited < 2 * HANDSHAKE, "they were kept for {waited:?}");
    pair.has_told("dropped a connection that did not finish its handshake", 3).await;
    // A crowd that says nothing, larger than there is room for.
    let since = Instant::now();
    let mut crowd = Vec::new();
    for _ in 0..HANDSHAKES + 40 {
        crowd.push(pair.dial().await);
    }
    let mut province = pair.as_province().await;
    say(&mut province, HELLO).await;
    pair.has_told("dropped the oldest of", 40).await;
    assert!(since.elapsed() < HANDSHAKE, "a caller with a certificate had to wait");
    pair.goes_on().await;
    drop(crowd);
    // Nor does one that stays silent, with or without a call begun, keep the office from stopping.
    let _silent = pair.as_province().await;
    let mut begun = pair.as_province().await;
    say(&mut begun, &call("/terrace.v1.EnrolmentService/Enrol")).await;
    let log = pair.root.folder.path().join("log");
    let stopping = tokio::time::timeout(STOPPING, pair.root.stop()).await;
    stopping.expect("the office stops").unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("callers that did not hang up in time are cut off"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_the_socket_of_the_desk_is_named_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut pair = Pair::conversing(folder.path()).await;
    let socket = pair.root.folder.socket();
    let dial = || async { UnixStream::connect(&socket).await.unwrap() };
    pour(&mut dial().await, &garbage()).await;
    pair.has_told("refused a connection: it does not speak HTTP/2", 1).await;
    pair.goes_on().await;
    pour(&mut dial().await, &HELLO[..9]).await;
    pair.has_told("went away before it spoke HTTP/2", 1).await;
    pair.goes_on().await;
    let register = call("/terrace.v1.DeskService/Register");
    let mut half = dial().await;
    say(&mut half, &[register.clone(), half_a_message()].concat()).await;
    pair.has_told("refused a caller: Internal: Unexpected EOF", 1).await;
    let mut endless = dial().await;
    say(&mut endless, &[register, endless_message()].concat()).await;
    pair.has_told("refused a caller: OutOfRange", 1).await;
    pair.goes_on().await;
    pair.root.stop().await.unwrap();
}
