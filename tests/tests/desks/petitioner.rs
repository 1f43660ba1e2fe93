//! The petitioner's own word: what nobody else can say, whoever writes it down.

use terrace_node::archive::Draft;
use terrace_node::desk::petitioner::Code;
use terrace_proto::audit::{Finding, check_custody};
use terrace_proto::case::clock::Ended;
use terrace_proto::case::{Aside, Case, Fact, State};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Kind};
use terrace_proto::roll::campaign;
use terrace_proto::rules::Duty;
use terrace_proto::wire;
use terrace_tests::line::Line;

const CITY: &str = "4102";
const COUNTY: &str = "410221";
/// The civil-affairs bureau of the county.
const BUREAU: (&str, &str, &str) = (COUNTY, "mzj", "1001");

fn ended(case: &Case, duty: Duty) -> Vec<Option<Ended>> {
    case.clocks().into_iter().filter(|one| one.duty == duty).map(|one| one.ended).collect()
}

/// Nobody but the petitioner ends a case in the petitioner's name: an insider who writes past the desk moves nothing,
/// is found by the audit, and supervised by the office above.
#[tokio::test]
async fn a_withdrawal_past_the_desk_moves_nothing_and_is_found() {
    let mut line = Line::new(&["00", "41", CITY, COUNTY]).await;
    let intake = wire::IntakeRegistered { title: "低保".into(), ..Default::default() };
    let registered = line.take_in(COUNTY, intake).await;
    let (case, code) = (registered.case, registered.code.unwrap());
    line.pass_to(case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    line.act(case, BUREAU, Content::Received(wire::Received::default())).await.unwrap();
    line.act(case, BUREAU, Content::Accepted(wire::Accepted::default())).await.unwrap();
    // A second intake with a key of the insider's own, and what a stranger who learnt the id says of itself.
    let own = Code::of([9; 10]);
    for at in [COUNTY, CITY] {
        let key = wire::IntakeRegistered { petitioner_key: own.public(), ..Default::default() };
        let draft = Draft::plain(Hand::default(), Some(case), Content::IntakeRegistered(key));
        line.at(at).archive.append(vec![draft]).await.unwrap();
    }
    let held = line.case(COUNTY, case).await;
    let withdrawn = wire::Withdrawn {
        reason: "息诉罢访".into(),
        signature: own.sign(&held, Kind::Withdrawn),
        ..Default::default()
    };
    let thread = held.leading().unwrap();
    let bureau = thread.holder().clone();
    let mut draft = Draft::plain(Hand::default(), Some(case), Content::Withdrawn(withdrawn));
    draft.place =
        Some(Place { thread: thread.id(), stage: thread.stage(), predecessor: thread.tip() });
    draft.custody = Some((Some(bureau.clone()), bureau));
    let (entries, _) = line.at(COUNTY).archive.append(vec![draft]).await.unwrap();
    let forged = entries[0].leaf();
    let held = line.case(COUNTY, case).await;
    assert_eq!(held.aside().get(&forged), Some(&Aside::Unsigned));
    assert_eq!(held.leading().unwrap().state(), State::Accepted);
    assert_eq!(ended(&held, Duty::Handle), [None], "the clock runs on");
    assert!(held.clocks().iter().all(|clock| clock.duty != Duty::WithdrawalUndo));
    line.climb().await;
    assert!(matches!(
        check_custody(&line.case(CITY, case).await)[..],
        [Finding::Unsigned { case: found, .. }] if found == case
    ));
    let now = line.clock_now();
    for _ in 0..2 {
        line.at(CITY).archive.supervise(now).await.unwrap();
    }
    let above = line.case(CITY, case).await;
    let raised = above.facts().values().filter(|fact| fact.header().kind == Kind::Supervised);
    let about: Vec<_> = raised.filter_map(Fact::about).collect();
    assert_eq!(about, [forged], "once");
    // The petitioner's own word still counts, and so does what the unit does next.
    line.say(case, BUREAU, Content::Withdrawn(wire::Withdrawn::default()), &code).await.unwrap();
    assert_eq!(line.case(COUNTY, case).await.leading().unwrap().state(), State::Withdrawn);
    assert!(!line.case(COUNTY, case).await.is_contested());
}

/// Writes past the desk what an entry says, with another word and the same signature.
async fn repeated(line: &mut Line, case: CaseId, content: Content) -> Digest {
    let draft = Draft::plain(Hand::default(), Some(case), content);
    let (entries, _) = line.at(COUNTY).archive.append(vec![draft]).await.unwrap();
    entries[0].leaf()
}

/// The signature of a no makes no yes, and a yes that was taken back does not count by being written again.
#[tokio::test]
async fn a_no_is_turned_into_no_yes_and_an_old_yes_is_not_said_again() {
    let mut line = Line::new(&["00", "41", CITY, COUNTY]).await;
    let intake = wire::IntakeRegistered { title: "低保".into(), ..Default::default() };
    let registered = line.take_in(COUNTY, intake).await;
    let (case, code) = (registered.case, registered.code.unwrap());
    let office = (COUNTY, "", "0417");
    let word = |consented| {
        Content::PublicationConsented(wire::PublicationConsented {
            consented,
            ..Default::default()
        })
    };
    let no = line.say(case, office, word(false), &code).await.unwrap().entry;
    let Some(Content::PublicationConsented(said)) = no.content() else { panic!("a word") };
    let turned = wire::PublicationConsented { consented: true, ..said };
    let forged = repeated(&mut line, case, Content::PublicationConsented(turned)).await;
    let held = line.case(COUNTY, case).await;
    assert_eq!(held.aside().get(&forged), Some(&Aside::Unsigned));
    assert!(campaign::consent(&held).is_none());

    line.clock.pass(1);
    let yes = line.say(case, office, word(true), &code).await.unwrap().entry;
    assert!(campaign::consent(&line.case(COUNTY, case).await).is_some());
    line.clock.pass(1);
    line.say(case, office, word(false), &code).await.unwrap();
    line.clock.pass(1);
    repeated(&mut line, case, yes.content().unwrap()).await;
    let held = line.case(COUNTY, case).await;
    assert!(campaign::consent(&held).is_none(), "it stays taken back");
    line.climb().await;
    assert!(campaign::consent(&line.case(CITY, case).await).is_none());
}
