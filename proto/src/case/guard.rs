//! What the desk asks for before a step is taken, by name.
//!
//! The table of steps names a guard; the desk judges it from the thread's own past, the words of the entry and the
//! rules the case was opened under. The fold judges none of them but [`Guard::Code`]: what only the petitioner can say moves
//! nothing without the petitioner's signature. Any other entry that went past its guard is lawful in form, and the audit
//! finds it.

/// A guard of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Nothing beyond the table.
    Free,
    /// Words: a reason, a record, an answer.
    Words,
    /// An office that is enrolled, and that a report may go to.
    Target,
    /// A statutory route of the rules, and the body that receives it.
    Route,
    /// A ground of refusal that the rules grant, with what it needs.
    Ground,
    /// Within five working days of receipt, with reasons.
    Objection,
    /// Once, before the term ends, with reasons, approved by the head of the organ.
    Extension,
    /// A rule of the case grants the simple procedure, and its days have not passed.
    Simple,
    /// Started before it is stopped, and one at a time.
    Hearing,
    /// Signed with the petitioner's code.
    Code,
    /// Signed with the petitioner's code, within the days for it.
    Undo,
    /// Claim, facts, decision and legal basis; and another conclusion where one was forbidden.
    Opinion,
    /// A day that is not in the future and not before the opinion.
    Day,
    /// The petitioner's window has passed unused.
    WindowPast,
    /// An opinion has been served, or it is answered directly or filed with its reason.
    Served,
    /// The opinion, and the number of the certificate.
    Certificate,
    /// The petitioner asked, in time or with good cause; the organ is one level up and is not the handler; there is a level above.
    Review,
    /// The opinion revoked what was decided.
    Revoked,
    /// It is overdue or silent below, disputed, or taken up with a reason.
    TakingUp,
    /// A decision below was wrong, with the reason.
    Reversal,
}

impl Guard {
    /// What it asks for, in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Free => "无",
            Self::Words => "说明理由或者内容",
            Self::Target => "接收机关已接入，且不违反检举控告回避",
            Self::Route => "列明法定途径和承接机关，并提示时效",
            Self::Ground => "符合规则列明的情形，并出具书面告知",
            Self::Objection => "收到之日起五个工作日内，说明理由",
            Self::Extension => "期限届满前，仅一次，说明理由，机关负责人批准",
            Self::Simple => "规则准许简易办理，且在决定期限内，说明理由",
            Self::Hearing => "先开始后结束，一次一场",
            Self::Code => "凭信访人查询码签认",
            Self::Undo => "凭信访人查询码签认，且在收回期内",
            Self::Opinion => "载明请求、事实、决定和依据；责令重办的，不得以同一事实作出相同结论",
            Self::Day => "日期不在将来，也不早于意见作出之日",
            Self::WindowPast => "申请期限已过且未申请",
            Self::Served => "意见已送达，或者直接回复、存查并说明",
            Self::Certificate => "意见齐备，并载明终结证书编号",
            Self::Review => {
                "信访人申请，在期限内或者有正当理由；上一级机关，且非原办理机关；上一级存在"
            }
            Self::Revoked => "复查复核意见撤销原意见",
            Self::TakingUp => "下级逾期、失联、有争议，或者说明提级理由",
            Self::Reversal => "下级决定不当，说明理由",
        }
    }

    /// What it asks for, in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Free => "nothing further",
            Self::Words => "reasons or a record",
            Self::Target => "the receiver is enrolled, and a report may go there",
            Self::Route => {
                "the statutory route, the body that receives it, and the warning of its limitation period"
            }
            Self::Ground => "a ground that the rules grant, and a written notice",
            Self::Objection => "within five working days of receipt, with reasons",
            Self::Extension => {
                "before the term ends, once, with reasons, approved by the head of the organ"
            }
            Self::Simple => "a rule of the case grants it, within its days, with reasons",
            Self::Hearing => "started before it is stopped, one at a time",
            Self::Code => "signed with the petitioner's code",
            Self::Undo => "signed with the petitioner's code, within the days for it",
            Self::Opinion => {
                "claim, facts, decision and basis; where a redo was ordered, not the same conclusion on the same facts"
            }
            Self::Day => "a day not in the future and not before the opinion",
            Self::WindowPast => "the window has passed unused",
            Self::Served => {
                "an opinion was served; or it is answered directly or filed, with words"
            }
            Self::Certificate => "a full opinion, and the number of the certificate",
            Self::Review => {
                "the petitioner asked, in time or with good cause; one level up, not the handler; there is such a level"
            }
            Self::Revoked => "the opinion revoked what was decided",
            Self::TakingUp => "overdue or silent below, disputed, or a reason to take it up",
            Self::Reversal => "a decision below was wrong, with the reason",
        }
    }
}
