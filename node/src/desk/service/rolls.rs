//! What is asked about rolls and desks: entries of the office itself, lists across cases, and who has what to do.

use serde_json::json;
use terrace_proto::roll::Roll;
use terrace_proto::roll::rating::{Grade, Rating};
use terrace_proto::wire;
use tonic::Status;

use super::status::{status_of, store_status};
use super::{LIST_LIMIT, Service, hand};
use crate::survey::Survey;
use crate::view;

impl Service {
    pub(super) async fn entered(
        &self,
        request: wire::EnterRequest,
    ) -> Result<wire::EnterResponse, Status> {
        let content = request.body.and_then(|body| body.content);
        let content = content.ok_or_else(|| {
            Status::invalid_argument("the entry says nothing that this version knows")
        })?;
        let mut writing = self.office.write().await;
        let taken = writing.desk().enter(&hand(request.hand), content).await;
        drop(writing);
        let taken = taken.map_err(|error| self.status(&error))?;
        self.office.tell(&taken.news);
        let leaf = taken.entry.leaf().0.to_vec();
        Ok(wire::EnterResponse { leaf, sequence: taken.entry.header().sequence })
    }

    pub(super) async fn roll_shown(
        &self,
        request: wire::ShowRollRequest,
    ) -> Result<wire::ShowRollResponse, Status> {
        let roll = Roll::named(&request.roll).ok_or_else(|| {
            let known: Vec<&str> = Roll::all().map(Roll::name).collect();
            Status::invalid_argument(format!("there is no such roll; there are {known:?}"))
        })?;
        let before = if request.before == 0 { u64::MAX } else { request.before };
        let limit = if request.limit == 0 { LIST_LIMIT } else { request.limit.min(LIST_LIMIT) };
        let mut writing = self.office.write().await;
        let entries = writing.archive.roll(roll, None, (before, limit)).await;
        let meaning = writing.desk().meaning(roll).await;
        drop(writing);
        let entries = entries.map_err(|error| status_of(&error.into()))?;
        let meaning = meaning.map_err(|error| self.status(&error))?;
        let rows = view::roll::rows(self.office.store().as_ref(), &entries).await;
        let rows = rows.map_err(|error| store_status(&error))?;
        let before = entries.last().map(|one| one.position);
        let told =
            json!({ "roll": roll.name(), "rows": rows, "before": before, "meaning": meaning });
        Ok(wire::ShowRollResponse { json: told.to_string() })
    }

    pub(super) async fn surveyed(
        &self,
        request: wire::SurveyRequest,
    ) -> Result<wire::SurveyResponse, Status> {
        let me = self.office.identity().me.author;
        let survey = Survey::read(&request, me).ok_or_else(|| {
            Status::invalid_argument(
                "a survey is for \"hard\", \"still\", \"coverage\" or \"annual\"",
            )
        })?;
        let holder = request.held_here.then_some(me);
        let store = self.office.store().as_ref();
        let json = survey.of(store, holder, self.office.now()).await;
        let json = json.map_err(|error| store_status(&error))?.to_string();
        Ok(wire::SurveyResponse { json })
    }

    pub(super) async fn desk_shown(
        &self,
        request: wire::ShowDeskRequest,
    ) -> Result<wire::ShowDeskResponse, Status> {
        let mut writing = self.office.write().await;
        let records = writing.desk().desk_of(&request.officer).await;
        drop(writing);
        let records = records.map_err(|error| self.status(&error))?;
        let rows: Vec<view::CaseRow> = records.iter().map(view::CaseRow::from).collect();
        Ok(wire::ShowDeskResponse { json: json!({ "cases": rows }).to_string() })
    }
}

/// What a petitioner says, out of a message.
pub(super) fn rating(words: &wire::RatingWords) -> Result<Rating, Status> {
    let grade = |number| {
        Grade::from_number(number).ok_or_else(|| {
            Status::invalid_argument("a grade is 0 satisfied, 1 basically or 3 dissatisfied")
        })
    };
    let (of_unit, of_office) = (grade(words.of_unit)?, grade(words.of_office)?);
    Ok(Rating { of_unit, of_office, reason: words.reason.clone() })
}
