//! Cases and tickets that stand still, told.
//!
//! Of a ticket that waits nothing says whether it was registered but the intakes of its own office, which were entered
//! behind it: its journal is read from there, and no case.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, EntryId, Header, Kind, body};
use terrace_proto::roll::reception::Ticket;
use terrace_proto::roll::stall::Stall;

use super::SHOWN;
use crate::store::{EntryBytes, Sought, SoughtRecord, Store, StoreError};

/// What stands still at a day: the cases in three ways, with how many there are, and the tickets.
pub(super) async fn still(
    store: &dyn Store,
    holder: Option<DivisionCode>,
    waiting: &[(EntryId, Ticket)],
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
    let registered = registered(store, waiting).await?;
    let unregistered = waiting.iter().filter(|(_, ticket)| !registered.contains(&ticket.leaf));
    let tickets: Vec<Value> = unregistered.map(|(_, ticket)| told(ticket)).collect();
    Ok(json!({ "queues": queues, "tickets": tickets }))
}

/// The tickets that the office's intakes name, out of its journals from the first that waits on.
async fn registered(
    store: &dyn Store,
    waiting: &[(EntryId, Ticket)],
) -> Result<BTreeSet<Digest>, StoreError> {
    let mut registered = BTreeSet::new();
    let Some(first) = waiting.iter().map(|(entry, _)| *entry).min() else { return Ok(registered) };
    for journal in store.journals_of(first.journal.author).await? {
        // Of another life of the office nothing says whether it was before or after.
        let in_it = waiting.iter().all(|(entry, _)| entry.journal == journal.id);
        let from = if in_it { first.sequence + 1 } else { 0 };
        let mut see = |entry: EntryBytes<'_>| registered.extend(named(entry));
        store.each_entry(journal.id, from, u64::MAX, &mut see).await?;
    }
    Ok(registered)
}

/// The ticket that an entry names, if it is an intake.
fn named(entry: EntryBytes<'_>) -> Option<Digest> {
    let header = Header::read(entry.header).ok()?;
    let body = entry.body.filter(|_| header.kind == Kind::IntakeRegistered)?;
    let Some(Content::IntakeRegistered(said)) = body::content(body) else { return None };
    Digest::read(&said.ticket)
}

/// A ticket that nothing was registered for.
fn told(ticket: &Ticket) -> Value {
    json!({
        "leaf": ticket.leaf.to_string(), "number": ticket.number,
        "drawn_on": ticket.drawn_on.to_string(), "called": ticket.called,
    })
}
