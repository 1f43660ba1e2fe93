//! `assessment …`: whether a scheme by which offices are assessed (考核方案) is sound, or everything that is wrong with it;
//! and the points under one that is.
//!
//! It reads files and prints; what is wrong, and what a point is, is judged in [`terrace_proto::assessment`].
//!
//! Exit codes: 0 done; 1 a file cannot be read; 2 wrong arguments; 3 the scheme, or a row of the duties, is refused.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what commands do")]

mod score;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use terrace_node::command::FOUND;
use terrace_proto::assessment::{Evidence, Fault, Item, Scheme, Told, Wrong};

/// What can be asked about assessment.
#[derive(Debug, Subcommand)]
pub enum AssessmentCommand {
    /// Read a scheme; exit code 3 if it is refused, with every reason / 考核方案校验
    Check(Check),
    /// The points of offices, with their arithmetic, out of a published table / 考核计分
    Score(score::Scored),
}

/// Read a scheme.
#[derive(Debug, Args)]
pub struct Check {
    /// The scheme, a TOML file such as deploy/assessment/county.toml / 方案文件
    file: PathBuf,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl AssessmentCommand {
    /// Does what was asked.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the scheme is not of the days of the table.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check(check) => check.run(),
            Self::Score(scored) => scored.run(),
        }
    }
}

impl Check {
    fn run(self) -> anyhow::Result<ExitCode> {
        let named = self.file.display().to_string();
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| anyhow::anyhow!("{named}: {error}"))?;
        let read = Scheme::read(&text);
        if self.json {
            println!("{}", as_json(&named, &read));
        } else {
            print!("{}", told(&named, &read));
        }
        Ok(if read.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

/// What a person reads.
fn told(file: &str, read: &Result<Scheme, Vec<Fault>>) -> String {
    match read {
        Ok(scheme) => {
            let (zh, en) = scheme.names();
            let items = scheme.items().iter().map(|item| {
                let (zh, en) = item.names();
                format!("  {:>3}  {zh} {en}: {}\n", item.weight(), shown(item).join(", "))
            });
            format!(
                "方案有效 the scheme is sound: {zh} {en}（{}，{}）\n",
                scheme.issuer(),
                scheme.number()
            ) + &items.collect::<String>()
        }
        Err(faults) => {
            let count = faults.len();
            let faults = faults.iter().map(|fault| format!("{file}:{}: {fault}\n", fault.line));
            faults.collect::<String>()
                + &format!(
                    "方案不予采用，共 {count} 处 the scheme is refused, for {count} faults\n"
                )
        }
    }
}

fn shown(item: &Item) -> Vec<String> {
    item.evidence().iter().map(Evidence::to_string).collect()
}

fn as_json(file: &str, read: &Result<Scheme, Vec<Fault>>) -> Value {
    match read {
        Ok(scheme) => {
            let (name, name_en) = scheme.names();
            let (from, to) = scheme.days();
            let items = scheme.items().iter().map(|item| {
                json!({
                    "name": item.names().0, "name_en": item.names().1, "weight": item.weight(),
                    "measure": item.measure().code(), "evidence": shown(item), "note": item.note(),
                })
            });
            json!({
                "file": file, "sound": true, "scheme": name, "name_en": name_en,
                "issuer": scheme.issuer(), "number": scheme.number(), "note": scheme.note(),
                "from": from.to_string(), "to": to.map(|day| day.to_string()),
                "items": items.collect::<Vec<_>>(),
            })
        }
        Err(faults) => {
            let faults: Vec<Value> = faults.iter().map(fault).collect();
            json!({ "file": file, "sound": false, "faults": faults })
        }
    }
}

fn fault(fault: &Fault) -> Value {
    let counted = match &fault.wrong {
        Wrong::Counts { counted, .. } => Some(counted.code()),
        Wrong::Form(_)
        | Wrong::UnknownKey { .. }
        | Wrong::Missing(_)
        | Wrong::Type { .. }
        | Wrong::Backwards
        | Wrong::NoItems
        | Wrong::SameName
        | Wrong::Weight(_)
        | Wrong::Deduction(_)
        | Wrong::Sum(_)
        | Wrong::UnknownMeasure(_)
        | Wrong::NoEvidence
        | Wrong::Unlinked { .. }
        | Wrong::Elsewhere(_) => None,
    };
    let words =
        |Told { what, why, instead }| json!({ "what": what, "why": why, "instead": instead });
    json!({
        "line": fault.line, "item": fault.item, "fault": fault.wrong.code(), "counts": counted,
        "zh": words(fault.wrong.zh()), "en": words(fault.wrong.en()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that goes out with the program.
    const COUNTY: &str = include_str!("../../deploy/assessment/county.toml");

    #[test]
    fn the_example_is_sound_and_told() {
        let read = Scheme::read(COUNTY);
        let told = told("county.toml", &read);
        assert!(told.starts_with("方案有效 the scheme is sound: "), "{told}");
        let json = as_json("county.toml", &read);
        let weights = json["items"].as_array().unwrap().iter().map(|item| item["weight"].as_u64());
        assert_eq!(weights.sum::<Option<u64>>(), Some(100));
    }

    #[test]
    fn a_refusal_names_file_line_reason_and_what_to_use() {
        let text = COUNTY.replacen("name = \"", "name = \"零上访：", 1);
        let read = Scheme::read(&text);
        let told = told("county.toml", &read);
        let line = text.lines().position(|line| line.contains("零上访")).unwrap() + 1;
        assert!(told.starts_with(&format!("county.toml:{line}: “零上访：")), "{told}");
        let json = as_json("county.toml", &read);
        let fault = &json["faults"][0];
        assert_eq!((&fault["counts"], &fault["line"]), (&json!("volume"), &json!(line)));
        assert!(fault["zh"]["instead"].as_str().unwrap().contains("office_acceptance"));
    }
}
