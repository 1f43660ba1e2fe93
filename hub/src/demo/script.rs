//! The story, told as commands at the offices' windows.
//!
//! Every step looks first how the case stands, so that a step whose answer was lost, because an office was
//! killed in the middle, is neither missed nor taken twice.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;
use terrace_node::window::{Window, WindowError};
use terrace_proto::case::standing::day_of;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{
    self, ActRequest, Hand, Hop, IntakeRegistered, ListCasesRequest, Noted, RegisterRequest,
    Registration,
};

use super::affairs;
use super::cast::{Cast, Player};
use super::material::Material;
use super::stage::Stage;

/// Registrations at one window call.
const BATCH: usize = 25;
/// Longest wait for something that must come.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// How long the town stays cut off after its last offline registration.
const CUT: Duration = Duration::from_millis(1_500);
/// Cases of the town that travel on.
const TRAVELLERS: usize = 6;

/// Plays the story until everything has arrived everywhere.
pub(super) async fn play(
    cast: &Cast,
    stage: &Stage,
    material: &mut Material,
    seed: u64,
) -> anyhow::Result<()> {
    let online = material.lines / 2;
    let offline = (material.lines - online) * 3 / 5;
    stage.counted_scene("五里河镇登记来件", "the town registers", online);
    material.bring_in(stage, Some(online)).await?;
    link(cast.town(), false).await?;
    stage.scene("河南省把三件事项交办到镇", "the province assigns three cases down");
    let assigned = assign_down(cast).await?;
    let (zh, en) = ("镇与县断开，照常登记", "the town is cut off and goes on registering");
    stage.counted_scene(zh, en, offline);
    material.bring_in(stage, Some(offline)).await?;
    tokio::time::sleep(CUT).await;
    link(cast.town(), true).await?;
    let left = material.lines.saturating_sub(online + offline);
    stage.counted_scene("镇恢复连接，补送", "the town is back and sends", left);
    material.bring_in(stage, None).await?;
    stage.scene("镇办理交办事项", "the town handles what was assigned");
    for number in &assigned {
        receive(cast.town(), number, "").await?;
        handle(cast.town(), number, "").await?;
    }
    stage.scene("事项上行到县，再转回", "cases travel to the county and back");
    travel(cast, &registered(cast.town()).await?, seed).await?;
    stage.scene(
        "县公布接访日、列积案、取号",
        "the county announces a leader's day and lists old cases",
    );
    affairs::play(cast.county(), &registered(cast.town()).await?).await?;
    stage.scene("等待各级一致", "waiting until all agree");
    settle_down(cast).await
}

/// Numbers of the cases the town has registered itself and still has as they came.
async fn registered(town: &Player) -> anyhow::Result<Vec<String>> {
    let own = format!("{}-", town.division.short());
    let (mut numbers, mut after) = (Vec::new(), String::new());
    loop {
        let request = ListCasesRequest { held_here: true, after: after.clone(), limit: 0 };
        let page =
            persist(town, async |window: &mut Window| window.list_cases(request.clone()).await);
        let page: Value = serde_json::from_str(&page.await?)?;
        let cases = page["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
        let fresh = cases.iter().filter(|case| case["state"] == "registered");
        let fresh = fresh.filter_map(|case| case["number"].as_str());
        numbers.extend(fresh.filter(|number| number.starts_with(&own)).map(str::to_owned));
        match page["after"].as_u64() {
            Some(row) => after = row.to_string(),
            None => return Ok(numbers),
        }
    }
}

async fn register(town: &Player, registrations: &[Registration]) -> anyhow::Result<Vec<String>> {
    let mut numbers = Vec::with_capacity(registrations.len());
    for batch in registrations.chunks(BATCH) {
        let request =
            RegisterRequest { hand: Some(hand("", "3071")), registrations: batch.to_vec() };
        let answer =
            persist(town, async |window: &mut Window| window.register(request.clone()).await)
                .await?;
        numbers.extend(answer.registered.into_iter().map(|one| one.number));
    }
    Ok(numbers)
}

async fn link(town: &Player, connected: bool) -> anyhow::Result<()> {
    persist(town, async |window: &mut Window| window.set_link(connected).await).await
}

/// The province registers three cases of its own and assigns them to the town.
async fn assign_down(cast: &Cast) -> anyhow::Result<Vec<String>> {
    let province = cast.province();
    let registrations: Vec<Registration> = (1..=3).map(province_case).collect();
    let numbers = register(province, &registrations).await?;
    let due = day_of(Timestamp::now()).checked_add(60.days())?;
    for number in &numbers {
        let hop = Hop {
            division: cast.town().division.short(),
            organ: String::new(),
            words: "请调查处理并按期报告".into(),
            due_on: Some(days_of(due)),
        };
        step(province, number, "", "registered", Act::Assign(hop)).await?;
    }
    Ok(numbers)
}

fn province_case(index: u32) -> Registration {
    let intake = IntakeRegistered {
        channel: "LET".into(),
        category: "010000".into(),
        title: format!("来信反映灌溉渠年久失修（演示用，虚构，第 {index} 封）"),
        text: "渠道渗漏，下游田地浇不上水，请求维修。（演示用，虚构）".into(),
        source: format!("demonstration-province-{index}"),
        persons: 1,
        ..IntakeRegistered::default()
    };
    Registration {
        intake: Some(intake),
        received_on: None,
        past: None,
        petitioners: Vec::new(),
        coded: false,
    }
}

/// Some of the town's cases go to the county's petition office, and from there to an organ or back.
async fn travel(cast: &Cast, numbers: &[String], seed: u64) -> anyhow::Result<()> {
    let (town, county) = (cast.town(), cast.county());
    let stride = (numbers.len() / TRAVELLERS).max(1);
    let start = usize::try_from(seed).unwrap_or(0) % stride;
    let travellers = numbers.iter().skip(start).step_by(stride).take(TRAVELLERS);
    for (index, number) in travellers.enumerate() {
        step(town, number, "", "registered", Act::Transfer(hop(county, "", "超出本级职权")))
            .await?;
        receive(county, number, "").await?;
        match index % 3 {
            0 => at_organ(county, number, "zrj", "属自然资源部门职责").await?,
            1 => at_organ(county, number, "mzj", "属民政部门职责").await?,
            _ => {
                step(county, number, "", "received", Act::Transfer(hop(town, "", "请就近核实")))
                    .await?;
                receive(town, number, "").await?;
                handle(town, number, "").await?;
            }
        }
        note(cast.hub(), number, "国家级督办关注（演示）").await?;
    }
    Ok(())
}

/// From a petition office to an organ in its house, which handles it to the end.
async fn at_organ(office: &Player, number: &str, organ: &str, words: &str) -> anyhow::Result<()> {
    step(office, number, "", "received", Act::Transfer(hop(office, organ, words))).await?;
    receive(office, number, organ).await?;
    handle(office, number, organ).await
}

fn hop(to: &Player, organ: &str, words: &str) -> Hop {
    Hop { division: to.division.short(), organ: organ.into(), words: words.into(), due_on: None }
}

async fn receive(office: &Player, number: &str, organ: &str) -> anyhow::Result<()> {
    step(office, number, organ, "in transit", Act::Receive(wire::Received::default())).await
}

/// From arrival to the end: accept, decide, serve, close.
async fn handle(office: &Player, number: &str, organ: &str) -> anyhow::Result<()> {
    let today = days_of(day_of(Timestamp::now()));
    let decided = wire::Decided {
        outcome: 1,
        facts: "经现场核实，反映情况属实。".into(),
        opinion: "予以支持，三十日内完成整改。".into(),
        basis: "《信访工作条例》第三十二条".into(),
    };
    let steps = [
        (
            "received",
            Act::Accept(wire::Accepted {
                notice: "予以受理".into(), ..wire::Accepted::default()
            }),
        ),
        ("accepted", Act::Decide(decided)),
        ("decided", Act::Serve(wire::Served { served_on: today, ..wire::Served::default() })),
        (
            "served",
            Act::Close(wire::Closed {
                reason: "已送达并告知救济途径".into(),
                ..wire::Closed::default()
            }),
        ),
    ];
    for (from, act) in steps {
        step(office, number, organ, from, act).await?;
    }
    Ok(())
}

/// Takes a step once the case is in state `from` and held by the organ. If the answer is lost, the length of
/// the thread tells whether the step was taken.
async fn step(
    office: &Player,
    number: &str,
    organ: &str,
    from: &str,
    act: Act,
) -> anyhow::Result<()> {
    let holder = holder(office, organ);
    let request = ActRequest {
        hand: Some(hand(organ, "3071")),
        case_name: number.into(),
        act: Some(act),
        ..ActRequest::default()
    };
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut tried_at = None;
    loop {
        let case = show(office, number).await?.unwrap_or_default();
        let steps = case["threads"][0]["steps"].as_array().map_or(0, Vec::len);
        if tried_at.is_some_and(|length| steps > length) {
            return Ok(());
        }
        if case["state"] == from && case["holder"] == holder.as_str() {
            tried_at = Some(steps);
            match attempt(office, async |window: &mut Window| window.act(request.clone()).await)
                .await
            {
                Ok(_) => return Ok(()),
                Err(error) if error.is_passing() => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::ensure!(
            tokio::time::Instant::now() < deadline,
            "case {number} did not become {from} at {holder}: it is {}",
            case["state"]
        );
        tokio::time::sleep(LOOK).await;
    }
}

fn holder(office: &Player, organ: &str) -> String {
    let division = office.division.short();
    if organ.is_empty() { division } else { format!("{division}/{organ}") }
}

async fn note(office: &Player, number: &str, text: &str) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(case) = show(office, number).await? {
            let known = case["timeline"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|step| step["words"]["text"] == text);
            if known {
                return Ok(());
            }
            let request = ActRequest {
                hand: Some(hand("", "0001")),
                case_name: number.into(),
                act: Some(Act::Note(Noted { text: text.into() })),
                ..ActRequest::default()
            };
            match attempt(office, async |window: &mut Window| window.act(request.clone()).await)
                .await
            {
                Ok(_) => return Ok(()),
                Err(error) if error.is_passing() => {}
                Err(error) => return Err(error.into()),
            }
        }
        anyhow::ensure!(
            tokio::time::Instant::now() < deadline,
            "case {number} did not reach {}",
            office.division
        );
        tokio::time::sleep(LOOK).await;
    }
}

/// The case as the office shows it; `None` while it is not there.
async fn show(office: &Player, number: &str) -> anyhow::Result<Option<Value>> {
    let shown =
        persist_or(office, async |window: &mut Window| window.show_case(number).await).await?;
    shown.map(|json| serde_json::from_str(&json).context("a case that is not JSON")).transpose()
}

/// Waits until every office has sent, proved and had cosigned all it has.
async fn settle_down(cast: &Cast) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let mut open = Vec::new();
        for player in cast.players() {
            let json =
                persist(player, async |window: &mut Window| window.show_status().await).await?;
            let status: Value = serde_json::from_str(&json)?;
            if !is_settled(&status, player.division == cast.hub().division) {
                open.push(player.division.short());
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        anyhow::ensure!(
            tokio::time::Instant::now() < deadline,
            "not everything has arrived: {}",
            open.join(", ")
        );
        tokio::time::sleep(LOOK).await;
    }
}

fn is_settled(status: &Value, root: bool) -> bool {
    let quiet = |neighbour: &Value| {
        let ledgers = &neighbour["ledgers"];
        let sent = &ledgers["sent"];
        ledgers["unsent"] == false && (sent.is_null() || sent["number"] == sent["proved_number"])
    };
    let neighbours = status["neighbours"].as_array().map(Vec::as_slice).unwrap_or_default();
    let cosigned = root || status["not_cosigned"]["entries"] == 0;
    cosigned && status["waiting"] == 0 && neighbours.iter().all(quiet)
}

pub(super) fn hand(organ: &str, officer: &str) -> Hand {
    Hand { organ: organ.into(), officer: officer.into(), on_behalf_of: String::new() }
}

/// Asks once.
async fn attempt<T>(
    office: &Player,
    ask: impl AsyncFn(&mut Window) -> Result<T, WindowError>,
) -> Result<T, WindowError> {
    let mut window = Window::knock(&office.folder).await?;
    ask(&mut window).await
}

/// Asks until the office answers, however often it is killed meanwhile.
pub(super) async fn persist<T>(
    office: &Player,
    ask: impl AsyncFn(&mut Window) -> Result<T, WindowError>,
) -> anyhow::Result<T> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match attempt(office, &ask).await {
            Ok(answer) => return Ok(answer),
            Err(error) if error.is_passing() && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(LOOK).await;
            }
            Err(error) => return Err(error).with_context(|| office.division.short()),
        }
    }
}

/// As [`persist`]; turned down is `None`.
pub(super) async fn persist_or<T>(
    office: &Player,
    ask: impl AsyncFn(&mut Window) -> Result<T, WindowError>,
) -> anyhow::Result<Option<T>> {
    persist(office, async |window: &mut Window| match ask(window).await {
        Ok(answer) => Ok(Some(answer)),
        Err(WindowError::TurnedDown(_)) => Ok(None),
        Err(error) => Err(error),
    })
    .await
}
