//! Hard cases that a leader has taken on to the end (领导包案; R2022 18; 豫办〔2014〕8号).
//!
//! A package is closed by three separate tests: the case is decided, what was decided is carried out, and the petitioner
//! says with the code that it is settled. That nobody petitions any more is none of them: it would reward silencing.
//!
//! It lists cases and leaders, and counts no petitioner.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Listed;
use crate::digest::{CaseId, Digest};
use crate::division::DivisionCode;
use crate::entry::header::date_of;
use crate::entry::{Content, Holder};
use crate::figure::share::Share;
use crate::wire;

/// One test of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// The case is decided (案结).
    Decided,
    /// What was decided is carried out (事了).
    Executed,
    /// The petitioner says that it is settled (人和).
    Content,
}

impl Test {
    /// The test of a number on the wire; the petitioner's has none, since no officer can pass it.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        [(1, Self::Decided), (2, Self::Executed)]
            .into_iter()
            .find(|row| row.0 == number)
            .map(|row| row.1)
    }

    /// A test that an officer made and how it came out, in one number, as the fold of a case keeps it.
    #[must_use]
    pub fn outcome(said: &wire::PackageTested) -> u32 {
        said.test.saturating_mul(2).saturating_add(said.passed.into())
    }

    /// The test and how it came out, of such a number.
    #[must_use]
    pub fn result(outcome: u32) -> Option<(Self, bool)> {
        Some((Self::from_number(outcome / 2)?, outcome % 2 == 1))
    }
}

/// The level of a leader: of the province, a city, a county or a township.
pub const LEVELS: std::ops::RangeInclusive<u32> = 1..=4;

/// A package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The entry that made it.
    pub leaf: Digest,
    /// The office.
    pub office: DivisionCode,
    /// The case.
    pub case: CaseId,
    /// The leader.
    pub leader: wire::Leader,
    /// The organ that leads.
    pub lead: Option<Holder>,
    /// The day it is to be done by.
    pub target_on: Option<Date>,
    /// How often something was done.
    pub worked: u32,
    /// How each test stands, where it was made.
    pub tests: BTreeMap<Test, bool>,
}

impl Package {
    /// Whether all three tests are passed.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        [Test::Decided, Test::Executed, Test::Content]
            .iter()
            .all(|test| self.tests.get(test) == Some(&true))
    }
}

/// The packages, out of the entries of the roll, the oldest first. Work and tests are the word of the office that made
/// the package; the last word of it counts. `unsigned` are entries that say in the petitioner's name what nobody signed.
#[must_use]
#[allow(clippy::wildcard_enum_match_arm, reason = "most entries are of another roll")]
pub fn packages(listed: &[Listed], unsigned: impl Fn(&Listed) -> bool) -> Vec<Package> {
    let mut packages: BTreeMap<Digest, Package> = BTreeMap::new();
    let mut order = Vec::new();
    for one in listed {
        if let (Content::CasePackaged(said), Some(case)) = (&one.content, one.case) {
            order.push(one.leaf);
            packages.insert(one.leaf, packaged(one, case, said));
        }
    }
    for one in listed {
        let (package, test) = match &one.content {
            Content::PackageWorked(said) => (&said.package, None),
            Content::PackageTested(said) => {
                (&said.package, Test::from_number(said.test).map(|test| (test, said.passed)))
            }
            Content::ContentStated(said) if !unsigned(one) => {
                (&said.package, Some((Test::Content, said.content)))
            }
            _ => continue,
        };
        let package = Digest::read(package).and_then(|leaf| packages.get_mut(&leaf));
        let Some(package) = package.filter(|package| Some(package.case) == one.case) else {
            continue;
        };
        match test {
            Some((Test::Content, passed)) => _ = package.tests.insert(Test::Content, passed),
            Some((test, passed)) if package.office == one.office => {
                package.tests.insert(test, passed);
            }
            None if package.office == one.office => package.worked += 1,
            _ => {}
        }
    }
    order.iter().filter_map(|leaf| packages.remove(leaf)).collect()
}

fn packaged(one: &Listed, case: CaseId, said: &wire::CasePackaged) -> Package {
    Package {
        leaf: one.leaf,
        office: one.office,
        case,
        leader: said.leader.clone().unwrap_or_default(),
        lead: said.lead.as_ref().and_then(Holder::read),
        target_on: date_of(said.target_on).ok(),
        worked: 0,
        tests: BTreeMap::new(),
    }
}

/// How many of the packages of leaders at these levels are settled (化解率).
#[must_use]
pub fn settled(packages: &[Package], levels: std::ops::RangeInclusive<u32>) -> Share {
    let of_level = packages.iter().filter(|package| levels.contains(&package.leader.level));
    let all = of_level.clone().count() as u64;
    Share { of: of_level.filter(|package| package.is_settled()).count() as u64, all }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fixture D1: 14,403 packages of cities and counties, 13,424 of them settled, are 93.2 %; 156 of the province stand
    /// apart.
    #[test]
    fn packages_are_settled_by_three_tests() {
        let mut listed = Vec::new();
        for number in 0..14_403_u64 {
            put(&mut listed, number, 2 + u32::try_from(number % 2).unwrap_or(0), number < 13_424);
        }
        for number in 20_000..20_156 {
            put(&mut listed, number, 1, false);
        }
        let packages = packages(&listed, |_| false);
        assert_eq!(settled(&packages, 2..=4).to_string(), "93.2 %");
        assert_eq!(settled(&packages, 2..=4), Share { of: 13_424, all: 14_403 });
        assert_eq!(settled(&packages, 1..=1).all, 156);
        // What the petitioner has not signed settles nothing.
        let unsigned = super::packages(&listed, |_| true);
        assert_eq!(settled(&unsigned, LEVELS).of, 0);
    }

    fn put(listed: &mut Vec<Listed>, number: u64, level: u32, settle: bool) {
        let leaf = Digest::of(&[&number.to_be_bytes()]);
        let case = CaseId(*leaf.0.first_chunk::<16>().expect("32 bytes"));
        let leader = wire::Leader { name: "某".into(), post: "副职".into(), level };
        let package = wire::CasePackaged { leader: Some(leader), ..Default::default() };
        listed.push(Listed::of(leaf, case, Content::CasePackaged(package)));
        let package = leaf.0.to_vec();
        for test in 1..=2 {
            let said = wire::PackageTested {
                package: package.clone(),
                test,
                passed: true,
                evidence: "凭证".into(),
            };
            listed.push(Listed::of(leaf, case, Content::PackageTested(said)));
        }
        let said = wire::ContentStated { package, content: settle, ..Default::default() };
        listed.push(Listed::of(leaf, case, Content::ContentStated(said)));
    }
}
