//! What an entry says, told in the page's language as pairs of a name and a text.

use terrace_proto::case::Aside;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::date_of;
use terrace_proto::entry::{Content, Header, Kind};
use terrace_proto::inspection::{CaseName, Inspection, Sought};
use terrace_proto::objection::Objection;

use super::frame::{Frame, hour, hour_of, place};

/// One thing an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// What it is about.
    pub(super) name: &'static str,
    /// The words.
    pub(super) text: String,
}

/// The kind of an entry.
pub(super) fn kind(frame: &Frame, kind: Kind) -> String {
    if let Kind::Unknown(number) = kind {
        return format!("{} {number}", frame.l("新版本的类别", "a later version's kind"));
    }
    frame.l(kind.zh(), kind.en()).to_owned()
}

/// Why an entry is not applied.
pub(super) fn aside(frame: &Frame, aside: Aside) -> &'static str {
    match aside {
        Aside::Waiting => frame.l("待前件", "waits for an entry before it"),
        Aside::Irregular => {
            frame.l("不合规条目：作者当时不持有", "irregular: its author did not hold the case")
        }
        Aside::Contesting => frame.l("存争", "contesting"),
        Aside::SetAside => frame.l("未采用", "set aside"),
    }
}

/// Who made an entry.
pub(super) fn author(header: &Header) -> String {
    let place = place(header.journal.author);
    if header.hand.organ.is_empty() { place } else { format!("{place} / {}", header.hand.organ) }
}

/// A channel (信访形式).
fn channel<'t>(frame: &Frame, code: &'t str) -> &'t str {
    let known = [
        ("LET", "来信", "letter"),
        ("VIS", "走访", "visit"),
        ("WEB", "网上", "online"),
        ("TEL", "电话", "telephone"),
        ("SMS", "短信", "text message"),
        ("VID", "视频", "video"),
        ("FAX", "传真", "fax"),
        ("EML", "电子邮件", "e-mail"),
        ("OTH", "其他", "other"),
    ];
    known.iter().find(|row| row.0 == code).map_or(code, |row| frame.l(row.1, row.2))
}

fn day(days: i32) -> String {
    date_of(days).map(|day| day.to_string()).unwrap_or_default()
}

/// The words of an entry.
pub(super) fn words(frame: &Frame, content: &Content) -> Vec<Said> {
    let said = |zh, en, text: &str| Said { name: frame.l(zh, en), text: text.to_owned() };
    let mut words = match content {
        Content::IntakeRegistered(intake) => intake_words(frame, intake),
        Content::CaseOpened(opened) => vec![said("编号", "number", &opened.number)],
        Content::Transferred(transferred) => vec![said("理由", "reason", &transferred.reason)],
        Content::Assigned(assigned) => vec![
            said("要求", "instruction", &assigned.instruction),
            said("报告期限", "report due", &day(assigned.due_on)),
        ],
        Content::Received(received) => vec![said("说明", "remark", &received.remark)],
        Content::Accepted(accepted) => vec![
            said("受理告知", "notice", &accepted.notice),
            said("办理期限", "opinion due", &accepted.due_on.map(day).unwrap_or_default()),
        ],
        Content::Decided(decided) => vec![
            said("结论", "outcome", outcome(frame, decided.outcome)),
            said("认定事实", "facts found", &decided.facts),
            said("处理意见", "opinion", &decided.opinion),
            said("依据", "basis", &decided.basis),
        ],
        Content::Served(served) => vec![said("送达日期", "served on", &day(served.served_on))],
        Content::Closed(closed) => vec![said("说明", "reason", &closed.reason)],
        Content::Noted(noted) => vec![said("内容", "text", &noted.text)],
        Content::Settled(settled) => vec![said("理由", "reason", &settled.reason)],
        Content::NodeAdmitted(admitted) => {
            vec![said("准入单位", "office admitted", &office(admitted.division))]
        }
        Content::Asked(asked) => vec![
            said("询问单位", "office asked", &office(asked.author)),
            said("条目序号", "entry", &asked.sequence.to_string()),
            said("所凭回执", "receipt shown", &asked.receipt),
        ],
        Content::Objected(objected) => objection_words(frame, objected),
        Content::Inspected(inspected) => inspection_words(frame, inspected),
        Content::SealingKeyAnnounced(announced) => {
            let organ = if announced.organ.is_empty() {
                frame.l("信访部门", "petition office")
            } else {
                frame.l("纪检监察机关", "discipline organ")
            };
            vec![
                said("机构", "organ", organ),
                said("代次", "generation", &announced.generation.to_string()),
            ]
        }
        Content::CasesMatched(matched) => vec![
            said("比对单位", "office that asked", &office(matched.division)),
            said("件数", "cases", &matched.cases.to_string()),
            said("缓答", "put off", &matched.put_off.to_string()),
        ],
        Content::LookedUp(looked_up) => vec![said("查找事由", "purpose", &looked_up.purpose)],
        Content::ReportSealed(report) => vec![said("编号", "number", &report.number)],
        Content::Unsealed(unsealed) => vec![said("启封事由", "purpose", &unsealed.purpose)],
        Content::ErasureProposed(proposed) => vec![said("理由", "grounds", &proposed.grounds)],
        Content::EpochOpened(_) | Content::Erased(_) => Vec::new(),
    };
    words.retain(|said| !said.text.is_empty());
    words
}

/// An office by its number; nothing for a number that is none.
fn office(number: u64) -> String {
    DivisionCode::from_number(number).map(place).unwrap_or_default()
}

/// What an objection rests on; the two notes are shown as they were signed.
fn objection_words(frame: &Frame, objected: &terrace_proto::wire::Objected) -> Vec<Said> {
    let said = |zh, en, text: &str| Said { name: frame.l(zh, en), text: text.to_owned() };
    let Some(objection) = Objection::read(objected) else { return Vec::new() };
    let note = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let ground = frame.l(objection.ground.zh(), objection.ground.en());
    vec![
        said("被异议单位", "about", &place(objection.about.author)),
        said("事由", "ground", ground),
        said("位置", "at entry", &objection.place.to_string()),
        said("自", "since", &objection.since.map(hour).unwrap_or_default()),
        said("所出示", "what it showed", &note(&objection.shown)),
        said("此前所签", "what it had signed", &note(&objection.held)),
    ]
}

/// Who read this office, with whose certificate, and what.
fn inspection_words(frame: &Frame, inspected: &terrace_proto::wire::Inspected) -> Vec<Said> {
    let said = |zh, en, text: String| Said { name: frame.l(zh, en), text };
    let Some(inspection) = Inspection::read(inspected) else { return Vec::new() };
    let sought = frame.l(inspection.sought.zh(), inspection.sought.en()).to_owned();
    let which = match &inspection.sought {
        Sought::Case(CaseName::Id(id)) => id.to_string(),
        Sought::Case(CaseName::Number(number)) => number.to_string(),
        Sought::Entries { from, .. } | Sought::Proof(from) => from.to_string(),
        Sought::Cases { holder, .. } => holder.map(place).unwrap_or_default(),
        Sought::Office | Sought::Journals | Sought::Neighbours | Sought::Export => String::new(),
    };
    vec![
        said("审计员", "auditor", inspection.auditor),
        said("查阅内容", "what was read", sought),
        said("所指", "which", which),
        said("证书签发单位", "certificate issued by", place(inspection.issuer)),
        said("证书有效至", "certificate good until", hour(inspection.until)),
        said("证书指纹", "certificate fingerprint", inspection.certificate.to_string()),
    ]
}

fn intake_words(frame: &Frame, intake: &terrace_proto::wire::IntakeRegistered) -> Vec<Said> {
    let said = |zh, en, text: &str| Said { name: frame.l(zh, en), text: text.to_owned() };
    let submitted = Some(intake.submitted_at).filter(|at| *at != 0).map(hour_of);
    let problem_at = DivisionCode::from_number(intake.place).ok().filter(|_| intake.place != 0);
    let from = intake.provenance.as_ref().map(|from| {
        let line = if frame.tag() == "en" {
            format!("line {}", from.line)
        } else {
            format!("第 {} 行", from.line)
        };
        format!("{} · {line}", from.system)
    });
    vec![
        said("标题", "title", &intake.title),
        said("内容", "text", &intake.text),
        said("信访形式", "channel", channel(frame, &intake.channel)),
        said("内容分类", "category", &intake.category),
        said("提交时间", "submitted", &submitted.unwrap_or_default()),
        said("问题属地", "place of the problem", &problem_at.map(place).unwrap_or_default()),
        said("来源", "taken over from", &from.unwrap_or_default()),
    ]
}

fn outcome(frame: &Frame, outcome: u32) -> &'static str {
    match outcome {
        1 => frame.l("支持", "supported"),
        2 => frame.l("解释说明", "explained"),
        3 => frame.l("不予支持", "not supported"),
        _ => "",
    }
}
