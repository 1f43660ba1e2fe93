//! What the town registers: real messages from a file, or cases written for the demonstration.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Deserialize;
use terrace_proto::wire::{IntakeRegistered, Registration};

/// Plainly fictional cases, written for this demonstration.
const WRITTEN: &str = include_str!("written.ndjson");

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Material {
    pub(super) registrations: Vec<Registration>,
    /// Lines that could not be read, as they stood, each after a comment saying why.
    pub(super) rejected: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    id: String,
    title: Option<String>,
    body: Option<String>,
    submitted_at: Option<Timestamp>,
    category: Option<String>,
}

/// Reads messages, one JSON object a line. A line that is not one is rejected and the rest goes on.
pub(super) fn read(input: Option<&Path>) -> anyhow::Result<Material> {
    let read;
    let text = match input {
        Some(path) => {
            read = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            &read
        }
        None => WRITTEN,
    };
    let mut material = Material::default();
    for (line, row) in text.lines().enumerate().filter(|(_, row)| !row.trim().is_empty()) {
        match serde_json::from_str::<Message>(row)
            .map_err(|error| error.to_string())
            .and_then(intake)
        {
            Ok(intake) => {
                material.registrations.push(Registration {
                    intake: Some(intake),
                    received_on: None,
                    closed: None,
                });
            }
            Err(why) => {
                let reason = serde_json::json!({ "line": line + 1, "reason": why });
                material.rejected.push(format!("{reason}\n{row}"));
            }
        }
    }
    Ok(material)
}

fn intake(message: Message) -> Result<IntakeRegistered, String> {
    let (title, text) = (message.title.unwrap_or_default(), message.body.unwrap_or_default());
    if title.is_empty() && text.is_empty() {
        return Err("neither title nor body".into());
    }
    Ok(IntakeRegistered {
        channel: "WEB".into(),
        category: message.category.unwrap_or_default(),
        title,
        text,
        submitted_at: message.submitted_at.map_or(0, Timestamp::as_millisecond),
        source: message.id,
        place: 0,
        persons: 1,
        ..IntakeRegistered::default()
    })
}
