//! `case …` beside the thread: supervision, reports back, proposals, corrections.

use clap::{Args, Subcommand, ValueEnum};
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::civil::Date;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::{Subject, say};

/// What offices ask of each other, and answer.
#[derive(Debug, Subcommand)]
pub enum SupervisionCommand {
    /// Supervise the office that holds a case / 督办
    Supervise(Supervise),
    /// Answer a supervision / 督办反馈
    AnswerSupervision(Answer),
    /// Report back on an assignment / 办结报告
    ReportBack(Answer),
    /// Review such a report, or return it for redo / 报告审核
    JudgeReport(JudgeReport),
    /// Propose to improve work or policy, or to hold to account / 三项建议
    Propose(Propose),
    /// Answer a proposal / 建议反馈
    AnswerProposal(AnswerProposal),
    /// Set a slip of an own entry right; nothing is removed / 更正
    Correct(Correct),
}

/// Supervise.
#[derive(Debug, Args)]
pub struct Supervise {
    #[command(flatten)]
    subject: Subject,
    /// Why
    #[arg(long, value_enum)]
    trigger: Trigger,
    /// How
    #[arg(long, value_enum, default_value = "notice")]
    rung: Rung,
    /// What is asked / 要求
    #[arg(long)]
    words: String,
}

/// What a supervision is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Trigger {
    /// 无正当理由逾期
    Overdue = 1,
    /// 未反馈
    Feedback = 2,
    /// 违反程序
    Procedure = 3,
    /// 推诿拖延
    Shirking = 4,
    /// 未执行意见
    NotExecuted = 5,
    /// 弄虚作假
    Falsification = 6,
    /// 其他
    Other = 7,
}

/// A rung of the ladder of supervision.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Rung {
    /// 提醒
    Notice = 1,
    /// 督办单
    Sheet = 2,
    /// 约谈
    Interview = 3,
    /// 通报
    Bulletin = 4,
    /// 挂牌督办
    Listed = 5,
    /// 追责建议
    Accountability = 6,
}

/// Answer an entry.
#[derive(Debug, Args)]
pub struct Answer {
    #[command(flatten)]
    subject: Subject,
    /// The entry: 64 hexadecimal digits, as `case show --json` prints them
    #[arg(long)]
    entry: String,
    /// The words / 内容
    #[arg(long)]
    words: String,
    /// What was asked is not adopted; the words say why / 不采纳
    #[arg(long)]
    not_adopted: bool,
}

/// Review a report.
#[derive(Debug, Args)]
pub struct JudgeReport {
    #[command(flatten)]
    subject: Subject,
    /// The report: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// The words / 意见
    #[arg(long)]
    words: String,
    /// Return it, to be reported on again by this day (YYYY-MM-DD) / 退回重办
    #[arg(long)]
    redo_by: Option<Date>,
}

/// Propose.
#[derive(Debug, Args)]
pub struct Propose {
    #[command(flatten)]
    subject: Subject,
    /// What kind of proposal
    #[arg(long, value_enum)]
    form: ProposalForm,
    /// To which division
    #[arg(long)]
    to: DivisionCode,
    /// Organ there; none is the petition office
    #[arg(long, default_value = "")]
    to_organ: String,
    /// The words / 内容
    #[arg(long)]
    words: String,
}

/// The three kinds of proposals.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ProposalForm {
    /// 改进工作
    Work = 1,
    /// 完善政策
    Policy = 2,
    /// 追究责任
    Accountability = 3,
}

/// Answer a proposal.
#[derive(Debug, Args)]
pub struct AnswerProposal {
    #[command(flatten)]
    subject: Subject,
    /// The proposal: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// 1 adopted 采纳, 2 in part 部分采纳, 3 not 未采纳
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3))]
    adoption: u32,
    /// The words / 反馈
    #[arg(long)]
    words: String,
}

/// Set a slip right.
#[derive(Debug, Args)]
pub struct Correct {
    #[command(flatten)]
    subject: Subject,
    /// The entry: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// What in it / 更正项
    #[arg(long)]
    field: String,
    /// How it was written / 原为
    #[arg(long, default_value = "")]
    wrong: String,
    /// How it should read / 应为
    #[arg(long)]
    right: String,
    /// Why / 理由
    #[arg(long)]
    words: String,
}

/// The leaf hash of an entry.
fn leaf(text: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes());
    let bytes = bytes.ok().filter(|bytes| bytes.len() == 32);
    bytes.ok_or_else(|| anyhow::anyhow!("--entry takes 64 hexadecimal digits"))
}

impl SupervisionCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Supervise(Supervise { subject, trigger, rung, words }) => {
                let said = wire::Supervised {
                    trigger: trigger as u32,
                    rung: rung as u32,
                    words,
                    ..wire::Supervised::default()
                };
                say(subject, Content::Supervised(said)).await
            }
            Self::AnswerSupervision(Answer { subject, entry, words, not_adopted }) => {
                let supervision = leaf(&entry)?;
                let said = wire::SupervisionAnswered { supervision, adopted: !not_adopted, words };
                say(subject, Content::SupervisionAnswered(said)).await
            }
            Self::ReportBack(Answer { subject, entry, words, .. }) => {
                let said = wire::ReportedBack { assignment: leaf(&entry)?, report: words };
                say(subject, Content::ReportedBack(said)).await
            }
            Self::JudgeReport(JudgeReport { subject, entry, words, redo_by }) => {
                let due =
                    redo_by.map(|day| wire::Due { due_on: days_of(day), ..wire::Due::default() });
                let said = wire::ReportJudged {
                    report: leaf(&entry)?,
                    returned: due.is_some(),
                    words,
                    due: due.into_iter().collect(),
                };
                say(subject, Content::ReportJudged(said)).await
            }
            Self::Propose(Propose { subject, form, to, to_organ, words }) => {
                let to = Some(wire::Holder { division: to.number(), organ: to_organ });
                let said = wire::Proposed { form: form as u32, words, to, due: Vec::new() };
                say(subject, Content::Proposed(said)).await
            }
            Self::AnswerProposal(AnswerProposal { subject, entry, adoption, words }) => {
                let said = wire::ProposalAnswered { proposal: leaf(&entry)?, adoption, words };
                say(subject, Content::ProposalAnswered(said)).await
            }
            Self::Correct(Correct { subject, entry, field, wrong, right, words }) => {
                let entry = leaf(&entry)?;
                let said = wire::Corrected { entry, field, wrong, right, reason: words };
                say(subject, Content::Corrected(said)).await
            }
        }
    }
}
