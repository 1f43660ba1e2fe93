//! A province reads its offices unannounced, with a certificate it issued itself, and every read stands in the journal
//! of the office that was read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rcgen::KeyPair;
use serde_json::Value;
use terrace_node::folder::Folder;
use terrace_node::identity::auditor::LONGEST_AUDIT;
use terrace_node::identity::authority::request;
use terrace_node::identity::files::{Handed, hand_over, handed};
use terrace_node::identity::reader::{Extent, Scope, Scopes};
use terrace_node::identity::transport::{Credentials, client_config, reader_config};
use terrace_node::identity::{Authority, Validity};
use terrace_node::reading::turns::CALLS_A_MINUTE;
use terrace_node::store::StoredEntry;
use terrace_node::surroundings::SystemChance;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, Entry, Kind};
use terrace_proto::inspection::{CaseName, Inspection, Sought};
use terrace_proto::wire::enrolment_service_client::EnrolmentServiceClient;
use terrace_proto::wire::link_service_client::LinkServiceClient;
use terrace_proto::wire::read_service_client::ReadServiceClient;
use terrace_proto::wire::{self, ConverseRequest, read_case_request};
use terrace_tests::offices::{Office, binary, command, dial, line, store_of};
use terrace_tests::waiting::until;
use tonic::transport::Channel;
use tonic::{Code, Status};

/// Until an entry has climbed.
/// Words that no journal but a body of their own case may hold.
const TITLE: &str = "东街路灯三盏不亮";

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn code(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

async fn node(arguments: &[&str]) -> Result<String, String> {
    let told = command(&binary("terrace-node").unwrap(), arguments).await;
    told.map_err(|error| error.to_string())
}

fn address(office: &Office) -> String {
    office.folder.config().unwrap().0.listen.unwrap()
}

fn division(office: &Office) -> DivisionCode {
    office.folder.config().unwrap().1
}

/// An auditor's certificate, issued by the command.
async fn issue(office: &Office, out: &Path) -> Result<PathBuf, String> {
    let (data, folder) = (text(office.folder.path()), text(out));
    let issue =
        ["reader", "issue", "--data", &data, "--name", "省审计组", "--audit", "--out", &folder];
    node(&issue).await.map(|_| out.to_path_buf())
}

/// An auditor's certificate that no command would issue: signed by the authority of an office for a day from `now`.
fn minted(office: &Office, now: Timestamp, out: &Path) -> Handed {
    minted_for(office, Validity::days(now, 1), out)
}

fn minted_for(office: &Office, term: Validity, out: &Path) -> Handed {
    let (authority, credentials): (Authority, Credentials) =
        (office.folder.authority().unwrap(), office.folder.credentials().unwrap());
    let key = KeyPair::generate().unwrap();
    let wanted = request(division(office), &key).unwrap();
    let (name, scopes) = ("自制".parse().unwrap(), Scopes::of(Scope::ALL).unwrap());
    let chance = &mut SystemChance;
    let leaf = authority.sign_reader(&name, Extent::Below, scopes, &wanted, term, chance);
    let mut chain = vec![leaf.unwrap(), authority.certificate().clone()];
    chain.extend_from_slice(&credentials.chain()[1..]);
    chain.dedup(); // The root's authority is the root.
    hand_over(out, &key, &chain).unwrap();
    handed(out).unwrap()
}

async fn auditor(office: &Office, with: &Handed) -> ReadServiceClient<Channel> {
    let config = reader_config(&with.chain, &with.root, &with.key).unwrap();
    ReadServiceClient::new(dial(office, config).await.unwrap())
}

/// The entries of an office's journal, as a store holds them.
async fn journal(at: &Folder, of: &Folder) -> Vec<StoredEntry> {
    let (_, author, epoch) = of.config().unwrap();
    let store = store_of(at).await.unwrap();
    store.entries(terrace_proto::entry::JournalId { author, epoch }, 0, 10_000).await.unwrap()
}

/// The reads of auditors that stand in the journal of `of`, as `at` holds it.
async fn inspections(at: &Folder, of: &Folder) -> Vec<Inspection> {
    let entries = journal(at, of).await.into_iter();
    let entries = entries.map(|one| Entry::read(one.header, one.body).unwrap());
    let inspected = entries.filter(|entry| entry.header().kind == Kind::Inspected);
    let read = |entry: Entry| match entry.content() {
        Some(Content::Inspected(wire)) => Inspection::read(&wire).unwrap(),
        other => panic!("{other:?}"),
    };
    inspected.map(read).collect()
}

async fn exported(office: &Office, with: &Path, file: &Path) -> Result<String, String> {
    let (address, file, with) = (address(office), text(file), text(with));
    let short = division(office).short();
    node(&["audit", "at", &address, &file, "--division", &short, "--with", &with]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn province_reads_a_county_that_was_told_nothing_and_the_read_climbs() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41", "4102", "410221"]).await.unwrap();
    let [root, province, city, county] = offices.as_slice() else { panic!("four offices") };
    county.register(TITLE).await.unwrap();
    let handed_over = issue(province, &folder.path().join("auditor")).await.unwrap();
    // Nothing of it is at the county: no list, no entry, and its link may be down.
    assert!(!county.folder.path().join("readers.json").exists());
    county.window().await.unwrap().set_link(false).await.unwrap();
    let before = journal(&county.folder, &county.folder).await.len();

    let file = folder.path().join("county.export");
    exported(county, &handed_over, &file).await.unwrap();
    let after = journal(&county.folder, &county.folder).await.len();
    assert_eq!(after, before + 1, "one entry for the whole file");
    let found = inspections(&county.folder, &county.folder).await;
    let [read] = found.as_slice() else { panic!("{found:?}") };
    let certificate = &handed(&handed_over).unwrap().chain[0];
    assert_eq!((read.auditor.as_str(), read.issuer), ("省审计组", code("41")));
    assert_eq!(read.certificate, Digest::of(&[certificate]));
    assert_eq!(read.sought, Sought::Export);
    let days = read.until.duration_since(Timestamp::now()).as_hours() / 24;
    assert!((i64::from(LONGEST_AUDIT) - 1..=i64::from(LONGEST_AUDIT)).contains(&days), "{days}");

    // The file is one that the root's key proves, and it tells of its own making.
    let root_key = text(&handed_over.join("root.pem"));
    let check = ["audit", "check", &text(&file), "--root", &root_key, "--json"];
    let summary: Value = serde_json::from_str(node(&check).await.unwrap().trim()).unwrap();
    assert_eq!(summary["exporter"], "410221");
    assert_eq!(summary["findings"], 0);
    let own = journal(&county.folder, &county.folder).await;
    let bytes = std::fs::read(&file).unwrap();
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(own.iter().all(|entry| holds(&entry.header)), "the file lacks an entry");
    assert!(!holds(TITLE.as_bytes()), "the file holds words of a case");
    assert!(!holds("省审计组".as_bytes()), "the file holds the words of an entry");

    // The link is released, and the read climbs to the superior, to the issuer and to the root.
    county.window().await.unwrap().set_link(true).await.unwrap();
    for office in [city, province, root] {
        let held = async || inspections(&office.folder, &county.folder).await;
        until("the read", held, |held| *held == found).await;
    }
    // The same certificate at another depth, and at the one that issued it.
    exported(city, &handed_over, &folder.path().join("city.export")).await.unwrap();
    let refused = exported(province, &handed_over, &folder.path().join("no.export")).await;
    assert!(refused.unwrap_err().contains("is good below"), "at the issuer");
    assert!(!folder.path().join("no.export").exists());
    assert!(!folder.path().join("no.export.part").exists());
    let data = text(province.folder.path());
    let list = node(&["reader", "list", "--data", &data]).await.unwrap();
    assert!(list.contains("审计 for audits below"), "{list}");
    let revoked = node(&["reader", "revoke", "--data", &data, "省审计组"]).await;
    assert!(revoked.unwrap_err().contains("cannot be called back"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_an_entry_before_its_answer_and_repeats_no_words() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41", "4102"]).await.unwrap();
    let [_, province, city] = offices.as_slice() else { panic!("three offices") };
    let number = city.register(TITLE).await.unwrap();
    let with = handed(&issue(province, &folder.path().join("auditor")).await.unwrap()).unwrap();
    let mut reader = auditor(city, &with).await;
    let (_, me, epoch) = city.folder.config().unwrap();
    let place = wire::EntryName { author: me.number(), epoch: epoch.0.to_vec(), sequence: 1 };

    // An answer that is not taken yet is on record already; a second call waits for its end.
    let request = wire::ReadEntriesRequest { from: Some(place.clone()), limit: 0 };
    let mut entries = reader.read_entries(request).await.unwrap().into_inner();
    let found = inspections(&city.folder, &city.folder).await;
    assert!(matches!(found[..], [Inspection { sought: Sought::Entries { limit: 0, .. }, .. }]));
    drop(entries.message().await.unwrap());

    while entries.message().await.unwrap().is_some() {}
    let named = wire::ReadCaseRequest {
        case_name: Some(read_case_request::CaseName::Number(number.clone())),
    };
    let case = reader.read_case(named).await.unwrap().into_inner();
    assert!(!case.timeline.is_empty());
    reader.read_office(wire::ReadOfficeRequest {}).await.unwrap();
    let cases = wire::ReadCasesRequest { holder: Some(me.number()), ..Default::default() };
    reader.read_cases(cases).await.unwrap();
    let mut journals = reader.read_journals(wire::ReadJournalsRequest {}).await.unwrap();
    while journals.get_mut().message().await.unwrap().is_some() {}
    drop(journals);
    reader.prove_entry(wire::ProveEntryRequest { entry: Some(place) }).await.unwrap();
    reader.read_neighbours(wire::ReadNeighboursRequest {}).await.unwrap();
    let sought: Vec<Sought> =
        inspections(&city.folder, &city.folder).await.into_iter().map(|one| one.sought).collect();
    let named = CaseName::Number(number.parse().unwrap());
    assert!(
        matches!(
            &sought[..],
            [
                Sought::Entries { .. },
                Sought::Case(case),
                Sought::Office,
                Sought::Cases { after: 0, limit: 100, holder: Some(holder), .. },
                Sought::Journals,
                Sought::Proof(_),
                Sought::Neighbours
            ] if *case == named && *holder == me
        ),
        "{sought:?}"
    );
    // What cannot be answered anyway is refused before anything is written.
    let wrong = wire::ReadCaseRequest {
        case_name: Some(read_case_request::CaseName::Number(TITLE.into())),
    };
    assert_eq!(reader.read_case(wrong).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(inspections(&city.folder, &city.folder).await.len(), sought.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn flood_of_calls_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41"]).await.unwrap();
    let [root, province] = offices.as_slice() else { panic!("two offices") };
    let out = folder.path().join("auditor");
    let data = text(root.folder.path());
    let issue = ["reader", "issue", "--data", &data, "--name", "审计署", "--audit", "--out"];
    node(&[&issue[..], &[&text(&out)]].concat()).await.unwrap();
    let mut reader = auditor(province, &handed(&out).unwrap()).await;

    // While one answer is not taken to its end there is no other.
    province.window().await.unwrap().register(many()).await.unwrap();
    let from = wire::EntryName { author: code("41").number(), ..Default::default() };
    let request = wire::ReadEntriesRequest { from: Some(from), limit: 0 };
    let entries = reader.read_entries(request).await.unwrap();
    let refused = reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused}");
    assert!(refused.message().contains("still being answered"), "{refused}");
    assert_eq!(inspections(&province.folder, &province.folder).await.len(), 1);
    drop(entries);

    let mut answered = 0;
    let refused: Status = loop {
        match reader.read_office(wire::ReadOfficeRequest {}).await {
            Ok(_) => answered += 1,
            // The office may not have noticed yet that the stream was dropped.
            Err(refused) if refused.message().contains("still being answered") => {
                tokio::task::yield_now().await;
            }
            Err(refused) => break refused,
        }
        assert!(answered <= CALLS_A_MINUTE, "nobody is ever refused");
    };
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().contains("calls a minute"), "{refused}");
    assert_eq!(answered, CALLS_A_MINUTE - 1);
    for _ in 0..5 {
        reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err();
    }
    assert_eq!(inspections(&province.folder, &province.folder).await.len(), CALLS_A_MINUTE);
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_under_way_ends_with_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41"]).await.unwrap();
    let [root, province] = offices.as_slice() else { panic!("two offices") };
    province.window().await.unwrap().register(many()).await.unwrap();
    let now = Timestamp::now();
    let term = Validity { from: now, until: now + jiff::SignedDuration::from_secs(3) };
    let with = minted_for(root, term, &folder.path().join("auditor"));
    let mut reader = auditor(province, &with).await;
    let from = wire::EntryName { author: code("41").number(), ..Default::default() };
    let request = wire::ReadEntriesRequest { from: Some(from), limit: 0 };
    let mut entries = reader.read_entries(request).await.unwrap().into_inner();
    // Nothing tells a caller that takes nothing that the hour has come, so the hour is awaited.
    let left = Duration::try_from(term.until.duration_since(Timestamp::now())).unwrap_or_default();
    tokio::time::sleep(left + Duration::from_secs(1)).await;
    let ended = loop {
        match entries.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the answer went on after the certificate had ended"),
            Err(ended) => break ended,
        }
    };
    assert_eq!(ended.code(), Code::PermissionDenied);
    assert!(ended.message().contains("the certificate has ended"), "{ended}");
    // Nor does the connection, which stands, help any more.
    let refused = reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err();
    assert!(refused.message().contains("this certificate ended at"), "{refused}");
}

/// More than fits between an office and a reader who takes nothing.
fn many() -> wire::RegisterRequest {
    let intake =
        wire::IntakeRegistered { text: "x".repeat(60_000), persons: 1, ..Default::default() };
    let one = wire::Registration { intake: Some(intake), ..Default::default() };
    wire::RegisterRequest { hand: None, registrations: vec![one; 700] }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_an_auditor_from_above_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41", "4102"]).await.unwrap();
    let [root, province, city] = offices.as_slice() else { panic!("three offices") };
    let beside =
        terrace_tests::offices::join(&folder.path().join("offices"), root, "42").await.unwrap();
    let now = Timestamp::now();
    let read = async |at: &Office, with: &Handed| {
        let mut reader = auditor(at, with).await;
        reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err()
    };
    let own = read(city, &minted(city, now, &folder.path().join("own"))).await;
    assert_eq!(own.code(), Code::PermissionDenied);
    assert!(own.message().contains("not at 410200000000 itself"), "{own}");
    let sibling = read(city, &minted(&beside, now, &folder.path().join("sibling"))).await;
    assert_eq!(sibling.code(), Code::PermissionDenied);
    assert!(sibling.message().contains("is not one of them"), "{sibling}");
    let below = read(province, &minted(city, now, &folder.path().join("below"))).await;
    assert!(below.message().contains("is not one of them"), "{below}");
    // After its end not even TLS comes about.
    let past = now.checked_sub(jiff::SignedDuration::from_hours(25)).unwrap();
    let ended = minted(province, past, &folder.path().join("ended"));
    let config = reader_config(&ended.chain, &ended.root, &ended.key).unwrap();
    if let Ok(channel) = dial(city, config).await {
        let mut reader = ReadServiceClient::new(channel);
        reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err();
    }
    // The office says so when it has closed the connection, which the caller may see before.
    let log = async || std::fs::read_to_string(city.folder.path().join("log")).unwrap();
    until("word of an expired certificate", log, |log| log.contains("it has expired")).await;
    let ended =
        exported(city, &folder.path().join("ended"), &folder.path().join("no.export")).await;
    assert!(ended.as_ref().unwrap_err().contains("this certificate ended at"), "{ended:?}");
    // It is good for reading alone: on the link and at enrolment it is nobody's.
    let good = minted(province, now, &folder.path().join("good"));
    let config = || reader_config(&good.chain, &good.root, &good.key).unwrap();
    let mut link = LinkServiceClient::new(dial(city, config()).await.unwrap());
    let refused = link.converse(tokio_stream::pending::<ConverseRequest>()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(refused.message().contains("which is not an office's"), "{refused}");
    let mut enrolment = EnrolmentServiceClient::new(dial(city, config()).await.unwrap());
    enrolment.enrol(wire::EnrolRequest::default()).await.unwrap_err();
    // An office's own certificate reads nothing.
    let keys = province.folder.keys(code("41")).unwrap();
    let office = client_config(&province.folder.credentials().unwrap(), &keys.transport).unwrap();
    let mut reader = ReadServiceClient::new(dial(city, office).await.unwrap());
    let refused = reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err();
    assert!(refused.message().contains("one of the office 41 itself"), "{refused}");
    for office in [city, province] {
        assert_eq!(inspections(&office.folder, &office.folder).await, []);
    }
    // And the one that is good is.
    auditor(city, &good).await.read_office(wire::ReadOfficeRequest {}).await.unwrap();
    assert_eq!(inspections(&city.folder, &city.folder).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn townships_and_those_above_them_alone_say_where_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41", "4102", "410221"]).await.unwrap();
    let [_, province, _, county] = offices.as_slice() else { panic!("four offices") };
    let with = issue(province, &folder.path().join("auditor")).await.unwrap();
    let (with, file) = (text(&with), text(&folder.path().join("no.export")));
    let at = ["audit", "at", "127.0.0.1:9", &file, "--division", "410221101", "--with", &with];
    let refused = node(&at).await.unwrap_err();
    assert!(refused.contains("has no port: 410221000000 holds its journal whole"), "{refused}");
    let refused = issue(county, &folder.path().join("none")).await.unwrap_err();
    assert!(refused.contains("townships alone, which have no port"), "{refused}");
    let data = text(province.folder.path());
    let out = text(&folder.path().join("long"));
    let long = ["reader", "issue", "--data", &data, "--name", "长", "--audit", "--days", "31"];
    let refused = node(&[&long[..], &["--out", &out]].concat()).await.unwrap_err();
    assert!(refused.contains("good for 1 to 30 days, not 31"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn office_that_cannot_write_the_entry_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let offices = line(&folder.path().join("offices"), &["41"]).await.unwrap();
    let [root, province] = offices.as_slice() else { panic!("two offices") };
    let with = minted(root, Timestamp::now(), &folder.path().join("auditor"));
    let mut reader = auditor(province, &with).await;
    reader.read_office(wire::ReadOfficeRequest {}).await.unwrap();
    // The folder of the checkpoint file takes no new file: the entry gets into the database and no further.
    let checkpoint = province.folder.checkpoint();
    std::fs::remove_file(&checkpoint).unwrap();
    std::fs::create_dir_all(checkpoint.join("in the way")).unwrap();
    let refused = reader.read_office(wire::ReadOfficeRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    assert!(refused.message().contains("so nothing is shown"), "{refused}");
}
