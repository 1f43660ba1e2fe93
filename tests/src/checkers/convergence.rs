//! When everything is healed and has come to rest: every journal is whole at all its superiors, every office
//! entitled to a case folds it alike, every checkpoint is cosigned, both ends of every ledger agree, and
//! nothing waits.

use std::collections::{BTreeMap, BTreeSet};

use terrace_node::store::witness::by_superior;
use terrace_node::store::{Direction, Store as _};
use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::route::witness_of;

use super::Checker;
use super::audience::Audience;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// Knows every entry that was ever made.
#[derive(Debug, Default)]
pub(super) struct Convergence {
    audience: Audience,
    facts: BTreeMap<CaseId, BTreeSet<Digest>>,
}

impl Checker for Convergence {
    fn rule(&self) -> &'static str {
        "convergence"
    }

    fn check(&mut self, step: &Step, _offices: &Offices) -> Result<(), String> {
        for (office, batch) in &step.commits {
            let own = |entry: &&terrace_proto::entry::VerifiedEntry| {
                entry.header().journal.author == *office
            };
            for entry in batch.entries.iter().filter(own) {
                self.audience.take(entry);
                if let Some(case) = entry.header().case {
                    self.facts.entry(case).or_default().insert(entry.leaf());
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, offices: &Offices) -> Result<(), String> {
        for at in offices.values() {
            runs(at)?;
            journals(at, offices)?;
            cosigned(at, offices)?;
            witnessed(at, offices)?;
            ledgers(at, offices)?;
        }
        numbers(offices)?;
        self.audience.cases().try_for_each(|case| self.agree(case, offices))
    }
}

impl Convergence {
    fn agree(&self, case: CaseId, offices: &Offices) -> Result<(), String> {
        let made = self.facts.get(&case).cloned().unwrap_or_default();
        for at in offices.values().filter(|at| self.audience.entitles(case, at.division())) {
            let office = at.division().short();
            let stored = at_once(at.disk.cases(&[case])).map_err(|error| error.to_string())?.pop();
            let stored = stored.ok_or(format!("{office} has not heard of case {case}"))?;
            let folded = Case::read(case, &stored.facts, Tree::national())
                .map_err(|error| error.to_string())?;
            let held: BTreeSet<Digest> = folded.facts().keys().copied().collect();
            if held != made {
                return Err(format!(
                    "{office} holds {} of the {} entries of case {case}",
                    held.len(),
                    made.len()
                ));
            }
            if folded.facts().values().any(|fact| !fact.has_body()) {
                return Err(format!("{office} lacks words of case {case}"));
            }
            if folded.is_waiting() {
                return Err(format!("{office} waits for entries of case {case}"));
            }
        }
        Ok(())
    }
}

/// No two cases were given one number.
fn numbers(offices: &Offices) -> Result<(), String> {
    let mut numbers: BTreeMap<String, CaseId> = BTreeMap::new();
    let mut clash = None;
    for at in offices.values() {
        at.disk.store().for_each_case(|case| {
            let Some(number) = &case.number else { return };
            if *numbers.entry(number.clone()).or_insert(case.id) != case.id {
                clash = Some(format!("two cases carry the number {number}"));
            }
        });
    }
    clash.map_or(Ok(()), Err)
}

fn runs(at: &Office) -> Result<(), String> {
    let office = at.division().short();
    let running = at.running.as_ref().ok_or(format!("{office} does not run"))?;
    if !at.enrolled {
        return Err(format!("{office} was never enrolled"));
    }
    if running.waiting_writes() > 0 {
        return Err(format!("{office} has writes waiting"));
    }
    match at.identity.superior {
        Some(superior) if !running.is_talking_to(superior) => {
            Err(format!("{office} does not talk to its superior"))
        }
        Some(_) | None => Ok(()),
    }
}

fn superiors(office: DivisionCode) -> impl Iterator<Item = DivisionCode> {
    Tree::national().path(office).into_iter().filter(move |above| *above != office)
}

fn journals(at: &Office, offices: &Offices) -> Result<(), String> {
    let me = at.identity.me;
    let own = at_once(at.disk.journal(me)).map_err(|error| error.to_string())?;
    let own = own.map(|journal| journal.frontier).unwrap_or_default();
    for above in superiors(at.division()).filter_map(|above| offices.get(&above)) {
        let held = at_once(above.disk.journal(me)).map_err(|error| error.to_string())?;
        let held = held.map(|journal| journal.frontier).unwrap_or_default();
        if held != own {
            return Err(format!(
                "{} holds {} of the {} entries of {me}",
                above.division().short(),
                held.size(),
                own.size()
            ));
        }
    }
    Ok(())
}

fn cosigned(at: &Office, offices: &Offices) -> Result<(), String> {
    if at.identity.superior.is_none_or(|superior| !offices.contains_key(&superior)) {
        return Ok(());
    }
    let own = at_once(at.disk.journal(at.identity.me)).map_err(|error| error.to_string())?;
    let own = own.map(|journal| journal.frontier).unwrap_or_default();
    let line = by_superior(&at.disk, at.identity.me, at.identity.superior);
    let line = at_once(line).map_err(|error| error.to_string())?;
    let covered = line.as_ref().map_or(0, |line| line.size);
    if covered != own.size() || line.is_some_and(|line| line.root != own.root()) {
        return Err(format!(
            "{} has {} entries, of which {covered} are cosigned",
            at.division().short(),
            own.size()
        ));
    }
    Ok(())
}

/// The sibling that witnesses a journal has signed all of it, and its author knows.
fn witnessed(at: &Office, offices: &Offices) -> Result<(), String> {
    let Some(above) = at.identity.superior.and_then(|superior| offices.get(&superior)) else {
        return Ok(());
    };
    let Some(running) = above.running.as_ref() else { return Ok(()) };
    let witness = witness_of(running.archive.subordinates(), at.division());
    let Some(witness) = witness.and_then(|witness| offices.get(&witness)) else { return Ok(()) };
    let own = at_once(at.disk.journal(at.identity.me)).map_err(|error| error.to_string())?;
    let own = own.map(|journal| journal.frontier).unwrap_or_default();
    for (disk, whose) in [(&at.disk, "it"), (&above.disk, "its superior")] {
        let lines = at_once(disk.cosignatures(at.identity.me)).map_err(|e| e.to_string())?;
        let line = lines.iter().find(|line| line.by == witness.identity.me);
        let signed = line.map(|line| (line.size, line.root));
        if signed != Some((own.size(), own.root())) {
            return Err(format!(
                "{} has {} entries, of which {whose} knows {:?} witnessed by {}",
                at.division().short(),
                own.size(),
                signed.map(|(size, _)| size),
                witness.division().short()
            ));
        }
    }
    Ok(())
}

fn ledgers(at: &Office, offices: &Offices) -> Result<(), String> {
    let Some(above) = at.identity.superior.and_then(|superior| offices.get(&superior)) else {
        return Ok(());
    };
    for (from, to) in [(at, above), (above, at)] {
        let sent = at_once(from.disk.ledger(to.division(), Direction::Out));
        let received = at_once(to.disk.ledger(from.division(), Direction::In));
        let (sent, received) =
            (sent.map_err(|e| e.to_string())?, received.map_err(|e| e.to_string())?);
        let Some(sent) = sent.filter(|ledger| ledger.head.number > 0) else { continue };
        let ends = format!("{} to {}", from.division().short(), to.division().short());
        if received.as_ref().map(|ledger| ledger.head) != Some(sent.head) {
            return Err(format!("the two ends of the ledger {ends} differ"));
        }
        for (ledger, signer) in [(Some(&sent), to), (received.as_ref(), from)] {
            let holds = ledger.and_then(|ledger| Some((ledger, ledger.proved?))).is_none_or(
                |(ledger, (_, signature))| {
                    ledger.head.signed(&signature, &signer.identity.signer.public())
                },
            );
            if !holds {
                return Err(format!(
                    "the ledger {ends} is not signed by {}",
                    signer.division().short()
                ));
            }
        }
        let proved = sent.proved.map_or(0, |(number, _)| number);
        if proved != sent.head.number {
            return Err(format!(
                "the ledger {ends} stands at {}, proved is {proved}",
                sent.head.number
            ));
        }
    }
    Ok(())
}
