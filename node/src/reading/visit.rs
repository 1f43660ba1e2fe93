//! A visit: one call of a reader, from the moment it is let in to the last byte of its answer.
//!
//! Nothing is shown but to a [`Visit`]. To an auditor there is one only once it is the certificate's turn and the
//! entry about the call is durable in this office's journal; an office that cannot write it shows nothing.
//!
//! It never enters what a reader reads who was let in by the office itself: that one is in the office's own list,
//! and its name in the office's log.

use std::time::Duration;

use terrace_proto::entry::header::Hand;
use terrace_proto::inspection::{Inspection, Sought};
use tonic::Status;

use super::turns::Turn;
use super::{Auditor, Reader, Reading};
use crate::archive::{ArchiveError, Draft};
use crate::office::Office;

/// Proof that a reader may be answered now.
#[derive(Debug)]
pub(super) struct Visit {
    #[expect(dead_code, reason = "held to be given back when the visit ends")]
    turn: Option<Turn>,
    /// How long the certificate is still good, for an answer that takes longer.
    left: Duration,
}

impl Visit {
    /// Waits until the certificate ends; the answer ends with it.
    pub(super) async fn over(&self) {
        tokio::time::sleep(self.left).await;
    }
}

impl Reading {
    /// Begins to answer a reader. What an auditor asks for is entered in the journal before.
    pub(super) async fn begin(&self, reader: Reader, sought: Sought) -> Result<Visit, Status> {
        let auditor = match reader {
            Reader::Listed(_) => return Ok(Visit { turn: None, left: Duration::MAX }),
            Reader::Auditor(auditor) => auditor,
        };
        let now = self.office.now();
        let turn = self.turns.take(auditor.certificate, now);
        let turn = turn.map_err(|why| Status::resource_exhausted(why.to_string()))?;
        let left = Duration::try_from(auditor.until.duration_since(now)).unwrap_or_default();
        let inspection = entered(auditor, sought);
        let office = self.office.clone();
        // A caller that hangs up must not cut a commit in two, so that is another task's.
        let entered = tokio::spawn(async move {
            let entered = enter(&office, &inspection).await;
            (entered, turn)
        });
        let (entered, turn) = entered.await.map_err(|error| Status::internal(error.to_string()))?;
        entered.map_err(|error| {
            self.office.observe(&error);
            Status::unavailable(format!(
                "未能登载，不予查阅 this read could not be entered in the journal, so nothing is shown: {error}"
            ))
        })?;
        Ok(Visit { turn: Some(turn), left })
    }
}

fn entered(auditor: Auditor, sought: Sought) -> Inspection {
    Inspection {
        auditor: auditor.name.to_string(),
        certificate: auditor.certificate,
        issuer: auditor.issuer,
        until: auditor.until,
        sought,
    }
}

async fn enter(office: &Office, inspection: &Inspection) -> Result<(), ArchiveError> {
    let draft = Draft::plain(Hand::default(), None, inspection.content());
    let (_, news) = office.write().await.archive.append(vec![draft]).await?;
    office.tell(&news);
    Ok(())
}
