//! Hard cases that a leader takes on (领导包案), and the list of old ones (积案).
//!
//! The first two tests rest on entries of the case, the third on the petitioner's code; no officer passes it.

use jiff::civil::Date;
use terrace_proto::case::petitioner::covered;
use terrace_proto::case::{Fact, Guard};
use terrace_proto::digest::Digest;
use terrace_proto::entry::Kind;
use terrace_proto::entry::header::date_of;
use terrace_proto::roll::package::{LEVELS, Test};
use terrace_proto::wire;

use super::beside::{entry, named, worded};
use super::guards::past;
use super::matter::{Matter, refused};
use super::{DeskError, petitioner};

/// A leader is named by office and level.
pub(super) fn leader(leader: Option<&wire::Leader>) -> Result<(), DeskError> {
    let known = leader.is_some_and(|one| {
        !one.name.trim().is_empty() && !one.post.trim().is_empty() && LEVELS.contains(&one.level)
    });
    if known {
        return Ok(());
    }
    Err(refused(
        Guard::Words,
        "name the leader, the post, and the level from 1 (province) to 4 (township)",
    ))
}

pub(super) fn ahead(days: i32, today: Date) -> Result<(), DeskError> {
    match date_of(days) {
        Ok(day) if day > today => Ok(()),
        Ok(_) | Err(_) => Err(DeskError::DueDate { today }),
    }
}

/// A case is taken on once by one office, with measures and a day.
pub(super) fn packaged(matter: &Matter<'_>, said: &wire::CasePackaged) -> Result<(), DeskError> {
    leader(said.leader.as_ref())?;
    worded(&said.measures)?;
    ahead(said.target_on, matter.today)?;
    if said.lead.as_ref().is_none_or(|lead| lead.division == 0 && lead.organ.is_empty()) {
        return Err(refused(Guard::Words, "name the organ that leads"));
    }
    let mine = |fact: &&Fact| {
        fact.header().kind == Kind::CasePackaged
            && fact.header().journal.author == matter.actor.division
    };
    if matter.case.facts().values().any(|fact| mine(&fact)) {
        return Err(refused(Guard::Words, "a leader of this office has taken the case on"));
    }
    Ok(())
}

pub(super) fn worked(matter: &Matter<'_>, said: &wire::PackageWorked) -> Result<(), DeskError> {
    own(matter, &said.package)?;
    named(said.form, 4)?;
    past(Guard::Day, said.held_on, matter.today)?;
    worded(&said.words)
}

/// That it is decided shows in the case, and so does that it was carried out.
pub(super) fn tested(matter: &Matter<'_>, said: &wire::PackageTested) -> Result<(), DeskError> {
    own(matter, &said.package)?;
    worded(&said.evidence)?;
    let Some(test) = Test::from_number(said.test) else {
        let why = "an officer tests whether it is decided (1) and carried out (2); whether it is settled only the petitioner says, with the code";
        return Err(refused(Guard::Words, why));
    };
    let counts = |fact: &&Fact| !matter.case.aside().contains_key(&fact.leaf());
    let facts = || matter.case.facts().values().filter(counts);
    let shown = match test {
        Test::Decided => facts().any(|fact| fact.header().kind == Kind::Served),
        Test::Executed => {
            facts().any(|fact| fact.header().kind == Kind::Executed && fact.outcome() == 1)
        }
        Test::Content => false,
    };
    if said.passed && !shown {
        let why = "the case does not show it: an opinion is served, and its carrying out is on record with its evidence";
        return Err(refused(Guard::Words, why));
    }
    Ok(())
}

/// The petitioner's own word, about a package of whatever office.
pub(super) fn stated(matter: &Matter<'_>, said: &wire::ContentStated) -> Result<(), DeskError> {
    let package = entry(matter.case, &said.package, Kind::CasePackaged)?.leaf();
    let kind = Kind::ContentStated;
    let last = matter.case.last_said(kind, package).map_or(package, Fact::leaf);
    if Digest::read(&said.about) != Some(last) {
        return Err(refused(Guard::Code, "something was said of it since: say it again"));
    }
    let covered = covered(kind, said.content, None);
    petitioner::verified(matter.case, last, (kind, &covered), &said.signature)
}

/// An old case is put on the list once, while it is open.
pub(super) fn listed(matter: &Matter<'_>, said: &wire::BacklogListed) -> Result<(), DeskError> {
    let mut counts = matter.case.facts().values();
    let before = counts.any(|fact| {
        fact.header().kind == Kind::BacklogListed && !matter.case.aside().contains_key(&fact.leaf())
    });
    if before || matter.thread.state().is_final() {
        return Err(refused(Guard::Words, "it is on the list, or has come to its end"));
    }
    worded(&said.reason)
}

fn own(matter: &Matter<'_>, package: &[u8]) -> Result<Digest, DeskError> {
    let package = entry(matter.case, package, Kind::CasePackaged)?;
    if package.header().journal.author != matter.actor.division {
        let why = "the office whose leader has taken the case on says what was done";
        return Err(DeskError::NotForYou { actor: matter.actor.clone(), why });
    }
    Ok(package.leaf())
}
