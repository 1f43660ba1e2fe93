//! The forms of notices (文书种类): which written act makes which document.
//!
//! It says nothing of what stands in a document: that is a template's.

use terrace_proto::case::{Case, Fact};
use terrace_proto::entry::Content;
use terrace_proto::rules::gate::VISIT;

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// What a visitor takes along: facts, level, decision, where next (一单式).
    Slip,
    /// The petitioner is told where it went (R2022 22, 23).
    Transfer,
    /// A unit is given it with a day (R2022 22(3)).
    Assignment,
    /// Taken up (R2005 22; R2022 23).
    Acceptance,
    /// To be brought by a statutory route (R2022 31).
    Diversion,
    /// Not accepted (R2005 21).
    Refusal,
    /// No longer accepted (R2022 36).
    Barred,
    /// The term was extended (R2022 34).
    Extension,
    /// The opinion on the petition (R2022 32).
    Opinion,
    /// That a review or re-examination is not taken up (SD2015 43, 44).
    Declined,
    /// The opinion of a review (R2022 35).
    ReviewOpinion,
    /// The opinion of a re-examination (R2022 36).
    ReexamOpinion,
    /// That the petition has gone all its way (R2022 36).
    Certificate,
    /// A direct answer.
    Reply,
    /// What both sides agreed (R2022 33).
    Agreement,
    /// That the petitioner withdrew, and until when that can be undone.
    Withdrawal,
    /// An office is supervised (R2022 39).
    Supervision,
    /// What became of a suggestion (R2022 29).
    Suggestion,
}

/// Form, code (the name of its template), title in Chinese and in English.
const FORMS: [(Form, &str, &str, &str); 18] = [
    (Form::Slip, "slip", "来访事项办理单", "Visit slip"),
    (Form::Transfer, "transfer", "信访事项转送告知书", "Notice of transfer"),
    (Form::Assignment, "assignment", "信访事项交办函", "Letter of assignment"),
    (Form::Acceptance, "acceptance", "信访事项受理告知书", "Notice of acceptance"),
    (Form::Diversion, "diversion", "依法分类处理告知书", "Notice of the statutory route"),
    (Form::Refusal, "refusal", "信访事项不予受理告知书", "Notice of non-acceptance"),
    (Form::Barred, "barred", "信访事项不再受理告知书", "Notice that it is no longer accepted"),
    (Form::Extension, "extension", "延长办理期限告知书", "Notice of extension"),
    (Form::Opinion, "opinion", "信访事项处理意见书", "Opinion"),
    (
        Form::Declined,
        "declined",
        "不予受理复查（复核）申请告知书",
        "Notice that a request is not taken up",
    ),
    (Form::ReviewOpinion, "review", "信访事项复查意见书", "Review opinion"),
    (Form::ReexamOpinion, "reexam", "信访事项复核意见书", "Re-examination opinion"),
    (Form::Certificate, "certificate", "信访事项终结证书", "Certificate of termination"),
    (Form::Reply, "reply", "信访事项答复书", "Reply"),
    (Form::Agreement, "agreement", "和解（调解）协议书", "Agreement"),
    (Form::Withdrawal, "withdrawal", "撤回信访事项确认书", "Confirmation of a withdrawal"),
    (Form::Supervision, "supervision", "督办单", "Supervision sheet"),
    (Form::Suggestion, "suggestion", "人民建议办理答复书", "Answer to a suggestion"),
];

impl Form {
    /// All forms.
    pub fn all() -> impl Iterator<Item = Self> {
        FORMS.iter().map(|row| row.0)
    }

    /// The form with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        FORMS.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// Its code, which its template is called by.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// Its title in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().2
    }

    /// Its title in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().3
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        FORMS.iter().find(|row| row.0 == self).expect("every form has a row")
    }

    /// The documents that an entry makes; none where it is no written act, or does not count.
    #[must_use]
    #[allow(clippy::wildcard_enum_match_arm, reason = "most entries are no written acts")]
    pub fn of(case: &Case, fact: &Fact, content: &Content) -> Vec<Self> {
        if case.aside().contains_key(&fact.leaf()) {
            return Vec::new();
        }
        let stage = fact.header().place.as_ref().map_or(0, |place| place.stage);
        match content {
            Content::IntakeRegistered(intake) if intake.channel == VISIT => vec![Self::Slip],
            Content::Transferred(_) => vec![Self::Transfer],
            Content::Assigned(_) => vec![Self::Transfer, Self::Assignment],
            Content::Accepted(_) => vec![Self::Acceptance],
            Content::Diverted(_) => vec![Self::Diversion],
            Content::NotAccepted(_) => vec![Self::Refusal],
            Content::NoLongerAccepted(_) => vec![Self::Barred],
            Content::Extended(_) => vec![Self::Extension],
            Content::Decided(_) => vec![Self::Opinion],
            Content::ReviewDecided(said) => {
                let opinion = if stage >= 3 { Self::ReexamOpinion } else { Self::ReviewOpinion };
                let certified = !said.certificate.is_empty();
                std::iter::once(opinion).chain(certified.then_some(Self::Certificate)).collect()
            }
            Content::Closed(said) if !said.reply.is_empty() => vec![Self::Reply],
            Content::RequestDeclined(_) => vec![Self::Declined],
            Content::AgreementReached(_) => vec![Self::Agreement],
            Content::Withdrawn(_) => vec![Self::Withdrawal],
            Content::Supervised(_) => vec![Self::Supervision],
            Content::SuggestionAdopted(_)
            | Content::SuggestionPartlyAdopted(_)
            | Content::SuggestionDeclined(_) => vec![Self::Suggestion],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_a_code_of_its_own_and_reads_back() {
        let codes: std::collections::BTreeSet<_> = Form::all().map(Form::code).collect();
        assert_eq!(codes.len(), FORMS.len());
        assert!(Form::all().all(|form| Form::from_code(form.code()) == Some(form)));
    }
}
