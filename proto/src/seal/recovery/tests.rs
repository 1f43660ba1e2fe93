//! What is typed wrongly is found, and its line named.

use super::*;

fn copy() -> RecoveryCopy {
    let author = "410221101".parse().unwrap();
    RecoveryCopy::of(JournalId { author, epoch: Epoch([0x1f; 16]) })
        .with(Label::Journal, &[0x11; 32])
        .with(Label::Sealing(1), &[0x22; 32])
        .with(Label::Sealing(12), &[0x33; 32])
        .with(Label::Index(1), &[0xfe; 32])
}

/// The lines that are typed, with their numbers.
fn typed(text: &str) -> Vec<String> {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn what_is_printed_reads_back() {
    let text = copy().write();
    assert_eq!(RecoveryCopy::read(&text).unwrap(), copy());
    let empty = RecoveryCopy::of(copy().journal());
    assert_eq!(RecoveryCopy::read(&empty.write()).unwrap(), empty);
}

/// The check codes of the first two lines were worked out with other software.
#[test]
fn the_paper_looks_like_this() {
    let text = copy().write();
    let lines = typed(&text);
    let head =
        "01  TERRACE-RECOVERY-1 410221101000 1F1F 1F1F 1F1F 1F1F 1F1F 1F1F 1F1F 1F1F  DTAUL5";
    assert_eq!(lines[0], head);
    assert_eq!(lines[1], "02  JOURNAL/A CEIR CEIR CEIR CEIR CEIR CEIR CE  ACBVCW");
    assert_eq!(lines.len(), 10);
    assert!(text.contains("# 密封密钥 第 12 代 sealing key, generation 12"), "{}", *text);
    assert!(lines.iter().all(|line| line.len() <= 85));
}

#[test]
fn spaces_and_letter_case_do_not_matter() {
    let text = copy().write();
    let sloppy: String = typed(&text)
        .iter()
        .map(|line| line.to_lowercase().replace("  ", "\t ") + " \r\n\r\n")
        .collect();
    assert_eq!(RecoveryCopy::read(&sloppy).unwrap(), copy());
}

/// Every character of every line, replaced by each character that could be meant for it.
#[test]
fn any_single_changed_character_is_found_and_its_line_named() {
    let text = copy().write();
    let lines = typed(&text);
    let others: Vec<char> = ('!'..='~').chain(['Ｏ', '零', 'é']).collect();
    for (at, line) in lines.iter().enumerate() {
        let symbols: Vec<char> = line.chars().collect();
        for place in 0..symbols.len() {
            for other in &others {
                if symbols[place].eq_ignore_ascii_case(other) {
                    continue;
                }
                let mut wrong = symbols.clone();
                wrong[place] = *other;
                let mut wrong_lines = lines.clone();
                wrong_lines[at] = wrong.into_iter().collect();
                let error =
                    RecoveryCopy::read(&wrong_lines.join("\n")).expect_err(&wrong_lines[at]);
                assert!(error.to_string().contains(&format!("ine {}", at + 1)), "{error}");
            }
        }
    }
}

#[test]
fn two_swapped_characters_are_found() {
    let secret = std::array::from_fn(|n| n as u8 * 7);
    let lines = typed(&copy().with(Label::Journal, &secret).write());
    for (at, line) in lines.iter().enumerate() {
        for place in 1..line.len() {
            let mut swapped = line.clone().into_bytes();
            swapped.swap(place - 1, place);
            let swapped = String::from_utf8(swapped).unwrap();
            let mut wrong = lines.clone();
            wrong[at] = swapped.clone();
            let harmless = swapped.replace(' ', "") == line.replace(' ', "");
            let read = RecoveryCopy::read(&wrong.join("\n"));
            assert!(harmless || read.is_err(), "{swapped}");
        }
    }
}

#[test]
fn lines_left_out_swapped_or_of_another_copy_are_found() {
    let lines = typed(&copy().write());
    for at in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        let error = RecoveryCopy::read(&fewer.join("\n")).unwrap_err();
        let last = at + 1 == lines.len();
        let due = at + 1;
        let expected = if last {
            RecoveryError::Ended { line: due }
        } else {
            RecoveryError::Misplaced { line: due }
        };
        assert_eq!(error, expected);
    }
    let mut more = lines.clone();
    more.push(lines[2].clone());
    let error = RecoveryCopy::read(&more.join("\n")).unwrap_err();
    assert_eq!(error, RecoveryError::Misplaced { line: 11 });

    let journal = JournalId { epoch: Epoch([0x2f; 16]), ..copy().journal() };
    let other = RecoveryCopy { journal, ..copy() };
    let mut mixed = lines.clone();
    mixed[3] = typed(&other.write())[3].clone();
    let error = RecoveryCopy::read(&mixed.join("\n")).unwrap_err();
    assert_eq!(error, RecoveryError::Mistyped { line: 4 });
}

#[test]
fn a_line_that_is_right_but_means_nothing_is_refused() {
    let journal = copy().journal();
    let zeros = "A".repeat(HALF_TEXT);
    let head = format!("{HEAD} {} {}", journal.author, HEXUPPER.encode(&journal.epoch.0));
    let line = |text: &str| text.replace('0', &zeros);
    let cases = [
        (vec!["TERRACE-RECOVERY-2 410221101000"], 1),
        (vec![&head, "FUTURE-1/A 0"], 2),
        (vec![&head, "JOURNAL/B 0"], 2),
        (vec![&head, "JOURNAL/A 0", "SEALING-1/B 0"], 3),
        (vec![&head, "JOURNAL/A 0", "JOURNAL/B 0", "JOURNAL/A 0", "JOURNAL/B 0"], 5),
        (vec![&head, "JOURNAL/A AAAA"], 2),
    ];
    for (said, wrong) in cases {
        let (mut sheet, mut text) = (Sheet::default(), String::new());
        for (at, words) in said.iter().enumerate() {
            sheet.write(&mut text, &if at == 0 { (*words).to_owned() } else { line(words) });
            sheet.belong_to(journal);
        }
        let error = RecoveryCopy::read(&text).unwrap_err();
        assert_eq!(error, RecoveryError::Unknown { line: wrong }, "{said:?}");
    }
}
