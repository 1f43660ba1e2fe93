//! Requests for review and re-examination (复查、复核申请): taken down, and where there is nothing to review, declined.
//!
//! A request names of whom it is asked, so that it is owed by somebody from its first day: a review that nobody takes up
//! is missed like any other duty. Taking it up is an opening ([`super::opening`]).

use terrace_proto::case::Guard;
use terrace_proto::case::fact::Pin;
use terrace_proto::entry::header::date_of;
use terrace_proto::entry::{Holder, Kind};
use terrace_proto::rules::Duty;
use terrace_proto::wire;

use super::beside::{entry, named, worded};
use super::guards::past;
use super::matter::{Matter, refused};
use super::{Desk, DeskError};

/// Grounds on which a request is declined.
const GROUNDS: u32 = 3;
/// The ground that its window had passed without good cause.
const LATE: u32 = 1;

impl Desk<'_> {
    /// A request for review or re-examination, about the opinion that was served last.
    pub(super) fn requested(
        &self,
        matter: &Matter<'_>,
        mut said: wire::ReviewRequested,
    ) -> Result<wire::ReviewRequested, DeskError> {
        let no = |why: String| Err(refused(Guard::Review, why));
        let Some(served) = matter.last(Kind::Served) else {
            return no("no opinion has been served that could be reviewed".into());
        };
        let stage = matter.thread.stage() + 1;
        if !(2..=3).contains(&stage) {
            return no("behind a re-examination there is no further review (R2022 36)".into());
        }
        if !matter.terms.has_level_above(matter.thread.holder().division) {
            let holder = matter.thread.holder();
            return no(format!("the opinion of {holder} is final: there is no level above it"));
        }
        past(Guard::Review, said.requested_on, matter.today)?;
        let requested = date_of(said.requested_on).unwrap_or(matter.today);
        let duty = if stage == 2 { Duty::ReviewWindow } else { Duty::ReexamWindow };
        let window = matter.clock(duty).map(|clock| clock.due_on());
        if let Some(window) = window.filter(|window| requested > *window)
            && said.late_cause.trim().is_empty()
        {
            return no(format!("the window ended on {window}: say why it comes late"));
        }
        said.stage = stage;
        said.about = served.0.to_vec();
        said.due = matter.terms.at_request(stage, requested).iter().map(Pin::due).collect();
        let above = self.asked_of(matter, said.asked_of.as_ref().and_then(Holder::read))?;
        said.asked_of = Some(above.to_wire());
        Ok(said)
    }

    /// Of whom a review is asked: as the petitioner chose among those one level above (R2022 35, 36), or the government
    /// there.
    fn asked_of(&self, matter: &Matter<'_>, chosen: Option<Holder>) -> Result<Holder, DeskError> {
        let handler = matter.thread.holder();
        let above = self.archive.tree().superior(handler.division);
        let own = !handler.organ.is_empty();
        let is_above = |one: &Holder| {
            Some(one.division) == above
                || own && one.division == handler.division && one.organ.is_empty()
        };
        match chosen {
            Some(one) if is_above(&one) => Ok(one),
            Some(one) => {
                Err(refused(Guard::Review, format!("{one} is not one level above {handler}")))
            }
            None if own => Ok(Holder::office(handler.division)),
            None => {
                let above = above.map(Holder::office);
                above.ok_or_else(|| refused(Guard::Review, "there is no level above"))
            }
        }
    }

    /// A request is declined by whoever it was asked of, on a ground, with the reason; one that was taken up is decided
    /// (SD2015 43, 44).
    pub(super) fn declined(
        &self,
        matter: &Matter<'_>,
        said: &wire::RequestDeclined,
    ) -> Result<(), DeskError> {
        let no = |why: &str| Err(refused(Guard::Review, why));
        let request = entry(matter.case, &said.request, Kind::ReviewRequested)?;
        if request.addressed() != Some(&matter.actor) {
            let why = "a request is declined by whoever it was asked of";
            return Err(DeskError::NotForYou { actor: matter.actor.clone(), why });
        }
        named(said.ground, GROUNDS)?;
        worded(&said.reason)?;
        let threads = || matter.case.threads().values();
        let opening = |leaf| matter.case.facts().get(leaf).map(|fact| fact.header());
        let taken_up = threads()
            .filter_map(|thread| opening(thread.steps().first()?))
            .any(|header| header.considered.contains(&request.leaf()));
        if taken_up {
            return no("it was taken up: decide on it");
        }
        let served = request.about().and_then(|leaf| matter.case.facts().get(&leaf));
        let duty = if request.outcome() == 2 { Duty::ReviewWindow } else { Duty::ReexamWindow };
        let window = served.and_then(|fact| fact.pins().iter().find(|pin| pin.duty == duty));
        let in_time = window.zip(request.on()).is_some_and(|(window, on)| on <= window.due_on);
        if said.ground == LATE && in_time {
            return no("it came within its window");
        }
        Ok(())
    }
}
