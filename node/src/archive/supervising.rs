//! Supervision that nobody has to think of (督办): what is missed below is raised by the superior's own program, from the
//! entries it holds.
//!
//! A superior looks at the open cases, the overdue ones first, of the offices right below it and of its own organs, and puts a notice beside
//! each missed duty, once. Where the answer to a supervision is itself missed, the next rung of the ladder follows. It
//! raises what follows from entries alone: overdue, delay in passing on or deciding, no feedback, a day that does not
//! follow from the rules, an opinion not carried out. Falsification and what else there may be is for people to say.

#![allow(clippy::wildcard_enum_match_arm, reason = "all duties but a few are simply overdue")]

use std::collections::BTreeSet;

use jiff::Timestamp;
use terrace_proto::audit::{Finding, check_reckoning};
use terrace_proto::case::clock::Clock;
use terrace_proto::case::standing::day_of;
use terrace_proto::case::{Aside, Case, Fact, Terms};
use terrace_proto::digest::Digest;
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::rules::{Duty, Rules};
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, News};
use crate::store::Wanted;

/// Overdue cases, and as many of all open ones, looked at in one round; the next round goes on behind them.
const ROUND: u32 = 1_024;
/// The highest rung: a proposal to hold to account.
const HIGHEST: u32 = 6;

/// What a supervision is for, by number.
mod trigger {
    pub(super) const OVERDUE: u32 = 1;
    pub(super) const FEEDBACK: u32 = 2;
    pub(super) const PROCEDURE: u32 = 3;
    pub(super) const DELAY: u32 = 4;
    pub(super) const NOT_EXECUTED: u32 = 5;
}

/// Something to be supervised.
struct Cause {
    about: Digest,
    trigger: u32,
    rung: u32,
    supervised: Holder,
    words: String,
}

impl Archive {
    /// Raises what is missed below at `now`, each once, for the next round of overdue cases.
    pub async fn supervise(&mut self, now: Timestamp) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let open = Wanted { open: Some(true), ..Wanted::default() };
        let overdue = Wanted { due_before: Some(days_of(day_of(now))), ..open.clone() };
        // A wrong day and an opinion not carried out show in cases that are not overdue as well.
        let (mut drafts, mut looked_at) = (Vec::new(), BTreeSet::new());
        for (place, wanted) in [overdue, open].iter().enumerate() {
            let page = self.store.cases_wanted(wanted, self.supervised[place], ROUND).await?;
            self.supervised[place] = match page.last() {
                Some(last) if page.len() == ROUND as usize => last.row,
                Some(_) | None => u64::MAX,
            };
            for record in page.iter().filter(|record| looked_at.insert(record.id)) {
                drafts.extend(self.supervisions(&self.read_case(record)?, now));
            }
        }
        if drafts.is_empty() {
            return Ok(News::default());
        }
        let (_, news) = self.append(drafts).await?;
        Ok(news)
    }

    fn supervisions(&self, case: &Case, now: Timestamp) -> Vec<Draft> {
        let known: BTreeSet<Digest> = supervisions_of(case).filter_map(Fact::about).collect();
        let causes = causes(case, &self.rules, now).into_iter();
        let mine = causes.filter(|cause| self.is_right_below(&cause.supervised));
        let terms = Terms::of(case.rules(&self.rules, self.tree));
        let due = terms.pin(Duty::SupervisionFeedback, day_of(now));
        let due: Vec<wire::Due> = due.iter().map(terrace_proto::case::fact::Pin::due).collect();
        let fresh = mine.filter(|cause| !known.contains(&cause.about));
        let draft = |cause: Cause| {
            let said = wire::Supervised {
                trigger: cause.trigger,
                rung: cause.rung,
                words: cause.words,
                supervised: Some(cause.supervised.to_wire()),
                about: cause.about.0.to_vec(),
                automatic: true,
                due: due.clone(),
            };
            Draft::plain(Hand::default(), Some(case.id()), Content::Supervised(said))
        };
        fresh.map(draft).collect()
    }

    /// Whether this office's petition office is the one that supervises an organ: right above it, or in the same house.
    fn is_right_below(&self, organ: &Holder) -> bool {
        let me = self.identity.me.author;
        self.tree.superior(organ.division) == Some(me)
            || organ.division == me && !organ.organ.is_empty()
    }
}

fn supervisions_of(case: &Case) -> impl Iterator<Item = &Fact> {
    case.facts().values().filter(|fact| fact.header().kind == Kind::Supervised)
}

/// All that is to be supervised in a case.
fn causes(case: &Case, rules: &Rules, now: Timestamp) -> Vec<Cause> {
    let today = day_of(now);
    let mut causes = Vec::new();
    for clock in case.clocks().iter().filter(|clock| clock.ended.is_none()) {
        if !clock.duty.is_right() && clock.is_missed(today) {
            causes.extend(missed(case, clock, today));
        }
    }
    for finding in check_reckoning(case, rules) {
        let Finding::Misreckoned { entry, due_on, .. } = finding else { continue };
        let fact = case.facts().values().find(|fact| fact.header().id() == entry);
        causes.extend(fact.map(|fact| Cause {
            about: fact.leaf(),
            trigger: trigger::PROCEDURE,
            rung: 1,
            supervised: fact.header().organ(),
            words: format!(
                "期限 {due_on} 与所引规则不符 / the day does not follow from the rules it names"
            ),
        }));
    }
    let unsigned = case.aside().iter().filter(|(_, aside)| **aside == Aside::Unsigned);
    causes.extend(unsigned.filter_map(|(leaf, _)| case.facts().get(leaf)).map(|fact| Cause {
        about: fact.leaf(),
        trigger: trigger::PROCEDURE,
        rung: 1,
        supervised: fact.header().organ(),
        words: "以信访人名义所作的陈述没有信访人签名，不起作用，请说明 / said in the petitioner's name without \
                the petitioner's signature; it moves nothing, and is to be explained"
            .to_owned(),
    }));
    let undone = case.facts().values().filter(|fact| {
        fact.header().kind == Kind::Executed && fact.outcome() == 0 && fact.has_body()
    });
    causes.extend(undone.map(|fact| Cause {
        about: fact.leaf(),
        trigger: trigger::NOT_EXECUTED,
        rung: 1,
        supervised: fact.header().organ(),
        words: "处理意见未执行 / the opinion was not carried out".to_owned(),
    }));
    causes
}

/// What a missed duty gives: a notice; where it is the answer to a supervision, the next rung.
fn missed(case: &Case, clock: &Clock, today: jiff::civil::Date) -> Option<Cause> {
    let about = clock.settings.first()?.leaf;
    let (days, due_on) = (clock.missed_by(today), clock.due_on());
    let (zh, en) = (clock.duty.zh(), clock.duty.en());
    let (trigger, rung) = match clock.duty {
        Duty::SupervisionFeedback => {
            let before = case.facts().get(&about).map_or(1, Fact::outcome);
            (trigger::FEEDBACK, (before + 1).min(HIGHEST))
        }
        Duty::PassOn | Duty::UnitNotice => (trigger::DELAY, 1),
        _ => (trigger::OVERDUE, 1),
    };
    Some(Cause {
        about,
        trigger,
        rung,
        supervised: clock.owed_by.clone()?,
        words: format!(
            "{zh}，{due_on} 到期，逾期 {days} 天 / due on {due_on} to {en}, {days} days late"
        ),
    })
}
