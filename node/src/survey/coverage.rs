//! Steps that no case of a channel has taken yet, told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use terrace_proto::case::{Case, Fact};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::channel::{CHANNELS, channel};
use terrace_proto::entry::{Content, EntryId, Kind};
use terrace_proto::roll::coverage;

use super::folds;
use crate::store::{Store, StoreError};

/// The gaps, and how many there could be.
pub(super) async fn coverage(
    store: &dyn Store,
    holder: Option<DivisionCode>,
) -> Result<Value, StoreError> {
    let (mut seen, mut after) = (BTreeSet::new(), 0);
    while let Some((cases, last)) = folds(store, holder, after).await? {
        seen.extend(steps(store, &cases).await?);
        after = last;
    }
    let gaps = coverage::gaps(&seen).into_iter().map(|gap| {
        let zh = channel(gap.channel).map(|row| row.1);
        json!({
            "channel": gap.channel, "channel_zh": zh,
            "step": gap.step.en(), "step_zh": gap.step.zh(),
        })
    });
    let gaps: Vec<Value> = gaps.collect();
    Ok(json!({ "gaps": gaps, "all": CHANNELS.len() * coverage::steps().len() }))
}

/// The channels of some cases, each with the steps that its cases took.
async fn steps(store: &dyn Store, cases: &[Case]) -> Result<BTreeSet<(String, Kind)>, StoreError> {
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
