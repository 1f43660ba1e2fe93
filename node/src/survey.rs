//! Surveys: looking through the cases an office holds for what nobody has asked about one by one.
//!
//! Hard cases by a rule (排查), cases and tickets that stand still, and what no channel has gone through yet. It reads folds, holds no
//! writer up, puts cases into an order by their age alone, and never looks at who petitions.

mod annual;
pub mod report;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};
use terrace_proto::case::{Case, Fact, standing::day_of};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::channel::{CHANNELS, channel};
use terrace_proto::entry::{Content, EntryId, Kind};
use terrace_proto::roll::annual::Annual;
use terrace_proto::roll::coverage;
use terrace_proto::roll::reception::Ticket;
use terrace_proto::roll::screening::{self, Item, Rule};
use terrace_proto::roll::stall::{self, Stall};
use terrace_proto::wire::SurveyRequest;

use crate::store::{CaseRecord, Store, StoreError};

/// Cases looked through at once.
const PAGE: u32 = 500;
/// Most cases that are shown of each sort.
const SHOWN: usize = 1_000;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    /// Hard cases, by a rule.
    Hard(Rule),
    /// Cases that stand still.
    Still,
    /// Steps that no case of a channel has taken.
    Coverage,
    /// What this office reports for a year.
    Annual(DivisionCode, i16),
}

/// What was found of cases.
#[derive(Debug, Default)]
struct Found {
    items: Vec<Item>,
    numbers: BTreeMap<CaseId, String>,
    still: BTreeMap<Stall, Vec<String>>,
    /// Tickets that intakes name.
    registered: BTreeSet<Digest>,
    annual: Option<Annual>,
    seen: BTreeSet<(String, Kind)>,
}

impl Survey {
    /// The survey that is asked for.
    #[must_use]
    pub fn read(asked: &SurveyRequest, me: DivisionCode) -> Option<Self> {
        let SurveyRequest { what, days, reopened, hops, year, .. } = asked;
        match what.as_str() {
            "hard" => Some(Self::Hard(Rule { days: *days, reopened: *reopened, hops: *hops })),
            "still" => Some(Self::Still),
            "coverage" => Some(Self::Coverage),
            "annual" => Some(Self::Annual(me, i16::try_from(*year).ok()?)),
            _ => None,
        }
    }

    /// Looks through the cases of a store at an hour; only those that `holder` holds, where one is named. `tickets` are
    /// those of the office's hall.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn of(
        self,
        store: &dyn Store,
        holder: Option<DivisionCode>,
        tickets: &[Ticket],
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let (mut found, mut after) = (Found::default(), 0);
        loop {
            let page = store.cases_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            let held = |record: &&CaseRecord| {
                let at = record.holder.as_ref().map(|(division, _)| *division);
                holder.is_none_or(|holder| at == Some(holder))
            };
            let mut cases = Vec::new();
            for record in &page {
                let held = held(&record);
                if !held && tickets.is_empty() {
                    continue;
                }
                let case = Case::read(record.id, &record.facts, Tree::national());
                let case = case.map_err(|error| StoreError::Corrupt(error.to_string()))?;
                let intakes = case.facts().values();
                let intakes = intakes.filter(|fact| fact.header().kind == Kind::IntakeRegistered);
                found.registered.extend(intakes.filter_map(Fact::about));
                if held {
                    cases.push(case);
                }
            }
            self.look(store, &cases, now, &mut found).await?;
        }
        Ok(self.told(found, tickets, now))
    }

    async fn look(
        self,
        store: &dyn Store,
        cases: &[Case],
        now: Timestamp,
        found: &mut Found,
    ) -> Result<(), StoreError> {
        match self {
            Self::Hard(_) => {
                for item in cases.iter().filter_map(Item::of) {
                    found.items.push(item);
                }
                let numbers = cases.iter().filter_map(|case| Some((case.id(), case.called()?)));
                found.numbers.extend(numbers);
            }
            Self::Still => {
                for case in cases {
                    let number = case.called().unwrap_or_default();
                    for stall in stall::stalls(case, day_of(now)) {
                        found.still.entry(stall).or_default().push(number.clone());
                    }
                }
            }
            Self::Coverage => found.seen.extend(seen(store, cases).await?),
            Self::Annual(office, year) => {
                let annual = found.annual.get_or_insert_with(|| Annual::of(office, year));
                annual::count(store, annual, cases).await?;
            }
        }
        Ok(())
    }

    fn told(self, found: Found, tickets: &[Ticket], now: Timestamp) -> Value {
        match self {
            Self::Hard(rule) => {
                let hard = screening::screen(&found.items, &rule, day_of(now));
                let rows = hard.iter().take(SHOWN).map(|item| {
                    json!({
                        "number": found.numbers.get(&item.case),
                        "opened_on": item.opened_on.to_string(),
                        "reopened": item.reopened,
                        "hops": item.hops,
                    })
                });
                json!({ "cases": rows.collect::<Vec<_>>(), "all": hard.len() })
            }
            Self::Still => {
                let queues = Stall::ALL.map(|stall| {
                    let cases = found.still.get(&stall).cloned().unwrap_or_default();
                    let (zh, en) = stall.words();
                    let all = cases.len();
                    let cases: Vec<String> = cases.into_iter().take(SHOWN).collect();
                    json!({ "zh": zh, "en": en, "cases": cases, "all": all })
                });
                let waiting = stall::unregistered(tickets, &found.registered, day_of(now));
                let rows: Vec<Value> = waiting.map(ticket).collect();
                json!({ "queues": queues, "tickets": rows })
            }
            Self::Annual(office, year) => {
                annual::told(found.annual.unwrap_or_else(|| Annual::of(office, year)), year)
            }
            Self::Coverage => {
                let gaps = coverage::gaps(&found.seen).into_iter().map(|gap| {
                    let zh = channel(gap.channel).map(|row| row.1);
                    json!({
                        "channel": gap.channel, "channel_zh": zh,
                        "step": gap.step.en(), "step_zh": gap.step.zh(),
                    })
                });
                let gaps: Vec<Value> = gaps.collect();
                let all = CHANNELS.len() * coverage::steps().len();
                json!({ "gaps": gaps, "all": all })
            }
        }
    }
}

/// A ticket that nothing was registered for.
fn ticket(ticket: &Ticket) -> Value {
    json!({
        "leaf": ticket.leaf.to_string(), "number": ticket.number,
        "drawn_on": ticket.drawn_on.to_string(), "called": ticket.called,
    })
}

/// The channels of some cases, each with the steps that its cases took.
async fn seen(store: &dyn Store, cases: &[Case]) -> Result<BTreeSet<(String, Kind)>, StoreError> {
    let intake = |case: &Case| -> Option<EntryId> {
        let intakes = case.facts().values().map(Fact::header);
        let first = intakes.filter(|header| header.kind == Kind::IntakeRegistered);
        first.map(terrace_proto::entry::Header::id).min()
    };
    let firsts: BTreeMap<EntryId, &Case> =
        cases.iter().filter_map(|case| Some((intake(case)?, case))).collect();
    let ids: Vec<EntryId> = firsts.keys().copied().collect();
    let mut seen = BTreeSet::new();
    for stored in store.entries_at(&ids).await? {
        let Some(case) = firsts.get(&stored.id) else { continue };
        let content = stored.into_entry().ok().and_then(|entry| entry.content());
        let Some(Content::IntakeRegistered(said)) = content else { continue };
        let steps = case.course().into_iter().filter_map(|leaf| case.facts().get(&leaf));
        seen.extend(steps.map(|fact| (said.channel.clone(), fact.header().kind)));
    }
    Ok(seen)
}
