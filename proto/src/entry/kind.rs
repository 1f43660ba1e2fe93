//! What an entry is about.
//!
//! Numbers on the wire never change. A number this version does not know is kept as it is: the entry is
//! stored, relayed and acknowledged, and its case is parked until a version that knows it reads it again.

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A journal's epoch begins.
    EpochOpened,
    /// A superior admits a subordinate's key.
    NodeAdmitted,
    /// An office is asked for an entry it signed for (询问).
    Asked,
    /// A journal was not taken as it was shown (异议).
    Objected,
    /// An auditor read this office (巡查).
    Inspected,
    /// An organ's key for being handed case keys (封存公钥).
    SealingKeyAnnounced,
    /// A subordinate asked whether cases are of one petitioner (比对).
    CasesMatched,
    /// Rules that bind the author's division and all below (规则发布).
    RulesIssued,
    /// One contact of a petitioner is registered (登记).
    IntakeRegistered,
    /// A case begins.
    CaseOpened,
    /// Passed on (转送).
    Transferred,
    /// Passed on with a due date and a report back (交办).
    Assigned,
    /// The receiver has it (签收).
    Received,
    /// Taken up (受理).
    Accepted,
    /// The opinion is given (处理意见).
    Decided,
    /// The opinion reached the petitioner (送达).
    Served,
    /// The stage is done (办结).
    Closed,
    /// A remark beside the thread.
    Noted,
    /// The common superior decides between contesting entries.
    Settled,
    /// A report, sealed as a whole (检举控告).
    ReportSealed,
    /// A sealed part was opened (启封).
    Unsealed,
    /// An officer proposes to destroy the key of a case (提请销毁).
    ErasureProposed,
    /// The key of a case is destroyed (销毁密钥).
    Erased,
    /// A case was looked up by who its petitioner is (查找).
    LookedUp,
    /// A review is taken up, in a thread of its own (复查).
    ReviewOpened,
    /// A re-examination is taken up, in a thread of its own (复核).
    ReexamOpened,
    /// To be handled anew, in a thread of its own (重新办理).
    RedoOrdered,
    /// A superior takes it up or gives it to another, in a thread of its own (提级办理).
    TakenUp,
    /// Looked at and sorted (甄别).
    Triaged,
    /// Brought onto its statutory route (导入).
    Diverted,
    /// Not accepted, here and now (不予受理).
    NotAccepted,
    /// No longer accepted (不再受理).
    NoLongerAccepted,
    /// The receiver says it is not its matter (异议).
    Disputed,
    /// The sender agrees to that.
    DisputeAgreed,
    /// The sender does not agree to that.
    DisputeRejected,
    /// Handling takes longer (延期).
    Extended,
    /// Something was done to find out (调查、调解).
    Inquired,
    /// A hearing begins (听证).
    HearingStarted,
    /// A hearing ends.
    HearingStopped,
    /// Both sides agreed (和解、调解).
    AgreementReached,
    /// The petitioner withdraws (撤回).
    Withdrawn,
    /// The petitioner takes that back.
    WithdrawalUndone,
    /// Whether the opinion was carried out (执行).
    Executed,
    /// The petitioner asks for review or re-examination (申请).
    ReviewRequested,
    /// The opinion of a review or re-examination.
    ReviewDecided,
    /// The petitioner's window passed unused.
    Lapsed,
    /// It is a suggestion (人民建议).
    SuggestionTaken,
    /// The suggestion is adopted.
    SuggestionAdopted,
    /// The suggestion is adopted in part.
    SuggestionPartlyAdopted,
    /// The suggestion is not adopted.
    SuggestionDeclined,
    /// It goes on sealed, as a report (检举控告).
    TurnedToReport,
    /// The body on a statutory route has it.
    HandoverAcknowledged,
    /// A petition office supervises (督办).
    Supervised,
    /// The answer to a supervision.
    SupervisionAnswered,
    /// Report back on an assignment (办结报告).
    ReportedBack,
    /// The report was reviewed.
    ReportJudged,
    /// A petition office proposes (三项建议).
    Proposed,
    /// The answer to a proposal.
    ProposalAnswered,
    /// A slip in an earlier entry is set right (更正).
    Corrected,
    /// Whether what is brought up again is new (新的事实).
    FactsJudged,
    /// An expert stands on the list from which panels are drawn (专家入库).
    ExpertEnlisted,
    /// An expert stands there no longer (专家出库).
    ExpertRemoved,
    /// An officer acts on behalf of another for a time (代行).
    Deputised,
    /// An officer's desk is another's from here on (工作交接).
    DeskHandedOver,
    /// What the ratings of a unit said (评价公布).
    RatingsTold,
    /// This case and another belong together (关联).
    CasesLinked,
    /// A link was wrong (解除关联).
    LinkUndone,
    /// Somebody is to keep out of the case (申请回避).
    RecusalAsked,
    /// Whether they do (回避决定).
    RecusalDecided,
    /// Experts were drawn by lot (抽取专家).
    PanelDrawn,
    /// The petitioner rated how the case was dealt with (评价).
    Rated,
    /// A leader receives visitors on a day (接访公告).
    ReceptionAnnounced,
    /// A campaign begins (征集、宣传).
    CampaignOpened,
    /// A course for officers (培训课程).
    CourseOpened,
    /// A course was held (培训).
    TrainingHeld,
    /// A visitor draws a ticket (取号).
    TicketDrawn,
    /// A ticket is called (叫号).
    TicketCalled,
    /// A leader takes a hard case on (包案).
    CasePackaged,
    /// Something was done about it (包案工作).
    PackageWorked,
    /// Whether it is closed, by one test (包案检验).
    PackageTested,
    /// Whether it is settled, the petitioner says (信访人认可).
    ContentStated,
    /// The case goes across places or fields (三跨三分离).
    CrossingDeclared,
    /// Which of the owners leads (指定牵头).
    LeadDecided,
    /// An old case is to be settled (积案).
    BacklogListed,
    /// Help is offered after its end (帮扶).
    AssistanceOffered,
    /// What came of it.
    AssistanceEnded,
    /// Whether the case may be published (公开意愿).
    PublicationConsented,
    /// A piece about it appeared (刊播).
    CasePublished,
    /// A leader says what is to be done (批示).
    Instructed,
    /// The case is to be heard on an announced day (预约接访).
    ReceptionBooked,
    /// The petitioner's word on the agents who act for the petitioner (委托).
    MandateStated,
    /// Who speaks for those who petition jointly (推选代表).
    RepresentativesElected,
    /// A request for review is not taken up (不予受理复查申请).
    RequestDeclined,
    /// Something urgent and important is reported (紧急重大事项报告).
    UrgentReported,
    /// The simple procedure is used (简易办理).
    SimpleChosen,
    /// Organs are proposed (机构提请).
    OrganProposed,
    /// Proposed organs are registered (机构核定).
    OrganRegistered,
    /// Proposed organs are not registered (机构不予核定).
    OrganDeclined,
    /// A record of the past, done where it was kept, is taken over (历史件接收).
    PastTakenOver,
    /// A kind of a later version.
    Unknown(u32),
}

const NUMBERS: [(Kind, u32, &str, &str); 99] = [
    (Kind::EpochOpened, 1, "建账", "epoch opened"),
    (Kind::NodeAdmitted, 2, "准入", "node admitted"),
    (Kind::Asked, 3, "询问", "asked"),
    (Kind::Objected, 4, "异议", "objected"),
    (Kind::Inspected, 5, "巡查", "inspected"),
    (Kind::SealingKeyAnnounced, 6, "封存公钥", "sealing key announced"),
    (Kind::CasesMatched, 7, "比对", "cases matched"),
    (Kind::RulesIssued, 8, "发布规则", "rules issued"),
    (Kind::IntakeRegistered, 32, "登记", "intake registered"),
    (Kind::CaseOpened, 33, "立件", "case opened"),
    (Kind::Transferred, 34, "转送", "transferred"),
    (Kind::Assigned, 35, "交办", "assigned"),
    (Kind::Received, 36, "签收", "received"),
    (Kind::Accepted, 37, "受理", "accepted"),
    (Kind::Decided, 38, "处理意见", "decided"),
    (Kind::Served, 39, "送达", "served"),
    (Kind::Closed, 40, "办结", "closed"),
    (Kind::Noted, 41, "备注", "noted"),
    (Kind::Settled, 42, "裁定", "settled"),
    (Kind::ReportSealed, 43, "密封检举", "report sealed"),
    (Kind::Unsealed, 44, "启封", "unsealed"),
    (Kind::ErasureProposed, 45, "提请销毁密钥", "erasure proposed"),
    (Kind::Erased, 46, "销毁密钥", "key destroyed"),
    (Kind::LookedUp, 47, "查找", "looked up"),
    (Kind::ReviewOpened, 48, "复查受理", "review opened"),
    (Kind::ReexamOpened, 49, "复核受理", "re-examination opened"),
    (Kind::RedoOrdered, 50, "责令重新办理", "redo ordered"),
    (Kind::TakenUp, 51, "提级办理", "taken up by a superior"),
    (Kind::Triaged, 52, "甄别", "triaged"),
    (Kind::Diverted, 53, "导入法定途径", "diverted"),
    (Kind::NotAccepted, 54, "不予受理", "not accepted"),
    (Kind::NoLongerAccepted, 55, "不再受理", "no longer accepted"),
    (Kind::Disputed, 56, "提出异议", "disputed"),
    (Kind::DisputeAgreed, 57, "同意异议", "dispute agreed to"),
    (Kind::DisputeRejected, 58, "驳回异议", "dispute rejected"),
    (Kind::Extended, 59, "延长期限", "extended"),
    (Kind::Inquired, 60, "调查核实", "inquired"),
    (Kind::HearingStarted, 61, "听证开始", "hearing started"),
    (Kind::HearingStopped, 62, "听证结束", "hearing ended"),
    (Kind::AgreementReached, 63, "达成协议", "agreement reached"),
    (Kind::Withdrawn, 64, "撤回", "withdrawn"),
    (Kind::WithdrawalUndone, 65, "收回撤回", "withdrawal undone"),
    (Kind::Executed, 66, "执行", "execution reported"),
    (Kind::ReviewRequested, 67, "申请复查复核", "review requested"),
    (Kind::ReviewDecided, 68, "复查复核意见", "review decided"),
    (Kind::Lapsed, 69, "逾期未申请", "window lapsed"),
    (Kind::SuggestionTaken, 70, "转为建议", "taken as a suggestion"),
    (Kind::SuggestionAdopted, 71, "采纳建议", "suggestion adopted"),
    (Kind::SuggestionPartlyAdopted, 72, "部分采纳建议", "suggestion partly adopted"),
    (Kind::SuggestionDeclined, 73, "未采纳建议", "suggestion not adopted"),
    (Kind::TurnedToReport, 74, "转检举控告", "turned into a report"),
    (Kind::HandoverAcknowledged, 75, "承接确认", "hand-over acknowledged"),
    (Kind::Supervised, 76, "督办", "supervised"),
    (Kind::SupervisionAnswered, 77, "督办反馈", "supervision answered"),
    (Kind::ReportedBack, 78, "办结报告", "reported back"),
    (Kind::ReportJudged, 79, "报告审核", "report reviewed"),
    (Kind::Proposed, 80, "建议", "proposed"),
    (Kind::ProposalAnswered, 81, "建议反馈", "proposal answered"),
    (Kind::Corrected, 82, "更正", "corrected"),
    (Kind::FactsJudged, 83, "新事实认定", "facts judged"),
    (Kind::ExpertEnlisted, 9, "专家入库", "expert enlisted"),
    (Kind::ExpertRemoved, 10, "专家出库", "expert removed"),
    (Kind::Deputised, 11, "代行", "deputised"),
    (Kind::DeskHandedOver, 12, "工作交接", "desk handed over"),
    (Kind::RatingsTold, 13, "评价公布", "ratings told"),
    (Kind::CasesLinked, 84, "关联", "cases linked"),
    (Kind::LinkUndone, 85, "解除关联", "link undone"),
    (Kind::RecusalAsked, 86, "申请回避", "recusal asked"),
    (Kind::RecusalDecided, 87, "回避决定", "recusal decided"),
    (Kind::PanelDrawn, 88, "抽取专家", "panel drawn"),
    (Kind::Rated, 89, "评价", "rated"),
    (Kind::ReceptionAnnounced, 14, "接访公告", "reception announced"),
    (Kind::CampaignOpened, 15, "活动启动", "campaign opened"),
    (Kind::CourseOpened, 16, "开设课程", "course opened"),
    (Kind::TrainingHeld, 17, "培训", "training held"),
    (Kind::TicketDrawn, 18, "取号", "ticket drawn"),
    (Kind::TicketCalled, 19, "叫号", "ticket called"),
    (Kind::CasePackaged, 90, "包案", "case packaged"),
    (Kind::PackageWorked, 91, "包案工作", "package worked"),
    (Kind::PackageTested, 92, "包案检验", "package tested"),
    (Kind::ContentStated, 93, "信访人认可", "content stated"),
    (Kind::CrossingDeclared, 94, "三跨三分离", "crossing declared"),
    (Kind::LeadDecided, 95, "指定牵头", "lead decided"),
    (Kind::BacklogListed, 96, "列入积案", "backlog listed"),
    (Kind::AssistanceOffered, 97, "帮扶", "assistance offered"),
    (Kind::AssistanceEnded, 98, "帮扶结果", "assistance ended"),
    (Kind::PublicationConsented, 99, "公开意愿", "publication consented"),
    (Kind::CasePublished, 100, "刊播", "case published"),
    (Kind::Instructed, 101, "批示", "instructed"),
    (Kind::ReceptionBooked, 102, "预约接访", "reception booked"),
    (Kind::MandateStated, 103, "委托表示", "mandate stated"),
    (Kind::RepresentativesElected, 104, "推选代表", "representatives elected"),
    (Kind::RequestDeclined, 105, "不予受理复查复核申请", "request declined"),
    (Kind::UrgentReported, 106, "紧急重大事项报告", "urgent reported"),
    (Kind::SimpleChosen, 107, "适用简易办理", "simple procedure"),
    (Kind::OrganProposed, 108, "机构提请", "organs proposed"),
    (Kind::OrganRegistered, 109, "机构核定", "organs registered"),
    (Kind::OrganDeclined, 110, "机构不予核定", "organs declined"),
    (Kind::PastTakenOver, 111, "历史件接收", "past record taken over"),
];

impl Kind {
    /// The kind of a number on the wire.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        NUMBERS.iter().find(|row| row.1 == number).map_or(Self::Unknown(number), |row| row.0)
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u32 {
        if let Self::Unknown(number) = self {
            return number;
        }
        self.row().map_or(0, |row| row.1)
    }

    /// Whether it carries an intake: what a petitioner said, and how it came.
    #[must_use]
    pub fn is_intake(self) -> bool {
        self == Self::IntakeRegistered || self == Self::PastTakenOver
    }

    /// Its name in Chinese; empty for an unknown kind.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().map_or("of a later version", |row| row.3)
    }

    fn row(self) -> Option<&'static (Self, u32, &'static str, &'static str)> {
        NUMBERS.iter().find(|row| row.0 == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_number_and_reads_back() {
        for (kind, number, ..) in NUMBERS {
            assert_eq!(kind.number(), number);
            assert_eq!(Kind::from_number(number), kind);
        }
        assert_eq!(Kind::from_number(9_999).number(), 9_999);
    }
}
