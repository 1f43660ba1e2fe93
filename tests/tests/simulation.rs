//! The simulated federation: some fixed seeds, and named scenarios with a few offices.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use futures::FutureExt as _;
use terrace_node::archive::{Archive, enrolling};
use terrace_node::desk::{Desk, Numbering};
use terrace_node::store::memory::Fault;
use terrace_node::store::postgres::PostgresStore;
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{IfHeld, Store};
use terrace_proto::case::{Aside, State};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Holder, Kind};
use terrace_tests::cluster::{self, Furnished};
use terrace_tests::dice::Dice;
use terrace_tests::disk::{Disk, Mark, at_once};
use terrace_tests::line::UNIT;
use terrace_tests::network::Weather;
use terrace_tests::run::{Lived, STEPS, live};
use terrace_tests::sample::Content;
use terrace_tests::story;
use terrace_tests::world::World;
use terrace_tests::world::impostor::Imposture;

const HUB: &str = "000000000000";
const PROVINCE: &str = "41";
const OTHER: &str = "42";
const CITY: &str = "4102";
const COUNTY: &str = "410221";
const TOWN: &str = "410221101";
/// Long enough for anything to travel from end to end, in milliseconds.
const MINUTE: i64 = 60_000;

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

/// A hub, two provinces and a city, in which nothing goes wrong by itself.
fn quiet() -> World {
    enrolled(&[HUB, PROVINCE, OTHER, CITY])
}

/// An enrolled federation, superiors first.
fn enrolled(divisions: &[&str]) -> World {
    let divisions: Vec<DivisionCode> = divisions.iter().map(|text| code(text)).collect();
    let mut world = World::new(1, &divisions);
    world.trace.keep_whole();
    world.pass(MINUTE).unwrap();
    world
}

fn registered(world: &mut World, at: &str) -> CaseId {
    let cases = world.take("register", |world| story::register(world, code(at), 1)).unwrap();
    cases[0]
}

fn registered_anonymously(world: &mut World, at: &str) {
    let taken = world.take("register", |world| story::register_anonymous(world, code(at)));
    assert!(taken.unwrap().is_some());
}

fn pass_on(world: &mut World, at: &str, case: CaseId, to: &str) {
    let to = Holder::office(code(to));
    let done = world.take("pass on", |world| story::hop(world, code(at), case, to, None)).unwrap();
    assert!(done, "the holder may pass it on");
}

/// From the petition office to the organ in its house that decides the substance.
fn to_unit(world: &mut World, at: &str, case: CaseId) {
    let to = Holder { division: code(at), organ: UNIT.into() };
    let done = world.take("pass on", |world| story::hop(world, code(at), case, to, None)).unwrap();
    assert!(done, "the holder may pass it on");
}

fn take_step(world: &mut World, at: &str, case: CaseId, kind: Kind) -> bool {
    world.take("step", |world| story::step(world, code(at), case, kind, false)).unwrap()
}

fn state(world: &World, at: &str, case: CaseId) -> (State, DivisionCode) {
    let case = story::case_at(world, code(at), case).unwrap();
    let thread = case.leading().unwrap();
    (thread.state(), thread.holder().division)
}

fn put_back(world: &mut World, at: &str, copy: &Disk) {
    world.take("kill", |world| world.kill(code(at))).unwrap();
    world.take("restore", |world| world.restore(code(at), copy)).unwrap();
    world.take("start", |world| world.start(code(at))).unwrap();
    world.pass(5 * MINUTE).unwrap();
}

fn comes_to_rest(world: &mut World) {
    world.take("calm", World::calm).unwrap();
    world.settle_down(50_000).unwrap();
    world.finish().unwrap();
}

#[test]
fn fixed_seeds_live_through_their_troubles() {
    for seed in 1..=12 {
        let lived = live(seed, STEPS, false);
        if let Some(failure) = lived.failure {
            let tail: Vec<&str> = lived.world.trace.lines().collect();
            panic!("{}\nseed {seed}: {failure}", tail.join("\n"));
        }
    }
}

#[test]
fn same_seed_gives_the_same_trace() {
    let (one, again, other) = (live(7, 3_000, true), live(7, 3_000, true), live(8, 3_000, true));
    assert!(one.world.trace.lines().eq(again.world.trace.lines()));
    assert_eq!(one.world.trace.digest(), again.world.trace.digest());
    assert_ne!(one.world.trace.digest(), other.world.trace.digest());
}

#[test]
fn case_goes_up_down_and_across_and_everyone_entitled_sees_it() {
    let mut world = quiet();
    let case = registered(&mut world, CITY);
    pass_on(&mut world, CITY, case, PROVINCE);
    world.pass(MINUTE).unwrap();
    assert!(take_step(&mut world, PROVINCE, case, Kind::Received));
    pass_on(&mut world, PROVINCE, case, OTHER);
    world.pass(MINUTE).unwrap();
    // The other province is not known here, so the common superior holds it.
    assert_eq!(state(&world, CITY, case), (State::InTransit, code(HUB)));
    assert!(take_step(&mut world, HUB, case, Kind::Received));
    pass_on(&mut world, HUB, case, OTHER);
    world.pass(MINUTE).unwrap();
    assert!(take_step(&mut world, OTHER, case, Kind::Received));
    to_unit(&mut world, OTHER, case);
    for kind in [Kind::Received, Kind::Accepted, Kind::Decided, Kind::Served, Kind::Closed] {
        assert!(take_step(&mut world, OTHER, case, kind), "{kind:?}");
    }
    comes_to_rest(&mut world);
    for at in [HUB, PROVINCE, OTHER, CITY] {
        assert_eq!(state(&world, at, case), (State::Closed, code(OTHER)));
    }
}

#[test]
fn town_cut_off_for_a_week_catches_up() {
    let mut world = enrolled(&[HUB, PROVINCE, CITY, COUNTY, TOWN]);
    world.take("part", |world| world.part(code(TOWN), None)).unwrap();
    let mut cases = Vec::new();
    for _ in 0..7 {
        cases.push(registered(&mut world, TOWN));
        world.pass(24 * 60 * MINUTE).unwrap();
    }
    let heard = |world: &World, at: &str| {
        cases.iter().filter(|case| story::case_at(world, code(at), **case).is_some()).count()
    };
    assert_eq!((heard(&world, TOWN), heard(&world, COUNTY)), (7, 0));
    world.network.heal(code(TOWN));
    world.pass(3 * MINUTE).unwrap();
    assert_eq!(heard(&world, HUB), 7);
    comes_to_rest(&mut world);
}

#[test]
fn contested_thread_is_settled_by_the_common_superior() {
    let mut world = quiet();
    let case = registered(&mut world, CITY);
    world.take("rogue", |world| story::rogue::double(world, code(CITY), Some(case))).unwrap();
    world.pass(MINUTE).unwrap();
    let seen = story::case_at(&world, code(PROVINCE), case).unwrap();
    let contest = seen.leading().unwrap().contest().cloned().unwrap();
    assert_eq!(contest.settler, code(PROVINCE));
    assert!(!take_step(&mut world, CITY, case, Kind::Accepted), "nobody advances it");
    let settled = world.take("settle", |world| story::settle(world, code(PROVINCE), case)).unwrap();
    assert!(settled);
    comes_to_rest(&mut world);
    for at in [HUB, PROVINCE, CITY] {
        let seen = story::case_at(&world, code(at), case).unwrap();
        assert!(!seen.is_contested());
        assert_eq!(seen.leading().unwrap().steps().len(), 2);
        assert!(seen.aside().values().any(|aside| *aside == Aside::SetAside));
    }
}

#[test]
fn entry_without_custody_moves_nothing_and_is_shown() {
    let mut world = quiet();
    let case = registered(&mut world, CITY);
    world.pass(MINUTE).unwrap();
    let before = state(&world, CITY, case);
    let leaf = world
        .take("rogue", |world| story::rogue::without_custody(world, code(PROVINCE), Some(case)))
        .unwrap()
        .unwrap();
    comes_to_rest(&mut world);
    for at in [HUB, PROVINCE, CITY] {
        let seen = story::case_at(&world, code(at), case).unwrap();
        assert_eq!(seen.aside().get(&leaf), Some(&Aside::Irregular), "{at}");
        assert_eq!(state(&world, at, case), before);
    }
    assert!(take_step(&mut world, CITY, case, Kind::Triaged), "the custodian goes on");
}

#[test]
fn stranger_who_learnt_a_case_id_can_neither_open_the_case_nor_read_it() {
    let mut world = quiet();
    let case = registered(&mut world, CITY);
    world.pass(MINUTE).unwrap();
    let before = state(&world, CITY, case);
    // The other province is as high as the case's own, and would lead if its opening counted.
    let open = |world: &mut World| story::rogue::second_opening(world, code(OTHER), Some(case));
    let leaf = world.take("rogue", open).unwrap().unwrap();
    comes_to_rest(&mut world);
    for at in [HUB, PROVINCE, CITY] {
        let seen = story::case_at(&world, code(at), case).unwrap();
        assert_eq!(seen.aside().get(&leaf), Some(&Aside::Irregular), "{at}");
        assert!(!seen.audience().contains(&code(OTHER)));
        assert_eq!(state(&world, at, case), before);
    }
    let stranger = story::case_at(&world, code(OTHER), case).unwrap();
    assert_eq!(stranger.facts().len(), 1, "it holds its own entry and no other");
}

#[test]
fn flipped_byte_is_refused_and_sent_again() {
    let mut world = quiet();
    world.network.weather = Weather { flip: 1_000, ..Weather::default() };
    let case = registered(&mut world, CITY);
    world.pass(MINUTE).unwrap();
    assert!(story::case_at(&world, code(PROVINCE), case).is_none());
    let refused = world.trace.lines().filter(|line| line.contains("says refusal")).count();
    assert!(refused > 0, "it is told why");
    world.network.weather = Weather::default();
    world.pass(2 * MINUTE).unwrap();
    assert!(story::case_at(&world, code(HUB), case).is_some());
    comes_to_rest(&mut world);
}

#[test]
fn restored_office_refuses_to_write() {
    let mut world = quiet();
    let copy = world.offices[&code(CITY)].disk.snapshot();
    registered(&mut world, CITY);
    world.pass(MINUTE).unwrap();
    put_back(&mut world, CITY, &copy);
    let city = &world.offices[&code(CITY)];
    assert!(city.running.is_none());
    let why = city.refuses.as_deref().unwrap();
    assert!(why.contains("restored from an older copy"), "{why}");
}

#[test]
fn sender_restored_walks_back_to_the_last_common_passage() {
    let mut world = quiet();
    for _ in 0..5 {
        registered_anonymously(&mut world, CITY);
        world.pass(MINUTE).unwrap();
    }
    // The province itself writes nothing, so its checkpoint file has nothing against the copy.
    let copy = world.offices[&code(PROVINCE)].disk.snapshot();
    for _ in 0..5 {
        registered_anonymously(&mut world, CITY);
        world.pass(MINUTE).unwrap();
    }
    put_back(&mut world, PROVINCE, &copy);
    let count = |world: &World, what| world.trace.lines().filter(|l| l.contains(what)).count();
    assert_eq!(count(&world, "a new ledger"), 1, "one new ledger, to the hub");
    let probes = count(&world, "hears probe");
    assert!((1..=5).contains(&probes), "found by halving, not from the beginning: {probes}");
    comes_to_rest(&mut world);
}

#[test]
fn sender_restored_twice_does_not_go_on_in_the_ledger_it_left() {
    let mut world = quiet();
    registered_anonymously(&mut world, CITY);
    world.pass(MINUTE).unwrap();
    let copy = world.offices[&code(PROVINCE)].disk.snapshot();
    for _ in 0..2 {
        registered_anonymously(&mut world, CITY);
        world.pass(MINUTE).unwrap();
        put_back(&mut world, PROVINCE, &copy);
    }
    let renewed = world.trace.lines().filter(|line| line.contains("a new ledger")).count();
    assert_eq!(renewed, 2);
    comes_to_rest(&mut world);
}

#[test]
fn neighbour_that_deceives_is_seen_through() {
    for (who, how, answer) in [
        (PROVINCE, Imposture::Another, "41 may not pass on entries of 00 this way"),
        (PROVINCE, Imposture::MadeUp, "do not lead to the root that 41/"),
        (HUB, Imposture::Altered, "do not lead to the root that 00/"),
    ] {
        let mut world = quiet();
        assert!(world.take("deceive", |world| world.impersonate(code(who), how)).unwrap());
        world.pass(MINUTE).unwrap();
        let told = world.trace.lines().any(|line| line.contains(answer));
        assert!(told, "{how:?} is answered otherwise");
        comes_to_rest(&mut world);
    }
}

#[test]
fn second_history_of_a_journal_is_not_cosigned() {
    let mut world = quiet();
    registered(&mut world, PROVINCE);
    world.pass(MINUTE).unwrap();
    let deceive = |world: &mut World| world.impersonate(code(PROVINCE), Imposture::SecondHistory);
    assert!(world.take("deceive", deceive).unwrap());
    world.pass(MINUTE).unwrap();
    let told = world.trace.lines().any(|line| line.contains("a second history, a fork"));
    assert!(told, "it is stored, or refused for another reason");
    comes_to_rest(&mut world);
}

#[test]
fn office_with_a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let mut world = quiet();
    world.offices[&code(CITY)].disk.inject(Fault::Full);
    let none = world.take("register", |world| story::register(world, code(CITY), 1)).unwrap();
    assert!(none.is_empty());
    assert!(world.offices[&code(CITY)].running.is_some(), "it does not stop");
    let case = registered(&mut world, CITY);
    comes_to_rest(&mut world);
    assert!(story::case_at(&world, code(HUB), case).is_some());
}

/// The node's shell stops after a lost answer; the archive does not rely on it.
#[test]
fn archive_reads_again_after_a_lost_answer() {
    let world = World::new(1, &[code(HUB)]);
    let office = &world.offices[&code(HUB)];
    let disk = Disk::default();
    at_once(enrolling::found(&disk, &office.identity)).unwrap();
    let store = std::sync::Arc::new(disk.clone());
    let chance = Box::new(Dice::of(1));
    let mark = Box::new(Mark::default());
    let clock = office.clock.clone();
    let opened = Archive::open(office.identity.clone(), store, mark, clock, chance);
    let mut archive = at_once(opened).unwrap().with_cabinet(office.cabinet());
    let mut numbering = Numbering::default();
    at_once(archive.open_epoch()).unwrap();
    disk.inject(Fault::FailAfterCommit);
    let (mut desk, mut dice) = (Desk::new(&mut archive, &mut numbering), Dice::of(2));
    assert!(story::register_at(&mut desk, 1, &mut dice).now_or_never().unwrap().is_err());
    assert!(story::register_at(&mut desk, 1, &mut dice).now_or_never().unwrap().is_ok());
    let me = office.identity.me;
    let journal = at_once(disk.journal(me)).unwrap().unwrap();
    assert_eq!(journal.frontier.size(), 5, "an epoch and twice an intake with its case");
}

/// Whatever a troubled federation writes, the databases hold as the modelled disks do.
#[test]
fn what_a_life_writes_is_the_same_in_every_store() {
    let seed = 7;
    let lived = live(seed, STEPS, false);
    tokio::runtime::Runtime::new().unwrap().block_on(written_everywhere(seed, &lived));
}

async fn written_everywhere(seed: u64, lived: &Lived) {
    assert!(lived.failure.is_none(), "{:?}", lived.failure);
    let scratch = tempfile::tempdir().unwrap();
    let journals: Vec<_> = lived.world.offices.values().map(|at| at.identity.me).collect();
    let mut written = 0;
    for (division, office) in &lived.world.offices {
        let history = office.disk.history();
        written += history.len();
        let expected = Content::of(&office.disk, &journals).await.unwrap();
        let file = SqliteStore::open(scratch.path().join(division.short())).await.unwrap();
        let server = PostgresStore::open(&cluster::database(Furnished::Tables), IfHeld::Refuse)
            .await
            .unwrap();
        for store in [&file as &dyn Store, &server] {
            for batch in &history {
                store.commit(batch.clone()).await.unwrap();
            }
            let content = Content::of(store, &journals).await.unwrap();
            assert_eq!(content, expected, "{store:?} of {division}, seed {seed}");
        }
    }
    assert!(written > 1_000, "{written}");
}
