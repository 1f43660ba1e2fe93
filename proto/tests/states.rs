//! `docs/STATES.md` is drawn from the table of lawful steps: this holds the page against the table, and writes it with
//! `TERRACE_WRITE_DOCS=1`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fmt::Write as _;
use std::path::Path;

use terrace_proto::case::clock::RUNS;
use terrace_proto::case::step::{BEGINNINGS, Custody, OPENINGS, STEPS, Who};
use terrace_proto::case::{Guard, State};
use terrace_proto::entry::Kind;
use terrace_proto::rules::gate::Reason;
use terrace_proto::rules::{Duty, Rules};

fn name(state: State) -> String {
    format!("{} {}", state.zh(), state.en())
}

fn id(state: State) -> String {
    format!("{state:?}")
}

fn kinds(kinds: &[Kind]) -> String {
    let told: Vec<String> =
        kinds.iter().map(|kind| format!("{} {}", kind.zh(), kind.en())).collect();
    told.join("<br>")
}

fn guard(guard: Guard) -> String {
    format!("{}<br>{}", guard.zh(), guard.en())
}

fn who(who: Who) -> String {
    format!("{} {}", who.zh(), who.en())
}

fn diagram(out: &mut String) {
    writeln!(out, "```mermaid\nstateDiagram-v2").unwrap();
    for state in State::all() {
        writeln!(out, "  state \"{}\" as {}", name(state), id(state)).unwrap();
    }
    for (kind, state) in BEGINNINGS {
        writeln!(out, "  [*] --> {}: {}", id(*state), kind.zh()).unwrap();
    }
    for step in STEPS {
        for from in step.from.iter().filter(|from| **from != step.to) {
            writeln!(out, "  {} --> {}: {}", id(*from), id(step.to), step.kind.zh()).unwrap();
        }
    }
    for opening in OPENINGS.iter().filter(|opening| opening.kind != Kind::TakenUp) {
        for from in opening.from {
            let (from, to, zh) = (id(*from), id(opening.to), opening.kind.zh());
            writeln!(out, "  {from} --> {to}: {zh}（另线）").unwrap();
        }
    }
    for state in State::all().filter(|state| state.is_final()) {
        writeln!(out, "  {} --> [*]", id(state)).unwrap();
    }
    writeln!(out, "```\n").unwrap();
}

fn steps(out: &mut String) {
    writeln!(
        out,
        "| 步骤 step | 从 from | 到 to | 谁 who | 持有 custody | 条件 guard | 条文 article |"
    )
    .unwrap();
    writeln!(out, "|---|---|---|---|---|---|---|").unwrap();
    for step in STEPS {
        let from: Vec<String> = step.from.iter().map(|state| name(*state)).collect();
        let custody = match step.custody {
            Custody::Kept => "不变 kept",
            Custody::Handed => "移交 handed",
        };
        writeln!(
            out,
            "| {} | {} | {} | {} | {custody} | {} | {} |",
            kinds(&[step.kind]),
            from.join("<br>"),
            name(step.to),
            who(step.who),
            guard(step.guard),
            step.article
        )
        .unwrap();
    }
}

fn openings(out: &mut String) {
    writeln!(
        out,
        "| 另线 thread | 接在 behind | 起始 begins as | 阶段 stage | 条件 guard | 条文 article |"
    )
    .unwrap();
    writeln!(out, "|---|---|---|---|---|---|").unwrap();
    for opening in OPENINGS {
        let from: Vec<String> = opening.from.iter().map(|state| name(*state)).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            kinds(&[opening.kind]),
            from.join("<br>"),
            name(opening.to),
            opening.stage,
            guard(opening.guard),
            opening.article
        )
        .unwrap();
    }
}

fn clocks(out: &mut String) {
    writeln!(out, "| 期限 clock | 起 starts | 变 moves | 止 ends | 2005 | 2022 |").unwrap();
    writeln!(out, "|---|---|---|---|---|---|").unwrap();
    for run in RUNS {
        let term = |pack: &str| {
            let pack = Rules::built_in().pack(pack).unwrap();
            pack.terms().get(&run.duty).map_or("—".to_owned(), |term| {
                format!("{}<br>{} [{}]", term.length().zh(), term.article(), term.sure().letter())
            })
        };
        let right = if run.duty.is_right() { "（权利 a right）" } else { "" };
        writeln!(
            out,
            "| {} {}<br>{}{right} | {} | {} | {} | {} | {} |",
            run.duty.number(),
            run.duty.zh(),
            run.duty.en(),
            kinds(run.starts),
            kinds(run.moves),
            kinds(run.ends),
            term("CN-2005"),
            term("CN-2022")
        )
        .unwrap();
    }
}

fn refusals(out: &mut String) {
    writeln!(out, "| 情形 ground | 说明 words | 2005 | 2022 |").unwrap();
    writeln!(out, "|---|---|---|---|").unwrap();
    for reason in Reason::all() {
        let of = |pack: &str| Rules::built_in().pack(pack).unwrap().refusal(reason);
        let article =
            |pack: &str| of(pack).map_or("—".to_owned(), |one| one.article().to_owned());
        let words = of("CN-2022").or_else(|| of("CN-2005")).unwrap();
        let (old, new) = (article("CN-2005"), article("CN-2022"));
        writeln!(out, "| {} | {}<br>{} | {old} | {new} |", reason.code(), words.zh, words.en)
            .unwrap();
    }
}

fn page() -> String {
    let mut out = String::from(
        "# States, steps and clocks\n\nThis page is drawn from the tables that the desk and the fold read (`proto/src/case/step.rs`, `clock.rs`) and from the national rule packs; a test holds it against them.\nA state is that of the thread that leads the case: the one that began it, or one that a superior has opened behind it.\n\n## The way of a case\n\nSteps that leave a state as it is are in the table below; so is the taking up by a superior, which is possible from any state.\n\n",
    );
    diagram(&mut out);
    out.push_str("## Steps\n\n");
    steps(&mut out);
    out.push_str("\n## Threads that follow another\n\nWhoever opens one stands at or above the office that held the thread before, and is not that holder.\n\n");
    openings(&mut out);
    out.push_str("\n## Clocks\n\nLetters: L read in the law, S in a secondary source, C in a deployed system, M not confirmed, P proposed here.\n\n");
    clocks(&mut out);
    out.push_str("\n## Grounds of refusal\n\nRegistering is unconditional and comes first.\n\n");
    refusals(&mut out);
    out
}

#[test]
fn the_page_of_states_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/STATES.md");
    let page = page();
    if std::env::var_os("TERRACE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/STATES.md differs from the tables: write it with TERRACE_WRITE_DOCS=1"
    );
}

#[test]
fn every_duty_that_runs_in_a_case_has_a_term_in_the_law_in_force() {
    let pack = Rules::built_in().pack("CN-2022").unwrap();
    // The day of a report is set in the assignment; a share of the fifteen days stands in the cascade; provinces and
    // pilots add the last three.
    let elsewhere =
        [Duty::ReportBack, Duty::PassOn, Duty::ReviewAdmit, Duty::ReexamAdmit, Duty::SimpleReply];
    for run in RUNS.iter().filter(|run| !elsewhere.contains(&run.duty)) {
        assert!(pack.terms().contains_key(&run.duty), "{:?}", run.duty);
    }
}
