//! A full life (一件到底): from a visit at the wrong level to the termination certificate, through five offices as
//! processes, two of them without a line at the critical moments; and `case show --timeline` tells it.

use std::path::Path;

use jiff::{Timestamp, tz};
use serde_json::Value;
use terrace_tests::offices::{Office, binary, command, line};
use terrace_tests::waiting::until;

const PROVINCE: &str = "41";
const CITY: &str = "4102";
const COUNTY: &str = "410221";
const TOWN: &str = "410221101";

/// The offices by their codes, the root first.
struct Offices {
    running: Vec<Office>,
    folder: tempfile::TempDir,
}

impl Offices {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = line(folder.path(), &[PROVINCE, CITY, COUNTY, TOWN]).await.unwrap();
        Self { running, folder }
    }

    fn data(&self, at: &str) -> String {
        let at = if at == "00" { "00" } else { at };
        self.folder.path().join(at).to_string_lossy().into_owned()
    }

    /// Runs a command of the product at an office; gives what it printed.
    async fn run(&self, at: &str, words: &[&str]) -> Result<String, String> {
        let program = binary(if at == "00" { "terrace-hub" } else { "terrace-node" }).unwrap();
        let data = self.data(at);
        let mut words = words.to_vec();
        words.extend(["--data", &data]);
        command(Path::new(&program), &words).await.map_err(|error| error.to_string())
    }

    async fn done(&self, at: &str, words: &[&str]) -> String {
        self.run(at, words).await.unwrap_or_else(|error| panic!("{at} {words:?}: {error}"))
    }

    async fn case(&self, at: &str, number: &str) -> Option<Value> {
        let told = self.run(at, &["case", "show", number, "--json"]).await.ok()?;
        serde_json::from_str(&told).ok()
    }

    /// Waits until an office sees the case in a state.
    async fn reaches(&self, at: &str, number: &str, state: &str) {
        let seen = || async { self.case(at, number).await.map(|case| case["state"].clone()) };
        until(&format!("{state} at {at}"), seen, |seen| seen.as_ref().is_some_and(|s| s == state))
            .await;
    }

    async fn link(&self, at: &str, held: bool) {
        let word = if held { "hold" } else { "release" };
        self.done(at, &["link", word]).await;
    }
}

fn today() -> String {
    tz::offset(8).to_datetime(Timestamp::now()).date().to_string()
}

async fn registered(offices: &Offices, at: &str, title: &str) -> (String, String) {
    let words = [
        "case",
        "register",
        "--title",
        title,
        "--channel",
        "VIS",
        "--name",
        "测试人·甲",
        "--phone",
        "13800138000",
        "--json",
    ];
    let told: Value = serde_json::from_str(&offices.done(at, &words).await).unwrap();
    (told["number"].as_str().unwrap().into(), told["code"].as_str().unwrap().into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_life_through_five_offices() {
    let offices = Offices::new().await;
    let today = today();
    turned_away_above(&offices).await;
    let number = taken_in_without_a_line(&offices).await;
    handled_by_the_bureau(&offices, &number, &today).await;
    reviewed_without_a_line(&offices, &number, &today).await;
    concluded(&offices, &number, &today).await;
    let certificate = format!("终结-{number}");
    let repeat = brought_again(&offices, &certificate).await;
    put_on_paper(&offices, (&number, &repeat), &certificate).await;
    for_a_court(&offices, &number).await;
    told(&offices, &number, &certificate).await;
    for office in offices.running {
        office.stop().await.unwrap();
    }
}

/// The petitioner goes to the province first. It registers, does not accept, and guides; the town and the county hear.
async fn turned_away_above(offices: &Offices) {
    let (above, _) = registered(offices, PROVINCE, "越级走访：宅基地补偿").await;
    let refuse = ["case", "refuse", &above, "--code", "NA-LEVEL", "--competent", TOWN];
    offices.done(PROVINCE, &refuse).await;
    offices.reaches(COUNTY, &above, "not accepted").await;
    let refused = offices.case(COUNTY, &above).await.unwrap();
    let notice = refused["timeline"].as_array().unwrap().last().unwrap()["words"].clone();
    assert_eq!(
        (notice["code"].as_str(), notice["article"].as_str()),
        (Some("NA-LEVEL"), Some("R2022 20"))
    );
    assert_eq!(notice["guide_to"], serde_json::json!([TOWN, COUNTY]));
}

/// The town has no line that day. It registers all the same, sorts, and passes on; the code is the petitioner's.
async fn taken_in_without_a_line(offices: &Offices) -> String {
    offices.link(TOWN, true).await;
    let (number, code) = registered(offices, TOWN, "宅基地补偿未到位").await;
    assert_eq!(code.len(), 19, "the petitioner has the code although nobody else hears of it");
    let triage = [
        "case",
        "triage",
        &number,
        "--purpose",
        "求决",
        "--category",
        "020200",
        "--competent",
        COUNTY,
        "--route",
        "S6",
    ];
    offices.done(TOWN, &triage).await;
    offices
        .done(TOWN, &["case", "transfer", &number, "--to", COUNTY, "--words", "属县级职权"])
        .await;
    assert!(offices.case(COUNTY, &number).await.is_none(), "nothing has come yet");
    offices.link(TOWN, false).await;
    number
}

/// The county gives it to its land bureau, which first says it is not its matter, and is told otherwise.
async fn handled_by_the_bureau(offices: &Offices, number: &str, today: &str) {
    offices.reaches(COUNTY, number, "in transit").await;
    offices.done(COUNTY, &["case", "receive", number]).await;
    let to_bureau =
        ["case", "transfer", number, "--to", COUNTY, "--to-organ", "zrj", "--words", "请核实"];
    offices.done(COUNTY, &to_bureau).await;
    let bureau = |words: &[&str]| -> Vec<String> {
        let own = ["--organ", "zrj", "--officer", "1001"];
        words.iter().chain(&own).map(|word| (*word).to_owned()).collect()
    };
    let as_bureau = async |words: &[&str]| {
        let words = bureau(words);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        offices.done(COUNTY, &words).await
    };
    as_bureau(&["case", "dispute", number, "--words", "应由住建部门办理"]).await;
    offices
        .done(COUNTY, &["case", "reject-dispute", number, "--words", "三定方案列明由该局负责"])
        .await;
    as_bureau(&["case", "receive", number]).await;
    as_bureau(&["case", "accept", number, "--words", "予以受理"]).await;
    as_bureau(&[
        "case",
        "inquire",
        number,
        "--form",
        "investigation",
        "--on",
        today,
        "--record",
        "入户调查两次",
    ])
    .await;
    as_bureau(&["case", "extend", number, "--words", "需要测绘", "--approver", "9001"]).await;
    let opinion = [
        "case",
        "decide",
        number,
        "--outcome",
        "3",
        "--facts",
        "补偿款已发放",
        "--opinion",
        "不予支持",
        "--basis",
        "《土地管理法》第四十八条",
    ];
    as_bureau(&opinion).await;
    as_bureau(&["case", "serve", number, "--on", today]).await;
}

/// The petitioner asks for review at the town. The county government reviews its bureau, cut off while it decides.
async fn reviewed_without_a_line(offices: &Offices, number: &str, today: &str) {
    offices.reaches(TOWN, number, "served").await;
    let ask = ["case", "request-review", number, "--grounds", "未收到补偿款", "--on", today];
    offices.done(TOWN, &ask).await;
    for office in [COUNTY, PROVINCE] {
        let timeline =
            || async { offices.case(office, number).await.map(|c| c["timeline"].to_string()) };
        let asked =
            |told: &Option<String>| told.as_ref().is_some_and(|t| t.contains("review requested"));
        until("the request", timeline, asked).await;
    }
    let early = offices.run(PROVINCE, &["case", "review", number]).await.unwrap_err();
    assert!(early.contains("not one level above"), "{early}");
    let review = ["case", "review", number, "--officer", "3001"];
    offices.done(COUNTY, &review).await;
    offices.reaches(CITY, number, "under review").await;
    offices.link(COUNTY, true).await;
    let decide = [
        "case",
        "decide-review",
        number,
        "--outcome",
        "uphold",
        "--facts",
        "发放凭证属实",
        "--opinion",
        "维持",
        "--basis",
        "《信访工作条例》第三十五条",
        "--officer",
        "3001",
    ];
    offices.done(COUNTY, &decide).await;
    offices.done(COUNTY, &["case", "serve", number, "--on", today, "--officer", "3001"]).await;
    let again = ["case", "request-review", number, "--grounds", "对复查意见不服", "--on", today];
    offices.done(COUNTY, &again).await;
    assert_eq!(offices.case(CITY, number).await.unwrap()["state"], "under review");
    offices.link(COUNTY, false).await;
}

/// The city re-examines, and it is concluded with a certificate that every office can show.
async fn concluded(offices: &Offices, number: &str, today: &str) {
    offices.reaches(CITY, number, "review served").await;
    offices.done(CITY, &["case", "reexamine", number, "--officer", "4001"]).await;
    let conclude = [
        "case",
        "decide-review",
        number,
        "--outcome",
        "uphold",
        "--facts",
        "事实清楚",
        "--opinion",
        "维持复查意见",
        "--basis",
        "《信访工作条例》第三十六条",
        "--officer",
        "4001",
    ];
    offices.done(CITY, &conclude).await;
    offices.done(CITY, &["case", "serve", number, "--on", today, "--officer", "4001"]).await;
    for office in ["00", PROVINCE, COUNTY, TOWN] {
        offices.reaches(office, number, "terminated").await;
    }
}

/// Brought again on the same facts it is no longer accepted, with the certificate and a human who compared.
async fn brought_again(offices: &Offices, certificate: &str) -> String {
    let (repeat, _) = registered(offices, COUNTY, "同一事项再次来访").await;
    let final_words =
        ["case", "refuse-final", &repeat, "--code", "NL-FINAL", "--certificate", certificate];
    let mut without: Vec<&str> = final_words.to_vec();
    without.extend(["--compared-by", ""]);
    let why = offices.run(COUNTY, &without).await.unwrap_err();
    assert!(why.contains("found facts and reasons the same"), "{why}");
    let mut with: Vec<&str> = final_words.to_vec();
    with.extend(["--compared-by", "2001"]);
    offices.done(COUNTY, &with).await;
    repeat
}

/// Every written act of this life has its document, and the one of another office is a copy.
async fn put_on_paper(offices: &Offices, (number, repeat): (&str, &str), certificate: &str) {
    let forms = offices.done(TOWN, &["notice", "list", number, "--json"]).await;
    let forms: Value = serde_json::from_str(&forms).unwrap();
    let made = forms["notices"].as_array().unwrap();
    for form in ["slip", "transfer", "acceptance", "extension", "opinion", "review", "reexam"] {
        assert!(made.iter().any(|one| one["form"] == form && one["problem"] == ""), "{form}");
    }
    let paper = offices.folder.path().join("paper");
    for (at, copy) in [(CITY, false), (TOWN, true)] {
        let to = paper.join(at).to_string_lossy().into_owned();
        let print = ["notice", "print", number, "--form", "certificate", "--to", &to];
        let text = std::fs::read_to_string(offices.done(at, &print).await.trim()).unwrap();
        assert!(text.contains(certificate), "{text}");
        assert_eq!(text.contains("class=\"copy\""), copy, "{at}: {text}");
    }
    for (form, words) in [("review", "提出的复查请求"), ("reexam", "现将复核意见告知如下")]
    {
        let to = paper.join(form).to_string_lossy().into_owned();
        let print = ["notice", "print", number, "--form", form, "--to", &to];
        let text = std::fs::read_to_string(offices.done(TOWN, &print).await.trim()).unwrap();
        assert!(text.contains(words), "{form}: {text}");
    }
    let to = paper.join("repeat").to_string_lossy().into_owned();
    let print = ["notice", "print", repeat, "--form", "barred", "--to", &to];
    let text = std::fs::read_to_string(offices.done(COUNTY, &print).await.trim()).unwrap();
    assert!(text.contains(certificate) && text.contains("NL-FINAL"), "{text}");
}

/// The whole file leaves the county for a court, which checks it with the root's key and nothing else; a paper that was
/// changed, one that is missing and a proof that was cut are each found.
async fn for_a_court(offices: &Offices, number: &str) {
    let folder = offices.folder.path().join("court");
    let to = folder.to_string_lossy().into_owned();
    offices.done(COUNTY, &["dossier", "write", number, "--to", &to]).await;
    let again = offices.run(COUNTY, &["dossier", "write", number, "--to", &to]).await;
    assert!(again.unwrap_err().contains("a new folder is needed"));
    let root: Value =
        serde_json::from_str(&offices.done(COUNTY, &["root", "--json"]).await).unwrap();
    let root = root["root"].as_str().unwrap().to_owned();
    let program = binary("terrace-node").unwrap();
    let check = || async {
        let words = ["dossier", "check", &to, "--root", &root, "--json"];
        command(&program, &words).await.map_err(|error| error.to_string())
    };
    let told: Value = serde_json::from_str(&check().await.unwrap()).unwrap();
    assert_eq!((&told["holds"], &told["office"]), (&Value::from(true), &Value::from(COUNTY)));
    assert_eq!((&told["state"], &told["number"]), (&"terminated".into(), &number.into()));
    let held = offices.case(COUNTY, number).await.unwrap();
    let entries = held["timeline"].as_array().unwrap().len();
    assert_eq!(told["entries"], entries, "every entry that the county holds is proved");
    let index = std::fs::read_to_string(folder.join("index.html")).unwrap();
    for words in ["信访事项卷宗", "复核意见", "opinion.html", number] {
        assert!(index.contains(words), "{words}: {index}");
    }
    assert!(
        !index.contains("测试人·甲") && !index.contains("13800138000"),
        "who it is stays sealed"
    );
    for name in ["index.html", "proofs.terrace", "manifest.txt"] {
        let path = folder.join(name);
        let whole = std::fs::read(&path).unwrap();
        let mut cut = whole.clone();
        cut.truncate(whole.len() - 40);
        std::fs::write(&path, &cut).unwrap();
        assert!(check().await.is_err(), "{name} was cut");
        std::fs::remove_file(&path).unwrap();
        assert!(check().await.is_err(), "{name} is missing");
        std::fs::write(&path, &whole).unwrap();
    }
    check().await.unwrap();
}

/// The same story at the town as at the root, in both languages, with the clocks behind it.
async fn told(offices: &Offices, number: &str, certificate: &str) {
    let chinese = offices.done(TOWN, &["case", "show", number, "--timeline"]).await;
    for words in [
        "甄别",
        "转送",
        "提出异议",
        "驳回异议",
        "延长期限",
        "申请复查复核",
        "复查受理",
        "复核受理",
        certificate,
    ] {
        assert!(chinese.contains(words), "{words}: {chinese}");
    }
    let english =
        offices.done("00", &["case", "show", number, "--timeline", "--language", "en"]).await;
    for words in
        ["disputed", "dispute rejected", "extended", "review opened", "upheld", certificate]
    {
        assert!(english.contains(words), "{words}: {english}");
    }
    let (here, there) = (offices.case(TOWN, number).await, offices.case("00", number).await);
    let (here, there) = (here.unwrap(), there.unwrap());
    assert_eq!(here["threads"], there["threads"], "one case, whoever tells it");
    assert_eq!(here["clocks"], there["clocks"]);
    assert_eq!(here["threads"].as_array().unwrap().len(), 3);
}
