//! `case register`: one intake, and the case it opens.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::civil::Date;
use serde_json::json;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::{self, IntakeRegistered, RegisterRequest};

use super::{HandArguments, leaf};
use crate::command::petitioner::PetitionerArguments;
use crate::command::{Data, window};

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
    /// Channel: LET, VIS, WEB, TEL, SMS, VID, FAX, EML, APP, WCH, OTH / 信访形式
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
    /// Persons who came / 人次
    #[arg(long, default_value_t = 1)]
    persons: u32,
    /// Representatives of a joint visit / 代表人数
    #[arg(long, default_value_t = 0)]
    representatives: u32,
    /// Agents who brought it for the petitioner; those whom --petitioner names as agents are counted / 代理人数
    #[arg(long, default_value_t = 0)]
    agents: u32,
    /// Scan of their written mandate: its SHA-256 goes on record, the file stays where it is / 委托书
    #[arg(long, value_name = "FILE")]
    mandate: Option<PathBuf>,
    /// The announced day on which a leader received them: 64 hexadecimal digits, as `roll receptions` prints them / 领导接访
    #[arg(long)]
    reception: Option<String>,
    /// The ticket of the hall: 64 hexadecimal digits, as `roll tickets` prints them / 取号
    #[arg(long)]
    ticket: Option<String>,
    /// Number of the slip filled in by hand / 手工单号
    #[arg(long, default_value = "")]
    slip: String,
    #[command(flatten)]
    petitioner: PetitionerArguments,
    /// Identifier in the source the record comes from; the same is registered once
    #[arg(long, default_value = "")]
    source: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Register {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let named = |text: Option<String>| text.map(|text| leaf(&text)).transpose();
        let intake = IntakeRegistered {
            agents: self.agents,
            mandate: self.mandate.as_deref().map(digest).transpose()?.unwrap_or_default(),
            reception: named(self.reception)?.unwrap_or_default(),
            ticket: named(self.ticket)?.unwrap_or_default(),
            channel: self.channel,
            category: self.category,
            title: self.title,
            text: self.text,
            source: self.source,
            persons: self.persons,
            representatives: self.representatives,
            slip: self.slip,
            place: self.place.map_or(0, DivisionCode::number),
            ..IntakeRegistered::default()
        };
        let registration = wire::Registration {
            intake: Some(intake),
            received_on: self.received_on.map(days_of),
            past: None,
            petitioners: self.petitioner.into_words()?,
            coded: true,
        };
        let request =
            RegisterRequest { hand: Some(self.hand.into()), registrations: vec![registration] };
        for one in window(&self.data).await?.register(request).await?.registered {
            if self.json {
                let case = HEXLOWER_PERMISSIVE.encode(&one.case_id);
                let told = json!({
                    "number": one.number, "case": case, "known": one.known, "same": one.same,
                    "code": one.code,
                });
                println!("{told}");
                continue;
            }
            let word =
                if one.known { "早已登记 registered before" } else { "已登记 registered" };
            println!("{} {word}", one.number);
            if !one.code.is_empty() {
                println!(
                    "  信访人查询码（只显示一次，交信访人） the petitioner's code, shown this once: {}",
                    one.code
                );
            }
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

/// The SHA-256 of a file.
fn digest(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(Digest::of(&[&bytes]).0.to_vec())
}
