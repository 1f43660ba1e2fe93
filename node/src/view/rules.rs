//! Which rule set which day, and why: for people who doubt a deadline, and for lawyers.
//!
//! What was pinned is never reckoned again; where today's rules or calendar would give another day, both are shown.

use jiff::Timestamp;
use serde_json::{Value, json};
use terrace_proto::case::clock::{Clock, Setting};
use terrace_proto::case::standing::day_of;
use terrace_proto::case::{Case, terms};
use terrace_proto::division::Tree;
use terrace_proto::rules::{Document, Pack, RuleSet, Rules, Term, reckon};

/// A pack in a list, with its text.
#[must_use]
pub fn pack(pack: &Pack, text: Option<&str>) -> Value {
    let (zh, en) = pack.titles();
    let (from, to) = pack.days();
    json!({
        "pack": pack.name(),
        "name": zh,
        "name_en": en,
        "scope": pack.scope().short(),
        "from": from.map(|day| day.to_string()),
        "to": to.map(|day| day.to_string()),
        "extends": pack.extends(),
        "enabled": pack.is_enabled(),
        "note": pack.note(),
        "digest": pack.digest().to_string(),
        "terms": pack.terms().iter().map(|(duty, one)| json!({
            "duty": duty.code(), "number": duty.number(), "zh": duty.zh(), "en": duty.en(),
            "length": one.length().zh(), "length_en": one.length().en(), "roll": one.rolls(),
            "article": one.article(), "sure": one.sure().letter().to_string(),
        })).collect::<Vec<_>>(),
        "text": text,
    })
}

/// A document in the register.
#[must_use]
pub fn document(document: &Document) -> Value {
    let (from, to) = document.days();
    json!({
        "key": document.key(),
        "name": document.name(),
        "name_en": document.name_en(),
        "number": document.number(),
        "issuer": document.issuer(),
        "from": from.to_string(),
        "to": to.map(|day| day.to_string()),
        "sure": document.sure().letter().to_string(),
    })
}

/// Why each clock of a case has the day it has.
#[must_use]
pub fn explain(case: &Case, rules: &Rules, tree: &Tree, now: Timestamp) -> Value {
    let under = case.rules(rules, tree);
    let opener = case.first().map(|thread| thread.opener());
    let today = day_of(now);
    let newest = opener.map(|opener| rules.in_force(opener, today, tree));
    json!({
        "case": case.id().to_string(),
        "number": case.called(),
        "opened_at": case.opened_at().map(|at| at.to_string()),
        "under": under.packs().iter().map(|one| pack(one, None)).collect::<Vec<_>>(),
        "clocks": case.clocks().iter().map(|clock| explained(clock, (rules, &under), newest.as_ref(), now)).collect::<Vec<_>>(),
    })
}

fn explained(
    clock: &Clock,
    (rules, under): (&Rules, &RuleSet<'_>),
    newest: Option<&RuleSet<'_>>,
    now: Timestamp,
) -> Value {
    let today = day_of(now);
    let speaking = under.term(clock.duty);
    let behind: Vec<Value> = under
        .packs()
        .iter()
        .filter_map(|pack| Some(term(pack, pack.terms().get(&clock.duty)?)))
        .collect();
    json!({
        "duty": clock.duty.code(),
        "number": clock.duty.number(),
        "zh": clock.duty.zh(),
        "en": clock.duty.en(),
        "right": clock.duty.is_right(),
        "owed_by": clock.owed_by.as_ref().map(ToString::to_string),
        "due_on": clock.due_on().to_string(),
        "missed_by": clock.missed_by(today),
        "ended_on": clock.ended.map(|ended| ended.on.to_string()),
        "ended_by": clock.ended.map(|ended| ended.kind.en()),
        "ended_by_zh": clock.ended.map(|ended| ended.kind.zh()),
        "rule": speaking.map(|(one, pack)| term(pack, one)),
        "precedence": behind,
        "settings": clock.settings.iter().map(|one| setting(clock, one, rules, newest)).collect::<Vec<_>>(),
    })
}

fn term(pack: &Pack, term: &Term) -> Value {
    json!({
        "pack": pack.name(), "length": term.length().zh(), "length_en": term.length().en(),
        "article": term.article(), "sure": term.sure().letter().to_string(), "roll": term.rolls(),
    })
}

fn setting(clock: &Clock, setting: &Setting, rules: &Rules, newest: Option<&RuleSet<'_>>) -> Value {
    let pin = &setting.pin;
    let by = pin.rule_pack.and_then(|digest| rules.pack_of(&digest));
    // What the same event would give by the rules and the calendar of today.
    let today = newest.and_then(|set| {
        let (term, _) = set.term(clock.duty)?;
        Some(reckon(pin.from_on?, term, set.calendar()).on)
    });
    json!({
        "entry": setting.leaf.to_string(),
        "kind": setting.kind.en(),
        "kind_zh": setting.kind.zh(),
        "from_on": pin.from_on.map(|day| day.to_string()),
        "due_on": pin.due_on.to_string(),
        "provisional": pin.provisional,
        "pack": by.map(Pack::name),
        "pack_digest": pin.rule_pack.map(|digest| digest.to_string()),
        "calendar_digest": pin.calendar.map(|digest| digest.to_string()),
        "calendar_known": pin.calendar.map(|digest| rules.calendar_of(&digest).is_some()),
        "as_reckoned": terms::is_as_reckoned(pin, setting.kind, rules),
        "today_would_give": today.filter(|day| *day != pin.due_on).map(|day| day.to_string()),
    })
}
