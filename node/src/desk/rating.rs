//! The petitioner's rating (评价), taken down with the code.
//!
//! It is sealed past the unit that is rated, for the petition office of the lowest office above it, and this office keeps
//! neither words nor key, unless it is that office itself. It can be given once and changed once, until its window closes
//! (T16).

use jiff::civil::Date;
use terrace_proto::case::petitioner::covered;
use terrace_proto::case::{Case, Fact, Guard};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Kind};
use terrace_proto::roll::rating::Rating;
use terrace_proto::route;
use terrace_proto::rules::Duty;
use terrace_proto::seal::{Plain, Recipient, SealingPublic};
use terrace_proto::wire;

use super::matter::{Matter, refused};
use super::petitioner::{self, Code};
use super::{Desk, DeskError, Taken};
use crate::archive::Draft;

/// Ratings of one opinion by its petitioner: the first, and one that changes it.
const TIMES: usize = 2;

impl Desk<'_> {
    /// Takes down what the petitioner says of the opinion that was served last, at whatever office.
    ///
    /// # Errors
    ///
    /// [`DeskError::Guard`] where nothing was served, the window has closed, it was changed before, or the code is not
    /// that of the case; [`DeskError::NobodyAbove`] where nobody above the unit can be closed for.
    pub async fn rate(
        &mut self,
        id: CaseId,
        hand: &Hand,
        rating: Rating,
        code: &Code,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        let rules = self.archive.rules().clone();
        let matter = self.matter(&case, Vec::new(), hand, &rules)?;
        let served = served_last(&case);
        let served = served.ok_or_else(|| no("no opinion has been served that could be rated"))?;
        let before = open(&matter, served)?;
        let about = served.leaf();
        let unit = served.header().organ();
        let closing = self.counting(unit.division).await?;
        let (key, part) = self.archive.seal(id, &Plain::Rating(rating))?;
        // The signature covers what is sealed: nobody puts other words under it.
        let covered = covered(Kind::Rated, false, Some(Digest::of(&[part.bytes()])));
        let signature = code.sign_about(id, about, Kind::Rated, &covered);
        petitioner::verified(&case, about, (Kind::Rated, &covered), &signature)?;
        let wrap = self.archive.wrap(&key, Recipient::Blind, &closing)?;
        drop(key);
        self.archive.keep(vec![wrap]).await?;
        let replaces = before.map(|leaf| leaf.0.to_vec()).unwrap_or_default();
        let said = wire::Rated { about: about.0.to_vec(), signature, replaces };
        let mut draft = Draft::plain(hand.clone(), Some(id), Content::Rated(said));
        draft.sealed = Some(part);
        self.write(draft, None).await
    }

    /// The key of the petition office that counts the ratings of a unit: of the lowest office above it, on the way from
    /// here, that can be closed for.
    async fn counting(&mut self, unit: DivisionCode) -> Result<SealingPublic, DeskError> {
        let (tree, me) = (self.archive.tree(), self.archive.identity().me.author);
        let mut at = route::sealed_to(tree, me, unit);
        while let Some(office) = at {
            if let Some(key) = self.archive.closing_key(office, "").await? {
                return Ok(key);
            }
            at = tree.superior(office);
        }
        Err(DeskError::NobodyAbove(unit))
    }
}

/// The last opinion of this case that reached the petitioner.
fn served_last(case: &Case) -> Option<&Fact> {
    let course = case.course().into_iter().rev();
    let mut facts = course.filter_map(|leaf| case.facts().get(&leaf));
    facts.find(|fact| fact.header().kind == Kind::Served)
}

/// Whether an opinion can still be rated; with the rating that a new one would change.
fn open(matter: &Matter<'_>, served: &Fact) -> Result<Option<Digest>, DeskError> {
    let on = served.on().unwrap_or(matter.today);
    if let Some(closes) = closes(matter, on).filter(|closes| *closes < matter.today) {
        return Err(no(&format!("this opinion could be rated until {closes}")));
    }
    let before: Vec<Digest> = ratings(matter.case, served.leaf()).collect();
    if before.len() >= TIMES {
        return Err(no("this opinion was rated, and the rating was changed once"));
    }
    Ok(before.first().copied())
}

/// The last day on which an opinion served on a day can be rated, by the rules the case stands under.
fn closes(matter: &Matter<'_>, served: Date) -> Option<Date> {
    matter.terms.pin(Duty::Rating, served).map(|pin| pin.due_on)
}

/// What its petitioner has said of an opinion before.
fn ratings(case: &Case, about: Digest) -> impl Iterator<Item = Digest> {
    let rated = case
        .facts()
        .values()
        .filter(move |fact| fact.header().kind == Kind::Rated && fact.about() == Some(about));
    rated.map(Fact::leaf).filter(|leaf| !case.aside().contains_key(leaf))
}

fn no(why: &str) -> DeskError {
    refused(Guard::Code, why)
}
