//! Who may say what beside a thread: a supervision comes from above, an answer from whoever was asked, a correction from
//! whoever made the slip.
//!
//! A side entry by anybody else is kept and shown, and starts and ends nothing: otherwise a stranger who learnt the id
//! of a case could stop a clock, or the office that owes an answer could have another give it. It is judged by authors
//! and by what the entry names, never by the order of arrival; what names an entry that is not here is not judged yet.

use std::collections::{BTreeMap, BTreeSet};

use super::fact::Fact;
use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};
use crate::entry::{Holder, Kind};

/// The side entries that were not their authors' to write.
pub(super) fn overstepping(
    facts: &BTreeMap<Digest, Fact>,
    audience: &BTreeSet<DivisionCode>,
    tree: &Tree,
) -> Vec<Digest> {
    let judge = Judge { facts, audience, tree };
    let beside = facts.values().filter(|fact| fact.header().place.is_none());
    beside.filter(|fact| judge.may_say(fact) == Some(false)).map(Fact::leaf).collect()
}

/// What an office that is entitled to the case may say, and each of its superiors. A stranger who could list a case as
/// old, or take it on, would stand in the figures in place of the office that owes it.
const BY_WHOM_IT_CONCERNS: [Kind; 5] = [
    Kind::ReviewRequested,
    Kind::HandoverAcknowledged,
    Kind::RecusalDecided,
    Kind::CasePackaged,
    Kind::BacklogListed,
];

struct Judge<'a> {
    facts: &'a BTreeMap<Digest, Fact>,
    audience: &'a BTreeSet<DivisionCode>,
    tree: &'a Tree,
}

impl Judge<'_> {
    /// Whether the author may say it; `None` where that cannot be told, or anyone may.
    fn may_say(&self, fact: &Fact) -> Option<bool> {
        let author = fact.header().journal.author;
        let kind = fact.header().kind;
        if kind == Kind::Supervised {
            Some(self.tree.is_within(fact.addressed()?.division, author))
        } else if kind == Kind::SupervisionAnswered {
            Some(self.about(fact, Kind::Supervised)?.addressed()?.division == author)
        } else if kind == Kind::ReportedBack {
            Some(self.reporter(fact)? == author)
        } else if kind == Kind::ReportJudged {
            let report = self.about(fact, Kind::ReportedBack)?;
            let assignment = self.facts.get(&report.about()?)?;
            Some(assignment.header().journal.author == author)
        } else if kind == Kind::Corrected {
            Some(self.facts.get(&fact.about()?)?.header().journal.author == author)
        } else if kind == Kind::RequestDeclined {
            let request = self.about(fact, Kind::ReviewRequested).filter(|fact| fact.has_body())?;
            let by = fact.header().organ();
            // Whoever was asked, or an office above: never the unit itself, in the same house or by a request of its own.
            let lawful = |asked: &Holder| {
                *asked == by
                    || asked.division != author && self.tree.is_within(asked.division, author)
            };
            Some(request.addressed().is_some_and(lawful))
        } else if matches!(kind, Kind::PackageWorked | Kind::PackageTested) {
            Some(self.about(fact, Kind::CasePackaged)?.header().journal.author == author)
        } else if kind == Kind::LinkUndone {
            Some(self.about(fact, Kind::CasesLinked)?.header().journal.author == author)
        } else if BY_WHOM_IT_CONCERNS.contains(&kind) {
            Some(self.audience.iter().any(|member| self.tree.is_within(*member, author)))
        } else {
            None
        }
    }

    /// Who is to report: whom an assignment was given to, or whose report came back.
    fn reporter(&self, fact: &Fact) -> Option<DivisionCode> {
        let asked = self.facts.get(&fact.about()?)?;
        if asked.header().kind == Kind::Assigned {
            return Some(asked.header().custody_to.as_ref()?.division);
        }
        let report = self.about(asked, Kind::ReportedBack)?;
        Some(report.header().journal.author)
    }

    /// The entry that another is about, of this kind.
    fn about(&self, fact: &Fact, kind: Kind) -> Option<&Fact> {
        self.facts.get(&fact.about()?).filter(|fact| fact.header().kind == kind)
    }
}
