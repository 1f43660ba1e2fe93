//! `case …`: register, look at and advance cases.

mod aftercare;
mod gate;
mod handling;
mod link;
mod package;
mod rating;
mod recusal;
mod register;
mod representation;
mod review;
mod showing;
mod supervision;

use clap::{Args, Subcommand, ValueEnum};
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::civil::Date;
use serde_json::json;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{self, ActRequest, Hand};

use super::lookup::{Find, Same};
use super::petitioner::{Erase, Unseal};
use super::{Data, window};
pub(super) use link::leaf;
pub(super) use package::LeaderArguments;

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Register an intake and open its case / 登记
    Register(Box<register::Register>),
    /// Pass a case on / 转送
    Transfer(Hop),
    /// Pass a case on with a due date and a report back / 交办
    Assign(Assign),
    /// Confirm that a case has arrived / 签收
    Receive(Receive),
    /// Take a case up / 受理
    Accept(Accept),
    /// Give the opinion / 作出处理意见
    Decide(Decide),
    /// Note that the opinion reached the petitioner / 送达
    Serve(Serve),
    /// Close the stage / 办结
    Close(Close),
    #[command(flatten)]
    Gate(gate::GateCommand),
    #[command(flatten)]
    Handling(handling::HandlingCommand),
    #[command(flatten)]
    Review(review::ReviewCommand),
    #[command(flatten)]
    Supervision(supervision::SupervisionCommand),
    #[command(flatten)]
    Link(link::LinkCommand),
    #[command(flatten)]
    Recusal(recusal::RecusalCommand),
    #[command(flatten)]
    Representation(representation::RepresentationCommand),
    #[command(flatten)]
    Package(package::PackageCommand),
    #[command(flatten)]
    Aftercare(aftercare::AftercareCommand),
    /// Take down what the petitioner says of how it was dealt with; sealed past the unit / 评价
    Rate(rating::Rate),
    /// Add a note / 备注
    Note(Words),
    /// Settle a contested case / 裁定
    Settle(Settle),
    /// Open who the petitioner is, for a purpose that goes on record / 启封
    Unseal(Unseal),
    /// Find the cases of a petitioner who has no receipt at hand / 查找
    Find(Find),
    /// Show whether the same petitioner has brought other cases about the same place / 比对
    Same(Same),
    /// Destroy the key of a case, by two officers / 销毁密钥
    Erase(Erase),
    /// Show a case with its timeline / 查看
    Show(showing::Show),
    /// List cases / 列表
    List(showing::List),
}

/// Who acts, and on which case.
#[derive(Debug, Args)]
pub(super) struct Subject {
    #[command(flatten)]
    pub(super) data: Data,
    /// Case number, or the 32 digits of its id
    pub(super) case: String,
    #[command(flatten)]
    pub(super) hand: HandArguments,
    /// For programs
    #[arg(long)]
    pub(super) json: bool,
}

/// Who acts.
#[derive(Debug, Clone, Args)]
pub(super) struct HandArguments {
    /// Organ on this office that acts; none is the petition office
    #[arg(long, default_value = "")]
    organ: String,
    /// Staff number
    #[arg(long, default_value = "")]
    officer: String,
    /// Staff number of the officer in whose name it is done
    #[arg(long, default_value = "")]
    on_behalf_of: String,
}

impl From<HandArguments> for Hand {
    fn from(hand: HandArguments) -> Self {
        Self { organ: hand.organ, officer: hand.officer, on_behalf_of: hand.on_behalf_of }
    }
}

/// Pass a case on.
#[derive(Debug, Args)]
pub struct Hop {
    #[command(flatten)]
    subject: Subject,
    /// Division that shall have it, short or 12 digits
    #[arg(long)]
    to: String,
    /// Organ there; none is the petition office
    #[arg(long, default_value = "")]
    to_organ: String,
    /// Why / 理由
    #[arg(long, default_value = "")]
    words: String,
}

/// Pass a case on with a due date.
#[derive(Debug, Args)]
pub struct Assign {
    #[command(flatten)]
    hop: Hop,
    /// Day by which the report is due (YYYY-MM-DD)
    #[arg(long)]
    due: Date,
}

/// A step with a few words.
#[derive(Debug, Args)]
pub struct Words {
    #[command(flatten)]
    subject: Subject,
    /// Words / 说明
    #[arg(long, default_value = "")]
    words: String,
}

/// Confirm that a case has arrived.
#[derive(Debug, Args)]
pub struct Receive {
    #[command(flatten)]
    subject: Subject,
    /// Words / 说明
    #[arg(long, default_value = "")]
    words: String,
    /// Day it came, if another day (YYYY-MM-DD) / 收到日期
    #[arg(long)]
    arrived_on: Option<Date>,
}

/// Close the stage, once an opinion was served; or answer directly, or file.
#[derive(Debug, Args)]
pub struct Close {
    #[command(flatten)]
    subject: Subject,
    /// Words / 说明
    #[arg(long, default_value = "")]
    words: String,
    /// Answer directly with these words / 直接回复
    #[arg(long, default_value = "", conflicts_with = "file")]
    reply: String,
    /// File it, no action is needed; the words say why / 存
    #[arg(long)]
    file: bool,
}

/// Take a case up.
#[derive(Debug, Args)]
pub struct Accept {
    #[command(flatten)]
    subject: Subject,
    /// The notice to the petitioner / 受理告知
    #[arg(long, default_value = "")]
    words: String,
    /// Promise the opinion by an earlier day than the law's (YYYY-MM-DD) / 承诺期限
    #[arg(long)]
    due: Option<Date>,
}

/// Give the opinion.
#[derive(Debug, Args)]
pub struct Decide {
    #[command(flatten)]
    subject: Subject,
    /// 1 supported 支持, 2 explained 解释说明, 3 not supported 不予支持
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3))]
    outcome: u32,
    /// Facts found / 认定事实
    #[arg(long, default_value = "")]
    facts: String,
    /// The opinion / 处理意见
    #[arg(long)]
    opinion: String,
    /// Legal basis / 法律依据
    #[arg(long, default_value = "")]
    basis: String,
}

/// Note that the opinion reached the petitioner.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    subject: Subject,
    /// Day of service (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
    /// 0 in person 当面, 1 by post 邮寄, 2 other 其他
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=2))]
    method: u32,
    /// Who took it / 收件人
    #[arg(long, value_enum, default_value = "petitioner")]
    taken_by: Taker,
}

/// Who takes what is served.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Taker {
    /// 信访人
    Petitioner = 0,
    /// 代理人
    Agent = 1,
    /// 同住成年家属
    Household = 2,
}

/// Settle a contested case.
#[derive(Debug, Args)]
pub struct Settle {
    #[command(flatten)]
    subject: Subject,
    /// The entry that shall apply: 64 hexadecimal digits, as `case show` prints them
    #[arg(long)]
    applies: String,
    /// Why / 理由
    #[arg(long, default_value = "")]
    words: String,
}

impl CaseCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Register(register) => register.run().await,
            Self::Transfer(hop) => {
                let (subject, hop) = hop.into_parts(None);
                act(subject, Act::Transfer(hop)).await
            }
            Self::Assign(assign) => {
                let (subject, hop) = assign.hop.into_parts(Some(days_of(assign.due)));
                act(subject, Act::Assign(hop)).await
            }
            Self::Receive(receive) => {
                let Receive { subject, words, arrived_on } = receive;
                let arrived_on = arrived_on.map(days_of);
                let received =
                    wire::Received { remark: words, arrived_on, ..wire::Received::default() };
                act(subject, Act::Receive(received)).await
            }
            Self::Accept(accept) => {
                let due_on = accept.due.map(days_of);
                let accepted =
                    wire::Accepted { notice: accept.words, due_on, ..wire::Accepted::default() };
                act(accept.subject, Act::Accept(accepted)).await
            }
            Self::Decide(decide) => {
                let Decide { subject, outcome, facts, opinion, basis } = decide;
                act(subject, Act::Decide(wire::Decided { outcome, facts, opinion, basis })).await
            }
            Self::Serve(serve) => {
                let served = wire::Served {
                    served_on: days_of(serve.on),
                    method: serve.method,
                    received_by: serve.taken_by as u32,
                    ..wire::Served::default()
                };
                act(serve.subject, Act::Serve(served)).await
            }
            Self::Close(close) => {
                let manner = u32::from(!close.reply.is_empty()) + 2 * u32::from(close.file);
                let closed = wire::Closed { reason: close.words, manner, reply: close.reply };
                act(close.subject, Act::Close(closed)).await
            }
            Self::Gate(gate) => gate.run().await,
            Self::Handling(handling) => handling.run().await,
            Self::Review(review) => review.run().await,
            Self::Supervision(supervision) => supervision.run().await,
            Self::Link(link) => link.run().await,
            Self::Recusal(recusal) => recusal.run().await,
            Self::Package(package) => package.run().await,
            Self::Aftercare(aftercare) => aftercare.run().await,
            Self::Rate(rate) => rate.run().await,
            Self::Representation(representation) => representation.run().await,
            Self::Note(words) => {
                act(words.subject, Act::Note(wire::Noted { text: words.words })).await
            }
            Self::Settle(settle) => {
                let applies = HEXLOWER_PERMISSIVE
                    .decode(settle.applies.as_bytes())
                    .map_err(|_| anyhow::anyhow!("--applies takes 64 hexadecimal digits"))?;
                act(settle.subject, Act::Settle(wire::Settle { applies, reason: settle.words }))
                    .await
            }
            Self::Unseal(unseal) => unseal.run().await,
            Self::Erase(erase) => erase.run().await,
            Self::Find(find) => find.run().await,
            Self::Same(same) => same.run().await,
            Self::Show(show) => show.run().await,
            Self::List(list) => list.run().await,
        }
    }
}

impl Hop {
    fn into_parts(self, due_on: Option<i32>) -> (Subject, wire::Hop) {
        let hop = wire::Hop { division: self.to, organ: self.to_organ, words: self.words, due_on };
        (self.subject, hop)
    }
}

pub(super) async fn act(subject: Subject, act: Act) -> anyhow::Result<()> {
    signed(subject, act, String::new()).await
}

/// Puts an entry of the procedure on record.
async fn say(subject: Subject, content: Content) -> anyhow::Result<()> {
    say_with_code(subject, content, String::new()).await
}

/// The same with the petitioner's code.
async fn say_with_code(subject: Subject, content: Content, code: String) -> anyhow::Result<()> {
    let body = wire::Body { salt: Vec::new(), content: Some(content) };
    signed(subject, Act::Say(body), code).await
}

async fn signed(subject: Subject, act: Act, code: String) -> anyhow::Result<()> {
    let Subject { data, case, hand, json } = subject;
    let request = ActRequest { hand: Some(hand.into()), case_name: case, act: Some(act), code };
    let done = window(&data).await?.act(request).await?;
    let holder = DivisionCode::from_number(done.holder);
    if json {
        let told = json!({
            "number": done.number,
            "leaf": HEXLOWER_PERMISSIVE.encode(&done.leaf),
            "sequence": done.sequence,
            "holder": holder.ok().filter(|_| done.holder != 0).map(|holder| holder.short()),
        });
        println!("{told}");
        return Ok(());
    }
    match holder {
        Ok(holder) if done.holder != 0 => {
            println!(
                "{} 已记 recorded, 持有 held by {} {}",
                done.number,
                holder.short(),
                crate::view::name_of(holder)
            );
        }
        Ok(_) | Err(_) => println!("{} 已记 recorded", done.number),
    }
    Ok(())
}

/// An organ as it is named on the command line: division:organ; the petition office without the organ.
fn holder(text: &str) -> anyhow::Result<wire::Holder> {
    let (division, organ) = text.split_once(':').unwrap_or((text, ""));
    let division: DivisionCode =
        division.trim().parse().map_err(|error| anyhow::anyhow!("{text}: {error}"))?;
    Ok(wire::Holder { division: division.number(), organ: organ.trim().to_owned() })
}
