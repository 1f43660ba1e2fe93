//! What an audit is asked, and what of the answer is wanted.

use jiff::Timestamp;
use jiff::civil::Date;
use terrace_proto::audit::{Allowance, Finding, FindingKind};
use terrace_proto::case::standing::day_of;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::wire;

/// The four questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Whether what is held is what was signed.
    Verify,
    /// How cases were passed on between offices.
    Traffic,
    /// Whether both ends of every link agree.
    Reconcile,
    /// One case, by number or id.
    Case(String),
}

/// A question with its filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which question.
    pub what: What,
    /// The first day wanted, in China.
    pub from: Option<Date>,
    /// The last day wanted, in China.
    pub to: Option<Date>,
    /// Only what touches this division or its subtree.
    pub division: Option<DivisionCode>,
    /// Only these kinds of hops or findings, by the names rows show; none is any.
    pub kinds: Vec<String>,
    /// What is allowed before something is a finding.
    pub allowance: Allowance,
}

/// Why a question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// No such place.
    #[error("division {text:?}: {why}")]
    Division {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// A day that cannot be one.
    #[error("a day lies outside of every calendar")]
    Day,
    /// No such kind.
    #[error("kind {given:?} is none of these: {known}")]
    Kind {
        /// What was given.
        given: String,
        /// What there is.
        known: String,
    },
    /// No question was named.
    #[error("the audit was asked nothing this version knows")]
    Nothing,
}

/// Kinds of hops by the names rows show.
const HOPS: [&str; 2] = ["transferred", "assigned"];

impl Question {
    /// A question without filters, with what is allowed by custom.
    #[must_use]
    pub fn new(what: What) -> Self {
        Self {
            what,
            from: None,
            to: None,
            division: None,
            kinds: Vec::new(),
            allowance: Allowance::default(),
        }
    }

    /// Whether an hour falls on one of the days wanted.
    #[must_use]
    pub fn wants_hour(&self, at: Timestamp) -> bool {
        self.wants_day(day_of(at))
    }

    fn wants_day(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// Whether something that touches these divisions is wanted.
    #[must_use]
    pub fn wants_places(&self, mut places: impl Iterator<Item = DivisionCode>) -> bool {
        let Some(division) = self.division else { return true };
        places.any(|place| Tree::national().is_within(place, division))
    }

    /// Whether this kind of row is wanted.
    #[must_use]
    pub fn wants_kind(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|wanted| wanted == kind)
    }

    /// Whether a finding is wanted. Where kinds of hops alone are named, findings of any kind are. Journals are always
    /// verified whole; of what is found in them, only what happened on other days than those wanted is left out.
    #[must_use]
    pub fn wants(&self, finding: &Finding) -> bool {
        let hops_alone = self.kinds.iter().all(|kind| HOPS.contains(&kind.as_str()));
        let verifying = self.what == What::Verify;
        let on_its_day = finding.day().is_none_or(|day| !verifying || self.wants_day(day));
        (hops_alone || self.wants_kind(finding.kind().name()))
            && on_its_day
            && self.wants_places(finding.places().into_iter())
    }

    /// Reads a question off the wire.
    pub fn read(request: wire::AuditRequest) -> Result<Self, QuestionError> {
        use wire::AuditQuestion as Asked;
        let day = |days: Option<i32>| days.map(date_of).transpose().map_err(|_| QuestionError::Day);
        let what = match request.question() {
            Asked::Verify => What::Verify,
            Asked::Traffic => What::Traffic,
            Asked::Reconcile => What::Reconcile,
            Asked::Case => What::Case(request.case_name.clone()),
            Asked::Unspecified => return Err(QuestionError::Nothing),
        };
        request.kinds.iter().try_for_each(|kind| known(kind))?;
        let custom = Allowance::default();
        Ok(Self {
            what,
            from: day(request.from_on)?,
            to: day(request.to_on)?,
            division: division(&request.division)?,
            kinds: request.kinds,
            allowance: Allowance {
                silence_hours: request.silence_hours.unwrap_or(custom.silence_hours),
                clock_minutes: request.clock_minutes.unwrap_or(custom.clock_minutes),
                service_days: request.service_days.unwrap_or(custom.service_days),
                report_days: request.report_days.unwrap_or(custom.report_days),
            },
        })
    }

    /// The question as it goes over the wire.
    #[must_use]
    pub fn to_wire(&self) -> wire::AuditRequest {
        let (question, case_name) = match &self.what {
            What::Verify => (wire::AuditQuestion::Verify, String::new()),
            What::Traffic => (wire::AuditQuestion::Traffic, String::new()),
            What::Reconcile => (wire::AuditQuestion::Reconcile, String::new()),
            What::Case(name) => (wire::AuditQuestion::Case, name.clone()),
        };
        wire::AuditRequest {
            question: question.into(),
            case_name,
            from_on: self.from.map(days_of),
            to_on: self.to.map(days_of),
            division: self.division.map(DivisionCode::short).unwrap_or_default(),
            kinds: self.kinds.clone(),
            silence_hours: Some(self.allowance.silence_hours),
            clock_minutes: Some(self.allowance.clock_minutes),
            service_days: Some(self.allowance.service_days),
            report_days: Some(self.allowance.report_days),
        }
    }
}

/// A known kind of hop or finding, or what there is instead.
pub fn known(kind: &str) -> Result<(), QuestionError> {
    let all = || HOPS.into_iter().chain(FindingKind::ALL.map(FindingKind::name));
    if all().any(|name| name == kind) {
        return Ok(());
    }
    let known = all().collect::<Vec<_>>().join(", ");
    Err(QuestionError::Kind { given: kind.to_owned(), known })
}

fn division(text: &str) -> Result<Option<DivisionCode>, QuestionError> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = |why: String| QuestionError::Division { text: text.to_owned(), why };
    let code = text.parse::<DivisionCode>().map_err(|error| bad(error.to_string()))?;
    Tree::national().find(code).map_err(|error| bad(error.to_string()))?;
    Ok(Some(code))
}
