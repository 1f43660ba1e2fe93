//! The annual report (信访工作年度报告) as a page to be printed, in Chinese with English beside it.
//!
//! It holds what the survey of the year found and nothing else, and puts organs and fields into the order of their codes.

use askama::Template;
use serde_json::Value;

/// The page of a year.
#[derive(Debug, Template)]
#[template(path = "annual.html")]
struct Page {
    office: String,
    code: String,
    year: u64,
    made: String,
    registered: u64,
    sheets: Vec<Sheet>,
}

/// One table, with a bar beside each number.
#[derive(Debug)]
struct Sheet {
    zh: &'static str,
    en: &'static str,
    /// What is counted.
    unit: (&'static str, &'static str),
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    zh: String,
    en: String,
    count: u64,
    /// Of the largest number of the table, in hundredths.
    bar: u64,
}

/// What a proposal asks for, and how it was answered, by their numbers.
const FORMS: [(&str, &str); 4] = [
    ("其他建议", "other proposal"),
    ("改进工作", "better work"),
    ("完善政策", "better policy"),
    ("追究责任", "accountability"),
];
const ANSWERS: [(&str, &str); 4] = [
    ("尚未反馈", "not answered yet"),
    ("采纳", "adopted"),
    ("部分采纳", "adopted in part"),
    ("未采纳", "not adopted"),
];

/// The report of an office, by its name and code, out of what a survey of the year told; `made` is the hour it was made.
///
/// # Errors
///
/// When the template cannot be filled.
pub fn report(
    told: &Value,
    (office, code): (String, String),
    made: String,
) -> Result<String, askama::Error> {
    let times = ("件次", "intakes");
    let sheets = vec![
        sheet(("信访形式", "By channel"), times, &told["channels"], named),
        sheet(("内容分类", "By field"), times, &told["fields"], named),
        sheet(
            ("责任单位（按代码排列）", "By responsible organ, in the order of codes"),
            ("件", "cases"),
            &told["organs"],
            |row| (text(row, "name"), text(row, "organ")),
        ),
        sheet(
            ("转送、交办与督办", "Passed on, assigned, supervised"),
            ("件次", "acts"),
            &told["acts"],
            |row| (text(row, "kind_zh"), text(row, "kind")),
        ),
        sheet(
            ("三项建议及采纳情况", "Proposals, and how they were answered"),
            ("项", "proposals"),
            &told["proposals"],
            proposal,
        ),
    ];
    let number = |key: &str| told[key].as_u64().unwrap_or(0);
    let (year, registered) = (number("year"), number("registered"));
    Page { office, code, year, made, registered, sheets }.render()
}

fn sheet(
    (zh, en): (&'static str, &'static str),
    unit: (&'static str, &'static str),
    list: &Value,
    words: impl Fn(&Value) -> (String, String),
) -> Sheet {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let count = |row: &Value| row["count"].as_u64().unwrap_or(0);
    let most = list.iter().map(count).max().unwrap_or(0).max(1);
    let rows = list.iter().map(|row| {
        let (zh, en) = words(row);
        let count = count(row);
        Row { zh, en, count, bar: count.saturating_mul(100) / most }
    });
    Sheet { zh, en, unit, rows: rows.collect() }
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap_or_default().to_owned()
}

/// By name, where it has one, and else by its code.
fn named(row: &Value) -> (String, String) {
    let (zh, code) = (text(row, "zh"), text(row, "code"));
    match (zh.is_empty(), code.is_empty()) {
        (false, _) => (zh, text(row, "en")),
        (true, false) => (code, String::new()),
        (true, true) => ("未分类".into(), "not sorted".into()),
    }
}

fn proposal(row: &Value) -> (String, String) {
    let of = |words: &[(&'static str, &'static str)], key: &str| {
        let number = usize::try_from(row[key].as_u64().unwrap_or(0)).unwrap_or(0);
        words.get(number).copied().unwrap_or(words[0])
    };
    let (form, answer) = (of(&FORMS, "form"), of(&ANSWERS, "adoption"));
    (format!("{}：{}", form.0, answer.0), format!("{}: {}", form.1, answer.1))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_names_what_it_counts_and_leaves_markup_to_its_own_template() {
        let told = json!({
            "year": 2026, "registered": 12,
            "channels": [{ "code": "LET", "zh": "来信", "en": "letter", "count": 12 }],
            "fields": [{ "code": "", "count": 4 }, { "code": "77<b>", "count": 8 }],
            "organs": [], "acts": [],
            "proposals": [{ "form": 2, "adoption": 1, "count": 1 }],
        });
        let page = report(&told, ("开封市".into(), "4102".into()), "2027-01-10".into()).unwrap();
        for said in ["开封市", "2026", "来信", "未分类", "完善政策：采纳", "better policy: adopted"]
        {
            assert!(page.contains(said), "{said}");
        }
        assert!(!page.contains("77<b>"));
    }
}
