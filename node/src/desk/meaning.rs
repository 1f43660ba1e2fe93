//! What a roll means, worked out from its entries when it is asked for: who is on the list, what is settled, what is left.
//!
//! It counts cases and what offices did, and no persons who petition.

use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::case::{Case, Fact, standing::day_of};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::{Content, Kind};
use terrace_proto::figure::share::Share;
use terrace_proto::roll::backlog::{self, Item};
use terrace_proto::roll::package::{self, LEVELS, Package};
use terrace_proto::roll::{Listed, Roll};

use super::{Desk, DeskError};

/// The levels of leaders, from the province down.
const LEVEL_NAMES: [(u32, &str, &str); 4] =
    [(1, "省级", "province"), (2, "市级", "city"), (3, "县级", "county"), (4, "乡镇", "township")];

impl Desk<'_> {
    /// What a roll means; nothing for one that is its entries and no more.
    ///
    /// # Errors
    ///
    /// [`DeskError::Archive`] when the store does not answer.
    pub async fn meaning(&self, roll: Roll) -> Result<Value, DeskError> {
        Ok(match roll {
            Roll::Packages => self.packages_told().await?,
            Roll::Backlog => self.backlog_told().await?,
            Roll::Campaigns => {
                let campaigns = self.campaigns().await?.into_iter().map(|(leaf, one)| {
                    json!({
                        "entry": leaf.to_string(), "office": one.office.short(),
                        "title": one.title, "form": one.form, "taken": one.taken,
                        "adopted": one.adopted, "partly": one.partly, "declined": one.declined,
                        "issues": one.issues,
                    })
                });
                json!({ "campaigns": campaigns.collect::<Vec<_>>() })
            }
            Roll::Receptions => {
                let days = self.receptions().await?.into_iter().map(|day| {
                    json!({
                        "entry": day.leaf.to_string(), "office": day.office.short(),
                        "leader": format!("{} {}", day.leader.post, day.leader.name),
                        "held_on": day.held_on.to_string(), "place": day.place,
                        "seats": day.seats, "booked": day.booked,
                    })
                });
                json!({ "receptions": days.collect::<Vec<_>>() })
            }
            Roll::Training => {
                let courses = self.courses().await?.into_iter().map(|(leaf, course)| {
                    json!({
                        "entry": leaf.to_string(), "name": course.name,
                        "modules": course.modules, "attended": course.attended.len(),
                        "passed": course.passed.len(),
                    })
                });
                json!({ "courses": courses.collect::<Vec<_>>() })
            }
            Roll::Tickets => {
                let waiting = self.tickets().await?.into_iter().filter(|ticket| !ticket.called);
                let rows = waiting.map(|ticket| {
                    json!({
                        "entry": ticket.leaf.to_string(), "number": ticket.number,
                        "sort": format!("{:?}", ticket.sort).to_lowercase(),
                        "drawn_on": ticket.drawn_on.to_string(),
                    })
                });
                json!({ "waiting": rows.collect::<Vec<_>>() })
            }
            Roll::Experts => {
                let experts = self.experts().await?.into_iter().map(|expert| {
                    json!({
                        "entry": expert.leaf.to_string(), "office": expert.office.short(),
                        "name": expert.name, "field": expert.field, "unit": expert.unit,
                        "organ": expert.organ.map(|organ| organ.to_string()),
                        "until": expert.until.map(|day| day.to_string()),
                    })
                });
                json!({ "experts": experts.collect::<Vec<_>>() })
            }
            Roll::Deputies
            | Roll::Links
            | Roll::Recusals
            | Roll::Panels
            | Roll::Certificates
            | Roll::Ratings
            | Roll::Crossings
            | Roll::Urgent
            | Roll::Organs
            | Roll::Assistance => Value::Null,
        })
    }

    /// The packages that are known here, each as its entries show it.
    pub async fn packages(&self) -> Result<Vec<Package>, DeskError> {
        let listed = self.archive.listed(Roll::Packages, None).await?;
        let mut void = std::collections::BTreeSet::new();
        for one in &listed {
            let Content::ContentStated(said) = &one.content else { continue };
            let (Some(case), Some(package)) = (one.case, Digest::read(&said.package)) else {
                continue;
            };
            // Unsigned, or not the petitioner's last word on it.
            let last = |case: Case| {
                case.last_said(Kind::ContentStated, package).map(Fact::leaf) == Some(one.leaf)
            };
            if !self.archive.case(case).await?.is_some_and(last) {
                void.insert(one.leaf);
            }
        }
        Ok(package::packages(&listed, |one: &Listed| void.contains(&one.leaf)))
    }

    async fn packages_told(&self) -> Result<Value, DeskError> {
        let packages = self.packages().await?;
        let levels = LEVEL_NAMES.map(|(level, zh, en)| {
            let share = package::settled(&packages, level..=level);
            json!({ "level": level, "zh": zh, "en": en, "settled": told(share) })
        });
        let below = package::settled(&packages, 2..=*LEVELS.end());
        Ok(json!({ "levels": levels, "below_province": told(below) }))
    }

    async fn backlog_told(&self) -> Result<Value, DeskError> {
        let mut items = Vec::new();
        for one in self.archive.listed(Roll::Backlog, None).await? {
            let ended_on = match one.case {
                Some(case) => self.ended_on(case).await?,
                None => None,
            };
            items.push(Item { listed_on: one.recorded_on, ended_on });
        }
        let today = day_of(self.archive.clock().now());
        let months = backlog::burn_down(&items, today).into_iter().map(|month| {
            let (year, of_year) = month.month;
            json!({ "month": format!("{year}-{of_year:02}"), "ended": month.ended, "left": month.left })
        });
        Ok(
            json!({ "settled": told(backlog::settled(&items)), "months": months.collect::<Vec<_>>() }),
        )
    }

    /// The day on which a case came to its end, as its last step says; `None` while it is open.
    async fn ended_on(&self, case: CaseId) -> Result<Option<Date>, DeskError> {
        let Some(case) = self.archive.case(case).await? else { return Ok(None) };
        let Some(thread) = case.leading().filter(|thread| thread.state().is_final()) else {
            return Ok(None);
        };
        let last = thread.steps().last().and_then(|leaf| case.facts().get(leaf));
        Ok(last.map(|fact| day_of(fact.header().recorded_at)))
    }
}

fn told(share: Share) -> Value {
    json!({ "of": share.of, "all": share.all, "share": share.to_string() })
}
