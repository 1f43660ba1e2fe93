//! The words of the record: keys, questions between offices, readings and sealed parts.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not a word of the record is told by the other files of this room"
)]

use serde_json::json;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::inspection::{CaseName, Inspection, Sought};
use terrace_proto::objection::Objection;
use terrace_proto::wire;

use super::{Name, Word, choice, number, office, text, word};
use crate::view::{hour as hour_at, name_of};

/// What an entry of the record says; `None` for anything else.
pub(super) fn words(content: &Content) -> Option<Vec<Word>> {
    Some(match content {
        Content::NodeAdmitted(said) => {
            vec![office(("division", "准入单位", "office admitted"), said.division)]
        }
        Content::Asked(said) => vec![
            office(("author", "询问单位", "office asked"), said.author),
            number(("sequence", "条目序号", "entry"), said.sequence),
            text(("receipt", "所凭回执", "receipt shown"), &said.receipt),
        ],
        Content::Objected(said) => objection(said),
        Content::Inspected(said) => inspection(said),
        Content::SealingKeyAnnounced(said) => {
            let organ = if said.organ.is_empty() {
                ("信访部门", "petition office")
            } else {
                ("纪检监察机关", "discipline organ")
            };
            vec![
                both(("organ", "机构", "organ"), organ),
                number(("generation", "代次", "generation"), u64::from(said.generation)),
            ]
        }
        Content::CasesMatched(said) => vec![
            office(("division", "比对单位", "office that asked"), said.division),
            number(("cases", "件数", "cases"), u64::from(said.cases)),
            number(("put_off", "缓答", "put off"), u64::from(said.put_off)),
        ],
        Content::RulesIssued(said) => vec![
            choice(
                ("form", "类别", "form"),
                said.form,
                &[("规则包", "rule pack"), ("工作日历", "calendar")],
            ),
            text(("file", "文件", "file"), &said.file),
            text(("rules", "内容", "text"), &said.text),
        ],
        Content::LookedUp(said) => vec![text(("purpose", "查找事由", "purpose"), &said.purpose)],
        Content::ReportSealed(said) => vec![text(("number", "编号", "number"), &said.number)],
        Content::Unsealed(said) => vec![text(("purpose", "启封事由", "purpose"), &said.purpose)],
        Content::ErasureProposed(said) => vec![text(("grounds", "理由", "grounds"), &said.grounds)],
        _ => return None,
    })
}

fn both(name: Name, (zh, en): (&str, &str)) -> Word {
    word(name, (zh.to_owned(), en.to_owned()), json!(en))
}

/// An office by name and code.
fn place(code: DivisionCode) -> String {
    format!("{} {}", name_of(code), code.short())
}

/// What an objection rests on; the two notes are shown as they were signed.
fn objection(objected: &wire::Objected) -> Vec<Word> {
    let Some(objection) = Objection::read(objected) else { return Vec::new() };
    let note = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    vec![
        text(("about", "被异议单位", "about"), &place(objection.about.author)),
        both(("ground", "事由", "ground"), (objection.ground.zh(), objection.ground.en())),
        number(("place", "位置", "at entry"), objection.place),
        text(("since", "自", "since"), &objection.since.map(hour_at).unwrap_or_default()),
        text(("shown", "所出示", "what it showed"), &note(&objection.shown)),
        text(("held", "此前所签", "what it had signed"), &note(&objection.held)),
    ]
}

/// Who read this office, with whose certificate, and what.
fn inspection(inspected: &wire::Inspected) -> Vec<Word> {
    let Some(inspection) = Inspection::read(inspected) else { return Vec::new() };
    let which = match &inspection.sought {
        Sought::Case(CaseName::Id(id)) => id.to_string(),
        Sought::Case(CaseName::Number(number)) => number.to_string(),
        Sought::Entries { from, .. } | Sought::Proof(from) => from.to_string(),
        Sought::Cases { holder, .. } => holder.map(place).unwrap_or_default(),
        Sought::Office | Sought::Journals | Sought::Neighbours | Sought::Export => String::new(),
    };
    let sought = (inspection.sought.zh(), inspection.sought.en());
    let certificate = inspection.certificate.to_string();
    vec![
        text(("auditor", "审计员", "auditor"), &inspection.auditor),
        both(("sought", "查阅内容", "what was read"), sought),
        text(("which", "所指", "which"), &which),
        text(("issuer", "证书签发单位", "certificate issued by"), &place(inspection.issuer)),
        text(("until", "证书有效至", "certificate good until"), &hour_at(inspection.until)),
        text(("certificate", "证书指纹", "certificate fingerprint"), &certificate),
    ]
}
