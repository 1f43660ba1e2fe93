//! What differs between two packs, term by term and ground by ground.

use super::duty::Duty;
use super::gate::Reason;
use super::pack::Pack;
use super::term::{Length, Term};

/// One thing that two packs say differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The term of a duty.
    Term(Duty, Option<Term>, Option<Term>),
    /// Whether a hearing stops a clock.
    Hearing(Duty, bool, bool),
    /// Whether a ground of refusal is granted, by which article.
    Refusal(Reason, Option<String>, Option<String>),
    /// Whether a statutory route is named.
    Route(String, bool, bool),
}

impl Difference {
    /// All differences from `before` to `after`. Articles and certainty count as well as numbers.
    #[must_use]
    pub fn between(before: &Pack, after: &Pack) -> Vec<Self> {
        let mut all = Vec::new();
        for duty in Duty::all() {
            let (old, new) = (before.terms().get(&duty), after.terms().get(&duty));
            if old != new {
                all.push(Self::Term(duty, old.cloned(), new.cloned()));
            }
            let stops = |pack: &Pack| pack.hearing_stops(duty).unwrap_or(false);
            if stops(before) != stops(after) {
                all.push(Self::Hearing(duty, stops(before), stops(after)));
            }
        }
        for reason in Reason::all() {
            let article = |pack: &Pack| pack.refusal(reason).map(|one| one.article().to_owned());
            if article(before) != article(after) {
                all.push(Self::Refusal(reason, article(before), article(after)));
            }
        }
        let mut codes: Vec<&str> =
            before.routes().iter().chain(after.routes()).map(|route| route.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            let names = |pack: &Pack| pack.routes().iter().any(|route| route.code == code);
            if names(before) != names(after) {
                all.push(Self::Route(code.to_owned(), names(before), names(after)));
            }
        }
        all
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Term(duty, before, after) => write!(
                f,
                "{} {} {}: {} → {}",
                duty.number(),
                duty.zh(),
                duty.en(),
                told(before.as_ref()),
                told(after.as_ref())
            ),
            Self::Hearing(duty, before, after) => {
                let word = |stops: bool| if stops { "停 stops" } else { "不停 runs on" };
                write!(
                    f,
                    "听证期间 hearing, {} {}: {} → {}",
                    duty.zh(),
                    duty.en(),
                    word(*before),
                    word(*after)
                )
            }
            Self::Refusal(reason, before, after) => write!(
                f,
                "{}: {} → {}",
                reason.code(),
                before.as_deref().unwrap_or("无 none"),
                after.as_deref().unwrap_or("无 none")
            ),
            Self::Route(code, before, after) => {
                let word = |named: bool| if named { "有 named" } else { "无 none" };
                write!(f, "法定途径 route {code}: {} → {}", word(*before), word(*after))
            }
        }
    }
}

fn told(term: Option<&Term>) -> String {
    let Some(term) = term else { return "无 none".to_owned() };
    let length = match term.length() {
        Length::Days(_) | Length::WorkingDays(_) => {
            format!("{} {}", term.length().zh(), term.length().en())
        }
    };
    format!("{length} [{} {}]", term.article(), term.sure().letter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    #[test]
    fn the_two_national_packs_differ_where_the_law_changed() {
        let rules = Rules::built_in();
        let differences =
            Difference::between(rules.pack("CN-2005").unwrap(), rules.pack("CN-2022").unwrap());
        let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|one| one == "T4 对转送提出异议 object to a transfer: 无 none → 5个工作日 5 working days [R2022 23(3) L]"), "{told:#?}");
        assert!(told.iter().any(|one| one == "NA-NPC: R2005 15, 21(1) → 无 none"), "{told:#?}");
        assert!(told.iter().any(|one| one == "法定途径 route S6: 无 none → 有 named"), "{told:#?}");
    }

    #[test]
    fn a_pack_does_not_differ_from_itself() {
        for pack in Rules::built_in().packs() {
            assert_eq!(Difference::between(pack, pack), []);
        }
    }
}
