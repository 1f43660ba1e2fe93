//! `case …` in review and re-examination, and threads that a superior opens.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use terrace_proto::digest::CaseId;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::{Subject, Words, holder, leaf, say};

/// Review, re-examination, and taking a case up.
#[derive(Debug, Subcommand)]
pub enum ReviewCommand {
    /// Take down the petitioner's request for review or re-examination / 申请复查、复核
    RequestReview(RequestReview),
    /// Take a review up, one level above the handler / 复查受理
    Review(Words),
    /// Take a re-examination up, one level above the reviewer / 复核受理
    Reexamine(Words),
    /// Decline a request for review or re-examination / 不予受理复查、复核申请
    DeclineRequest(DeclineRequest),
    /// Give the opinion of a review or re-examination / 复查、复核意见
    DecideReview(DecideReview),
    /// Record that the petitioner's window passed unused / 逾期未申请
    Lapse(Lapse),
    /// Order a case to be handled anew after its opinion was revoked / 责令重新办理
    Redo(Redo),
    /// Judge whether what is brought up again after the end is new / 新的事实
    JudgeFacts(JudgeFacts),
    /// Take a case up from below, or reverse a decision below / 提级办理、纠正
    TakeUp(TakeUp),
}

/// Take down a request.
#[derive(Debug, Args)]
pub struct RequestReview {
    #[command(flatten)]
    subject: Subject,
    /// The petitioner's grounds / 申请理由
    #[arg(long)]
    grounds: String,
    /// Day the request came (YYYY-MM-DD) / 收到申请日期
    #[arg(long)]
    on: Date,
    /// Why it comes late, if it does / 逾期的正当理由
    #[arg(long, default_value = "")]
    late_cause: String,
    /// Of whom it is asked, one level above: division:organ; the government there if it is left out / 复查、复核机关
    #[arg(long)]
    of: Option<String>,
}

/// Decline a request.
#[derive(Debug, Args)]
pub struct DeclineRequest {
    #[command(flatten)]
    words: Words,
    /// The request: 64 hexadecimal digits, as `case show --json` prints them
    #[arg(long)]
    entry: String,
    /// On what ground
    #[arg(long, value_enum)]
    ground: Declining,
}

/// Why a request is not taken up.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Declining {
    /// 逾期且无正当理由
    Late = 1,
    /// 不属于可以复查、复核的事项
    NotReviewable = 2,
    /// 不属于本机关复查、复核
    NotOurs = 3,
}

/// Give the opinion of a review.
#[derive(Debug, Args)]
pub struct DecideReview {
    #[command(flatten)]
    subject: Subject,
    /// Outcome
    #[arg(long, value_enum)]
    outcome: Outcome,
    /// Facts found / 认定事实
    #[arg(long)]
    facts: String,
    /// The opinion / 意见
    #[arg(long)]
    opinion: String,
    /// Legal basis / 法律依据
    #[arg(long)]
    basis: String,
    /// Number of the termination certificate; one is given if it is left out / 终结证书编号
    #[arg(long, default_value = "")]
    certificate: String,
}

/// What a review decides.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Outcome {
    /// 维持
    Uphold = 1,
    /// 变更
    Change = 2,
    /// 撤销并责令重新办理
    Revoke = 3,
}

/// Record a lapse.
#[derive(Debug, Args)]
pub struct Lapse {
    #[command(flatten)]
    subject: Subject,
    /// Last day of the window (YYYY-MM-DD) / 期限届满日
    #[arg(long)]
    ended_on: Date,
    /// Words / 说明
    #[arg(long, default_value = "")]
    words: String,
}

/// Order a redo.
#[derive(Debug, Args)]
pub struct Redo {
    #[command(flatten)]
    subject: Subject,
    /// Why / 理由
    #[arg(long)]
    words: String,
    /// It was revoked for its facts or basis: the same conclusion on the same facts is forbidden
    #[arg(long)]
    other_conclusion: bool,
}

/// Judge whether it is new.
#[derive(Debug, Args)]
pub struct JudgeFacts {
    #[command(flatten)]
    subject: Subject,
    /// The new case, 32 hexadecimal digits of its id; none where there are no new facts
    #[arg(long)]
    new_case: Option<CaseId>,
    /// Why / 理由
    #[arg(long)]
    words: String,
}

/// Take a case up.
#[derive(Debug, Args)]
pub struct TakeUp {
    #[command(flatten)]
    subject: Subject,
    /// Ground
    #[arg(long, value_enum)]
    ground: Ground,
    /// Why / 理由
    #[arg(long)]
    words: String,
}

/// Ground on which a superior takes a case up.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Ground {
    /// 下级逾期
    Overdue = 1,
    /// 下级失联
    Silent = 2,
    /// 提级办理
    Raised = 3,
    /// 纠正下级的决定
    Reversal = 4,
    /// 指定牵头
    Lead = 5,
    /// 接管失联单位的事项
    Lost = 6,
}

impl ReviewCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::RequestReview(RequestReview { subject, grounds, on, late_cause, of }) => {
                let requested_on = days_of(on);
                let said = wire::ReviewRequested {
                    grounds,
                    late_cause,
                    requested_on,
                    asked_of: of.as_deref().map(holder).transpose()?,
                    ..wire::ReviewRequested::default()
                };
                say(subject, Content::ReviewRequested(said)).await
            }
            Self::DeclineRequest(DeclineRequest {
                words: Words { subject, words },
                entry,
                ground,
            }) => {
                let (request, ground) = (leaf(&entry)?, ground as u32);
                let said = wire::RequestDeclined { request, ground, reason: words };
                say(subject, Content::RequestDeclined(said)).await
            }
            Self::Review(Words { subject, words }) => {
                let said = wire::ReviewOpened { remark: words };
                say(subject, Content::ReviewOpened(said)).await
            }
            Self::Reexamine(Words { subject, words }) => {
                let said = wire::ReexamOpened { remark: words };
                say(subject, Content::ReexamOpened(said)).await
            }
            Self::DecideReview(decide) => {
                let DecideReview { subject, outcome, facts, opinion, basis, certificate } = decide;
                let outcome = outcome as u32;
                let said = wire::ReviewDecided { outcome, facts, opinion, basis, certificate };
                say(subject, Content::ReviewDecided(said)).await
            }
            Self::Lapse(Lapse { subject, ended_on, words }) => {
                let window_ended_on = days_of(ended_on);
                let said = wire::Lapsed { reason: words, window_ended_on };
                say(subject, Content::Lapsed(said)).await
            }
            Self::Redo(Redo { subject, words, other_conclusion }) => {
                let said = wire::RedoOrdered { reason: words, other_conclusion };
                say(subject, Content::RedoOrdered(said)).await
            }
            Self::JudgeFacts(JudgeFacts { subject, new_case, words }) => {
                let said = wire::FactsJudged {
                    new_facts: new_case.is_some(),
                    reasons: words,
                    case_id: new_case.map(|case| case.0.to_vec()).unwrap_or_default(),
                };
                say(subject, Content::FactsJudged(said)).await
            }
            Self::TakeUp(TakeUp { subject, ground, words }) => {
                let ground = ground as u32;
                let said = wire::TakenUp { ground, reason: words, due: Vec::new() };
                say(subject, Content::TakenUp(said)).await
            }
        }
    }
}
