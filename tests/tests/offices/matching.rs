//! Blind indexes over real offices: a petitioner without a receipt is found again, and a superior says whether two cases
//! are of one petitioner without learning who that is. No key lies in any database, and nobody is found who is not asked
//! about by an intake on record.

use std::path::Path;

use serde_json::Value;
use terrace_node::folder::Folder;
use terrace_node::premises::Premises;
use terrace_proto::alike::ALIKE;
use terrace_proto::digest::CaseId;
use terrace_proto::entry::{Content, JournalId};
use terrace_proto::seal::matching::{self, BLINDING_CHANCE};
use terrace_proto::seal::{Identity, Petitioner};
use terrace_proto::session::matching::{Fields, Step, Task};
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{
    ActRequest, CasesMatched, Erased, ErasureProposed, Hand, Hop, IntakeRegistered, LookUpRequest,
    PetitionerWords, RegisterRequest, Registered, Registration, ShowSamenessRequest,
    ShowSamenessResponse,
};
use terrace_tests::offices::{Office, binary, command, join, line, store_of};
use terrace_tests::search;
use terrace_tests::waiting::until;

const ID_NUMBER: &str = "41022119800101123X";
const PURPOSE: &str = "信访人本人查询，回执遗失";

fn petitioner(id_number: &str) -> PetitionerWords {
    PetitionerWords {
        name: "测试人甲乙丙".into(),
        id_kind: 1,
        id_number: id_number.into(),
        ..PetitionerWords::default()
    }
}

/// Registers a visit about a place.
async fn register(office: &Office, id_number: &str, place: &str) -> Registered {
    say(office, id_number, (place, "路灯")).await
}

/// Registers a visit about a place, with a title.
async fn say(office: &Office, id_number: &str, (place, title): (&str, &str)) -> Registered {
    let place = place.parse::<terrace_proto::division::DivisionCode>().unwrap().number();
    let intake = IntakeRegistered { title: title.into(), persons: 1, place, ..Default::default() };
    let registration = Registration {
        intake: Some(intake),
        petitioners: vec![petitioner(id_number)],
        ..Registration::default()
    };
    let request = RegisterRequest { hand: None, registrations: vec![registration] };
    let answer = office.window().await.unwrap().register(request).await.unwrap();
    answer.registered[0].clone()
}

fn officer(number: &str) -> Option<Hand> {
    Some(Hand { officer: number.into(), ..Hand::default() })
}

async fn find(office: &Office, id_number: &str) -> Vec<String> {
    let petitioner = Some(petitioner(id_number));
    let request = LookUpRequest { hand: officer("0417"), petitioner, purpose: PURPOSE.into() };
    office.window().await.unwrap().look_up(request).await.unwrap().numbers
}

async fn sameness(office: &Office, number: &str) -> ShowSamenessResponse {
    let request = ShowSamenessRequest { case_name: number.to_owned() };
    office.window().await.unwrap().show_sameness(request).await.unwrap()
}

/// What the superior answers about a case, once it has.
async fn answered(office: &Office, number: &str) -> bool {
    let said = |told: &ShowSamenessResponse| told.same_above.is_some();
    let told = until("an answer", || sameness(office, number), said).await;
    told.same_above.unwrap()
}

async fn act(office: &Office, number: &str, hand: Option<Hand>, act: Act) -> Vec<u8> {
    let request =
        ActRequest { hand, case_name: number.to_owned(), act: Some(act), ..ActRequest::default() };
    office.window().await.unwrap().act(request).await.unwrap().leaf
}

/// How often a kind of entry stands in the timeline of a case.
async fn count(office: &Office, number: &str, kind: &str) -> usize {
    let told = office.window().await.unwrap().show_case(number).await.unwrap();
    let case: Value = serde_json::from_str(&told).unwrap();
    let steps = case["timeline"].as_array().cloned().unwrap_or_default();
    steps.iter().filter(|step| step["kind"] == kind).count()
}

/// The files below a folder that hold these bytes, but for keys and their copy on paper.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let secret = |path: &Path| {
        let key = path.extension().is_some_and(|end| end == "key");
        key || path.file_name().is_some_and(|name| name == "recovery-copy.txt")
    };
    search::holding(folder, bytes, &secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_petitioner_is_found_without_a_line_and_every_look_up_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41"]).await.unwrap();
    let province = &offices[1];
    let first = register(province, ID_NUMBER, "410221").await;
    assert!(first.same.is_empty());
    // The same matter is proposed as it is registered; one about another place is not.
    let again = register(province, "４１０２２１ 19800101 123x", "410221101").await;
    assert_eq!(again.same, std::slice::from_ref(&first.number));
    let elsewhere = register(province, ID_NUMBER, "410222").await;
    assert!(elsewhere.same.is_empty());
    let other = register(province, "410221199001011239", "410221").await;
    assert_eq!(other.same.len(), 2, "the same name at the same place is proposed too");

    let mut all = vec![first.number.clone(), again.number.clone(), elsewhere.number.clone()];
    all.sort();
    assert_eq!(find(province, ID_NUMBER).await, all);
    assert_eq!(find(province, "410221200001011230").await, Vec::<String>::new());
    assert_eq!(count(province, &first.number, "looked up").await, 1);
    assert_eq!(count(province, &other.number, "looked up").await, 0);

    // Neither without a purpose, nor by a name alone.
    let mut window = province.window().await.unwrap();
    let named = Some(PetitionerWords { name: "测试人甲乙丙".into(), ..Default::default() });
    let asked = LookUpRequest { hand: None, petitioner: named, purpose: PURPOSE.into() };
    assert!(window.look_up(asked).await.unwrap_err().to_string().contains("a name alone"));
    let asked = Some(petitioner(ID_NUMBER));
    let asked = LookUpRequest { hand: None, petitioner: asked, purpose: " ".into() };
    assert!(window.look_up(asked).await.unwrap_err().to_string().contains("what for"));
    drop(window);

    // Destroyed, it is found no more.
    let grounds = ErasureProposed { grounds: "当事人申请".into() };
    let proposal =
        act(province, &first.number, officer("0417"), Act::ProposeErasure(grounds)).await;
    act(province, &first.number, officer("0533"), Act::Erase(Erased { proposal })).await;
    all.retain(|number| *number != first.number);
    assert_eq!(find(province, ID_NUMBER).await, all);
    for office in offices {
        office.stop().await.unwrap();
    }
    assert_eq!(holding(folder.path(), ID_NUMBER.as_bytes()), Vec::<String>::new());
    keys_are_nowhere_else(folder.path());
}

/// The secrets of the index keys of every office below a folder are in no other file.
fn keys_are_nowhere_else(folder: &Path) {
    let mut keys = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let office = Folder::at(&entry.unwrap().path());
        if let Some(index) = office.index_keys().unwrap() {
            keys += 1;
            let text = std::fs::read_to_string(office.path().join("keys/index-1.key")).unwrap();
            assert_eq!(holding(folder, index.own.secret()), Vec::<String>::new());
            assert_eq!(holding(folder, text.trim().as_bytes()), Vec::<String>::new());
        }
    }
    assert!(keys > 0, "no index key was found to look for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superior_says_whether_two_counties_have_the_same_petitioner() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41", "4102", "410221"]).await.unwrap();
    let (city, county) = (&offices[2], &offices[3]);
    let sibling = join(folder.path(), city, "410222").await.unwrap();
    let first = register(county, ID_NUMBER, "410221").await.number;
    assert!(!answered(county, &first).await, "nothing before it");
    let same = register(&sibling, ID_NUMBER, "410221").await.number;
    assert!(answered(&sibling, &same).await);
    let found = sameness(&sibling, &same).await;
    assert!(found.asked && found.here.is_empty(), "no number comes along: {found:?}");
    let elsewhere = register(&sibling, ID_NUMBER, "410222").await.number;
    assert!(!answered(&sibling, &elsewhere).await, "another place is another matter");
    let other = register(&sibling, "410221199001011239", "410221").await.number;
    assert!(!answered(&sibling, &other).await, "another person");

    let data = city.folder.clone();
    sibling.stop().await.unwrap();
    for office in offices {
        office.stop().await.unwrap();
    }
    assert_eq!(holding(folder.path(), ID_NUMBER.as_bytes()), Vec::<String>::new());
    keys_are_nowhere_else(folder.path());
    // What was asked is on record at the city: by whom, and about how many cases.
    let asked = matched(&data).await;
    let by = |office: u64| asked.iter().filter(move |one| one.division == office);
    let cases = |office: u64| by(office).map(|one| one.cases).sum::<u32>();
    assert_eq!((cases(410_221_000_000), cases(410_222_000_000)), (1, 3), "{asked:?}");
}

/// What an office that is stopped has on record about being asked.
async fn matched(data: &Folder) -> Vec<CasesMatched> {
    let (_, author, epoch) = data.config().unwrap();
    let store = store_of(data).await.unwrap();
    let entries = store.entries(JournalId { author, epoch }, 0, 1_000).await.unwrap();
    let content = entries.into_iter().filter_map(|one| one.into_entry().unwrap().content());
    let mut matched = Vec::new();
    for content in content {
        if let Content::CasesMatched(one) = content {
            matched.push(one);
        }
    }
    matched
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_handed_a_case_finds_its_petitioner_too() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41", "4102", "410221"]).await.unwrap();
    let (city, county) = (&offices[2], &offices[3]);
    let number = register(county, ID_NUMBER, "410221").await.number;
    assert!(find(city, ID_NUMBER).await.is_empty());
    let known = || async { city.window().await.unwrap().show_case(&number).await };
    until("the case at the city", known, Result::is_ok).await.unwrap();
    let hop = Hop { division: "4102".into(), ..Hop::default() };
    act(county, &number, None, Act::Transfer(hop)).await;
    let found = |found: &Vec<String>| *found == [number.clone()];
    until("the petitioner at the city", || find(city, ID_NUMBER), found).await;
    for office in offices {
        office.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_asks_too_much_is_put_off_until_another_day() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41"]).await.unwrap();
    let [hub, province]: [Office; 2] = offices.try_into().ok().unwrap();
    let (data, program) = (hub.folder.clone(), binary("terrace-hub").unwrap());
    hub.stop().await.unwrap();
    let text = std::fs::read_to_string(data.config_file()).unwrap();
    std::fs::write(data.config_file(), format!("questions_a_day = 2\n{text}")).unwrap();
    // All three are asked about at once, when the line is up again.
    let mut numbers = Vec::new();
    for last in 0..3 {
        let id_number = format!("4102211980010112{last}0");
        numbers.push(register(&province, &id_number, "410221").await.number);
    }
    let hub = Office::start(&program, data.path()).await.unwrap();
    answered(&province, &numbers[0]).await;
    answered(&province, &numbers[1]).await;
    assert_eq!(sameness(&province, &numbers[2]).await.same_above, None);
    province.stop().await.unwrap();
    hub.stop().await.unwrap();
    let matched = matched(&data).await;
    let (asked, put_off) = (matched.iter().map(|one| one.cases).sum::<u32>(), matched[0].put_off);
    assert_eq!((asked, put_off, matched.len()), (2, 1, 1), "{matched:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_about_without_an_intake_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41"]).await.unwrap();
    let [hub, province]: [Office; 2] = offices.try_into().ok().unwrap();
    let number = register(&province, ID_NUMBER, "410221").await;
    answered(&province, &number.number).await;
    let data = hub.folder.clone();
    province.stop().await.unwrap();
    hub.stop().await.unwrap();
    let hub = Premises::open(&data).await.unwrap();
    let known = CaseId::read(&number.case_id).unwrap();
    let person = Identity { petitioner: words(ID_NUMBER), others: Vec::new() };
    let place = "410221".parse().unwrap();
    let blinded = matching::blind(&person, place, || [7; BLINDING_CHANCE]);
    let ask = async |office: &str, case: CaseId| {
        let fields = blinded.iter().map(|one| *one.element()).collect();
        let task = Task::Evaluate(vec![Fields { case, fields }]);
        let office = office.parse().unwrap();
        let (step, _) = hub.office.write().await.archive.match_cases(office, task).await.unwrap();
        let Step::Evaluate(answered) = step else { panic!("{step:?}") };
        answered.cases.len()
    };
    assert_eq!(ask("41", known).await, 1);
    assert_eq!(ask("42", known).await, 0, "registered by another office");
    assert_eq!(ask("41", CaseId([7; 16])).await, 0, "registered by nobody");
}

fn words(id_number: &str) -> Petitioner {
    Petitioner { id_number: id_number.into(), ..Petitioner::default() }
}

/// What the same petitioner has brought about the same place is shown with the likest words first, by letter or by visit.
#[tokio::test(flavor = "multi_thread")]
async fn the_likest_words_stand_first() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(folder.path(), &["41"]).await.unwrap();
    let province = &offices[1];
    let first = "村口到小学的路灯坏了五盏，孩子晚上放学看不见路，请尽快维修。";
    let again = "路灯坏了五盏，村口到小学，孩子放学看不见路，希望尽快修好。";
    let other = "村口到小学的路面坑洼积水，下雨天孩子没法走，请尽快修路。";
    let mut numbers = Vec::new();
    for title in [other, first, again] {
        numbers.push(say(province, ID_NUMBER, ("410221", title)).await.number);
    }
    let told = sameness(province, &numbers[2]).await;
    assert_eq!(told.here, [numbers[1].clone(), numbers[0].clone()]);
    assert!(told.likeness[0] >= ALIKE && told.likeness[1] < ALIKE, "{:?}", told.likeness);
    let program = binary("terrace-node").unwrap();
    let data = folder.path().join("41").to_string_lossy().into_owned();
    let printed = command(&program, &["case", "same", &numbers[2], "--data", &data]).await.unwrap();
    assert!(printed.contains(&format!("{}  ", numbers[1])), "{printed}");
    assert_eq!(printed.matches("文字相近 alike").count(), 1, "{printed}");
    for office in offices {
        office.stop().await.unwrap();
    }
}
