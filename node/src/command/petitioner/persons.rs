//! Petitioners out of a JSON file, so that their words stand in no shell's history.
//!
//! It says where the file is wrong, and repeats no word of it.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::Deserialize;
use terrace_proto::seal::Zeroizing;
use terrace_proto::wire::PetitionerWords;

/// What stands in such a file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Persons {
    One(Person),
    Several(Vec<Person>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Person {
    name: String,
    id_kind: u32,
    id_number: String,
    phone: String,
    address: String,
    further_contact: String,
    role: PersonRole,
}

/// In which role somebody came.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PersonRole {
    #[default]
    Petitioner = 0,
    Representative = 1,
    Agent = 2,
}

impl From<Person> for PetitionerWords {
    fn from(person: Person) -> Self {
        let Person { name, id_kind, id_number, phone, address, further_contact, role } = person;
        Self { name, id_kind, id_number, phone, address, further_contact, role: role as u32 }
    }
}

/// Reads the petitioners of a file, or of the input for `-`.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<PetitionerWords>> {
    let mut text = Zeroizing::new(String::new());
    let done = if path == Path::new("-") {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    done.with_context(|| path.display().to_string())?;
    let persons = serde_json::from_str(&text).map_err(|error| {
        // What the library says could quote the file.
        anyhow!(
            "{}, line {}: not a JSON object or list of them with name, id_kind, id_number, phone, address, \
             further_contact, role (petitioner, representative or agent) / 不是所要求的 JSON",
            path.display(),
            error.line()
        )
    })?;
    Ok(match persons {
        Persons::One(one) => vec![one.into()],
        Persons::Several(several) => several.into_iter().map(PetitionerWords::from).collect(),
    })
}
