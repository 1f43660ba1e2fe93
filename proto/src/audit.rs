//! What can be found wrong with journals, ledgers, cases and the traffic between levels, as values.
//!
//! Each check takes what an office holds and says what does not fit. [`journal`], [`ledger`], [`addressee`]
//! and [`clock`] follow what is streamed past them and keep no more than where they stand; [`hop`], [`level`]
//! and [`duty`] judge one case; [`silence`] judges an office. Numbers that no article fixes are an
//! [`Allowance`]. Reading the store, and deciding what to do about a [`Finding`], is the node's.

pub mod addressee;
pub mod allowance;
pub mod clock;
pub mod competence;
pub mod custody;
pub mod duty;
pub mod finding;
pub mod hop;
pub mod journal;
pub mod ledger;
pub mod level;
mod reckoning;
pub mod sealed;
pub mod silence;
pub mod unopened;

pub use addressee::AddresseeCheck;
pub use allowance::Allowance;
pub use clock::ClockCheck;
pub use competence::check_competence;
pub use custody::check_custody;
pub use duty::check_duties;
pub use finding::{Finding, FindingKind};
pub use hop::{Due, Hop, hops};
pub use journal::{EntryCheck, JournalCheck, RootCheck};
pub use ledger::{LedgerCheck, check_head};
pub use level::{Enrolled, check_level};
pub use reckoning::check_reckoning;
pub use sealed::reads_sealed_part;
pub use silence::check_silence;
pub use unopened::Opened;
