//! The words of what offices do beside single steps: packages, crossings, aftercare, publicity, receptions, campaigns,
//! training.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is of no family is told by the other files of this room"
)]

use terrace_proto::entry::Content;
use terrace_proto::roll::crossing::MARKS;
use terrace_proto::wire::Leader;

use super::{Word, choice, day, flag, holder, number, text};

const WORDS: (&str, &str, &str) = ("words", "内容", "words");
const REASON: (&str, &str, &str) = ("reason", "理由", "reason");
const WORKS: &[(&str, &str)] = &[
    ("下访", "the petitioner was visited"),
    ("约访", "the petitioner was invited"),
    ("会商", "those concerned met"),
    ("其他", "other"),
];
const TESTS: &[(&str, &str)] = &[("案结", "decided"), ("事了", "carried out")];
const HELPS: &[(&str, &str)] = &[
    ("心理疏导", "counselling"),
    ("困难救助", "hardship aid"),
    ("回归帮扶", "return to work and life"),
];
const INSTRUCTIONS: &[(&str, &str)] = &[
    ("阅批来信", "a letter read"),
    ("接访", "received in person"),
    ("阅批网信", "an online message read"),
];
const RECEPTIONS: &[(&str, &str)] = &[
    ("坐班接访", "reception"),
    ("下访", "going down"),
    ("约访", "by invitation"),
    ("专题接访", "by topic"),
    ("联合接访", "jointly"),
];
const CAMPAIGNS: &[(&str, &str)] =
    &[("人民建议征集", "suggestions are asked for"), ("宣传", "publicity")];
const SORTS: &[(&str, &str)] =
    &[("信访", "petition"), ("涉法涉诉", "law-related"), ("联合", "joint")];

/// What an entry of a family says; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    package(content).or_else(|| case(content)).or_else(|| office(content))
}

fn leader(leader: Option<&Leader>) -> Word {
    let named = leader.map(|one| format!("{} {}", one.post, one.name)).unwrap_or_default();
    text(("leader", "领导", "leader"), &named)
}

/// Packages and crossings.
fn package(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::CasePackaged(said) => vec![
            leader(said.leader.as_ref()),
            holder(("lead", "牵头单位", "lead"), said.lead.as_ref()),
            text(("measures", "措施", "measures"), &said.measures),
            day(("target_on", "目标日期", "to be done by"), Some(said.target_on)),
        ],
        Content::PackageWorked(said) => vec![
            choice(("form", "方式", "form"), said.form, WORKS),
            text(WORDS, &said.words),
            day(("held_on", "日期", "on"), Some(said.held_on)),
        ],
        Content::PackageTested(said) => vec![
            choice(("test", "检验", "test"), said.test, TESTS),
            flag(("passed", "结果", "result"), said.passed, ("通过", "passed")),
            flag(("failed", "结果", "result"), !said.passed, ("未通过", "not passed")),
            text(("evidence", "凭据", "evidence"), &said.evidence),
        ],
        Content::ContentStated(said) => vec![
            flag(
                ("content", "信访人表示", "the petitioner says"),
                said.content,
                ("认可", "it is settled"),
            ),
            flag(
                ("not", "信访人表示", "the petitioner says"),
                !said.content,
                ("不认可", "it is not"),
            ),
        ],
        Content::CrossingDeclared(said) => {
            let marks = [
                said.cross_region,
                said.cross_department,
                said.cross_industry,
                said.person_household,
                said.person_affair,
                said.person_property,
            ];
            let marked = |language: fn(&(&'static str, &'static str)) -> &'static str| {
                let named = MARKS.iter().zip(marks).filter(|(_, mark)| *mark);
                named.map(|(mark, _)| language(mark)).collect::<Vec<_>>()
            };
            let (zh, en) = (marked(|mark| mark.0).join("、"), marked(|mark| mark.1).join(", "));
            let mut words = vec![Word { text_en: en, ..text(("marks", "情形", "marks"), &zh) }];
            words.extend(
                said.owners.iter().map(|one| holder(("owner", "责任单位", "owner"), Some(one))),
            );
            words.push(text(REASON, &said.reason));
            words
        }
        Content::LeadDecided(said) => vec![
            holder(("lead", "牵头单位", "lead"), said.lead.as_ref()),
            text(REASON, &said.reason),
        ],
        _ => return None,
    })
}

/// What else stands in a case.
fn case(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::BacklogListed(said) => vec![text(REASON, &said.reason)],
        Content::AssistanceOffered(said) => vec![
            flag(("declined", "意愿", "wish"), said.declined, ("谢绝", "declined")),
            choice(("form", "方式", "form"), said.form, HELPS),
            text(("by", "帮扶单位", "by"), &said.by),
            text(WORDS, &said.words),
        ],
        Content::AssistanceEnded(said) => vec![text(("outcome", "结果", "outcome"), &said.outcome)],
        Content::PublicationConsented(said) => vec![
            flag(("consented", "信访人", "the petitioner"), said.consented, ("同意公开", "agrees")),
            flag(
                ("not", "信访人", "the petitioner"),
                !said.consented,
                ("不同意公开", "does not agree"),
            ),
        ],
        Content::MandateStated(said) => vec![
            flag(
                ("given", "信访人", "the petitioner"),
                said.given,
                ("确认委托", "confirms the mandate"),
            ),
            flag(
                ("ended", "信访人", "the petitioner"),
                !said.given,
                ("解除委托", "ends the mandate"),
            ),
        ],
        Content::RepresentativesElected(said) => vec![
            number(("representatives", "代表人数", "representatives"), said.representatives.into()),
            number(("persons", "代表的人数", "persons spoken for"), said.persons.into()),
        ],
        Content::CasePublished(said) => vec![
            text(("title", "标题", "title"), &said.title),
            number(("issue", "期次", "issue"), said.issue.into()),
            text(("channel", "媒介", "where"), &said.channel),
            text(WORDS, &said.text),
            day(("published_on", "日期", "on"), Some(said.published_on)),
        ],
        Content::Instructed(said) => vec![
            leader(said.leader.as_ref()),
            choice(("form", "方式", "form"), said.form, INSTRUCTIONS),
            text(("words", "批示", "instruction"), &said.words),
            day(("due_on", "反馈期限", "wants to hear by"), said.due_on),
        ],
        Content::ReceptionBooked(_) => Vec::new(),
        _ => return None,
    })
}

/// Of the office itself.
fn office(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::ReceptionAnnounced(said) => vec![
            leader(said.leader.as_ref()),
            choice(("form", "方式", "form"), said.form, RECEPTIONS),
            day(("held_on", "日期", "on"), Some(said.held_on)),
            text(("place", "地点", "place"), &said.place),
            number(("seats", "可约件数", "cases that can be heard"), said.seats.into()),
            text(("topics", "主题", "topics"), &said.topics),
        ],
        Content::CampaignOpened(said) => vec![
            choice(("form", "类别", "form"), said.form, CAMPAIGNS),
            text(("title", "名称", "title"), &said.title),
            text(WORDS, &said.words),
            day(("from_on", "自", "from"), Some(said.from_on)),
            day(("until_on", "至", "until"), Some(said.until_on)),
            text(("channels", "渠道", "channels"), &said.channels.join("、")),
        ],
        Content::CourseOpened(said) => vec![
            text(("name", "课程", "course"), &said.name),
            text(("modules", "模块", "modules"), &said.modules.join("、")),
        ],
        Content::TrainingHeld(said) => vec![
            day(("held_on", "日期", "on"), Some(said.held_on)),
            number(("attended", "参训人数", "attended"), said.attended.len() as u64),
            number(("passed", "合格人数", "passed"), said.passed.len() as u64),
        ],
        Content::TicketDrawn(said) => vec![
            number(("number", "号码", "number"), said.number.into()),
            choice(("sort", "类别", "sort"), said.sort, SORTS),
        ],
        Content::TicketCalled(said) => vec![
            text(("window", "窗口", "window"), &said.window),
            choice(("sort", "窗口类别", "sort of window"), said.sort, SORTS),
            choice(
                ("outcome", "结果", "outcome"),
                said.outcome,
                &[("过号", "nobody came"), ("检举控告已密封收件", "a report was taken under seal")],
            ),
        ],
        _ => return None,
    })
}
