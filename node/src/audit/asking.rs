//! How a command asks for an audit: the running office answers over its socket; where none runs, the store is
//! opened for reading alone, and nobody is kept from starting the office meanwhile.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use terrace_proto::entry::JournalId;
use tokio_stream::wrappers::ReceiverStream;
use tracing::warn;

use super::{AuditError, Books, Question, Row};
use crate::cabinet::{KeyFile, KeyStore};
use crate::folder::{Folder, place};
use crate::premises::PremisesError;
use crate::surroundings::{Clock as _, SystemClock};
use crate::window::{Window, WindowError};

/// Rows as they come.
pub type Answer = BoxStream<'static, Result<Row, AskingError>>;

/// Why there is no answer, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum AskingError {
    /// The office was not reached, or turned it down.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// The audit did not come to its end.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The office answers with rows of another version.
    #[error("the office answers what this version does not understand: {0}")]
    Row(#[from] serde_json::Error),
}

/// Asks the office in `folder`.
pub async fn ask(folder: &Folder, question: Question) -> Result<Answer, AskingError> {
    let (config, division, epoch) = folder.config().map_err(WindowError::from)?;
    match Window::knock(folder).await {
        Ok(mut window) => {
            let rows = window.audit(question.to_wire()).await?;
            let read = |row: Result<String, WindowError>| Ok(serde_json::from_str(&row?)?);
            Ok(rows.map(read).boxed())
        }
        Err(WindowError::Silent(_)) => {
            let superior = config.superior.as_ref();
            let superior = superior
                .map(|above| place(&above.division, &folder.config_file()))
                .transpose()
                .map_err(WindowError::from)?;
            let store = folder.store(&config).open_to_read().await;
            let store = store.map_err(|error| WindowError::from(PremisesError::from(error)))?;
            let me = JournalId { author: division, epoch };
            let books = Books::open(store.as_ref(), me, superior, SystemClock.now()).await;
            let books = books.map_err(AuditError::from)?;
            let wraps = KeyFile::open_to_read(&folder.case_keys()).await;
            let wraps = wraps.map_err(AuditError::from)?;
            if wraps.is_none() {
                warn!("密钥柜缺失 no keys.db: whether keys of reports are owed was not looked at");
            }
            let wraps = wraps.map(|wraps| Arc::new(wraps) as Arc<dyn KeyStore>);
            let rows = super::ask(question, books.with_wraps(wraps));
            Ok(ReceiverStream::new(rows).map(|row| Ok(row?)).boxed())
        }
        Err(error) => Err(error.into()),
    }
}
