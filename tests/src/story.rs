//! What officers do, drawn by the seed: they register, pass cases up, down and across, receive, decide,
//! close, note and settle; they also try what they may not; and in some offices they write past the desk.
//!
//! The lawful part goes through the desk alone. It knows no more of the world than an officer does: what is
//! held at the own office.

pub mod rogue;
pub mod words;

use futures::FutureExt as _;
use terrace_node::archive::News;
use terrace_node::desk::{Desk, DeskError, Registered, Registration};
use terrace_node::store::CaseRecord;
use terrace_node::surroundings::Clock as _;
use terrace_proto::case::step::{self, Who};
use terrace_proto::case::{Case, State, standing::day_of};
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::seal::{Identity, Petitioner};
use terrace_proto::wire;

use crate::dice::Dice;
use crate::disk::at_once;
use crate::world::World;

/// Organs an office may have besides the petition office itself.
const ORGANS: [&str; 3] = ["civil-affairs", "land", "police"];
/// How many people bring the intakes of a story: few enough that some come twice.
const PERSONS: u64 = 40;
/// Where problems lie, beside where they are registered.
const PLACES: [u64; 2] = [410_221_000_000, 410_221_101_000];

/// What officers of a world know of it, and how they are minded.
#[derive(Debug)]
pub struct Story {
    divisions: Vec<DivisionCode>,
    over: bool,
}

impl Story {
    /// The story of a world of these divisions.
    #[must_use]
    pub fn new(divisions: &[DivisionCode]) -> Self {
        Self { divisions: divisions.to_vec(), over: false }
    }

    /// Nobody acts any more.
    pub fn end(&mut self) {
        self.over = true;
    }

    /// Whether nobody acts any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }
}

/// An officer somewhere has a moment.
pub fn act(world: &mut World) {
    let divisions = world.story.divisions.clone();
    let office = *world.dice.pick(&divisions);
    let Some(at) = world.offices.get(&office).filter(|at| at.running.is_some()) else { return };
    let rogue = at.rogue;
    match world.dice.below(100) {
        0..18 => _ = register(world, office, 1),
        18..22 => {
            let count = world.dice.below(12) + 2;
            _ = register(world, office, count);
        }
        22..74 => advance_one(world, office),
        74..78 => note_one(world, office),
        78..80 => take_up_one(world, office),
        80..90 => settle_one(world, office),
        _ if rogue => rogue::act(world, office),
        _ => trespass(world, office),
    }
}

/// Registers some intakes at an office.
pub fn register(world: &mut World, office: DivisionCode, count: u64) -> Vec<CaseId> {
    let mut dice = world.dice.fork();
    let registered = world
        .order(office, "register", true, |desk| register_at(desk, count, &mut dice).now_or_never());
    registered.unwrap_or_default().into_iter().map(|registered| registered.case).collect()
}

/// Registers an anonymous letter: its superior is asked about nobody, and writes nothing because of it.
pub fn register_anonymous(world: &mut World, office: DivisionCode) -> Option<CaseId> {
    let mut one = registration(&mut world.dice.fork());
    one.identity = None;
    let registered = world.order(office, "register", true, |desk| {
        desk.register(&hand(""), vec![one.clone()]).now_or_never()
    });
    registered.unwrap_or_default().first().map(|registered| registered.case)
}

/// Registers some intakes at a desk.
pub async fn register_at(
    desk: &mut Desk<'_>,
    count: u64,
    dice: &mut Dice,
) -> Result<(Vec<Registered>, News), DeskError> {
    let registrations = (0..count).map(|_| registration(dice)).collect();
    desk.register(&hand(""), registrations).await
}

/// Passes a case on, with a due date when `days` are given.
pub fn hop(
    world: &mut World,
    office: DivisionCode,
    case: CaseId,
    to: Holder,
    days: Option<i32>,
) -> bool {
    let Some(held) = case_at(world, office, case) else { return false };
    let Some(at) = world.offices.get(&office) else { return false };
    let today = day_of(at.clock.now());
    let due_on =
        days.and_then(|days| today.checked_add(jiff::Span::new().try_days(days).ok()?).ok());
    let hand = hand(&held.leading().map(|t| t.holder().organ.clone()).unwrap_or_default());
    let words = "请依法按政策处理".to_owned();
    let done = world.order(office, "pass on", false, |desk| {
        let taken = desk.hop(case, &hand, to, words, due_on).now_or_never()?;
        Some(taken.map(|taken| ((), taken.news)))
    });
    done.is_some()
}

/// Takes a step that keeps custody; `due` says that the desk must grant it.
pub fn step(world: &mut World, office: DivisionCode, case: CaseId, kind: Kind, due: bool) -> bool {
    let Some(held) = case_at(world, office, case) else { return false };
    let Some((content, sure)) = words::content(kind, today(world, office)) else { return false };
    let hand = hand(&held.leading().map(|t| t.holder().organ.clone()).unwrap_or_default());
    let done = world.order(office, kind.en(), due && sure, |desk| {
        let taken = desk.step(case, &hand, content).now_or_never()?;
        Some(taken.map(|taken| ((), taken.news)))
    });
    done.is_some()
}

/// Notes something beside a case.
pub fn note(world: &mut World, office: DivisionCode, case: CaseId) -> bool {
    let hand = hand("");
    let done = world.order(office, "note", true, |desk| {
        let taken = desk.note(case, &hand, "来电催办".to_owned()).now_or_never()?;
        Some(taken.map(|taken| ((), taken.news)))
    });
    done.is_some()
}

/// Settles a contested thread in favour of its first contesting entry.
pub fn settle(world: &mut World, office: DivisionCode, case: CaseId) -> bool {
    let Some(held) = case_at(world, office, case) else { return false };
    let tree = Tree::national();
    let mut contests = held.threads().values().filter_map(|thread| thread.contest());
    let Some(contest) = contests.find(|c| tree.is_within(c.settler, office)) else { return false };
    let applies = *world.dice.pick(&contest.entries);
    let hand = hand("");
    let done = world.order(office, "settle", true, |desk| {
        let taken =
            desk.settle(case, &hand, applies, "以先行转送为准".to_owned()).now_or_never()?;
        Some(taken.map(|taken| ((), taken.news)))
    });
    done.is_some()
}

/// A case as an office holds it.
#[must_use]
pub fn case_at(world: &World, office: DivisionCode, case: CaseId) -> Option<Case> {
    let running = world.offices.get(&office)?.running.as_ref()?;
    at_once(running.archive.case(case)).ok()?
}

/// Draws one of the cases an office holds that are `wanted`.
fn draw(
    world: &mut World,
    office: DivisionCode,
    wanted: impl Fn(&CaseRecord) -> bool,
) -> Option<CaseId> {
    let at = world.offices.get(&office)?;
    let mut found = Vec::new();
    at.disk.store().for_each_case(|case| {
        if wanted(case) {
            found.push(case.id);
        }
    });
    (!found.is_empty()).then(|| *world.dice.pick(&found))
}

/// A custodian does the next lawful thing with one of its cases.
fn advance_one(world: &mut World, office: DivisionCode) {
    let held_here = |case: &CaseRecord| {
        case.holder.as_ref().is_some_and(|(division, _)| *division == office)
            && case.open
            && !case.parked
            && !case.contested
    };
    let Some(case) = draw(world, office, held_here) else { return };
    let Some(held) = case_at(world, office, case) else { return };
    let Some(thread) = held.leading() else { return };
    let hops = [Kind::Transferred, Kind::Assigned];
    let holder = thread.holder();
    let steps = step::next(thread.state()).filter(|step| step.who.may_be(holder));
    let steps = steps.map(|step| step.kind);
    let steps: Vec<Kind> =
        steps.filter(|kind| hops.contains(kind) || words::content(*kind, 0).is_some()).collect();
    if steps.is_empty() {
        return;
    }
    // Cases that end at once teach little: half of the time one that can go on does.
    let hopping = steps.contains(&Kind::Transferred) && world.dice.happens(450);
    let kind = if hopping { *world.dice.pick(&hops) } else { *world.dice.pick(&steps) };
    if matches!(kind, Kind::Transferred | Kind::Assigned) {
        let to = target(world, holder);
        let days = (kind == Kind::Assigned).then(|| 30 + i32::from(world.dice.happens(500)));
        hop(world, office, case, to, days);
    } else {
        step(world, office, case, kind, true);
    }
}

fn note_one(world: &mut World, office: DivisionCode) {
    if let Some(case) = draw(world, office, |_| true) {
        note(world, office, case);
    }
}

/// An office takes a case of its subtree up, or reviews it where the petitioner asks, or orders it done anew.
fn take_up_one(world: &mut World, office: DivisionCode) {
    let below = |case: &CaseRecord| {
        let elsewhere = case
            .holder
            .as_ref()
            .is_some_and(|(at, _)| *at != office && at.level() > office.level());
        elsewhere && !case.parked && !case.contested
    };
    let Some(case) = draw(world, office, below) else { return };
    let Some(held) = case_at(world, office, case) else { return };
    let Some(state) = held.leading().map(|thread| thread.state()) else { return };
    let (day, reason) = (today(world, office), "群众反映强烈".to_owned());
    let request = wire::ReviewRequested {
        grounds: reason.clone(),
        requested_on: day,
        late_cause: "住院".into(),
        ..wire::ReviewRequested::default()
    };
    let taken_up = wire::TakenUp { ground: 3, reason: reason.clone(), due: Vec::new() };
    let opening = if state == State::Served {
        Content::ReviewOpened(wire::ReviewOpened::default())
    } else {
        Content::ReexamOpened(wire::ReexamOpened::default())
    };
    let acts = if matches!(state, State::Served | State::ReviewServed) {
        vec![Content::ReviewRequested(request), opening]
    } else {
        vec![Content::TakenUp(taken_up)]
    };
    for content in acts {
        let hand = hand("");
        world.order(office, "take up", false, |desk| {
            let taken = desk.act(case, &hand, content, None).now_or_never()?;
            Some(taken.map(|taken| ((), taken.news)))
        });
    }
}

/// The day in China by an office's own clock, in days since 1970-01-01.
fn today(world: &World, office: DivisionCode) -> i32 {
    world.offices.get(&office).map_or(0, |at| days_of(day_of(at.clock.now())))
}

fn settle_one(world: &mut World, office: DivisionCode) {
    if let Some(case) = draw(world, office, |case| case.contested) {
        settle(world, office, case);
    }
}

/// An officer tries to advance a case that others hold; the desk says no.
fn trespass(world: &mut World, office: DivisionCode) {
    let elsewhere =
        |case: &CaseRecord| case.holder.as_ref().is_some_and(|(division, _)| *division != office);
    if let Some(case) = draw(world, office, elsewhere) {
        let kind = *world.dice.pick(&[Kind::Received, Kind::Accepted, Kind::Decided, Kind::Closed]);
        step(world, office, case, kind, false);
    }
}

/// Where a case is passed: anywhere in the country, enrolled or not, or to an organ next door; a petition office that
/// decides nothing itself more often has one that does.
fn target(world: &mut World, from: &Holder) -> Holder {
    let office = from.division;
    if world.dice.happens(if Who::Unit.may_be(from) { 150 } else { 500 }) {
        let organ = (*world.dice.pick(&ORGANS)).to_owned();
        return Holder { division: office, organ };
    }
    if world.dice.happens(40) {
        return Holder::office("310115".parse().expect("Pudong is a division"));
    }
    let divisions = world.story.divisions.clone();
    let division = *world.dice.pick(&divisions);
    let organ = if world.dice.happens(200) { *world.dice.pick(&ORGANS) } else { "" };
    Holder { division, organ: organ.to_owned() }
}

fn hand(organ: &str) -> Hand {
    Hand { organ: organ.to_owned(), officer: "0417".into(), on_behalf_of: String::new() }
}

/// Who brought an intake of the story, by its category: nobody was taken down for the others.
#[must_use]
pub fn person_of(category: &str) -> Option<u64> {
    category.strip_prefix("land ")?.parse().ok()
}

fn registration(dice: &mut Dice) -> Registration {
    let long = if dice.happens(30) { 2_000 } else { 20 };
    let length = usize::try_from(dice.below(long) + 1).expect("a short text");
    let person = dice.happens(300).then(|| dice.below(PERSONS));
    let place = if dice.happens(500) { *dice.pick(&PLACES) } else { 0 };
    let intake = wire::IntakeRegistered {
        channel: "LET".into(),
        category: person.map_or("land".into(), |person| format!("land {person}")),
        place,
        title: format!("关于第{}号地块的来信", dice.below(1_000)),
        text: "补偿款至今没有发放。".repeat(length),
        persons: 1,
        ..wire::IntakeRegistered::default()
    };
    let identity = person.map(|person| {
        let petitioner = Petitioner {
            name: format!("信访人{person}"),
            id_number: format!("4102211980{person:08}"),
            ..Petitioner::default()
        };
        Identity { petitioner, others: Vec::new() }
    });
    Registration { intake, received_on: None, past: None, identity, coded: false }
}
