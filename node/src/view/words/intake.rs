//! The words of an intake.

use serde_json::json;
use terrace_proto::entry::Content;
use terrace_proto::wire::IntakeRegistered;

use super::{Word, hour, number, office, text, word};

/// Channels (信访形式): code, Chinese, English.
pub(super) const CHANNELS: [(&str, &str, &str); 11] = [
    ("LET", "来信", "letter"),
    ("VIS", "走访", "visit"),
    ("WEB", "网上", "online"),
    ("TEL", "电话", "telephone"),
    ("SMS", "短信", "text message"),
    ("VID", "视频", "video"),
    ("FAX", "传真", "fax"),
    ("EML", "电子邮件", "e-mail"),
    ("APP", "手机应用", "mobile app"),
    ("WCH", "微信", "WeChat"),
    ("OTH", "其他", "other"),
];

/// What an intake says; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    let Content::IntakeRegistered(intake) = content else { return None };
    Some(vec![
        text(("title", "标题", "title"), &intake.title),
        text(("text", "内容", "text"), &intake.text),
        channel(&intake.channel),
        text(("category", "内容分类", "category"), &intake.category),
        hour(("submitted_at", "提交时间", "submitted"), intake.submitted_at),
        office(("place", "问题属地", "place of the problem"), intake.place),
        number(("persons", "人次", "persons"), u64::from(intake.persons)),
        text(("slip", "手工单号", "slip"), &intake.slip),
        provenance(intake),
        text_of_source(intake),
    ])
}

fn channel(code: &str) -> Word {
    let known = CHANNELS.iter().find(|row| row.0 == code);
    let (zh, en) = known.map_or((code, code), |row| (row.1, row.2));
    word(("channel", "信访形式", "channel"), (zh.to_owned(), en.to_owned()), json!(code))
}

fn provenance(intake: &IntakeRegistered) -> Word {
    let from = intake.provenance.as_ref();
    let zh = from.map(|from| format!("{} · 第 {} 行", from.system, from.line)).unwrap_or_default();
    let en = from.map(|from| format!("{} · line {}", from.system, from.line)).unwrap_or_default();
    let value = from.map(|from| json!({ "system": from.system, "line": from.line }));
    word(("provenance", "来源", "taken over from"), (zh, en), json!(value))
}

/// The identifier in the source is for programs alone.
fn text_of_source(intake: &IntakeRegistered) -> Word {
    let none = (String::new(), String::new());
    word(("source", "来源标识", "identifier in the source"), none, json!(intake.source))
}
