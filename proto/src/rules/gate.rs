//! The gate (受理关口): whether a petition may be refused, on which ground, and where to go instead.
//!
//! Registering comes first and is unconditional; nothing here decides whether to register. A level is asked of visits
//! alone. What lies overdue below opens the level above: the refusal for being pending, and the one for the level, are
//! then gone. Each ground has its guard, and a pack must grant it.

use jiff::civil::Date;

use super::pack::{Pack, Refusal};
use super::rule_set::RuleSet;
use crate::division::{DivisionCode, Tree};

/// The channel that the level gate asks about: a visit (走访).
pub const VISIT: &str = "VIS";

/// A ground of refusal (不予受理、不再受理的情形).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A matter of the People's Congress, the court or the procuratorate.
    Congress,
    /// Another statutory route.
    Statutory,
    /// A visit above "own or next".
    Level,
    /// In progress below, within its term.
    Pending,
    /// Too many representatives.
    Representatives,
    /// Name, address or content unclear.
    Unclear,
    /// Concluded by re-examination.
    Final,
    /// The window passed without good cause.
    Lapsed,
    /// Settled by agreement.
    Agreed,
}

const REASONS: [(Reason, &str); 9] = [
    (Reason::Congress, "NA-NPC"),
    (Reason::Statutory, "NA-STAT"),
    (Reason::Level, "NA-LEVEL"),
    (Reason::Pending, "NA-PENDING"),
    (Reason::Representatives, "NA-REPS"),
    (Reason::Unclear, "NA-UNCLEAR"),
    (Reason::Final, "NL-FINAL"),
    (Reason::Lapsed, "NL-LAPSED"),
    (Reason::Agreed, "NL-AGREED"),
];

/// How a visit stands to the level rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelFinding {
    /// Not a visit: never bound to a level.
    NotAVisit,
    /// At the competent organ (本级).
    Own,
    /// At the one right above it (上一级).
    Next,
    /// Above, and excepted.
    Excepted(Exception),
    /// Above (越级): to be guided to these, lowest first.
    CrossLevel {
        /// The competent office, and the one right above it.
        guide_to: Vec<DivisionCode>,
        /// Whether it may be refused already, or is only guided.
        enforced: bool,
    },
}

/// Why a level above hears a visit after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// The office below let its term pass (R2022 19(3)).
    OverdueBelow,
    /// A report on provincial or central officials.
    ReportOnOfficials,
    /// Cross-province or cross-sector.
    CrossProvince,
    /// Handled improperly by the province.
    Mishandled,
}

/// What an officer who wants to refuse can show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grounds {
    /// The body to go to, or the statutory route; for `NA-NPC` and `NA-STAT`.
    pub body: String,
    /// Number of representatives, and persons who came.
    pub representatives: u32,
    /// Persons who came.
    pub persons: u32,
    /// The last day of the term below, if it is in progress there.
    pub pending_until: Option<Date>,
    /// The number of the termination certificate.
    pub certificate: String,
    /// A human has compared facts and reasons and found them the same.
    pub same_facts: bool,
    /// The day the opinion was served.
    pub served_on: Option<Date>,
    /// Good cause was asked for, and refused in writing.
    pub cause_refused: bool,
    /// An agreement is on file.
    pub agreement: bool,
    /// Whether somebody could be told: a name and an address are known.
    pub can_be_told: bool,
}

/// Why a petition may not be refused on a ground.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRefusable {
    /// No pack that binds the case grants the ground.
    #[error("no rule that binds this case grants {code}{}", if *code == "NA-STAT" { ": divert it along its statutory route instead" } else { "" })]
    NotGranted {
        /// The code.
        code: &'static str,
    },
    /// The level rule does not stand against it.
    #[error("the level rule does not stand against it: {0}")]
    LevelOpen(&'static str),
    /// The term below has passed: this office must act.
    #[error("the term of the office below ended on {0}: this office must act (R2022 19(3))")]
    OverdueBelow(Date),
    /// Something the ground needs is missing.
    #[error("{code} needs {needs}")]
    Needs {
        /// The code.
        code: &'static str,
        /// What is missing.
        needs: &'static str,
    },
}

impl Reason {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        REASONS.iter().map(|row| row.0)
    }

    /// The ground with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        REASONS.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        REASONS.iter().find(|row| row.0 == self).expect("every reason has a row").1
    }

    /// Whether it is for good (不再受理) and not just here and now (不予受理).
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Final | Self::Lapsed | Self::Agreed)
    }
}

impl Exception {
    /// What it is, in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::OverdueBelow => "the office below let its term pass",
            Self::ReportOnOfficials => "it reports on provincial or central officials",
            Self::CrossProvince => "it crosses provinces or sectors",
            Self::Mishandled => "the province handled it improperly",
        }
    }
}

/// How a petition at `office` on `day` stands to the level rule, where `competent` is who must deal with it.
#[must_use]
pub fn level(
    rules: &RuleSet<'_>,
    tree: &Tree,
    (office, competent): (DivisionCode, DivisionCode),
    channel: &str,
    day: Date,
    exception: Option<Exception>,
) -> LevelFinding {
    let next = tree.superior(competent);
    if channel != VISIT {
        LevelFinding::NotAVisit
    } else if office == competent {
        LevelFinding::Own
    } else if Some(office) == next {
        LevelFinding::Next
    } else if let Some(exception) = exception {
        LevelFinding::Excepted(exception)
    } else {
        let guide_to = [competent].into_iter().chain(next).collect();
        let enforced = rules.is_level_enforced(office, day, tree);
        LevelFinding::CrossLevel { guide_to, enforced }
    }
}

/// Whether a petition may be refused on a ground; the words of the notice, and the pack that grants it.
///
/// # Errors
///
/// [`NotRefusable`] says which guard stands against it.
pub fn may_refuse<'a>(
    rules: &RuleSet<'a>,
    reason: Reason,
    grounds: &Grounds,
    level: &LevelFinding,
    today: Date,
) -> Result<(&'a Refusal, &'a Pack), NotRefusable> {
    let code = reason.code();
    let granted = rules.refusal(reason).ok_or(NotRefusable::NotGranted { code })?;
    let needs = |held: bool, needs: &'static str| {
        if held { Ok(()) } else { Err(NotRefusable::Needs { code, needs }) }
    };
    match reason {
        Reason::Congress => needs(!grounds.body.trim().is_empty(), "the body to go to")?,
        Reason::Statutory => needs(!grounds.body.trim().is_empty(), "the statutory route")?,
        Reason::Level => refusable_level(level)?,
        Reason::Pending => {
            let until = grounds.pending_until;
            needs(until.is_some(), "the case below with the last day of its term")?;
            if let Some(until) = until.filter(|until| *until < today) {
                return Err(NotRefusable::OverdueBelow(until));
            }
        }
        Reason::Representatives => {
            let allowed =
                rules.representatives(grounds.persons).map_or(u32::MAX, |row| row.at_most);
            needs(grounds.representatives > allowed, "more representatives than are allowed")?;
        }
        Reason::Unclear => needs(!grounds.can_be_told, "that nobody can be told in writing")?,
        Reason::Final => {
            needs(!grounds.certificate.trim().is_empty(), "the number of the certificate")?;
            needs(grounds.same_facts, "an officer who has found facts and reasons the same")?;
        }
        Reason::Lapsed => {
            needs(grounds.served_on.is_some(), "proof of the day of service")?;
            needs(grounds.cause_refused, "good cause asked for and refused in writing")?;
            needs(grounds.same_facts, "an officer who has found facts and reasons the same")?;
        }
        Reason::Agreed => {
            needs(grounds.agreement, "the agreement on file")?;
            needs(grounds.same_facts, "an officer who has found facts and reasons the same")?;
        }
    }
    Ok(granted)
}

fn refusable_level(level: &LevelFinding) -> Result<(), NotRefusable> {
    match level {
        LevelFinding::CrossLevel { enforced: true, .. } => Ok(()),
        LevelFinding::CrossLevel { enforced: false, .. } => {
            Err(NotRefusable::LevelOpen("it is not enforced here yet: guide the visitor"))
        }
        LevelFinding::NotAVisit => Err(NotRefusable::LevelOpen("only visits are bound to a level")),
        LevelFinding::Own => Err(NotRefusable::LevelOpen("this office is the competent one")),
        LevelFinding::Next => Err(NotRefusable::LevelOpen("this office is right above it")),
        LevelFinding::Excepted(exception) => Err(NotRefusable::LevelOpen(exception.en())),
    }
}
