//! Which room an officer's act belongs to: a step of the thread, a thread that follows it, or an entry beside it.
//!
//! It decides by the kind alone and judges nothing.

use terrace_proto::case::step;
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind, body};

use super::petitioner::Code;
use super::rolled::IN_CASES;
use super::{Desk, DeskError, Taken};

/// Kinds that stand beside a thread and are written by officers.
pub const BESIDE: [Kind; 12] = [
    Kind::ReviewRequested,
    Kind::HandoverAcknowledged,
    Kind::Supervised,
    Kind::SupervisionAnswered,
    Kind::ReportedBack,
    Kind::ReportJudged,
    Kind::Proposed,
    Kind::ProposalAnswered,
    Kind::Corrected,
    Kind::FactsJudged,
    Kind::RequestDeclined,
    Kind::UrgentReported,
];

impl Desk<'_> {
    /// Does what an officer wants to put on record in a case; with the petitioner's code where the petitioner says it.
    ///
    /// # Errors
    ///
    /// As [`Desk::step`], [`Desk::open`] and [`Desk::beside`]; [`DeskError::NotHere`] for what is written elsewhere.
    pub async fn act(
        &mut self,
        case: CaseId,
        hand: &Hand,
        content: Content,
        code: Option<&Code>,
    ) -> Result<Taken, DeskError> {
        let kind = body::kind(&content);
        if let Content::CasesLinked(said) = content {
            return self.link(case, hand, said).await;
        }
        if let Content::PanelDrawn(said) = content {
            return self.draw_panel(case, hand, said.seats).await;
        }
        if let Content::CrossingDeclared(said) = content {
            return self.cross(case, hand, said).await;
        }
        if let Content::LeadDecided(said) = content {
            return self.decide_lead(case, hand, said).await;
        }
        if let Some(code) = code {
            return self.say(case, hand, content, code).await;
        }
        if matches!(kind, Kind::Transferred | Kind::Assigned) {
            return Err(DeskError::NotHere(kind.en()));
        }
        if step::OPENINGS.iter().any(|row| row.kind == kind) {
            self.open(case, hand, content).await
        } else if BESIDE.contains(&kind) || IN_CASES.contains(&kind) {
            self.beside(case, hand, content).await
        } else if step::STEPS.iter().any(|row| row.kind == kind) {
            self.step(case, hand, content).await
        } else {
            Err(DeskError::NotHere(kind.en()))
        }
    }
}
