//! `case …` about what comes with a case and after it: leaders' receptions and instructions, help, publication.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::link::leaf;
use super::package::LeaderArguments;
use super::{Subject, Words, say, say_with_code};

/// What comes with a case and after it.
#[derive(Debug, Subcommand)]
pub enum AftercareCommand {
    /// Book a case for a leader's reception day / 预约接访
    BookReception(Book),
    /// Put on record what a leader says is to be done / 批示
    Instruct(Instruct),
    /// Offer help after the end, or put on record that it was declined / 帮扶
    OfferAssistance(Offer),
    /// Put on record what came of it / 帮扶结果
    EndAssistance(End),
    /// Take down whether the petitioner agrees to publication, with the code / 公开意愿
    ConsentPublication(Consent),
    /// Put on record that a piece about the case appeared, without who it is about / 刊播
    Publish(Publish),
}

/// Book.
#[derive(Debug, Args)]
pub struct Book {
    #[command(flatten)]
    subject: Subject,
    /// The announcement: 64 hexadecimal digits, as `roll receptions` prints them
    #[arg(long)]
    entry: String,
}

/// Instruct.
#[derive(Debug, Args)]
pub struct Instruct {
    #[command(flatten)]
    words: Words,
    #[command(flatten)]
    leader: LeaderArguments,
    /// How the leader came to it
    #[arg(long, value_enum)]
    form: InstructionForm,
    /// Day by which the leader wants to hear (YYYY-MM-DD) / 反馈期限
    #[arg(long)]
    due: Option<Date>,
    /// The announced day, where it was one: 64 hexadecimal digits
    #[arg(long)]
    reception: Option<String>,
}

/// How a leader came to a case.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum InstructionForm {
    /// 阅批来信
    Letter = 1,
    /// 接访
    Visitor = 2,
    /// 阅批网信
    Online = 3,
}

/// Offer help.
#[derive(Debug, Args)]
pub struct Offer {
    #[command(flatten)]
    subject: Subject,
    /// What kind of help
    #[arg(long, value_enum, required_unless_present = "declined", conflicts_with = "declined")]
    form: Option<Help>,
    /// Who helps / 帮扶单位
    #[arg(long, default_value = "", conflicts_with = "declined")]
    by: String,
    /// With what / 内容
    #[arg(long, default_value = "", conflicts_with = "declined")]
    words: String,
    /// It was declined; nothing else is kept / 谢绝
    #[arg(long)]
    declined: bool,
}

/// A kind of help.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Help {
    /// 心理疏导
    Counselling = 1,
    /// 困难救助
    Aid = 2,
    /// 回归帮扶
    Return = 3,
}

/// What came of it.
#[derive(Debug, Args)]
pub struct End {
    #[command(flatten)]
    words: Words,
    /// The offer: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
}

/// Whether the petitioner agrees.
#[derive(Debug, Args)]
pub struct Consent {
    #[command(flatten)]
    subject: Subject,
    /// The petitioner's code / 查询码
    #[arg(long)]
    code: String,
    /// The petitioner does not agree, or takes it back / 不同意
    #[arg(long)]
    not: bool,
}

/// A piece appeared.
#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    words: Words,
    /// The campaign: 64 hexadecimal digits, as `roll campaigns` prints them
    #[arg(long)]
    campaign: String,
    /// The consent: 64 hexadecimal digits, as `case show --json` prints them
    #[arg(long)]
    consent: String,
    /// Number of the issue / 期次
    #[arg(long)]
    issue: u32,
    /// Title / 标题
    #[arg(long)]
    title: String,
    /// Where: television, press, SMS, WeChat, brochure / 媒介
    #[arg(long)]
    channel: String,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
}

impl AftercareCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::BookReception(Book { subject, entry }) => {
                let said = wire::ReceptionBooked { reception: leaf(&entry)? };
                say(subject, Content::ReceptionBooked(said)).await
            }
            Self::Instruct(instruct) => {
                let Words { subject, words } = instruct.words;
                let reception = instruct.reception.as_deref().map(leaf).transpose()?;
                let said = wire::Instructed {
                    leader: Some(instruct.leader.into()),
                    form: instruct.form as u32,
                    words,
                    due_on: instruct.due.map(days_of),
                    reception: reception.unwrap_or_default(),
                };
                say(subject, Content::Instructed(said)).await
            }
            Self::OfferAssistance(Offer { subject, form, by, words, declined }) => {
                let form = form.map_or(0, |form| form as u32);
                let said = wire::AssistanceOffered { form, by, words, declined };
                say(subject, Content::AssistanceOffered(said)).await
            }
            Self::EndAssistance(End { words: Words { subject, words }, entry }) => {
                let said = wire::AssistanceEnded { offer: leaf(&entry)?, outcome: words };
                say(subject, Content::AssistanceEnded(said)).await
            }
            Self::ConsentPublication(Consent { subject, code, not }) => {
                let said = wire::PublicationConsented { consented: !not, ..Default::default() };
                say_with_code(subject, Content::PublicationConsented(said), code).await
            }
            Self::Publish(publish) => {
                let Words { subject, words } = publish.words;
                let said = wire::CasePublished {
                    campaign: leaf(&publish.campaign)?,
                    consent: leaf(&publish.consent)?,
                    issue: publish.issue,
                    title: publish.title,
                    text: words,
                    channel: publish.channel,
                    published_on: days_of(publish.on),
                };
                say(subject, Content::CasePublished(said)).await
            }
        }
    }
}
