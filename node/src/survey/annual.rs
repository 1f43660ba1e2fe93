//! The figures of a year, read out of the store and told.
//!
//! It reads words for nothing but what the law asks to be reported (R2022 41).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use terrace_proto::case::{Case, Fact};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::category::field;
use terrace_proto::entry::channel::channel;
use terrace_proto::entry::{Content, EntryId, Header};
use terrace_proto::roll::annual::{ACTS, Annual, WORDS};

use super::{PAGE, fold, is_held};
use crate::store::{EntryBytes, Store, StoreError};
use crate::view::name_of;

/// The year of an office, out of the cases that `holder` holds, or of all.
pub(super) async fn annual(
    store: &dyn Store,
    holder: Option<DivisionCode>,
    office: DivisionCode,
    year: i16,
) -> Result<Value, StoreError> {
    let mut annual = Annual::of(office, year);
    let ids: Vec<CaseId> = concerned(store, &annual, office).await?.into_iter().collect();
    for page in ids.chunks(PAGE as usize) {
        let mut records = store.cases(page).await?;
        records.retain(|record| is_held(record, holder));
        let cases = records.iter().map(fold).collect::<Result<Vec<Case>, _>>()?;
        count(store, &mut annual, &cases).await?;
    }
    Ok(told(annual, year))
}

/// The cases in which the office wrote what counts, out of its own journals: what others hold and did is not read.
async fn concerned(
    store: &dyn Store,
    annual: &Annual,
    office: DivisionCode,
) -> Result<BTreeSet<CaseId>, StoreError> {
    // A frozen view shows entries in great number quicker than the store itself.
    let view = store.frozen().await?;
    let mut cases = BTreeSet::new();
    for journal in view.journals_of(office).await? {
        let mut see = |entry: EntryBytes<'_>| {
            let header = Header::read(entry.header).ok().filter(|header| annual.concerns(header));
            cases.extend(header.and_then(|header| header.case));
        };
        view.each_entry(journal.id, 0, u64::MAX, &mut see).await?;
    }
    Ok(cases)
}

/// Counts some cases.
async fn count(store: &dyn Store, annual: &mut Annual, cases: &[Case]) -> Result<(), StoreError> {
    let asked = |fact: &&Fact| WORDS.contains(&fact.header().kind);
    let facts = cases.iter().flat_map(|case| case.facts().values());
    let ids: Vec<EntryId> = facts.filter(asked).map(|fact| fact.header().id()).collect();
    let stored = store.entries_at(&ids).await?;
    let words: BTreeMap<EntryId, Content> = stored
        .into_iter()
        .filter_map(|one| Some((one.id, one.into_entry().ok()?.content()?)))
        .collect();
    for case in cases.iter().filter(|case| !case.is_report()) {
        annual.take(case, |fact| words.get(&fact.header().id()).cloned());
    }
    Ok(())
}

/// The year as JSON.
fn told(annual: Annual, year: i16) -> Value {
    let channels = annual.channels.iter().map(|(code, count)| {
        let named = channel(code);
        json!({ "code": code, "zh": named.map(|row| row.1), "en": named.map(|row| row.2), "count": count })
    });
    let fields = annual.fields.iter().map(|(code, count)| {
        let named = field(code);
        json!({ "code": code, "zh": named.map(|row| row.1), "en": named.map(|row| row.2), "count": count })
    });
    let organs = annual.organs.iter().map(|(organ, count)| {
        json!({ "organ": organ.to_string(), "name": name_of(organ.division), "count": count })
    });
    let acts = ACTS.map(|kind| {
        let count = annual.acts.get(&kind).copied().unwrap_or(0);
        json!({ "kind": kind.en(), "kind_zh": kind.zh(), "count": count })
    });
    let proposals = annual.proposals.iter().map(
        |((form, adoption), count)| json!({ "form": form, "adoption": adoption, "count": count }),
    );
    json!({
        "year": year,
        "registered": annual.registered,
        "channels": channels.collect::<Vec<_>>(),
        "fields": fields.collect::<Vec<_>>(),
        "organs": organs.collect::<Vec<_>>(),
        "acts": acts,
        "proposals": proposals.collect::<Vec<_>>(),
    })
}
