//! The words of what is entered beside the procedure and kept on rolls: experts, deputies, links, recusal, panels,
//! ratings. What a rating says is not among them.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what stands on no roll is told by the other files of this room"
)]

use terrace_proto::entry::Content;
use terrace_proto::wire::Grades;

use super::{Word, choice, day, flag, holder, number, text};

const REASON: (&str, &str, &str) = ("reason", "理由", "reason");
const RELATIONS: &[(&str, &str)] =
    &[("同一事项", "the same matter"), ("新的事实", "new facts"), ("相关", "related")];

/// What an entry of a roll says; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    office(content).or_else(|| case(content))
}

/// Of the office itself.
fn office(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::ExpertEnlisted(said) => vec![
            text(("name", "姓名", "name"), &said.name),
            text(("field", "专业", "field"), &said.field),
            holder(("organ", "所在机关", "serves at"), said.organ.as_ref()),
            text(("unit", "单位", "unit"), &said.unit),
            day(("until_on", "任期至", "until"), said.until_on),
        ],
        Content::ExpertRemoved(said) => vec![text(REASON, &said.reason)],
        Content::Deputised(said) => vec![
            text(("officer", "被代理人", "absent"), &said.officer),
            text(("deputy", "代理人", "deputy"), &said.deputy),
            day(("from_on", "自", "from"), Some(said.from_on)),
            day(("until_on", "至", "until"), Some(said.until_on)),
        ],
        Content::DeskHandedOver(said) => vec![
            text(("officer", "移交人", "leaves"), &said.officer),
            text(("successor", "接收人", "successor"), &said.successor),
            text(REASON, &said.reason),
        ],
        Content::RatingsTold(said) => {
            let mut told = vec![holder(("unit", "责任单位", "unit"), said.unit.as_ref())];
            told.extend(grades(said.of_unit.unwrap_or_default()));
            told.push(number(
                (
                    "own_terminal",
                    "本单位终端所作，未计入",
                    "made at the unit's own office, left out",
                ),
                said.own_terminal.into(),
            ));
            told
        }
        _ => return None,
    })
}

fn grades(of: Grades) -> [Word; 3] {
    [
        number(("satisfied", "满意", "satisfied"), of.satisfied.into()),
        number(("basically", "基本满意", "basically satisfied"), of.basically.into()),
        number(("dissatisfied", "不满意", "dissatisfied"), of.dissatisfied.into()),
    ]
}

/// Beside a case.
fn case(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::CasesLinked(said) => vec![
            text(("number", "关联事项", "with"), &said.number),
            choice(("relation", "关系", "relation"), said.relation, RELATIONS),
            text(REASON, &said.reason),
        ],
        Content::LinkUndone(said) => vec![text(REASON, &said.reason)],
        Content::RecusalAsked(said) => vec![
            text(("officer", "工作人员", "officer"), &said.officer),
            flag(("expert", "专家", "expert"), !said.expert.is_empty(), ("一名专家", "an expert")),
            text(("grounds", "理由", "grounds"), &said.grounds),
            flag(
                ("by_petitioner", "申请人", "asked by"),
                said.by_petitioner,
                ("信访人", "the petitioner"),
            ),
            day(("asked_on", "申请日期", "asked on"), Some(said.asked_on)),
        ],
        Content::RecusalDecided(said) => vec![
            flag(("granted", "决定", "decision"), said.granted, ("准予回避", "keeps out")),
            flag(("refused", "决定", "decision"), !said.granted, ("不准予", "does not")),
            text(REASON, &said.reason),
        ],
        Content::PanelDrawn(said) => vec![
            number(("seats", "席位", "seats"), said.seats.into()),
            number(("pool", "专家库人数", "on the list"), said.pool.len() as u64),
        ],
        Content::Rated(_) => Vec::new(),
        _ => return None,
    })
}
