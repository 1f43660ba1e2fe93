//! What people and programs are shown, as JSON.
//!
//! Views are made from folds and rows and hold nothing of their own. Field names are part of the commands'
//! contract. No view counts or ranks persons.

pub mod access;
pub mod door;
pub mod organ;
pub mod roll;
pub mod rules;
pub mod words;

use std::collections::BTreeMap;

use jiff::{Timestamp, tz};
use serde::Serialize;
use serde_json::{Value, json};
use terrace_proto::case::clock::{Clock, Setting};
use terrace_proto::case::standing::day_of;
use terrace_proto::case::{Case, Fact, State, Thread};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::date_of;
use terrace_proto::entry::{Entry, EntryId, Kind};
use terrace_proto::roll::rating::RatingState;

use crate::office::Office;
use crate::office::condition::{Condition, Neighbour};
use crate::office::raised::Raised;
use crate::store::{Store, StoreError};

/// An hour in China, to the second, as people read it everywhere.
#[must_use]
pub fn hour(at: Timestamp) -> String {
    tz::offset(8).to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The same, out of milliseconds since 1970 UTC.
#[must_use]
pub fn hour_of(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map(hour).unwrap_or_default()
}

/// A case with its timeline.
pub async fn case(store: &dyn Store, case: &Case, now: Timestamp) -> Result<Value, StoreError> {
    let entries = entries(store, case).await?;
    let standing = case.at(now);
    Ok(json!({
        "case": case.id().to_string(),
        "number": case.called(),
        "state": case.leading().map(|thread| thread.state().en()),
        "state_zh": case.leading().map(|thread| thread.state().zh()),
        "holder": case.leading().map(|thread| thread.holder().to_string()),
        "audience": case.audience().iter().map(|code| code.short()).collect::<Vec<_>>(),
        "waiting": case.is_waiting(),
        "parked": case.parked().map(ToString::to_string),
        "contested": case.is_contested(),
        "overdue": standing.overdue.iter().map(|one| clock(one, now)).collect::<Vec<_>>(),
        "clocks": case.clocks().iter().map(|one| clock(one, now)).collect::<Vec<_>>(),
        "proxy": case.proxy().map(|proxy| json!({
            "agents": proxy.agents, "stands": proxy.mandate.stands(),
            "mandate": proxy.mandate.en(), "mandate_zh": proxy.mandate.zh(),
        })),
        "rating": RatingState::of(case, day_of(now)).map(|state| json!({
            "state": state as u32, "zh": state.zh(), "en": state.en(),
        })),
        "supervised": supervised(case),
        "links": case.links().iter().map(roll::link).collect::<Vec<_>>(),
        // Only the root can know it, from what all others have registered.
        "first_nationwide": "unknown",
        "late": case.late().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "threads": case.threads().values().map(|thread| self::thread(case, thread)).collect::<Vec<_>>(),
        "access_log": access::log(case, |id| entries.get(&id).and_then(Entry::content)),
        "timeline": case.timeline().iter().map(|fact| self::fact(case, fact, entries.get(&fact.header().id()))).collect::<Vec<_>>(),
    }))
}

/// The highest rung of supervision that lies on a case; 0 where none does.
fn supervised(case: &Case) -> u32 {
    let all = case.facts().values().filter(|fact| fact.header().kind == Kind::Supervised);
    let lawful = all.filter(|fact| !case.aside().contains_key(&fact.leaf()));
    lawful.map(Fact::outcome).max().unwrap_or(0)
}

/// The entries of a case, with their bodies where they are here.
pub async fn entries(
    store: &dyn Store,
    case: &Case,
) -> Result<BTreeMap<EntryId, Entry>, StoreError> {
    let ids: Vec<EntryId> = case.facts().values().map(|fact| fact.header().id()).collect();
    let stored = store.entries_at(&ids).await?;
    let read = stored.into_iter().filter_map(|one| Entry::read(one.header, one.body).ok());
    Ok(read.map(|entry| (entry.id(), entry)).collect())
}

/// One clock, with its history.
fn clock(clock: &Clock, now: Timestamp) -> Value {
    let today = day_of(now);
    let setting = |one: &Setting| {
        json!({
            "leaf": one.leaf.to_string(),
            "kind": one.kind.en(),
            "from_on": one.pin.from_on.map(|day| day.to_string()),
            "due_on": one.pin.due_on.to_string(),
            "provisional": one.pin.provisional,
            "rule_pack": one.pin.rule_pack.map(|digest| digest.to_string()),
            "calendar": one.pin.calendar.map(|digest| digest.to_string()),
        })
    };
    json!({
        "duty": clock.duty.code(),
        "number": clock.duty.number(),
        "duty_zh": clock.duty.zh(),
        "duty_en": clock.duty.en(),
        "right": clock.duty.is_right(),
        "owed_by": clock.owed_by.as_ref().map(ToString::to_string),
        "due_on": clock.due_on().to_string(),
        "days": clock.missed_by(today),
        "missed": clock.is_missed(today),
        "ended_on": clock.ended.map(|ended| ended.on.to_string()),
        "ended_by": clock.ended.map(|ended| ended.kind.en()),
        "stopped_since": clock.stopped_since.map(|day| day.to_string()),
        "history": clock.settings.iter().map(setting).collect::<Vec<_>>(),
    })
}

fn thread(case: &Case, thread: &Thread) -> Value {
    json!({
        "opened_by": thread.opener().short(),
        "follows": thread.follows().map(|leaf| leaf.to_string()),
        "leads": case.leading().map(Thread::id) == Some(thread.id()),
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
        "words": entry.and_then(Entry::content).map(|content| words::json(&content)),
        "said": entry.and_then(Entry::content).map(|content| words::pairs(&content)),
    })
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
        let state = |number: u8| State::from_number(number).map(State::en);
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

/// How an office stands, with its neighbours and the hour of its oldest entry not cosigned yet.
pub fn status(
    office: &Office,
    condition: &Condition,
    oldest: Option<Timestamp>,
    neighbours: &[Neighbour],
    certificate_days_left: Option<i64>,
) -> Value {
    let me = office.identity().me;
    let tally = condition.tally;
    let superior = office.identity().superior;
    json!({
        "division": me.author.short(),
        "name": name_of(me.author),
        "level": me.author.level().en(),
        "pid": std::process::id(),
        "epoch": me.epoch.to_string(),
        "journal_size": condition.journal_size(),
        "entries": tally.entries,
        "cases": tally.cases,
        "waiting": tally.waiting,
        "parked": tally.parked,
        "contested": tally.contested,
        "refusing": condition.refusing,
        "link_held": condition.link_held,
        "not_cosigned": superior.map(|_| not_cosigned(condition, oldest, office.now())),
        "witnessed": condition.witnessed.iter().map(|signed| json!({
            "by": signed.by.author.short(), "size": signed.size,
        })).collect::<Vec<_>>(),
        "raised": condition.raised.iter().map(raised).collect::<Vec<_>>(),
        "certificate_days_left": certificate_days_left,
        "neighbours": neighbours.iter().map(neighbour).collect::<Vec<_>>(),
    })
}

/// A question or an objection on record.
fn raised(raised: &Raised) -> Value {
    let (zh, en) = raised.words();
    json!({
        "about": raised.about().short(),
        "ground": en,
        "ground_zh": zh,
        "place": raised.record.place,
        "entry": raised.record.entry.to_string(),
        "by": raised.record.entry.journal.author.short(),
        "raised_at": raised.at().to_string(),
    })
}

/// What of the own journal the superior has not cosigned yet.
fn not_cosigned(condition: &Condition, oldest: Option<Timestamp>, now: Timestamp) -> Value {
    let cosigned = condition.cosignature.as_ref();
    let from = cosigned.map_or(0, |cosignature| cosignature.size);
    let at = cosigned.and_then(|c| Timestamp::from_second(i64::try_from(c.at).ok()?).ok());
    json!({
        "cosigned_size": from,
        "cosigned_at": at.map(|at| at.to_string()),
        "entries": condition.journal_size().saturating_sub(from),
        "oldest_seconds": oldest.map(|oldest| now.duration_since(oldest).as_secs()),
    })
}

fn neighbour(neighbour: &Neighbour) -> Value {
    let contact = neighbour.contact.as_ref();
    json!({
        "division": neighbour.division.short(),
        "name": name_of(neighbour.division),
        "side": if neighbour.up { "superior" } else { "subordinate" },
        "connected": contact.is_some_and(|contact| contact.connected),
        "since": contact.map(|contact| contact.since.to_string()),
        "last_word": contact.and_then(|contact| contact.last_word.clone()),
        "ledgers": ledgers(neighbour),
    })
}

/// Where both ledgers with a neighbour stand, as rows prove it.
fn ledgers(neighbour: &Neighbour) -> Value {
    let hour = |millis: i64| Timestamp::from_millisecond(millis).map(|at| at.to_string()).ok();
    json!({
        "unsent": neighbour.unsent,
        "sent": neighbour.sent.as_ref().map(|ledger| json!({
            "number": ledger.head.number,
            "digest": ledger.head.digest.to_string(),
            "proved_number": ledger.proved.map_or(0, |(number, _)| number),
            "proved_at": ledger.proved.and_then(|_| hour(ledger.proved_at)),
        })),
        "received": neighbour.received.as_ref().map(|ledger| json!({
            "number": ledger.head.number,
            "digest": ledger.head.digest.to_string(),
            "sent_at": hour(ledger.proved_at),
        })),
    })
}

/// A division as people know it.
#[must_use]
pub fn name_of(code: DivisionCode) -> String {
    Tree::national().find(code).map_or_else(|_| code.short(), |division| division.name.to_owned())
}
