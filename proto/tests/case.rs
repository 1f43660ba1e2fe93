//! What a case makes of openings: its id names the one office that can have opened it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use terrace_proto::case::{Aside, Case, State};
use terrace_proto::digest::{CaseId, Epoch, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::Place;
use terrace_proto::entry::{Content, Entry, Header, Holder, JournalId, body};
use terrace_proto::wire;

const THREAD: ThreadId = ThreadId([3; 16]);

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn county() -> DivisionCode {
    code("410221")
}

/// An entry of the county's case by `author`, with what `with` makes of its header.
fn entry(author: &str, content: Content, with: impl FnOnce(&mut Header)) -> Entry {
    let journal = JournalId { author: code(author), epoch: Epoch([1; 16]) };
    let hour = "2026-03-02T00:00:00Z".parse().unwrap();
    let mut header = Header::plain(journal, 1, body::kind(&content), hour);
    header.case = Some(CaseId::of(county(), THREAD));
    with(&mut header);
    Entry::write(header, content, [7; 16])
}

fn opening(author: &str, thread: ThreadId, organ: &str) -> Entry {
    let content = Content::CaseOpened(wire::CaseOpened { ..wire::CaseOpened::default() });
    entry(author, content, |header| {
        header.place = Some(Place { thread, stage: 1, predecessor: None });
        header.custody_to = Some(Holder { division: code(author), organ: organ.to_owned() });
        header.audience_added = vec![code(author)];
    })
}

fn fold(entries: &[&Entry]) -> Case {
    let mut case = Case::new(CaseId::of(county(), THREAD));
    entries.iter().for_each(|entry| _ = case.take(entry));
    case.derive(Tree::national());
    case
}

#[test]
fn opening_by_whom_the_id_does_not_name_moves_nothing_and_entitles_nobody() {
    let own = opening("410221", THREAD, "");
    for stranger in [opening("42", THREAD, ""), opening("410221", ThreadId([4; 16]), "")] {
        let case = fold(&[&stranger, &own]);
        assert_eq!(case.threads().len(), 1);
        assert_eq!(case.leading().unwrap().steps(), [own.leaf()]);
        assert_eq!(case.aside().get(&stranger.leaf()), Some(&Aside::Irregular));
        assert_eq!(case.audience().iter().collect::<Vec<_>>(), [&county()]);
        assert!(fold(&[&stranger]).leading().is_none(), "not even before the true one is here");
    }
}

#[test]
fn intake_by_a_stranger_entitles_nobody() {
    let own = opening("410221", THREAD, "");
    let content = Content::IntakeRegistered(wire::IntakeRegistered::default());
    let case = fold(&[&own, &entry("4201", content, |_| {})]);
    assert!(!case.audience().contains(&code("4201")));
    assert!(!case.audience().contains(&code("42")));
}

#[test]
fn case_opened_twice_is_shown_and_goes_on_when_it_is_settled() {
    let (one, other) = (opening("410221", THREAD, ""), opening("410221", THREAD, "mzj"));
    let case = fold(&[&one, &other]);
    let thread = case.leading().unwrap();
    assert_eq!(thread.contest().unwrap().settler, code("4102"));
    assert_eq!((thread.steps(), thread.tip()), (&[][..], None));
    assert!(case.audience().contains(&county()), "the opener does not lose sight of it");
    assert!(case.aside().values().all(|aside| *aside == Aside::Contesting));

    let settled = Content::Settled(wire::Settled { reason: "以先登记为准".into() });
    let settled = entry("4102", settled, |header| {
        header.place = Some(Place { thread: THREAD, stage: 1, predecessor: None });
        header.settles = Some(other.leaf());
    });
    let case = fold(&[&one, &other, &settled]);
    let thread = case.leading().unwrap();
    assert_eq!((thread.steps(), thread.state()), (&[other.leaf()][..], State::Registered));
    assert_eq!(thread.holder().organ, "mzj");
    assert_eq!(case.aside().get(&one.leaf()), Some(&Aside::SetAside));
}
