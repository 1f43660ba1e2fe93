//! What officers write past the desk: well-formed entries that the law does not grant.
//!
//! They go through the office's own archive, are signed and proved like any other, and must travel, be kept,
//! and be shown; nothing of theirs may move a thread that is not theirs.

use terrace_node::archive::{Draft, News};
use terrace_node::surroundings::{Clock as _, name};
use terrace_proto::case::{Case, Thread, step};
use terrace_proto::digest::{CaseId, Digest, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::{Place, SCHEMA};
use terrace_proto::entry::{Content, Entry, Holder, Kind};
use terrace_proto::wire;

use super::words::content;
use super::{case_at, draw, hand};
use crate::disk::at_once;
use crate::world::World;
use crate::world::impostor::Imposture;
use crate::world::step::{Rogue, Sort};

/// A kind that no version of today knows.
const LATER_KIND: u32 = 4_711;

/// Writes something past the desk of an office.
pub(super) fn act(world: &mut World, office: DivisionCode) {
    // What a failing disk kept of an entry nobody could tell from the desk's own.
    if world.offices.get(&office).is_none_or(|at| at.disk.is_troubled() || at.mark.is_troubled()) {
        return;
    }
    match world.dice.below(10) {
        0 | 1 => _ = without_custody(world, office, None),
        2 => _ = double(world, office, None),
        3 => unlawful(world, office),
        4 => later(world, office),
        5 => foreign_settlement(world, office),
        6 => foreign_admission(world, office),
        7 => _ = second_opening(world, office, None),
        _ => {
            let how = *world.dice.pick(&[
                Imposture::Another,
                Imposture::MadeUp,
                Imposture::SecondHistory,
                Imposture::Altered,
            ]);
            world.impersonate(office, how);
        }
    }
}

/// Admits, with a key of its own, an office that is not below this one.
fn foreign_admission(world: &mut World, office: DivisionCode) {
    let divisions = world.story.divisions.clone();
    let other = *world.dice.pick(&divisions);
    if terrace_proto::division::Tree::national().is_within(other, office) {
        return;
    }
    let Some(at) = world.offices.get_mut(&office) else { return };
    let key = at.identity.signer.public();
    let words = Content::NodeAdmitted(wire::NodeAdmitted {
        division: other.number(),
        epoch: vec![7; 16],
        algorithm: 1,
        journal_key: key.bytes().to_vec(),
        transport_key_hash: Vec::new(),
    });
    let Some(running) = at.running.as_mut() else { return };
    let draft = Draft::plain(hand(""), None, words);
    let written = at_once(running.archive.append(vec![draft]));
    note(world, office, CaseId::default(), Sort::ForeignAdmission, written);
}

/// Advances a thread that another holds: a given case's, or one that is drawn. Gives the entry's leaf.
pub fn without_custody(
    world: &mut World,
    office: DivisionCode,
    case: Option<CaseId>,
) -> Option<Digest> {
    let elsewhere = |holder: &DivisionCode| *holder != office;
    let case = case.or_else(|| {
        draw(world, office, |case| case.holder.as_ref().is_some_and(|(at, _)| elsewhere(at)))
    })?;
    let held = case_at(world, office, case)?;
    let thread = held.leading()?;
    let me = Holder::office(office);
    let grab = world.dice.happens(500);
    let claimed = if grab { thread.holder().clone() } else { me.clone() };
    let words = Content::Decided(wire::Decided { outcome: 3, ..wire::Decided::default() });
    let draft = following(&held, thread, words, claimed, me);
    write(world, office, case, Sort::WithoutCustody, vec![draft])
}

/// Writes two entries after one predecessor, as an office that runs twice would. Gives the first's leaf.
pub fn double(world: &mut World, office: DivisionCode, case: Option<CaseId>) -> Option<Digest> {
    let case = case.or_else(|| held_here(world, office))?;
    let held = case_at(world, office, case)?;
    let thread = held.leading()?;
    let divisions = world.story.divisions.clone();
    let mut drafts = Vec::new();
    for _ in 0..2 {
        let to = *world.dice.pick(&divisions);
        let words = Content::Transferred(wire::Transferred {
            reason: "误操作".into(),
            ..wire::Transferred::default()
        });
        let mut draft =
            following(&held, thread, words, thread.holder().clone(), Holder::office(to));
        draft.audience_added = vec![to];
        drafts.push(draft);
    }
    write(world, office, case, Sort::Double, drafts)
}

/// Opens a case whose id has leaked, to come by its entries and to lead it. Gives the opening's leaf.
pub fn second_opening(
    world: &mut World,
    office: DivisionCode,
    case: Option<CaseId>,
) -> Option<Digest> {
    let divisions = world.story.divisions.clone();
    let victim = *world.dice.pick(&divisions);
    let case = case.or_else(|| draw(world, victim, |case| case.holder.is_some()))?;
    let me = Holder::office(office);
    let opened = Content::CaseOpened(wire::CaseOpened::default());
    let mut opening = Draft::plain(hand(""), Some(case), opened);
    let thread = ThreadId(name(&mut world.dice));
    opening.place = Some(Place { thread, stage: 1, predecessor: None });
    opening.custody = Some((None, me));
    opening.audience_added = vec![office];
    write(world, office, case, Sort::SecondOpening, vec![opening])
}

/// Takes a step that the table does not grant.
fn unlawful(world: &mut World, office: DivisionCode) {
    let Some(case) = held_here(world, office) else { return };
    let Some(held) = case_at(world, office, case) else { return };
    let Some(thread) = held.leading() else { return };
    let kinds = [Kind::Received, Kind::Accepted, Kind::Decided, Kind::Served, Kind::Closed];
    let Some(kind) = kinds.into_iter().find(|kind| step::step(thread.state(), *kind).is_none())
    else {
        return;
    };
    let Some((words, _)) = content(kind, 0) else { return };
    let holder = thread.holder().clone();
    let draft = following(&held, thread, words, holder.clone(), holder);
    write(world, office, case, Sort::Unlawful, vec![draft]);
}

/// Writes what only a later version can read.
fn later(world: &mut World, office: DivisionCode) {
    let Some(case) = held_here(world, office) else { return };
    let Some(held) = case_at(world, office, case) else { return };
    let Some(thread) = held.leading() else { return };
    let kind_too = world.dice.happens(500);
    let sort = if kind_too { Sort::LaterKind } else { Sort::LaterSchema };
    let holder = thread.holder().clone();
    let (words, _) = content(Kind::Received, 0).expect("a receipt has words");
    let draft = following(&held, thread, words, holder.clone(), holder);
    let salt = name(&mut world.dice);
    let Some(at) = world.offices.get_mut(&office) else { return };
    let now = at.clock.now();
    let Some(running) = at.running.as_mut() else { return };
    let written = at_once(running.archive.append_made(|journal, sequence| {
        let mut header = draft.header(journal, sequence, now);
        if kind_too {
            header.kind = Kind::Unknown(LATER_KIND);
        } else {
            header.schema = SCHEMA + 7;
        }
        vec![Entry::write(header, draft.content, salt)]
    }));
    note(world, office, case, sort, written);
}

/// Settles a contest that is not this office's to settle.
fn foreign_settlement(world: &mut World, office: DivisionCode) {
    let Some(case) = draw(world, office, |case| case.contested) else { return };
    let Some(held) = case_at(world, office, case) else { return };
    let tree = terrace_proto::division::Tree::national();
    let contested = held.threads().values().find_map(|t| Some((t, t.contest()?)));
    let Some((thread, contest)) = contested else { return };
    if tree.is_within(contest.settler, office) {
        return;
    }
    let words = Content::Settled(wire::Settled { reason: "自行裁定".into() });
    let mut draft = Draft::plain(hand(""), Some(case), words);
    draft.place = Some(place(thread));
    draft.settles = contest.entries.first().copied();
    write(world, office, case, Sort::ForeignSettlement, vec![draft]);
}

fn held_here(world: &mut World, office: DivisionCode) -> Option<CaseId> {
    draw(world, office, |case| {
        case.holder.as_ref().is_some_and(|(at, _)| *at == office)
            && case.open
            && !case.parked
            && !case.contested
    })
}

fn place(thread: &Thread) -> Place {
    Place { thread: thread.id(), stage: thread.stage(), predecessor: thread.tip() }
}

fn following(held: &Case, thread: &Thread, words: Content, from: Holder, to: Holder) -> Draft {
    let mut draft = Draft::plain(hand(&thread.holder().organ), Some(held.id()), words);
    draft.place = Some(place(thread));
    draft.custody = Some((Some(from), to));
    draft
}

fn write(
    world: &mut World,
    office: DivisionCode,
    case: CaseId,
    sort: Sort,
    drafts: Vec<Draft>,
) -> Option<Digest> {
    let running = world.offices.get_mut(&office)?.running.as_mut()?;
    let written = at_once(running.archive.append(drafts));
    note(world, office, case, sort, written)
}

fn note(
    world: &mut World,
    office: DivisionCode,
    case: CaseId,
    sort: Sort,
    written: Result<(Vec<Entry>, News), terrace_node::archive::ArchiveError>,
) -> Option<Digest> {
    match written {
        Ok((entries, news)) => {
            world.trace.note(format!("{} writes past the desk: {sort:?}", office.short()));
            world.tell(office, &news);
            let rogue = |entry: &Entry| Rogue { sort, case, entry: entry.id(), leaf: entry.leaf() };
            world.step.rogue.extend(entries.iter().map(rogue));
            entries.first().map(Entry::leaf)
        }
        Err(error) => {
            world.observe(office, &error);
            None
        }
    }
}
