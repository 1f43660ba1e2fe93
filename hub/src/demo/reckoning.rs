//! What came of the story, counted in the offices' databases after all are stopped.
//!
//! Nothing here remembers what the script did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use terrace_node::audit::{Books as Audited, Question, What, verify_all};
use terrace_node::store::IfHeld;
use terrace_node::store::{CaseRecord, Direction, Store};
use terrace_node::surroundings::{Clock as _, SystemClock};
use terrace_node::view::name_of;
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Header, JournalId, Kind};
use terrace_proto::ledger::Span;
use terrace_proto::route;

use super::cast::{Cast, Player};

const PAGE: u32 = 2_000;
/// An intake that left its office later than this was registered while the link was down.
const OFFLINE_MILLIS: i64 = 1_000;

/// The result of a demonstration.
#[derive(Debug, Serialize)]
pub(super) struct Result {
    /// Intakes in the town's own journal.
    imported: u64,
    /// Lines that could not be read.
    rejected: u64,
    offices: Vec<Row>,
    /// Intakes of the town that left it more than a second after they were registered.
    registered_offline: u64,
    /// Of the imported, those the hub holds.
    at_hub: u64,
    /// Cases the province assigned and the town received.
    assigned_down: u64,
    /// Cases with an opinion, as the hub knows.
    decided: u64,
    /// Whether every pair of offices entitled to a case folds it alike.
    views_agree: bool,
    audit_findings: usize,
    /// The findings, if any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<String>,
    elapsed_ms: u128,
}

#[derive(Debug, Serialize)]
struct Row {
    division: String,
    name: String,
    level: &'static str,
    cases: u64,
    journal_size: u64,
    pid: Option<u32>,
}

impl Result {
    /// Whether nothing is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.imported > 0
            && self.at_hub == self.imported
            && self.assigned_down > 0
            && self.decided > 0
            && self.views_agree
            && self.audit_findings == 0
    }
}

/// One office's books, open for counting.
struct Books {
    division: DivisionCode,
    journal: JournalId,
    store: Arc<dyn Store>,
}

/// Counts.
pub(super) async fn reckon(cast: &Cast, rejected: u64, started: Instant) -> anyhow::Result<Result> {
    let mut books = Vec::new();
    let mut offices = Vec::new();
    let mut findings = Vec::new();
    for player in cast.players() {
        let one = open(player).await?;
        let tally = one.store.tally().await?;
        let size =
            one.store.journal(one.journal).await?.map_or(0, |journal| journal.frontier.size());
        offices.push(Row {
            division: player.division.short(),
            name: name_of(player.division),
            level: player.division.level().en(),
            cases: tally.cases,
            journal_size: size,
            pid: cast.pid(player.division),
        });
        let superior = Tree::national().superior(player.division);
        let audited = Audited::open(one.store.as_ref(), one.journal, superior, now()).await?;
        let (_, found) = verify_all(audited, Question::new(What::Verify)).await?;
        findings
            .extend(found.into_iter().map(|f| format!("{}: {}", player.division.short(), f.text)));
        books.push(one);
    }
    let town = books.last().expect("five offices play");
    let intakes = intakes(town).await?;
    let folds = folds(&books).await?;
    let hub = &folds[0].1;
    Ok(Result {
        imported: intakes.len() as u64,
        rejected,
        offices,
        registered_offline: registered_offline(town, &intakes).await?,
        at_hub: intakes.iter().filter(|intake| hub.contains_key(&intake.case)).count() as u64,
        assigned_down: assigned_down(&folds),
        decided: hub.values().filter(|case| has_step(case, Kind::Decided)).count() as u64,
        views_agree: views_agree(&folds),
        audit_findings: findings.len(),
        findings,
        elapsed_ms: started.elapsed().as_millis(),
    })
}

fn now() -> jiff::Timestamp {
    SystemClock.now()
}

async fn open(player: &Player) -> anyhow::Result<Books> {
    let (config, division, epoch) = player.folder.config()?;
    let store = player.folder.store(&config).open(IfHeld::Refuse).await?;
    Ok(Books { division, journal: JournalId { author: division, epoch }, store })
}

struct Intake {
    case: CaseId,
    sequence: u64,
    recorded_at: i64,
}

/// The intakes of an office's own journal.
async fn intakes(books: &Books) -> anyhow::Result<Vec<Intake>> {
    let (mut intakes, mut from) = (Vec::new(), 0);
    loop {
        let page = books.store.entries(books.journal, from, PAGE).await?;
        let Some(last) = page.last() else { return Ok(intakes) };
        from = last.id.sequence + 1;
        for entry in page {
            let header = Header::read(&entry.header)?;
            if let (Kind::IntakeRegistered, Some(case)) = (header.kind, header.case) {
                let recorded_at = header.recorded_at.as_millisecond();
                intakes.push(Intake { case, sequence: header.sequence, recorded_at });
            }
        }
    }
}

/// Intakes whose passage left much later than they were recorded.
async fn registered_offline(town: &Books, intakes: &[Intake]) -> anyhow::Result<u64> {
    let Some(superior) = Tree::national().superior(town.division) else { return Ok(0) };
    let Some(ledger) = town.store.ledger(superior, Direction::Out).await? else { return Ok(0) };
    let (mut sent, mut from) = (BTreeMap::new(), 1);
    loop {
        let page = town.store.passages(ledger.head.ledger, from, PAGE).await?;
        let Some(last) = page.last() else { break };
        from = last.record.head.number + 1;
        for passage in page {
            if let Span::Run { first, count } = passage.record.span
                && passage.record.journal == town.journal
            {
                sent.insert(first + count, passage.record.sent_at);
            }
        }
    }
    let late = |intake: &&Intake| {
        let left = sent.range(intake.sequence + 1..).next();
        left.is_some_and(|(_, sent_at)| sent_at - intake.recorded_at > OFFLINE_MILLIS)
    };
    Ok(intakes.iter().filter(late).count() as u64)
}

type Folds = BTreeMap<CaseId, Case>;

async fn folds(books: &[Books]) -> anyhow::Result<Vec<(DivisionCode, Folds)>> {
    let mut all = Vec::new();
    for one in books {
        let (mut folds, mut after) = (Folds::new(), 0);
        loop {
            let page: Vec<CaseRecord> = one.store.cases_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            for record in page {
                folds.insert(record.id, Case::read(record.id, &record.facts, Tree::national())?);
            }
        }
        all.push((one.division, folds));
    }
    Ok(all)
}

/// Every office entitled to a case holds it, and all fold it alike.
fn views_agree(folds: &[(DivisionCode, Folds)]) -> bool {
    let tree = Tree::national();
    let ids: BTreeSet<CaseId> = folds.iter().flat_map(|(_, cases)| cases.keys().copied()).collect();
    ids.into_iter().all(|id| {
        let known: Vec<&Case> = folds.iter().filter_map(|(_, cases)| cases.get(&id)).collect();
        let first = known[0];
        let entitled = |(division, _): &&(DivisionCode, Folds)| {
            route::entitled(tree, first.audience(), *division)
        };
        let due = folds.iter().filter(entitled).count();
        due == known.len() && known.iter().all(|case| *case == first)
    })
}

fn assigned_down(folds: &[(DivisionCode, Folds)]) -> u64 {
    let (province, town) = (folds[1].0, folds[4].0);
    let assigned = |case: &&Case| {
        let by = |kind: Kind, author: DivisionCode| {
            case.threads().values().flat_map(|thread| thread.steps()).any(|leaf| {
                case.facts().get(leaf).is_some_and(|fact| {
                    fact.header().kind == kind && fact.header().journal.author == author
                })
            })
        };
        by(Kind::Assigned, province) && by(Kind::Received, town)
    };
    folds[4].1.values().filter(assigned).count() as u64
}

fn has_step(case: &Case, kind: Kind) -> bool {
    let steps = case.threads().values().flat_map(|thread| thread.steps());
    steps.filter_map(|leaf| case.facts().get(leaf)).any(|fact| fact.header().kind == kind)
}
