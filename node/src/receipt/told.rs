//! A verdict in sentences, Chinese and English, and as JSON for programs.

use jiff::Timestamp;
use serde_json::{Value, json};
use terrace_proto::division::DivisionCode;
use terrace_proto::receipt::Receipt;
use terrace_proto::receipt::verdict::{
    Answer, Fault, Lacking, Outcome, Point, Question, Shown, Verdict,
};
use terrace_proto::rules::Duty;

use crate::view::{hour, name_of};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

fn told(zh: impl Into<String>, en: impl Into<String>) -> Told {
    Told { zh: zh.into(), en: en.into() }
}

/// A duty by its code.
#[must_use]
pub fn duty(code: &str) -> Told {
    Duty::from_code(code).map_or_else(|| told(code, code), |duty| told(duty.zh(), duty.en()))
}

/// The whole in one sentence.
#[must_use]
pub fn outcome(verdict: &Verdict) -> Told {
    let office = name_of(verdict.receipt.office());
    match (verdict.outcome(), verdict.answerable()) {
        (Outcome::Holds, _) => told(
            format!("回执有效：{office}确实登记了这一件，并记在其记录簿中。"),
            format!("The receipt holds: {office} registered this and entered it in its journal."),
        ),
        (Outcome::Open, _) => told(
            "回执尚不能完全核实，原因见下。",
            "The receipt cannot be settled here yet; the reasons are below.",
        ),
        (Outcome::Fails, Some(_)) => told(
            format!("回执是真的，记录簿却与它不符：{office}必须作出说明。"),
            format!("The receipt is genuine and the journal contradicts it: {office} must answer."),
        ),
        (Outcome::Fails, None) => told(
            "所出示的内容不成立，不能据此认定任何单位有过错。",
            "What was shown does not hold; it puts no office in the wrong.",
        ),
    }
}

/// A question.
#[must_use]
pub fn question(question: Question) -> Told {
    match question {
        Question::Admitted => {
            told("出具单位的密钥是否由根节点逐级准入", "Does the root vouch for the office's key?")
        }
        Question::Signed => told("回执是否由该单位签署", "Did the office sign this receipt?"),
        Question::Intake => told(
            "所附登记是否就是回执所指",
            "Is the intake brought along the one the receipt names?",
        ),
        Question::InJournal => {
            told("是否记在该单位签署的记录簿中", "Does it stand in the journal the office signed?")
        }
        Question::Cosigned => told("是否另有单位副署", "Did others sign that journal?"),
        Question::Here => {
            told("本单位所存记录簿是否一致", "Does the journal held here say the same?")
        }
    }
}

/// The answer to a question.
#[must_use]
pub fn answer(point: &Point, office: DivisionCode) -> Told {
    match &point.answer {
        Answer::Holds(shown) => holds(shown),
        Answer::Open(lacking) => open(lacking, office),
        Answer::Fails(fault) => fails(fault, office),
    }
}

fn holds(shown: &Shown) -> Told {
    match shown {
        Shown::Plainly => told("是", "Yes"),
        Shown::AtSize(size) => told(
            format!("是，记录簿签署至第 {size} 条"),
            format!("Yes, signed up to {size} entries"),
        ),
        Shown::By(by) => {
            let list = |separator: &str| {
                let each = by
                    .iter()
                    .map(|(office, at)| format!("{} {}", name_of(*office), hour(seconds(*at))));
                each.collect::<Vec<_>>().join(separator)
            };
            told(format!("是：{}", list("、")), format!("Yes: {}", list(", ")))
        }
        Shown::Held { words: true } => told("是，正文也在", "Yes, with its words"),
        Shown::Held { words: false } => told(
            "是；正文未存于此或者已依法销毁",
            "Yes; its words are withheld here, or were erased",
        ),
    }
}

fn open(lacking: &Lacking, office: DivisionCode) -> Told {
    match lacking {
        Lacking::NoEvidence => told(
            "回执未附证明；请到任一存有该记录簿的单位核对",
            "The receipt brings no evidence; ask an office that holds the journal",
        ),
        Lacking::NoCosigner => {
            told("尚无；下次同步之后再来核对", "Not yet; ask again after the next sync")
        }
        Lacking::NotHeldHere => told(
            "本单位不存该记录簿；请向该单位的上级核对",
            "This office does not hold that journal; ask the office's superior",
        ),
        Lacking::NotYet { size, stored_at } => told(
            format!("尚未送达：本单位存至第 {size} 条{}", since(*stored_at, "，最近一次 ")),
            format!(
                "Not here yet: held up to {size} entries{}",
                since(*stored_at, ", last stored ")
            ),
        ),
        Lacking::NoKey => {
            let name = name_of(office);
            told(
                format!("此处没有{name}的密钥，回执也未附准入证明"),
                format!("No key of {name} is known here, and the receipt brings no admission"),
            )
        }
    }
}

fn fails(fault: &Fault, office: DivisionCode) -> Told {
    let name = name_of(office);
    match fault {
        Fault::Forged => told(
            "否：签名与内容不符，内容被改动或者并非该单位出具",
            "No: the signature does not fit the text; it was altered, or is not by this office",
        ),
        Fault::Chain(error) => {
            told(format!("否：所附准入证明不成立（{error}）"), format!("No: {error}"))
        }
        Fault::Proof(error) => {
            told(format!("否：所附证明不成立（{error}）"), format!("No: {error}"))
        }
        Fault::OtherIntake => told("否：所附的是另一条", "No: it is another entry"),
        Fault::Replaced { held } => told(
            format!("否：{name}签署的记录簿在该处是另一条（{held:?}），登记被删改，由{name}说明"),
            format!("No: {name} signed another entry at that place ({held:?}): {name} must answer"),
        ),
        Fault::TwoHistories { size } => told(
            format!("否：{name}在第 {size} 条处签署了两本不同的记录簿，由{name}说明"),
            format!(
                "No: {name} signed two different journals of {size} entries: {name} must answer"
            ),
        ),
        Fault::KeptBack { size, stored_at, hours } => told(
            format!(
                "否：登记已过 {hours} 小时，{name}报来的记录簿只到第 {size} 条{}，由{name}说明",
                since(*stored_at, "，最近一次 ")
            ),
            format!(
                "No: {hours} h after the registration {name} has given only {size} entries{}: {name} must answer",
                since(*stored_at, ", last stored ")
            ),
        ),
    }
}

fn since(at: Option<Timestamp>, words: &str) -> String {
    at.map(|at| format!("{words}{}", hour(at))).unwrap_or_default()
}

fn seconds(at: u64) -> Timestamp {
    i64::try_from(at).ok().and_then(|at| Timestamp::from_second(at).ok()).unwrap_or_default()
}

/// The verdict for programs.
#[must_use]
pub fn verdict(verdict: &Verdict) -> Value {
    let office = verdict.receipt.office();
    let points = verdict.points.iter().map(|point| {
        let (asked, said) = (question(point.question), answer(point, office));
        json!({
            "question": name(point.question),
            "answer": match point.answer {
                Answer::Holds(_) => "holds",
                Answer::Open(_) => "open",
                Answer::Fails(_) => "fails",
            },
            "zh": format!("{}：{}", asked.zh, said.zh),
            "en": format!("{} {}", asked.en, said.en),
        })
    });
    let whole = outcome(verdict);
    json!({
        "outcome": match verdict.outcome() {
            Outcome::Holds => "holds",
            Outcome::Open => "open",
            Outcome::Fails => "fails",
        },
        "answerable": verdict.answerable().map(DivisionCode::short),
        "zh": whole.zh,
        "en": whole.en,
        "receipt": receipt(&verdict.receipt),
        "points": points.collect::<Vec<_>>(),
    })
}

/// What a receipt says, for programs.
#[must_use]
pub fn receipt(receipt: &Receipt) -> Value {
    let due =
        receipt.due.iter().map(|due| json!({ "duty": due.code, "due_on": due.due_on.to_string() }));
    json!({
        "office": receipt.office().short(),
        "office_name": name_of(receipt.office()),
        "epoch": receipt.entry.journal.epoch.to_string(),
        "sequence": receipt.entry.sequence,
        "leaf": receipt.leaf.to_string(),
        "content": receipt.content.to_string(),
        "number": receipt.number.to_string(),
        "registered_at": receipt.registered_at.to_string(),
        "received_on": receipt.received_on.to_string(),
        "due": due.collect::<Vec<_>>(),
        "code": receipt.code(),
        "sms": sms(receipt),
    })
}

/// The short form: one SMS of at most 70 characters where the office's name is short.
#[must_use]
pub fn sms(receipt: &Receipt) -> String {
    let due =
        receipt.due.first().map(|due| format!("，{}前答复", due.due_on.strftime("%-m月%-d日")));
    format!(
        "【信访回执】{} 第{}条 码{}{}",
        receipt.number,
        receipt.entry.sequence,
        receipt.code(),
        due.unwrap_or_default()
    )
}

fn name(question: Question) -> &'static str {
    match question {
        Question::Admitted => "admitted",
        Question::Signed => "signed",
        Question::Intake => "intake",
        Question::InJournal => "in-journal",
        Question::Cosigned => "cosigned",
        Question::Here => "here",
    }
}
