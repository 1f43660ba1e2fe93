//! Why a text is no pack: what is wrong, in which file and line, and what to do.

use super::check::line_of;

/// Longest term a pack may state, in days: ten years.
pub(super) const LONGEST: u16 = 3_660;

/// A text that is no pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Not the form of a pack.
    #[error("{file}:{line}: {message}")]
    Form {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// A duty nobody knows.
    #[error("{file}:{line}: there is no duty {duty:?}; known are {known}")]
    UnknownDuty {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// As it is written.
        duty: String,
        /// The codes of all duties.
        known: String,
    },
    /// A term that is neither days nor working days, or both, or no length.
    #[error("{file}:{line}: a term has either `days` or `working_days`, from 1 to {LONGEST}")]
    Length {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// An article of a document that is not registered.
    #[error(
        "{file}:{line}: {article:?} names no registered document: enter it in documents.toml first"
    )]
    Article {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// As it is written.
        article: String,
    },
    /// A scope that is no place with an office.
    #[error("{file}:{line}: scope {scope:?}: {why}")]
    Scope {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// As it is written.
        scope: String,
        /// Why.
        why: String,
    },
    /// A refusal code nobody knows.
    #[error("{file}:{line}: there is no ground of refusal {code:?}; known are {known}")]
    UnknownReason {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// As it is written.
        code: String,
        /// The codes there are.
        known: String,
    },
    /// It ends before it begins.
    #[error("{file}: `to` lies before `from`")]
    Backwards {
        /// The file.
        file: String,
    },
    /// Switched on without a first day.
    #[error("{file}: a pack that is switched on needs `from`: set it, or write `enabled = false`")]
    NoBeginning {
        /// The file.
        file: String,
    },
    /// It extends what is not known.
    #[error("{file}: it extends {base:?}, which is not known here: issue that one first")]
    UnknownBase {
        /// The file.
        file: String,
        /// The name of the pack it extends.
        base: String,
    },
}

impl PackError {
    /// What the reader of the file format says, with its line.
    pub(in crate::rules) fn form(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map_or(1, |span| line_of(text, &span));
        Self::Form { file: file.to_owned(), line, message: error.message().to_owned() }
    }
}
