//! The law of this repository that no lint keeps.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::path::{Path, PathBuf};

/// Longest file of Rust before its tests, in lines.
const LONGEST: usize = 480;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, ending, found);
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root(), ".rs", &mut found);
    found.sort();
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "{} has no head", path.display());
    }
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in sources() {
        let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = before_tests.lines().count();
        let is_test = path.ends_with("tests.rs") || path.parent().unwrap().ends_with("tests/tests");
        assert!(is_test || lines <= LONGEST, "{} has {lines} lines", path.display());
    }
}

#[test]
fn no_file_is_named_for_nothing() {
    for (path, _) in sources() {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        for banned in ["util", "utils", "common", "helpers", "manager", "misc", "mod"] {
            assert_ne!(stem, banned, "{}", path.display());
        }
    }
}

#[test]
fn node_says_superior_and_never_hub() {
    for (path, text) in sources() {
        if !path.starts_with(root().join("node/src")) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let words = line.replace("DivisionCode::HUB", "").replace("Level::Hub", "");
            assert!(
                !words.to_lowercase().contains("hub"),
                "{}:{}: {line}",
                path.display(),
                number + 1
            );
        }
    }
}

#[test]
fn no_field_counts_or_ranks_persons() {
    let banned = [
        "watch_list",
        "watchlist",
        "key_person",
        "threat",
        "petition_count",
        "person_score",
        "frequency",
    ];
    let mut found = Vec::new();
    files(&root().join("proto/proto"), ".proto", &mut found);
    files(&root().join("node/migrations"), ".sql", &mut found);
    assert!(!found.is_empty(), "there are contracts and schemas to look at");
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        for word in banned {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn every_document_has_one_title() {
    let mut found = Vec::new();
    files(&root(), ".md", &mut found);
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut fenced = false;
        let titles = text.lines().filter(|line| {
            fenced ^= line.starts_with("```");
            !fenced && line.starts_with("# ")
        });
        assert_eq!(titles.count(), 1, "{}", path.display());
    }
}

#[test]
fn every_file_the_documents_name_exists() {
    let mut found = Vec::new();
    files(&root(), ".md", &mut found);
    let mut named = 0;
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let room = ["proto/", "node/", "hub/", "tests/", "deploy/", "docs/"];
            let is_path =
                room.iter().any(|room| word.starts_with(room)) && !word.contains(['*', ' ']);
            if is_path {
                named += 1;
                assert!(root().join(word).exists(), "{} names {word}", path.display());
            }
        }
    }
    assert!(named > 20, "the documents name files");
}

#[test]
fn backoff_stays_in_one_file() {
    for (path, text) in sources() {
        if text.contains(concat!("use ", "backoff")) {
            assert!(path.ends_with("node/src/link/redial.rs"), "{}", path.display());
        }
    }
}
