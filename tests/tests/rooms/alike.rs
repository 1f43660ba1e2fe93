//! How well the same matter is found: a hundred pairs written for this project, and the real messages where they are here.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints what it measured"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;
use terrace_proto::alike::{ALIKE, Grams};
use terrace_tests::skipped::skipped;

/// Columns: as first said, by another channel, in other words, another matter at the same place, the like elsewhere.
const PAIRS: &str = include_str!("../../data/alike.tsv");

fn likenesses(column: usize) -> Vec<u32> {
    let rows = PAIRS.lines().filter(|line| !line.starts_with('#'));
    let pair = |row: &str| {
        let texts: Vec<Grams> = row.split('\t').map(Grams::of).collect();
        texts[0].likeness(&texts[column])
    };
    rows.map(pair).collect()
}

/// By text alone every copy is found and nothing else is, and no paraphrase: those the blind index has to propose.
#[test]
fn a_hundred_pairs() {
    let found = |column: usize| likenesses(column).into_iter().filter(|one| *one >= ALIKE).count();
    assert_eq!(likenesses(1).len(), 25);
    assert_eq!((found(1), found(2), found(3)), (25, 0, 0));
    // The like at another place is another matter: the place is asked before the text.
    assert_eq!(found(4), 1);
    // With the same petitioner and place all of them are proposed: the text puts copies before other matters.
    let (copies, others) = (likenesses(1), likenesses(3));
    assert!(copies.iter().zip(&others).all(|(copy, other)| copy > other));
}

/// The label of the real messages was itself computed from the texts: a weak one. It shows what is missed by scale.
#[test]
fn groups_of_the_real_messages() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/complaints/petitions_zh_dev.ndjson");
    let Ok(text) = std::fs::read_to_string(path) else {
        return skipped("petitions_zh_dev.ndjson is not beside the repository");
    };
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let word = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let mut cities: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        cities.entry(word(row, "city")).or_default().push(at);
    }
    let started = Instant::now();
    let gram = |row: &Value| Grams::of(&format!("{}{}", word(row, "title"), word(row, "body")));
    let grams: Vec<Grams> = rows.iter().map(gram).collect();
    let made = started.elapsed();
    let (mut compared, mut found, mut labelled) = (0_u64, BTreeSet::new(), BTreeSet::new());
    let started = Instant::now();
    for city in cities.values() {
        for (place, one) in city.iter().enumerate() {
            for two in &city[place + 1..] {
                compared += 1;
                if grams[*one].likeness(&grams[*two]) >= ALIKE {
                    found.insert((*one, *two));
                }
                let group = &rows[*one]["dup_group"];
                if !group.is_null() && *group == rows[*two]["dup_group"] {
                    labelled.insert((*one, *two));
                }
            }
        }
    }
    let hit = found.intersection(&labelled).count();
    println!(
        "{} messages in {made:?}, {compared} pairs in {:?}: {} found, {} labelled, {hit} both",
        rows.len(),
        started.elapsed(),
        found.len(),
        labelled.len()
    );
    // All that were labelled within a city; the rest of what is found is for an officer to look at.
    assert_eq!((hit, labelled.len()), (195, 195));
    assert!(found.len() < 280, "{}", found.len());
}
