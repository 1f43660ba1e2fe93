//! Whether what stands in a pack is sound: duties, lengths, articles, grounds and places that exist.

use std::ops::Range;

use toml::Spanned;

use super::error::{LONGEST, PackError};
use super::text::TermText;
use crate::division::{DivisionCode, Tree};
use crate::rules::document::{Documents, cited};
use crate::rules::duty::Duty;
use crate::rules::gate::Reason;
use crate::rules::term::{Length, Term};

/// One file, and what its words are held against.
pub(super) struct Check<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) documents: &'a Documents,
    pub(super) tree: &'a Tree,
}

impl Check<'_> {
    fn at<T>(&self, spanned: &Spanned<T>) -> (String, usize) {
        (self.file.to_owned(), line_of(self.text, &spanned.span()))
    }

    pub(super) fn duty(&self, name: &Spanned<String>) -> Result<Duty, PackError> {
        Duty::from_code(name.get_ref()).ok_or_else(|| {
            let (file, line) = self.at(name);
            let known: Vec<&str> = Duty::all().map(Duty::code).collect();
            PackError::UnknownDuty {
                file,
                line,
                duty: name.get_ref().clone(),
                known: known.join(", "),
            }
        })
    }

    pub(super) fn term(&self, name: &Spanned<String>, term: &TermText) -> Result<Term, PackError> {
        let length = match (term.days, term.working_days) {
            (Some(days), None) => Length::Days(days),
            (None, Some(days)) => Length::WorkingDays(days),
            (Some(_), Some(_)) | (None, None) => Length::Days(0),
        };
        let (Length::Days(days) | Length::WorkingDays(days)) = length;
        if !(1..=LONGEST).contains(&days) {
            let (file, line) = self.at(name);
            return Err(PackError::Length { file, line });
        }
        Ok(Term {
            length,
            roll: term.roll,
            only_route: term.only_route.clone(),
            article: term.article.get_ref().clone(),
            sure: term.sure,
        })
    }

    pub(super) fn article(&self, article: &Spanned<String>) -> Result<(), PackError> {
        let mut keys = cited(article.get_ref()).peekable();
        if keys.peek().is_some() && keys.all(|key| self.documents.get(key).is_some()) {
            return Ok(());
        }
        let (file, line) = self.at(article);
        Err(PackError::Article { file, line, article: article.get_ref().clone() })
    }

    pub(super) fn reason(&self, code: &Spanned<String>) -> Result<Reason, PackError> {
        Reason::from_code(code.get_ref()).ok_or_else(|| {
            let (file, line) = self.at(code);
            let known: Vec<&str> = Reason::all().map(Reason::code).collect();
            PackError::UnknownReason {
                file,
                line,
                code: code.get_ref().clone(),
                known: known.join(", "),
            }
        })
    }

    pub(super) fn scope(&self, scope: &Spanned<String>) -> Result<DivisionCode, PackError> {
        if scope.get_ref() == "00" {
            return Ok(DivisionCode::HUB);
        }
        let code = scope.get_ref().parse::<DivisionCode>().map_err(|error| error.to_string());
        let known = code
            .and_then(|code| self.tree.node(code).map(|_| code).map_err(|error| error.to_string()));
        known.map_err(|why| {
            let (file, line) = self.at(scope);
            PackError::Scope { file, line, scope: scope.get_ref().clone(), why }
        })
    }
}

/// The line, from 1, on which a span of a text begins.
pub(super) fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before.filter(|byte| **byte == b'\n').count() + 1
}
