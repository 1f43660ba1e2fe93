//! The words of an intake.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::json;
use terrace_proto::entry::{self, Content, body};
use terrace_proto::wire::{IntakeRegistered, PastTakenOver, Provenance};

use super::{Word, day, flag, hour, number, office, text, word};

/// What an intake says, or a record of the past; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    let intake = body::intake(content)?;
    let mut words = of(intake);
    if let Some(from) = intake.provenance.as_ref().filter(|from| from.legacy) {
        words.extend(former_words(from));
    }
    if let Content::PastTakenOver(past) = content {
        words.extend(past_words(past));
    }
    Some(words)
}

/// How a record of the past was registered where it was kept.
fn former_words(from: &Provenance) -> [Word; 3] {
    [
        text(("former_number", "原编号", "former number"), &from.number),
        office(("registrar", "原登记单位", "registered by"), from.registrar),
        hour(("registered_at", "原登记时间", "registered"), from.registered_at),
    ]
}

/// How a record of the past was done where it was kept.
fn past_words(past: &PastTakenOver) -> [Word; 2] {
    [
        day(("done_on", "办结日期", "done on"), past.done_on),
        text(("outcome", "办结情况", "outcome"), &past.outcome),
    ]
}

fn of(intake: &IntakeRegistered) -> Vec<Word> {
    vec![
        text(("title", "标题", "title"), &intake.title),
        text(("text", "内容", "text"), &intake.text),
        channel(&intake.channel),
        text(("category", "内容分类", "category"), &intake.category),
        hour(("submitted_at", "提交时间", "submitted"), intake.submitted_at),
        office(("place", "问题属地", "place of the problem"), intake.place),
        number(("persons", "人次", "persons"), u64::from(intake.persons)),
        number(("representatives", "代表人数", "representatives"), intake.representatives.into()),
        number(("agents", "代理人数", "agents"), intake.agents.into()),
        flag(
            ("mandate", "委托书", "mandate"),
            !intake.mandate.is_empty(),
            ("已收存", "kept here in writing"),
        ),
        flag(
            ("leader", "接访", "reception"),
            !intake.reception.is_empty(),
            ("领导接访", "by a leader"),
        ),
        named(("mandate_digest", "委托书摘要", "digest of the mandate"), &intake.mandate),
        named(("reception", "接访公告", "announced day"), &intake.reception),
        named(("ticket", "取号", "ticket"), &intake.ticket),
        text(("slip", "手工单号", "slip"), &intake.slip),
        provenance(intake),
        text_of_source(intake),
    ]
}

fn channel(code: &str) -> Word {
    let (zh, en) = entry::channel::channel(code).map_or((code, code), |row| (row.1, row.2));
    word(("channel", "信访形式", "channel"), (zh.to_owned(), en.to_owned()), json!(code))
}

fn provenance(intake: &IntakeRegistered) -> Word {
    let from = intake.provenance.as_ref();
    let zh = from.map(|from| format!("{} · 第 {} 行", from.system, from.line)).unwrap_or_default();
    let en = from.map(|from| format!("{} · line {}", from.system, from.line)).unwrap_or_default();
    let value = from.map(|from| json!({ "system": from.system, "line": from.line }));
    word(("provenance", "来源", "taken over from"), (zh, en), json!(value))
}

/// A digest, for programs alone; null where there is none.
fn named(name: (&'static str, &'static str, &'static str), digest: &[u8]) -> Word {
    let hex = (!digest.is_empty()).then(|| HEXLOWER_PERMISSIVE.encode(digest));
    word(name, (String::new(), String::new()), json!(hex))
}

/// The identifier in the source is for programs alone.
fn text_of_source(intake: &IntakeRegistered) -> Word {
    let none = (String::new(), String::new());
    word(("source", "来源标识", "identifier in the source"), none, json!(intake.source))
}
