//! The neighbours: how each link stands, what both ledgers prove, and what the superior does not hold yet.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Header;

use super::Console;
use super::answer::{Problem, page};
use super::case::JournalAddress;
use super::frame::{Asked, Frame, Room, hour, hour_of, length, place};
use super::told;
use crate::store::{Direction, LedgerRecord, StoreError};

/// Entries shown of those not yet held above.
const SHOWN: u32 = 20;

/// One direction of a link.
#[derive(Debug, Default)]
struct Ledger {
    number: u64,
    digest: String,
    proved: u64,
    proved_at: String,
}

#[derive(Debug)]
struct Neighbour {
    place: String,
    is_superior: bool,
    connected: bool,
    since: Option<String>,
    word: Option<String>,
    sent: Ledger,
    received: Ledger,
    /// Something is waiting to be sent.
    unsent: bool,
}

#[derive(Debug)]
struct Entry {
    sequence: u64,
    address: String,
    when: String,
    kind: String,
}

/// What of the own journal the superior has not confirmed.
#[derive(Debug)]
struct Uncosigned {
    held: u64,
    held_at: Option<String>,
    size: u64,
    count: u64,
    oldest: Option<String>,
    entries: Vec<Entry>,
}

#[derive(Debug, Template)]
#[template(path = "neighbours.html")]
struct NeighboursPage {
    frame: Frame,
    neighbours: Vec<Neighbour>,
    uncosigned: Option<Uncosigned>,
    certificate_days: Option<i64>,
    held_by_operator: bool,
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    asked: Asked,
) -> Result<Response, Problem> {
    let frame = Frame::new(&console, &asked, Room::Neighbours);
    let problem = |error: StoreError| Problem::store(&console, &asked, &error);
    let superior = console.office.identity().superior;
    let subordinates = console.office.write().await.archive.subordinates().clone();
    let mut neighbours = Vec::new();
    for peer in superior.into_iter().chain(subordinates) {
        neighbours.push(neighbour(&console, peer, Some(peer) == superior).await.map_err(problem)?);
    }
    let uncosigned = match superior {
        Some(_) => Some(uncosigned(&console, &frame).await.map_err(problem)?),
        None => None,
    };
    let certificate_days = console.admitting.certificate_days_left(console.office.now());
    let held_by_operator = *console.office.held().borrow();
    Ok(page(&NeighboursPage { frame, neighbours, uncosigned, certificate_days, held_by_operator }))
}

async fn neighbour(
    console: &Console,
    peer: DivisionCode,
    is_superior: bool,
) -> Result<Neighbour, StoreError> {
    let store = console.office.store();
    let contact = console.office.contacts().remove(&peer);
    let out = store.ledger(peer, Direction::Out).await?;
    let inward = store.ledger(peer, Direction::In).await?;
    let position = out.as_ref().map_or(0, |ledger| ledger.position);
    let unsent = if is_superior {
        !store.runs(position, 1).await?.is_empty()
    } else {
        !store.parcels(peer, position, 1).await?.is_empty()
    };
    Ok(Neighbour {
        place: place(peer),
        is_superior,
        connected: contact.as_ref().is_some_and(|contact| contact.connected),
        since: contact.as_ref().map(|contact| hour(contact.since)),
        word: contact.and_then(|contact| contact.last_word),
        sent: out.map(|ledger| told_ledger(&ledger)).unwrap_or_default(),
        received: inward.map(|ledger| told_ledger(&ledger)).unwrap_or_default(),
        unsent,
    })
}

fn told_ledger(ledger: &LedgerRecord) -> Ledger {
    Ledger {
        number: ledger.head.number,
        digest: ledger.head.digest.to_string(),
        proved: ledger.proved.map_or(0, |(number, _)| number),
        proved_at: ledger.proved.map(|_| hour_of(ledger.proved_at)).unwrap_or_default(),
    }
}

async fn uncosigned(console: &Console, frame: &Frame) -> Result<Uncosigned, StoreError> {
    let (store, me) = (console.office.store(), console.office.identity().me);
    let size = store.journal(me).await?.map_or(0, |journal| journal.frontier.size());
    let cosigned = store.cosignature().await?;
    let held = cosigned.as_ref().map_or(0, |cosignature| cosignature.size);
    let stored = store.entries(me, held, SHOWN).await?;
    let headers: Vec<Header> =
        stored.iter().filter_map(|entry| Header::read(&entry.header).ok()).collect();
    let oldest = headers.first().map(|header| {
        let age = console.office.now().duration_since(header.recorded_at).as_secs();
        length(age, frame.language())
    });
    let entry = |header: &Header| Entry {
        sequence: header.sequence,
        address: JournalAddress::of(header.id()).0,
        when: hour(header.recorded_at),
        kind: told::kind(frame, header.kind),
    };
    Ok(Uncosigned {
        held,
        held_at: cosigned
            .and_then(|c| Some(hour_of(i64::try_from(c.at).ok()?.checked_mul(1_000)?))),
        size,
        count: size.saturating_sub(held),
        oldest,
        entries: headers.iter().map(entry).collect(),
    })
}
