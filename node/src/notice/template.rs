//! The templates of notices: those of the program, and an office's own in their place.
//!
//! An office puts a file of the same name into its folder `notices` and the document changes at once, without a
//! compiler. A template can show what a sheet holds and nothing else: it reads no file but templates, and runs no
//! longer than its fuel.

use std::path::{Path, PathBuf};

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use super::form::Form;
use super::sheet::Sheet;

/// What the longest of our documents needs, a hundred times.
const FUEL: u64 = 2_000_000;
/// A file larger than this is no template.
const LARGEST: u64 = 1 << 20;

/// The program's own, by name.
pub const BUILT_IN: [(&str, &str); 20] = [
    ("layout.html", include_str!("../../templates/notices/layout.html")),
    ("notice.css", include_str!("../../templates/notices/notice.css")),
    ("slip.html", include_str!("../../templates/notices/slip.html")),
    ("transfer.html", include_str!("../../templates/notices/transfer.html")),
    ("assignment.html", include_str!("../../templates/notices/assignment.html")),
    ("acceptance.html", include_str!("../../templates/notices/acceptance.html")),
    ("diversion.html", include_str!("../../templates/notices/diversion.html")),
    ("declined.html", include_str!("../../templates/notices/declined.html")),
    ("refusal.html", include_str!("../../templates/notices/refusal.html")),
    ("barred.html", include_str!("../../templates/notices/barred.html")),
    ("extension.html", include_str!("../../templates/notices/extension.html")),
    ("opinion.html", include_str!("../../templates/notices/opinion.html")),
    ("review.html", include_str!("../../templates/notices/review.html")),
    ("reexam.html", include_str!("../../templates/notices/reexam.html")),
    ("certificate.html", include_str!("../../templates/notices/certificate.html")),
    ("reply.html", include_str!("../../templates/notices/reply.html")),
    ("agreement.html", include_str!("../../templates/notices/agreement.html")),
    ("withdrawal.html", include_str!("../../templates/notices/withdrawal.html")),
    ("supervision.html", include_str!("../../templates/notices/supervision.html")),
    ("suggestion.html", include_str!("../../templates/notices/suggestion.html")),
];

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {why}")]
pub struct TemplateError {
    /// The template's name, with its folder where it is an office's own.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// The templates of an office.
#[derive(Debug, Clone)]
pub struct Templates {
    own: Option<PathBuf>,
}

impl Templates {
    /// The program's own templates, and those in `own` in their place.
    #[must_use]
    pub fn of(own: Option<PathBuf>) -> Self {
        Self { own }
    }

    /// Writes a sheet as a whole HTML document, complete in itself.
    ///
    /// # Errors
    ///
    /// [`TemplateError`] with file and line, where the office's own template is wrong.
    pub fn write(&self, form: Form, sheet: &Sheet) -> Result<String, TemplateError> {
        let environment = self.environment();
        let name = format!("{}.html", form.code());
        let template =
            environment.get_template(&name).map_err(|error| self.error(&name, &error))?;
        template.render(sheet).map_err(|error| self.error(&name, &error))
    }

    fn environment(&self) -> Environment<'static> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        });
        let own = self.own.clone();
        environment.set_loader(move |name| {
            let found = own.as_deref().map(|folder| read(folder, name)).transpose()?.flatten();
            Ok(found.or_else(|| built_in(name).map(str::to_owned)))
        });
        environment
    }

    fn error(&self, asked: &str, error: &minijinja::Error) -> TemplateError {
        let name = error.name().unwrap_or(asked);
        let folder = self.own.as_deref().filter(|folder| folder.join(name).is_file());
        let file = folder.map_or(name.to_owned(), |own| own.join(name).display().to_string());
        let why = match error.detail() {
            Some(detail) => format!("{}: {detail}", error.kind()),
            None => error.kind().to_string(),
        };
        TemplateError { file, line: error.line().unwrap_or(0), why }
    }
}

fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// An office's own template; `None` where it has none of this name.
fn read(folder: &Path, name: &str) -> Result<Option<String>, minijinja::Error> {
    // Names of the program's alone: nothing outside of the folder can be asked for.
    if built_in(name).is_none() {
        return Ok(None);
    }
    let path = folder.join(name);
    let wrong = |why: String| {
        minijinja::Error::new(ErrorKind::InvalidOperation, format!("{}: {why}", path.display()))
    };
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error.to_string())),
        Ok(known) if known.len() > LARGEST => {
            return Err(wrong("larger than 1 MiB: this is no template".to_owned()));
        }
        Ok(_) => {}
    }
    std::fs::read_to_string(&path).map(Some).map_err(|error| wrong(error.to_string()))
}
