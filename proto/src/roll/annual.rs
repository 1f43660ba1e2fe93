//! What a petition office reports for a year (信访工作年度报告; R2022 41): how much came, by what channel, in what field and
//! about which organs; what it passed on, assigned and supervised; what it proposed, and what became of that.
//!
//! The law asks for the organs most complained of. They stand here in the order of their codes, with their numbers:
//! Terrace ranks no office by how often people speak.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "it counts a few kinds of entries and leaves all others"
)]

use std::collections::BTreeMap;

use jiff::tz;

use crate::case::{Case, Fact};
use crate::division::DivisionCode;
use crate::entry::{Content, Header, Holder, Kind};

/// Digits of a category that name its field.
const FIELD: usize = 2;

/// The year of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annual {
    office: DivisionCode,
    year: i16,
    /// Intakes registered (件次).
    pub registered: u64,
    /// Of them, by channel.
    pub channels: BTreeMap<String, u64>,
    /// Of them, by field: the first two digits of the category, empty where none was given.
    pub fields: BTreeMap<String, u64>,
    /// Cases of these intakes, by the organ that handles them; those that lie at a petition office are not among them.
    pub organs: BTreeMap<Holder, u64>,
    /// Acts of the office, by kind: transfers, assignments, supervisions.
    pub acts: BTreeMap<Kind, u64>,
    /// Proposals, by form (1 work, 2 policy, 3 accountability), and how they were answered: 0 not yet, 1 adopted, 2 in
    /// part, 3 not.
    pub proposals: BTreeMap<(u32, u32), u64>,
}

/// The acts that are counted.
pub const ACTS: [Kind; 3] = [Kind::Transferred, Kind::Assigned, Kind::Supervised];
/// The entries whose words are needed.
pub const WORDS: [Kind; 3] = [Kind::IntakeRegistered, Kind::Proposed, Kind::ProposalAnswered];

impl Annual {
    /// The year of an office in China's time, before anything is counted.
    #[must_use]
    pub fn of(office: DivisionCode, year: i16) -> Self {
        Self {
            office,
            year,
            registered: 0,
            channels: BTreeMap::new(),
            fields: BTreeMap::new(),
            organs: BTreeMap::new(),
            acts: BTreeMap::new(),
            proposals: BTreeMap::new(),
        }
    }

    /// Counts a case; `words` gives what an entry of [`WORDS`] says.
    pub fn take(&mut self, case: &Case, words: impl Fn(&Fact) -> Option<Content>) {
        let mut own = false;
        for fact in case.facts().values() {
            let kind = fact.header().kind;
            if !self.is_mine(fact.header()) || case.aside().contains_key(&fact.leaf()) {
                continue;
            }
            if ACTS.contains(&kind) {
                *self.acts.entry(kind).or_default() += 1;
            }
            match words(fact) {
                // Records of the past that were brought in are no intakes of this year.
                Some(Content::IntakeRegistered(said))
                    if !said.provenance.as_ref().is_some_and(|from| from.legacy) =>
                {
                    own = true;
                    self.registered += 1;
                    *self.channels.entry(said.channel).or_default() += 1;
                    let field: String = said.category.chars().take(FIELD).collect();
                    *self.fields.entry(field).or_default() += 1;
                }
                Some(Content::Proposed(said)) => {
                    let answers = case.facts().values().filter(|answer| {
                        answer.header().kind == Kind::ProposalAnswered
                            && answer.about() == Some(fact.leaf())
                    });
                    let first = answers.min_by_key(|one| (one.header().recorded_at, one.leaf()));
                    let adoption = first.and_then(&words).map_or(0, |content| match content {
                        Content::ProposalAnswered(said) => said.adoption,
                        _ => 0,
                    });
                    *self.proposals.entry((said.form, adoption)).or_default() += 1;
                }
                Some(_) | None => {}
            }
        }
        let holder = case.leading().map(|thread| thread.holder()).filter(|_| own);
        if let Some(holder) = holder.filter(|holder| !holder.organ.is_empty()) {
            *self.organs.entry(holder.clone()).or_default() += 1;
        }
    }

    /// Whether an entry may count, so that its case is to be taken: the office's, of this year and of a kind that is counted.
    #[must_use]
    pub fn concerns(&self, header: &Header) -> bool {
        let counted = [Kind::IntakeRegistered, Kind::Proposed].contains(&header.kind);
        (counted || ACTS.contains(&header.kind)) && self.is_mine(header)
    }

    fn is_mine(&self, header: &Header) -> bool {
        let on = tz::offset(8).to_datetime(header.recorded_at);
        header.journal.author == self.office && on.year() == self.year
    }
}
