//! Errors of the desk as answers to a command: whose mistake it is, in which words.

use tonic::Status;

use crate::archive::ArchiveError;
use crate::desk::DeskError;
use crate::identity::reader::ReaderError;
use crate::reading::IssuingError;
use crate::store::StoreError;

/// An error of the desk.
pub(super) fn status_of(error: &DeskError) -> Status {
    let text = error.to_string();
    match error {
        DeskError::UnknownCase(_) | DeskError::NothingSealed => Status::not_found(text),
        DeskError::NotReader { .. }
        | DeskError::DisciplineOnly
        | DeskError::Accused
        | DeskError::Recused(_)
        | DeskError::Untrained { .. }
        | DeskError::Left { .. }
        | DeskError::NotDeputy { .. }
        | DeskError::NotForYou { .. } => Status::permission_denied(text),
        DeskError::Number(_)
        | DeskError::Target(_)
        | DeskError::DueDate { .. }
        | DeskError::ReceivedAhead { .. }
        | DeskError::Words
        | DeskError::Channel(_)
        | DeskError::Purpose
        | DeskError::Entered(_)
        | DeskError::Organ(_)
        | DeskError::Unidentified
        | DeskError::TwoOfficers
        | DeskError::NoProposal(_)
        | DeskError::NotHere(_)
        | DeskError::NotThatEntry { .. }
        | DeskError::NotContesting(_) => Status::invalid_argument(text),
        DeskError::Archive(ArchiveError::Store(StoreError::Full(_))) => {
            Status::resource_exhausted(text)
        }
        DeskError::Archive(ArchiveError::Store(StoreError::Conflict(_))) => Status::aborted(text),
        DeskError::Archive(ArchiveError::TooLarge { .. }) => Status::invalid_argument(text),
        DeskError::Archive(_) => Status::unavailable(text),
        DeskError::NoSealingKey
        | DeskError::NoIndexKey
        | DeskError::Erased
        | DeskError::KeyMissing
        | DeskError::Unreadable(_)
        | DeskError::NobodyAbove(_)
        | DeskError::SeveralCases { .. }
        | DeskError::Incomplete
        | DeskError::NotCompetent { .. }
        | DeskError::NotHolder { .. }
        | DeskError::Contested { .. }
        | DeskError::NothingToSettle(_)
        | DeskError::Parked(_)
        | DeskError::Unlawful { .. }
        | DeskError::Guard { .. }
        | DeskError::NotRefusable(_)
        | DeskError::AlreadyThere(_) => Status::failed_precondition(text),
    }
}

/// An error of the store.
pub(super) fn store_status(error: &StoreError) -> Status {
    Status::unavailable(error.to_string())
}

/// A word of a reader certificate that is none.
pub(super) fn reading_word<T>(word: Result<T, ReaderError>) -> Result<T, Status> {
    word.map_err(|error| Status::invalid_argument(error.to_string()))
}

/// Why a certificate was not issued.
pub(super) fn issuing_status(error: &IssuingError) -> Status {
    Status::failed_precondition(error.to_string())
}
