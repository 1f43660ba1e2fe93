//! A steady intake: a hundred entries a second through one province's link, while another sends a backlog as fast as it can.
//!
//! What is timed is the way over one link: from the moment at which a case is durable at the province until the province
//! holds the root's signed word that it is durable there.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use terrace_node::store::{Direction, Store};
use terrace_proto::division::DivisionCode;
use terrace_tests::offices::Office;

use crate::Failure;
use crate::province::Province;
use crate::root::Root;

/// Entries a second: half as many cases.
const RATE: u32 = 100;
/// Entries of a case.
const OF_A_CASE: u32 = 2;
/// Cases that a county of the province that back-fills has taken in between two of its contacts with the city.
const AT_ONCE: u32 = 8;
/// How long the last entries may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures it, with the two largest provinces; the others are connected and have nothing to say.
pub(crate) async fn measure(
    root: &Root,
    running: &Office,
    provinces: &mut [Province],
    (backlog, seconds): (u32, u64),
) -> Result<(), Failure> {
    provinces.sort_by_key(|province| std::cmp::Reverse(province.journals()));
    let [behind, steady, ..] = provinces else {
        return Err("two provinces are needed: ask for more journals".into());
    };
    behind.hang_up().await?;
    let began = Instant::now();
    behind.fall_behind(backlog / (AT_ONCE * OF_A_CASE), AT_ONCE).await?;
    println!(
        "a backlog of {backlog} entries taken in by a province: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    let store = root.store().await?;
    let before = store.tally().await?.entries;
    let began = Instant::now();
    behind.dial(root.address())?;
    let filling = async {
        behind.in_step(store.as_ref()).await?;
        Ok::<_, Failure>(began.elapsed().as_secs_f64())
    };
    let (filled, mut waits) = tokio::try_join!(filling, steadily(steady, seconds))?;
    steady.in_step(store.as_ref()).await?;
    let stored = store.tally().await?.entries - before;
    println!("back-filled in {filled:.1} s: {:.0} entries/s", f64::from(backlog) / filled);
    waits.sort();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    println!(
        "steady intake of {RATE} entries/s for {seconds} s, {} cases: to the root's word p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
        waits.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
    let megabytes = |bytes: Option<u64>| bytes.unwrap_or(0) as f64 / 1e6;
    println!(
        "the root took {stored} entries; its memory at the end: {:.0} MB, at most {:.0} MB",
        megabytes(running.resident_memory()),
        megabytes(running.peak_memory())
    );
    Ok(())
}

/// Takes in cases evenly; how long each took to be durable at the root.
async fn steadily(province: &mut Province, seconds: u64) -> Result<Vec<Duration>, Failure> {
    let store = province.office().store().clone();
    let mut watched = Watched::new(store.as_ref()).await?;
    let each = Duration::from_secs(1) * OF_A_CASE / RATE;
    let cases = u32::try_from(seconds).unwrap_or(u32::MAX) * RATE / OF_A_CASE;
    let began = Instant::now();
    let mut given = 0;
    while given < cases || !watched.waiting.is_empty() {
        if given < cases && began.elapsed() >= each * given {
            province.register(given as usize).await?;
            watched.note(store.as_ref()).await?;
            given += 1;
        }
        watched.settle(store.as_ref()).await?;
        if watched.waiting.front().is_some_and(|(_, since)| since.elapsed() > PATIENCE) {
            return Err("the root has not stored a case for two minutes".into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(watched.waits)
}

/// Runs that wait for the root's word.
struct Watched {
    /// Place of the newest run, and the number of the last passage that was signed for.
    place: u64,
    signed: u64,
    waiting: VecDeque<(u64, Instant)>,
    waits: Vec<Duration>,
}

impl Watched {
    /// Begins behind all that the province has sent.
    async fn new(store: &dyn Store) -> Result<Self, Failure> {
        let ledger = store.ledger(DivisionCode::HUB, Direction::Out).await?;
        let ledger = ledger.ok_or("it has never sent anything")?;
        let (place, signed) = (ledger.position, ledger.head.number);
        Ok(Self { place, signed, waiting: VecDeque::new(), waits: Vec::new() })
    }

    /// Notes what has become durable at the province just now.
    async fn note(&mut self, store: &dyn Store) -> Result<(), Failure> {
        for run in store.runs(self.place, 16).await? {
            self.place = run.position;
            self.waiting.push_back((run.position, Instant::now()));
        }
        Ok(())
    }

    /// Takes what the root has signed for.
    async fn settle(&mut self, store: &dyn Store) -> Result<(), Failure> {
        let ledger = store.ledger(DivisionCode::HUB, Direction::Out).await?;
        let Some((ledger, (number, _))) =
            ledger.and_then(|one| Some((one.head.ledger, one.proved?)))
        else {
            return Ok(());
        };
        let count = u32::try_from(number.saturating_sub(self.signed)).unwrap_or(u32::MAX);
        if count == 0 {
            return Ok(());
        }
        let passages = store.passages(ledger, self.signed + 1, count).await?;
        let behind = passages.last().map_or(0, |passage| passage.position);
        self.signed = number;
        while self.waiting.front().is_some_and(|(place, _)| *place <= behind) {
            self.waits.extend(self.waiting.pop_front().map(|(_, since)| since.elapsed()));
        }
        Ok(())
    }
}
