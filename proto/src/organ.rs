//! Organs (机构): agencies and departments, each with a code of its own, and the registry that says who they are on a day.
//!
//! An [`Organ`] sits on a division, has a [`Category`], answers to a superior organ, and is there from a day on, perhaps
//! until a day, after which its successor acts. Offices propose organs of their own subtree, and an office above them
//! registers; registrations go down to everybody below, like rules. The [`Registry`] is the fold of those entries, and
//! answers what a code means on a day.
//!
//! It keeps no persons, never changes an entry, and draws no code that another office could draw: the division is part of
//! the code. It does not say what an organ may do; that is the business of the table of steps (`case/who.rs`).

pub mod category;
pub mod code;
pub mod generated;
pub mod refusal;
pub mod registry;
pub mod row;
pub mod sifting;

use jiff::civil::Date;

pub use category::Category;
pub use code::{OrganCode, OrganCodeError};
pub use refusal::{Irregular, Refusal};
pub use registry::{Proposal, Record, Registry, Unresolved};
pub use sifting::{Sifted, sift};

use crate::division::{DivisionCode, Tree};
use crate::entry::header::{date_of, days_of};
use crate::wire;

/// Most organs in one entry: 7,993 are sixteen entries, and each is far below what a body may hold.
pub const ENTRY_ORGANS: usize = 500;
/// Longest name, in characters.
const NAME_LIMIT: usize = 120;
/// The highest number a change may carry. Of two changes with one number the higher office's counts, so that an office
/// that takes the last number binds nobody above it.
pub const LAST_REVISION: u32 = 9_999;

/// An organ, as it is from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organ {
    /// Its code, never another's.
    pub code: OrganCode,
    /// What sort it is.
    pub category: Category,
    /// Its name, in Chinese.
    pub name: String,
    /// The organ it answers to, in its own division or one above.
    pub superior: Option<OrganCode>,
    /// The first day on which this holds.
    pub valid_from: Date,
    /// The last day; none while it is there until further notice.
    pub valid_to: Option<Date>,
    /// Who acts for it after its last day.
    pub successor: Option<OrganCode>,
    /// 0 as it was first registered; each change carries the next number.
    pub revision: u32,
}

impl Organ {
    /// The division it sits on, which is part of its code: an organ that moves gets a new code, and is its old one's
    /// successor.
    #[must_use]
    pub fn division(&self) -> DivisionCode {
        self.code.division()
    }

    /// Reads what an entry says of one organ.
    ///
    /// # Errors
    ///
    /// [`Refusal::Code`] and [`Refusal::Date`] where a number is none.
    pub fn read(wire: &wire::Organ) -> Result<Self, Refusal> {
        let code = |number: u64| OrganCode::from_number(number).map_err(Refusal::Code);
        let day = |days: i32| date_of(days).map_err(|_| Refusal::Date(days));
        Ok(Self {
            code: code(wire.code)?,
            category: Category::from_number(wire.category),
            name: wire.name.clone(),
            superior: wire.superior.map(code).transpose()?,
            valid_from: day(wire.valid_from)?,
            valid_to: wire.valid_to.map(day).transpose()?,
            successor: wire.successor.map(code).transpose()?,
            revision: wire.revision,
        })
    }

    /// As entries carry it.
    #[must_use]
    pub fn to_wire(&self) -> wire::Organ {
        wire::Organ {
            code: self.code.number(),
            category: self.category.number(),
            name: self.name.clone(),
            superior: self.superior.map(OrganCode::number),
            valid_from: days_of(self.valid_from),
            valid_to: self.valid_to.map(days_of),
            successor: self.successor.map(OrganCode::number),
            revision: self.revision,
        }
    }

    /// Whether it holds together by itself, whatever else is registered.
    ///
    /// # Errors
    ///
    /// [`Refusal::Division`], [`Refusal::OutOfLine`], [`Refusal::Cycle`], [`Refusal::Days`], [`Refusal::SuccessorOfOpen`],
    /// [`Refusal::Name`], [`Refusal::LastRevision`].
    pub fn is_sound(&self, tree: &Tree) -> Result<(), Refusal> {
        let (code, division) = (self.code, self.division());
        tree.find(division).map_err(Refusal::Division)?;
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_LIMIT || name.contains(char::is_control) {
            return Err(Refusal::Name { limit: NAME_LIMIT });
        }
        if let Some(superior) = self.superior {
            if superior == code {
                return Err(Refusal::Cycle { code });
            }
            if !tree.is_within(division, superior.division()) {
                return Err(Refusal::OutOfLine { code, superior });
            }
        }
        if let Some(until) = self.valid_to.filter(|until| *until < self.valid_from) {
            return Err(Refusal::Days { from: self.valid_from, until });
        }
        if let Some(successor) = self.successor {
            if self.valid_to.is_none() {
                return Err(Refusal::SuccessorOfOpen { successor });
            }
            if successor == code {
                return Err(Refusal::Cycle { code });
            }
        }
        if self.revision > LAST_REVISION {
            return Err(Refusal::LastRevision { revision: self.revision });
        }
        Ok(())
    }
}
