//! An audit's answer for people: tables that fit the terminal, a screenful at a time, and sentences.

use super::super::table::table;
use super::Printing;
use crate::audit::row::{FindingRow, HopRow, Row, StepRow, Summary};
use crate::view::hour;

/// Rows gathered for one table.
const TOGETHER: usize = 200;

/// What waits to be printed together.
#[derive(Default)]
pub(super) struct People {
    hops: Vec<HopRow>,
    steps: Vec<StepRow>,
    findings: Vec<FindingRow>,
}

impl Printing for People {
    fn print(&mut self, row: Row) -> anyhow::Result<()> {
        match row {
            Row::Hop(hop) => self.hops.push(hop),
            Row::Step(step) => self.steps.push(step),
            Row::Finding(finding) => self.findings.push(finding),
            Row::Account(account) => {
                let last = account.last_sent_at.map(hour).unwrap_or_default();
                println!("{}\n  {}\n  最近 last sent: {last}", account.zh, account.en);
                if account.unsent == Some(true) {
                    println!("  另有待送 more is due that no passage carries yet");
                }
            }
            Row::Journal(journal) => {
                let stored = journal.stored_at.map(hour).unwrap_or_default();
                println!("{}\n  {}\n  最近入库 last stored: {stored}", journal.zh, journal.en);
            }
            Row::Progress(_) | Row::Summary(_) => {}
        }
        if [self.hops.len(), self.steps.len(), self.findings.len()].iter().any(|n| *n >= TOGETHER) {
            self.flush();
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> anyhow::Result<()> {
        self.flush();
        println!(
            "核对 checked: {} 条 entries, {} 册 journals, {} 次往来 passages, {} 件事项 cases, {} 次流转 hops",
            summary.entries, summary.journals, summary.passages, summary.cases, summary.hops
        );
        if summary.sealed_reads > 0 {
            println!("密封件开启 sealed parts opened: {}", summary.sealed_reads);
        }
        println!("发现 findings: {}", summary.findings);
        Ok(())
    }
}

impl People {
    fn flush(&mut self) {
        if !self.steps.is_empty() {
            let mut steps = table([
                "时间 hour",
                "类别 kind",
                "单位 by",
                "持有 holder",
                "间隔 after",
                "条目 entry",
            ]);
            for step in self.steps.drain(..) {
                steps.add_row(row_of_step(&step));
            }
            println!("{steps}\n");
        }
        if !self.hops.is_empty() {
            let mut hops = table([
                "编号 number",
                "类别 kind",
                "由 from",
                "至 to",
                "送出 sent",
                "签收 received",
                "持有 held",
                "期限 due",
                "凭证 proof",
            ]);
            for hop in self.hops.drain(..) {
                hops.add_row(row_of_hop(&hop));
            }
            println!("{hops}\n");
        }
        for finding in self.findings.drain(..) {
            println!("  [{} {}] {}", finding.kind_zh, finding.kind, finding.text);
        }
    }
}

fn row_of_step(step: &StepRow) -> [String; 6] {
    let aside = step.aside.as_deref().map(|aside| format!(" ({aside})")).unwrap_or_default();
    let sealed = if step.reads_sealed_part { " 密封件 sealed part" } else { "" };
    let proof = match step.checkpoint_size {
        Some(size) => format!("{} ⊂ {size}", step.entry),
        None => format!("{} 未证 NOT proved", step.entry),
    };
    [
        hour(step.recorded_at),
        format!("{} {}{aside}{sealed}", step.kind_zh, step.kind),
        format!("{} {}", step.name, step.author),
        step.holder.clone().unwrap_or_else(|| "–".into()),
        step.after_seconds.map_or_else(|| "–".into(), span),
        proof,
    ]
}

fn row_of_hop(hop: &HopRow) -> [String; 9] {
    let late = span(hop.transit_seconds);
    let received = match hop.received_at {
        Some(at) => format!("{} (+{late})", hour(at)),
        None => format!("在途 in transit +{late}"),
    };
    let due = match hop.due_on {
        Some(day) => format!("{day} {} {}", hop.due_zh, hop.due),
        None => "–".into(),
    };
    let size = hop.checkpoint_size.map_or_else(|| "?".into(), |size| size.to_string());
    [
        hop.number.clone().unwrap_or_else(|| hop.case.clone()),
        format!("{} {}", hop.kind_zh, hop.kind),
        format!("{} {}", hop.from_name, hop.from),
        format!("{} {}", hop.to_name, hop.to),
        hour(hop.sent_at),
        received,
        span(hop.held_seconds),
        due,
        format!("{} ⊂ {size} {}", hop.entry, hop.leaf.get(..12).unwrap_or_default()),
    ]
}

/// A span of time in its two largest units.
fn span(seconds: i64) -> String {
    let (sign, seconds) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours) {
        (0, 0) => format!("{sign}{minutes}m"),
        (0, _) => format!("{sign}{hours}h{minutes:02}m"),
        (_, _) => format!("{sign}{days}d{hours:02}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_two_largest_units() {
        let told = [59, 60, 3_661, 90_000, -120].map(span);
        assert_eq!(told, ["0m", "1m", "1h01m", "1d01h", "-2m"]);
    }
}
