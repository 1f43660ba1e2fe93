//! Who speaks for petitioners: representatives whom they elected, agents who act for them.

use clap::{Args, Subcommand};
use terrace_proto::entry::Content;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{self, Election};

use super::{Subject, act, say_with_code};
use crate::command::petitioner::PetitionerArguments;

/// What can be recorded about who speaks.
#[derive(Debug, Subcommand)]
pub enum RepresentationCommand {
    /// Take down whom those who petition jointly have elected / 推选代表
    Elect(Elect),
    /// The petitioner confirms with the code that the agents act for the petitioner, or ends it / 确认或者解除委托
    StateMandate(StateMandate),
}

/// Who was elected.
#[derive(Debug, Args)]
pub struct Elect {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    representatives: PetitionerArguments,
    /// Persons they speak for / 人数
    #[arg(long)]
    persons: u32,
}

/// What the petitioner says of the agents.
#[derive(Debug, Args)]
pub struct StateMandate {
    #[command(flatten)]
    subject: Subject,
    /// The petitioner's code; kept nowhere / 查询码
    #[arg(long, env = "TERRACE_CODE", hide_env_values = true)]
    code: String,
    /// The agents act for the petitioner no longer / 解除委托
    #[arg(long)]
    end: bool,
}

impl RepresentationCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Elect(Elect { subject, representatives, persons }) => {
                let representatives = representatives.into_words()?;
                act(subject, Act::Elect(Election { representatives, persons })).await
            }
            Self::StateMandate(StateMandate { subject, code, end }) => {
                let said = wire::MandateStated { given: !end, ..wire::MandateStated::default() };
                say_with_code(subject, Content::MandateStated(said), code).await
            }
        }
    }
}
