//! `hall …`: leaders' reception days, and the tickets of a hall (接访与叫号).

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::Data;
use super::case::{HandArguments, LeaderArguments, leaf};
use super::roll::enter;

/// What can be done at a hall.
#[derive(Debug, Subcommand)]
pub enum HallCommand {
    /// Announce a day on which a leader receives visitors / 接访公告
    Announce(Announce),
    /// Draw a ticket for a visitor / 取号
    Ticket(Ticket),
    /// Call a ticket at a window / 叫号
    Call(Call),
}

/// Announce a day.
#[derive(Debug, Args)]
pub struct Announce {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    #[command(flatten)]
    leader: LeaderArguments,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
    /// Where / 地点
    #[arg(long)]
    place: String,
    /// How many cases can be heard / 可约件数
    #[arg(long)]
    seats: u32,
    /// How
    #[arg(long, value_enum, default_value = "reception")]
    form: ReceptionForm,
    /// Topics / 主题
    #[arg(long, default_value = "")]
    topics: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// How a leader receives.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ReceptionForm {
    /// 坐班接访
    Reception = 1,
    /// 下访
    GoingDown = 2,
    /// 约访
    Invitation = 3,
    /// 专题接访
    Topic = 4,
    /// 联合接访
    Joint = 5,
}

/// Draw a ticket.
#[derive(Debug, Args)]
pub struct Ticket {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// What the visitor comes with
    #[arg(long, value_enum)]
    sort: Sort,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What a ticket or a window is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Sort {
    /// 信访
    Petition = 1,
    /// 涉法涉诉
    LawRelated = 2,
    /// 联合接访
    Joint = 3,
}

/// Call a ticket.
#[derive(Debug, Args)]
pub struct Call {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// The ticket: 64 hexadecimal digits, as `roll tickets` prints them
    entry: String,
    /// The window / 窗口
    #[arg(long)]
    window: String,
    /// What the window is for
    #[arg(long, value_enum)]
    sort: Sort,
    /// Nothing is to be registered for it
    #[arg(long, value_enum)]
    end: Option<TicketEnd>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Why nothing is registered for a ticket.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TicketEnd {
    /// 过号
    Nobody = 1,
    /// 检举控告已密封收件
    Sealed = 2,
}

impl HallCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Announce(one) => {
                let said = wire::ReceptionAnnounced {
                    leader: Some(one.leader.into()),
                    held_on: days_of(one.on),
                    place: one.place,
                    seats: one.seats,
                    form: one.form as u32,
                    topics: one.topics,
                };
                enter(&one.data, one.hand, Content::ReceptionAnnounced(said), one.json).await
            }
            Self::Ticket(one) => {
                let said = wire::TicketDrawn { number: 0, sort: one.sort as u32 };
                enter(&one.data, one.hand, Content::TicketDrawn(said), one.json).await
            }
            Self::Call(one) => {
                let (ticket, sort) = (leaf(&one.entry)?, one.sort as u32);
                let outcome = one.end.map_or(0, |end| end as u32);
                let said = wire::TicketCalled { ticket, window: one.window, sort, outcome };
                enter(&one.data, one.hand, Content::TicketCalled(said), one.json).await
            }
        }
    }
}
