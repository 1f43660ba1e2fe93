//! Sealed parts (rule 6): no plain word of one is ever durable or said, and once everything has come to rest whoever
//! holds a case has its key, and nobody who was never given the case has it.

use std::collections::BTreeSet;

use terrace_node::cabinet::KeyStore as _;
use terrace_node::store::Store as _;
use terrace_proto::case::Case;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::wire::frame::Say;

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// With what the name of every petitioner of the story begins.
const NAME: &[u8] = "信访人".as_bytes();

/// Keeps nothing: what is said and stored is looked at as it is.
#[derive(Debug, Default)]
pub(super) struct Sealed;

impl Checker for Sealed {
    fn rule(&self) -> &'static str {
        "what is sealed is read by its readers alone"
    }

    fn check(&mut self, step: &Step, _offices: &Offices) -> Result<(), String> {
        for (office, batch) in &step.commits {
            for entry in &batch.entries {
                let sealed = entry.sealed().map(|part| part.bytes().to_vec()).unwrap_or_default();
                let body = entry.body().unwrap_or_default();
                if [entry.header_bytes(), body, &sealed].iter().any(|bytes| says(bytes)) {
                    return Err(format!("{} stored a name in {}", office.short(), entry.id()));
                }
            }
        }
        for said in &step.said {
            if let Some(Say::Passage(passage)) = &said.frame.say {
                let words = |item: &terrace_proto::wire::Item| {
                    says(item.body.as_deref().unwrap_or_default())
                        || says(item.sealed.as_deref().unwrap_or_default())
                };
                if passage.items.iter().any(words) {
                    return Err(format!("{} said a name", said.from.short()));
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, offices: &Offices) -> Result<(), String> {
        // Where officers write past the desk, nobody hands the key on with the case.
        let rogues = offices.values().filter(|at| at.rogue).map(Office::division).collect();
        offices.values().try_for_each(|at| keys(at, &rogues))
    }
}

fn keys(at: &Office, rogues: &BTreeSet<DivisionCode>) -> Result<(), String> {
    let office = at.division();
    let mut ids = Vec::new();
    at.disk.store().for_each_case(|case| ids.push(case.id));
    let cases = at_once(at.disk.cases(&ids)).map_err(|error| error.to_string())?;
    for record in cases {
        let case = Case::read(record.id, &record.facts, Tree::national());
        let case = case.map_err(|error| error.to_string())?;
        let sealed = case.sealed_parts().next().is_some();
        let Some(leading) = case.leading().filter(|_| sealed) else { continue };
        let mut authors = case.facts().values().map(|fact| fact.header().journal.author);
        let honest = !authors.any(|author| rogues.contains(&author));
        let held = !at_once(at.keys.wraps(case.id())).map_err(|e| e.to_string())?.is_empty();
        let holds = leading.holder().division == office && leading.contest().is_none();
        if honest && holds && !held {
            return Err(format!("{} holds case {} without its key", office.short(), case.id()));
        }
        if held && !case.is_reader(office) {
            return Err(format!("{} has the key of case {}", office.short(), case.id()));
        }
    }
    Ok(())
}

fn says(bytes: &[u8]) -> bool {
    bytes.windows(NAME.len()).any(|some| some == NAME)
}
