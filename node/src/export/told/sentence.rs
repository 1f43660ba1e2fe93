//! The sentences for what a check of an export finds: Chinese first, then English.
//!
//! The first half is for what stands proved in a journal, which its author must answer for; the second for what the
//! file leaves out or claims without proof, which the exporter must.

use jiff::Timestamp;
use terrace_proto::digest::ThreadId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::objection::Ground;

use crate::view::{hour, name_of};

/// A sentence in Chinese, and one in English.
pub(super) type Sentences = (String, String);

/// Number of the kind of entry that asks, on the wire.
const ASKED: u32 = 3;

pub(super) fn back_dated(
    office: &str,
    count: u64,
    recorded_at: Timestamp,
    after: Timestamp,
) -> Sentences {
    let (at, after) = (hour(recorded_at), hour(after));
    (
        format!(
            "{office}的 {count} 条条目日期被提前：第一条自称登载于 {at}，它前面的条目却登载于 {after}"
        ),
        format!(
            "{count} entries of {office} in a row are dated back: the first says {at}, one before it {after}"
        ),
    )
}

pub(super) fn before_cosigned(
    office: &str,
    count: u64,
    recorded_at: Timestamp,
    by: DivisionCode,
    signed: Timestamp,
) -> Sentences {
    let (at, by, signed) = (hour(recorded_at), name_of(by), hour(signed));
    (
        format!(
            "{office}的 {count} 条条目，第一条自称登载于 {at}，{by}在 {signed} 副署的记录簿却没有这一条：或者倒签日期，或者写成后迟迟未报"
        ),
        format!(
            "{count} entries of {office} in a row: the first says {at}, but the journal that {by} signed at {signed} did not have it: dated back, or long withheld"
        ),
    )
}

pub(super) fn addressee_gap(to: DivisionCode, number: u64) -> Sentences {
    let to = name_of(to);
    (
        format!("发往{to}的第 {number} 条缺失，或者不接前一条"),
        format!(
            "number {number} of what is addressed to {to} is missing, or does not follow the one before"
        ),
    )
}

pub(super) fn without_custody(office: &str, thread: ThreadId) -> Sentences {
    (
        format!("{office}不是办理链 {thread} 的持有单位，却写入了推进它的条目；该条目不起作用"),
        format!(
            "{office} did not hold thread {thread}, and wrote an entry to advance it; the entry has no effect"
        ),
    )
}

pub(super) fn contested(thread: ThreadId, settler: DivisionCode) -> Sentences {
    let settler = name_of(settler);
    (
        format!("办理链 {thread} 存争：同一前件之后有数条，{settler}尚未裁定"),
        format!(
            "thread {thread} is contested: several entries follow one predecessor, and {settler} has not settled which applies"
        ),
    )
}

pub(super) fn fork(office: &str, size: u64, by: DivisionCode) -> Sentences {
    let by = name_of(by);
    (
        format!("{office}的记录簿有两个版本：{by}签署的前 {size} 条与这里的不同"),
        format!(
            "two histories of the journal of {office}: the first {size} entries that {by} signed are not these"
        ),
    )
}

pub(super) fn silent(office: &str, since: Timestamp) -> Sentences {
    let since = hour(since);
    (
        format!("{office}自 {since} 起没有任何新条目：停办、断网，或者所报的记录簿不被上级接受"),
        format!(
            "{office} shows nothing since {since}: closed, cut off, or with a journal that its superior does not take"
        ),
    )
}

pub(super) fn raised(
    office: &str,
    entry: EntryId,
    kind: u32,
    (ground, proved): (Option<Ground>, bool),
) -> Sentences {
    let (zh, en) =
        if kind == ASKED { ("询问", "a question") } else { ("异议", "an objection") };
    let by = name_of(entry.journal.author);
    let (zh_ground, en_ground) = ground
        .map(|ground| (format!("（{}）", ground.zh()), format!(" ({})", ground.en())))
        .unwrap_or_default();
    let (zh_proof, en_proof) = if proved {
        (
            format!("；所附{office}自己的签名即为证据，不必采信他人"),
            format!(
                "; {office}'s own signatures in it prove that, and nobody else has to be believed"
            ),
        )
    } else {
        Default::default()
    };
    (
        format!("{by}对{office}的记录簿提出{zh}{zh_ground}，见条目 {entry}{zh_proof}"),
        format!(
            "{by} put {en} about the journal of {office} on record{en_ground}, in entry {entry}{en_proof}"
        ),
    )
}

pub(super) fn passage(from: DivisionCode, to: DivisionCode, number: u64) -> Sentences {
    let (from, to) = (name_of(from), name_of(to));
    (
        format!("{from}至{to}的台账，第 {number} 次往来缺失，或者与条目不符"),
        format!(
            "ledger {from} to {to}: passage {number} is missing, or is not what the entries make"
        ),
    )
}

pub(super) fn passage_signature(
    from: DivisionCode,
    to: DivisionCode,
    number: u64,
    by: DivisionCode,
) -> Sentences {
    let (from, to, by) = (name_of(from), name_of(to), name_of(by));
    (
        format!("{from}至{to}的台账，第 {number} 次往来处没有{by}的有效签名：双方所签不是同一台账"),
        format!(
            "ledger {from} to {to}: no signature of {by} holds at passage {number}: the two ends did not sign the same"
        ),
    )
}

pub(super) fn cosignature(office: &str, by: DivisionCode) -> Sentences {
    let by = name_of(by);
    (
        format!("{office}导出的{by}的副署不成立"),
        format!("the signature of {by} that {office} exported does not hold"),
    )
}

pub(super) fn raised_nowhere(office: &str, entry: EntryId) -> Sentences {
    (
        format!("{office}称条目 {entry} 提出了询问或异议，文件中却没有这一条"),
        format!(
            "{office} names entry {entry} as a question or objection, and the file does not hold it"
        ),
    )
}

pub(super) fn admission(office: &str, why: &str) -> Sentences {
    (
        format!("{office}导出的一条准入不能由根密钥证明：{why}"),
        format!("an admission that {office} exported is not proved from the root's key: {why}"),
    )
}

pub(super) fn entry(office: &str, why: &str) -> Sentences {
    (
        format!("{office}导出的条目不合格式：{why}"),
        format!("an entry that {office} exported is not well-formed: {why}"),
    )
}

pub(super) fn proof(office: &str, why: &str) -> Sentences {
    (
        format!("{office}导出的个别条目不能证明在其作者的记录簿中：{why}"),
        format!(
            "single entries that {office} exported are not proved in their author's journal: {why}"
        ),
    )
}

pub(super) fn not_admitted(office: &str) -> Sentences {
    (
        format!("{office}导出了一册没有准入证明的记录簿，其内容不可采信"),
        format!(
            "{office} exported a journal that no admission proves; nothing in it can be believed"
        ),
    )
}

pub(super) fn gap(office: &str) -> Sentences {
    (
        format!("{office}导出的记录簿从这里起缺少条目，或者条目不在其自称的位置"),
        format!(
            "from here on entries are missing in what {office} exported, or stand elsewhere than they say"
        ),
    )
}

pub(super) fn words(office: &str) -> Sentences {
    (
        format!("{office}导出了不应导出的正文"),
        format!("{office} exported words that no export may carry"),
    )
}

pub(super) fn root(office: &str) -> Sentences {
    (
        format!("{office}导出的条目与作者签署的树根不符：导出前被改动、删除或者损坏"),
        format!(
            "the entries that {office} exported do not lead to the root their author signed: altered, removed or damaged before the export"
        ),
    )
}

pub(super) fn head_signature(office: &str) -> Sentences {
    (
        format!("{office}导出的记录簿没有作者密钥签署的检查点"),
        format!("a journal that {office} exported has no head signed by its author's key"),
    )
}
