//! The registry of organs over a line of offices: proposed below, registered above, known to everybody below that.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Instant;

use jiff::civil::{Date, date};
use terrace_node::archive::Draft;
use terrace_node::desk::DeskError;
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::Content;
use terrace_proto::entry::header::Hand;
use terrace_proto::organ::{
    Category, ENTRY_ORGANS, Organ, OrganCode, Refusal, Registry, Unresolved, generated,
};
use terrace_proto::roll::{Listed, Roll};
use terrace_proto::wire;
use terrace_tests::line::{Line, code};
use terrace_tests::offices::{Office, OfficeError, binary, command};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DAY: Date = date(2026, 3, 2);
const CITY: &str = "4102";
const COUNTY: &str = "410221";
const TOWN: &str = "410221101";
/// A county of another city of the province.
const COUSIN: &str = "410122";

async fn line() -> Line {
    Line::new(&["00", "41", CITY, COUNTY, TOWN, "4101", COUSIN]).await
}

fn organ(division: &str, serial: u16, name: &str) -> Organ {
    Organ {
        code: OrganCode::of(code(division), serial).unwrap(),
        category: Category::Department,
        name: name.into(),
        superior: None,
        valid_from: date(2015, 3, 1),
        valid_to: None,
        successor: None,
        revision: 0,
    }
}

async fn propose(line: &mut Line, at: &str, organs: &[Organ]) -> Digest {
    let done = line.desk(at).propose_organs(&Hand::default(), organs, true).await.unwrap();
    let (taken, sifted) = done;
    assert_eq!(sifted.refused, []);
    line.climb().await;
    taken.unwrap().entry.leaf()
}

async fn register(line: &mut Line, at: &str, proposal: Digest) -> Result<Digest, DeskError> {
    let said = wire::OrganRegistered { proposal: proposal.0.to_vec(), ..Default::default() };
    let content = Content::OrganRegistered(said);
    let taken = line.desk(at).enter(&Hand::default(), content).await?;
    line.climb().await;
    line.sink().await;
    Ok(taken.entry.leaf())
}

fn resolved(line: &mut Line, at: &str, code: OrganCode) -> Result<DivisionCode, Unresolved> {
    line.at(at).archive.organs().resolve(code, DAY, Tree::national())
}

#[tokio::test]
async fn a_county_proposes_the_province_registers_and_all_below_it_resolve_alike() {
    let mut line = line().await;
    let bureau = organ(COUNTY, 5, "民政局");
    let proposal = propose(&mut line, COUNTY, std::slice::from_ref(&bureau)).await;
    for at in [COUNTY, CITY, "41"] {
        let open = line.at(at).archive.organs().open().len();
        assert_eq!(open, 1, "{at} holds the proposal");
        assert!(resolved(&mut line, at, bureau.code).is_err(), "a proposal is no registration");
    }
    register(&mut line, "41", proposal).await.unwrap();
    for at in ["00", "41", CITY, COUNTY, TOWN, "4101", COUSIN] {
        assert_eq!(resolved(&mut line, at, bureau.code), Ok(code(COUNTY)), "{at}");
        assert_eq!(line.at(at).archive.organs().irregular(), [], "{at}");
    }
    let again = register(&mut line, "4102", proposal).await;
    assert!(matches!(again, Err(DeskError::Organ(Refusal::Registered(_)))), "{again:?}");
}

#[tokio::test]
async fn what_the_city_registers_stays_in_the_city_and_above() {
    let mut line = line().await;
    let bureau = organ(COUNTY, 5, "民政局");
    let proposal = propose(&mut line, COUNTY, std::slice::from_ref(&bureau)).await;
    register(&mut line, CITY, proposal).await.unwrap();
    for at in ["00", "41", CITY, COUNTY, TOWN] {
        assert_eq!(resolved(&mut line, at, bureau.code), Ok(code(COUNTY)), "{at}");
    }
    let unknown = Err(Unresolved::Unknown(bureau.code));
    assert_eq!(resolved(&mut line, COUSIN, bureau.code), unknown);
    // Whoever is above registers it as well, and then everybody below knows it.
    register(&mut line, "41", proposal).await.unwrap();
    for at in ["00", "41", CITY, COUNTY, TOWN, "4101", COUSIN] {
        assert_eq!(resolved(&mut line, at, bureau.code), Ok(code(COUNTY)), "{at}");
        assert_eq!(line.at(at).archive.organs().irregular(), [], "{at}");
    }
    let again = register(&mut line, "41", proposal).await;
    assert!(matches!(again, Err(DeskError::Organ(Refusal::Registered(_)))), "{again:?}");
}

#[tokio::test]
async fn whoever_joins_later_is_told_what_was_registered_above() {
    let mut line = Line::new(&["00", "41"]).await;
    let office = organ("41", 1, "信访局");
    let proposal = propose(&mut line, "41", std::slice::from_ref(&office)).await;
    register(&mut line, "00", proposal).await.unwrap();
    let city = terrace_tests::line::identity(code(CITY), 9);
    let store = std::sync::Arc::new(terrace_node::store::memory::MemoryStore::default());
    line.join(city, store).await;
    line.sink().await;
    assert_eq!(resolved(&mut line, CITY, office.code), Ok(code("41")));
}

#[tokio::test]
async fn an_organ_outside_ones_subtree_is_refused_at_the_desk_and_counts_nothing_when_forged() {
    let mut line = line().await;
    let foreign = organ(COUSIN, 5, "民政局");
    let desk = line
        .desk(COUNTY)
        .propose_organs(&Hand::default(), std::slice::from_ref(&foreign), true)
        .await;
    let (taken, sifted) = desk.unwrap();
    let why = Refusal::NotBelow { code: foreign.code, proposer: code(COUNTY) };
    assert_eq!((taken.is_none(), sifted.refused), (true, vec![(0, why)]));

    // Written past the desk, both the proposal and a registration of it by an office above the proposer alone.
    let said = wire::OrganProposed { organs: vec![foreign.to_wire()] };
    let draft = Draft::plain(Hand::default(), None, Content::OrganProposed(said));
    let (entries, _) = line.at(COUNTY).archive.append(vec![draft]).await.unwrap();
    line.climb().await;
    let proposal = entries[0].leaf();
    let lawful = register(&mut line, "41", proposal).await;
    assert!(matches!(lawful, Err(DeskError::Organ(_))), "{lawful:?}");
    for (at, proposer) in [("41", COUNTY), (COUNTY, COUNTY), (COUNTY, TOWN)] {
        let said = wire::OrganRegistered {
            proposal: proposal.0.to_vec(),
            proposer: code(proposer).number(),
            organs: vec![foreign.to_wire()],
        };
        let draft = Draft::plain(Hand::default(), None, Content::OrganRegistered(said));
        line.at(at).archive.append(vec![draft]).await.unwrap();
    }
    line.climb().await;
    line.sink().await;
    for at in ["00", "41", CITY, COUNTY, TOWN, "4101", COUSIN] {
        let unknown = Err(Unresolved::Unknown(foreign.code));
        assert_eq!(resolved(&mut line, at, foreign.code), unknown, "{at}");
    }
    assert_eq!(line.at("00").archive.organs().irregular().len(), 4);
}

#[tokio::test]
async fn an_office_cannot_register_what_it_proposed_unless_it_is_the_root() {
    let mut line = line().await;
    let own = propose(&mut line, "41", &[organ("41", 1, "信访局")]).await;
    let refused = register(&mut line, "41", own).await;
    assert!(matches!(refused, Err(DeskError::Organ(Refusal::NotAbove { .. }))), "{refused:?}");
    let refused = register(&mut line, CITY, own).await;
    assert!(matches!(refused, Err(DeskError::Organ(Refusal::NoProposal(_)))), "{refused:?}");
    let national = organ("00", 1, "国家信访局");
    let root = propose(&mut line, "00", std::slice::from_ref(&national)).await;
    register(&mut line, "00", root).await.unwrap();
    assert_eq!(resolved(&mut line, TOWN, national.code), Ok(DivisionCode::HUB));
}

#[tokio::test]
async fn a_decline_comes_down_to_whoever_proposed_and_a_higher_office_may_still_register() {
    let mut line = line().await;
    let bureau = organ(COUNTY, 5, "民政局");
    let proposal = propose(&mut line, COUNTY, std::slice::from_ref(&bureau)).await;
    let decline = |reason: &str| {
        let (proposal, reason) = (proposal.0.to_vec(), reason.to_owned());
        Content::OrganDeclined(wire::OrganDeclined { proposal, proposer: 0, reason })
    };
    let silent = line.desk(CITY).enter(&Hand::default(), decline(" ")).await;
    assert!(matches!(silent, Err(DeskError::Entered(_))));
    line.desk(CITY).enter(&Hand::default(), decline("名称不规范")).await.unwrap();
    line.climb().await;
    line.sink().await;
    for at in [COUNTY, "41"] {
        let registry = line.at(at).archive.organs().clone();
        let said: Vec<&str> =
            registry.declined(proposal).map(|said| said.reason.as_str()).collect();
        assert_eq!(said, ["名称不规范"], "{at}");
    }
    register(&mut line, "41", proposal).await.unwrap();
    assert_eq!(resolved(&mut line, COUNTY, bureau.code), Ok(code(COUNTY)));
}

#[tokio::test]
async fn a_merged_organ_is_succeeded_on_the_day_after_and_the_past_stays_as_it_was() {
    let mut line = line().await;
    let old = organ(COUNTY, 5, "卫生局");
    let proposal = propose(&mut line, COUNTY, std::slice::from_ref(&old)).await;
    register(&mut line, "41", proposal).await.unwrap();
    let mut new = organ(COUNTY, 6, "卫生健康委员会");
    new.valid_from = date(2019, 1, 2);
    let mut closed = old.clone();
    closed.revision = 1;
    (closed.valid_to, closed.successor) = (Some(date(2018, 12, 31)), Some(new.code));
    let batch = [closed.clone(), new.clone()];
    let early = line.desk(COUNTY).propose_organs(&Hand::default(), &batch, true).await.unwrap();
    let why = &early.1.refused;
    assert!(matches!(why[..], [(0, Refusal::SuccessorBeforeItsTime { .. })]), "{why:?}");
    new.valid_from = date(2019, 1, 1);
    let proposal = propose(&mut line, COUNTY, &[closed, new.clone()]).await;
    register(&mut line, "41", proposal).await.unwrap();
    for at in ["00", COUNTY, COUSIN] {
        let registry = line.at(at).archive.organs().clone();
        let acting = |day| registry.acting(old.code, day).map(|organ| organ.code);
        assert_eq!(acting(date(2018, 12, 31)), Some(old.code), "{at}");
        assert_eq!(acting(date(2019, 1, 1)), Some(new.code), "{at}");
        let (code, until, successor) = (old.code, date(2018, 12, 31), Some(new.code));
        let closed = Unresolved::Closed { code, until, successor };
        assert_eq!(registry.standing(old.code, DAY), Err(closed), "{at}");
    }
}

#[tokio::test]
async fn an_office_that_starts_again_knows_what_it_knew() {
    let mut line = line().await;
    let bureau = organ(COUNTY, 5, "民政局");
    let proposal = propose(&mut line, COUNTY, std::slice::from_ref(&bureau)).await;
    register(&mut line, "41", proposal).await.unwrap();
    let archive = &line.at(COUSIN).archive;
    let listed = archive.listed(Roll::Organs, None).await.unwrap();
    assert_eq!(&Registry::of(&listed, Tree::national()), archive.organs().as_ref());
}

#[tokio::test]
async fn henans_7993_are_brought_at_the_province_registered_by_the_root_and_known_in_a_town() {
    let (mut line, tree) = (Line::new(&["00", "41", CITY, COUNTY, TOWN]).await, Tree::national());
    let henan = code("41");
    let seats: Vec<Organ> =
        generated::seats(tree).filter(|seat| tree.is_within(henan, seat.division())).collect();
    let proposal = propose(&mut line, "00", &seats).await;
    register(&mut line, "00", proposal).await.unwrap();
    let organs: Vec<Organ> = generated::below(henan, tree).collect();
    assert_eq!(organs.len(), 7_993);
    let mut entries = 0;
    for batch in organs.chunks(ENTRY_ORGANS) {
        let proposal = propose(&mut line, "41", batch).await;
        register(&mut line, "00", proposal).await.unwrap();
        entries += 1;
    }
    assert_eq!(entries, 16);
    for at in ["00", "41", TOWN] {
        let registry = line.at(at).archive.organs().clone();
        assert_eq!(registry.codes().count(), organs.len() + seats.len(), "{at}");
        for organ in &organs {
            assert_eq!(registry.resolve(organ.code, DAY, tree), Ok(organ.division()), "{at}");
            let superior = registry.superior(organ.code, DAY).unwrap().unwrap();
            assert!(tree.is_within(organ.division(), superior.division()), "{at}");
        }
        assert_eq!(registry.irregular(), [], "{at}");
    }
    // Brought once more nothing of it is new.
    let (hand, some) = (Hand::default(), &organs[..ENTRY_ORGANS]);
    let (taken, sifted) = line.desk("41").propose_organs(&hand, some, false).await.unwrap();
    assert_eq!((taken.is_none(), sifted.known.len()), (true, ENTRY_ORGANS));
}

#[test]
#[allow(clippy::print_stderr, reason = "how many and how long is what one wants to see")]
fn the_whole_country_is_generated_and_resolves() {
    let (tree, began) = (Tree::national(), Instant::now());
    let organs: Vec<Organ> =
        generated::seats(tree).chain(generated::below(DivisionCode::HUB, tree)).collect();
    let generated_in = began.elapsed();
    let listed: Vec<Listed> = (0_u32..)
        .zip(organs.chunks(ENTRY_ORGANS))
        .map(|(number, batch)| Listed {
            leaf: Digest::of(&[&number.to_be_bytes()]),
            office: DivisionCode::HUB,
            case: None,
            recorded_on: DAY,
            content: Content::OrganRegistered(wire::OrganRegistered {
                proposal: vec![1; 32],
                proposer: DivisionCode::HUB.number(),
                organs: batch.iter().map(Organ::to_wire).collect(),
            }),
        })
        .collect();
    let folded = Instant::now();
    let registry = Registry::of(&listed, tree);
    let folded_in = folded.elapsed();
    let asked = Instant::now();
    for organ in &organs {
        assert_eq!(registry.resolve(organ.code, DAY, tree), Ok(organ.division()));
    }
    eprintln!(
        "{} organs of the country in {} entries: generated in {generated_in:?}, folded in {folded_in:?}, \
         all resolved in {:?}",
        organs.len(),
        listed.len(),
        asked.elapsed()
    );
    assert_eq!(registry.codes().count(), organs.len());
    assert!(registry.irregular().is_empty());
}

/// Runs a command of the root office in `data`; gives what it printed.
async fn told(data: &str, arguments: &[&str]) -> Result<String, OfficeError> {
    let mut whole = vec!["organ"];
    whole.extend(arguments);
    if arguments[0] != "generate" {
        whole.extend(["--data", data]);
    }
    command(&binary("terrace-hub").unwrap(), &whole).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_brought_by_commands_and_shown_on_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let (address, path) = (free.to_string(), folder.path().join("00"));
    let (hub, data) = (binary("terrace-hub").unwrap(), path.to_str().unwrap());
    command(&hub, &["init", "--data", data, "--console", &address]).await.unwrap();
    let office = Office::start(&hub, &path).await.unwrap();
    let file = folder.path().join("seats.csv");
    let table = file.to_str().unwrap();
    told(data, &["generate", "--province", "41", "--seats", "--out", table]).await.unwrap();
    let mut rows = std::fs::read_to_string(&file).unwrap();
    rows.push_str("410000000-003-0,41,政府工作部门,校验位有误,,2015-03-01,,,0\r\n");
    std::fs::write(&file, &rows).unwrap();
    // Exit code 4, the line and the reason; the other four are proposed.
    let rejected = told(data, &["import", table]).await.unwrap_err().to_string();
    assert!(rejected.contains("seats.csv:6: code: "), "{rejected}");
    let kept = std::fs::read_to_string(folder.path().join("seats.rejects.csv")).unwrap();
    assert!(kept.contains("\n6,"), "{kept}");
    let open = told(data, &["list", "--proposals", "--json"]).await.unwrap();
    let open: serde_json::Value = serde_json::from_str(&open).unwrap();
    assert_eq!(open["proposals"][0]["organs"], 4);
    let leaf = open["proposals"][0]["entry"].as_str().unwrap();
    told(data, &["approve", leaf]).await.unwrap();
    let office_of_henan = OrganCode::of(code("41"), 1).unwrap().to_string();
    let shown = told(data, &["show", &office_of_henan, "--json"]).await.unwrap();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["organ"]["node"], "41");
    assert_eq!(shown["organ"]["stands"], true);
    assert_eq!(shown["organ"]["answers_to"]["name"], "国家信访局");
    let closing =
        ["propose", "--change", "--code", office_of_henan.as_str(), "--name", "河南省委社会工作部"];
    let changed =
        told(data, &[&closing[..], &["--from", "2024-01-01", "--json"][..]].concat()).await;
    let changed: serde_json::Value = serde_json::from_str(&changed.unwrap()).unwrap();
    told(data, &["approve", changed["leaf"].as_str().unwrap()]).await.unwrap();
    for (day, name) in [("2023-12-31", "河南省信访局"), ("2024-01-01", "河南省委社会工作部")]
    {
        let listed = told(data, &["list", "--division", "41", "--on", day]).await.unwrap();
        assert!(listed.contains(name), "{day}: {listed}");
        let page = page(&address, &format!("/organs?division=41&on={day}")).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains(name), "{day}: {page}");
    }
    // A closed organ whose name is mended stays closed, until it is said that it stands again.
    let change = ["propose", "--change", "--code", office_of_henan.as_str(), "--json"];
    for (said, until) in [
        (["--until", "2025-12-31"].as_slice(), serde_json::json!("2025-12-31")),
        (&["--name", "河南省委社会工作部（旧）"], serde_json::json!("2025-12-31")),
        (&["--reopen"], serde_json::Value::Null),
    ] {
        let changed = told(data, &[&change[..], said].concat()).await.unwrap();
        let changed: serde_json::Value = serde_json::from_str(&changed).unwrap();
        told(data, &["approve", changed["leaf"].as_str().unwrap()]).await.unwrap();
        let shown = told(data, &["show", &office_of_henan, "--json"]).await.unwrap();
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["history"][0]["valid_to"], until, "{said:?}: {shown}");
    }
    office.stop().await.unwrap();
}

async fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let question = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
