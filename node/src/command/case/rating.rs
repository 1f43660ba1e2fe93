//! `case rate`: what the petitioner says of how the case was dealt with.

use clap::{Args, ValueEnum};
use terrace_proto::wire;
use terrace_proto::wire::act_request::Act;

use super::{Subject, signed};

/// Take down what the petitioner says; sealed past the unit.
#[derive(Debug, Args)]
pub struct Rate {
    #[command(flatten)]
    subject: Subject,
    /// The petitioner's code / 查询码
    #[arg(long)]
    code: String,
    /// Of the unit that gave the opinion / 责任单位
    #[arg(long, value_enum)]
    unit: Grade,
    /// Of the petition office / 信访部门
    #[arg(long, value_enum)]
    office: Grade,
    /// Why / 原因
    #[arg(long, default_value = "")]
    words: String,
}

/// How content somebody is, by the number of the national record.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Grade {
    /// 满意
    Satisfied = 0,
    /// 基本满意
    Basically = 1,
    /// 不满意
    Dissatisfied = 3,
}

impl Rate {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self { subject, code, unit, office, words } = self;
        let words =
            wire::RatingWords { of_unit: unit as u32, of_office: office as u32, reason: words };
        signed(subject, Act::Rate(words), code).await
    }
}
