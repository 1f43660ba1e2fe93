//! Tells the rows of an answer, keeps count, and leaves out findings that were not asked for.

use terrace_proto::audit::Finding;
use tokio::sync::mpsc;

use super::row::{FindingRow, Progress, Row, Summary};
use super::{AuditError, Question};

/// The way rows take to whoever asked.
#[derive(Debug)]
pub(super) struct Telling {
    rows: mpsc::Sender<Result<Row, AuditError>>,
    question: Question,
    /// What was looked at so far.
    pub(super) summary: Summary,
}

impl Telling {
    pub(super) fn new(rows: mpsc::Sender<Result<Row, AuditError>>, question: Question) -> Self {
        Self { rows, question, summary: Summary::default() }
    }

    /// What was asked.
    pub(super) fn question(&self) -> &Question {
        &self.question
    }

    /// Tells a row. Waits while whoever asked does not read.
    pub(super) async fn tell(&mut self, row: Row) -> Result<(), AuditError> {
        self.rows.send(Ok(row)).await.map_err(|_| AuditError::Unheard)
    }

    /// Tells findings, if they were asked for.
    pub(super) async fn found(
        &mut self,
        findings: impl IntoIterator<Item = Finding>,
    ) -> Result<(), AuditError> {
        for finding in findings {
            if self.question.wants(&finding) {
                self.summary.findings += 1;
                self.tell(Row::Finding(FindingRow::of(&finding))).await?;
            }
        }
        Ok(())
    }

    /// Says how far the audit has come.
    pub(super) async fn progress(
        &mut self,
        of: &str,
        done: u64,
        whole: u64,
    ) -> Result<(), AuditError> {
        self.tell(Row::Progress(Progress { of: of.to_owned(), done, whole })).await
    }

    /// The end.
    pub(super) async fn finish(&mut self) -> Result<(), AuditError> {
        self.tell(Row::Summary(self.summary.clone())).await
    }
}
