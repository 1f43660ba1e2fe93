//! `case …` while a unit handles it: inquiries, hearings, more time, agreements, withdrawal, execution.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::{Subject, Words, say, say_with_code};

/// What a unit does in handling.
#[derive(Debug, Subcommand)]
pub enum HandlingCommand {
    /// Record an inquiry / 调查核实
    Inquire(Inquire),
    /// Record that a hearing began or ended / 听证
    Hearing(Hearing),
    /// Prolong handling once, approved by the head of the organ / 延长办理期限
    Extend(Extend),
    /// Use the simple procedure, where a rule of the case grants it / 适用简易办理
    Simple(Words),
    /// Report at once what is urgent and important, to all superiors / 紧急重大事项报告
    ReportUrgent(ReportUrgent),
    /// Record a settlement or mediation agreement / 达成协议
    Agree(Agree),
    /// Withdraw, as the petitioner, with the code / 撤回
    Withdraw(Withdraw),
    /// Take a withdrawal back, as the petitioner, with the code / 收回撤回
    UndoWithdrawal(Withdraw),
    /// Record whether the opinion was carried out / 执行
    Execute(Execute),
}

/// Record an inquiry.
#[derive(Debug, Args)]
pub struct Inquire {
    #[command(flatten)]
    subject: Subject,
    /// How
    #[arg(long, value_enum)]
    form: Form,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
    /// The record / 记录
    #[arg(long)]
    record: String,
}

/// A form of inquiry.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Form {
    /// 调查
    Investigation = 1,
    /// 听证
    Hearing = 2,
    /// 调解
    Mediation = 3,
    /// 会商
    Consultation = 4,
    /// 会审
    JointReview = 5,
}

/// Record that a hearing began or ended.
#[derive(Debug, Args)]
pub struct Hearing {
    #[command(flatten)]
    subject: Subject,
    /// Whether it began or ended
    #[arg(long, value_enum)]
    phase: Phase,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
    /// The record / 记录
    #[arg(long, default_value = "")]
    record: String,
}

/// Beginning or end.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Phase {
    /// 开始
    Start,
    /// 结束
    Stop,
}

/// Prolong handling.
#[derive(Debug, Args)]
pub struct Extend {
    #[command(flatten)]
    subject: Subject,
    /// Why / 理由
    #[arg(long)]
    words: String,
    /// Staff number of the head of the organ, who approved it / 批准人
    #[arg(long)]
    approver: String,
    /// Until this day, if less than the whole term is needed (YYYY-MM-DD) / 延长至
    #[arg(long)]
    until: Option<Date>,
}

/// Report something urgent.
#[derive(Debug, Args)]
pub struct ReportUrgent {
    #[command(flatten)]
    words: Words,
    /// What is being done / 处置措施
    #[arg(long)]
    measures: String,
}

/// Record an agreement.
#[derive(Debug, Args)]
pub struct Agree {
    #[command(flatten)]
    subject: Subject,
    /// It came about by mediation, not between the parties alone / 调解
    #[arg(long)]
    mediated: bool,
    /// The agreement / 协议内容
    #[arg(long)]
    text: String,
    /// Day by which it is to be performed (YYYY-MM-DD)
    #[arg(long)]
    perform_by: Option<Date>,
}

/// Withdraw, or take that back.
#[derive(Debug, Args)]
pub struct Withdraw {
    #[command(flatten)]
    subject: Subject,
    /// The petitioner's code; kept nowhere / 查询码
    #[arg(long, env = "TERRACE_CODE", hide_env_values = true)]
    code: String,
    /// Why / 理由
    #[arg(long, default_value = "")]
    words: String,
}

/// Record whether the opinion was carried out.
#[derive(Debug, Args)]
pub struct Execute {
    #[command(flatten)]
    subject: Subject,
    /// It was not carried out / 未执行
    #[arg(long)]
    not_done: bool,
    /// What shows it, or why not / 凭据或者原因
    #[arg(long)]
    evidence: String,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
}

impl HandlingCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Inquire(Inquire { subject, form, on, record }) => {
                let said = wire::Inquired { form: form as u32, record, held_on: days_of(on) };
                say(subject, Content::Inquired(said)).await
            }
            Self::Hearing(Hearing { subject, phase, on, record }) => {
                let content = match phase {
                    Phase::Start => Content::HearingStarted(wire::HearingStarted {
                        started_on: days_of(on),
                        record,
                    }),
                    Phase::Stop => Content::HearingStopped(wire::HearingStopped {
                        stopped_on: days_of(on),
                        record,
                        due: Vec::new(),
                    }),
                };
                say(subject, content).await
            }
            Self::Extend(Extend { subject, words, approver, until }) => {
                let (due, until_on) = (Vec::new(), until.map(days_of));
                let said = wire::Extended { reason: words, approver, due, until_on };
                say(subject, Content::Extended(said)).await
            }
            Self::Simple(Words { subject, words }) => {
                let said = wire::SimpleChosen { reason: words, due: Vec::new() };
                say(subject, Content::SimpleChosen(said)).await
            }
            Self::ReportUrgent(ReportUrgent { words: Words { subject, words }, measures }) => {
                let said = wire::UrgentReported { words, measures };
                say(subject, Content::UrgentReported(said)).await
            }
            Self::Agree(Agree { subject, mediated, text, perform_by }) => {
                let form = if mediated { 2 } else { 1 };
                let perform_by = perform_by.map(days_of);
                let said = wire::AgreementReached { form, text, perform_by };
                say(subject, Content::AgreementReached(said)).await
            }
            Self::Withdraw(Withdraw { subject, code, words }) => {
                let said = wire::Withdrawn { reason: words, ..wire::Withdrawn::default() };
                say_with_code(subject, Content::Withdrawn(said), code).await
            }
            Self::UndoWithdrawal(Withdraw { subject, code, words }) => {
                let said = wire::WithdrawalUndone { reason: words, signature: Vec::new() };
                say_with_code(subject, Content::WithdrawalUndone(said), code).await
            }
            Self::Execute(Execute { subject, not_done, evidence, on }) => {
                let executed_on = days_of(on);
                let said = wire::Executed { done: !not_done, evidence, executed_on };
                say(subject, Content::Executed(said)).await
            }
        }
    }
}
