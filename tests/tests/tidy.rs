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

/// Words that name a score, a rank, a list or a trait of persons, or of how often somebody speaks; among them the four
/// fields of the national record that are never taken over (yybz and the like).
const PERSONS: [&str; 22] = [
    "watchlist",
    "blacklist",
    "threat",
    "score",
    "scores",
    "rank",
    "ranks",
    "ranking",
    "frequency",
    "yybz",
    "zdry",
    "risk",
    "stability",
    "habitual",
    "politics",
    "political",
    "ethnic",
    "ethnicity",
    "religion",
    "troublemaker",
    "repeats",
    "visitor",
];

/// Words that may not stand side by side.
const PAIRS: [(&str, &str); 8] = [
    ("watch", "list"),
    ("key", "person"),
    ("petition", "count"),
    ("visit", "count"),
    ("repeat", "count"),
    ("petitioner", "list"),
    ("special", "person"),
    ("person", "score"),
];

/// The words of a text, without what is a comment in the wire contract or a schema.
fn words_of(text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    let code = code.map(|line| line.split("--").next().unwrap_or(""));
    let all: Vec<String> = code.map(str::to_lowercase).collect();
    let all = all.join("\n");
    all.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What in a text names persons as something to be counted.
fn counted_persons(text: &str) -> Vec<String> {
    let words = words_of(text);
    let single = words.iter().filter(|word| PERSONS.contains(&word.as_str())).cloned();
    let pairs =
        words.windows(2).filter(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())));
    single.chain(pairs.map(|pair| pair.join("_"))).collect()
}

#[test]
fn no_field_table_or_page_counts_scores_or_lists_persons() {
    let mut found = Vec::new();
    files(&root().join("proto/proto"), ".proto", &mut found);
    files(&root().join("node/migrations"), ".sql", &mut found);
    files(&root().join("node/templates"), ".html", &mut found);
    files(&root().join("node/src/view"), ".rs", &mut found);
    files(&root().join("node/src/console"), ".rs", &mut found);
    assert!(found.len() > 30, "there are contracts, schemas, views and pages to look at");
    for path in found {
        let named = counted_persons(&std::fs::read_to_string(&path).unwrap());
        assert!(named.is_empty(), "{} names {named:?}", path.display());
    }
    for planted in ["uint32 petition_count = 3;", "risk_level INTEGER", "{{ petitioner_list }}"] {
        assert!(!counted_persons(planted).is_empty(), "{planted} would be found");
    }
}

/// Queries group by offices and states alone: nothing gathers what one person says.
#[test]
fn no_query_groups_by_persons() {
    let allowed = ["holder", "state"];
    let mut grouped = 0;
    for (path, text) in sources() {
        if path.ends_with("tidy.rs") {
            continue;
        }
        for (_, after) in
            text.match_indices("GROUP BY ").map(|(at, by)| text.split_at(at + by.len()))
        {
            let columns = after.split(" ORDER ").next().unwrap_or(after);
            let columns: Vec<&str> = columns
                .split(['"', ';', '\n'])
                .next()
                .unwrap_or("")
                .split(',')
                .map(str::trim)
                .collect();
            grouped += 1;
            let lawful = columns.iter().all(|column| allowed.contains(column));
            assert!(lawful, "{} groups by {columns:?}", path.display());
        }
    }
    assert!(grouped > 0, "there is a query that groups");
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

/// A test that `make test` runs once, over a store of its own, must not ask for one wherever `TERRACE_STORE` says: nobody
/// would notice that over PostgreSQL it is not run.
#[test]
fn tests_that_run_once_bring_their_own_stores() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    let once = makefile.lines().find_map(|line| line.strip_prefix("ONCE := ")).unwrap();
    for name in once.split_whitespace().filter(|name| *name != "tidy") {
        let place = root().join("tests/tests").join(name);
        let mut found = Vec::new();
        match place.is_dir() {
            true => files(&place, ".rs", &mut found),
            false => found.push(place.with_extension("rs")),
        }
        for path in found {
            let text = std::fs::read_to_string(&path).unwrap();
            for asking in ["as_asked", "Line::", "line(", "join("] {
                let asks = text.match_indices(asking).any(|(at, _)| {
                    !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
                });
                assert!(!asks, "{} says {asking}: take it out of ONCE", path.display());
            }
        }
    }
}

/// `make test` runs no examples in comments, which takes a pass over every crate: there are none.
#[test]
fn no_comment_holds_an_example_that_nothing_runs() {
    for (path, text) in sources() {
        let fence = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix("//")
                .is_some_and(|rest| rest.trim_start_matches(['/', '!', ' ']).starts_with("```"))
        };
        assert!(
            !text.lines().any(fence),
            "{} has an example in a comment: write a test",
            path.display()
        );
    }
}
