//! `national`: the figures of the whole country, what they hold for, and their proof (ADR 0029).
//!
//! It reads the root's store beside the running office and writes nothing but what it is asked to publish.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what commands do")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use terrace_node::command::figures::{Asked, show};
use terrace_node::command::watching::Watching;
use terrace_node::command::{Data, FOUND};
use terrace_node::figure::publication::{CUT, Publication, TABLE};
use terrace_node::figure::recount::{Wanted, recount};
use terrace_node::figure::{Figures, cutting};
use terrace_proto::division::Tree;
use terrace_proto::entry::JournalId;
use terrace_proto::figure::table::Table;

/// What can be asked of the national view.
#[derive(Debug, Subcommand)]
pub enum NationalCommand {
    /// The figures of a division and those right below it, beside the year before / 统计表
    Show(Show),
    /// Write a table with its coverage and the signed cut behind it into a new folder / 公布
    Publish(Publish),
    /// Count a published table again from the journals; exit code 3 if it is another / 重新统计
    Recompute(Recompute),
}

/// Which figures, and as of when.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    asked: Asked,
    /// As of this hour, such as 2026-03-31T24:00+08:00: counted anew from what had been stored by then / 截至
    #[arg(long)]
    as_of: Option<Timestamp>,
}

/// What is published, and where.
#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    show: Show,
    /// The folder to make / 公布目录
    folder: PathBuf,
}

/// What is counted again.
#[derive(Debug, Args)]
pub struct Recompute {
    /// The signed cut of a publication: its file, or the folder / 截面文件
    cut: PathBuf,
    #[command(flatten)]
    data: Data,
}

/// Where figures as they stand are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// At a server that stands by, where there is one.
    Copy,
    /// Out of the store itself: what is signed must not hang on what was done to a copy.
    Original,
}

impl NationalCommand {
    /// Does it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being done.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show(asked) => asked.run().await.map(|()| ExitCode::SUCCESS),
            Self::Publish(publish) => publish.run().await.map(|()| ExitCode::SUCCESS),
            Self::Recompute(recompute) => recompute.run().await,
        }
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let publication = self.publication(Source::Copy).await?;
        show(&publication.table, &publication.coverage, self.asked.json);
        Ok(())
    }

    /// What is to be told: out of the cells as they stand, or counted anew as of an hour.
    async fn publication(&self, from: Source) -> anyhow::Result<Publication> {
        let (me, of) = self.asked.divisions()?;
        let store = self.asked.store().await?;
        let (store, period, now) = (store.as_ref(), self.asked.period, Timestamp::now());
        let Some(at) = self.as_of else {
            let figures = match from {
                Source::Copy => Figures::of(store, me).await?,
                Source::Original => Figures::of_original(store, me).await?,
            };
            let cut = cutting::present(figures.view()).await?;
            let table = figures.table(of, period, now).await?;
            let coverage = figures.coverage(of, now).await?;
            return Ok(Publication { table, coverage, cut, of, period });
        };
        anyhow::ensure!(at <= now, "尚未到该时刻 {at} has not come yet");
        let figures = Figures::of_original(store, me).await?;
        let (cut, passed) = (cutting::at(figures.view(), at).await?, period.passed(at));
        let mut watching = Watching::new();
        let wanted = Wanted::of_table(of, passed);
        let counted = recount(figures.view(), (me, &wanted), &cut, &mut watching).await;
        watching.end();
        let table = Table::of(Tree::national(), of, passed, &counted?.tally);
        let coverage = figures.coverage_at(of, at).await?;
        Ok(Publication { table, coverage, cut, of, period })
    }
}

impl Publish {
    async fn run(self) -> anyhow::Result<()> {
        let publication = self.show.publication(Source::Original).await?;
        let (by, signer) = keys(self.show.asked.data())?;
        let signed = publication.write(&self.folder, by, &signer)?;
        let (cut, journals) = (signed.cut(), signed.cut().heads().count());
        println!(
            "已公布 published: {} 册 journals, {} 条 entries, 统计表 table {}: {}",
            journals,
            cut.entries(),
            signed.counted().table,
            self.folder.display()
        );
        Ok(())
    }
}

impl Recompute {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let path = if self.cut.is_dir() { self.cut.join(CUT) } else { self.cut.clone() };
        let folder = self.data.folder();
        let (config, ..) = folder.config()?;
        let store = folder.store(&config).open_to_read().await?;
        let view = store.frozen().await?;
        let (by, signer) = keys(&self.data)?;
        let mut watching = Watching::new();
        let signed = (by, &signer.public());
        let checked = Publication::check(view.as_ref(), &path, signed, &mut watching).await;
        watching.end();
        let checked = checked?;
        let (entries, cases) = (checked.recounted.entries, checked.recounted.cases);
        println!("重新统计 counted again: {entries} 条 entries, {cases} 件 cases");
        let beside = path.parent().unwrap_or(Path::new(".")).join(TABLE);
        // The note says what was published; a table that lies beside it may have been altered since, or be gone.
        let published = std::fs::read(&beside);
        let gone = published.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound);
        let same = published.is_ok_and(|bytes| bytes == checked.table.as_bytes());
        let altered = checked.same && !same && !gone;
        if gone {
            println!(
                "旁边没有统计表文件，仅按签名核对 no table lies beside the cut: it is checked by its signed digest alone"
            );
        }
        if checked.same && !altered {
            println!("与公布的统计表逐字节一致 the table is the published one, byte for byte");
            return Ok(ExitCode::SUCCESS);
        }
        if altered {
            println!("统计表文件已被改动 {} is not the table that was signed", beside.display());
        } else {
            println!(
                "与公布的统计表不一致 the table is not the published one; counted again it is:"
            );
            println!("{}", checked.table);
        }
        Ok(ExitCode::from(FOUND))
    }
}

/// The root's journal and its key.
fn keys(data: &Data) -> anyhow::Result<(JournalId, terrace_proto::key::Signer)> {
    let folder = data.folder();
    let (_, author, epoch) = folder.config()?;
    Ok((JournalId { author, epoch }, folder.keys(author)?.journal))
}
