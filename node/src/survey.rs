//! Surveys: looking through the cases an office holds for what nobody has asked about one by one.
//!
//! Hard cases by a rule (排查), cases and tickets that stand still, what no channel has gone through yet, and the report of a
//! year. The first two are found without reading a fold, the last out of the office's own journals. It holds no writer up,
//! puts cases into an order by how long they wait alone, and never looks at who petitions.

mod annual;
mod coverage;
mod hard;
pub mod report;
mod still;

use jiff::Timestamp;
use serde_json::Value;
use terrace_proto::case::{Case, standing::day_of};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::roll::screening::Rule;
use terrace_proto::wire::SurveyRequest;

use crate::store::{CaseRecord, Store, StoreError, Wanted};

/// Folds looked through at once.
const PAGE: u32 = 500;
/// Most cases that are shown of each sort.
const SHOWN: u32 = 1_000;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survey {
    /// Hard cases, by a rule.
    Hard(Rule),
    /// Cases that stand still, and the tickets of this office's hall.
    Still(DivisionCode),
    /// Steps that no case of a channel has taken.
    Coverage,
    /// What this office reports for a year.
    Annual(DivisionCode, i16),
}

impl Survey {
    /// The survey that is asked for.
    #[must_use]
    pub fn read(asked: &SurveyRequest, me: DivisionCode) -> Option<Self> {
        let SurveyRequest { what, days, reopened, hops, year, .. } = asked;
        match what.as_str() {
            "hard" => Some(Self::Hard(Rule { days: *days, reopened: *reopened, hops: *hops })),
            "still" => Some(Self::Still(me)),
            "coverage" => Some(Self::Coverage),
            "annual" => Some(Self::Annual(me, i16::try_from(*year).ok()?)),
            _ => None,
        }
    }

    /// Looks through the cases of a store at an hour; only those that `holder` holds, where one is named.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn of(
        self,
        store: &dyn Store,
        holder: Option<DivisionCode>,
        now: Timestamp,
    ) -> Result<Value, StoreError> {
        let today = day_of(now);
        match self {
            Self::Hard(rule) => hard::hard(store, (rule, today), holder).await,
            Self::Still(me) => still::still(store, holder, me, today).await,
            Self::Coverage => coverage::coverage(store, holder).await,
            Self::Annual(office, year) => annual::annual(store, holder, office, year).await,
        }
    }
}

/// The folds of the next page behind a row that `holder` holds, where one is named, and its last row; `None` behind the
/// last.
async fn folds(
    store: &dyn Store,
    holder: Option<DivisionCode>,
    after: u64,
) -> Result<Option<(Vec<Case>, u64)>, StoreError> {
    let page = store.cases_after(after, PAGE).await?;
    let Some(last) = page.last().map(|record| record.row) else { return Ok(None) };
    let held = page.iter().filter(|record| is_held(record, holder));
    Ok(Some((held.map(fold).collect::<Result<_, _>>()?, last)))
}

/// Whether folds written before do not say yet how their cases move, so that these are not found.
async fn is_incomplete(store: &dyn Store) -> Result<bool, StoreError> {
    let unpaced = Wanted { unpaced: true, ..Wanted::default() };
    Ok(!store.cases_wanted(&unpaced, u64::MAX, 1).await?.is_empty())
}

/// Whether an organ of a division holds the case; of any, where none is named.
fn is_held(record: &CaseRecord, holder: Option<DivisionCode>) -> bool {
    holder.is_none_or(|holder| record.holder.as_ref().is_some_and(|(at, _)| *at == holder))
}

fn fold(record: &CaseRecord) -> Result<Case, StoreError> {
    let case = Case::read(record.id, &record.facts, Tree::national());
    case.map_err(|error| StoreError::Corrupt(error.to_string()))
}
