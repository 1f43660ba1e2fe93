//! Courses, and who may write in which module (培训准入).
//!
//! Once this office has opened a course for a module, an officer who writes there is named and has passed one for it.

use std::collections::BTreeMap;

use terrace_proto::case::{Guard, standing::day_of};
use terrace_proto::digest::Digest;
use terrace_proto::entry::Kind;
use terrace_proto::entry::header::Hand;
use terrace_proto::roll::Roll;
use terrace_proto::roll::training::{self, Course, MODULES};
use terrace_proto::wire;

use super::guards::past;
use super::{Desk, DeskError};

impl Desk<'_> {
    /// The courses of this office.
    pub async fn courses(&self) -> Result<BTreeMap<Digest, Course>, DeskError> {
        let me = self.archive.identity().me.author;
        Ok(training::courses(&self.archive.listed(Roll::Training, Some(me)).await?))
    }

    /// Whether whoever acts may write an entry of a kind.
    ///
    /// # Errors
    ///
    /// [`DeskError::Untrained`].
    pub(super) async fn trained(&self, hand: &Hand, kind: Kind) -> Result<(), DeskError> {
        let (courses, module) = (self.courses().await?, training::module(kind));
        if training::may(&courses, &hand.officer, module) {
            return Ok(());
        }
        Err(DeskError::Untrained { officer: hand.officer.clone(), module })
    }

    /// A course has a name, and opens modules there are.
    pub(super) fn opens_course(said: &wire::CourseOpened) -> Result<(), DeskError> {
        let known = |module: &String| MODULES.contains(&module.as_str());
        if said.name.trim().is_empty() || said.modules.is_empty() || !said.modules.iter().all(known)
        {
            return Err(DeskError::Entered(
                "a course has a name and modules out of intake, routing, handling, supervision, review",
            ));
        }
        Ok(())
    }

    /// Whoever has passed has been there.
    pub(super) async fn holds_training(&self, said: &wire::TrainingHeld) -> Result<(), DeskError> {
        let course = Digest::read(&said.course).unwrap_or_default();
        if !self.courses().await?.contains_key(&course) {
            return Err(DeskError::Entered("no such course was opened at this office"));
        }
        past(Guard::Day, said.held_on, day_of(self.archive.clock().now()))?;
        let there = |officer: &String| said.attended.contains(officer);
        let named = |officer: &String| !officer.trim().is_empty();
        if said.attended.is_empty()
            || !said.attended.iter().all(named)
            || !said.passed.iter().all(there)
        {
            return Err(DeskError::Entered(
                "name who attended, by staff number; whoever has passed has attended",
            ));
        }
        Ok(())
    }
}
