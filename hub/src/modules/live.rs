//! A running office, asked over the socket in its data folder for what modules need.
//!
//! No question can leave anything behind, and what could be written is locked twice:
//!
//! - An act is asked for in a case that no office holds, by a hand that acts for an officer who never named a deputy. The
//!   desk answers "no such case" for an act it has a room for, and something else for one it has none for.
//! - A channel is tried by two intakes at once, of which the second comes by a channel that there is none, and both on a
//!   day that lies ahead. The desk names the first channel it does not know, and writes neither.
//! - Everything else reads.
//!
//! An office that is behind a lock it should have had says so: what it wrote would be a finding here.

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::Value;
use terrace_node::desk::petitioner::{CODE_BYTES, Code};
use terrace_node::folder::Folder;
use terrace_node::surroundings::{Clock as _, SystemClock};
use terrace_node::window::{Window, WindowError};
use terrace_proto::case::standing::day_of;
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::Kind;
use terrace_proto::entry::header::days_of;
use terrace_proto::rules::Duty;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::desk_service_client::DeskServiceClient;
use terrace_proto::wire::{self, ActRequest};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Code as Standing, Request, Status};
use tonic_prost::ProstCodec;

use super::need::blank;
use super::{Asked, Lack, Need};

/// A case that cannot exist: an id is a digest of whoever opened it.
const NO_CASE: CaseId = CaseId([0; 16]);
/// A channel that there is none.
const NO_CHANNEL: &str = "NO-SUCH-CHANNEL";
/// A day on which nothing was received yet.
const AHEAD: Date = Date::MAX;
/// Who never names a deputy.
const NOBODY: &str = "模块核验 modules check";

/// A running office.
#[derive(Debug)]
pub struct Live {
    channel: Channel,
    desk: DeskServiceClient<Channel>,
    /// Its division.
    pub division: DivisionCode,
    officer: String,
    today: Date,
    rules: Value,
}

impl Live {
    /// Knocks at the office that runs in a folder. `officer` is in whose name it is asked; it may be nobody, unless the
    /// office has closed a module to those who passed no course.
    ///
    /// # Errors
    ///
    /// [`WindowError`] where no office runs there, or it does not say who it is and by which rules it works.
    pub async fn knock(folder: &Folder, officer: String) -> Result<Self, WindowError> {
        let (_, division, _) = folder.config()?;
        let channel = Window::connect(folder).await?;
        let mut desk = DeskServiceClient::new(channel.clone());
        let silent = |status: Status| WindowError::Silent(status.message().to_owned());
        let shown = desk.show_rules(wire::ShowRulesRequest {}).await.map_err(silent)?.into_inner();
        let rules = serde_json::from_str(&shown.json).unwrap_or_default();
        let today = day_of(SystemClock.now());
        Ok(Self { channel, desk, division, officer, today, rules })
    }

    /// Whether the desk has a room for an act.
    async fn act(&mut self, kind: Kind) -> Result<(), Lack> {
        let unknown = || Lack("本程序也不知道 unknown to this program too".into());
        let said = || Some(Act::Say(wire::Body { content: blank(kind), ..wire::Body::default() }));
        #[allow(clippy::wildcard_enum_match_arm, reason = "a few acts have a form of their own")]
        let act = match kind {
            Kind::Transferred => Some(Act::Transfer(hop())),
            Kind::Assigned => Some(Act::Assign(hop())),
            Kind::Rated => Some(Act::Rate(wire::RatingWords::default())),
            _ => said(),
        };
        blank(kind).ok_or_else(unknown)?;
        let request = ActRequest {
            hand: Some(self.hand(NOBODY)),
            case_name: NO_CASE.to_string(),
            act,
            code: if kind == Kind::Rated { no_code() } else { String::new() },
        };
        match self.desk.act(request).await {
            Err(status) if status.code() == Standing::NotFound => Ok(()),
            Err(status) => Err(lack(&status)),
            Ok(answer) => Err(wrote(&answer.into_inner().number)),
        }
    }

    /// Whether the desk knows a channel.
    async fn registers_by(&mut self, code: &str) -> Result<(), Lack> {
        let registrations = [code, NO_CHANNEL].map(registration).to_vec();
        let hand = Some(self.hand(""));
        let answer = self.desk.register(wire::RegisterRequest { hand, registrations }).await;
        let named = format!("\"{NO_CHANNEL}\"");
        match answer {
            Err(status) if status.message().starts_with(&named) => Ok(()),
            Err(status) if status.code() == Standing::PermissionDenied => Err(Lack(format!(
                "{}；用 --officer 指定已通过培训的办理人员 name an officer who has passed with --officer",
                status.message()
            ))),
            Err(status) => Err(lack(&status)),
            Ok(answer) => {
                let numbers = answer.into_inner().registered.into_iter().map(|one| one.number);
                Err(wrote(&numbers.collect::<Vec<_>>().join(", ")))
            }
        }
    }

    /// Whether a pack that binds the office today gives a term for a duty.
    fn term(&self, duty: Duty) -> Result<(), Lack> {
        let packs = self.rules["packs"].as_array().into_iter().flatten();
        let mut terms = packs
            .filter(|pack| self.binds(pack))
            .flat_map(|pack| pack["terms"].as_array().into_iter().flatten());
        if terms.any(|term| term["duty"] == duty.code()) {
            return Ok(());
        }
        let why = "现行规则中没有这一期限 no pack in force there gives this term: see `rules list`";
        Err(Lack(why.into()))
    }

    fn binds(&self, pack: &Value) -> bool {
        let day = |key: &str| pack[key].as_str().and_then(|text| text.parse::<Date>().ok());
        let scope = pack["scope"].as_str().and_then(|text| text.parse::<DivisionCode>().ok());
        pack["enabled"] == true
            && day("from").is_some_and(|from| from <= self.today)
            && day("to").is_none_or(|to| self.today <= to)
            && scope.is_some_and(|scope| Tree::national().is_within(self.division, scope))
    }

    /// Whether a call is heard at all.
    async fn hears(&mut self, call: &str) -> Result<(), Lack> {
        let path = format!("/terrace.v1.DeskService/{call}").parse::<PathAndQuery>();
        let path = path.map_err(|error| Lack(error.to_string()))?;
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| Lack(error.to_string()))?;
        let answer = grpc.unary(Request::new(()), path, ProstCodec::<(), ()>::default()).await;
        match answer {
            Err(status) if status.code() == Standing::Unimplemented || is_broken(&status) => {
                Err(lack(&status))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn hand(&self, on_behalf_of: &str) -> wire::Hand {
        wire::Hand {
            organ: String::new(),
            officer: self.officer.clone(),
            on_behalf_of: on_behalf_of.to_owned(),
        }
    }
}

#[async_trait]
impl Asked for Live {
    async fn has(&mut self, need: &Need) -> Result<(), Lack> {
        match need {
            Need::Act(kind) => self.act(*kind).await,
            Need::Channel(code) => self.registers_by(code).await,
            Need::Term(duty) => self.term(*duty),
            Need::Call(call) => self.hears(call).await,
            Need::Roll(roll) => {
                let name = roll.name().to_owned();
                let asked = wire::ShowRollRequest { roll: name, before: 0, limit: 1 };
                read(self.desk.show_roll(asked).await.map(|answer| answer.into_inner().json))
            }
            Need::Survey(what) => {
                let year = u32::try_from(self.today.year()).unwrap_or_default();
                let what = (*what).to_owned();
                let asked = wire::SurveyRequest { what, year, ..wire::SurveyRequest::default() };
                read(self.desk.survey(asked).await.map(|answer| answer.into_inner().json))
            }
            Need::Notices => {
                let asked = wire::ShowNoticesRequest { case_name: NO_CASE.to_string() };
                absent(self.desk.show_notices(asked).await.map(drop))
            }
            Need::Course => {
                let asked = wire::ShowCaseRequest { case_name: NO_CASE.to_string() };
                absent(self.desk.show_case(asked).await.map(drop))
            }
            Need::Receipt => {
                let asked = wire::ExamineReceiptRequest { text: NO_CHANNEL.to_owned() };
                match self.desk.examine_receipt(asked).await {
                    Err(status) if status.code() == Standing::InvalidArgument => Ok(()),
                    Err(status) => Err(lack(&status)),
                    Ok(_) => Err(Lack(
                        "把不是回执的文字当作回执 it took for a receipt what is none".into(),
                    )),
                }
            }
        }
    }
}

/// What is read must be there and be JSON.
fn read(answer: Result<String, Status>) -> Result<(), Lack> {
    let json = answer.map_err(|status| lack(&status))?;
    let told: Result<Value, _> = serde_json::from_str(&json);
    told.map(drop)
        .map_err(|error| Lack(format!("答复不可读 an answer that cannot be read: {error}")))
}

/// The lawful answer about a case that cannot exist.
fn absent(answer: Result<(), Status>) -> Result<(), Lack> {
    match answer {
        Err(status) if status.code() == Standing::NotFound => Ok(()),
        Err(status) => Err(lack(&status)),
        Ok(()) => Err(Lack("展示了不存在的事项 it showed a case that cannot exist".into())),
    }
}

fn lack(status: &Status) -> Lack {
    let told = status.message();
    Lack(if status.code() == Standing::Unimplemented {
        "该单位窗口没有此项 its window has no such call".into()
    } else if is_broken(status) {
        format!("未能答复 it could not answer: {told}")
    } else {
        told.to_owned()
    })
}

fn is_broken(status: &Status) -> bool {
    let broken =
        [Standing::Unavailable, Standing::Unknown, Standing::Cancelled, Standing::Internal];
    broken.contains(&status.code())
}

/// Both locks were open.
fn wrote(numbers: &str) -> Lack {
    Lack(format!(
        "核验不应写入，但写入了 {numbers} it wrote what it must refuse: look at it at once"
    ))
}

fn hop() -> wire::Hop {
    let division = DivisionCode::HUB.short();
    wire::Hop { division, due_on: Some(days_of(AHEAD)), ..wire::Hop::default() }
}

fn no_code() -> String {
    Code::of([0; CODE_BYTES]).to_string()
}

fn registration(code: &str) -> wire::Registration {
    let intake = wire::IntakeRegistered {
        channel: code.to_owned(),
        title: NOBODY.to_owned(),
        ..wire::IntakeRegistered::default()
    };
    wire::Registration {
        intake: Some(intake),
        received_on: Some(days_of(AHEAD)),
        ..wire::Registration::default()
    }
}
