//! Lists how cases were passed on between offices, and what of it does not fit the rules.

use std::collections::BTreeMap;

use terrace_proto::audit::{
    Finding, Hop, check_competence, check_custody, check_duties, check_level, check_reckoning,
    hops, reads_sealed_part,
};
use terrace_proto::case::Case;
use terrace_proto::division::Tree;
use terrace_proto::entry::EntryId;

use super::folds::PAGE;
use super::one_case::step;
use super::row::{HopRow, Row};
use super::telling::Telling;
use super::{AuditError, Books};

/// Lists the hops that were asked for, case by case.
pub(super) async fn list(books: &Books, telling: &mut Telling) -> Result<(), AuditError> {
    let whole = books.store.tally().await?.cases;
    let mut after = 0;
    loop {
        let page = books.store.cases_after(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.row;
        let mut cases = Vec::with_capacity(page.len());
        for record in page {
            telling.summary.cases += 1;
            match Case::read(record.id, &record.facts, Tree::national()) {
                Ok(case) => cases.push(case),
                Err(_) => telling.found([Finding::Fold { case: record.id }]).await?,
            }
        }
        let listed: Vec<Vec<Hop>> = cases.iter().map(|case| wanted(case, telling)).collect();
        let ids: Vec<EntryId> = listed.iter().flatten().map(|hop| hop.entry).collect();
        let sizes = books.covering(&ids).await?;
        for (case, hops) in cases.iter().zip(&listed) {
            tell(books, telling, case, hops, &sizes).await?;
        }
        telling.progress("cases", telling.summary.cases, whole).await?;
    }
}

/// The hops of a case that were asked for.
fn wanted(case: &Case, telling: &Telling) -> Vec<Hop> {
    let question = telling.question();
    let kinds_of_findings = !question.kinds.is_empty()
        && question.kinds.iter().all(|kind| !["transferred", "assigned"].contains(&kind.as_str()));
    let mut hops = hops(case);
    hops.retain(|hop| {
        question.wants_hour(hop.sent_at)
            && question.wants_places([hop.from.division, hop.to.division].into_iter())
            && (kinds_of_findings || question.wants_kind(hop.kind.en()))
    });
    hops
}

/// Tells the hops of a case, then what does not fit in it.
pub(super) async fn tell(
    books: &Books,
    telling: &mut Telling,
    case: &Case,
    hops: &[Hop],
    sizes: &BTreeMap<EntryId, u64>,
) -> Result<(), AuditError> {
    let tree = Tree::national();
    let mut findings = check_custody(case);
    findings.extend(check_duties(case, books.now, &telling.question().allowance));
    findings.extend(check_competence(case));
    findings.extend(check_reckoning(case, &books.rules));
    findings.retain(|finding| is_wanted(case, finding, telling));
    for hop in hops {
        findings.extend(check_level(hop, tree, &books.enrolled));
        let about = |finding: &&Finding| finding.entries().contains(&hop.entry);
        let found: Vec<Finding> = findings.iter().filter(about).cloned().collect();
        let row = HopRow::of(hop, books.now, sizes.get(&hop.entry).copied(), &found);
        telling.summary.hops += 1;
        telling.tell(Row::Hop(row)).await?;
    }
    for fact in case.timeline() {
        if reads_sealed_part(fact.header().kind)
            && telling.question().wants_hour(fact.header().recorded_at)
        {
            telling.summary.sealed_reads += 1;
            telling.tell(Row::Step(step(case, fact, None, None))).await?;
        }
    }
    telling.found(findings).await
}

/// Whether the first entry of a finding was recorded on a day that was asked for.
fn is_wanted(case: &Case, finding: &Finding, telling: &Telling) -> bool {
    let Some(entry) = finding.entries().first().copied() else { return true };
    let mut headers = case.facts().values().map(|fact| fact.header());
    let header = headers.find(|header| header.id() == entry);
    header.is_none_or(|header| telling.question().wants_hour(header.recorded_at))
}
