//! `case …` at the gate: sort, divert, refuse, dispute, suggestions.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::{Subject, Words, leaf, say};

/// What the gate decides.
#[derive(Debug, Subcommand)]
pub enum GateCommand {
    /// Look at a case and sort it / 甄别
    Triage(Triage),
    /// Bring a case onto its statutory route / 导入法定途径
    Divert(Divert),
    /// Note that the body on the statutory route has it / 承接确认
    Acknowledge(Acknowledge),
    /// Not accept a case, here and now / 不予受理
    Refuse(Refuse),
    /// No longer accept a case that was concluded / 不再受理
    RefuseFinal(RefuseFinal),
    /// Say that a case is not this office's matter / 提出异议
    Dispute(Dispute),
    /// Agree that it is not the receiver's matter / 同意异议
    AgreeDispute(Words),
    /// Not agree to that / 驳回异议
    RejectDispute(Words),
    /// Take it as a suggestion / 转为建议
    Suggest(Suggest),
    /// Adopt the suggestion, in whole, in part or not / 答复建议
    AnswerSuggestion(AnswerSuggestion),
    /// Note that it goes on sealed, as a report (taken in with `accusation take`) / 转检举控告
    TurnToReport(Words),
}

/// Look at a case and sort it.
#[derive(Debug, Args)]
pub struct Triage {
    #[command(flatten)]
    subject: Subject,
    /// Purpose / 信访目的
    #[arg(long, default_value = "")]
    purpose: String,
    /// Category / 内容分类
    #[arg(long, default_value = "")]
    category: String,
    /// Office that must deal with it / 有权处理机关
    #[arg(long)]
    competent: Option<DivisionCode>,
    /// Statutory route: S1 to S6 / 法定途径
    #[arg(long, default_value = "")]
    route: String,
    /// Urgent or major / 紧急、重大
    #[arg(long)]
    urgent: bool,
    /// Words / 说明
    #[arg(long, default_value = "")]
    words: String,
}

/// Bring a case onto its statutory route.
#[derive(Debug, Args)]
pub struct Divert {
    #[command(flatten)]
    subject: Subject,
    /// Statutory route: S1 to S5 / 法定途径
    #[arg(long)]
    route: String,
    /// Body that receives it / 承接机关
    #[arg(long)]
    body: String,
    /// Words / 说明
    #[arg(long, default_value = "")]
    words: String,
}

/// Note that the body on the statutory route has it.
#[derive(Debug, Args)]
pub struct Acknowledge {
    #[command(flatten)]
    subject: Subject,
    /// Body / 承接机关
    #[arg(long)]
    body: String,
    /// Reference number there / 文号
    #[arg(long, default_value = "")]
    reference: String,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
}

/// Not accept a case.
#[derive(Debug, Args)]
pub struct Refuse {
    #[command(flatten)]
    subject: Subject,
    /// Ground: NA-NPC, NA-STAT, NA-LEVEL, NA-PENDING, NA-REPS, NA-UNCLEAR / 情形
    #[arg(long)]
    code: String,
    /// Competent office, for NA-LEVEL / 有权处理机关
    #[arg(long)]
    competent: Option<DivisionCode>,
    /// Body to go to, for NA-NPC and NA-STAT / 应向何机关提出
    #[arg(long, default_value = "")]
    body: String,
    /// Number of the case in progress, for NA-PENDING / 正在办理的事项
    #[arg(long, default_value = "")]
    pending: String,
    /// Last day of its term, if it is not held here (YYYY-MM-DD)
    #[arg(long)]
    pending_until: Option<Date>,
    /// Reason in other words than the rule pack's / 理由
    #[arg(long, default_value = "")]
    words: String,
}

/// No longer accept a case.
#[derive(Debug, Args)]
pub struct RefuseFinal {
    #[command(flatten)]
    subject: Subject,
    /// Ground: NL-FINAL, NL-LAPSED, NL-AGREED / 情形
    #[arg(long)]
    code: String,
    /// Number of the certificate, or of the agreement / 终结证书或者协议编号
    #[arg(long, default_value = "")]
    certificate: String,
    /// Staff number of the officer who compared facts and grounds / 比对人
    #[arg(long)]
    compared_by: String,
    /// Day of service, for NL-LAPSED (YYYY-MM-DD)
    #[arg(long)]
    served_on: Option<Date>,
    /// Why the cause given is no good one, for NL-LAPSED / 逾期理由不成立
    #[arg(long, default_value = "")]
    cause_refused: String,
    /// Reason in other words than the rule pack's / 理由
    #[arg(long, default_value = "")]
    words: String,
}

/// Say that a case is not this office's matter.
#[derive(Debug, Args)]
pub struct Dispute {
    #[command(flatten)]
    subject: Subject,
    /// Why / 理由
    #[arg(long)]
    words: String,
    /// Office whose matter it is / 应由何机关办理
    #[arg(long)]
    competent: Option<DivisionCode>,
}

/// Take it as a suggestion.
#[derive(Debug, Args)]
pub struct Suggest {
    #[command(flatten)]
    words: Words,
    /// The campaign it was sent in for: 64 hexadecimal digits, as `roll campaigns` prints them / 征集活动
    #[arg(long)]
    campaign: Option<String>,
}

/// Answer a suggestion.
#[derive(Debug, Args)]
pub struct AnswerSuggestion {
    #[command(flatten)]
    subject: Subject,
    /// adopted 采纳, partly 部分采纳, declined 未采纳
    #[arg(long, value_enum)]
    adoption: Adoption,
    /// The reply / 答复
    #[arg(long)]
    reply: String,
    /// What an adopted one is honoured with / 奖励
    #[arg(long, default_value = "")]
    reward: String,
}

/// Whether a suggestion is adopted.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Adoption {
    /// In whole
    Adopted,
    /// In part
    Partly,
    /// Not
    Declined,
}

fn number(code: Option<DivisionCode>) -> u64 {
    code.map_or(0, DivisionCode::number)
}

impl GateCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Triage(triage) => triage.run().await,
            Self::Divert(Divert { subject, route, body, words }) => {
                let said = wire::Diverted { route, body, reason: words, ..Default::default() };
                say(subject, Content::Diverted(said)).await
            }
            Self::Acknowledge(Acknowledge { subject, body, reference, on }) => {
                let acknowledged_on = days_of(on);
                let said = wire::HandoverAcknowledged { body, reference, acknowledged_on };
                say(subject, Content::HandoverAcknowledged(said)).await
            }
            Self::Refuse(refuse) => refuse.run().await,
            Self::RefuseFinal(refuse) => refuse.run().await,
            Self::Dispute(Dispute { subject, words, competent }) => {
                let said = wire::Disputed { reason: words, competent: number(competent) };
                say(subject, Content::Disputed(said)).await
            }
            Self::AgreeDispute(Words { subject, words }) => {
                say(subject, Content::DisputeAgreed(wire::DisputeAgreed { reason: words })).await
            }
            Self::RejectDispute(Words { subject, words }) => {
                let said = wire::DisputeRejected { reason: words, due: Vec::new() };
                say(subject, Content::DisputeRejected(said)).await
            }
            Self::Suggest(Suggest { words: Words { subject, words }, campaign }) => {
                let campaign = campaign.as_deref().map(leaf).transpose()?.unwrap_or_default();
                let said = wire::SuggestionTaken { reason: words, campaign };
                say(subject, Content::SuggestionTaken(said)).await
            }
            Self::AnswerSuggestion(AnswerSuggestion { subject, adoption, reply, reward }) => {
                let content = match adoption {
                    Adoption::Adopted => {
                        Content::SuggestionAdopted(wire::SuggestionAdopted { reply, reward })
                    }
                    Adoption::Partly => {
                        Content::SuggestionPartlyAdopted(wire::SuggestionPartlyAdopted {
                            reply,
                            reward,
                        })
                    }
                    Adoption::Declined => {
                        Content::SuggestionDeclined(wire::SuggestionDeclined { reply })
                    }
                };
                say(subject, content).await
            }
            Self::TurnToReport(words) => {
                say(words.subject, Content::TurnedToReport(wire::TurnedToReport {})).await
            }
        }
    }
}

impl Triage {
    async fn run(self) -> anyhow::Result<()> {
        let said = wire::Triaged {
            purpose: self.purpose,
            category: self.category,
            competent: number(self.competent),
            route: self.route,
            urgent: self.urgent,
            level: 0,
            reason: self.words,
        };
        say(self.subject, Content::Triaged(said)).await
    }
}

impl Refuse {
    async fn run(self) -> anyhow::Result<()> {
        let said = wire::NotAccepted {
            code: self.code,
            reason: self.words,
            guide_to: self.competent.map(DivisionCode::number).into_iter().collect(),
            body: self.body,
            pending_case: self.pending,
            pending_until: self.pending_until.map(days_of),
            ..wire::NotAccepted::default()
        };
        say(self.subject, Content::NotAccepted(said)).await
    }
}

impl RefuseFinal {
    async fn run(self) -> anyhow::Result<()> {
        let said = wire::NoLongerAccepted {
            code: self.code,
            reason: self.words,
            certificate: self.certificate,
            compared_by: self.compared_by,
            served_on: self.served_on.map(days_of),
            cause_refused: self.cause_refused,
            ..wire::NoLongerAccepted::default()
        };
        say(self.subject, Content::NoLongerAccepted(said)).await
    }
}
