//! The neighbours: how each link stands, what both ledgers prove, and what the superior does not hold yet.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use terrace_proto::entry::Header;

use super::Console;
use super::answer::{Problem, page};
use super::case::JournalAddress;
use super::frame::{Asked, Frame, Room, hour, hour_of, length, place};
use super::told;
use crate::office::condition::{self, Condition};
use crate::office::raised::Raised;
use crate::store::{LedgerRecord, StoreError};

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

/// A question or an objection.
#[derive(Debug)]
struct OnRecord {
    about: String,
    what: String,
    entry: u64,
    by: String,
    when: String,
    address: String,
}

fn on_record(frame: &Frame, raised: &Raised) -> OnRecord {
    let (zh, en) = raised.words();
    OnRecord {
        about: place(raised.about()),
        what: frame.l(zh, en).to_owned(),
        entry: raised.record.place,
        by: place(raised.record.entry.journal.author),
        when: hour(raised.at()),
        address: JournalAddress::of(raised.record.entry).0,
    }
}

#[derive(Debug, Template)]
#[template(path = "neighbours.html")]
struct NeighboursPage {
    frame: Frame,
    neighbours: Vec<Neighbour>,
    uncosigned: Option<Uncosigned>,
    /// Who witnesses the own journal, and up to where.
    witnesses: Vec<(String, u64, String)>,
    raised: Vec<OnRecord>,
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
    let neighbours = console.office.neighbours().await.map_err(problem)?;
    let neighbours: Vec<Neighbour> = neighbours.into_iter().map(told_neighbour).collect();
    let condition = console.office.condition().await.map_err(problem)?;
    let uncosigned = match console.office.identity().superior {
        Some(_) => Some(uncosigned(&console, &frame, &condition).await.map_err(problem)?),
        None => None,
    };
    let certificate_days = console.admitting.certificate_days_left(console.office.now());
    let held_by_operator = condition.link_held;
    let witnesses = condition.witnessed.iter().map(|signed| {
        let at = i64::try_from(signed.at).unwrap_or(0).saturating_mul(1_000);
        (place(signed.by.author), signed.size, hour_of(at))
    });
    Ok(page(&NeighboursPage {
        witnesses: witnesses.collect(),
        raised: condition.raised.iter().map(|raised| on_record(&frame, raised)).collect(),
        frame,
        neighbours,
        uncosigned,
        certificate_days,
        held_by_operator,
    }))
}

fn told_neighbour(neighbour: condition::Neighbour) -> Neighbour {
    let condition::Neighbour { division, up, contact, sent, received, unsent } = neighbour;
    Neighbour {
        place: place(division),
        is_superior: up,
        connected: contact.as_ref().is_some_and(|contact| contact.connected),
        since: contact.as_ref().map(|contact| hour(contact.since)),
        word: contact.and_then(|contact| contact.last_word),
        sent: sent.map(|ledger| told_ledger(&ledger)).unwrap_or_default(),
        received: received.map(|ledger| told_ledger(&ledger)).unwrap_or_default(),
        unsent,
    }
}

fn told_ledger(ledger: &LedgerRecord) -> Ledger {
    Ledger {
        number: ledger.head.number,
        digest: ledger.head.digest.to_string(),
        proved: ledger.proved.map_or(0, |(number, _)| number),
        proved_at: ledger.proved.map(|_| hour_of(ledger.proved_at)).unwrap_or_default(),
    }
}

async fn uncosigned(
    console: &Console,
    frame: &Frame,
    condition: &Condition,
) -> Result<Uncosigned, StoreError> {
    let (store, me) = (console.office.store(), console.office.identity().me);
    let size = condition.journal_size();
    let cosigned = condition.cosignature.as_ref();
    let held = cosigned.map_or(0, |cosignature| cosignature.size);
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
