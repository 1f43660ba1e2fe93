//! `case …` about other cases that belong with a case.

use clap::{Args, Subcommand, ValueEnum};
use data_encoding::HEXLOWER_PERMISSIVE;
use terrace_proto::entry::Content;
use terrace_proto::wire;

use super::{Subject, Words, say};

/// What other cases belong with a case.
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// Link a case to another one that it belongs with / 关联
    Link(Link),
    /// Undo a link of this office / 解除关联
    Unlink(Unlink),
}

/// Link.
#[derive(Debug, Args)]
pub struct Link {
    #[command(flatten)]
    subject: Subject,
    /// The other case: its number, or the 32 digits of its id
    #[arg(long)]
    with: String,
    /// How they belong together
    #[arg(long, value_enum)]
    relation: Relation,
    /// What shows it / 理由
    #[arg(long)]
    words: String,
}

/// How two cases belong together.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Relation {
    /// 同一事项
    Same = 1,
    /// 新的事实
    NewFacts = 2,
    /// 相关
    Related = 3,
}

/// Undo a link.
#[derive(Debug, Args)]
pub struct Unlink {
    #[command(flatten)]
    words: Words,
    /// The link: 64 hexadecimal digits, as `case show --json` prints them
    #[arg(long)]
    entry: String,
}

impl LinkCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Link(Link { subject, with, relation, words }) => {
                let relation = relation as u32;
                let said = wire::CasesLinked {
                    number: with,
                    relation,
                    reason: words,
                    ..wire::CasesLinked::default()
                };
                say(subject, Content::CasesLinked(said)).await
            }
            Self::Unlink(Unlink { words: Words { subject, words }, entry }) => {
                let said = wire::LinkUndone { link: leaf(&entry)?, reason: words };
                say(subject, Content::LinkUndone(said)).await
            }
        }
    }
}

/// An entry as it is named on the command line.
pub(crate) fn leaf(text: &str) -> anyhow::Result<Vec<u8>> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    let bytes = bytes.filter(|bytes| bytes.len() == 32);
    bytes.ok_or_else(|| anyhow::anyhow!("an entry is named by 64 hexadecimal digits"))
}
