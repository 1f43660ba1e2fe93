//! The commands of an office, shared by both binaries.
//!
//! A command reads its arguments, asks at the [`crate::window`], and prints: for people in Chinese and
//! English, with `--json` for programs. It decides nothing.
//!
//! Exit codes: 0 done; 1 not done, with the reason on standard error; 2 wrong arguments, or a wrong map; 3 an
//! audit found something, or a receipt fails; 4 an import is done, but some rows were rejected; 5 a receipt cannot be
//! settled here; 6 a file of exchanged records holds rows that are rejected, or does not agree with its totals.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what commands do")]

mod accusation;
mod audit;
mod campaign;
mod case;
mod dossier;
mod enrolling;
mod exchange;
mod expert;
mod export;
pub mod figures;
pub mod founding;
mod hall;
mod import;
mod inspection;
mod lookup;
mod manual;
mod notice;
mod organ;
mod petitioner;
mod reader;
mod receipt;
mod recovery;
mod report;
mod roll;
mod root;
mod rotation;
mod rules;
mod serve;
mod staff;
mod survey;
mod table;
mod timeline;
mod training;
mod watch;
pub mod watching;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Command, Subcommand};

use crate::folder::{Folder, FolderError};
use crate::window::Window;

/// What `--help` says of exit codes.
pub const EXIT_CODES: &str = "Exit codes: 0 done; 1 not done, reason on standard error; 2 wrong arguments or map; 3 an audit found something; 4 imported, but some rows were rejected; 5 a receipt cannot be settled here; 6 exchanged records are rejected or do not agree with their totals";

/// Exit code of an audit with findings.
pub const FOUND: u8 = 3;

/// Exit code of wrong arguments, or a wrong map.
pub const WRONG: u8 = 2;

/// Exit code of a receipt that holds as far as one can see here, and no further.
pub const OPEN: u8 = 5;

/// Exit code of an import that rejected rows.
pub const REJECTED: u8 = 4;

/// Exit code of exchanged records of which rows are rejected, or which do not agree with their totals.
pub const UNRECONCILED: u8 = 6;

/// Where the office lives.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The office's data folder / 数据目录
    #[arg(long, value_name = "DIR", env = "TERRACE_DATA")]
    pub data: PathBuf,
}

impl Data {
    /// The folder.
    #[must_use]
    pub fn folder(&self) -> Folder {
        Folder::at(&self.data)
    }
}

/// What every office can be asked.
#[derive(Debug, Subcommand)]
pub enum OfficeCommand {
    /// Run the office until it is told to stop / 运行
    Serve(serve::Serve),
    /// Admit a subordinate: prints its code sheet / 准入下级
    Admit(enrolling::Admit),
    /// How the office and its links stand / 状态
    Status(report::Status),
    /// Register, look at and advance cases / 信访事项
    #[command(subcommand)]
    Case(Box<case::CaseCommand>),
    /// The law as this office knows it, and why a deadline is what it is / 规则
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// The registry of organs: codes, superiors, validity, successors / 机构编码
    #[command(subcommand)]
    Organ(Box<organ::OrganCommand>),
    /// Reports against offices and officials, sealed past the accused / 检举控告
    #[command(subcommand)]
    Accusation(Box<accusation::AccusationCommand>),
    /// Write back missing keys from the recovery copy / 恢复密钥
    RecoverKeys(recovery::RecoverKeys),
    /// Make a new sealing key, or retire old ones / 更换密封密钥
    RotateKeys(rotation::RotateKeys),
    /// Bring a file of records into the office; exit code 4 if some were rejected / 导入
    Import(import::Import),
    /// Records for the national system, written and checked / 与国家系统交换
    #[command(subcommand)]
    Exchange(exchange::ExchangeCommand),
    /// Certificates for programs that read this office / 查阅证书
    #[command(subcommand)]
    Reader(reader::ReaderCommand),
    /// Receipts for petitioners, given and examined / 回执
    #[command(subcommand)]
    Receipt(receipt::ReceiptCommand),
    /// Documents for every written act, to be printed / 文书
    #[command(subcommand)]
    Notice(notice::NoticeCommand),
    /// Experts for reviews, from whom panels are drawn / 复查复核专家
    #[command(subcommand)]
    Expert(expert::ExpertCommand),
    /// Deputies, and desks handed over / 代行与交接
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    /// Leaders' reception days, and the tickets of a hall / 接访与叫号
    #[command(subcommand)]
    Hall(hall::HallCommand),
    /// Begin a campaign for suggestions, or of publicity / 征集、宣传活动
    Campaign(campaign::Campaign),
    /// Courses, which open modules to those who pass them / 培训准入
    #[command(subcommand)]
    Training(training::TrainingCommand),
    /// Look through the cases held here: hard ones, those that stand still, coverage / 排查
    #[command(subcommand)]
    Survey(survey::SurveyCommand),
    /// How the offices below keep their duties, beside the year before / 统计
    Figures(figures::Figures),
    /// What this office lists across cases / 台账
    Roll(roll::Show),
    /// The whole file of a case for a court, and its check / 卷宗
    #[command(subcommand)]
    Dossier(dossier::DossierCommand),
    /// Print the root's key, for paper and notice boards / 根密钥
    Root(root::Root),
    /// What passed between levels, and what does not fit; exit code 3 on findings / 审计
    Audit(audit::Audit),
    /// Hold or release the link to the superior / 暂停或恢复上行链路
    Link(report::Link),
    /// Check the configuration / 检查配置
    CheckConfig(Data),
    /// Print completions for a shell / 命令补全
    Completions(manual::Completions),
    /// Write the manual pages / 手册页
    Manual(manual::Manual),
}

/// What an office below the root can be asked besides.
#[derive(Debug, Subcommand)]
pub enum SubordinateCommand {
    /// Make a new office: its keys, its database, its configuration / 建立
    Init(founding::Init),
    /// Join the superior with its code sheet / 登记入网
    Enrol(enrolling::Enrol),
    /// What every office can be asked.
    #[command(flatten)]
    Office(OfficeCommand),
}

/// Runs a command of an office below the root. `program` is the whole command line, for what is written from it.
pub async fn run_subordinate(command: SubordinateCommand, program: Command) -> ExitCode {
    let result = match command {
        SubordinateCommand::Init(init) => init.run().await,
        SubordinateCommand::Enrol(enrol) => enrol.run().await,
        SubordinateCommand::Office(command) => return run(command, program).await,
    };
    code(result.map(|()| ExitCode::SUCCESS))
}

/// Runs a command of any office; `program` as above.
pub async fn run(command: OfficeCommand, program: Command) -> ExitCode {
    code(match command {
        OfficeCommand::Serve(serve) => serve.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Admit(admit) => admit.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Status(status) => status.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Case(case) => case.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Rules(rules) => rules.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Organ(organ) => organ.run().await,
        OfficeCommand::Accusation(command) => command.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::RecoverKeys(recover) => recover.run().map(|()| ExitCode::SUCCESS),
        OfficeCommand::RotateKeys(rotate) => rotate.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Import(import) => import.run().await,
        OfficeCommand::Exchange(exchange) => exchange.run().await,
        OfficeCommand::Reader(reader) => reader.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Receipt(receipt) => receipt.run().await,
        OfficeCommand::Notice(notice) => notice.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Expert(expert) => expert.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Staff(staff) => staff.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Hall(hall) => hall.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Campaign(campaign) => campaign.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Training(training) => training.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Survey(survey) => survey.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Figures(figures) => figures.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Roll(roll) => roll.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::Dossier(dossier) => dossier.run().await,
        OfficeCommand::Root(root) => root.run().map(|()| ExitCode::SUCCESS),
        OfficeCommand::Audit(audit) => audit.run().await,
        OfficeCommand::Link(link) => link.run().await.map(|()| ExitCode::SUCCESS),
        OfficeCommand::CheckConfig(data) => {
            check_config(&data.folder()).map(|()| ExitCode::SUCCESS)
        }
        OfficeCommand::Completions(completions) => {
            completions.run(program);
            Ok(ExitCode::SUCCESS)
        }
        OfficeCommand::Manual(manual) => manual.run(program).map(|()| ExitCode::SUCCESS),
    })
}

/// The exit code of a result; a failure is told on standard error.
pub fn code(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("错误 error: {error:#}");
        ExitCode::FAILURE
    })
}

fn check_config(folder: &Folder) -> anyhow::Result<()> {
    let (config, division, _) = folder.config()?;
    if let Some(superior) = &config.superior {
        let above = crate::folder::place(&superior.division, &folder.config_file())?;
        let tree = terrace_proto::division::Tree::national();
        if above == division || !tree.is_within(division, above) {
            let why =
                format!("superior {}: it does not stand above {}", above.short(), division.short());
            return Err(FolderError::Config { path: folder.config_file(), why }.into());
        }
    }
    if let Some(console) = &config.console {
        crate::console::port::check(console)?;
    }
    println!("配置有效 configuration is valid: {}", crate::view::name_of(division));
    Ok(())
}

/// The office's window.
async fn window(data: &Data) -> anyhow::Result<Window> {
    Ok(Window::open(&data.folder()).await?)
}
