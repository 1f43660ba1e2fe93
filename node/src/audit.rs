//! The audit: reads what this office holds, says what passed between levels, and what does not fit.
//!
//! A [`Question`] is asked of [`Books`], a frozen view of the store, and answered by [`Row`]s as they are found:
//! *verify* (is what is held what was signed), *traffic* (how cases were passed on between offices), *reconcile*
//! (do both ends of every link agree), *case* (all of that for one case). It only reads, a page at a time, so
//! memory does not grow with the journals, and it keeps nobody from writing. What a finding is stands in
//! [`terrace_proto::audit`].

pub mod asking;
mod books;
mod folds;
mod journals;
mod ledgers;
mod one_case;
pub mod question;
mod reconciliation;
mod reports;
mod root;
pub mod row;
mod telling;
mod traffic;

use tokio::runtime::Handle;
use tokio::sync::mpsc;

pub use books::Books;
pub use question::{Question, What};
pub use row::{FindingRow, Row, Summary};

use self::journals::Followed;
use self::telling::Telling;
use crate::store::StoreError;

/// Rows that may wait for whoever asked. Beyond that the audit waits.
const ROWS_WAITING: usize = 256;

/// Why an audit did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever asked has gone.
    #[error("nobody listens any more")]
    Unheard,
    /// No such case here.
    #[error("no case {0} is held here")]
    UnknownCase(String),
}

/// The answer to a question, row by row; the last is the summary, or why there is none. The work is done on a
/// thread of its own, and ends when the answer is dropped.
#[must_use]
pub fn ask(question: Question, books: Books) -> mpsc::Receiver<Result<Row, AuditError>> {
    let (rows, answer) = mpsc::channel(ROWS_WAITING);
    let handle = Handle::current();
    tokio::task::spawn_blocking(move || {
        handle.block_on(async move {
            let mut telling = Telling::new(rows.clone(), question);
            if let Err(error) = run(&books, &mut telling).await {
                // Nobody may be there to hear it.
                _ = rows.send(Err(error)).await;
            }
        });
    });
    answer
}

/// Verifies all that is held, and gives the findings together: for books that are known to be small.
pub async fn verify_all(
    books: Books,
    question: Question,
) -> Result<(Summary, Vec<FindingRow>), AuditError> {
    let mut answer = ask(question, books);
    let mut findings = Vec::new();
    while let Some(row) = answer.recv().await {
        match row? {
            Row::Finding(finding) => findings.push(finding),
            Row::Summary(summary) => return Ok((summary, findings)),
            Row::Hop(_) | Row::Account(_) | Row::Journal(_) | Row::Step(_) | Row::Progress(_) => {}
        }
    }
    Err(AuditError::Unheard)
}

async fn run(books: &Books, telling: &mut Telling) -> Result<(), AuditError> {
    match telling.question().what.clone() {
        What::Verify => {
            let Followed { in_cases, opened } = journals::verify(books, telling).await?;
            journals::silence(books, telling).await?;
            ledgers::verify(books, telling).await?;
            folds::verify(books, telling, in_cases).await?;
            reports::verify(books, telling, &opened).await?;
        }
        What::Traffic => traffic::list(books, telling).await?,
        What::Reconcile => reconciliation::list(books, telling).await?,
        What::Case(name) => one_case::tell(books, telling, &name).await?,
    }
    telling.finish().await
}
