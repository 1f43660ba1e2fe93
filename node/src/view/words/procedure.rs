//! The words of the procedure: every step, every thread that follows another, every side entry of a case.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not a word of the procedure is told by the other files of this room"
)]

use terrace_proto::entry::Content;

use super::{Word, choice, day, due, flag, holder, office, offices, text};

const REASON: (&str, &str, &str) = ("reason", "理由", "reason");
const RECORD: (&str, &str, &str) = ("record", "记录", "record");
const REPLY: (&str, &str, &str) = ("reply", "答复", "reply");
const REWARD: (&str, &str, &str) = ("reward", "奖励", "honoured with");
const OUTCOMES: &[(&str, &str)] =
    &[("支持", "supported"), ("解释说明", "explained"), ("不予支持", "not supported")];
const REVIEWS: &[(&str, &str)] = &[
    ("维持", "upheld"),
    ("变更", "changed"),
    ("撤销并责令重新办理", "revoked, to be handled anew"),
];
const DECLINED: &[(&str, &str)] = &[
    ("逾期且无正当理由", "late without good cause"),
    ("不属于可以复查、复核的事项", "nothing that can be reviewed"),
    ("不属于本机关复查、复核", "another organ's to review"),
];
const GROUNDS: &[(&str, &str)] = &[
    ("下级逾期", "overdue below"),
    ("下级失联", "silent below"),
    ("提级办理", "taken up one level"),
    ("纠正", "a decision reversed"),
    ("指定牵头", "the lead decided"),
    ("接管", "in the place of a lost office"),
];
const INQUIRIES: &[(&str, &str)] = &[
    ("调查", "investigation"),
    ("听证", "hearing"),
    ("调解", "mediation"),
    ("会商", "consultation"),
    ("会审", "joint review"),
];
const LEVELS: &[(&str, &str)] = &[
    ("本级", "at its level"),
    ("上一级", "right above it"),
    ("越级引导", "above, guided"),
    ("例外受理", "excepted"),
];
const TRIGGERS: &[(&str, &str)] = &[
    ("无正当理由逾期", "overdue without cause"),
    ("未反馈", "feedback missing"),
    ("违反程序", "procedure broken"),
    ("推诿拖延", "shirking or delay"),
    ("未执行意见", "opinion not carried out"),
    ("弄虚作假", "falsification"),
    ("其他", "other"),
];
const RUNGS: &[(&str, &str)] = &[
    ("提醒", "notice"),
    ("督办单", "supervision sheet"),
    ("约谈", "interview"),
    ("通报", "bulletin"),
    ("挂牌督办", "listed supervision"),
    ("追责建议", "accountability proposal"),
];
const PROPOSALS: &[(&str, &str)] = &[
    ("改进工作", "to improve work"),
    ("完善政策", "to improve policy"),
    ("追究责任", "to hold to account"),
];
const ADOPTIONS: &[(&str, &str)] =
    &[("采纳", "adopted"), ("部分采纳", "adopted in part"), ("未采纳", "not adopted")];

/// What an entry of the procedure says; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    handling(content)
        .or_else(|| opinion(content))
        .or_else(|| gate(content))
        .or_else(|| review(content))
        .or_else(|| beside(content))
}

/// From the opening of a case to what a unit does to find out.
fn handling(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::CaseOpened(said) => {
            vec![text(("number", "编号", "number"), &said.number), due(&said.due)]
        }
        Content::Transferred(said) => vec![text(REASON, &said.reason), due(&said.due)],
        Content::Assigned(said) => vec![
            text(("instruction", "要求", "instruction"), &said.instruction),
            day(("due_on", "报告期限", "report due"), Some(said.due_on)),
        ],
        Content::Received(said) => vec![
            text(("remark", "说明", "remark"), &said.remark),
            day(("arrived_on", "收到日期", "came on"), said.arrived_on),
            due(&said.due),
        ],
        Content::Accepted(said) => vec![
            text(("notice", "受理告知", "notice"), &said.notice),
            day(("due_on", "办理期限", "opinion due"), said.due_on),
        ],
        Content::Inquired(said) => vec![
            choice(("form", "方式", "form"), said.form, INQUIRIES),
            day(("held_on", "日期", "on"), Some(said.held_on)),
            text(RECORD, &said.record),
        ],
        Content::HearingStarted(said) => vec![
            day(("started_on", "开始", "from"), Some(said.started_on)),
            text(RECORD, &said.record),
        ],
        Content::HearingStopped(said) => vec![
            day(("stopped_on", "结束", "until"), Some(said.stopped_on)),
            text(RECORD, &said.record),
            due(&said.due),
        ],
        _ => return None,
    })
}

/// The opinion and how handling ends.
fn opinion(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::Extended(said) => vec![
            text(REASON, &said.reason),
            text(("approver", "批准人", "approved by"), &said.approver),
            due(&said.due),
        ],
        Content::Decided(said) => vec![
            choice(("outcome", "结论", "outcome"), said.outcome, OUTCOMES),
            text(("facts", "认定事实", "facts found"), &said.facts),
            text(("opinion", "处理意见", "opinion"), &said.opinion),
            text(("basis", "依据", "basis"), &said.basis),
        ],
        Content::Served(said) => vec![
            day(("served_on", "送达日期", "served on"), Some(said.served_on)),
            choice(
                ("method", "送达方式", "method"),
                said.method + 1,
                &[("当面", "in person"), ("邮寄", "by post"), ("其他", "other")],
            ),
            choice(
                ("received_by", "收件人", "taken by"),
                said.received_by,
                &[("代理人", "an agent"), ("同住成年家属", "an adult of the household")],
            ),
            flag(
                ("refused", "签收", "signature"),
                said.signed == Some(false),
                ("信访人拒绝签收", "the petitioner refused to sign"),
            ),
            due(&said.due),
        ],
        Content::Closed(said) => vec![
            choice(
                ("manner", "办结方式", "manner"),
                said.manner,
                &[("直接回复", "answered directly"), ("存", "filed")],
            ),
            text(("reason", "说明", "reason"), &said.reason),
            text(REPLY, &said.reply),
        ],
        Content::AgreementReached(said) => vec![
            choice(
                ("form", "方式", "form"),
                said.form,
                &[("和解", "settlement"), ("调解", "mediation")],
            ),
            text(("text", "协议内容", "agreement"), &said.text),
            day(("perform_by", "履行期限", "to be performed by"), said.perform_by),
        ],
        Content::Withdrawn(said) => vec![text(REASON, &said.reason), due(&said.due)],
        Content::WithdrawalUndone(said) => vec![text(REASON, &said.reason)],
        Content::Executed(said) => vec![
            flag(("done", "执行", "carried out"), said.done, ("已执行", "yes")),
            flag(("not_done", "执行", "carried out"), !said.done, ("未执行", "no")),
            day(("executed_on", "日期", "on"), Some(said.executed_on)),
            text(("evidence", "凭据或者原因", "evidence or reason"), &said.evidence),
        ],
        _ => return None,
    })
}

/// The gate: what is taken up, refused, brought elsewhere, or disputed.
fn gate(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::Triaged(said) => vec![
            text(("purpose", "信访目的", "purpose"), &said.purpose),
            text(("category", "内容分类", "category"), &said.category),
            office(("competent", "有权处理机关", "competent office"), said.competent),
            text(("route", "法定途径", "statutory route"), &said.route),
            choice(("level", "走访层级", "level of the visit"), said.level, LEVELS),
            flag(("urgent", "紧急", "urgent"), said.urgent, ("是", "yes")),
            text(REASON, &said.reason),
        ],
        Content::Diverted(said) => vec![
            text(("route", "法定途径", "statutory route"), &said.route),
            text(("body", "承接机关", "receiving body"), &said.body),
            text(("warnings", "时效提示", "limitation periods"), &said.warnings.join("；")),
            text(REASON, &said.reason),
            due(&said.due),
        ],
        Content::NotAccepted(said) => vec![
            text(("code", "情形", "ground"), &said.code),
            text(REASON, &said.reason),
            text(("article", "依据", "article"), &said.article),
            offices(("guide_to", "有权处理机关", "where to go"), &said.guide_to),
            text(("body", "其他机关", "other body"), &said.body),
            text(("pending_case", "办理中的事项", "case in progress"), &said.pending_case),
            day(("pending_until", "其期限", "its term"), said.pending_until),
            text(("remedy", "救济途径", "remedy"), &said.remedy),
        ],
        Content::NoLongerAccepted(said) => vec![
            text(("code", "情形", "ground"), &said.code),
            text(REASON, &said.reason),
            text(("article", "依据", "article"), &said.article),
            text(("certificate", "终结证书", "certificate"), &said.certificate),
            text(("compared_by", "比对人", "compared by"), &said.compared_by),
            day(("served_on", "送达日期", "served on"), said.served_on),
            text(("cause_refused", "逾期理由不成立", "cause refused"), &said.cause_refused),
            text(("remedy", "救济途径", "remedy"), &said.remedy),
        ],
        Content::Disputed(said) => vec![
            text(REASON, &said.reason),
            office(("competent", "应由", "whose it is"), said.competent),
        ],
        Content::DisputeAgreed(said) => vec![text(REASON, &said.reason)],
        Content::DisputeRejected(said) => vec![text(REASON, &said.reason), due(&said.due)],
        Content::SuggestionTaken(said) => vec![text(REASON, &said.reason)],
        Content::RequestDeclined(said) => vec![
            choice(("ground", "情形", "ground"), said.ground, DECLINED),
            text(REASON, &said.reason),
        ],
        Content::UrgentReported(said) => vec![
            text(("words", "情况", "what it is"), &said.words),
            text(("measures", "处置措施", "measures"), &said.measures),
        ],
        Content::SimpleChosen(said) => vec![text(REASON, &said.reason), due(&said.due)],
        Content::SuggestionAdopted(said) => {
            vec![text(REPLY, &said.reply), text(REWARD, &said.reward)]
        }
        Content::SuggestionPartlyAdopted(said) => {
            vec![text(REPLY, &said.reply), text(REWARD, &said.reward)]
        }
        Content::SuggestionDeclined(said) => vec![text(REPLY, &said.reply)],
        Content::TurnedToReport(_) => Vec::new(),
        Content::HandoverAcknowledged(said) => vec![
            text(("body", "承接机关", "receiving body"), &said.body),
            text(("reference", "文号", "reference"), &said.reference),
            day(("acknowledged_on", "日期", "on"), Some(said.acknowledged_on)),
        ],
        _ => return None,
    })
}

/// Review, re-examination, and threads that follow another.
fn review(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::ReviewRequested(said) => vec![
            choice(
                ("stage", "申请", "asks for"),
                said.stage.saturating_sub(1),
                &[("复查", "review"), ("复核", "re-examination")],
            ),
            text(("grounds", "理由", "grounds"), &said.grounds),
            text(("late_cause", "逾期理由", "cause of being late"), &said.late_cause),
            day(("requested_on", "收到申请", "asked on"), Some(said.requested_on)),
            due(&said.due),
        ],
        Content::ReviewOpened(said) => vec![text(("remark", "说明", "remark"), &said.remark)],
        Content::ReexamOpened(said) => vec![text(("remark", "说明", "remark"), &said.remark)],
        Content::ReviewDecided(said) => vec![
            choice(("outcome", "结论", "outcome"), said.outcome, REVIEWS),
            text(("facts", "认定事实", "facts found"), &said.facts),
            text(("opinion", "意见", "opinion"), &said.opinion),
            text(("basis", "依据", "basis"), &said.basis),
            text(("certificate", "终结证书", "certificate"), &said.certificate),
        ],
        Content::Lapsed(said) => vec![
            day(("window_ended_on", "期限届满", "window ended"), Some(said.window_ended_on)),
            text(REASON, &said.reason),
        ],
        Content::RedoOrdered(said) => vec![
            text(REASON, &said.reason),
            flag(
                ("other_conclusion", "限制", "bar"),
                said.other_conclusion,
                ("不得以同一事实作出相同结论", "not the same conclusion on the same facts"),
            ),
        ],
        Content::TakenUp(said) => vec![
            choice(("ground", "情形", "ground"), said.ground, GROUNDS),
            text(REASON, &said.reason),
            due(&said.due),
        ],
        Content::FactsJudged(said) => vec![
            flag(("new_facts", "新的事实", "new facts"), said.new_facts, ("有", "yes")),
            flag(("none", "新的事实", "new facts"), !said.new_facts, ("无", "none")),
            text(REASON, &said.reasons),
        ],
        _ => return None,
    })
}

/// What stands beside a thread.
fn beside(content: &Content) -> Option<Vec<Word>> {
    let words = |zh, en, said: &str| text(("words", zh, en), said);
    Some(match content {
        Content::Noted(said) => vec![text(("text", "内容", "text"), &said.text)],
        Content::Settled(said) => vec![text(REASON, &said.reason)],
        Content::Supervised(said) => vec![
            choice(("trigger", "事由", "trigger"), said.trigger, TRIGGERS),
            choice(("rung", "督办方式", "rung"), said.rung, RUNGS),
            holder(("supervised", "被督办机关", "supervised"), said.supervised.as_ref()),
            words("要求", "what is asked", &said.words),
            flag(("automatic", "发起", "raised"), said.automatic, ("自动", "by the program")),
            due(&said.due),
        ],
        Content::SupervisionAnswered(said) => vec![
            flag(("adopted", "采纳", "adopted"), said.adopted, ("是", "yes")),
            words("反馈", "answer", &said.words),
        ],
        Content::ReportedBack(said) => vec![text(("report", "报告", "report"), &said.report)],
        Content::ReportJudged(said) => vec![
            flag(("returned", "审核", "review"), said.returned, ("退回重办", "returned for redo")),
            words("意见", "opinion", &said.words),
            due(&said.due),
        ],
        Content::Proposed(said) => vec![
            choice(("form", "建议", "proposal"), said.form, PROPOSALS),
            holder(("to", "致", "to"), said.to.as_ref()),
            words("内容", "words", &said.words),
            due(&said.due),
        ],
        Content::ProposalAnswered(said) => vec![
            choice(("adoption", "采纳情况", "adoption"), said.adoption, ADOPTIONS),
            words("反馈", "answer", &said.words),
        ],
        Content::Corrected(said) => vec![
            text(("field", "更正项", "what"), &said.field),
            text(("wrong", "原为", "was"), &said.wrong),
            text(("right", "应为", "is"), &said.right),
            text(REASON, &said.reason),
        ],
        _ => return None,
    })
}
