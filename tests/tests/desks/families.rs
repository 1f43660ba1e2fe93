//! What offices do beside single steps: packages, crossings, the backlog, aftercare, publicity, receptions, campaigns
//! and training.

use jiff::ToSpan as _;
use terrace_node::desk::petitioner::Code;
use terrace_node::desk::{DeskError, Registered, Taken};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::{Hand, days_of};
use terrace_proto::entry::{Content, Holder, Kind};
use terrace_proto::figure::share::Share;
use terrace_proto::roll::crossing::MARKS;
use terrace_proto::roll::package::{self, LEVELS};
use terrace_proto::wire;
use terrace_tests::line::{Line, code};

const CITY: &str = "4102";
pub(crate) const COUNTY: &str = "410221";
/// The civil-affairs bureau of the county, and its petition office.
pub(crate) const BUREAU: (&str, &str, &str) = (COUNTY, "mzj", "1001");
const COUNTY_OFFICE: (&str, &str, &str) = (COUNTY, "", "0417");

pub(crate) async fn line() -> Line {
    Line::new(&["00", "41", CITY, COUNTY, "410221101", "42"]).await
}

fn why(result: Result<Taken, DeskError>) -> String {
    result.unwrap_err().to_string()
}

async fn enter(line: &mut Line, at: &str, content: Content) -> Result<Taken, DeskError> {
    let hand = Hand { officer: "0001".into(), ..Hand::default() };
    line.desk(at).enter(&hand, content).await
}

fn leader(level: u32) -> Option<wire::Leader> {
    Some(wire::Leader { name: "某某".into(), post: "副县长".into(), level })
}

pub(crate) fn decided() -> Content {
    Content::Decided(wire::Decided {
        outcome: 1,
        facts: "属实".into(),
        opinion: "补发低保金".into(),
        basis: "社会救助暂行办法".into(),
    })
}

pub(crate) fn served(line: &Line) -> Content {
    let served_on = days_of(line.today());
    Content::Served(wire::Served { served_on, ..Default::default() })
}

/// A case that the bureau has taken up.
pub(crate) async fn accepted(line: &mut Line) -> Registered {
    let intake = wire::IntakeRegistered {
        channel: "LET".into(),
        title: "低保".into(),
        ..Default::default()
    };
    let registered = line.take_in(COUNTY, intake).await;
    line.pass_to(registered.case, (COUNTY, ""), (COUNTY, "mzj"), None).await.unwrap();
    let received = Content::Received(wire::Received::default());
    line.act(registered.case, BUREAU, received).await.unwrap();
    let accepted = Content::Accepted(wire::Accepted::default());
    line.act(registered.case, BUREAU, accepted).await.unwrap();
    registered
}

pub(crate) async fn through(line: &mut Line, case: CaseId) {
    line.act(case, BUREAU, decided()).await.unwrap();
    let content = served(line);
    line.act(case, BUREAU, content).await.unwrap();
}

/// A package is closed by what the case shows and by the petitioner's own word, and by no officer's.
#[tokio::test]
async fn a_package_is_settled_by_three_tests() {
    let mut line = line().await;
    let Registered { case, code, .. } = accepted(&mut line).await;
    let target_on = days_of(line.today().checked_add(60.days()).unwrap());
    let packaged = |level| {
        let lead = Some(Holder { division: code_of(COUNTY), organ: "mzj".into() }.to_wire());
        let said = wire::CasePackaged {
            leader: leader(level),
            lead,
            measures: "一案一策".into(),
            target_on,
            ..Default::default()
        };
        Content::CasePackaged(said)
    };
    assert!(why(line.act(case, COUNTY_OFFICE, packaged(9)).await).contains("level"));
    let package = line.act(case, COUNTY_OFFICE, packaged(3)).await.unwrap().entry.leaf();
    assert!(why(line.act(case, COUNTY_OFFICE, packaged(3)).await).contains("taken the case on"));
    let tested = |test| {
        let (package, evidence) = (package.0.to_vec(), "意见书、转账凭证".into());
        Content::PackageTested(wire::PackageTested { package, test, passed: true, evidence })
    };
    assert!(why(line.act(case, COUNTY_OFFICE, tested(1)).await).contains("does not show it"));
    assert!(why(line.act(case, COUNTY_OFFICE, tested(3)).await).contains("only the petitioner"));
    through(&mut line, case).await;
    line.act(case, COUNTY_OFFICE, tested(1)).await.unwrap();
    assert!(why(line.act(case, COUNTY_OFFICE, tested(2)).await).contains("does not show it"));
    let executed_on = days_of(line.today());
    let executed = wire::Executed { done: true, evidence: "转账".into(), executed_on };
    line.act(case, BUREAU, Content::Executed(executed)).await.unwrap();
    line.act(case, COUNTY_OFFICE, tested(2)).await.unwrap();
    let stated = || {
        let package = package.0.to_vec();
        let signature = Vec::new();
        Content::ContentStated(wire::ContentStated {
            package,
            content: true,
            signature,
            about: Vec::new(),
        })
    };
    assert!(why(line.act(case, COUNTY_OFFICE, stated()).await).contains("code"));
    let other = Code::of([1; 10]);
    assert!(why(line.say(case, COUNTY_OFFICE, stated(), &other).await).contains("not the code"));
    let share = |packages: &[package::Package]| package::settled(packages, LEVELS);
    let packages = line.desk(COUNTY).packages().await.unwrap();
    assert_eq!(share(&packages), Share { of: 0, all: 1 });
    line.say(case, COUNTY_OFFICE, stated(), &code.unwrap()).await.unwrap();
    line.climb().await;
    for at in [COUNTY, "41"] {
        let packages = line.desk(at).packages().await.unwrap();
        assert_eq!(share(&packages), Share { of: 1, all: 1 }, "{at}");
    }
}

fn code_of(text: &str) -> terrace_proto::division::DivisionCode {
    code(text)
}

/// Fixture D3: all six marks; of two provinces the root decides which leads, and neither of them can. The co-owner in the
/// other province holds the case from then on.
#[tokio::test]
async fn the_lead_between_two_provinces_is_decided_by_the_root() {
    let mut line = line().await;
    let case = line.register("41").await;
    let owners = ["41", "42"].map(|at| Holder { division: code(at), organ: "mzt".into() });
    let declared = |marks: bool, owners: &[Holder]| {
        Content::CrossingDeclared(wire::CrossingDeclared {
            cross_region: marks,
            cross_department: marks,
            cross_industry: marks,
            person_household: marks,
            person_affair: marks,
            person_property: marks,
            owners: owners.iter().map(Holder::to_wire).collect(),
            reason: "务工在外省，户籍在本省".into(),
        })
    };
    let here = ("41", "", "0001");
    assert!(why(line.act(case, here, declared(false, &owners)).await).contains("one mark"));
    assert!(why(line.act(case, here, declared(true, &owners[..1])).await).contains("two or more"));
    line.act(case, here, declared(true, &owners)).await.unwrap();
    line.climb().await;
    line.sink().await;
    let held = line.case("42", case).await;
    assert!(held.audience().contains(&code("42")));
    let lead = || {
        let lead = Some(owners[1].to_wire());
        let said = wire::LeadDecided { lead, reason: "事发地".into(), ..Default::default() };
        Content::LeadDecided(said)
    };
    for province in ["41", "42"] {
        let refused = line.act(case, (province, "", "0001"), lead()).await.unwrap_err();
        assert!(matches!(refused, DeskError::NotForYou { .. }), "{province}: {refused}");
    }
    line.act(case, ("00", "", "0001"), lead()).await.unwrap();
    line.sink().await;
    for at in ["00", "41", "42"] {
        let held = line.case(at, case).await;
        let crossing = line.desk(at).crossing(&held).await.unwrap().unwrap();
        assert_eq!(crossing.marks, [true; MARKS.len()]);
        assert_eq!(crossing.lead.as_ref(), Some(&owners[1]), "{at}");
    }
}

/// Fixture B4: of help that was declined nothing is kept but that it was.
#[tokio::test]
async fn help_that_was_declined_leaves_nothing_but_that() {
    let mut line = line().await;
    let Registered { case, .. } = accepted(&mut line).await;
    let offered = |declined: bool, words: &str| {
        Content::AssistanceOffered(wire::AssistanceOffered {
            form: if declined { 0 } else { 2 },
            by: if declined { String::new() } else { "县民政局".into() },
            words: words.into(),
            declined,
        })
    };
    let early = line.act(case, COUNTY_OFFICE, offered(false, "临时救助")).await;
    assert!(why(early).contains("once an opinion"));
    through(&mut line, case).await;
    let told = line.act(case, COUNTY_OFFICE, offered(true, "不愿接受")).await;
    assert!(why(told).contains("nothing is kept"));
    let declined = line.act(case, COUNTY_OFFICE, offered(true, "")).await.unwrap().entry;
    let ended = |offer: &[u8]| {
        let said = wire::AssistanceEnded { offer: offer.to_vec(), outcome: "已发放".into() };
        Content::AssistanceEnded(said)
    };
    let refused = line.act(case, COUNTY_OFFICE, ended(&declined.leaf().0)).await;
    assert!(why(refused).contains("declined"));
    let Some(Content::AssistanceOffered(said)) = declined.content() else { panic!("an offer") };
    assert_eq!(said, wire::AssistanceOffered { declined: true, ..Default::default() });
    let taken = line.act(case, COUNTY_OFFICE, offered(false, "临时救助")).await.unwrap().entry;
    line.act(case, COUNTY_OFFICE, ended(&taken.leaf().0)).await.unwrap();
}

/// Fixture G1: a campaign in May with eight weekly issues; a case without the petitioner's signed consent is not picked,
/// nor one whose consent was taken back, nor a text by which somebody is found.
#[tokio::test]
async fn nothing_is_published_without_consent() {
    let mut line = line().await;
    let today = line.today();
    let opened = wire::CampaignOpened {
        form: 2,
        title: "信访宣传月".into(),
        from_on: days_of(today),
        until_on: days_of(today.checked_add(30.days()).unwrap()),
        channels: vec!["电视".into(), "微信".into()],
        ..Default::default()
    };
    let campaign = enter(&mut line, COUNTY, Content::CampaignOpened(opened)).await.unwrap();
    let campaign = campaign.entry.leaf().0.to_vec();
    let piece = |consent: &[u8], issue: u32, text: &str| {
        Content::CasePublished(wire::CasePublished {
            campaign: campaign.clone(),
            consent: consent.to_vec(),
            issue,
            title: "一笔低保金的补发".into(),
            text: text.into(),
            channel: "电视".into(),
            published_on: days_of(today),
        })
    };
    let consented = |consented| {
        let said = wire::PublicationConsented { consented, ..Default::default() };
        Content::PublicationConsented(said)
    };
    for issue in 1..=8 {
        let Registered { case, code, .. } = accepted(&mut line).await;
        through(&mut line, case).await;
        let without = line.act(case, COUNTY_OFFICE, piece(&[], issue, "某村民")).await;
        assert!(why(without).contains("has not consented"));
        assert!(why(line.act(case, COUNTY_OFFICE, consented(true)).await).contains("code"));
        let code = code.unwrap();
        let consent = line.say(case, COUNTY_OFFICE, consented(true), &code).await.unwrap();
        let consent = consent.entry.leaf().0;
        let named = line.act(case, COUNTY_OFFICE, piece(&consent, issue, "电话13800138000")).await;
        assert!(why(named).contains("by which somebody is found"));
        line.act(case, COUNTY_OFFICE, piece(&consent, issue, "某村民反映……")).await.unwrap();
        line.clock.pass(1);
        line.say(case, COUNTY_OFFICE, consented(false), &code).await.unwrap();
        let after = line.act(case, COUNTY_OFFICE, piece(&consent, issue, "再刊")).await;
        assert!(why(after).contains("taken"));
    }
    let campaigns = line.desk(COUNTY).campaigns().await.unwrap();
    let told = campaigns.values().next().unwrap();
    assert_eq!(told.issues.values().copied().collect::<Vec<_>>(), [1; 8]);
}

/// Fixture C9: a day is announced, five cases are booked, the sixth finds no seat; an instruction is bound to its case,
/// with the day by which the leader wants to hear.
#[tokio::test]
async fn a_leaders_day_is_announced_booked_and_instructed() {
    let mut line = line().await;
    let held_on = days_of(line.today().checked_add(7.days()).unwrap());
    let announced = |seats| {
        Content::ReceptionAnnounced(wire::ReceptionAnnounced {
            leader: leader(3),
            held_on,
            place: "县接访大厅".into(),
            seats,
            form: 1,
            topics: "低保、征地".into(),
        })
    };
    assert!(why(enter(&mut line, COUNTY, announced(0)).await).contains("1 to 500"));
    let day = enter(&mut line, COUNTY, announced(5)).await.unwrap().entry.leaf().0.to_vec();
    let book = || {
        let said = wire::ReceptionBooked { reception: day.clone() };
        Content::ReceptionBooked(said)
    };
    let mut cases = Vec::new();
    for _ in 0..6 {
        cases.push(line.register(COUNTY).await);
    }
    for case in &cases[..5] {
        line.act(*case, COUNTY_OFFICE, book()).await.unwrap();
    }
    assert!(why(line.act(cases[5], COUNTY_OFFICE, book()).await).contains("no seat"));
    assert_eq!(line.desk(COUNTY).receptions().await.unwrap()[0].booked, 5);
    let due_on = Some(held_on + 15);
    let instructed = wire::Instructed {
        leader: leader(3),
        form: 2,
        words: "请民政局十五日内答复".into(),
        due_on,
        reception: day.clone(),
    };
    let taken = line.act(cases[0], COUNTY_OFFICE, Content::Instructed(instructed)).await.unwrap();
    assert_eq!(taken.entry.header().case, Some(cases[0]));
    let Some(Content::Instructed(said)) = taken.entry.content() else { panic!("an instruction") };
    assert_eq!((said.due_on, said.words.as_str()), (due_on, "请民政局十五日内答复"));
    line.clock.pass(24 * 8);
    assert!(why(line.act(cases[1], COUNTY_OFFICE, book()).await).contains("over"));
}

/// Fixture B3 at an office: tickets are numbered by day, and a law-related one is called at no window for petitions.
#[tokio::test]
async fn a_law_related_ticket_is_called_at_its_window() {
    let mut line = line().await;
    let draw = |sort| Content::TicketDrawn(wire::TicketDrawn { number: 0, sort });
    assert!(why(enter(&mut line, COUNTY, draw(3)).await).contains("petition (1)"));
    enter(&mut line, COUNTY, draw(1)).await.unwrap();
    let law = enter(&mut line, COUNTY, draw(2)).await.unwrap().entry;
    let Some(Content::TicketDrawn(said)) = law.content() else { panic!("a ticket") };
    assert_eq!(said.number, 2);
    let call = |sort| {
        let ticket = law.leaf().0.to_vec();
        Content::TicketCalled(wire::TicketCalled {
            ticket, window: "3号".into(), sort, outcome: 0
        })
    };
    assert!(why(enter(&mut line, COUNTY, call(1)).await).contains("law-related"));
    enter(&mut line, COUNTY, call(3)).await.unwrap();
    assert!(why(enter(&mut line, COUNTY, call(2)).await).contains("waits"));
    line.clock.pass(24);
    let next = enter(&mut line, COUNTY, draw(1)).await.unwrap().entry;
    let Some(Content::TicketDrawn(said)) = next.content() else { panic!("a ticket") };
    assert_eq!(said.number, 1, "each day begins anew");
}

/// Fixture C6 at an office: once a course is open, its module is for those who have passed it.
#[tokio::test]
async fn whoever_has_not_passed_cannot_use_the_module() {
    let mut line = line().await;
    let case = line.register(COUNTY).await;
    let opened = |module: &str| {
        let modules = vec![module.to_owned()];
        Content::CourseOpened(wire::CourseOpened { name: "办理规范".into(), modules })
    };
    assert!(why(enter(&mut line, COUNTY, opened("cooking")).await).contains("modules out of"));
    let course = enter(&mut line, COUNTY, opened("routing")).await.unwrap().entry.leaf();
    let triaged = || {
        let said = wire::Triaged { purpose: "求决".into(), ..Default::default() };
        Content::Triaged(said)
    };
    let refused = line.act(case, COUNTY_OFFICE, triaged()).await.unwrap_err();
    assert!(matches!(refused, DeskError::Untrained { module: "routing", .. }), "{refused}");
    let held = |passed: &[&str]| {
        let all = |some: &[&str]| some.iter().map(|one| (*one).to_owned()).collect();
        Content::TrainingHeld(wire::TrainingHeld {
            course: course.0.to_vec(),
            held_on: days_of(jiff::civil::date(2026, 2, 1)),
            attended: all(&["0417", "0500"]),
            passed: all(passed),
        })
    };
    assert!(why(enter(&mut line, COUNTY, held(&["0600"])).await).contains("attended"));
    enter(&mut line, COUNTY, held(&["0417"])).await.unwrap();
    line.act(case, COUNTY_OFFICE, triaged()).await.unwrap();
    // Another module, and another office, ask for nothing.
    line.register(COUNTY).await;
    line.register(CITY).await;
}

/// Fixture C12 at an office: a suggestion sent in for a campaign is counted under it, with what became of it.
#[tokio::test]
async fn a_suggestion_is_counted_under_its_campaign() {
    let mut line = line().await;
    let today = days_of(line.today());
    let opened = |form| {
        let (from_on, until_on) = (today, today + 30);
        Content::CampaignOpened(wire::CampaignOpened {
            form,
            title: "我为县里献一策".into(),
            from_on,
            until_on,
            ..Default::default()
        })
    };
    let asked = enter(&mut line, COUNTY, opened(1)).await.unwrap().entry.leaf().0.to_vec();
    let publicity = enter(&mut line, COUNTY, opened(2)).await.unwrap().entry.leaf().0.to_vec();
    let taken = |campaign: &[u8]| {
        let (reason, campaign) = ("建议意见类".into(), campaign.to_vec());
        Content::SuggestionTaken(wire::SuggestionTaken { reason, campaign })
    };
    let case = line.register(COUNTY).await;
    assert!(why(line.act(case, COUNTY_OFFICE, taken(&publicity)).await).contains("campaign"));
    line.act(case, COUNTY_OFFICE, taken(&asked)).await.unwrap();
    let adopted = wire::SuggestionAdopted { reply: "已采纳".into(), reward: "表扬".into() };
    line.act(case, COUNTY_OFFICE, Content::SuggestionAdopted(adopted)).await.unwrap();
    let campaigns = line.desk(COUNTY).campaigns().await.unwrap();
    let told = campaigns.values().find(|one| one.form == 1).unwrap();
    assert_eq!((told.taken, told.adopted, told.partly, told.declined), (1, 1, 0, 0));
}

/// An old case stands on the list once, and is off it when it has come to its end.
#[tokio::test]
async fn an_old_case_is_listed_until_it_has_ended() {
    let mut line = line().await;
    let case = line.register(COUNTY).await;
    let listed = || Content::BacklogListed(wire::BacklogListed { reason: "2009年起".into() });
    line.act(case, COUNTY_OFFICE, listed()).await.unwrap();
    assert!(why(line.act(case, COUNTY_OFFICE, listed()).await).contains("on the list"));
    let held = line.case(COUNTY, case).await;
    assert!(held.facts().values().any(|fact| fact.header().kind == Kind::BacklogListed));
}
