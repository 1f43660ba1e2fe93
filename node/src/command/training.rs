//! `training …`: courses for officers, and the modules they open (培训准入).

use clap::{Args, Subcommand};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::Data;
use super::case::{HandArguments, leaf};
use super::roll::enter;

/// Courses, which open modules to those who pass them.
#[derive(Debug, Subcommand)]
pub enum TrainingCommand {
    /// Open a course; from then on its modules are for those who have passed it / 开设课程
    Open(Open),
    /// Put on record that a course was held / 培训
    Hold(Hold),
}

/// Open a course.
#[derive(Debug, Args)]
pub struct Open {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Its name / 课程
    name: String,
    /// A module it opens: intake, routing, handling, supervision, review; may be given several times / 模块
    #[arg(long = "module", required = true)]
    modules: Vec<String>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Put a course on record.
#[derive(Debug, Args)]
pub struct Hold {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// The course: 64 hexadecimal digits, as `roll training` prints them
    entry: String,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
    /// Staff number of whoever passed; may be given several times / 合格
    #[arg(long)]
    passed: Vec<String>,
    /// Staff number of whoever attended and did not pass / 未合格
    #[arg(long)]
    attended: Vec<String>,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl TrainingCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Open(one) => {
                let said = wire::CourseOpened { name: one.name, modules: one.modules };
                enter(&one.data, one.hand, Content::CourseOpened(said), one.json).await
            }
            Self::Hold(one) => {
                let attended = one.passed.iter().chain(&one.attended).cloned().collect();
                let (course, held_on) = (leaf(&one.entry)?, days_of(one.on));
                let said = wire::TrainingHeld { course, held_on, attended, passed: one.passed };
                enter(&one.data, one.hand, Content::TrainingHeld(said), one.json).await
            }
        }
    }
}
