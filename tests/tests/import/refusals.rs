//! What is refused before anything is read in, and what stops an import.

use super::*;

#[tokio::test]
async fn what_is_no_file_of_records_is_refused_with_its_name() {
    let desk = Desk::new();
    desk.put("empty.ndjson", "");
    desk.put("a.doc", "x");
    std::fs::create_dir(desk.path("folder.csv")).unwrap();
    for (name, word) in [
        ("empty.ndjson", "empty"),
        ("missing.csv", "no such file"),
        ("folder.csv", "not a file"),
        ("a.doc", "set format"),
    ] {
        let said = desk.refused(name, &map()).await;
        assert!(said.contains(word), "{said}");
    }
    desk.put("a.xlsx", "no workbook");
    assert!(desk.refused("a.xlsx", &map()).await.contains("workbook cannot be read"));
}

#[tokio::test]
async fn a_map_that_does_not_fit_the_file_is_refused_before_anything_is_read_in() {
    let desk = Desk::new();
    desk.put("a.csv", "id,titel,place\n1,a,\n");
    desk.put("a.ndjson", "{\"id\":1,\"titel\":\"a\",\"place\":\"\"}\n");
    for name in ["a.csv", "a.ndjson"] {
        let mut taker = Taker::default();
        let said = desk.bring(name, &map(), &mut taker).await.unwrap_err();
        assert!(said.contains("map.toml:5:") && said.contains("\"title\""), "{said}");
        assert!(taker.taken.is_empty());
    }
}

#[tokio::test]
async fn a_line_longer_than_16_mib_stops_and_what_was_before_it_stays() {
    let desk = Desk::new();
    let mut text = rows(1..3).into_bytes();
    text.resize(text.len() + 17 * 1024 * 1024, b'x');
    desk.put("a.ndjson", &text);
    let mut quoted = b"id,title,place\n1,a,\n2,\"b\n".to_vec();
    quoted.extend(b"some words of a line\n".repeat(900_000));
    desk.put("a.csv", &quoted);
    for (name, place, before) in [("a.ndjson", "a.ndjson:3:", 2), ("a.csv", "a.csv:3:", 1)] {
        let mut taker = Taker::default();
        for _ in 0..2 {
            let said = desk.bring(name, &map(), &mut taker).await.unwrap_err();
            assert!(said.contains(place) && said.contains("16 MiB"), "{said}");
            assert_eq!(taker.taken.len(), before, "{name}");
        }
    }
}

#[tokio::test]
async fn ten_megabytes_of_garbage_are_refused_or_rejected_and_never_a_panic() {
    let mut desk = Desk::new();
    desk.options.batch = Some(500);
    let mut state = 1_u64;
    let mut garbage = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let noise: Vec<u8> = (0..10_000_000).map(|_| garbage()).collect();
    let ascii: Vec<u8> = noise.iter().map(|byte| byte & 0x7F).collect();
    for bytes in [noise, ascii, vec![0; 10_000_000]] {
        for name in ["g.ndjson", "g.csv", "g.xlsx"] {
            desk.put(name, &bytes);
            for map in [map(), gb_map()] {
                match desk.bring(name, &map, &mut Taker::default()).await {
                    Ok(summary) => assert_eq!(summary.accepted, 0, "{name}"),
                    Err(said) => {
                        assert!(said.contains(name) || said.contains("map.toml"), "{said}")
                    }
                }
            }
        }
    }
}
