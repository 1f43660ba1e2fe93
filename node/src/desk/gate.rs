//! The gate at the desk: a refusal is filled in from the rules and judged by what the office holds.
//!
//! The officer names the ground. Which article grants it, what the notice says and where to go come from the rule pack;
//! whether the case below is overdue comes from the entries held here.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "each function is about a few kinds of entries and leaves all others as they are"
)]

use jiff::civil::Date;
use terrace_proto::case::{Case, Clock, Guard};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::entry::{Content, Kind};
use terrace_proto::roll::{Listed, Roll};
use terrace_proto::rules::gate::{
    Exception, Grounds, LevelFinding, NotRefusable, Reason, level, may_refuse,
};
use terrace_proto::wire;

use super::matter::{Matter, refused};
use super::{Desk, DeskError, completion, representation};

/// The case below that a refusal rests on.
struct Below {
    until: Option<Date>,
    overdue: bool,
}

impl Desk<'_> {
    /// Fills in and judges what stands at the gate; anything else is left as it is.
    pub(super) async fn at_gate(
        &self,
        matter: &Matter<'_>,
        content: Content,
    ) -> Result<Content, DeskError> {
        match content {
            Content::NotAccepted(said) => self.not_accepted(matter, said).await,
            Content::NoLongerAccepted(said) => {
                self.certified(&said).await?;
                no_longer(matter, said)
            }
            Content::Triaged(said) => self.triaged(matter, said),
            other => Ok(other),
        }
    }

    /// A refusal for good names a certificate that exists here: one that nobody here can see refuses nobody (R2022 36).
    async fn certified(&self, said: &wire::NoLongerAccepted) -> Result<(), DeskError> {
        let number = said.certificate.trim();
        if Reason::from_code(&said.code) != Some(Reason::Final) || number.is_empty() {
            return Ok(());
        }
        for one in self.archive.listed(Roll::Certificates, None).await? {
            if let Content::ReviewDecided(opinion) = &one.content
                && opinion.certificate == number
                && self.counts(&one).await?
            {
                return Ok(());
            }
        }
        let why = format!(
            "no certificate {number} is on the register here: pass the case to an office that holds it"
        );
        Err(refused(Guard::Ground, why))
    }

    /// Whether an entry counts in its case: it is a step of a thread there.
    async fn counts(&self, one: &Listed) -> Result<bool, DeskError> {
        let Some(case) = one.case else { return Ok(false) };
        let case = self.archive.case(case).await?;
        let steps =
            |case: Case| case.threads().values().any(|thread| thread.steps().contains(&one.leaf));
        Ok(case.is_some_and(steps))
    }

    async fn not_accepted(
        &self,
        matter: &Matter<'_>,
        mut said: wire::NotAccepted,
    ) -> Result<Content, DeskError> {
        let reason = reason(&said.code, false)?;
        let below = self.below(matter, &said.pending_case).await?;
        if said.pending_until.is_none() {
            said.pending_until = below.until.map(days_of);
        }
        let (representatives, persons) = representation::spoken_for(matter);
        let grounds = Grounds {
            body: said.body.clone(),
            representatives,
            persons,
            pending_until: said.pending_until.and_then(|days| date_of(days).ok()),
            can_be_told: matter.case.sealed_parts().next().is_some(),
            ..Grounds::default()
        };
        if reason == Reason::Pending
            && let Some(until) = below.until.filter(|_| below.overdue)
        {
            return Err(NotRefusable::OverdueBelow(until).into());
        }
        let competent = said.guide_to.first().copied().map(DivisionCode::from_number);
        let competent = competent.and_then(Result::ok);
        let finding = self.level_of(matter, competent, below.overdue);
        let rules = matter.terms.rules();
        let (words, pack) = may_refuse(rules, reason, &grounds, &finding, matter.today)?;
        if let LevelFinding::CrossLevel { guide_to, .. } = &finding {
            said.guide_to = guide_to.iter().map(|code| code.number()).collect();
        }
        if said.reason.is_empty() {
            said.reason = format!("{} / {}", words.zh, words.en);
        }
        said.article = words.article().to_owned();
        said.remedy = format!("{} {}", words.remedy_zh, words.remedy_en);
        said.rule_pack = pack.digest().0.to_vec();
        Ok(Content::NotAccepted(said))
    }

    /// How a visit stands to the level rule where a competent office is named.
    fn level_of(
        &self,
        matter: &Matter<'_>,
        competent: Option<DivisionCode>,
        overdue: bool,
    ) -> LevelFinding {
        let Some(competent) = competent else { return LevelFinding::Own };
        let channel = matter.intake().map_or("", |intake| intake.channel.as_str());
        let exception = overdue.then_some(Exception::OverdueBelow);
        let at = (matter.actor.division, competent);
        let (rules, tree) = (matter.terms.rules(), self.archive.tree());
        level(rules, tree, at, channel, matter.today, exception)
    }

    fn triaged(&self, matter: &Matter<'_>, mut said: wire::Triaged) -> Result<Content, DeskError> {
        let competent = completion::competent(&said).map(DivisionCode::from_number).transpose();
        let competent = competent
            .map_err(|error| refused(Guard::Free, format!("competent office: {error}")))?;
        if competent.is_some() {
            said.level = match self.level_of(matter, competent, false) {
                LevelFinding::NotAVisit => 0,
                LevelFinding::Own => 1,
                LevelFinding::Next => 2,
                LevelFinding::CrossLevel { .. } => 3,
                LevelFinding::Excepted(_) => 4,
            };
        }
        Ok(Content::Triaged(said))
    }

    /// The case in progress that a number names, as it stands here today.
    async fn below(&self, matter: &Matter<'_>, number: &str) -> Result<Below, DeskError> {
        if number.trim().is_empty() {
            return Ok(Below { until: None, overdue: false });
        }
        let Ok(id) = self.find(number).await else {
            return Ok(Below { until: None, overdue: false });
        };
        let case = self.known(id).await?;
        Ok(below(&case, matter.today))
    }
}

/// The first of its duties that is due, and whether one of them is missed.
fn below(case: &Case, today: Date) -> Below {
    let clocks = case.clocks();
    let duties: Vec<&Clock> =
        clocks.iter().filter(|clock| clock.ended.is_none() && !clock.duty.is_right()).collect();
    let until = duties.iter().map(|clock| clock.due_on()).min();
    Below { until, overdue: duties.iter().any(|clock| clock.is_missed(today)) }
}

fn no_longer(matter: &Matter<'_>, mut said: wire::NoLongerAccepted) -> Result<Content, DeskError> {
    let reason = reason(&said.code, true)?;
    let agreed = matter.case.facts().values().any(|f| f.header().kind == Kind::AgreementReached);
    let grounds = Grounds {
        certificate: said.certificate.clone(),
        same_facts: !said.compared_by.trim().is_empty(),
        served_on: said.served_on.and_then(|days| date_of(days).ok()),
        cause_refused: !said.cause_refused.trim().is_empty(),
        agreement: agreed || !said.certificate.trim().is_empty(),
        can_be_told: true,
        ..Grounds::default()
    };
    let rules = matter.terms.rules();
    let level = LevelFinding::NotAVisit;
    let (words, pack) = may_refuse(rules, reason, &grounds, &level, matter.today)?;
    if said.reason.is_empty() {
        said.reason = format!("{} / {}", words.zh, words.en);
    }
    said.article = words.article().to_owned();
    said.remedy = format!("{} {}", words.remedy_zh, words.remedy_en);
    said.rule_pack = pack.digest().0.to_vec();
    Ok(Content::NoLongerAccepted(said))
}

fn reason(code: &str, is_final: bool) -> Result<Reason, DeskError> {
    let known = Reason::from_code(code).filter(|reason| reason.is_final() == is_final);
    known.ok_or_else(|| {
        let codes = Reason::all().filter(|reason| reason.is_final() == is_final);
        let codes: Vec<&str> = codes.map(Reason::code).collect();
        let why = format!("{code:?} is no ground; there are {}", codes.join(", "));
        refused(Guard::Ground, why)
    })
}
