//! A case told in plain sentences, one for each entry, in Chinese or English.
//!
//! It tells what `case show --json` holds and adds nothing to it.

use clap::ValueEnum;
use jiff::{Timestamp, tz};
use serde_json::Value;
use terrace_proto::division::DivisionCode;

use crate::view::name_of;

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Language {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

/// The sentences of a case, each with its hour in front.
pub(super) fn told(case: &Value, language: Language) -> Vec<String> {
    let steps = case["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
    steps.iter().map(|step| sentence(step, language)).collect()
}

fn sentence(step: &Value, language: Language) -> String {
    let hour = step["recorded_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let hour = hour.map(|at| tz::offset(8).to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string());
    let who = place(&step["author"], &step["organ"]);
    let what = match language {
        Language::Zh => chinese(step, &who),
        Language::En => english(step, &who),
    };
    let aside = step["aside"].as_str().map(|aside| match (language, aside) {
        (Language::Zh, "waiting") => "（待前件）".to_owned(),
        (Language::Zh, "irregular") => "（不合规，不推进事项）".to_owned(),
        (Language::Zh, "unsigned") => "（无信访人签名，不起作用）".to_owned(),
        (Language::Zh, "overstepping") => "（越权陈述，不起作用）".to_owned(),
        (Language::Zh, "contesting") => "（存争）".to_owned(),
        (Language::Zh, _) => "（未采用）".to_owned(),
        (Language::En, aside) => format!(" ({aside}: it does not count)"),
    });
    format!("{}  {what}{}", hour.unwrap_or_default(), aside.unwrap_or_default())
}

/// An office by name, with its organ.
fn place(code: &Value, organ: &Value) -> String {
    let code = code.as_str().unwrap_or_default();
    let name = code.parse::<DivisionCode>().map_or_else(|_| code.to_owned(), name_of);
    match organ.as_str().filter(|organ| !organ.is_empty()) {
        Some(organ) => format!("{name} {organ}"),
        None => name,
    }
}

/// A holder as it is written, `division/organ`.
fn holder(to: &Value) -> String {
    let to = to.as_str().unwrap_or_default();
    let (code, organ) = to.split_once('/').unwrap_or((to, ""));
    place(&Value::from(code), &Value::from(organ))
}

/// A word of the entry, with what stands before it; nothing when it is not there.
fn word(step: &Value, name: &str, before: &str) -> String {
    match step["words"][name].as_str().map(str::trim).filter(|word| !word.is_empty()) {
        Some(word) => format!("{before}{word}"),
        None => String::new(),
    }
}

fn outcome(step: &Value, named: [&'static str; 3]) -> &'static str {
    let number = step["words"]["outcome"].as_u64().and_then(|n| usize::try_from(n).ok());
    number.and_then(|n| named.get(n.checked_sub(1)?)).copied().unwrap_or_default()
}

/// All that an entry says, behind a colon; nothing where it says nothing.
fn said_zh(step: &Value) -> String {
    said(step, "，", |pair| {
        format!("{} {}", pair["zh"].as_str()?, pair["text_zh"].as_str()?).into()
    })
    .map_or_else(String::new, |said| format!("：{said}"))
}

fn said_en(step: &Value) -> String {
    said(step, "; ", |pair| {
        format!("{}: {}", pair["en"].as_str()?, pair["text_en"].as_str()?).into()
    })
    .map_or_else(String::new, |said| format!(" ({said})"))
}

fn said(step: &Value, between: &str, told: impl Fn(&Value) -> Option<String>) -> Option<String> {
    let pairs: Vec<String> = step["said"].as_array()?.iter().filter_map(told).collect();
    Some(pairs.join(between)).filter(|said| !said.is_empty())
}

fn chinese(step: &Value, who: &str) -> String {
    let to = holder(&step["to"]);
    match step["kind"].as_str().unwrap_or_default() {
        "intake registered" => format!("{who}登记来件{}", word(step, "title", "：")),
        "case opened" => format!("{who}立件{}", word(step, "number", "，编号 ")),
        "transferred" => format!("{who}转送{to}{}", word(step, "reason", "，理由：")),
        "assigned" => format!(
            "{who}交办{to}{}{}",
            word(step, "instruction", "，要求："),
            word(step, "due_on", "，报告期限 ")
        ),
        "received" => format!("{who}签收{}", word(step, "remark", "：")),
        "accepted" => format!("{who}受理{}", word(step, "due_on", "，办理期限 ")),
        "decided" => format!(
            "{who}作出处理意见：{}{}",
            outcome(step, ["支持", "解释说明", "不予支持"]),
            word(step, "opinion", "。")
        ),
        "served" => format!("{who}送达处理意见{}", word(step, "served_on", "，")),
        "closed" => format!("{who}办结{}", word(step, "reason", "：")),
        "noted" => format!("{who}备注{}", word(step, "text", "：")),
        "settled" => format!("{who}裁定{}", word(step, "reason", "：")),
        "of a later version" => format!("{who}写入本版本不能解读的条目"),
        _ => format!("{who}{}{}", step["kind_zh"].as_str().unwrap_or_default(), said_zh(step)),
    }
}

fn english(step: &Value, who: &str) -> String {
    let to = holder(&step["to"]);
    match step["kind"].as_str().unwrap_or_default() {
        "intake registered" => format!("{who} registered an intake{}", word(step, "title", ": ")),
        "case opened" => format!("{who} opened the case{}", word(step, "number", " as ")),
        "transferred" => format!("{who} passed it on to {to}{}", word(step, "reason", ": ")),
        "assigned" => format!(
            "{who} assigned it to {to}{}{}",
            word(step, "due_on", ", report due "),
            word(step, "instruction", ": ")
        ),
        "received" => format!("{who} received it{}", word(step, "remark", ": ")),
        "accepted" => format!("{who} took it up{}", word(step, "due_on", ", opinion due ")),
        "decided" => format!(
            "{who} gave its opinion: {}{}",
            outcome(step, ["supported", "explained", "not supported"]),
            word(step, "opinion", ". ")
        ),
        "served" => format!("{who} served the opinion{}", word(step, "served_on", " on ")),
        "closed" => format!("{who} closed the stage{}", word(step, "reason", ": ")),
        "noted" => format!("{who} noted{}", word(step, "text", ": ")),
        "settled" => format!("{who} settled the contest{}", word(step, "reason", ": ")),
        "of a later version" => format!("{who} wrote what this version cannot interpret"),
        kind => format!("{who}: {kind}{}", said_en(step)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn assigned() -> Value {
        json!({ "timeline": [{
            "recorded_at": "2026-03-02T00:30:00Z", "author": "41", "organ": "", "kind": "assigned",
            "to": "410221/mzj", "aside": null,
            "words": { "instruction": "请按期报告", "due_on": "2026-05-01" },
        }] })
    }

    #[test]
    fn an_entry_is_told_as_a_sentence_in_either_language() {
        assert_eq!(
            told(&assigned(), Language::Zh),
            ["2026-03-02 08:30  河南省交办杞县 mzj，要求：请按期报告，报告期限 2026-05-01"]
        );
        assert_eq!(
            told(&assigned(), Language::En),
            ["2026-03-02 08:30  河南省 assigned it to 杞县 mzj, report due 2026-05-01: 请按期报告"]
        );
    }

    #[test]
    fn what_does_not_count_is_told_as_such() {
        let mut case = assigned();
        case["timeline"][0]["aside"] = json!("irregular");
        assert!(told(&case, Language::Zh)[0].ends_with("（不合规，不推进事项）"));
        case["timeline"][0]["kind"] = json!("of a later version");
        assert!(told(&case, Language::En)[0].contains("cannot interpret"));
    }
}
