//! The preview (试读): what the first rows would become. Nothing is registered and nothing written.

use serde_json::{Value, json};
use terrace_proto::entry::header::date_of;
use terrace_proto::wire::Registration;

use super::import::{Import, ImportError};
use super::reason::Reason;

/// One row as it would become.
#[derive(Debug)]
pub struct Preview {
    /// Its line.
    pub line: u64,
    /// The registration, or why it would be rejected.
    pub outcome: Result<Registration, Reason>,
}

impl Import {
    /// What the first rows would become.
    pub fn preview(&mut self, rows: usize) -> Result<Vec<Preview>, ImportError> {
        let mut reader = self.reader();
        let (begin, naming) = (reader.rows.place(), reader.naming.clone());
        let mut previews = Vec::new();
        while previews.len() < rows {
            let Some(row) = reader.rows.next()? else { break };
            previews.push(Preview { line: row.line, outcome: reader.translate(&row).1 });
        }
        reader.rows.seek(begin)?;
        reader.naming = naming;
        Ok(previews)
    }
}

impl Preview {
    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let registration = match &self.outcome {
            Err(reason) => return json!({ "line": self.line, "rejected": reason.to_string() }),
            Ok(registration) => registration,
        };
        let intake = registration.intake.clone().unwrap_or_default();
        let from = intake.provenance.unwrap_or_default();
        let hour = jiff::Timestamp::from_millisecond(intake.submitted_at).ok();
        let received_on = registration.received_on.and_then(|days| date_of(days).ok());
        json!({
            "line": self.line,
            "source": intake.source,
            "channel": intake.channel,
            "category": intake.category,
            "place": intake.place,
            "persons": intake.persons,
            "submitted_at": hour.filter(|_| intake.submitted_at != 0).map(|hour| hour.to_string()),
            "received_on": received_on.map(|day| day.to_string()),
            "title": intake.title,
            "text": intake.text,
            "legacy": from.legacy,
            "former_number": from.number,
            "done": registration.past.as_ref().map(|past| {
                json!({
                    "on": past.done_on.and_then(|days| date_of(days).ok()).map(|day| day.to_string()),
                    "outcome": past.outcome,
                })
            }),
        })
    }
}
