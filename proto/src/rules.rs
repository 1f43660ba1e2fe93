//! Law as dated data: rule packs, calendars and the documents they cite.
//!
//! A [`Pack`] is a file a lawyer can read: its scope, its days, its precedence, and the article behind every number.
//! [`Rules`] is what an office knows of them; [`Rules::in_force`] chooses those that bind an office on a day, the most
//! specific scope first, and the choice is frozen on a case when it is opened. [`reckon`] counts days by a [`Calendar`]. [`gate`] judges what may be refused, and [`Difference`] compares two packs.
//!
//! Nothing here looks at a clock or at a case. A number without an article, or an article of a document nobody has
//! listed, is not loaded.

pub mod calendar;
pub mod difference;
pub mod document;
pub mod duty;
pub mod gate;
pub mod pack;
pub mod reckoning;
pub mod rule_set;
pub mod term;

use std::sync::LazyLock;

use jiff::civil::Date;

pub use calendar::Calendar;
pub use difference::Difference;
pub use document::{Document, Documents};
pub use duty::Duty;
pub use pack::{Pack, PackError};
pub use reckoning::{Reckoned, reckon};
pub use rule_set::RuleSet;
pub use term::{Length, Sure, Term};

use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};

const DOCUMENTS: &str = include_str!("../data/rules/documents.toml");
const CALENDAR: &str = include_str!("../data/calendar/cn.csv");
const PACKS: [(&str, &str); 6] = [
    ("cn-2005.toml", include_str!("../data/rules/cn-2005.toml")),
    ("cn-2022.toml", include_str!("../data/rules/cn-2022.toml")),
    ("hn-level-2014.toml", include_str!("../data/rules/hn-level-2014.toml")),
    ("hn-2012.toml", include_str!("../data/rules/hn-2012.toml")),
    ("sd-2015.toml", include_str!("../data/rules/sd-2015.toml")),
    ("zj-2016.toml", include_str!("../data/rules/zj-2016.toml")),
];

static BUILT_IN: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules = Rules {
        documents: Documents::read("documents.toml", DOCUMENTS).expect("its tests read it"),
        calendars: vec![Calendar::read("cn.csv", CALENDAR).expect("its tests read it")],
        packs: Vec::new(),
    };
    for (file, text) in PACKS {
        rules.issue(file, text).expect("the packs are part of the program and its tests read them");
    }
    rules
});

/// What an office knows of the law: documents, packs and calendars, those issued later behind those before.
#[derive(Debug, Clone)]
pub struct Rules {
    documents: Documents,
    packs: Vec<Pack>,
    calendars: Vec<Calendar>,
}

impl Rules {
    /// What comes with the program.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Adds a pack. One of a name known before takes its place from here on; the older one is kept for the cases that
    /// were opened under it.
    ///
    /// # Errors
    ///
    /// [`PackError`] where the text is no pack, with file and line.
    pub fn issue(&mut self, file: &str, text: &str) -> Result<Digest, PackError> {
        let pack = Pack::read(file, text, &self.documents, Tree::national())?;
        if let Some(base) = pack.extends()
            && !self.packs.iter().any(|known| known.name() == base)
        {
            return Err(PackError::UnknownBase { file: file.to_owned(), base: base.to_owned() });
        }
        let digest = pack.digest();
        self.packs.retain(|known| known.digest() != digest);
        self.packs.push(pack);
        Ok(digest)
    }

    /// Adds a calendar; the newest counts from here on.
    pub fn publish(&mut self, calendar: Calendar) {
        self.calendars.retain(|known| known.digest() != calendar.digest());
        self.calendars.push(calendar);
    }

    /// All packs, in the order they were issued.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The documents that packs may cite.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// The newest pack of a name.
    #[must_use]
    pub fn pack(&self, name: &str) -> Option<&Pack> {
        self.packs.iter().rev().find(|pack| pack.name() == name)
    }

    /// The pack with this digest.
    #[must_use]
    pub fn pack_of(&self, digest: &Digest) -> Option<&Pack> {
        self.packs.iter().find(|pack| pack.digest() == *digest)
    }

    /// The calendar that counts now.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        self.calendars.last().expect("one comes with the program")
    }

    /// The calendar with this digest.
    #[must_use]
    pub fn calendar_of(&self, digest: &Digest) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.digest() == *digest)
    }

    /// The packs that bind `office` on `day`: those switched on, in force and of a scope it lies in. A pack that
    /// extends another is in force only while that one is.
    #[must_use]
    pub fn in_force(&self, office: DivisionCode, day: Date, tree: &Tree) -> RuleSet<'_> {
        let binds = |pack: &Pack| pack.binds(office, day, tree);
        let newest = |pack: &&Pack| self.pack(pack.name()).map(Pack::digest) == Some(pack.digest());
        let carried =
            |pack: &&Pack| pack.extends().is_none_or(|base| self.pack(base).is_some_and(binds));
        let packs = self.packs.iter().filter(newest).filter(|pack| binds(pack)).filter(carried);
        RuleSet::of(packs.collect(), self.calendar())
    }

    /// The packs that a case was opened under, as its opening froze them, and how many of them are not known here.
    #[must_use]
    pub fn frozen(&self, digests: &[Digest]) -> (RuleSet<'_>, usize) {
        let packs: Vec<&Pack> = digests.iter().filter_map(|digest| self.pack_of(digest)).collect();
        let missing = digests.len() - packs.len();
        (RuleSet::of(packs, self.calendar()), missing)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    fn names(office: &str, day: Date) -> Vec<&'static str> {
        let set = Rules::built_in().in_force(code(office), day, Tree::national());
        set.packs().iter().map(|pack| pack.name()).collect()
    }

    #[test]
    fn the_day_of_registration_chooses_the_pack() {
        assert_eq!(names("11", date(2022, 4, 30)), ["CN-2005"]);
        assert_eq!(names("11", date(2022, 5, 1)), ["CN-2022"]);
        assert_eq!(names("11", date(2005, 4, 30)), [""; 0]);
    }

    #[test]
    fn the_most_specific_scope_stands_first() {
        assert_eq!(names("4102", date(2014, 12, 1)), ["HN-LEVEL-2014", "CN-2005"]);
        assert_eq!(names("4102", date(2014, 11, 30)), ["CN-2005"]);
        assert_eq!(names("33", date(2017, 1, 1)), ["ZJ-2016", "CN-2005"]);
    }

    #[test]
    fn a_pack_that_extends_another_ends_with_it() {
        assert_eq!(names("4102", date(2022, 5, 1)), ["CN-2022"]);
    }

    #[test]
    fn what_is_switched_off_binds_nobody() {
        assert_eq!(names("37", date(2016, 1, 1)), ["CN-2005"]);
        let henan = Rules::built_in().in_force(code("41"), date(2013, 1, 1), Tree::national());
        let (term, pack) = henan.term(Duty::Triage).unwrap();
        assert_eq!((term.length(), pack.name()), (Length::Days(15), "CN-2005"));
    }

    #[test]
    fn henans_own_terms_would_come_first_if_switched_on() {
        let mut rules = Rules::built_in().clone();
        let text = PACKS[3].1.replace("enabled = false", "enabled = true");
        rules.issue("hn-2012.toml", &text).unwrap();
        let henan = rules.in_force(code("41"), date(2013, 1, 1), Tree::national());
        let (term, pack) = henan.term(Duty::Triage).unwrap();
        assert_eq!((term.length(), pack.name()), (Length::Days(5), "HN-2012"));
        let (term, pack) = henan.term(Duty::Review).unwrap();
        assert_eq!((term.length(), pack.name()), (Length::Days(30), "CN-2005"));
    }

    #[test]
    fn a_pack_issued_again_counts_from_then_and_the_older_one_is_kept() {
        let mut rules = Rules::built_in().clone();
        let before = rules.pack("CN-2022").unwrap().digest();
        let text = PACKS[1].1.replace("days = 60\nonly_route", "days = 45\nonly_route");
        let after = rules.issue("cn-2022.toml", &text).unwrap();
        assert_ne!(before, after);
        let set = rules.in_force(code("41"), date(2026, 1, 1), Tree::national());
        assert_eq!(set.term(Duty::Handle).unwrap().0.length(), Length::Days(45));
        let (old, missing) = rules.frozen(&[before]);
        assert_eq!(old.term(Duty::Handle).unwrap().0.length(), Length::Days(60));
        assert_eq!(missing, 0);
    }

    #[test]
    fn nine_documents_and_more_are_registered_and_each_pack_cites_what_it_rests_on() {
        let rules = Rules::built_in();
        let cited: std::collections::BTreeSet<&str> =
            rules.packs().iter().flat_map(|pack| pack.documents()).collect();
        let governing = rules.documents().iter().filter(|one| cited.contains(one.key()));
        assert!(governing.count() >= 9, "{cited:?}");
    }
}
