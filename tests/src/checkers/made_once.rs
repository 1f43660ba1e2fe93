//! Rule 2: an entry is made once. Its bytes are the same wherever it is held and whenever it is passed on.

use std::collections::BTreeMap;

use terrace_node::store::Store as _;
use terrace_proto::digest::Digest;
use terrace_proto::entry::{Entry, EntryId};
use terrace_proto::wire::frame::Say;

use super::Checker;
use crate::disk::at_once;
use crate::world::Offices;
use crate::world::step::Step;

/// Remembers how every entry was made.
#[derive(Debug, Default)]
pub(super) struct MadeOnce {
    /// Digests of header and body, as the author committed them.
    made: BTreeMap<EntryId, (Digest, Option<Digest>)>,
}

impl Checker for MadeOnce {
    fn rule(&self) -> &'static str {
        "2 an entry is made once"
    }

    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String> {
        for (office, batch) in &step.commits {
            for entry in &batch.entries {
                let id = entry.id();
                let bytes = digests(entry.header_bytes(), entry.body());
                if *office == id.journal.author && !self.made.contains_key(&id) {
                    self.made.insert(id, bytes);
                }
                self.compare(id, bytes, &format!("{} stores", office.short()))?;
            }
            let ids: Vec<EntryId> = batch.entries.iter().map(|entry| entry.id()).collect();
            let Some(at) = offices.get(office) else { continue };
            let held = at_once(at.disk.entries_at(&ids)).map_err(|error| error.to_string())?;
            for entry in held {
                let bytes = digests(&entry.header, entry.body.as_deref());
                self.compare(entry.id, bytes, &format!("{} holds", office.short()))?;
            }
        }
        for said in &step.said {
            let Some(Say::Passage(passage)) = &said.frame.say else { continue };
            for item in &passage.items {
                let entry = Entry::read(item.header.clone(), None)
                    .map_err(|error| format!("{} passes on: {error}", said.from.short()))?;
                let bytes = digests(&item.header, item.body.as_deref());
                self.compare(entry.id(), bytes, &format!("{} passes on", said.from.short()))?;
            }
        }
        Ok(())
    }
}

impl MadeOnce {
    fn compare(
        &self,
        id: EntryId,
        (header, body): (Digest, Option<Digest>),
        who: &str,
    ) -> Result<(), String> {
        match self.made.get(&id) {
            None => Err(format!("{who} entry {id}, which its author has not made")),
            Some((made, _)) if *made != header => Err(format!("{who} another entry at {id}")),
            Some((_, made)) if body.is_some() && *made != body => {
                Err(format!("{who} another body of {id}"))
            }
            Some(_) => Ok(()),
        }
    }
}

fn digests(header: &[u8], body: Option<&[u8]>) -> (Digest, Option<Digest>) {
    (Digest::of(&[header]), body.map(|body| Digest::of(&[body])))
}
