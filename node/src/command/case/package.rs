//! `case …` about hard cases: packages, crossings, the backlog.

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::link::leaf;
use super::{Subject, Words, holder, say, say_with_code};

/// Hard cases.
#[derive(Debug, Subcommand)]
pub enum PackageCommand {
    /// A leader takes a case on to the end / 包案
    Package(Package),
    /// Put on record what was done about it / 包案工作
    WorkPackage(Work),
    /// Put on record whether it is decided, or carried out / 包案检验
    TestPackage(Test),
    /// Take down whether the petitioner says it is settled, with the code / 信访人认可
    StateContent(Stated),
    /// Declare that a case is across places or fields, and who owns it together / 三跨三分离
    Cross(Cross),
    /// Decide which of the owners leads, above all of them / 指定牵头
    DecideLead(DecideLead),
    /// Put an old case on the list of those to be settled / 列入积案
    Backlog(Words),
}

/// Who the leader is.
#[derive(Debug, Args)]
pub struct LeaderArguments {
    /// The leader / 领导
    #[arg(long)]
    leader: String,
    /// The post / 职务
    #[arg(long)]
    post: String,
    /// 1 province, 2 city, 3 county, 4 township / 级别
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4))]
    level: u32,
}

impl From<LeaderArguments> for wire::Leader {
    fn from(said: LeaderArguments) -> Self {
        Self { name: said.leader, post: said.post, level: said.level }
    }
}

/// Take a case on.
#[derive(Debug, Args)]
pub struct Package {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    leader: LeaderArguments,
    /// The organ that leads: division:organ, as 410221:mzj / 牵头单位
    #[arg(long)]
    lead: String,
    /// Organs that help; may be given several times / 配合单位
    #[arg(long)]
    with: Vec<String>,
    /// Measures / 措施
    #[arg(long)]
    words: String,
    /// Day by which it is to be done (YYYY-MM-DD) / 目标日期
    #[arg(long)]
    target: Date,
}

/// Put work on record.
#[derive(Debug, Args)]
pub struct Work {
    #[command(flatten)]
    words: Words,
    /// The package: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// How
    #[arg(long, value_enum)]
    form: WorkForm,
    /// Day (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
}

/// What was done.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum WorkForm {
    /// 下访
    Visited = 1,
    /// 约访
    Invited = 2,
    /// 会商
    Met = 3,
    /// 其他
    Other = 4,
}

/// Test a package.
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    words: Words,
    /// The package: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// Which test
    #[arg(long, value_enum)]
    test: TestForm,
    /// It is passed; the words are the evidence / 通过
    #[arg(long)]
    passed: bool,
}

/// One of the two tests that an officer makes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum TestForm {
    /// 案结
    Decided = 1,
    /// 事了
    CarriedOut = 2,
}

/// Take down what the petitioner says.
#[derive(Debug, Args)]
pub struct Stated {
    #[command(flatten)]
    subject: Subject,
    /// The package: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// The petitioner's code / 查询码
    #[arg(long)]
    code: String,
    /// It is not settled / 不认可
    #[arg(long)]
    not: bool,
}

/// Declare a crossing.
#[derive(Debug, Args)]
pub struct Cross {
    #[command(flatten)]
    words: Words,
    /// What it is; may be given several times
    #[arg(long = "mark", value_enum, required = true)]
    marks: Vec<Mark>,
    /// An owner: division:organ; two or more / 责任单位
    #[arg(long = "owner", required = true)]
    owners: Vec<String>,
}

/// A mark of such a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Mark {
    /// 跨地区
    Regions,
    /// 跨部门
    Departments,
    /// 跨行业
    Industries,
    /// 人户分离
    Household,
    /// 人事分离
    Affair,
    /// 人财分离
    Property,
}

/// Decide who leads.
#[derive(Debug, Args)]
pub struct DecideLead {
    #[command(flatten)]
    words: Words,
    /// One of the owners: division:organ / 牵头单位
    #[arg(long)]
    lead: String,
}

impl PackageCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Package(package) => package.run().await,
            Self::WorkPackage(Work { words: Words { subject, words }, entry, form, on }) => {
                let said = wire::PackageWorked {
                    package: leaf(&entry)?,
                    form: form as u32,
                    words,
                    held_on: days_of(on),
                };
                say(subject, Content::PackageWorked(said)).await
            }
            Self::TestPackage(Test { words: Words { subject, words }, entry, test, passed }) => {
                let (package, test) = (leaf(&entry)?, test as u32);
                let said = wire::PackageTested { package, test, passed, evidence: words };
                say(subject, Content::PackageTested(said)).await
            }
            Self::StateContent(Stated { subject, entry, code, not }) => {
                let package = leaf(&entry)?;
                let said = wire::ContentStated { package, content: !not, ..Default::default() };
                say_with_code(subject, Content::ContentStated(said), code).await
            }
            Self::Cross(cross) => cross.run().await,
            Self::DecideLead(DecideLead { words: Words { subject, words }, lead }) => {
                let lead = Some(holder(&lead)?);
                let said = wire::LeadDecided { lead, reason: words, ..Default::default() };
                say(subject, Content::LeadDecided(said)).await
            }
            Self::Backlog(Words { subject, words }) => {
                let said = wire::BacklogListed { reason: words };
                say(subject, Content::BacklogListed(said)).await
            }
        }
    }
}

impl Package {
    async fn run(self) -> anyhow::Result<()> {
        let others = self.with.iter().map(|text| holder(text)).collect::<Result<_, _>>()?;
        let said = wire::CasePackaged {
            leader: Some(self.leader.into()),
            lead: Some(holder(&self.lead)?),
            others,
            measures: self.words,
            target_on: days_of(self.target),
        };
        say(self.subject, Content::CasePackaged(said)).await
    }
}

impl Cross {
    async fn run(self) -> anyhow::Result<()> {
        let Words { subject, words } = self.words;
        let has = |mark| self.marks.contains(&mark);
        let owners = self.owners.iter().map(|text| holder(text)).collect::<Result<_, _>>()?;
        let said = wire::CrossingDeclared {
            cross_region: has(Mark::Regions),
            cross_department: has(Mark::Departments),
            cross_industry: has(Mark::Industries),
            person_household: has(Mark::Household),
            person_affair: has(Mark::Affair),
            person_property: has(Mark::Property),
            owners,
            reason: words,
        };
        say(subject, Content::CrossingDeclared(said)).await
    }
}
