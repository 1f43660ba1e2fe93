//! What people and programs are shown, as JSON.
//!
//! Views are made from folds and rows and hold nothing of their own. Field names are part of the commands'
//! contract. No view counts or ranks persons.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use terrace_proto::case::{Case, Fact, Thread};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::date_of;
use terrace_proto::entry::{Content, Entry, EntryId};

use crate::store::{Direction, Store, StoreError};

/// A case with its timeline.
pub async fn case(store: &dyn Store, case: &Case, now: Timestamp) -> Result<Value, StoreError> {
    let ids: Vec<EntryId> = case.facts().values().map(|fact| fact.header().id()).collect();
    let mut entries = std::collections::BTreeMap::new();
    for stored in store.entries_at(&ids).await? {
        if let Ok(entry) = Entry::read(stored.header, stored.body) {
            entries.insert(entry.id(), entry);
        }
    }
    let standing = case.at(now);
    Ok(json!({
        "case": case.id().to_string(),
        "number": case.number().map(ToString::to_string),
        "state": case.leading().map(|thread| thread.state().en()),
        "state_zh": case.leading().map(|thread| thread.state().zh()),
        "holder": case.leading().map(|thread| thread.holder().to_string()),
        "audience": case.audience().iter().map(|code| code.short()).collect::<Vec<_>>(),
        "waiting": case.is_waiting(),
        "parked": case.parked().map(ToString::to_string),
        "contested": case.is_contested(),
        "overdue": standing.overdue.iter().map(|o| json!({"due_on": o.due_on.to_string(), "days": o.days})).collect::<Vec<_>>(),
        "threads": case.threads().values().map(|thread| self::thread(case, thread)).collect::<Vec<_>>(),
        "timeline": case.timeline().iter().map(|fact| self::fact(case, fact, entries.get(&fact.header().id()))).collect::<Vec<_>>(),
    }))
}

fn thread(case: &Case, thread: &Thread) -> Value {
    json!({
        "stage": thread.stage(),
        "state": thread.state().en(),
        "holder": thread.holder().to_string(),
        "steps": thread.steps().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "due_on": case.due_on(thread).map(|day| day.to_string()),
        "contest": thread.contest().map(|contest| json!({
            "entries": contest.entries.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "settler": contest.settler.short(),
        })),
    })
}

fn fact(case: &Case, fact: &Fact, entry: Option<&Entry>) -> Value {
    let header = fact.header();
    json!({
        "leaf": fact.leaf().to_string(),
        "author": header.journal.author.short(),
        "sequence": header.sequence,
        "kind": header.kind.en(),
        "kind_zh": header.kind.zh(),
        "organ": header.hand.organ,
        "officer": header.hand.officer,
        "recorded_at": header.recorded_at.to_string(),
        "received_on": header.received_on.map(|day| day.to_string()),
        "to": header.custody_to.as_ref().map(ToString::to_string),
        "aside": case.aside().get(&fact.leaf()).map(|aside| format!("{aside:?}").to_lowercase()),
        "words": entry.and_then(Entry::content).map(|content| words(&content)),
    })
}

/// The words of an entry, for reading.
fn words(content: &Content) -> Value {
    let one = |name: &str, text: &str| {
        let mut map = Map::new();
        map.insert(name.to_owned(), Value::String(text.to_owned()));
        Value::Object(map)
    };
    match content {
        Content::IntakeRegistered(intake) => json!({
            "channel": intake.channel, "category": intake.category, "title": intake.title,
            "text": intake.text, "source": intake.source,
        }),
        Content::CaseOpened(opened) => one("number", &opened.number),
        Content::Transferred(transferred) => one("reason", &transferred.reason),
        Content::Assigned(assigned) => {
            json!({ "instruction": assigned.instruction, "due_on": day(assigned.due_on) })
        }
        Content::Received(received) => one("remark", &received.remark),
        Content::Accepted(accepted) => {
            json!({ "notice": accepted.notice, "due_on": accepted.due_on.map(day) })
        }
        Content::Decided(decided) => json!({
            "outcome": decided.outcome, "facts": decided.facts, "opinion": decided.opinion,
            "basis": decided.basis,
        }),
        Content::Served(served) => {
            json!({ "method": served.method, "served_on": day(served.served_on) })
        }
        Content::Closed(closed) => one("reason", &closed.reason),
        Content::Noted(noted) => one("text", &noted.text),
        Content::Settled(settled) => one("reason", &settled.reason),
        Content::EpochOpened(_) | Content::NodeAdmitted(_) => Value::Null,
    }
}

fn day(days: i32) -> Option<String> {
    date_of(days).map(|day| day.to_string()).ok()
}

/// One row of a list of cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseRow {
    /// Place in the store's order.
    pub row: u64,
    /// The case.
    pub case: String,
    /// Its number.
    pub number: Option<String>,
    /// State of its leading thread.
    pub state: Option<&'static str>,
    /// Its custodian.
    pub holder: Option<String>,
    /// Title of its first intake, cut to a line.
    pub title: String,
    /// Day on which the present duty is due.
    pub due_on: Option<String>,
}

impl From<&crate::store::CaseRecord> for CaseRow {
    fn from(record: &crate::store::CaseRecord) -> Self {
        let state = |number: u8| {
            terrace_proto::case::State::ALL
                .into_iter()
                .find(|s| s.number() == number)
                .map(|s| s.en())
        };
        let holder = |(division, organ): &(DivisionCode, String)| {
            terrace_proto::entry::Holder { division: *division, organ: organ.clone() }.to_string()
        };
        Self {
            row: record.row,
            case: record.id.to_string(),
            number: record.number.clone(),
            state: record.state.and_then(state),
            holder: record.holder.as_ref().map(holder),
            title: record.title.clone(),
            due_on: record.due_on.and_then(day),
        }
    }
}

/// Where both ledgers with a neighbour stand, as rows prove it; `up` when it is the superior.
pub async fn ledgers(store: &dyn Store, peer: DivisionCode, up: bool) -> Result<Value, StoreError> {
    let out = store.ledger(peer, Direction::Out).await?;
    let inward = store.ledger(peer, Direction::In).await?;
    let position = out.as_ref().map_or(0, |ledger| ledger.position);
    let unsent = if up {
        !store.runs(position, 1).await?.is_empty()
    } else {
        !store.parcels(peer, position, 1).await?.is_empty()
    };
    let hour = |millis: i64| Timestamp::from_millisecond(millis).map(|at| at.to_string()).ok();
    Ok(json!({
        "unsent": unsent,
        "sent": out.as_ref().map(|ledger| json!({
            "number": ledger.head.number,
            "digest": ledger.head.digest.to_string(),
            "proved_number": ledger.proved.map_or(0, |(number, _)| number),
            "proved_at": ledger.proved.and_then(|_| hour(ledger.proved_at)),
        })),
        "received": inward.as_ref().map(|ledger| json!({
            "number": ledger.head.number,
            "digest": ledger.head.digest.to_string(),
            "sent_at": hour(ledger.proved_at),
        })),
    }))
}

/// A division as people know it.
#[must_use]
pub fn name_of(code: DivisionCode) -> String {
    Tree::national().find(code).map_or_else(|_| code.short(), |division| division.name.to_owned())
}
