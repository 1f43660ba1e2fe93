//! A duty (职责) or a right that the law gives a term: what is owed, by whom, from when.

/// What has a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// T1: register, then pass on, take up, or report. From receipt.
    Triage,
    /// T1a: pass it on within this level's share of the fifteen days. From arrival.
    PassOn,
    /// T2: tell the petitioner in writing. From receipt.
    Inform,
    /// T3: decide on taking it up and say so. From receipt of the transfer.
    UnitNotice,
    /// T4: say that it is not ours. From receipt of the transfer.
    Objection,
    /// T5: finish handling. From acceptance.
    Handle,
    /// T6: by how much handling may be prolonged. From the end of T5.
    Extension,
    /// T7: ask for review. From service.
    ReviewWindow,
    /// T8: the review opinion. From receipt of the request.
    Review,
    /// T9: ask for re-examination. From service of the review opinion.
    ReexamWindow,
    /// T10: the re-examination opinion. From receipt of the request.
    Reexam,
    /// T11: report back on an assignment. Set in the assignment.
    ReportBack,
    /// T12: answer a supervision. From receipt.
    SupervisionFeedback,
    /// T13: say whether a request for review is taken up. From receipt.
    ReviewAdmit,
    /// T13: say whether a request for re-examination is taken up. From receipt.
    ReexamAdmit,
    /// T15: decide on the simple procedure.
    SimpleDecide,
    /// T15: reply in the simple procedure.
    SimpleReply,
    /// T16: rate. From service.
    Rating,
    /// The receiving body of a statutory route says that it has it. From the hand-over.
    Handover,
    /// Undo a withdrawal. From the withdrawal.
    WithdrawalUndo,
}

const WORDS: [(Duty, &str, &str, &str, &str); 20] = [
    (
        Duty::Triage,
        "T1",
        "triage",
        "转送、交办、受理或者书面告知",
        "pass on, take up, or answer in writing",
    ),
    (Duty::PassOn, "T1a", "pass_on", "逐级转送", "pass on down the line"),
    (Duty::Inform, "T2", "inform", "书面告知信访人", "tell the petitioner in writing"),
    (
        Duty::UnitNotice,
        "T3",
        "unit_notice",
        "决定是否受理并告知",
        "decide on taking it up and say so",
    ),
    (Duty::Objection, "T4", "objection", "对转送提出异议", "object to a transfer"),
    (Duty::Handle, "T5", "handle", "作出处理意见", "give the opinion"),
    (Duty::Extension, "T6", "extension", "延长办理期限", "prolong handling"),
    (Duty::ReviewWindow, "T7", "review_window", "申请复查", "ask for review"),
    (Duty::Review, "T8", "review", "作出复查意见", "give the review opinion"),
    (Duty::ReexamWindow, "T9", "reexam_window", "申请复核", "ask for re-examination"),
    (Duty::Reexam, "T10", "reexam", "作出复核意见", "give the re-examination opinion"),
    (Duty::ReportBack, "T11", "report_back", "报告交办结果", "report back"),
    (
        Duty::SupervisionFeedback,
        "T12",
        "supervision_feedback",
        "书面反馈督办",
        "answer a supervision in writing",
    ),
    (
        Duty::ReviewAdmit,
        "T13",
        "review_admit",
        "决定是否受理复查申请",
        "take up a request for review or not",
    ),
    (
        Duty::ReexamAdmit,
        "T13",
        "reexam_admit",
        "决定是否受理复核申请",
        "take up a request for re-examination or not",
    ),
    (
        Duty::SimpleDecide,
        "T15",
        "simple_decide",
        "简易办理决定受理",
        "decide in the simple procedure",
    ),
    (Duty::SimpleReply, "T15", "simple_reply", "简易办理答复", "reply in the simple procedure"),
    (Duty::Rating, "T16", "rating", "评价", "rate"),
    (Duty::Handover, "T19", "handover", "承接机关确认接收", "acknowledge the hand-over"),
    (Duty::WithdrawalUndo, "T20", "withdrawal_undo", "收回撤回", "undo a withdrawal"),
];

impl Duty {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        WORDS.iter().map(|row| row.0)
    }

    /// The duty with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        WORDS.iter().find(|row| row.2 == code).map(|row| row.0)
    }

    /// Its code in packs and entries.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().2
    }

    /// Its number in the table of terms (`docs/RULES.md`).
    #[must_use]
    pub fn number(self) -> &'static str {
        self.row().1
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().3
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().4
    }

    /// Whether it is a right, of the petitioner or of a unit that objects, rather than a duty: its end is lost, not overdue.
    #[must_use]
    pub fn is_right(self) -> bool {
        matches!(
            self,
            Self::Objection
                | Self::ReviewWindow
                | Self::ReexamWindow
                | Self::Rating
                | Self::WithdrawalUndo
        )
    }

    /// Whether it is owed by a body outside of the offices, such as a court: nobody here is overdue with it.
    #[must_use]
    pub fn is_outside(self) -> bool {
        self == Self::Handover
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str, &'static str) {
        WORDS.iter().find(|row| row.0 == self).expect("every duty has a row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_reads_back_from_its_code() {
        for duty in Duty::all() {
            assert_eq!(Duty::from_code(duty.code()), Some(duty));
        }
    }
}
