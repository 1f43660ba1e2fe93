//! Courses for officers, and the modules they open (培训准入).
//!
//! Once an office has opened a course for a module, only officers who have passed one for it write there. It knows staff
//! numbers and courses, and nothing else of anybody.

use std::collections::{BTreeMap, BTreeSet};

use super::Listed;
use crate::digest::Digest;
use crate::entry::{Content, Kind};

/// A module of the system, as far as officers write in it; the numbers are those of the national list of fifteen.
#[must_use]
#[allow(clippy::wildcard_enum_match_arm, reason = "most kinds are of the module of handling")]
pub fn module(kind: Kind) -> &'static str {
    match kind {
        Kind::IntakeRegistered | Kind::CaseOpened | Kind::PastTakenOver => "intake",
        Kind::Transferred | Kind::Assigned | Kind::Triaged | Kind::Diverted => "routing",
        Kind::Supervised | Kind::SupervisionAnswered | Kind::Proposed => "supervision",
        Kind::ReviewOpened
        | Kind::ReexamOpened
        | Kind::RequestDeclined
        | Kind::ReviewDecided
        | Kind::PanelDrawn => "review",
        _ => "handling",
    }
}

/// All modules there are courses for.
pub const MODULES: [&str; 5] = ["intake", "routing", "handling", "supervision", "review"];

/// A course of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// What it is called.
    pub name: String,
    /// The modules it opens.
    pub modules: BTreeSet<String>,
    /// Who has passed it, by staff number.
    pub passed: BTreeSet<String>,
    /// Who has been there.
    pub attended: BTreeSet<String>,
}

/// The courses of one office, out of its own entries.
#[must_use]
pub fn courses(listed: &[Listed]) -> BTreeMap<Digest, Course> {
    let mut courses: BTreeMap<Digest, Course> = BTreeMap::new();
    for one in listed {
        if let Content::CourseOpened(said) = &one.content {
            let course = Course {
                name: said.name.clone(),
                modules: said.modules.iter().cloned().collect(),
                passed: BTreeSet::new(),
                attended: BTreeSet::new(),
            };
            courses.insert(one.leaf, course);
        } else if let Content::TrainingHeld(said) = &one.content {
            let course = Digest::read(&said.course).and_then(|leaf| courses.get_mut(&leaf));
            let Some(course) = course else { continue };
            for officer in &said.attended {
                course.attended.insert(officer.clone());
            }
            for officer in &said.passed {
                course.passed.insert(officer.clone());
            }
        }
    }
    courses
}

/// Whether an officer may write in a module: none asks for training, or one they passed opens it.
#[must_use]
pub fn may(courses: &BTreeMap<Digest, Course>, officer: &str, module: &str) -> bool {
    let mut asking = courses.values().filter(|course| course.modules.contains(module)).peekable();
    asking.peek().is_none() || asking.any(|course| course.passed.contains(officer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::CaseId;
    use crate::wire;

    /// Fixture C6: four courses, 6,700 people; whoever has not passed cannot use the module.
    #[test]
    fn four_courses_and_six_thousand_seven_hundred_people() {
        let mut listed = Vec::new();
        let case = CaseId([0; 16]);
        for (number, module) in (1_u8..).zip(["intake", "routing", "handling", "review"]) {
            let opened = wire::CourseOpened { name: module.into(), modules: vec![module.into()] };
            let leaf = Digest([number; 32]);
            listed.push(Listed::of(leaf, case, Content::CourseOpened(opened)));
            let people = |share: u32| (0..share).map(|n| format!("{number}{n:05}")).collect();
            let held = wire::TrainingHeld {
                course: leaf.0.to_vec(),
                held_on: 16_000,
                attended: people(1_675),
                passed: people(1_600),
            };
            listed.push(Listed::of(Digest([90; 32]), case, Content::TrainingHeld(held)));
        }
        let courses = courses(&listed);
        assert_eq!(courses.len(), 4);
        assert_eq!(courses.values().map(|course| course.attended.len()).sum::<usize>(), 6_700);
        assert!(may(&courses, "100000", "intake"));
        assert!(!may(&courses, "101600", "intake"), "attended, and not passed");
        assert!(!may(&courses, "100000", "review"), "another course");
        assert!(may(&courses, "nobody", "supervision"), "no course is asked for");
    }
}
