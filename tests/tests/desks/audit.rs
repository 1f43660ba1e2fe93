//! The audit: each finding seen where it was planted and nowhere else, over real archives with clocks of their
//! own; and the command beside a running office and without one.

mod command;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use terrace_node::archive::{Draft, Identity};
use terrace_node::audit::row::{AccountRow, HopRow};
use terrace_node::audit::{Books, FindingRow, Question, Row, Summary, What, ask};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{Batch, Store};
use terrace_node::surroundings::Clock as _;
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::{Hand, Place, days_of};
use terrace_proto::entry::{Content, Holder};
use terrace_proto::wire;
use terrace_tests::line::{Line, UNIT, code, identity};
use terrace_tests::offices::{self, binary};

const ROOT: &str = "00";
const PROVINCE: &str = "41";
const CITY: &str = "4102";
const COUNTY: &str = "410221";

async fn note(line: &mut Line, at: &str) {
    let content = Content::Noted(wire::Noted { text: "来电催办".into() });
    let draft = Draft::plain(Hand::default(), None, content);
    line.at(at).archive.append(vec![draft]).await.unwrap();
}

async fn asked(line: &mut Line, at: &str, question: Question) -> Vec<Row> {
    let now = line.clock.now();
    let archive = &line.at(at).archive;
    let (identity, store) = (archive.identity(), archive.store());
    answer(store.as_ref(), identity, now, question).await
}

async fn found(line: &mut Line, at: &str, what: What) -> Vec<String> {
    kinds(&asked(line, at, Question::new(what)).await)
}

async fn answer(
    store: &dyn Store,
    identity: &Identity,
    now: Timestamp,
    question: Question,
) -> Vec<Row> {
    let books = Books::open(store, identity.me, identity.superior, now).await.unwrap();
    let mut answer = ask(question, books);
    let mut rows = Vec::new();
    while let Some(row) = answer.recv().await {
        rows.push(row.unwrap());
    }
    rows
}

fn findings(rows: &[Row]) -> Vec<&FindingRow> {
    rows.iter()
        .filter_map(|row| if let Row::Finding(finding) = row { Some(finding) } else { None })
        .collect()
}

fn kinds(rows: &[Row]) -> Vec<String> {
    findings(rows).into_iter().map(|finding| finding.kind.clone()).collect()
}

fn hop_rows(rows: &[Row]) -> Vec<&HopRow> {
    rows.iter().filter_map(|row| if let Row::Hop(hop) = row { Some(hop) } else { None }).collect()
}

fn accounts(rows: &[Row]) -> Vec<&AccountRow> {
    rows.iter()
        .filter_map(|row| if let Row::Account(account) = row { Some(account) } else { None })
        .collect()
}

fn summary(rows: &[Row]) -> &Summary {
    match rows.last() {
        Some(Row::Summary(summary)) => summary,
        other => panic!("no summary at the end: {other:?}"),
    }
}

/// Three offices through which one case goes up by the book, is decided, served and closed.
async fn by_the_book() -> (Line, CaseId) {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY, COUNTY]).await;
    let case = line.register(COUNTY).await;
    line.hop(case, COUNTY, CITY, None).await;
    line.climb().await;
    line.clock.pass(1);
    line.step(case, CITY, Content::Received(wire::Received::default())).await;
    line.to_unit(case, CITY).await;
    line.step(case, CITY, Content::Accepted(wire::Accepted::default())).await;
    line.climb().await;
    (line, case)
}

async fn decide(line: &mut Line, case: CaseId, at: &str) {
    let decided = wire::Decided {
        outcome: 1,
        facts: "路灯不亮".into(),
        opinion: "予以修复".into(),
        basis: "《信访工作条例》第三十二条".into(),
    };
    line.step(case, at, Content::Decided(decided)).await;
}

async fn serve(line: &mut Line, case: CaseId, at: &str) {
    let served_on = days_of(terrace_proto::case::standing::day_of(line.clock.now()));
    let served = wire::Served { served_on, ..Default::default() };
    line.step(case, at, Content::Served(served)).await;
    line.step(case, at, Content::Closed(wire::Closed::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_by_the_book_has_no_findings() {
    let (mut line, case) = by_the_book().await;
    decide(&mut line, case, CITY).await;
    serve(&mut line, case, CITY).await;
    line.climb().await;
    for office in [ROOT, PROVINCE, CITY] {
        for what in [What::Verify, What::Traffic, What::Reconcile, What::Case(case.to_string())] {
            let rows = asked(&mut line, office, Question::new(what.clone())).await;
            assert_eq!(kinds(&rows), [""; 0], "{office} {what:?} {rows:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hop_is_listed_with_its_hours_and_its_proof() {
    let (mut line, case) = by_the_book().await;
    let rows = asked(&mut line, PROVINCE, Question::new(What::Traffic)).await;
    let hops = hop_rows(&rows);
    assert_eq!(hops.len(), 1);
    let hop = hops[0];
    assert_eq!((hop.from.as_str(), hop.to.as_str()), (COUNTY, CITY));
    assert_eq!((hop.transit_seconds, hop.received_at.is_some()), (3_600, true));
    assert_eq!((hop.left_at, hop.due.as_str()), (None, "none"));
    assert_eq!(hop.checkpoint_size, Some(4), "epoch, intake, opening, hop");
    let held = line.at(PROVINCE).archive.case(case).await.unwrap().unwrap();
    assert!(held.facts().keys().any(|leaf| leaf.to_string() == hop.leaf));
    let day = |text: &str| Some(text.parse().unwrap());
    let mut question = Question::new(What::Traffic);
    (question.from, question.to) = (day("2026-03-03"), day("2026-03-09"));
    assert_eq!(hop_rows(&asked(&mut line, PROVINCE, question.clone()).await).len(), 0);
    question.from = day("2026-03-02");
    assert_eq!(hop_rows(&asked(&mut line, PROVINCE, question.clone()).await).len(), 1);
    question.kinds = vec!["assigned".into()];
    assert_eq!(hop_rows(&asked(&mut line, PROVINCE, question.clone()).await).len(), 0);
    question.kinds = Vec::new();
    question.division = Some(code("410222"));
    assert_eq!(hop_rows(&asked(&mut line, PROVINCE, question).await).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hop_past_an_enrolled_office_breaks_the_level_rule() {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY, COUNTY]).await;
    let case = line.register(COUNTY).await;
    line.hop(case, COUNTY, PROVINCE, None).await;
    line.climb().await;
    let rows = asked(&mut line, PROVINCE, Question::new(What::Traffic)).await;
    assert_eq!(kinds(&rows), ["level-rule"]);
    assert_eq!(hop_rows(&rows)[0].findings, ["level-rule"]);
    assert!(findings(&rows)[0].text.contains("past 4102"), "{}", findings(&rows)[0].text);
}

#[tokio::test(flavor = "multi_thread")]
async fn day_that_passes_unanswered_or_is_answered_late_is_a_finding() {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY]).await;
    let case = line.register(CITY).await;
    line.hop(case, CITY, PROVINCE, Some(10)).await;
    line.climb().await;
    let due = |rows: &[Row]| hop_rows(rows)[0].due.clone();
    line.clock.pass(10 * 24);
    let rows = asked(&mut line, PROVINCE, Question::new(What::Traffic)).await;
    assert_eq!((due(&rows).as_str(), kinds(&rows)), ("open", vec![]));
    line.clock.pass(24);
    let rows = asked(&mut line, PROVINCE, Question::new(What::Traffic)).await;
    assert_eq!((due(&rows).as_str(), kinds(&rows)), ("missed", vec!["deadline-missed".into()]));
    line.step(case, PROVINCE, Content::Received(wire::Received::default())).await;
    line.to_unit(case, PROVINCE).await;
    line.step(case, PROVINCE, Content::Accepted(wire::Accepted::default())).await;
    decide(&mut line, case, PROVINCE).await;
    let rows = asked(&mut line, PROVINCE, Question::new(What::Traffic)).await;
    assert!(findings(&rows)[0].text.contains("1 days late"), "{}", findings(&rows)[0].text);
}

#[tokio::test(flavor = "multi_thread")]
async fn opinion_that_is_not_brought_to_the_petitioner_in_time_is_a_finding() {
    let (mut line, case) = by_the_book().await;
    decide(&mut line, case, CITY).await;
    line.climb().await;
    line.clock.pass(15 * 24);
    assert_eq!(found(&mut line, PROVINCE, What::Traffic).await, [""; 0]);
    line.clock.pass(24);
    assert_eq!(found(&mut line, PROVINCE, What::Traffic).await, ["late-service"]);
    let mut lenient = Question::new(What::Traffic);
    lenient.allowance.service_days = 16;
    assert_eq!(kinds(&asked(&mut line, PROVINCE, lenient).await), [""; 0]);
    serve(&mut line, case, CITY).await;
    line.climb().await;
    let rows = asked(&mut line, PROVINCE, Question::new(What::Traffic)).await;
    assert!(findings(&rows)[0].text.contains("16 days later"), "{}", findings(&rows)[0].text);
}

/// An insider pins a day of his own making, or one of a law that is not the case's.
#[tokio::test(flavor = "multi_thread")]
async fn day_that_the_rules_do_not_give_is_a_finding() {
    use terrace_proto::rules::{Duty, Rules};
    let rules = Rules::built_in();
    for (pack, days) in [("CN-2022", 900), ("CN-2005", 60)] {
        let mut line = Line::new(&[ROOT, PROVINCE, CITY]).await;
        let case = line.register(CITY).await;
        line.to_unit(case, CITY).await;
        let held = line.case(CITY, case).await;
        let thread = held.leading().unwrap();
        let from = days_of(line.today());
        let due = wire::Due {
            duty: Duty::Handle.code().into(),
            due_on: from + days,
            from_on: Some(from),
            rule_pack: rules.pack(pack).unwrap().digest().0.to_vec(),
            calendar: rules.calendar().digest().0.to_vec(),
            provisional: false,
        };
        let accepted = wire::Accepted { due: vec![due], ..Default::default() };
        let hand = Hand { organ: UNIT.into(), ..Hand::default() };
        let mut draft = Draft::plain(hand, Some(case), Content::Accepted(accepted));
        draft.place = Some(Place { thread: thread.id(), stage: 1, predecessor: thread.tip() });
        let here = thread.holder().clone();
        draft.custody = Some((Some(here.clone()), here));
        line.at(CITY).archive.append(vec![draft]).await.unwrap();
        line.climb().await;
        assert_eq!(found(&mut line, PROVINCE, What::Traffic).await, ["misreckoned"], "{pack}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn office_of_which_nothing_comes_is_silent() {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY]).await;
    line.clock.pass(71);
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, [""; 0]);
    line.clock.pass(1);
    let rows = asked(&mut line, PROVINCE, Question::new(What::Verify)).await;
    assert_eq!(
        (kinds(&rows), &findings(&rows)[0].places),
        (vec!["silence".into()], &vec![CITY.into()])
    );
    note(&mut line, CITY).await;
    line.climb().await;
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entry_that_claims_an_earlier_hour_than_one_before_it_is_back_dated() {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY]).await;
    line.clock.set("2026-03-02T05:00:00Z");
    note(&mut line, CITY).await;
    // The officer sets the clock back for one entry.
    line.clock.set("2026-03-02T02:00:00Z");
    note(&mut line, CITY).await;
    line.clock.set("2026-03-02T05:01:00Z");
    line.climb().await;
    let rows = asked(&mut line, PROVINCE, Question::new(What::Verify)).await;
    assert_eq!(kinds(&rows), ["back-dated"]);
    assert!(findings(&rows)[0].entries[0].ends_with("#2"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn backlog_of_an_office_that_was_cut_off_is_not_back_dated() {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY]).await;
    for _ in 0..3 {
        line.clock.pass(24);
        note(&mut line, CITY).await;
    }
    line.climb().await;
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entry_that_claims_an_hour_after_it_was_stored_is_ahead() {
    let mut line = Line::new(&[ROOT, PROVINCE, CITY]).await;
    line.clock.set("2026-03-02T09:00:00Z");
    note(&mut line, CITY).await;
    line.clock.set("2026-03-02T08:51:00Z");
    line.climb().await;
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, [""; 0], "within the tolerance");
    line.clock.set("2026-03-02T09:30:00Z");
    note(&mut line, CITY).await;
    line.clock.set("2026-03-02T09:10:00Z");
    line.climb().await;
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, ["clock-ahead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entry_without_custody_and_open_contest_are_found() {
    let (mut line, case) = by_the_book().await;
    let held = line.at(CITY).archive.case(case).await.unwrap().unwrap();
    let draft = |held: &Case, by: &str| {
        let thread = held.leading().unwrap();
        let words = Content::Noted(wire::Noted { text: "擅自推进".into() });
        let hand = Hand { organ: thread.holder().organ.clone(), ..Hand::default() };
        let mut draft = Draft::plain(hand, Some(held.id()), words);
        draft.place = Some(Place { thread: thread.id(), stage: 1, predecessor: thread.tip() });
        let here = Holder { division: code(by), organ: thread.holder().organ.clone() };
        draft.custody = Some((Some(here.clone()), here));
        draft
    };
    line.at(PROVINCE).archive.append(vec![draft(&held, PROVINCE)]).await.unwrap();
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, ["without-custody"]);
    let twice = vec![draft(&held, CITY), draft(&held, CITY)];
    line.at(CITY).archive.append(twice).await.unwrap();
    line.climb().await;
    let kinds_found = found(&mut line, PROVINCE, What::Traffic).await;
    assert_eq!(kinds_found, ["without-custody", "contested"]);
    let kinds_found = found(&mut line, PROVINCE, What::Case(case.to_string())).await;
    assert_eq!(kinds_found, ["without-custody", "contested"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ends_of_a_link_are_held_against_each_other() {
    let (mut line, _) = by_the_book().await;
    let rows = asked(&mut line, PROVINCE, Question::new(What::Reconcile)).await;
    let account = accounts(&rows)[0];
    assert_eq!((account.from.as_str(), account.to.as_str()), (CITY, PROVINCE));
    assert!(account.equal && account.passages > 1 && account.signed_number == account.passages);
    let told = format!("开封市称已送 {0} 次，河南省存 {0} 次", account.passages);
    assert!(
        account.zh.starts_with(&told) && account.zh.ends_with("台账首部一致"),
        "{}",
        account.zh
    );
    // The province's copy of the city's signature is exchanged.
    let store = line.at(PROVINCE).archive.store().clone();
    let direction = terrace_node::store::Direction::In;
    let mut ledger = store.ledger(code(CITY), direction).await.unwrap().unwrap();
    ledger.proved = Some((ledger.head.number, [7; 64]));
    store.commit(Batch { ledgers: vec![ledger], ..Batch::default() }).await.unwrap();
    let rows = asked(&mut line, PROVINCE, Question::new(What::Reconcile)).await;
    assert_eq!((kinds(&rows), accounts(&rows)[0].equal), (vec!["ledger-signature".into()], false));
    assert_eq!(found(&mut line, PROVINCE, What::Verify).await, ["ledger-signature"]);
}

/// Takes a copy of the province's file, lets `sql` alter it, and gives what is found in it.
async fn tampered(original: &Path, sql: &str, now: Timestamp) -> Vec<String> {
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("office.db");
    std::fs::copy(original, &path).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let store = SqliteStore::open_to_read(&path).await.unwrap();
    let rows = answer(&store, &identity(code(PROVINCE), 2), now, Question::new(What::Verify)).await;
    assert!(summary(&rows).entries > 0);
    kinds(&rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn altered_database_is_found_for_what_was_altered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("office.db");
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let given: Arc<dyn Store> = store.clone();
    let mut line =
        Line::with(&[ROOT, PROVINCE, CITY, COUNTY], |at| (at == PROVINCE).then(|| given.clone()))
            .await;
    let case = line.register(COUNTY).await;
    line.hop(case, COUNTY, CITY, None).await;
    line.climb().await;
    let now = line.clock.now();
    drop((line, given));
    Arc::into_inner(store).unwrap().close().await.unwrap();
    let found = async |sql: &str| tampered(&path, sql, now).await;
    assert_eq!(found("").await, [""; 0]);
    let words = "UPDATE entry SET body = x'00' WHERE place = (SELECT max(place) FROM entry WHERE body IS NOT NULL)";
    assert!(found(words).await.contains(&"entry".to_owned()));
    let gone = "DELETE FROM entry WHERE place IN (SELECT max(place) FROM entry)";
    let kinds = found(gone).await;
    assert!(kinds.contains(&"gap".into()) && kinds.contains(&"journal-root".into()), "{kinds:?}");
    let head = "UPDATE journal SET checkpoint = x'00' WHERE size > 1 AND author = 410000000000";
    assert_eq!(found(head).await, ["checkpoint-signature"]);
    assert!(found("DELETE FROM passage WHERE number = 2").await.contains(&"ledger".to_owned()));
    assert_eq!(found("UPDATE folded_case SET state = 6").await, ["fold"]);
    assert_eq!(found("UPDATE folded_case SET hops = hops + 1").await, ["fold"]);
    assert_eq!(found("UPDATE folded_case SET unserved = 1 - unserved").await, ["fold"]);
    // As one that was written before it was kept: it is worked out anew, and surveys say that it is missing.
    assert_eq!(found("UPDATE folded_case SET unserved = NULL").await, [""; 0]);
    assert!(found("DELETE FROM folded_case").await.contains(&"fold".to_owned()));
    let fork = "INSERT INTO cosignature (author, epoch, by_author, by_epoch, size, root, at, line) SELECT author, \
         epoch, 0, zeroblob(16), 1, zeroblob(32), 0, '—' FROM journal WHERE author = 410000000000";
    assert_eq!(found(fork).await, ["cosignature"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_view_does_not_see_what_is_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(folder.path().join("office.db")).await.unwrap());
    let given = store.clone();
    let mut line = Line::with(&[ROOT], move |_| Some(given.clone())).await;
    let now = line.clock.now();
    let me = identity(code(ROOT), 1);
    let books = Books::open(store.as_ref(), me.me, None, now).await.unwrap();
    note(&mut line, ROOT).await;
    let mut answer = ask(Question::new(What::Verify), books);
    let mut rows = Vec::new();
    while let Some(row) = answer.recv().await {
        rows.push(row.unwrap());
    }
    let admitted_before = summary(&rows).entries;
    let rows = self::answer(store.as_ref(), &me, now, Question::new(What::Verify)).await;
    assert_eq!(summary(&rows).entries, admitted_before + 1);
    assert_eq!((summary(&rows).findings, admitted_before), (0, 1));
}

/// The desk refuses both (R2022 22, 28); an insider writes them past it.
#[tokio::test(flavor = "multi_thread")]
async fn petition_office_that_decides_and_officer_who_was_to_keep_out_are_found() {
    let (mut line, case) = by_the_book().await;
    let opinion = Content::Accepted(wire::Accepted::default());
    let own = line.register(CITY).await;
    let refused = line.act(own, (CITY, "", "2001"), opinion.clone()).await.unwrap_err();
    assert!(refused.to_string().contains("--to 4102 --to-organ ORGAN"), "{refused}");
    let held = line.case(CITY, own).await;
    let thread = held.leading().unwrap();
    let mut draft = Draft::plain(Hand::default(), Some(own), opinion);
    draft.place = Some(Place { thread: thread.id(), stage: 1, predecessor: thread.tip() });
    draft.custody = Some((Some(thread.holder().clone()), thread.holder().clone()));
    line.at(CITY).archive.append(vec![draft]).await.unwrap();

    let asked_on = days_of(line.today());
    let asked = wire::RecusalAsked {
        officer: "1001".into(),
        grounds: "亲属".into(),
        asked_on,
        ..Default::default()
    };
    let asked = line.act(case, (CITY, "", "2001"), Content::RecusalAsked(asked)).await.unwrap();
    let early = line.act(case, (CITY, UNIT, "1001"), Content::Inquired(inquiry(asked_on))).await;
    early.expect("nobody has decided on it yet");
    let granted = wire::RecusalDecided {
        request: asked.entry.leaf().0.to_vec(),
        granted: true,
        reason: "属实".into(),
    };
    line.act(case, (CITY, "", "2001"), Content::RecusalDecided(granted)).await.unwrap();
    let hand = Hand { organ: UNIT.into(), officer: "1001".into(), ..Hand::default() };
    let words = Content::Noted(wire::Noted { text: "照办".into() });
    let draft = Draft::plain(hand, Some(case), words);
    line.at(CITY).archive.append(vec![draft]).await.unwrap();
    line.climb().await;
    for what in [What::Traffic, What::Verify] {
        let found = found(&mut line, PROVINCE, what.clone()).await;
        assert_eq!(found, ["recused", "beyond-competence"], "{what:?}");
    }
}

fn inquiry(held_on: i32) -> wire::Inquired {
    wire::Inquired { form: 1, record: "现场查看".into(), held_on }
}
