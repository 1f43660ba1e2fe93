//! An export of the old national system (旧系统导出), made up: rows of the 48-field record with the shapes of real intake, in
//! CSV, into which errors of twelve kinds are sprinkled.
//!
//! Hours of the day and lengths of texts follow real online messages (their quantiles, at a quarter of the length: a
//! register keeps a summary); channels, years and months follow published shapes; counties follow Zipf's law. Every name
//! and word is fictional. A seed decides all of it, and the rows can be made again without keeping them.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};
use terrace_proto::division::{DivisionCode, Level, Tree};
use terrace_proto::exchange::Field;

use crate::dice::Dice;

/// Rows among a thousand that hold an error.
pub const FAULTY: u64 = 6;
/// Rows among a thousand that were not done when the old system was switched off.
pub const UNDONE: u64 = 3;
/// Rows among a thousand that stand in the file twice.
pub const TWICE: u64 = 2;

/// Registered in which year, from 2007 on, in parts: up to the change of the petition system in 2014, and then less.
const YEARS: [u64; 16] = [42, 46, 52, 58, 63, 70, 82, 86, 78, 70, 66, 62, 60, 56, 54, 55];
const FIRST_YEAR: i64 = 2007;
/// Messages of each hour of the day, of a week in a thousand.
const HOURS: [u64; 24] =
    [12, 8, 4, 3, 2, 3, 8, 19, 52, 84, 100, 92, 52, 56, 78, 92, 84, 70, 44, 40, 38, 36, 28, 20];
/// Bytes of a text at each twentieth of the messages.
const LENGTHS: [i64; 21] = [
    24, 33, 46, 57, 68, 78, 88, 100, 114, 128, 144, 162, 181, 207, 236, 277, 336, 429, 565, 846,
    2000,
];
/// How it came, in parts of a thousand.
const CHANNELS: [(&str, u64); 6] = [
    ("来信", 180),
    ("来访", 270),
    ("网上投诉", 330),
    ("电话", 180),
    ("手机短信", 20),
    ("其他", 20),
];
/// Columns of the old system that are never taken over.
const FORBIDDEN: [&str; 4] = ["yybz", "特殊人员", "政治面貌", "民族"];
const WORDS: [&str; 12] = [
    "反映村口路灯长期不亮",
    "反映农民工工资被拖欠",
    "反映拆迁补偿未到位",
    "反映养老金核算有误",
    "反映噪声扰民",
    "反映低保申请未获答复",
    "反映河道污水直排",
    "反映土地承包纠纷",
    "反映学校收费不明",
    "反映物业管理混乱",
    "反映工伤认定迟缓",
    "反映公交线路停运",
];
const SENTENCE: &str =
    "（虚构）来信人称此事已拖延多时，曾向有关单位反映未果，请求依法核实处理，并书面答复办理结果。";

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Bytes that are not UTF-8.
    Undecodable,
    /// A quote that never closes.
    Unclosed,
    /// A quote that closes in the middle of a field.
    StrayQuote,
    /// A field too few.
    FieldCount,
    /// A NUL in the summary.
    Nul,
    /// Neither summary nor text.
    NoWords,
    /// A channel that nobody knows.
    Channel,
    /// A place with a letter in it.
    PlaceForm,
    /// A place that there is not.
    PlaceUnknown,
    /// Nobody came.
    Persons,
    /// The thirtieth of February.
    Date,
    /// A day of the Qing dynasty.
    Day,
}

/// All of them.
pub const FAULTS: [Fault; 12] = [
    Fault::Undecodable,
    Fault::Unclosed,
    Fault::StrayQuote,
    Fault::FieldCount,
    Fault::Nul,
    Fault::NoWords,
    Fault::Channel,
    Fault::PlaceForm,
    Fault::PlaceUnknown,
    Fault::Persons,
    Fault::Date,
    Fault::Day,
];

/// What a file that was written holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows in all.
    pub rows: u64,
    /// Rows with an error, each kind as often as its place in [`FAULTS`] says.
    pub faulty: [u64; 12],
    /// Rows that stood in the file before, word for word.
    pub twice: u64,
    /// Good rows of matters that were not done.
    pub undone: u64,
    /// Rows by registering division and year, as the old system would declare them.
    pub parts: BTreeMap<(DivisionCode, i64), u64>,
}

impl Written {
    /// Rows with an error.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faulty.iter().sum()
    }

    /// The totals as the old system would hand them over with the file.
    #[must_use]
    pub fn totals(&self) -> Value {
        let parts = self.parts.iter().map(|((division, year), rows)| {
            json!({ "division": division.to_string(), "name": "", "year": year, "rows": rows })
        });
        json!({
            "exchange_totals": 1, "office": "000000000000", "written_at": "2022-12-31T16:00:00Z",
            "incremental": false, "rows": self.rows, "digest": "0".repeat(64),
            "parts": parts.collect::<Vec<_>>(),
        })
    }
}

/// Makes rows.
#[derive(Debug)]
struct Rows {
    dice: Dice,
    counties: Vec<DivisionCode>,
    /// The odds of each county, summed up.
    odds: Vec<u64>,
}

/// The columns, as the old system names them.
fn columns() -> Vec<&'static str> {
    Field::all().map(Field::code).chain(FORBIDDEN).collect()
}

/// Writes `rows` rows of the sequence of a seed, below a header.
///
/// # Errors
///
/// Those of the writer.
pub fn write(out: &mut impl Write, rows: u64, seed: u64) -> std::io::Result<Written> {
    let columns = columns();
    writeln!(out, "{}", columns.join(","))?;
    let mut making = Rows::of(seed);
    let mut written = Written { rows, ..Written::default() };
    let (mut line, mut good, mut of_good) = (Vec::new(), Vec::new(), None);
    for number in 0..rows {
        if !good.is_empty() && making.dice.happens(TWICE) {
            written.twice += 1;
            of_good.into_iter().for_each(|part| *written.parts.entry(part).or_default() += 1);
            out.write_all(&good)?;
            continue;
        }
        let fault = making.dice.happens(FAULTY).then(|| {
            let which = making.dice.below(12) as usize;
            written.faulty[which] += 1;
            FAULTS[which]
        });
        let undone = making.dice.happens(UNDONE);
        written.undone += u64::from(undone && fault.is_none());
        line.clear();
        let part = making.row(&mut line, &columns, number, undone, fault);
        *written.parts.entry(part).or_default() += 1;
        out.write_all(&line)?;
        if fault.is_none() {
            good.clone_from(&line);
            of_good = Some(part);
        }
    }
    Ok(written)
}

impl Rows {
    fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed);
        let tree = Tree::national();
        let is_county = |code: &DivisionCode| code.level() == Level::County;
        let nodes = tree.iter().map(|one| one.code).filter(|code| tree.node(*code).is_ok());
        let mut counties: Vec<DivisionCode> = nodes.filter(is_county).collect();
        for at in (1..counties.len()).rev() {
            counties.swap(at, dice.below(at as u64 + 1) as usize);
        }
        let mut sum = 0;
        let odds = (1..=counties.len() as u64).map(|rank| {
            sum += 1_000_000 / (rank + 20);
            sum
        });
        let odds = odds.collect();
        Self { dice, counties, odds }
    }

    fn weighed(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut drawn = self.dice.below(weights.clone().sum());
        for (at, weight) in weights.enumerate() {
            if drawn < weight {
                return at;
            }
            drawn -= weight;
        }
        0
    }

    fn county(&mut self) -> DivisionCode {
        let drawn = self.dice.below(*self.odds.last().expect("there are counties"));
        self.counties[self.odds.partition_point(|odds| *odds <= drawn)]
    }

    fn hour(&mut self) -> (i64, String) {
        let year = FIRST_YEAR + self.weighed(YEARS.into_iter()) as i64;
        let (month, day) = (self.dice.between(1, 12), self.dice.between(1, 28));
        let hour = self.weighed(HOURS.into_iter());
        let (minute, second) = (self.dice.below(60), self.dice.below(60));
        (year, format!("{year}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}"))
    }

    fn text(&mut self) -> String {
        let part = self.dice.below(20) as usize;
        let bytes = self.dice.between(LENGTHS[part], LENGTHS[part + 1]) as usize;
        let mut text = format!("{}，编号 {}。", self.dice.pick(&WORDS), self.dice.below(1_000_000));
        while text.len() < bytes {
            let left = (bytes - text.len()).min(SENTENCE.len());
            text.extend(SENTENCE.chars().take(left.div_ceil(3)));
        }
        text
    }

    fn row(
        &mut self,
        line: &mut Vec<u8>,
        columns: &[&str],
        number: u64,
        undone: bool,
        fault: Option<Fault>,
    ) -> (DivisionCode, i64) {
        let (division, (year, hour)) = (self.county(), self.hour());
        let county = division.to_string();
        let six = &county[..6];
        let channel = CHANNELS[self.weighed(CHANNELS.iter().map(|one| one.1))].0;
        let persons = if self.dice.happens(60) { self.dice.between(2, 30) } else { 1 };
        let (title, text) = (*self.dice.pick(&WORDS), self.text());
        // A broken line spoils itself alone, so a record over two lines would be two.
        let quoted = self.dice.happens(150) && fault.is_none();
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            let cell: String = match (*column, fault) {
                ("xfjid", _) => format!("{number:032x}"),
                ("xfjbh", _) => format!("{six}{}{number:08}", &hour[..4]),
                ("xzqh", _) => county.clone(),
                ("djjgdm", _) => six.to_owned(),
                ("djjgmc", _) => "信访局".into(),
                ("djsj", _) => hour.clone(),
                ("xfrq", Some(Fault::Date)) => "2014/02/30 08:00:00".into(),
                ("xfrq", Some(Fault::Day)) => "1899/12/31 08:00:00".into(),
                ("xfrq", _) => hour.clone(),
                ("xfxs", Some(Fault::Channel)) => "飞鸽传书".into(),
                ("xfxs", _) => channel.into(),
                ("xfrs", Some(Fault::Persons)) => "0".into(),
                ("xfrs", _) => persons.to_string(),
                ("gkxx" | "tsnr", Some(Fault::NoWords)) => String::new(),
                ("gkxx", Some(Fault::Nul)) => "路\0灯".into(),
                ("gkxx", Some(Fault::Unclosed)) => format!("\"{title}"),
                ("gkxx", Some(Fault::StrayQuote)) => format!("\"{title}\"又"),
                ("gkxx", _) => title.into(),
                ("tsnr", Some(Fault::Undecodable)) => String::new(),
                ("tsnr", _) if quoted => format!("\"{text}他说：\"\"等等\"\"，\n又说：再等等\""),
                ("tsnr", _) => text.clone(),
                ("wtsddm", Some(Fault::PlaceForm)) => "41x225".into(),
                ("wtsddm", Some(Fault::PlaceUnknown)) => "990000".into(),
                ("wtsddm", _) => six.to_owned(),
                ("nrfldm", _) => format!("{:02}{:02}00", number % 15 + 1, number % 9 + 1),
                ("xfjzt", _) => if undone { "办理中" } else { "办结" }.into(),
                ("bjbz", _) => if undone { "0" } else { "1" }.into(),
                ("fcbz" | "fhbz" | "jabz" | "gkbz" | "zdjjbz", _) => "0".into(),
                ("xm", _) => "张三（虚构）".into(),
                ("民族", _) => "汉".into(),
                _ => String::new(),
            };
            line.extend(cell.as_bytes());
            if (*column, fault) == ("tsnr", Some(Fault::Undecodable)) {
                line.extend([0xff, 0xfe, 0x80]);
            }
        }
        if fault == Some(Fault::FieldCount) {
            let last = line.iter().rposition(|byte| *byte == b',').expect("it has many fields");
            line.truncate(last);
        }
        line.extend(b"\r\n");
        (division, year)
    }
}
