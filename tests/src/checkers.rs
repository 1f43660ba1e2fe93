//! The eight rules, one checker a file, run after every step over what the step touched; and convergence,
//! asked once everything has come to rest.
//!
//! Each checker keeps a model of its own, made only from what became durable and what was said, and compares
//! the offices with it. None of them asks the code it checks for its opinion, except where the rule is that
//! two opinions must agree.

mod audience;
mod convergence;
mod durable_before_claimed;
mod form_not_law;
mod made_once;
mod no_officer_waits;
mod nothing_deleted;
mod one_custodian;
mod one_petitioner;
mod sealed;
mod subtree_and_addressed;
mod truth_is_the_journals;

use crate::world::Offices;
use crate::world::office::Office;
use crate::world::step::Step;

/// One who watches a rule.
pub trait Checker: std::fmt::Debug {
    /// The rule, by name.
    fn rule(&self) -> &'static str;

    /// Looks at what a step did.
    fn check(&mut self, step: &Step, offices: &Offices) -> Result<(), String>;

    /// An office was given an older copy of its disk: what is known of it is what lies there now.
    fn restored(&mut self, _at: &Office) {}

    /// Looks at a world that has come to rest.
    fn finish(&mut self, _offices: &Offices) -> Result<(), String> {
        Ok(())
    }
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Box<dyn Checker>> {
    vec![
        Box::<truth_is_the_journals::TruthIsTheJournals>::default(),
        Box::<made_once::MadeOnce>::default(),
        Box::<durable_before_claimed::DurableBeforeClaimed>::default(),
        Box::<no_officer_waits::NoOfficerWaits>::default(),
        Box::<one_custodian::OneCustodian>::default(),
        Box::<subtree_and_addressed::SubtreeAndAddressed>::default(),
        Box::<nothing_deleted::NothingDeleted>::default(),
        Box::<form_not_law::FormNotLaw>::default(),
        Box::<sealed::Sealed>::default(),
        Box::<one_petitioner::OnePetitioner>::default(),
        Box::<convergence::Convergence>::default(),
    ]
}
