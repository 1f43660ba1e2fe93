//! `expert …`: the list of experts from which panels are drawn by lot (复查复核专家人才库).

use clap::{Args, Subcommand};
use jiff::civil::Date;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::Data;
use super::case::HandArguments;
use super::case::leaf;
use super::roll::enter;

/// What can be done with the list.
#[derive(Debug, Subcommand)]
pub enum ExpertCommand {
    /// Put an expert on this office's list, for itself and all below / 入库
    Enlist(Enlist),
    /// Take an expert off it / 出库
    Remove(Remove),
}

/// Put an expert on the list.
#[derive(Debug, Args)]
pub struct Enlist {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Name / 姓名
    name: String,
    /// Field / 专业
    #[arg(long)]
    field: String,
    /// Division of the organ where the expert serves, if at one / 所在机关的区划
    #[arg(long, requires = "at_organ")]
    at: Option<DivisionCode>,
    /// That organ / 所在机关
    #[arg(long, default_value = "")]
    at_organ: String,
    /// Unit, in words / 单位
    #[arg(long, default_value = "")]
    unit: String,
    /// Last day on the list (YYYY-MM-DD) / 任期至
    #[arg(long)]
    until: Option<Date>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Take an expert off the list.
#[derive(Debug, Args)]
pub struct Remove {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// The enlisting: 64 hexadecimal digits, as `roll experts` prints them
    entry: String,
    /// Why / 理由
    #[arg(long)]
    words: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl ExpertCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Enlist(one) => {
                let organ = one.at.map(|division| wire::Holder {
                    division: division.number(),
                    organ: one.at_organ.clone(),
                });
                let said = wire::ExpertEnlisted {
                    name: one.name,
                    field: one.field,
                    organ,
                    unit: one.unit,
                    until_on: one.until.map(days_of),
                };
                enter(&one.data, one.hand, Content::ExpertEnlisted(said), one.json).await
            }
            Self::Remove(one) => {
                let said = wire::ExpertRemoved { expert: leaf(&one.entry)?, reason: one.words };
                enter(&one.data, one.hand, Content::ExpertRemoved(said), one.json).await
            }
        }
    }
}
