//! Properties of the procedure, over random lives of a case written by three offices: whatever order the entries arrive
//! in, the fold is the same; no lawful life leaves the table; and a last day only moves where the law moves it.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use terrace_proto::case::clock::Clock;
use terrace_proto::case::step::{self, Custody, OPENINGS};
use terrace_proto::case::{Case, Terms, Thread};
use terrace_proto::digest::{CaseId, Digest, Epoch, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Hand, Place, days_of};
use terrace_proto::entry::{Content, Entry, Header, Holder, JournalId, Kind, body};
use terrace_proto::rules::{Duty, Rules};
use terrace_proto::wire;

const FIRST: ThreadId = ThreadId([3; 16]);
const OFFICES: [&str; 3] = ["410221101", "410221", "4102"];

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

/// A life in the making: the entries so far, and the case they make.
struct Life {
    entries: Vec<Entry>,
    case: Case,
    day: Date,
    sequences: BTreeMap<DivisionCode, u64>,
}

impl Life {
    fn begin() -> Self {
        let opener = code(OFFICES[0]);
        let case = Case::new(CaseId::of(opener, FIRST));
        let mut life =
            Self { entries: Vec::new(), case, day: date(2024, 1, 10), sequences: BTreeMap::new() };
        let rules = Rules::built_in().in_force(opener, life.day, Tree::national());
        let rule_packs = rules.digests().iter().map(|digest| digest.0.to_vec()).collect();
        let pin = Terms::of(rules).at_opening("", life.day).unwrap();
        let number = String::new();
        let opened = wire::CaseOpened { number, due: vec![pin.due()], rule_packs };
        let mut header = life.header(opener, Kind::CaseOpened);
        header.place = Some(Place { thread: FIRST, stage: 1, predecessor: None });
        header.custody_to = Some(Holder::office(opener));
        life.write(header, Content::CaseOpened(opened));
        life
    }

    fn header(&mut self, author: DivisionCode, kind: Kind) -> Header {
        let sequence = self.sequences.entry(author).or_default();
        *sequence += 1;
        let journal = JournalId { author, epoch: Epoch([7; 16]) };
        let hour: Timestamp = format!("{}T01:00:00Z", self.day).parse().unwrap();
        let mut header = Header::plain(journal, *sequence, kind, hour);
        header.hand = Hand::default();
        header.case = Some(self.case.id());
        header
    }

    fn write(&mut self, header: Header, content: Content) -> Digest {
        let salt = [u8::try_from(self.entries.len() % 251).unwrap(); 16];
        let entry = Entry::write(header, content, salt);
        self.case.take(&entry);
        self.case.derive(Tree::national());
        let leaf = entry.leaf();
        self.entries.push(entry);
        leaf
    }

    fn terms(&self) -> Terms<'static> {
        Terms::of(self.case.rules(Rules::built_in(), Tree::national()))
    }

    /// Takes one lawful step, drawn by `choice`.
    fn live(&mut self, choice: usize, later: i32) {
        self.day = self.day.saturating_add(jiff::Span::new().days(later));
        let Some(thread) = self.case.leading().cloned() else { return };
        let steps: Vec<_> = step::next(thread.state()).collect();
        let opening = choice.is_multiple_of(7) || steps.is_empty();
        if opening && self.open(&thread, choice) {
            return;
        }
        if steps.is_empty() {
            return;
        }
        let step = steps[choice % steps.len()];
        let author = thread.holder().division;
        let mut header = self.header(author, step.kind);
        let next = match step.custody {
            Custody::Kept => thread.holder().clone(),
            Custody::Handed => {
                let others = OFFICES.iter().map(|office| Holder::office(code(office)));
                let mut others = others.filter(|other| other != thread.holder());
                others.nth(choice % 2).unwrap()
            }
        };
        header.place =
            Some(Place { thread: thread.id(), stage: thread.stage(), predecessor: thread.tip() });
        header.custody_from = Some(thread.holder().clone());
        header.custody_to = Some(next.clone());
        let content = self.words(step.kind, &thread, &next);
        self.write(header, content);
    }

    fn open(&mut self, thread: &Thread, choice: usize) -> bool {
        let lawful: Vec<_> =
            OPENINGS.iter().filter(|row| row.from.contains(&thread.state())).collect();
        let Some(row) = lawful.get(choice % lawful.len().max(1)) else { return false };
        let opener = code("4102");
        let here = Holder { division: opener, organ: "xf".into() };
        let Some(tip) = thread.tip().filter(|_| thread.holder() != &here) else { return false };
        let mut considered = vec![tip];
        if row.stage > 1 {
            let served = thread
                .steps()
                .iter()
                .rev()
                .copied()
                .find(|leaf| self.case.facts()[leaf].header().kind == Kind::Served);
            let Some(served) = served else { return false };
            let header = self.header(code(OFFICES[0]), Kind::ReviewRequested);
            let due = self.terms().at_request(row.stage, self.day);
            let request = wire::ReviewRequested {
                stage: row.stage,
                about: served.0.to_vec(),
                requested_on: days_of(self.day),
                due: due.iter().map(terrace_proto::case::fact::Pin::due).collect(),
                ..wire::ReviewRequested::default()
            };
            considered.push(self.write(header, Content::ReviewRequested(request)));
        }
        let mut header = self.header(opener, row.kind);
        let id = ThreadId([u8::try_from(250 - self.entries.len() % 200).unwrap(); 16]);
        header.place = Some(Place { thread: id, stage: row.stage, predecessor: None });
        header.custody_to = Some(here);
        header.considered = considered;
        let content = self.words(row.kind, thread, &Holder::office(opener));
        self.write(header, content);
        true
    }

    /// Words with the pins that the rules give.
    #[allow(clippy::wildcard_enum_match_arm, reason = "kinds without pins have empty words")]
    fn words(&self, kind: Kind, thread: &Thread, to: &Holder) -> Content {
        let (terms, day) = (self.terms(), self.day);
        let dues =
            |pins: Vec<_>| pins.iter().map(terrace_proto::case::fact::Pin::due).collect::<Vec<_>>();
        let one = |pin: Option<_>| dues(pin.into_iter().collect());
        let content = match kind {
            Kind::Transferred => Content::Transferred(wire::Transferred {
                due: dues(terms.at_hop(&self.case, to, day, true)),
                ..Default::default()
            }),
            Kind::Assigned => Content::Assigned(wire::Assigned {
                due_on: days_of(day) + 30,
                ..Default::default()
            }),
            Kind::Received => Content::Received(wire::Received {
                due: dues(terms.at_arrival(&self.case, thread, day)),
                ..Default::default()
            }),
            Kind::Accepted => Content::Accepted(wire::Accepted {
                due: one(terms.at_acceptance(day)),
                ..Default::default()
            }),
            Kind::Extended => Content::Extended(wire::Extended {
                due: one(terms.at_extension(&self.case, thread)),
                ..Default::default()
            }),
            Kind::Served => Content::Served(wire::Served {
                served_on: days_of(day),
                due: terms
                    .at_service(thread, day)
                    .iter()
                    .map(terrace_proto::case::fact::Pin::due)
                    .collect(),
                ..Default::default()
            }),
            Kind::HearingStarted => Content::HearingStarted(wire::HearingStarted {
                started_on: days_of(day),
                ..Default::default()
            }),
            Kind::HearingStopped => Content::HearingStopped(wire::HearingStopped {
                stopped_on: days_of(day),
                due: one(terms.at_hearing_end(&self.case, thread, day)),
                ..Default::default()
            }),
            Kind::DisputeRejected => Content::DisputeRejected(wire::DisputeRejected {
                due: dues(terms.at_rejection(&self.case, thread)),
                ..Default::default()
            }),
            Kind::Withdrawn => Content::Withdrawn(wire::Withdrawn {
                due: one(terms.pin(Duty::WithdrawalUndo, day)),
                ..Default::default()
            }),
            other => empty(other),
        };
        assert_eq!(body::kind(&content), kind);
        content
    }
}

/// An entry of a kind with no words.
fn empty(kind: Kind) -> Content {
    let body = wire::Body { salt: Vec::new(), content: None };
    let mut bytes = prost::Message::encode_to_vec(&body);
    // The field of a kind's words has the number of the kind; its wire type is 2, its length 0.
    let key = u64::from(kind.number()) << 3 | 2;
    prost::encoding::encode_varint(key, &mut bytes);
    bytes.push(0);
    body::content(&bytes).unwrap_or_else(|| panic!("{kind:?} has words"))
}

fn lived(choices: &[(usize, i32)]) -> Life {
    let mut life = Life::begin();
    for (choice, later) in choices {
        life.live(*choice, *later);
    }
    life
}

fn folded(id: CaseId, entries: &[&Entry]) -> Case {
    let mut case = Case::new(id);
    for entry in entries {
        case.take(entry);
        case.derive(Tree::national());
    }
    case
}

/// The day a clock gives, by what started it.
fn days(clocks: &[Clock]) -> BTreeMap<(Digest, Duty), Clock> {
    clocks.iter().map(|clock| ((clock.settings[0].leaf, clock.duty), clock.clone())).collect()
}

fn choices() -> impl Strategy<Value = Vec<(usize, i32)>> {
    prop::collection::vec((0_usize..1_000, 0_i32..40), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any interleaving of the offices' entries folds the same.
    #[test]
    fn arrival_has_no_order(choices in choices(), order in prop::collection::vec(any::<u32>(), 64)) {
        let life = lived(&choices);
        let mut shuffled: Vec<(u32, &Entry)> =
            life.entries.iter().enumerate().map(|(at, entry)| (order[at % order.len()], entry)).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let entries: Vec<&Entry> = shuffled.into_iter().map(|(_, entry)| entry).collect();
        let other = folded(life.case.id(), &entries);
        prop_assert_eq!(&other, &life.case);
        prop_assert_eq!(other.clocks(), life.case.clocks());
        let read = Case::read(other.id(), &other.encode(), Tree::national()).unwrap();
        prop_assert_eq!(read, other, "a case reads back as it was kept");
    }

    /// No lawful life leaves the table: nothing is parked, irregular or waiting, and every state was granted.
    #[test]
    fn no_lawful_life_leaves_the_table(choices in choices()) {
        let life = lived(&choices);
        prop_assert!(life.case.aside().is_empty(), "{:?}", life.case.aside());
        for thread in life.case.threads().values() {
            prop_assert_eq!(thread.parked(), None);
            for (before, after) in thread.course().iter().zip(thread.course().iter().skip(1)) {
                let granted = step::next(before.0).any(|step| step.to == after.0);
                prop_assert!(granted, "{:?} -> {:?}", before, after);
            }
        }
    }

    /// A last day never becomes earlier as entries are added, and later only where the law moves it.
    #[test]
    fn deadlines_are_monotone_but_where_the_law_moves_them(choices in choices()) {
        let life = lived(&choices);
        let moves = [Kind::Extended, Kind::HearingStopped, Kind::Received];
        let mut before: BTreeMap<(Digest, Duty), Clock> = BTreeMap::new();
        for count in 1..=life.entries.len() {
            let entries: Vec<&Entry> = life.entries[..count].iter().collect();
            let now = days(&folded(life.case.id(), &entries).clocks());
            for (key, old) in &before {
                let new = &now[key];
                prop_assert!(new.settings.starts_with(&old.settings), "its history is kept");
                prop_assert!(new.due_on() >= old.due_on(), "{:?}", key);
                if new.due_on() > old.due_on() {
                    prop_assert!(moves.contains(&new.last().kind), "{:?}", new.last());
                }
                let reopened = old.ended.is_some() && new.ended.is_none();
                let undone = life.entries[count - 1].header().kind == Kind::WithdrawalUndone;
                prop_assert!(!reopened || undone, "what ended stays ended");
            }
            before = now;
        }
    }
}

/// The lives above are worth something: together they come through every state and every kind of step.
#[test]
fn lives_come_through_every_state() {
    let (mut states, mut kinds) =
        (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    let mut seed = 1_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..1_600 {
        let length = 5 + next(25);
        let choices: Vec<(usize, i32)> = (0..length)
            .map(|_| (usize::try_from(next(1_000)).unwrap(), i32::try_from(next(40)).unwrap()))
            .collect();
        let life = lived(&choices);
        for thread in life.case.threads().values() {
            states.extend(thread.course().iter().map(|(state, _)| *state));
        }
        kinds.extend(life.entries.iter().map(|entry| entry.header().kind));
    }
    let missed: Vec<_> =
        terrace_proto::case::State::all().filter(|s| !states.contains(s)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
    let missed: Vec<_> = step::STEPS.iter().filter(|row| !kinds.contains(&row.kind)).collect();
    assert!(missed.is_empty(), "never taken: {missed:?}");
}
