//! What is sealed, over real offices: who a petitioner is goes with custody and is read by nobody else, a report reaches
//! the office above the accused and no other, and a destroyed key is destroyed everywhere.
//!
//! After each story the words are looked for in every file of every office, as an insider with the disk would.

use std::path::Path;

use serde_json::Value;
use terrace_node::cabinet::{KeyFile, KeyStore as _};
use terrace_node::store::AnnouncedKey;
use terrace_node::window::WindowError;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{
    ActRequest, ContinueReportRequest, Erased, ErasureProposed, Hand, Hop, IntakeRegistered,
    OpenReportRequest, PetitionerWords, Received, RegisterRequest, Registration, ReportWords,
    TakeReportRequest, UnsealRequest, UnsealResponse,
};
use terrace_tests::auditor::{audit, examine};
use terrace_tests::offices::{self, Office, binary, command, in_files, line, line_over};
use terrace_tests::search;
use terrace_tests::waiting::until;

const NAME: &str = "测试人甲乙丙";
const PHONE: &str = "13800001234567";
const TEXT: &str = "某领导挪用扶贫款之密告";

fn petitioner() -> PetitionerWords {
    PetitionerWords { name: NAME.into(), phone: PHONE.into(), ..PetitionerWords::default() }
}

fn officer(number: &str) -> Option<Hand> {
    Some(Hand { officer: number.into(), ..Hand::default() })
}

/// Registers a visit of a named petitioner; gives the number of the case.
async fn register(office: &Office) -> String {
    let intake = IntakeRegistered { title: "路灯".into(), persons: 1, ..Default::default() };
    let registration = Registration {
        intake: Some(intake),
        petitioners: vec![petitioner()],
        ..Registration::default()
    };
    let request = RegisterRequest { hand: None, registrations: vec![registration] };
    let answer = office.window().await.unwrap().register(request).await.unwrap();
    answer.registered[0].number.clone()
}

async fn unseal(office: &Office, number: &str) -> Result<UnsealResponse, WindowError> {
    let (case_name, purpose) = (number.to_owned(), "核实联系方式".to_owned());
    let request = UnsealRequest { hand: officer("0417"), case_name, purpose };
    office.window().await.unwrap().unseal(request).await
}

async fn act(office: &Office, number: &str, hand: Option<Hand>, act: Act) -> Vec<u8> {
    let request =
        ActRequest { hand, case_name: number.to_owned(), act: Some(act), ..ActRequest::default() };
    office.window().await.unwrap().act(request).await.unwrap().leaf
}

async fn case(office: &Office, number: &str) -> Value {
    let told = office.window().await.unwrap().show_case(number).await;
    told.map_or(Value::Null, |told| serde_json::from_str(&told).unwrap())
}

/// The files below a folder that hold these words as they stand.
fn holding(folder: &Path, words: &str) -> Vec<String> {
    search::holding(folder, words.as_bytes(), &|_| false)
}

/// A report against the county.
fn report() -> TakeReportRequest {
    let report = ReportWords {
        accused_division: "410221".into(),
        text: TEXT.into(),
        ..ReportWords::default()
    };
    TakeReportRequest { report: Some(report), ..TakeReportRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_a_petitioner_is_goes_with_custody_and_every_reading_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line_over(folder.path(), &["41", "4102", "410221"], &in_files).await.unwrap();
    let (province, city, county) = (&offices[1], &offices[2], &offices[3]);
    let number = register(county).await;
    let opened = unseal(county, &number).await.unwrap();
    assert_eq!(opened.parts[0].petitioners, vec![petitioner()]);

    // The city holds the entries, and no right to read before it holds the case.
    until("the case at the city", || case(city, &number), |case| case["number"] == *number).await;
    let refused = unseal(city, &number).await.unwrap_err().to_string();
    assert!(refused.contains("neither registered"), "{refused}");
    let hop = Hop { division: "4102".into(), ..Hop::default() };
    act(county, &number, None, Act::Transfer(hop)).await;
    let opened =
        until("the key at the city", || unseal(city, &number), |opened| opened.is_ok()).await;
    assert_eq!(opened.unwrap().parts[0].petitioners, vec![petitioner()]);

    // Whoever brings the receipt sees who has read, and not what.
    let paper = terrace_tests::auditor::receipt(county, &number).await.unwrap();
    let log = || async { examine(&paper, county.folder.path()).await.unwrap().1 };
    let both = |told: &Value| told["access_log"].as_array().is_some_and(|log| log.len() == 2);
    let told = until("the log on the receipt", log, both).await;
    let offices_named = ["410221", "4102"].map(|office| told.to_string().contains(office));
    assert_eq!(offices_named, [true, true], "{told:#}");
    assert!(!told.to_string().contains(NAME));

    // The province carried the entries and is no reader; and the county sees in the log who has read.
    let readings = |case: &Value| {
        let steps = case["timeline"].as_array().cloned().unwrap_or_default();
        steps.iter().filter(|step| step["kind"] == "unsealed").count()
    };
    let log = until("the log", || case(county, &number), |case| readings(case) == 2).await;
    let by_city = log["timeline"].as_array().unwrap().iter().rfind(|s| s["kind"] == "unsealed");
    assert_eq!(by_city.unwrap()["author"], "4102");
    assert_eq!(by_city.unwrap()["words"]["purpose"], "核实联系方式");
    until("the case above", || case(province, &number), |case| readings(case) == 2).await;
    let told = audit("traffic", province.folder.path()).await.unwrap();
    assert_eq!(told.rows.last().unwrap()["sealed_reads"], 2, "{told:?}");
    let refused = unseal(province, &number).await.unwrap_err().to_string();
    assert!(refused.contains("neither registered"), "{refused}");
    for office in offices {
        office.stop().await.unwrap();
    }
    assert_eq!(holding(folder.path(), NAME), Vec::<String>::new());
    assert_eq!(holding(folder.path(), PHONE), Vec::<String>::new());
    // What is not sealed is found: the search is able to find.
    assert!(!holding(folder.path(), "路灯").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn key_destroyed_by_two_officers_is_destroyed_at_every_office() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41", "4102"]).await.unwrap();
    let (province, city) = (&offices[1], &offices[2]);
    let number = register(city).await;
    let hop = Hop { division: "41".into(), ..Hop::default() };
    act(city, &number, None, Act::Transfer(hop)).await;
    until("the key above", || unseal(province, &number), |opened| opened.is_ok()).await.unwrap();

    let grounds = ErasureProposed { grounds: "信访人申请".into() };
    let proposed = act(province, &number, officer("0001"), Act::ProposeErasure(grounds)).await;
    let alone = ActRequest {
        hand: officer("0001"),
        case_name: number.clone(),
        act: Some(Act::Erase(Erased { proposal: proposed.clone() })),
        ..ActRequest::default()
    };
    let refused = province.window().await.unwrap().act(alone).await.unwrap_err().to_string();
    assert!(refused.contains("two officers"), "{refused}");
    unseal(province, &number).await.unwrap();
    let agreed = Act::Erase(Erased { proposal: proposed });
    act(province, &number, officer("0002"), agreed).await;

    let gone = |opened: &Result<UnsealResponse, WindowError>| {
        opened.as_ref().is_err_and(|error| error.to_string().contains("destroyed"))
    };
    assert!(gone(&unseal(province, &number).await));
    assert!(until("the tombstone below", || unseal(city, &number), gone).await.is_err());
    for office in offices {
        office.stop().await.unwrap();
    }
    for division in ["41", "4102"] {
        let file = KeyFile::open(&folder.path().join(division).join("keys.db")).await.unwrap();
        assert_eq!(file.cases().await.unwrap(), Vec::new(), "{division} keeps a destroyed key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn report_is_read_above_the_accused_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41", "4102", "410221", "410221101"]).await.unwrap();
    let report = || ReportWords {
        accused_division: "410221".into(),
        accused_person: "张某某".into(),
        title: "举报".into(),
        text: TEXT.into(),
        reporter: Some(petitioner()),
        ..ReportWords::default()
    };
    let (province, city, county, town) = (&offices[1], &offices[2], &offices[3], &offices[4]);
    // Until the township has heard of the city's key, it seals to an office farther up.
    let keys = || async {
        town.store().await.unwrap().sealing_keys("4102".parse().unwrap()).await.unwrap()
    };
    let closes = |keys: &Vec<AnnouncedKey>| keys.iter().any(|key| key.organ == "discipline");
    until("the city's key at the township", keys, closes).await;
    let take = || async {
        let request = TakeReportRequest { report: Some(report()), ..Default::default() };
        town.window().await.unwrap().take_report(request).await
    };
    let taken = take().await.unwrap();
    assert!(taken.receipt.contains(&taken.number));

    let listed = |office| async move {
        let office: &Office = office;
        let told = office.window().await.unwrap().list_reports(10).await.unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        told["reports"].as_array().unwrap().clone()
    };
    let readable = |rows: &Vec<Value>| rows.iter().any(|row| row["readable"] == true);
    let rows = until("the report at the city", || listed(city), readable).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["author"], "410221101");
    let open = |office, organ: &str| {
        let hand = Some(Hand { organ: organ.into(), ..Hand::default() });
        let (leaf, purpose) = (taken.leaf.clone(), "初核".to_owned());
        let request = OpenReportRequest { hand, leaf, purpose };
        async move {
            let office: &Office = office;
            office.window().await.unwrap().open_report(request).await
        }
    };
    let refused = open(city, "").await.unwrap_err().to_string();
    assert!(refused.contains("discipline"), "{refused}");
    let opened = open(city, "discipline").await.unwrap().report.unwrap();
    assert_eq!((opened.text.as_str(), opened.addressee.as_str()), (TEXT, "4102"));

    // The reporter's paper is examined at any office that holds the entry, the accused's own included.
    let paper = folder.path().join("paper");
    std::fs::write(&paper, &taken.receipt).unwrap();
    for other in [county, city] {
        let (code, verdict) = examine(&paper, other.folder.path()).await.unwrap();
        assert_eq!(code, 0, "{verdict:#}");
        assert_eq!(verdict["access_log"], Value::Null, "who reads reports is for nobody to see");
    }

    // The accused, those below it and those above the city carried it and can neither read nor find it.
    let settled = |rows: &Vec<Value>| rows.is_empty();
    for other in [town, county, province, &offices[0]] {
        until("nothing is owed", || listed(other), settled).await;
        assert!(open(other, "discipline").await.is_err());
        let data = other.folder.path().to_string_lossy().into_owned();
        let program =
            if other.folder.path().ends_with("00") { "terrace-hub" } else { "terrace-node" };
        let list = ["case", "list", "--json", "--data", &data];
        let cases = command(&binary(program).unwrap(), &list).await.unwrap();
        assert!(!cases.contains(&taken.number), "{cases}");
    }
    for office in offices {
        office.stop().await.unwrap();
    }
    for words in [TEXT, NAME, "张某某"] {
        assert_eq!(holding(folder.path(), words), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn report_without_ciphertext_or_key_is_owed_by_whoever_passed_it_on() {
    let folder = tempfile::tempdir().unwrap();
    let offices =
        line_over(folder.path(), &["41", "4102", "410221", "410221101"], &in_files).await.unwrap();
    let take = || async { offices[4].window().await.unwrap().take_report(report()).await };
    until("the city's key in the town", take, Result::is_ok).await.unwrap();
    let city = &offices[2];
    let listed = || async { city.window().await.unwrap().list_reports(10).await.unwrap() };
    let readable = |told: &String| told.contains("\"readable\":true");
    until("the report at the city", listed, readable).await;
    let data = city.folder.path().to_path_buf();
    let told = audit("verify", &data).await.unwrap();
    assert_eq!((told.code, told.kinds()), (0, Vec::new()), "{told:?}");
    for office in offices {
        office.stop().await.unwrap();
    }
    // As if it had come without: the county could have kept either back.
    for (file, sql, owes) in [
        ("keys.db", "DELETE FROM due; DELETE FROM wrap", "key"),
        ("office.db", "UPDATE report SET key = NULL", "ciphertext"),
    ] {
        let copy = tempfile::tempdir().unwrap();
        let copy = copy.path().join("4102");
        offices::copy(&data, &copy).unwrap();
        rusqlite::Connection::open(copy.join(file)).unwrap().execute_batch(sql).unwrap();
        let told = audit("verify", &copy).await.unwrap();
        assert_eq!((told.code, told.kinds()), (3, vec!["owed"]), "{told:?}");
        let found = told.rows.iter().find(|row| row["row"] == "finding").unwrap().to_string();
        let sentence = format!("410221 passed it on and owes its {owes}");
        assert!(found.contains(&sentence) && found.contains("410221101"), "{found}");
    }
}

/// What stands against an officer of the petition office who takes a case up.
async fn take_up(office: &Office, number: &str) -> String {
    let taken_up = terrace_proto::wire::TakenUp {
        ground: 3,
        reason: "提级办理".into(),
        ..terrace_proto::wire::TakenUp::default()
    };
    let content = Some(terrace_proto::entry::Content::TakenUp(taken_up));
    let body = terrace_proto::wire::Body { salt: Vec::new(), content };
    let request = ActRequest {
        hand: officer("0417"),
        case_name: number.to_owned(),
        act: Some(Act::Say(body)),
        ..ActRequest::default()
    };
    office.window().await.unwrap().act(request).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn report_goes_on_as_a_case_that_never_reaches_the_accused() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41", "4102", "410221"]).await.unwrap();
    let (province, city, county) = (&offices[1], &offices[2], &offices[3]);
    let discipline = || Some(Hand { organ: "discipline".into(), ..officer("0901").unwrap() });
    let leaf = city.window().await.unwrap().take_report(report()).await.unwrap().leaf;
    let go_on = async |hand| {
        let purpose = "立件".to_owned();
        let request = ContinueReportRequest { hand, leaf: leaf.clone(), purpose };
        let answer = city.window().await.unwrap().continue_report(request).await;
        answer.map(|answer| answer.registered.unwrap())
    };
    assert!(go_on(None).await.unwrap_err().to_string().contains("discipline organ alone"));
    let first = go_on(discipline()).await.unwrap();
    let again = go_on(discipline()).await.unwrap();
    assert_eq!((first.known, again.known, &again.number), (false, true, &first.number));

    let open = async |office: &Office, hand| {
        let (case_name, purpose) = (first.number.clone(), "初核".to_owned());
        let request = UnsealRequest { hand, case_name, purpose };
        office.window().await.unwrap().unseal(request).await
    };
    let opened = open(city, discipline()).await.unwrap();
    assert_eq!(opened.parts[0].report.as_ref().unwrap().text, TEXT);
    assert!(open(city, officer("0417")).await.is_err(), "the petition office has no key to it");

    // Nobody but a discipline organ takes it up, in a thread of another either.
    let refused = take_up(city, &first.number).await;
    assert!(refused.contains("discipline organ alone"), "{refused}");

    // Neither to the accused nor to anyone below; and upwards to the discipline organ alone.
    let hop = async |to: &str, organ: &str| {
        let hop = Hop { division: to.into(), organ: organ.into(), ..Hop::default() };
        let act = Some(Act::Transfer(hop));
        let request = ActRequest {
            hand: discipline(),
            case_name: first.number.clone(),
            act,
            ..ActRequest::default()
        };
        city.window().await.unwrap().act(request).await.map(|_| ())
    };
    for accused in ["410221", "410221101"] {
        let refused = hop(accused, "discipline").await.unwrap_err().to_string();
        assert!(refused.contains("never goes to the office it accuses"), "{refused}");
    }
    // Nor by way of the petition office of the same building.
    let received = || Act::Receive(Received::default());
    hop("4102", "").await.unwrap();
    act(city, &first.number, None, received()).await;
    let down = Some(Act::Transfer(Hop { division: "410221".into(), ..Hop::default() }));
    let request = ActRequest {
        hand: None,
        case_name: first.number.clone(),
        act: down,
        ..ActRequest::default()
    };
    let refused = city.window().await.unwrap().act(request).await.unwrap_err().to_string();
    assert!(refused.contains("never goes to the office it accuses"), "{refused}");
    let back = Hop { division: "4102".into(), organ: "discipline".into(), ..Hop::default() };
    act(city, &first.number, None, Act::Transfer(back)).await;
    act(city, &first.number, discipline(), received()).await;
    hop("41", "discipline").await.unwrap();
    let opened =
        until("the key above", || open(province, discipline()), |opened| opened.is_ok()).await;
    assert_eq!(opened.unwrap().parts[0].report.as_ref().unwrap().text, TEXT);
    assert!(open(province, None).await.is_err());
    assert_eq!(case(county, &first.number).await, Value::Null);
    for office in offices {
        office.stop().await.unwrap();
    }
    assert_eq!(holding(folder.path(), TEXT), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn case_is_opened_with_a_new_key_after_the_old_one_is_retired() {
    let folder = tempfile::tempdir().unwrap();
    let mut offices = line(folder.path(), &["41", "4102"]).await.unwrap();
    let number = register(&offices[2]).await;
    let city = offices.pop().unwrap();
    let leaf = city.window().await.unwrap().take_report(report()).await.unwrap().leaf;
    let data = city.folder.path().to_path_buf();
    city.stop().await.unwrap();
    let text = data.to_string_lossy().into_owned();
    let node = binary("terrace-node").unwrap();
    let rotate = ["rotate-keys", "--data", &text];
    let unlocked = command(&node, &rotate).await.unwrap_err().to_string();
    assert!(unlocked.contains("recovery-copy.txt"), "{unlocked}");
    std::fs::remove_file(data.join("recovery-copy.txt")).unwrap();
    // The refused rotation had made a key already; this is the third.
    assert!(command(&node, &rotate).await.unwrap().contains("generation 3"));
    let retire = ["rotate-keys", "--retire", "--data", &text];
    let unlocked = command(&node, &retire).await.unwrap_err().to_string();
    assert!(unlocked.contains("lock it away"), "{unlocked}");
    let copy = folder.path().join("paper");
    std::fs::rename(data.join("recovery-copy.txt"), &copy).unwrap();
    command(&node, &retire).await.unwrap();
    assert!(!data.join("keys/sealing-office-1.key").exists());
    // A report is no case here, and survives the change of its organ's key all the same.
    command(&node, &["rotate-keys", "--discipline", "--data", &text]).await.unwrap();
    std::fs::rename(data.join("recovery-copy.txt"), &copy).unwrap();
    command(&node, &["rotate-keys", "--discipline", "--retire", "--data", &text]).await.unwrap();
    assert!(!data.join("keys/sealing-discipline-1.key").exists());
    let city = Office::start(&node, &data).await.unwrap();
    let hand = Some(Hand { organ: "discipline".into(), ..Hand::default() });
    let request = OpenReportRequest { hand, leaf, purpose: "初核".into() };
    let opened = city.window().await.unwrap().open_report(request).await.unwrap();
    assert_eq!(opened.report.unwrap().text, TEXT);
    assert_eq!(unseal(&city, &number).await.unwrap().parts[0].petitioners, vec![petitioner()]);
    let announced = |status: &Value| status["not_cosigned"]["entries"] == 0;
    let status = || async {
        let told = city.window().await.unwrap().show_status().await.unwrap();
        serde_json::from_str::<Value>(&told).unwrap()
    };
    until("the new key is known above", status, announced).await;
    city.stop().await.unwrap();

    // The paper brings back a key that was lost.
    std::fs::remove_file(data.join("keys/sealing-office-3.key")).unwrap();
    let recover = ["recover-keys", &copy.to_string_lossy(), "--data", &text];
    assert!(command(&node, &recover).await.unwrap().contains("sealing-office-3.key"));
    let city = Office::start(&node, &data).await.unwrap();
    unseal(&city, &number).await.unwrap();
    for office in offices.into_iter().chain([city]) {
        office.stop().await.unwrap();
    }
}
