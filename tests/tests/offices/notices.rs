//! Notices: every written act has its document, out of entries alone, in a template that an office can change.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::{Timestamp, tz};
use serde_json::Value;
use terrace_node::notice::form::Form;
use terrace_node::notice::printing::Printer;
use terrace_tests::offices::{Office, binary, command, line};
use terrace_tests::skipped::skipped;

/// A character outside of the common fonts' first plane, and what HTML would take for its own.
const MATTER: &str = "𠮷䶮里路灯 <script>alert(1)</script> & 补偿";

struct Henan {
    running: Vec<Office>,
    folder: tempfile::TempDir,
    data: String,
}

impl Henan {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = line(folder.path(), &["41"]).await.unwrap();
        let data = folder.path().join("41").to_string_lossy().into_owned();
        Self { running, folder, data }
    }

    async fn run(&self, words: &[&str]) -> Result<String, String> {
        let program = binary("terrace-node").unwrap();
        let mut words = words.to_vec();
        words.extend(["--data", &self.data]);
        command(Path::new(&program), &words).await.map_err(|error| error.to_string())
    }

    async fn done(&self, words: &[&str]) -> String {
        self.run(words).await.unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// Registers a case and takes steps, each given without its case.
    async fn case(&self, steps: &[&[&str]]) -> String {
        let visit = ["case", "register", "--title", MATTER, "--channel", "VIS", "--json"];
        let told: Value = serde_json::from_str(&self.done(&visit).await).unwrap();
        let number = told["number"].as_str().unwrap().to_owned();
        let code = told["code"].as_str().unwrap_or_default().to_owned();
        for step in steps {
            let mut words = vec!["case", step[0], &number];
            words.extend(step[1..].iter().map(|word| if *word == "CODE" { &code } else { *word }));
            self.done(&words).await;
        }
        number
    }

    async fn forms(&self, number: &str) -> Vec<String> {
        let told = self.done(&["notice", "list", number, "--json"]).await;
        let told: Value = serde_json::from_str(&told).unwrap();
        let notices = told["notices"].as_array().unwrap();
        for notice in notices {
            assert_eq!(notice["problem"], "", "{}", notice["form"]);
        }
        notices.iter().map(|notice| notice["form"].as_str().unwrap().to_owned()).collect()
    }

    async fn stop(self) {
        for office in self.running {
            office.stop().await.unwrap();
        }
    }
}

/// What a camera reads off the code on a page: its dark bars, four points to a module.
fn scanned(page: &str) -> String {
    let between = |from: &str, to: &str| {
        page.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned()
    };
    let side: usize = between("viewBox=\"0 0 ", " ").parse().unwrap();
    let mut dark = vec![false; side * side];
    for bar in between("<path d=\"M", "\"").split("zM").map(|bar| bar.trim_end_matches('z')) {
        let mut numbers = bar.split([' ', 'h', 'v']).map(|one| one.parse::<usize>().unwrap_or(0));
        let [x, y, length] = std::array::from_fn(|_| numbers.next().unwrap());
        dark[y * side + x..][..length].fill(true);
    }
    let at = |x: usize, y: usize| if dark[y / 4 * side + x / 4] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * 4, side * 4, at);
    image.detect_grids()[0].decode().unwrap().1
}

/// Reviews and their certificate need offices above: the full life has them.
const ABOVE: [Form; 4] =
    [Form::Declined, Form::ReviewOpinion, Form::ReexamOpinion, Form::Certificate];

#[tokio::test(flavor = "multi_thread")]
async fn every_written_act_has_its_document() {
    let henan = Henan::new().await;
    let today = tz::offset(8).to_datetime(Timestamp::now()).date();
    let later = today.checked_add(jiff::Span::new().days(30)).unwrap().to_string();
    let today = today.to_string();
    let unit: &[&str] = &["transfer", "--to", "41", "--to-organ", "jst", "--words", "属住建职责"];
    let accept: &[&str] = &["accept", "--words", "将由建设厅办理", "--organ", "jst"];
    let extend = ["extend", "--words", "案情复杂", "--approver", "厅长01", "--organ", "jst"];
    let opinion = [
        "--opinion",
        "支持诉求",
        "--facts",
        "路灯损坏",
        "--basis",
        "《城市照明管理规定》",
        "--organ",
        "jst",
    ];
    let receive: &[&str] = &["receive", "--organ", "jst"];
    let agree = ["agree", "--text", "补偿一千元", "--perform-by", &later, "--organ", "jst"];
    let decide: Vec<&str> = ["decide", "--outcome", "1"].into_iter().chain(opinion).collect();
    let lives: [&[&[&str]]; 9] = [
        &[unit, receive, accept, &extend, &decide, &["serve", "--on", &today, "--organ", "jst"]],
        &[&["triage"], &["refuse", "--code", "NA-LEVEL", "--competent", "410221"]],
        &[&["triage"], &["divert", "--route", "S1", "--body", "中级人民法院"]],
        &[&["triage"], &["close", "--reply", "路灯已报修"]],
        &[&["triage"], unit],
        &[
            &["triage"],
            &["assign", "--to", "41", "--to-organ", "jst", "--due", &later, "--words", "限期报告"],
            &["supervise", "--trigger", "other", "--words", "请加快办理"],
        ],
        &[unit, receive, accept, &agree],
        &[unit, receive, accept, &["withdraw", "--code", "CODE", "--organ", "jst"]],
        &[
            &["triage"],
            &["suggest", "--words", "属建议"],
            &["answer-suggestion", "--adoption", "adopted", "--reply", "采纳"],
        ],
    ];
    let mut seen = BTreeSet::new();
    for life in lives {
        let number = henan.case(life).await;
        seen.extend(henan.forms(&number).await);
    }
    let number = henan.case(lives[5]).await;
    let to = henan.folder.path().join("paper").to_string_lossy().into_owned();
    let print = ["notice", "print", &number, "--form", "assignment", "--to", &to];
    let letter = std::fs::read_to_string(henan.done(&print).await.trim()).unwrap();
    assert!(
        letter.contains("<p class=\"to\">河南省 jst：</p>"),
        "an organ in the same house: {letter}"
    );
    assert!(letter.contains("《信访工作条例》第"), "each day with its article: {letter}");
    let barred = Form::Barred.code().to_owned();
    let above: BTreeSet<String> = ABOVE.iter().map(|form| form.code().to_owned()).collect();
    let all: BTreeSet<String> = Form::all().map(|form| form.code().to_owned()).collect();
    let missing: BTreeSet<_> = all.difference(&seen).cloned().collect();
    let expected: BTreeSet<_> = above.into_iter().chain([barred]).collect();
    assert_eq!(missing, expected);
    henan.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_why_by_what_article_where_to_go_and_hides_no_markup() {
    let henan = Henan::new().await;
    let refuse: &[&str] = &["refuse", "--code", "NA-LEVEL", "--competent", "410221"];
    let number = henan.case(&[&["triage", "--competent", "410221"], refuse]).await;
    let out = henan.folder.path().join("paper");
    let to = out.to_string_lossy().into_owned();
    henan.done(&["notice", "print", &number, "--to", &to]).await;
    let read = |form: &str| {
        let mut files = std::fs::read_dir(&out).unwrap().map(|file| file.unwrap().path());
        let mine = |file: &std::path::PathBuf| {
            file.file_name().unwrap().to_string_lossy().starts_with(form)
        };
        std::fs::read_to_string(files.find(mine).unwrap()).unwrap()
    };
    let refusal = read("refusal");
    for word in ["NA-LEVEL", "《信访工作条例》第20条", "杞县", &number, "𠮷䶮里路灯 &lt;script&gt;"]
    {
        assert!(refusal.contains(word), "{word}: {refusal}");
    }
    assert!(!refusal.contains("<script"), "what a petitioner writes is text");
    let slip = read("slip");
    assert!(slip.contains("<svg class=\"qr\""), "a slip bears the receipt");
    assert!(slip.contains("因信访受到打击报复的"), "every paper says where to turn: {slip}");
    assert!(slip.contains("NA-LEVEL") && slip.contains("越级"), "{slip}");
    // A3: scanned, it is the receipt of this case, which holds without anything else.
    let receipt = henan.folder.path().join("scanned");
    std::fs::write(&receipt, scanned(&slip)).unwrap();
    let examined = henan.run(&["receipt", "verify", &receipt.to_string_lossy()]).await;
    let examined = examined.unwrap_or_else(|error| error);
    assert!(examined.contains(&number) && examined.contains("回执有效"), "{examined}");
    henan.stop().await;
}

/// Fixture C2: one paper serves to query, to follow, to see whether it is supervised, and to rate; and holds offline.
#[tokio::test(flavor = "multi_thread")]
async fn one_receipt_serves_to_query_follow_supervise_and_rate() {
    let henan = Henan::new().await;
    let visit = ["case", "register", "--title", MATTER, "--channel", "VIS", "--json"];
    let told: Value = serde_json::from_str(&henan.done(&visit).await).unwrap();
    let (number, code) = (told["number"].as_str().unwrap(), told["code"].as_str().unwrap());
    let out = henan.folder.path().join("paper").to_string_lossy().into_owned();
    let slip = ["notice", "print", number, "--form", "slip", "--to", &out];
    let slip = std::fs::read_to_string(henan.done(&slip).await.trim()).unwrap();
    let paper = henan.folder.path().join("scanned");
    std::fs::write(&paper, scanned(&slip)).unwrap();
    let shown = async |key: &str| -> Value {
        let examined = henan.run(&["receipt", "verify", &paper.to_string_lossy()]).await;
        let examined = examined.unwrap_or_else(|error| error);
        let found = examined.split_whitespace().find(|word| word.contains(number));
        assert!(found.is_some() && examined.contains("回执有效"), "{examined}");
        let case = henan.done(&["case", "show", number, "--json"]).await;
        serde_json::from_str::<Value>(&case).unwrap()[key].clone()
    };
    assert_eq!(shown("state").await, "registered");
    assert_eq!((shown("supervised").await, shown("rating").await), (Value::from(0), Value::Null));
    let unit = ["--organ", "jst"];
    let today = tz::offset(8).to_datetime(Timestamp::now()).date().to_string();
    let opinion = ["--outcome", "1", "--opinion", "修", "--facts", "坏", "--basis", "规定"];
    let done = async |words: &[&str]| {
        henan.done(&[&["case", words[0], number], &words[1..]].concat()).await
    };
    done(&["transfer", "--to", "41", "--to-organ", "jst"]).await;
    done(&["supervise", "--trigger", "other", "--words", "请加快办理"]).await;
    done(&[&["receive"], &unit[..]].concat()).await;
    done(&[&["accept"], &unit[..]].concat()).await;
    done(&[&["decide"], &opinion[..], &unit[..]].concat()).await;
    done(&[&["serve", "--on", &today], &unit[..]].concat()).await;
    assert_eq!(shown("supervised").await, 1);
    assert_eq!(shown("timeline").await.as_array().unwrap().len(), 8);
    assert_eq!(shown("rating").await["zh"], "待评价");
    // Fixture C7: closing is refused with all that is missing.
    let closing = [&["case", "close", number][..], &unit[..]].concat();
    let refused = henan.run(&closing).await.unwrap_err();
    assert!(refused.contains("督办反馈 the answer to a supervision"), "{refused}");
    done(&["rate", "--code", code, "--unit", "satisfied", "--office", "basically"]).await;
    assert_eq!(shown("rating").await["zh"], "已评价");
    henan.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_changes_a_template_and_is_told_where_it_is_wrong() {
    let henan = Henan::new().await;
    let number = henan.case(&[&["triage"], &["close", "--reply", "已报修"]]).await;
    henan.done(&["notice", "templates"]).await;
    let file = Path::new(&henan.data).join("notices/reply.html");
    let own = "{% extends \"layout.html\" %}\n{% block body %}<p>河南：{{ said.reply.zh }}</p>{% endblock %}\n";
    std::fs::write(&file, own).unwrap();
    let kept = henan.done(&["notice", "templates"]).await;
    assert!(kept.contains("reply.html 保留 kept"), "{kept}");
    let out = henan.folder.path().join("paper").to_string_lossy().into_owned();
    let print = ["notice", "print", &number, "--form", "reply", "--to", &out];
    let printed = henan.done(&print).await;
    assert!(std::fs::read_to_string(printed.trim()).unwrap().contains("河南：已报修"));
    // A wrong name, at its line; the other documents of the case are still written.
    std::fs::write(&file, own.replace("said.reply.zh", "said.replyy.zh")).unwrap();
    let refused = henan.run(&["notice", "print", &number, "--to", &out]).await.unwrap_err();
    assert!(refused.contains("notices/reply.html:2: undefined value"), "{refused}");
    assert!(refused.contains("1 of 2 were not written"), "{refused}");
    // A template that never ends runs out of fuel.
    std::fs::write(
        &file,
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
    )
    .unwrap();
    let refused = henan.run(&print).await.unwrap_err();
    assert!(refused.contains("fuel"), "{refused}");
    henan.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_becomes_a_pdf() {
    if Printer::find().is_err() {
        return skipped("a document as PDF: chromium is not installed");
    }
    let henan = Henan::new().await;
    let number = henan.case(&[&["triage"], &["close", "--reply", "𠮷䶮里的路灯已报修"]]).await;
    let out = std::env::var("TERRACE_PICTURES")
        .unwrap_or_else(|_| henan.folder.path().join("paper").to_string_lossy().into_owned());
    let printed = henan.done(&["notice", "print", &number, "--to", &out, "--pdf"]).await;
    let pdfs: Vec<&str> = printed.lines().filter(|line| line.ends_with(".pdf")).collect();
    assert_eq!(pdfs.len(), 2, "{printed}");
    for pdf in pdfs {
        let bytes = std::fs::read(pdf).unwrap();
        assert!(bytes.starts_with(b"%PDF-"), "{pdf}");
        // A4, as the style of the document asks for.
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("/MediaBox [0 0 59"), "{pdf}");
    }
    henan.stop().await;
}
