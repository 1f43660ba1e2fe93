//! An audit's answer as one CSV sheet, whose columns follow from the question.

use std::io::Stdout;

use serde::Serialize;
use serde_json::Value;

use super::Printing;
use crate::audit::What;
use crate::audit::row::{Row, Summary};

/// A sheet on standard output.
pub(super) struct Sheet {
    out: csv::Writer<Stdout>,
    columns: &'static [&'static str],
    begun: bool,
    /// Whether findings are the sheet.
    findings: bool,
}

const FINDINGS: &[&str] = &["kind", "kind_zh", "text", "places", "entries", "case"];
const HOPS: &[&str] = &[
    "case",
    "number",
    "kind",
    "from",
    "from_name",
    "to",
    "to_name",
    "sent_at",
    "received_at",
    "left_at",
    "transit_seconds",
    "held_seconds",
    "due_on",
    "due",
    "entry",
    "leaf",
    "checkpoint_size",
    "findings",
];
const ACCOUNTS: &[&str] = &[
    "row",
    "from",
    "to",
    "author",
    "name",
    "link_epoch",
    "passages",
    "entries",
    "digest",
    "signed_number",
    "equal",
    "last_sent_at",
    "under_way",
    "unsent",
    "size",
    "signed",
    "stored_at",
    "cosigned_size",
    "cosigned_at",
    "zh",
    "en",
];
const STEPS: &[&str] = &[
    "row",
    "case",
    "recorded_at",
    "kind",
    "author",
    "holder",
    "after_seconds",
    "aside",
    "from",
    "to",
    "sent_at",
    "received_at",
    "left_at",
    "transit_seconds",
    "held_seconds",
    "due_on",
    "due",
    "entry",
    "leaf",
    "checkpoint_size",
    "findings",
];

impl Sheet {
    pub(super) fn new(what: &What) -> Self {
        let columns = match what {
            What::Verify => FINDINGS,
            What::Traffic => HOPS,
            What::Reconcile => ACCOUNTS,
            What::Case(_) => STEPS,
        };
        let out = csv::Writer::from_writer(std::io::stdout());
        Self { out, columns, begun: false, findings: *what == What::Verify }
    }

    fn begin(&mut self) -> anyhow::Result<()> {
        if !self.begun {
            self.begun = true;
            self.out.write_record(self.columns)?;
        }
        Ok(())
    }

    fn write(&mut self, row: &impl Serialize) -> anyhow::Result<()> {
        self.begin()?;
        let row = serde_json::to_value(row)?;
        let cells = self.columns.iter().map(|column| cell(&row[*column]));
        Ok(self.out.write_record(cells)?)
    }
}

impl Printing for Sheet {
    fn print(&mut self, row: Row) -> anyhow::Result<()> {
        match row {
            Row::Finding(finding) if !self.findings => {
                eprintln!("[{} {}] {}", finding.kind_zh, finding.kind, finding.text);
                Ok(())
            }
            Row::Progress(_) | Row::Summary(_) => Ok(()),
            row @ (Row::Finding(_)
            | Row::Hop(_)
            | Row::Account(_)
            | Row::Journal(_)
            | Row::Step(_)) => self.write(&row),
        }
    }

    fn finish(&mut self, _summary: &Summary) -> anyhow::Result<()> {
        self.begin()?;
        Ok(self.out.flush()?)
    }
}

/// A value in one cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
