//! Who is to keep out of a case for an interest of their own in it (回避; R2022 28, SD2015 12, ZJ2016 9).
//!
//! Anyone may ask for it. It is decided by the office whose officer it is, and binds that office: an officer is known by
//! a staff number of one office alone.

use std::collections::BTreeSet;

use super::{Case, Fact};
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::{EntryId, Kind};

impl Case {
    /// Officers who keep out, each at the office that decided so.
    #[must_use]
    pub fn recused(&self) -> BTreeSet<(DivisionCode, &str)> {
        let officers = self.kept_out();
        officers.into_iter().map(|(decided, officer)| (decided.journal.author, officer)).collect()
    }

    /// Officers who keep out, each with the entry that decided so.
    #[must_use]
    pub fn kept_out(&self) -> Vec<(EntryId, &str)> {
        let officers =
            self.recusals().map(|(decided, asked)| (decided.header().id(), asked.officer()));
        officers.filter(|(_, officer)| !officer.is_empty()).collect()
    }

    /// Experts who keep out, by the leaf hashes of their enlistings.
    #[must_use]
    pub fn recused_experts(&self) -> BTreeSet<Digest> {
        self.recusals().filter_map(|(_, asked)| asked.about()).collect()
    }

    /// What granted a request, and the request.
    fn recusals(&self) -> impl Iterator<Item = (&Fact, &Fact)> {
        let granted = self
            .facts
            .values()
            .filter(|fact| fact.header().kind == Kind::RecusalDecided && fact.outcome() == GRANTED);
        granted.filter_map(|fact| {
            let asked = self.facts.get(&fact.about()?)?;
            let asked = Some(asked).filter(|fact| fact.header().kind == Kind::RecusalAsked)?;
            Some((fact, asked))
        })
    }
}

/// The outcome of a request that was granted.
const GRANTED: u32 = 1;
