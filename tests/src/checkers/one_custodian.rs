//! Rule 5: one custodian per thread. Whatever is applied was written by who held the thread; of two entries
//! after one predecessor none is applied but by the word of a common superior; no two desks would advance a
//! thread from the same place; and equal entries make equal cases everywhere.

use std::collections::{BTreeMap, BTreeSet};

use terrace_node::store::Store as _;
use terrace_proto::case::{Case, Fact, Thread, step};
use terrace_proto::digest::{CaseId, Digest, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Header, Holder, Kind};

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// A place a thread can be advanced from.
type Tip = (ThreadId, Digest);

/// Watches who may advance what.
#[derive(Debug, Default)]
pub(super) struct OneCustodian {
    /// Who would accept a step now.
    accepting: BTreeMap<Tip, BTreeSet<DivisionCode>>,
    /// What each office would accept a step on, by case.
    tips: BTreeMap<(DivisionCode, CaseId), Vec<Tip>>,
    /// What a set of facts was folded into.
    folds: BTreeMap<(CaseId, Digest), Digest>,
    /// Who holds a thread after an entry, as its header says.
    holders: BTreeMap<Digest, Holder>,
    /// What desks wrote after each place.
    followed: BTreeMap<Tip, Digest>,
}

impl Checker for OneCustodian {
    fn rule(&self) -> &'static str {
        "5 one custodian per thread"
    }

    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String> {
        let rogue: BTreeSet<Digest> = step.rogue.iter().map(|rogue| rogue.leaf).collect();
        let mut touched = BTreeSet::new();
        for (office, batch) in &step.commits {
            for entry in &batch.entries {
                let header = entry.header();
                if header.journal.author == *office && !rogue.contains(&entry.leaf()) {
                    self.desk_wrote(header, entry.leaf())?;
                }
                if let Some(to) = &header.custody_to {
                    self.holders.insert(entry.leaf(), to.clone());
                }
            }
            touched.extend(batch.cases.iter().map(|case| (*office, case.id)));
        }
        for (office, id) in touched {
            let Some(at) = offices.get(&office) else { continue };
            let stored = at_once(at.disk.cases(&[id])).map_err(|error| error.to_string())?.pop();
            let Some(stored) = stored else { continue };
            let case = Case::read(id, &stored.facts, Tree::national())
                .map_err(|error| format!("{}: {error}", office.short()))?;
            for thread in case.threads().values() {
                applied(&case, thread).map_err(|what| format!("{}: {what}", office.short()))?;
            }
            self.folded_alike(office, &case, &stored.facts)?;
            self.one_desk(office, &case)?;
        }
        Ok(())
    }

    fn restored(&mut self, at: &Office) {
        let office = at.division();
        self.tips.retain(|(known, _), _| *known != office);
        self.accepting.values_mut().for_each(|desks| {
            desks.remove(&office);
        });
    }
}

impl OneCustodian {
    /// A desk lets only the custodian follow an entry, and lets it be followed once.
    fn desk_wrote(&mut self, header: &Header, leaf: Digest) -> Result<(), String> {
        let Some(place) = header.place.as_ref().filter(|_| header.settles.is_none()) else {
            return Ok(());
        };
        let Some(before) = place.predecessor else { return Ok(()) };
        let author = header.journal.author;
        let holder = self.holders.get(&before);
        if holder.is_none_or(|h| h.division != author || header.custody_from.as_ref() != Some(h)) {
            return Err(format!("the desk of {} advances what {holder:?} holds", author.short()));
        }
        if self.followed.insert((place.thread, before), leaf).is_some() {
            return Err(format!("the desk of {} follows {before:?} again", author.short()));
        }
        Ok(())
    }

    fn folded_alike(
        &mut self,
        office: DivisionCode,
        case: &Case,
        facts: &[u8],
    ) -> Result<(), String> {
        let folded = format!("{:?}{:?}{:?}", case.threads(), case.aside(), case.audience());
        let folded = Digest::of(&[folded.as_bytes()]);
        let known = self.folds.entry((case.id(), Digest::of(&[facts]))).or_insert(folded);
        if *known == folded {
            return Ok(());
        }
        Err(format!("{}: case {} is folded otherwise than elsewhere", office.short(), case.id()))
    }

    fn one_desk(&mut self, office: DivisionCode, case: &Case) -> Result<(), String> {
        for tip in self.tips.remove(&(office, case.id())).unwrap_or_default() {
            self.accepting.entry(tip).or_default().remove(&office);
        }
        let accepts = |thread: &&Thread| {
            thread.holder().division == office
                && thread.contest().is_none()
                && thread.parked().is_none()
                && step::next(thread.state()).next().is_some()
        };
        let tips: Vec<Tip> = case
            .threads()
            .values()
            .filter(accepts)
            .filter_map(|t| Some((t.id(), t.tip()?)))
            .collect();
        for tip in &tips {
            let desks = self.accepting.entry(*tip).or_default();
            desks.insert(office);
            if desks.len() > 1 {
                return Err(format!("case {}: {desks:?} would advance it alike", case.id()));
            }
        }
        self.tips.insert((office, case.id()), tips);
        Ok(())
    }
}

/// The opening is its opener's, every later step was written by the holder, and alone or by settlement.
fn applied(case: &Case, thread: &Thread) -> Result<(), String> {
    let opening = thread.steps().first().and_then(|leaf| case.facts().get(leaf));
    if opening.is_some_and(|fact| !opened_lawfully(case, thread, fact.header())) {
        return Err(format!(
            "case {}: opened by whom neither its id names nor the law lets take it up",
            case.id()
        ));
    }
    for pair in thread.steps().windows(2) {
        let (Some(before), Some(after)) = (case.facts().get(&pair[0]), case.facts().get(&pair[1]))
        else {
            return Err(format!("case {}: an applied entry is not among its facts", case.id()));
        };
        if !wrote_as_holder(after.header(), before.header()) {
            return Err(format!(
                "case {}: {} applies, but its author did not hold the thread",
                case.id(),
                after.header().id()
            ));
        }
        let rivals: Vec<&Fact> = case
            .facts()
            .values()
            .filter(|fact| follows(fact.header(), thread.id(), pair[0]))
            .filter(|fact| wrote_as_holder(fact.header(), before.header()))
            .collect();
        if rivals.len() > 1 && !settled(case, &rivals, after) {
            return Err(format!(
                "case {}: {} applies although it is contested",
                case.id(),
                after.header().id()
            ));
        }
    }
    Ok(())
}

/// The case's id names the opener and the thread; or the opener stands at or above whoever held another thread after
/// the entry that this one follows, and is another than that holder.
fn opened_lawfully(case: &Case, thread: &Thread, opening: &Header) -> bool {
    let opener = opening.journal.author;
    if case.id() == CaseId::of(opener, thread.id()) {
        return true;
    }
    let ground = opening.considered.first();
    let followed = ground.is_some_and(|ground| {
        let others = case.threads().values().filter(|other| other.id() != thread.id());
        others.flat_map(Thread::steps).any(|step| step == ground)
    });
    let held = ground.and_then(|ground| case.facts().get(ground)?.header().custody_to.clone());
    followed
        && held.is_some_and(|held| {
            Tree::national().is_within(held.division, opener)
                && (opening.custody_to != Some(held) || opening.kind == Kind::RedoOrdered)
        })
}

fn wrote_as_holder(header: &Header, before: &Header) -> bool {
    before.custody_to.as_ref().is_some_and(|holder| {
        header.journal.author == holder.division && header.custody_from.as_ref() == Some(holder)
    })
}

fn follows(header: &Header, thread: ThreadId, before: Digest) -> bool {
    header.settles.is_none()
        && header
            .place
            .as_ref()
            .is_some_and(|place| place.thread == thread && place.predecessor == Some(before))
}

fn settled(case: &Case, rivals: &[&Fact], chosen: &Fact) -> bool {
    let tree = Tree::national();
    let above = |judge: DivisionCode| {
        rivals.iter().all(|rival| {
            let writer = rival.header().journal.author;
            tree.is_within(writer, judge) && (writer != judge || judge == DivisionCode::HUB)
        })
    };
    case.facts().values().any(|fact| {
        fact.header().settles == Some(chosen.leaf()) && above(fact.header().journal.author)
    })
}
