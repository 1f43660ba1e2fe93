//! What is wrong with a scheme: where, what, why it matters, and what to do instead.

use std::fmt;

use super::WHOLE;
use super::counting::Counted;
use super::evidence::Unlinked;
use super::measure::Measure;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the file, from 1.
    pub line: usize,
    /// The item it is in, by its name, if in one that has a name.
    pub item: Option<String>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Not the form of a TOML file.
    Form(String),
    /// A key nobody knows.
    UnknownKey {
        /// The key.
        key: String,
        /// Those that may stand there.
        known: &'static [&'static str],
    },
    /// A key is missing, or says nothing.
    Missing(&'static str),
    /// A value is of another form.
    Type {
        /// Its key.
        key: &'static str,
        /// The form it should have, in Chinese and English.
        wanted: &'static str,
    },
    /// It ends before it begins.
    Backwards,
    /// There is no item.
    NoItems,
    /// Another item above has the same name.
    SameName,
    /// A weight that is none.
    Weight(i64),
    /// An item that takes points off.
    Deduction(i64),
    /// All weights together.
    Sum(i64),
    /// A measure nobody knows.
    UnknownMeasure(String),
    /// Nothing shows that the points are earned.
    NoEvidence,
    /// A reference that leads to nothing.
    Unlinked {
        /// As it is written.
        reference: String,
        /// Why.
        why: Unlinked,
    },
    /// No evidence of the item shows what it measures.
    Elsewhere(Measure),
    /// The item counts petitions, or those who bring them.
    Counts {
        /// The key in which it says so.
        key: &'static str,
        /// The word that says so.
        word: String,
        /// What it counts.
        counted: &'static Counted,
    },
}

/// A fault in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wrong.
    pub what: String,
    /// Why that is not accepted.
    pub why: String,
    /// What to do.
    pub instead: String,
}

/// What, why and what to do, in Chinese and then in English; `{a}` to `{c}` are what is said of this one.
type Words = (&'static str, [&'static str; 3], [&'static str; 3]);

const WORDS: [Words; 15] = [
    (
        "form",
        ["文件格式有误：{a}", "无法读取", "按 TOML 格式改正"],
        ["not the form of a scheme: {a}", "it cannot be read", "mend the TOML"],
    ),
    (
        "unknown-key",
        ["没有“{a}”这一项目", "不认识的内容不能采信", "可用：{b}"],
        ["there is no key {a}", "what is not understood is not taken on trust", "there are {b}"],
    ),
    (
        "missing",
        ["缺少 {a}", "缺了它，方案无法核对", "填写 {a}"],
        ["{a} is missing", "without it the scheme cannot be checked", "give {a}"],
    ),
    (
        "type",
        ["{a} 的写法不对", "无法读取", "写成{b}"],
        ["{a} is of another form", "it cannot be read", "write {b}"],
    ),
    (
        "backwards",
        ["终止日期早于起始日期", "方案没有一天有效", "改正 from 或 to"],
        ["it ends before it begins", "it is in force on no day", "set `from` or `to` right"],
    ),
    (
        "no-items",
        ["没有考核项目", "没有可以计分的内容", "用 [[items]] 逐项写明"],
        ["there are no items", "nothing gives points", "write each as a table [[items]]"],
    ),
    (
        "same-name",
        ["与前面的项目同名", "得分说不清属于哪一项", "改名，或者合并"],
        [
            "an item above has the same name",
            "nobody could say whose the points are",
            "rename it, or make one item of both",
        ],
    ),
    (
        "weight",
        ["权重 {a} 不在 1 到 100 之间", "权重是满分 100 分中的分数", "写 1 到 100 的整数"],
        [
            "a weight of {a} is not from 1 to 100",
            "weights are points of a hundred",
            "write a whole number from 1 to 100",
        ],
    ),
    (
        "deduction",
        [
            "权重 {a} 是扣分",
            "扣分项没有分母，办得再好也得不到分，瞒报却能少扣分",
            "改为衡量职责是否履行的正分项目",
        ],
        [
            "a weight of {a} takes points off",
            "what is taken off has no denominator: no work well done earns it back, and hiding what happened does",
            "give points for a duty that was kept",
        ],
    ),
    (
        "sum",
        ["各项权重合计 {a}，不是 100", "合计不是 100，得分之间无法比较", "{b}"],
        [
            "the weights come to {a}, not to 100",
            "points out of different sums cannot be compared",
            "{c}",
        ],
    ),
    (
        "unknown-measure",
        ["没有“{a}”这一衡量指标", "只能衡量职责是否履行", "可用：{b}"],
        ["there is no measure {a}", "nothing but duties kept can be measured", "there are {b}"],
    ),
    (
        "no-evidence",
        [
            "没有佐证",
            "没有佐证的得分无法核对",
            "在 evidence 中写明 figure:指标、roll:台账、entry:条目类别 或 document:文件",
        ],
        [
            "there is no evidence",
            "points that nothing shows cannot be checked",
            "name in `evidence` a figure:NAME, a roll:NAME, an entry:KIND or a document:NUMBER",
        ],
    ),
    (
        "unlinked",
        [
            "佐证“{a}”{b}",
            "查不到的佐证等于没有",
            "写成 figure:on_schedule、roll:ratings、entry:served、document:R2022 34 或 document:国信发〔2014〕16号 这样",
        ],
        [
            "the evidence {a} {c}",
            "evidence that nobody finds is none",
            "write it like figure:on_schedule, roll:ratings, entry:served, document:R2022 34 or document:国信发〔2014〕16号",
        ],
    ),
    (
        "elsewhere",
        ["佐证不能说明“{a}”", "得分要由所衡量的事实说明", "加上 {c}"],
        ["the evidence does not show {b}", "points are shown by what is measured", "add {c}"],
    ),
    ("counts", ["计入{a}，见“{b}”", "{c}", "改用 {d}"], ["it counts {e} ({b})", "{f}", "use {g}"]),
];

impl Wrong {
    /// Its name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Form(_) => "form",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Missing(_) => "missing",
            Self::Type { .. } => "type",
            Self::Backwards => "backwards",
            Self::NoItems => "no-items",
            Self::SameName => "same-name",
            Self::Weight(_) => "weight",
            Self::Deduction(_) => "deduction",
            Self::Sum(_) => "sum",
            Self::UnknownMeasure(_) => "unknown-measure",
            Self::NoEvidence => "no-evidence",
            Self::Unlinked { .. } => "unlinked",
            Self::Elsewhere(_) => "elsewhere",
            Self::Counts { .. } => "counts",
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(&self) -> Told {
        self.told(|row| row.1)
    }

    /// In English.
    #[must_use]
    pub fn en(&self) -> Told {
        self.told(|row| row.2)
    }

    fn told(&self, language: fn(&Words) -> [&'static str; 3]) -> Told {
        let row = WORDS.iter().find(|row| row.0 == self.code());
        let words = row.map(language).expect("every fault has its words");
        let given = self.given();
        let [what, why, instead] = words.map(|words| filled(words, &given));
        Told { what, why, instead }
    }

    /// What stands for `{a}`, `{b}` and so on.
    fn given(&self) -> Vec<String> {
        match self {
            Self::Form(message) => vec![message.clone()],
            Self::UnknownKey { key, known } => vec![key.clone(), known.join(", ")],
            Self::Missing(key) => vec![(*key).to_owned()],
            Self::Type { key, wanted } => vec![(*key).to_owned(), (*wanted).to_owned()],
            Self::Backwards | Self::NoItems | Self::SameName | Self::NoEvidence => Vec::new(),
            Self::Weight(weight) | Self::Deduction(weight) => vec![weight.to_string()],
            Self::Sum(sum) => {
                let off = sum.abs_diff(WHOLE);
                let (zh, en) = if *sum < WHOLE {
                    (format!("再分配 {off} 分"), format!("give out {off} more"))
                } else {
                    (format!("减去 {off} 分"), format!("take away {off}"))
                };
                vec![sum.to_string(), zh, en]
            }
            Self::UnknownMeasure(name) => {
                let known: Vec<&str> = Measure::all().map(Measure::code).collect();
                vec![name.clone(), known.join(", ")]
            }
            Self::Unlinked { reference, why } => {
                let (zh, en) = why.words();
                vec![reference.clone(), zh.to_owned(), en.to_owned()]
            }
            Self::Elsewhere(measure) => {
                let shown = measure.shown_by().to_string();
                vec![measure.zh().to_owned(), measure.en().to_owned(), shown]
            }
            Self::Counts { word, counted, .. } => {
                let ((zh, en), (why_zh, why_en)) = (counted.names(), counted.why());
                vec![
                    zh.to_owned(),
                    word.clone(),
                    why_zh.to_owned(),
                    named(counted.instead(), Measure::zh),
                    en.to_owned(),
                    why_en.to_owned(),
                    named(counted.instead(), Measure::en),
                ]
            }
        }
    }
}

impl fmt::Display for Fault {
    /// Two lines: Chinese, and below it English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (zh, en) = (self.wrong.zh(), self.wrong.en());
        if let Some(item) = &self.item {
            write!(f, "“{item}”")?;
        }
        write!(f, "{}。原因：{}。办法：{}。", zh.what, zh.why, zh.instead)?;
        write!(f, "\n    {}. Why: {}. Instead: {}.", en.what, en.why, en.instead)
    }
}

/// A template with what is said of this one. What was put in is not looked through again.
fn filled(words: &str, given: &[String]) -> String {
    let mut filled = String::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (letter, behind) = after.split_once('}').expect("a template closes what it opens");
        let at = letter.bytes().next().map_or(0, |letter| usize::from(letter - b'a'));
        filled.push_str(given.get(at).map_or("", String::as_str));
        rest = behind;
    }
    filled + rest
}

fn named(measures: Vec<Measure>, words: fn(Measure) -> &'static str) -> String {
    let named = measures.into_iter().map(|one| format!("{} ({})", one.code(), words(one)));
    named.collect::<Vec<_>>().join(", ")
}
