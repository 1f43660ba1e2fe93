//! Cases and tickets that stand still, told.
//!
//! Tickets are looked for in the journals of their own office, from the first that was ever drawn: whoever draws, calls and
//! registers writes there, and nobody else can name a ticket of this hall.

use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::case::standing::day_of;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, Header, Kind, body, leaf_of};
use terrace_proto::roll::Roll;
use terrace_proto::roll::reception::{Hall, Ticket};
use terrace_proto::roll::stall::{Stall, is_late};

use super::{SHOWN, is_incomplete};
use crate::store::{EntryBytes, Sought, SoughtRecord, Store, StoreError};

/// Places on a roll looked through at once.
const PLACES: u32 = 2_048;

/// What stands still at a day: the cases in three ways, with how many there are, and the tickets of an office's hall.
pub(super) async fn still(
    store: &dyn Store,
    holder: Option<DivisionCode>,
    hall: DivisionCode,
    today: Date,
) -> Result<Value, StoreError> {
    let mut queues = Vec::with_capacity(Stall::ALL.len());
    for stall in Stall::ALL {
        let (all, found) = store.sought(&Sought::Still(stall, today), holder, SHOWN).await?;
        let (zh, en) = stall.words();
        let numbers =
            found.into_iter().map(|SoughtRecord { number, .. }| number.unwrap_or_default());
        let cases: Vec<String> = numbers.collect();
        queues.push(json!({ "zh": zh, "en": en, "cases": cases, "all": all }));
    }
    let tickets = tickets(store, hall).await?;
    let late: Vec<Value> =
        tickets.iter().filter(|ticket| is_late(ticket, today)).map(told).collect();
    let incomplete = is_incomplete(store).await?;
    Ok(json!({ "queues": queues, "tickets": late, "incomplete": incomplete }))
}

/// All tickets of an office's hall.
async fn tickets(store: &dyn Store, office: DivisionCode) -> Result<Vec<Ticket>, StoreError> {
    // A frozen view shows entries in great number quicker than the store itself.
    let view = store.frozen().await?;
    let drawn = drawn(view.as_ref(), office).await?;
    let mut hall = Hall::default();
    if drawn.is_empty() {
        return Ok(hall.tickets());
    }
    for journal in view.journals_of(office).await? {
        let in_it = drawn.iter().filter(|entry| entry.journal == journal.id);
        // Of another life of the office nothing says whether it was before or after.
        let in_it = in_it.map(|entry| entry.sequence).min();
        let alone = drawn.iter().all(|entry| entry.journal == journal.id);
        let from = in_it.filter(|_| alone).unwrap_or(0);
        let mut see = |entry: EntryBytes<'_>| take(&mut hall, entry);
        view.each_entry(journal.id, from, u64::MAX, &mut see).await?;
    }
    Ok(hall.tickets())
}

/// Of each life of an office the first entry that is about a ticket.
async fn drawn(store: &dyn Store, office: DivisionCode) -> Result<Vec<EntryId>, StoreError> {
    let (mut firsts, mut before) = (std::collections::BTreeMap::new(), u64::MAX);
    loop {
        let page = store.rolled(Roll::Tickets.number(), Some(office), before, PLACES).await?;
        let Some((last, _)) = page.last() else { break };
        before = *last;
        for (_, rolled) in page {
            let first = firsts.entry(rolled.entry.journal).or_insert(rolled.entry);
            *first = (*first).min(rolled.entry);
        }
    }
    Ok(firsts.into_values().collect())
}

/// Takes what an entry says of a ticket.
fn take(hall: &mut Hall, entry: EntryBytes<'_>) {
    let about = [Kind::TicketDrawn, Kind::TicketCalled, Kind::IntakeRegistered];
    let header = Header::read(entry.header).ok().filter(|header| about.contains(&header.kind));
    if let Some((header, body)) = header.zip(entry.body)
        && let Some(content) = body::content(body)
    {
        hall.take(leaf_of(entry.header), day_of(header.recorded_at), &content);
    }
}

/// A ticket that nothing was registered for.
fn told(ticket: &Ticket) -> Value {
    json!({
        "leaf": ticket.leaf.to_string(), "number": ticket.number,
        "drawn_on": ticket.drawn_on.to_string(), "called": ticket.called,
    })
}
