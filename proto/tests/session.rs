//! What a session refuses, with both ends as values: no transport, no store.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "other effects are not what these tests ask for"
)]

use jiff::Timestamp;
use terrace_proto::digest::{CaseId, Epoch, LinkEpoch};
use terrace_proto::division::Tree;
use terrace_proto::entry::JournalId;
use terrace_proto::journal::{Checkpoint, ParcelItem};
use terrace_proto::key::Signer;
use terrace_proto::ledger::{Head, LedgerId};
use terrace_proto::note::Note;
use terrace_proto::objection::{Ground, Objection};
use terrace_proto::session::matching::{FIELDS, Fields, QUESTIONS, Step, Task, Under};
use terrace_proto::session::{
    Closing, Effect, PATIENCE, Peer, SLOWEST, Session, Shipment, Side, Start, WINDOW_BYTES,
    WINDOW_ENTRIES,
};
use terrace_proto::wire::{self, Frame, RefusalReason, frame::Say};

fn journal(code: &str, epoch: u8) -> JournalId {
    JournalId { author: code.parse().unwrap(), epoch: Epoch([epoch; 16]) }
}

fn signer(number: u8) -> Signer {
    Signer::from_secret(&[number; 32])
}

fn now() -> Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}

/// One end: the county towards its town, or the town towards its county.
fn end(side: Side) -> Session {
    Session::new(start(side), now())
}

fn start(side: Side) -> Start {
    let (county, town) = (journal("410221", 1), journal("410221101", 2));
    let (me, mine, peer, theirs) = match side {
        Side::Superior => (county, 1, town, 2),
        Side::Subordinate => (town, 2, county, 1),
    };
    let ledger = LedgerId { from: me.author, to: peer.author, epoch: LinkEpoch([9; 16]) };
    Start {
        me,
        signer: signer(mine),
        peer: Peer { journal: peer, key: signer(theirs).public() },
        side,
        outgoing: Head::start(ledger),
        position: 0,
        signed_for: None,
        incoming: None,
        cosigned_size: 0,
        peer_held: None,
        checkpoint: Vec::new(),
    }
}

fn say(session: &mut Session, say: Say) {
    session.handle_frame(now(), Frame { say: Some(say) }, Tree::national());
}

fn hello(session: &mut Session) -> wire::Hello {
    match session.poll_effect() {
        Some(Effect::Send(Frame { say: Some(Say::Hello(hello)) })) => hello,
        other => panic!("no hello: {other:?}"),
    }
}

/// What a session refused, and that it told the peer before it closed.
fn refused(session: &mut Session) -> (RefusalReason, String) {
    let mut told = None;
    while let Some(effect) = session.poll_effect() {
        match effect {
            Effect::Send(Frame { say: Some(Say::Refusal(refusal)) }) => told = Some(refusal),
            Effect::Close(Closing::Refused(reason, detail)) => {
                let told = told.expect("the peer is told first");
                assert_eq!((told.reason(), &told.detail), (reason, &detail));
                return (reason, detail);
            }
            _ => {}
        }
    }
    panic!("nothing was refused");
}

#[test]
fn both_ends_talk_after_hello() {
    let (mut county, mut town) = (end(Side::Superior), end(Side::Subordinate));
    let (from_county, from_town) = (hello(&mut county), hello(&mut town));
    say(&mut county, Say::Hello(from_town));
    say(&mut town, Say::Hello(from_county));
    assert!(county.is_talking() && town.is_talking());
}

#[test]
fn neighbour_of_another_protocol_is_refused_with_both_ranges() {
    let mut county = end(Side::Superior);
    let mut words = hello(&mut end(Side::Subordinate));
    (words.protocol_min, words.protocol_max) = (7, 9);
    _ = hello(&mut county);
    say(&mut county, Say::Hello(words));
    let (reason, detail) = refused(&mut county);
    assert_eq!(reason, RefusalReason::Version);
    assert!(detail.contains("1 to 1") && detail.contains("7 to 9"), "{detail}");
}

#[test]
fn hello_of_another_division_than_the_certificate_is_refused() {
    let mut county = end(Side::Superior);
    let mut words = hello(&mut end(Side::Subordinate));
    words.division = 410_221_102_000;
    _ = hello(&mut county);
    say(&mut county, Say::Hello(words));
    assert_eq!(refused(&mut county).0, RefusalReason::Impostor);
}

#[test]
fn second_copy_of_an_office_is_refused_by_its_epoch() {
    let mut county = end(Side::Superior);
    let mut words = hello(&mut end(Side::Subordinate));
    words.journal_epoch = vec![3; 16];
    _ = hello(&mut county);
    say(&mut county, Say::Hello(words));
    assert_eq!(refused(&mut county).0, RefusalReason::Fork);
}

#[test]
fn passage_before_hello_is_refused() {
    let mut county = end(Side::Superior);
    _ = hello(&mut county);
    say(&mut county, Say::Passage(wire::Passage::default()));
    assert_eq!(refused(&mut county).0, RefusalReason::Order);
}

#[test]
fn passage_that_leaves_one_out_is_refused() {
    let (mut county, mut town) = (end(Side::Superior), end(Side::Subordinate));
    _ = hello(&mut county);
    say(&mut county, Say::Hello(hello(&mut town)));
    say(&mut county, Say::Passage(wire::Passage { number: 2, ..wire::Passage::default() }));
    assert_eq!(refused(&mut county).0, RefusalReason::Ledger);
}

#[test]
fn frame_of_a_later_version_is_refused_and_not_a_panic() {
    let mut county = end(Side::Superior);
    _ = hello(&mut county);
    county.handle_frame(now(), Frame { say: None }, Tree::national());
    assert_eq!(refused(&mut county).0, RefusalReason::Form);
}

/// The objections in a session's effects after the town's hello says it has stored so much of the county's ledger.
fn objected(signed_for: u64, stored: Option<(u8, u64)>) -> Vec<Objection> {
    let (county, town) = (journal("410221", 1), journal("410221101", 2));
    let id = LedgerId { from: county.author, to: town.author, epoch: LinkEpoch([9; 16]) };
    let head = Head { number: signed_for, ..Head::start(id) };
    let start = Start {
        outgoing: Head { number: 8, ..head },
        signed_for: Some((head, head.sign(&signer(2)))),
        ..start(Side::Superior)
    };
    let mut session = Session::new(start, now());
    _ = hello(&mut session);
    let mut said = hello(&mut end(Side::Subordinate));
    said.stored = stored.map(|(epoch, number)| {
        let ledger = LedgerId { epoch: LinkEpoch([epoch; 16]), ..id };
        Head { number, ..Head::start(ledger) }.cursor()
    });
    say(&mut session, Say::Hello(said));
    let effects = std::iter::from_fn(|| session.poll_effect());
    let objections = effects.filter_map(|effect| match effect {
        Effect::Object(objection) => Some(objection),
        _ => None,
    });
    objections.collect()
}

#[test]
fn subordinate_that_forgot_what_it_signed_as_stored_is_put_on_record() {
    for nothing in [Some((9, 7)), Some((9, 8)), Some((5, 1))] {
        assert_eq!(objected(7, nothing), [], "{nothing:?}");
    }
    for less in [Some((9, 6)), None] {
        let said = objected(7, less);
        assert_eq!((said.len(), said[0].ground, said[0].place), (1, Ground::Denied, 7));
        let note = Note::read(&said[0].held).unwrap();
        let town = journal("410221101", 2);
        assert!(note.signed_by(&Checkpoint::origin(town), &signer(2).public()));
    }
}

#[test]
fn neighbour_that_never_says_hello_is_given_up() {
    let mut county = end(Side::Superior);
    _ = hello(&mut county);
    county.handle_timeout(now());
    assert!(county.poll_effect().is_none(), "it is given its time");
    county.handle_timeout(now() + PATIENCE);
    assert!(matches!(county.poll_effect(), Some(Effect::Close(Closing::Silent(_)))));
}

/// What a session asks to be loaded next, and may send.
fn load(session: &mut Session) -> Option<(u32, u32)> {
    while let Some(effect) = session.poll_effect() {
        if let Effect::Load { entries, bytes, .. } = effect {
            return Some((entries, bytes));
        }
    }
    None
}

/// A town that talks, and the county's hello behind it.
fn talking() -> Session {
    let (mut county, mut town) = (end(Side::Superior), end(Side::Subordinate));
    _ = hello(&mut town);
    say(&mut town, Say::Hello(hello(&mut county)));
    town
}

/// Sends one passage of `bytes` and has it stored after some time; gives what may be under way next.
fn pass_one(town: &mut Session, bytes: usize, after: jiff::SignedDuration) -> u32 {
    let item = ParcelItem { header: vec![0; bytes], body: None, sealed: None, path: Vec::new() };
    let shipment = Shipment {
        journal: journal("410221101", 2),
        checkpoint: Vec::new(),
        run: true,
        items: vec![item],
        position: 1,
    };
    town.handle_loaded(now(), vec![shipment]);
    let Some(Effect::Record { records }) = town.poll_effect() else { panic!("nothing to record") };
    let head = records[0].0.head;
    town.handle_recorded(now());
    let stored = wire::Stored {
        number: head.number,
        digest: head.digest.0.to_vec(),
        head_signature: head.sign(&signer(1)).to_vec(),
        window_entries: WINDOW_ENTRIES,
        window_bytes: WINDOW_BYTES,
        ..wire::Stored::default()
    };
    while town.poll_effect().is_some() {}
    town.handle_loaded(now(), Vec::new());
    let frame = Frame { say: Some(Say::Stored(stored)) };
    town.handle_frame(now() + after, frame, Tree::national());
    town.handle_news(now() + after);
    load(town).expect("there is news").1
}

#[test]
fn less_is_under_way_on_a_slow_line_than_on_a_fast_one() {
    let (mut fast, mut slow) = (talking(), talking());
    let first = load(&mut fast).unwrap().1;
    assert_eq!(load(&mut slow).unwrap().1, first);
    let quick = pass_one(&mut fast, 1_000, jiff::SignedDuration::from_millis(50));
    let late = pass_one(&mut slow, 1_000, jiff::SignedDuration::from_secs(20));
    assert!(quick > first && late < first, "{late} {first} {quick}");
}

#[test]
fn passage_is_waited_for_as_long_as_its_bytes_take() {
    let mut town = talking();
    _ = load(&mut town);
    let bytes = 600 * SLOWEST as usize;
    let item = ParcelItem { header: vec![0; bytes], body: None, sealed: None, path: Vec::new() };
    let shipment = Shipment {
        journal: journal("410221101", 2),
        checkpoint: Vec::new(),
        run: true,
        items: vec![item],
        position: 1,
    };
    town.handle_loaded(now(), vec![shipment]);
    town.handle_recorded(now());
    let waited = town.poll_timeout().unwrap().duration_since(now());
    assert_eq!(waited, PATIENCE + jiff::SignedDuration::from_secs(600));
}

#[test]
fn neighbour_that_floods_is_refused() {
    let (mut county, mut town) = (end(Side::Superior), end(Side::Subordinate));
    _ = hello(&mut county);
    say(&mut county, Say::Hello(hello(&mut town)));
    // The look-up of the journal is not answered, so passages gather.
    let own = journal("410221101", 2);
    for number in 1..=20 {
        let item = wire::Item { header: vec![0; 1024 * 1024], ..wire::Item::default() };
        let passage = wire::Passage {
            number,
            author: own.author.number(),
            epoch: own.epoch.0.to_vec(),
            run: true,
            items: vec![item],
            ..wire::Passage::default()
        };
        say(&mut county, Say::Passage(passage));
    }
    assert_eq!(refused(&mut county).0, RefusalReason::Order);
}

/// The tasks of asking about cases that a session gives its shell.
fn tasks(session: &mut Session) -> Vec<Task> {
    let mut tasks = Vec::new();
    while let Some(effect) = session.poll_effect() {
        if let Effect::Match(task) = effect {
            tasks.push(task);
        }
    }
    tasks
}

fn fields(case: u8, of: usize) -> wire::SameCaseFields {
    wire::SameCaseFields { case_id: vec![case; 16], fields: vec![vec![1; 32]; of] }
}

#[test]
fn only_a_subordinate_asks_about_cases_and_only_what_was_asked_is_answered() {
    let mut town = talking();
    assert_eq!(tasks(&mut town), [Task::Ask { limit: QUESTIONS }]);
    town.handle_step(now(), Step::Ask(Vec::new()));
    let unasked = wire::SameCaseAnswered { answers: Vec::new() };
    say(&mut town, Say::SameCaseAnswered(unasked));
    assert_eq!(refused(&mut town).0, RefusalReason::Order);

    let mut town = talking();
    say(&mut town, Say::SameCaseAsked(wire::SameCaseAsked { cases: vec![fields(1, 1)] }));
    assert_eq!(refused(&mut town).0, RefusalReason::Order, "a superior does not ask");
}

#[test]
fn whoever_is_put_off_asks_again_after_an_hour() {
    let mut town = talking();
    assert_eq!(tasks(&mut town), [Task::Ask { limit: QUESTIONS }]);
    let case = CaseId([1; 16]);
    town.handle_step(now(), Step::Ask(vec![Fields { case, fields: vec![[1; 32]] }]));
    say(&mut town, Say::SameCaseEvaluated(wire::SameCaseEvaluated::default()));
    let answered = Under { generation: 0, cases: Vec::new() };
    assert_eq!(tasks(&mut town), [Task::Unblind(answered)]);
    town.handle_step(now(), Step::Unblind(Under { generation: 0, cases: Vec::new() }));
    town.handle_news(now());
    assert_eq!(tasks(&mut town), [], "not before its hour");
    let due = now() + jiff::SignedDuration::from_hours(1);
    assert_eq!(town.poll_timeout(), Some(due));
    town.handle_timeout(due);
    assert_eq!(tasks(&mut town), [Task::Ask { limit: QUESTIONS }]);

    // So is whoever brings marks and is told nothing.
    town.handle_step(due, Step::Ask(vec![Fields { case, fields: vec![[1; 32]] }]));
    say(&mut town, Say::SameCaseAnswered(wire::SameCaseAnswered { answers: Vec::new() }));
    town.handle_news(due);
    assert_eq!(tasks(&mut town), [], "not at once, for ever");
}

#[test]
fn questions_of_more_or_other_bytes_than_anyone_asks_are_refused() {
    let longer = wire::SameCaseFields { case_id: vec![1; 16], fields: vec![vec![1; 33]] };
    let nameless = wire::SameCaseFields { case_id: vec![1; 15], fields: vec![vec![1; 32]] };
    let many = vec![fields(1, 1); QUESTIONS as usize + 1];
    for cases in [vec![longer], vec![nameless], vec![fields(1, FIELDS + 1)], many] {
        let (mut county, mut town) = (end(Side::Superior), end(Side::Subordinate));
        _ = hello(&mut county);
        say(&mut county, Say::Hello(hello(&mut town)));
        say(&mut county, Say::SameCaseAsked(wire::SameCaseAsked { cases }));
        assert_eq!(refused(&mut county).0, RefusalReason::Form);
    }
}
