//! Who takes a step, at the office that holds the thread.
//!
//! A petition office routes, supervises and proposes; the substance of a matter is decided by the organ whose matter it
//! is (R2022 19, 22, 23, 32). In a township one office does both. A review is the government's one level above, for which
//! its petition office keeps the pen. The table of steps names who; the desk asks [`Who::may_be`], and the audit finds
//! what was written past it.

use crate::division::Level;
use crate::entry::Holder as Organ;

/// Who takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The petition office (信访部门), or the organ that was approached.
    Office,
    /// The responsible unit (责任单位), which decides the substance.
    Unit,
    /// Whoever it lies with, petition office or unit: nothing is decided by it.
    Holder,
    /// The petitioner, with the code; the office writes it down.
    Petitioner,
    /// The organ that reviews or re-examines.
    Reviewer,
}

impl Who {
    /// Whether an organ may be the one who takes such a step.
    #[must_use]
    pub fn may_be(self, organ: &Organ) -> bool {
        match self {
            Self::Unit => !organ.organ.is_empty() || organ.division.level() >= Level::Township,
            Self::Office | Self::Holder | Self::Petitioner | Self::Reviewer => true,
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Office => "信访部门、收件机关",
            Self::Unit => "责任单位",
            Self::Holder => "持有单位",
            Self::Petitioner => "信访人",
            Self::Reviewer => "复查复核机关",
        }
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Unit => "unit",
            Self::Holder => "holder",
            Self::Petitioner => "petitioner",
            Self::Reviewer => "reviewer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn petition_office_decides_nothing_above_a_township() {
        for (division, organ, may) in [
            ("41", "", false),
            ("410221", "", false),
            ("410221", "mzj", true),
            ("410221101", "", true),
        ] {
            let organ = Organ { division: division.parse().unwrap(), organ: organ.into() };
            assert_eq!(Who::Unit.may_be(&organ), may, "{organ}");
            assert!(Who::Holder.may_be(&organ) && Who::Office.may_be(&organ));
        }
    }
}
