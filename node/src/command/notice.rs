//! `notice …`: the documents of a case, on a screen, in a folder, as PDF; and an office's own templates.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::Timestamp;
use serde_json::json;
use terrace_proto::wire::NoticeShown;

use super::table::table;
use super::{Data, window};
use crate::notice::form::Form;
use crate::notice::printing::Printer;
use crate::notice::template::BUILT_IN;
use crate::view::hour;

/// What can be done with notices.
#[derive(Debug, Subcommand)]
pub enum NoticeCommand {
    /// The documents of a case / 文书清单
    List(List),
    /// Write documents of a case into a folder, as HTML and as PDF / 打印文书
    Print(Print),
    /// Lay the program's templates into the office's folder, to be changed there / 文书模板
    Templates(Templates),
}

/// The documents of a case.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Write documents of a case.
#[derive(Debug, Args)]
pub struct Print {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// Only this form, by the code that `notice list` shows
    #[arg(long)]
    form: Option<String>,
    /// Only the document of this act, by the beginning of its leaf hash
    #[arg(long)]
    entry: Option<String>,
    /// The folder to write into; it is made where it is not there
    #[arg(long, default_value = ".")]
    to: PathBuf,
    /// Print each as PDF besides, with an installed chromium
    #[arg(long)]
    pdf: bool,
}

/// Lay out the templates.
#[derive(Debug, Args)]
pub struct Templates {
    #[command(flatten)]
    data: Data,
}

impl NoticeCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(list) => list.run().await,
            Self::Print(print) => print.run().await,
            Self::Templates(templates) => templates.run(),
        }
    }
}

fn leaf(notice: &NoticeShown) -> String {
    HEXLOWER_PERMISSIVE.encode(&notice.leaf)
}

fn made(notice: &NoticeShown) -> String {
    Timestamp::from_millisecond(notice.made_at).map(hour).unwrap_or_default()
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let notices = window(&self.data).await?.show_notices(&self.case).await?;
        if self.json {
            let rows = notices.iter().map(|notice| {
                json!({
                    "form": notice.form, "title": notice.title_en, "title_zh": notice.title_zh,
                    "leaf": leaf(notice), "made_at": made(notice), "problem": notice.problem,
                })
            });
            println!("{}", json!({ "notices": rows.collect::<Vec<_>>() }));
            return Ok(());
        }
        let mut rows = table(["文书 document", "代码 form", "时间 made", "条目 entry"]);
        for notice in &notices {
            let title = format!("{} {}", notice.title_zh, notice.title_en);
            let short: String = leaf(notice).chars().take(12).collect();
            rows.add_row([title, notice.form.clone(), made(notice), short]);
        }
        println!("{rows}");
        Ok(())
    }
}

impl Print {
    async fn run(self) -> anyhow::Result<()> {
        if let Some(form) = self.form.as_deref().filter(|form| Form::from_code(form).is_none()) {
            let known: Vec<&str> = Form::all().map(Form::code).collect();
            anyhow::bail!("--form {form}: no such form; there are {}", known.join(", "));
        }
        let mut notices = window(&self.data).await?.show_notices(&self.case).await?;
        notices.retain(|notice| {
            self.form.as_ref().is_none_or(|form| *form == notice.form)
                && self.entry.as_ref().is_none_or(|entry| leaf(notice).starts_with(entry.as_str()))
        });
        anyhow::ensure!(
            !notices.is_empty(),
            "没有可打印的文书 no document: nothing of this case is a written act yet, or not of this form"
        );
        std::fs::create_dir_all(&self.to).with_context(|| self.to.display().to_string())?;
        let printer = if self.pdf { Some(Printer::find()) } else { None };
        let mut problems = 0;
        for notice in &notices {
            match write(&self.to, notice, printer.as_ref().and_then(|found| found.as_ref().ok())) {
                Ok(files) => files.iter().for_each(|file| println!("{}", file.display())),
                Err(error) => {
                    problems += 1;
                    eprintln!("{} {}: {error:#}", notice.title_zh, notice.form);
                }
            }
        }
        if let Some(Err(error)) = printer {
            return Err(error.into());
        }
        anyhow::ensure!(problems == 0, "{problems} of {} were not written", notices.len());
        Ok(())
    }
}

/// Writes one document; gives the files.
fn write(
    folder: &Path,
    notice: &NoticeShown,
    printer: Option<&Printer>,
) -> anyhow::Result<Vec<PathBuf>> {
    anyhow::ensure!(notice.problem.is_empty(), "{}", notice.problem);
    let short: String = leaf(notice).chars().take(12).collect();
    let html = folder.join(format!("{}-{short}.html", notice.form));
    std::fs::write(&html, &notice.html).with_context(|| html.display().to_string())?;
    let mut files = vec![html.clone()];
    if let Some(printer) = printer {
        let pdf = html.with_extension("pdf");
        printer.print(&html, &pdf)?;
        files.push(pdf);
    }
    Ok(files)
}

impl Templates {
    fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder().notices();
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for (name, text) in BUILT_IN {
            let file = folder.join(name);
            // What the office has changed is its own.
            if file.exists() {
                println!("{} 保留 kept", file.display());
                continue;
            }
            std::fs::write(&file, text).with_context(|| file.display().to_string())?;
            println!("{}", file.display());
        }
        Ok(())
    }
}
