//! `organ propose`: one organ by arguments, or all of a table or none.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use serde_json::Value;
use terrace_proto::division::DivisionCode;
use terrace_proto::organ::{Category, Organ, OrganCode};
use terrace_proto::wire::{Hand, ProposeOrgansRequest, ShowOrgansRequest};

use super::word;
use crate::command::case::HandArguments;
use crate::command::{Data, window};
use crate::intake::organs::OrganTable;
use crate::window::Window;

/// Propose an organ.
#[derive(Debug, Args)]
pub struct Propose {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// All organs of a table (CSV), or none of them / 机构表
    #[arg(long, conflicts_with_all = ["code", "division", "category", "name", "superior", "from", "until", "successor", "change", "reopen"])]
    file: Option<PathBuf>,
    /// A new organ's code; the next free one of the division if not said. With --change: whose / 机构编码
    #[arg(long)]
    code: Option<OrganCode>,
    /// Its division; this office's own if not said / 区划
    #[arg(long, conflicts_with = "code")]
    division: Option<DivisionCode>,
    /// Its category: number, Chinese or English name / 类别
    #[arg(long, value_parser = category)]
    category: Option<Category>,
    /// Its name / 名称
    #[arg(long)]
    name: Option<String>,
    /// The organ it answers to / 上级机构
    #[arg(long)]
    superior: Option<OrganCode>,
    /// First day (YYYY-MM-DD); of a change without one, that of what is changed / 起始日期
    #[arg(long)]
    from: Option<Date>,
    /// Last day; this closes it / 终止日期
    #[arg(long)]
    until: Option<Date>,
    /// Who acts for it after its last day / 继任机构
    #[arg(long)]
    successor: Option<OrganCode>,
    /// Change the organ with this code: what is not said stays as it is / 变更
    #[arg(long, requires = "code")]
    change: bool,
    /// Take its last day and its successor away: it stands again / 恢复
    #[arg(long, requires = "change", conflicts_with_all = ["until", "successor"])]
    reopen: bool,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// The category that a text names.
fn category(text: &str) -> Result<Category, String> {
    let known = || Category::all().map(|one| one.zh()).collect::<Vec<_>>().join("、");
    Category::named(text).ok_or_else(|| format!("类别未知 no such category; there are {}", known()))
}

impl Propose {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut window = window(&self.data).await?;
        let organs = match &self.file {
            Some(file) => of_table(file)?,
            None => vec![self.one(&mut window).await?],
        };
        let hand = self.hand.clone().into();
        let leaf = propose(&mut window, hand, &organs).await?;
        match (self.json, organs.as_slice()) {
            (true, _) => {
                let codes: Vec<String> = organs.iter().map(|one| one.code.to_string()).collect();
                println!("{}", serde_json::json!({ "leaf": leaf, "codes": codes }));
            }
            (false, [one]) => println!("已提请 proposed {} {}  {leaf}", one.code, one.name),
            (false, several) => println!("已提请 proposed {} 个 organs  {leaf}", several.len()),
        }
        Ok(())
    }

    async fn one(&self, window: &mut Window) -> anyhow::Result<Organ> {
        let before = match self.code.filter(|_| self.change) {
            Some(code) => Some(known(window, code).await?),
            None => None,
        };
        let missing = |what: &str| anyhow::anyhow!("新机构须有 a new organ needs {what}");
        let code = match (&self.code, &before) {
            (Some(code), _) => *code,
            (None, _) => free(window, self.division).await?,
        };
        let before = before.as_ref();
        let category = self.category.or(before.map(|before| before.category));
        let name = self.name.clone().or_else(|| before.map(|before| before.name.clone()));
        let from = self.from.or(before.map(|before| before.valid_from));
        let closed = before.filter(|_| !self.reopen);
        Ok(Organ {
            code,
            category: category.ok_or_else(|| missing("--category"))?,
            name: name.ok_or_else(|| missing("--name"))?,
            superior: self.superior.or(before.and_then(|before| before.superior)),
            valid_from: from.ok_or_else(|| missing("--from"))?,
            valid_to: self.until.or(closed.and_then(|before| before.valid_to)),
            successor: self.successor.or(closed.and_then(|before| before.successor)),
            revision: before.map_or(0, |before| before.revision + 1),
        })
    }
}

/// The organs of a table, where every row is one.
fn of_table(file: &std::path::Path) -> anyhow::Result<Vec<Organ>> {
    let table = OrganTable::open(file, None)?;
    let wrong: Vec<String> = table.refused().map(|(line, why)| format!("{line}: {why}")).collect();
    if !wrong.is_empty() {
        anyhow::bail!("{}:\n{}", file.display(), wrong.join("\n"));
    }
    let batches = table.batches();
    let [places] = batches.as_slice() else {
        anyhow::bail!(
            "{}: {} 行，一次至多 500 个 rows: at most 500 are proposed at once, `organ import` takes more",
            file.display(),
            table.rows()
        );
    };
    Ok(places.iter().filter_map(|place| table.organ(*place).cloned()).collect())
}

/// Proposes all of some organs or none; gives the proposal's leaf, or what the office says of those it refuses.
async fn propose(window: &mut Window, hand: Hand, organs: &[Organ]) -> anyhow::Result<String> {
    let request = ProposeOrgansRequest {
        hand: Some(hand),
        organs: organs.iter().map(Organ::to_wire).collect(),
        whole: true,
    };
    let done = window.propose_organs(request).await?;
    if done.refused.is_empty() && done.leaf.is_empty() {
        anyhow::bail!("已登记或已提请 all of it is registered or proposed already");
    }
    let named = |place: u32| usize::try_from(place).ok().and_then(|place| organs.get(place));
    let wrong: Vec<String> = done
        .refused
        .iter()
        .map(|one| {
            let organ = named(one.place).map(|organ| organ.code.to_string()).unwrap_or_default();
            format!("{organ}: {}", one.why)
        })
        .collect();
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(data_encoding::HEXLOWER.encode(&done.leaf))
}

/// What was registered last of a code.
async fn known(window: &mut Window, code: OrganCode) -> anyhow::Result<Organ> {
    let request = ShowOrgansRequest { code: code.to_string(), ..ShowOrgansRequest::default() };
    let told: Value = serde_json::from_str(&window.show_organs(request).await?)?;
    let newest = &told["history"][0];
    let text = |key: &'static str| newest[key].as_str().unwrap_or_default();
    let cells = |en: &str, _: &str| match en {
        "code" => text("code"),
        "category" => text("category_zh"),
        "name" => text("name"),
        "superior" => text("superior"),
        "valid_from" => text("valid_from"),
        "valid_to" => text("valid_to"),
        "successor" => text("successor"),
        _ => "",
    };
    let mut organ = terrace_proto::organ::row::read(cells)?;
    organ.revision = newest["revision"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    Ok(organ)
}

/// The next free code of a division; of the office's own where none is named.
async fn free(window: &mut Window, division: Option<DivisionCode>) -> anyhow::Result<OrganCode> {
    let division = division.map(DivisionCode::short).unwrap_or_default();
    let request = ShowOrgansRequest { division, limit: 1, ..ShowOrgansRequest::default() };
    let told: Value = serde_json::from_str(&window.show_organs(request).await?)?;
    let free = word(&told["free"]);
    anyhow::ensure!(!free.is_empty(), "该区划的编码已用完 every code of the division is used");
    Ok(free.parse()?)
}
