//! The fifteen modules, one row each. The source names their number alone; the list is ours (domain 1.2 \[P\]).

use terrace_proto::entry::Kind;
use terrace_proto::roll::Roll;
use terrace_proto::rules::Duty;

use super::Module;
use super::need::Need::{self, Act, Call, Channel, Course, Notices, Receipt, Survey, Term};

const fn roll(roll: Roll) -> Need {
    Need::Roll(roll)
}

const fn module(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    needs: &'static [Need],
) -> Module {
    Module { code, zh, en, needs }
}

/// All of them, in their order.
pub const MODULES: &[Module] = &[
    module("M01", "机构编码", "agency registry", &[Call("ShowOrgans"), roll(Roll::Organs)]),
    module("M02", "来信", "letters", &[Channel("LET"), Channel("FAX")]),
    module(
        "M03",
        "来访",
        "visits",
        &[Channel("VIS"), Act(Kind::NotAccepted), roll(Roll::Tickets), Notices],
    ),
    module(
        "M04",
        "网上投诉",
        "online",
        &[Channel("WEB"), Channel("EML"), Channel("APP"), Channel("WCH"), Channel("OTH")],
    ),
    module("M05", "电话短信", "telephone and text messages", &[Channel("TEL"), Channel("SMS")]),
    module("M06", "视频信访", "video", &[Channel("VID")]),
    module(
        "M07",
        "转送交办",
        "routing",
        &[
            Act(Kind::Triaged),
            Act(Kind::Transferred),
            Act(Kind::Assigned),
            Act(Kind::Received),
            Act(Kind::Disputed),
            Act(Kind::Diverted),
            Act(Kind::HandoverAcknowledged),
            Term(Duty::Triage),
        ],
    ),
    module(
        "M08",
        "受理办理",
        "acceptance and handling",
        &[
            Act(Kind::Accepted),
            Act(Kind::Inquired),
            Act(Kind::HearingStarted),
            Act(Kind::Extended),
            Act(Kind::Decided),
            Act(Kind::Served),
            Act(Kind::Executed),
            Act(Kind::Closed),
            Term(Duty::UnitNotice),
            Term(Duty::Handle),
            Notices,
        ],
    ),
    module(
        "M09",
        "督查督办",
        "supervision",
        &[
            Act(Kind::Supervised),
            Act(Kind::SupervisionAnswered),
            Act(Kind::ReportedBack),
            Act(Kind::ReportJudged),
            Act(Kind::Proposed),
            Act(Kind::ProposalAnswered),
            Act(Kind::TakenUp),
            Term(Duty::SupervisionFeedback),
        ],
    ),
    module(
        "M10",
        "复查复核",
        "review and re-examination",
        &[
            Act(Kind::ReviewRequested),
            Act(Kind::RequestDeclined),
            Act(Kind::ReviewOpened),
            Act(Kind::ReexamOpened),
            Act(Kind::PanelDrawn),
            Act(Kind::ReviewDecided),
            Term(Duty::Review),
            Term(Duty::Reexam),
            roll(Roll::Experts),
            roll(Roll::Panels),
            roll(Roll::Recusals),
        ],
    ),
    module(
        "M11",
        "终结",
        "termination",
        &[
            Act(Kind::ReviewDecided),
            Act(Kind::NoLongerAccepted),
            Act(Kind::FactsJudged),
            Act(Kind::Lapsed),
            roll(Roll::Certificates),
        ],
    ),
    module(
        "M12",
        "接访包案",
        "leader reception and packages",
        &[
            Act(Kind::ReceptionBooked),
            Act(Kind::Instructed),
            Act(Kind::CasePackaged),
            Act(Kind::PackageWorked),
            Act(Kind::PackageTested),
            roll(Roll::Receptions),
            roll(Roll::Packages),
        ],
    ),
    module(
        "M13",
        "查询评价",
        "query and satisfaction",
        &[Course, Receipt, Act(Kind::Rated), Term(Duty::Rating), roll(Roll::Ratings)],
    ),
    module(
        "M14",
        "人民建议征集",
        "suggestions",
        &[
            Act(Kind::SuggestionTaken),
            Act(Kind::SuggestionAdopted),
            Act(Kind::SuggestionPartlyAdopted),
            Act(Kind::SuggestionDeclined),
            roll(Roll::Campaigns),
        ],
    ),
    module(
        "M15",
        "统计考核",
        "statistics and assessment",
        &[Survey("annual"), Survey("coverage"), Survey("hard"), Survey("still")],
    ),
];
