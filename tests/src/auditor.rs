//! An auditor who knows only commands: what the product's own programs say about an office, a receipt or a file.
//!
//! It reads what they print for programs, and their exit codes; it never looks into a store.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::offices::{Office, OfficeError, binary};

/// What a command answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its exit code; -1 when it was killed.
    pub code: i32,
    /// The objects it printed, one a line.
    pub rows: Vec<Value>,
}

impl Answer {
    /// Kind, office and sequence of each finding of `audit check`, in order.
    #[must_use]
    pub fn named(&self) -> Vec<(String, String, Option<u64>)> {
        let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let findings = self.rows.iter().filter(|row| row["finding"].is_string());
        let mut named: Vec<_> = findings
            .map(|row| (text(row, "finding"), text(row, "office"), row["sequence"].as_u64()))
            .collect();
        named.sort_unstable();
        named
    }

    /// Kinds of the findings of `audit verify`, in the order they were told.
    #[must_use]
    pub fn kinds(&self) -> Vec<&str> {
        let findings = self.rows.iter().filter(|row| row["row"] == "finding");
        findings.filter_map(|row| row["kind"].as_str()).collect()
    }
}

/// Runs `terrace-node` with these arguments and `--json`.
pub async fn ask(arguments: &[&str]) -> Result<Answer, OfficeError> {
    let mut command = Command::new(binary("terrace-node")?);
    let output = command.args(arguments).arg("--json").stdin(Stdio::null()).output().await?;
    let told = String::from_utf8_lossy(&output.stdout);
    let rows = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Answer { code: output.status.code().unwrap_or(-1), rows })
}

/// `audit verify | reconcile …` at the office in a folder, whether it runs or not.
pub async fn audit(what: &str, data: &Path) -> Result<Answer, OfficeError> {
    ask(&["audit", what, "--data", &data.to_string_lossy()]).await
}

/// `status` of the office in a folder.
pub async fn status(data: &Path) -> Result<Value, OfficeError> {
    let answer = ask(&["status", "--data", &data.to_string_lossy()]).await?;
    Ok(answer.rows.into_iter().next().unwrap_or_default())
}

/// The root's key as an office prints it.
pub async fn root_key(data: &Path) -> Result<String, OfficeError> {
    let answer = ask(&["root", "--data", &data.to_string_lossy()]).await?;
    let key = answer.rows.first().and_then(|row| row["root"].as_str().map(str::to_owned));
    Ok(key.unwrap_or_default())
}

/// Takes the auditor's file from an office and checks it with nothing but the root's key.
pub async fn export_and_check(data: &Path, root: &str) -> Result<Answer, OfficeError> {
    let file = data.join("audit.export");
    let file = file.to_string_lossy();
    ask(&["audit", "export", &file, "--data", &data.to_string_lossy()]).await?;
    ask(&["audit", "check", &file, "--root", root]).await
}

/// The receipt of a case, in a file beside the office's folder.
pub async fn receipt(office: &Office, number: &str) -> Result<PathBuf, OfficeError> {
    let data = office.folder.path();
    let show = ask(&["receipt", "show", number, "--data", &data.to_string_lossy()]).await?;
    let text = show.rows.first().and_then(|row| row["text"].as_str()).unwrap_or_default();
    let file = data.with_added_extension(format!("{number}.receipt"));
    std::fs::write(&file, text)?;
    Ok(file)
}

/// `receipt verify` of a paper at the office in a folder: the exit code and the verdict.
pub async fn examine(paper: &Path, data: &Path) -> Result<(i32, Value), OfficeError> {
    let (paper, data) = (paper.to_string_lossy(), data.to_string_lossy());
    let answer = ask(&["receipt", "verify", &paper, "--data", &data]).await?;
    Ok((answer.code, answer.rows.into_iter().next().unwrap_or_default()))
}
