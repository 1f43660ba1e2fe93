//! `case …`: register, look at and advance cases.

use clap::{Args, Subcommand};
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{
    self, ActRequest, Hand, IntakeRegistered, ListCasesRequest, RegisterRequest,
};

use super::lookup::{Find, Same};
use super::petitioner::{Erase, PetitionerArguments, Unseal};
use super::receipt::print_access_log;
use super::table::table;
use super::timeline::{Language, told};
use super::{Data, window};

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Register an intake and open its case / 登记
    Register(Register),
    /// Pass a case on / 转送
    Transfer(Hop),
    /// Pass a case on with a due date and a report back / 交办
    Assign(Assign),
    /// Confirm that a case has arrived / 签收
    Receive(Words),
    /// Take a case up / 受理
    Accept(Accept),
    /// Give the opinion / 作出处理意见
    Decide(Decide),
    /// Note that the opinion reached the petitioner / 送达
    Serve(Serve),
    /// Close the stage / 办结
    Close(Words),
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
    Show(Show),
    /// List cases / 列表
    List(List),
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
#[derive(Debug, Args)]
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

/// Register an intake.
#[derive(Debug, Args)]
pub struct Register {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Title / 标题
    #[arg(long)]
    title: String,
    /// Text / 内容
    #[arg(long, default_value = "")]
    text: String,
    /// Channel: LET, VIS, WEB, TEL, SMS, VID, FAX, EML, OTH / 信访形式
    #[arg(long, default_value = "VIS")]
    channel: String,
    /// Category / 内容分类
    #[arg(long, default_value = "")]
    category: String,
    /// Day the petitioner was received, if not today (YYYY-MM-DD) / 来访日期
    #[arg(long)]
    received_on: Option<Date>,
    /// Division where the problem lies, if not here / 问题属地
    #[arg(long)]
    place: Option<DivisionCode>,
    #[command(flatten)]
    petitioner: PetitionerArguments,
    /// Identifier in the source the record comes from; the same is registered once
    #[arg(long, default_value = "")]
    source: String,
    /// For programs
    #[arg(long)]
    json: bool,
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

/// Take a case up.
#[derive(Debug, Args)]
pub struct Accept {
    #[command(flatten)]
    subject: Subject,
    /// The notice to the petitioner / 受理告知
    #[arg(long, default_value = "")]
    words: String,
    /// Day by which the opinion is due
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

/// Show a case.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// Tell what happened in plain sentences / 用句子讲述经过
    #[arg(long)]
    timeline: bool,
    /// Language of the sentences
    #[arg(long, value_enum, default_value_t)]
    language: Language,
    /// For programs
    #[arg(long, conflicts_with = "timeline")]
    json: bool,
}

/// List cases.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// Only those this office holds now
    #[arg(long)]
    held: bool,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Behind this row of an earlier list
    #[arg(long, default_value = "")]
    after: String,
    /// For programs
    #[arg(long)]
    json: bool,
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
            Self::Receive(words) => {
                act(words.subject, Act::Receive(wire::Received { remark: words.words })).await
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
                let served = wire::Served { served_on: days_of(serve.on), method: serve.method };
                act(serve.subject, Act::Serve(served)).await
            }
            Self::Close(words) => {
                act(words.subject, Act::Close(wire::Closed { reason: words.words })).await
            }
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
    let Subject { data, case, hand, json } = subject;
    let request = ActRequest { hand: Some(hand.into()), case_name: case, act: Some(act) };
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

impl Register {
    async fn run(self) -> anyhow::Result<()> {
        let intake = IntakeRegistered {
            channel: self.channel,
            category: self.category,
            title: self.title,
            text: self.text,
            source: self.source,
            persons: 1,
            place: self.place.map_or(0, DivisionCode::number),
            ..IntakeRegistered::default()
        };
        let registration = wire::Registration {
            intake: Some(intake),
            received_on: self.received_on.map(days_of),
            closed: None,
            petitioners: self.petitioner.into_words()?,
        };
        let request =
            RegisterRequest { hand: Some(self.hand.into()), registrations: vec![registration] };
        for one in window(&self.data).await?.register(request).await?.registered {
            if self.json {
                let case = HEXLOWER_PERMISSIVE.encode(&one.case_id);
                let told = json!({
                    "number": one.number, "case": case, "known": one.known, "same": one.same,
                });
                println!("{told}");
                continue;
            }
            let word =
                if one.known { "早已登记 registered before" } else { "已登记 registered" };
            println!("{} {word}", one.number);
            if !one.same.is_empty() {
                let numbers = one.same.join(", ");
                println!(
                    "  同一信访人在同一地另有 the same petitioner about the same place: {numbers}"
                );
            }
        }
        Ok(())
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.show_case(&self.case).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let case: Value = serde_json::from_str(&json)?;
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        println!("{}  {} {}", word(&case["number"]), word(&case["state_zh"]), word(&case["state"]));
        println!("  持有 held by {}", word(&case["holder"]));
        if let Some(reason) = case["parked"].as_str() {
            println!("  搁置 parked: {reason}");
        }
        if case["contested"] == true {
            println!("  存争 contested: nobody can advance it until it is settled");
        }
        if self.timeline {
            told(&case, self.language).iter().for_each(|sentence| println!("{sentence}"));
            return Ok(());
        }
        if case["access_log"].as_array().is_some_and(|log| !log.is_empty()) {
            print_access_log(&case["access_log"]);
        }
        for step in case["timeline"].as_array().into_iter().flatten() {
            let aside =
                step["aside"].as_str().map(|aside| format!("  [{aside}]")).unwrap_or_default();
            let to = step["to"].as_str().map(|to| format!(" → {to}")).unwrap_or_default();
            println!(
                "  {}  {} {} {}{to}{aside}",
                word(&step["recorded_at"]),
                word(&step["author"]),
                word(&step["kind_zh"]),
                word(&step["kind"])
            );
        }
        Ok(())
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let request =
            ListCasesRequest { held_here: self.held, after: self.after, limit: self.limit };
        let json = window(&self.data).await?.list_cases(request).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let page: Value = serde_json::from_str(&json)?;
        let mut table =
            table(["编号 number", "标题 title", "状态 state", "持有 held by", "到期 due"]);
        for row in page["cases"].as_array().into_iter().flatten() {
            let word = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            table.add_row([
                word("number"),
                word("title"),
                word("state"),
                word("holder"),
                word("due_on"),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}
