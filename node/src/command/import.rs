//! `import`: a file of records into the office, as a map says.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use comfy_table::{ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::case::HandArguments;
use super::{Data, REJECTED, UNRECONCILED, WRONG};
use crate::exchange::totals::TotalsFile;
use crate::intake::import::{Import as Importing, ImportError, Options, Summary};
use crate::intake::map::{Map, Mode};
use crate::intake::preview::Preview;
use crate::intake::progress::{Progress, Standing};
use crate::intake::reckoning::Difference;
use crate::intake::sink::OfficeWindow;
use crate::view::name_of;
use crate::window::WindowError;

/// How long an office that went away is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Rows that a dry run shows.
const SHOWN: usize = 10;
/// Characters of a title or text that a dry run shows.
const WORDS_SHOWN: usize = 30;
/// Differences from the totals that are shown to people; programs get all.
const DIFFERENCES_SHOWN: usize = 20;
/// Between two lines that say how far it has come.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Bring a file of records into the office.
#[derive(Debug, Args)]
pub struct Import {
    /// The file: NDJSON, CSV or XLSX, in UTF-8 or GB18030 / 文件
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// What its columns mean (TOML), see docs/IMPORT.md; `national` and `national-past` are built in / 映射
    #[arg(long)]
    map: PathBuf,
    /// Show what the first rows would become, and register nothing / 试读
    #[arg(long)]
    dry_run: bool,
    /// Read at most so many rows; a later run goes on behind them
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Where rejected rows are kept; FILE.rejects.ndjson or FILE.rejects.csv if not said / 退回行
    #[arg(long, value_name = "PATH")]
    rejects: Option<PathBuf>,
    /// Totals that were handed over with a file of the past, to hold what came against / 总数表
    #[arg(long, value_name = "FILE.totals.json")]
    totals: Option<PathBuf>,
    #[command(flatten)]
    hand: HandArguments,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self.bring().await {
            Ok(code) => Ok(code),
            Err(error) => {
                let arguments =
                    error.downcast_ref::<ImportError>().is_some_and(ImportError::is_of_arguments);
                if !arguments {
                    return Err(error);
                }
                eprintln!("错误 error: {error:#}");
                Ok(ExitCode::from(WRONG))
            }
        }
    }

    async fn bring(self) -> anyhow::Result<ExitCode> {
        let map = Map::read(&self.map).map_err(ImportError::from)?;
        let declared = self.totals.as_deref().map(TotalsFile::read).transpose()?;
        anyhow::ensure!(
            declared.is_none() || map.mode == Mode::Legacy,
            "--totals 只用于历史件 totals are held against records of the past alone: the map says mode = \"live\""
        );
        let hand = self.hand.into();
        let options =
            Options { hand, rejects: self.rejects, patience: PATIENCE, ..Options::default() };
        let folder = self.data.folder();
        let mut import = Importing::open(&self.file, map, &folder, options)?;
        if self.dry_run {
            show(&import.preview(SHOWN)?, self.json);
            return Ok(ExitCode::SUCCESS);
        }
        let mut window = OfficeWindow::open(&folder).await?;
        let mut watching = Watching::new(ended_by_hand());
        let summary = import.run(&mut window, self.limit, &mut watching).await;
        watching.bar.finish_and_clear();
        let summary = summary?;
        let agreement = declared.filter(|_| summary.finished).map(|declared| {
            let reckoning = import.reckoning();
            (reckoning.agrees(&declared.parts), reckoning.differences(&declared.parts))
        });
        if self.json {
            println!("{}", told(&summary, agreement.as_ref())?);
        } else {
            tell(&summary);
            agreement.iter().for_each(tell_agreement);
        }
        if !summary.finished && watching.is_over() {
            anyhow::bail!(
                "已中断，再次运行即从第 {line} 行继续 interrupted: run it again, it goes on at line {line}",
                line = summary.next_line
            );
        }
        Ok(match agreement {
            Some((false, _)) => ExitCode::from(UNRECONCILED),
            Some((true, _)) | None if summary.rejected > 0 => ExitCode::from(REJECTED),
            Some((true, _)) | None => ExitCode::SUCCESS,
        })
    }
}

/// Whether what came is what was handed over, and where it is not.
type Agreement = (bool, Vec<Difference>);

fn told(summary: &Summary, agreement: Option<&Agreement>) -> anyhow::Result<Value> {
    let mut told = serde_json::to_value(summary)?;
    if let Some((agrees, differences)) = agreement {
        let differences: Vec<Value> = differences.iter().map(difference).collect();
        told["totals"] = json!({ "agrees": agrees, "differences": differences });
    }
    Ok(told)
}

fn difference(one: &Difference) -> Value {
    json!({
        "division": one.division.to_string(), "year": one.year,
        "declared": one.declared, "read": one.read,
    })
}

fn tell_agreement((agrees, differences): &Agreement) {
    for one in differences.iter().take(DIFFERENCES_SHOWN) {
        println!(
            "{} {}: 移交 handed over {}, 读取 read {}",
            name_of(one.division),
            one.year,
            one.declared,
            one.read
        );
    }
    if differences.len() > DIFFERENCES_SHOWN {
        println!("…… {} 处 places in all", differences.len());
    }
    match (agrees, differences.is_empty()) {
        (true, true) => println!("与总数表一致 it agrees with the totals"),
        (true, false) => println!(
            "缺少的行数与无法归类的退回行数相符 as many are missing as rejected rows say no office or year: it agrees with the totals"
        ),
        (false, _) => println!("与总数表不一致 it does not agree with the totals"),
    }
}

fn tell(summary: &Summary) {
    println!(
        "读取 read {} = 接收 accepted {} + 退回 rejected {}",
        summary.read, summary.accepted, summary.rejected
    );
    println!(
        "新登记 new {}, 早已登记 known {}; {:.1} s, {} 行/秒 rows/s",
        summary.new,
        summary.known,
        Duration::from_millis(summary.elapsed_ms).as_secs_f64(),
        summary.rows_per_second
    );
    if !summary.dropped_columns.is_empty() {
        println!(
            "不予接收的栏 columns never taken over: {}; {} 格已丢弃 cells dropped",
            summary.dropped_columns.join(", "),
            summary.dropped
        );
    }
    if !summary.years.is_empty() {
        tell_years(summary);
    }
    if let Some(path) = &summary.rejects {
        println!("退回行 rejected rows: {} (改正后再导入 mend and import it)", path.display());
    }
    if !summary.finished {
        println!("下次从第 {0} 行继续 a later run goes on at line {0}", summary.next_line);
    }
}

/// Records of the past by the year in which they were registered.
fn tell_years(summary: &Summary) {
    let mut table = Table::new();
    table.set_header(["年份 year", "接收 accepted", "退回 rejected"]);
    for year in &summary.years {
        table.add_row([
            year.year.to_string(),
            year.accepted.to_string(),
            year.rejected.to_string(),
        ]);
    }
    println!("{table}");
    let unplaced = summary.unplaced;
    if unplaced.read() > 0 {
        println!(
            "未写明单位或年份 without an office or a year: 接收 {} accepted, 退回 {} rejected",
            unplaced.accepted, unplaced.rejected
        );
    }
}

fn show(previews: &[Preview], as_json: bool) {
    let rows: Vec<Value> = previews.iter().map(Preview::json).collect();
    let rejected = previews.iter().filter(|preview| preview.outcome.is_err()).count();
    if as_json {
        println!("{}", json!({ "rows": rows, "would_reject": rejected }));
        return;
    }
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let names = ["line", "source", "channel", "category", "submitted_at", "title", "text", "done"];
    table.set_header(names.into_iter().chain(["退回 rejected"]));
    for row in &rows {
        let cells = names.into_iter().chain(["rejected"]).map(|name| match &row[name] {
            Value::Null => String::new(),
            Value::String(text) if name != "rejected" => text.chars().take(WORDS_SHOWN).collect(),
            Value::String(text) => text.clone(),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                other.to_string()
            }
        });
        table.add_row(cells);
    }
    println!("{table}");
    println!(
        "试读 {} 行，其中将退回 {rejected} 行 dry run: {} rows, {rejected} of them would be rejected; nothing was registered",
        rows.len(),
        rows.len()
    );
}

/// Turns true at the first interrupt; the second ends the process, which loses nothing either.
fn ended_by_hand() -> Arc<AtomicBool> {
    let over = Arc::new(AtomicBool::new(false));
    let told = over.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            told.store(true, Ordering::Relaxed);
            eprintln!("本批完成后停止 ending behind this batch");
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(1);
        }
    });
    over
}

/// A bar on a terminal, a line now and then elsewhere.
struct Watching {
    over: Arc<AtomicBool>,
    bar: ProgressBar,
    began: Instant,
    last_line: Instant,
}

impl Watching {
    fn new(over: Arc<AtomicBool>) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let form = "{bar:30} {percent:>3}%  {msg}  剩余 left {eta}";
        bar.set_style(ProgressStyle::with_template(form).expect("the form is one"));
        let now = Instant::now();
        Self { over, bar, began: now, last_line: now }
    }
}

impl Progress for Watching {
    fn resumes(&mut self, line: u64) {
        eprintln!("从第 {line} 行继续 going on at line {line}");
    }

    fn stands(&mut self, standing: &Standing) {
        let read = standing.tally.read();
        let rate = standing.read_here as f64 / self.began.elapsed().as_secs_f64().max(0.001);
        self.bar.set_length(standing.whole);
        self.bar.set_position(standing.done);
        self.bar.set_message(format!(
            "{read} 行 rows, 退回 rejected {}, {rate:.0}/s",
            standing.tally.rejected
        ));
        if self.bar.is_hidden() && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let percent = standing.done as f64 / standing.whole.max(1) as f64 * 100.0;
            eprintln!(
                "{percent:.0}%  {read} 行 rows, 退回 rejected {}, {rate:.0}/s",
                standing.tally.rejected
            );
        }
    }

    fn waits(&mut self, why: &WindowError) {
        let seconds = PATIENCE.as_secs();
        self.bar.suspend(|| {
            eprintln!(
                "单位无应答，{seconds} 秒内重试 the office went away, trying for {seconds} s: {why}"
            );
        });
    }

    fn is_over(&mut self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}
