//! Officers who are absent or leave (代行与交接).
//!
//! A deputy acts in their own name, on behalf of somebody, for days that were entered first. Whoever leaves hands their
//! whole desk over by one entry: every open case whose last step here was theirs is then on the successor's desk, and
//! nothing of it is entered case by case.
//!
//! A desk is worked out from entries when it is asked for, and kept nowhere.

use std::collections::BTreeMap;

use jiff::civil::Date;
use terrace_proto::case::{Case, standing::day_of};
use terrace_proto::entry::Content;
use terrace_proto::entry::header::{Hand, date_of};
use terrace_proto::roll::Roll;
use terrace_proto::wire;

use super::sealed::store;
use super::{Desk, DeskError};
use crate::store::{CaseRecord, Wanted};

/// Cases looked through at once.
const PAGE: u32 = 500;

/// Who acts for whom at an office, and whose desk is whose.
#[derive(Debug, Clone, Default)]
pub struct Staff {
    deputies: Vec<wire::Deputised>,
    successors: BTreeMap<String, String>,
}

impl Staff {
    /// Out of an office's own entries, the oldest first.
    fn of(contents: impl Iterator<Item = Content>) -> Self {
        let mut staff = Self::default();
        for content in contents {
            if let Content::Deputised(said) = content {
                staff.deputies.push(said);
            } else if let Content::DeskHandedOver(said) = content {
                // Whoever is handed a desk is here, also after having left once.
                staff.successors.remove(&said.successor);
                staff.successors.insert(said.officer, said.successor);
            }
        }
        staff
    }

    /// Whose desk an officer's is now.
    #[must_use]
    pub fn desk_of<'a>(&'a self, officer: &'a str) -> &'a str {
        let mut at = officer;
        while let Some(next) = self.successors.get(at) {
            at = next;
        }
        at
    }

    fn is_deputy(&self, deputy: &str, officer: &str, today: Date) -> bool {
        let covers = |said: &wire::Deputised| {
            let day = |days| date_of(days).ok();
            day(said.from_on).is_some_and(|from| from <= today)
                && day(said.until_on).is_some_and(|until| today <= until)
        };
        self.deputies
            .iter()
            .any(|said| said.deputy == deputy && said.officer == officer && covers(said))
    }
}

impl Desk<'_> {
    /// Who acts for whom here.
    pub async fn staff(&self) -> Result<Staff, DeskError> {
        let me = self.archive.identity().me.author;
        let entries = self.archive.whole_roll(Roll::Deputies, Some(me)).await?;
        Ok(Staff::of(entries.into_iter().filter_map(|one| one.content)))
    }

    /// Whether an officer may act, and on behalf of whom they say.
    ///
    /// # Errors
    ///
    /// [`DeskError::Left`] for whoever has handed their desk over, [`DeskError::NotDeputy`].
    pub(super) async fn acting(&self, hand: &Hand) -> Result<(), DeskError> {
        if hand.officer.is_empty() && hand.on_behalf_of.is_empty() {
            return Ok(());
        }
        let staff = self.staff().await?;
        if let Some(successor) = staff.successors.get(&hand.officer) {
            let (officer, successor) = (hand.officer.clone(), successor.clone());
            return Err(DeskError::Left { officer, successor });
        }
        let today = day_of(self.archive.clock().now());
        let absent = &hand.on_behalf_of;
        if absent.is_empty() || staff.is_deputy(&hand.officer, absent, today) {
            return Ok(());
        }
        Err(DeskError::NotDeputy { deputy: hand.officer.clone(), officer: absent.clone() })
    }

    /// The open cases on an officer's desk, those due first before the others.
    pub async fn desk_of(&self, officer: &str) -> Result<Vec<CaseRecord>, DeskError> {
        let (staff, me) = (self.staff().await?, self.archive.identity().me.author);
        let wanted = Wanted { holder: Some(me), open: Some(true), ..Wanted::default() };
        let (mut found, mut before) = (Vec::new(), u64::MAX);
        loop {
            let page =
                self.archive.store().cases_wanted(&wanted, before, PAGE).await.map_err(store)?;
            let Some(last) = page.last() else { break };
            before = last.row;
            for record in page {
                let case = self.archive.read(&record)?;
                if last_officer(&case).is_some_and(|last| staff.desk_of(&last) == officer) {
                    found.push(record);
                }
            }
        }
        found.sort_by_key(|record| (record.due_on.unwrap_or(i32::MAX), record.row));
        Ok(found)
    }

    /// Whether an entry about the staff is whole.
    pub(super) async fn keeps_staff(&self, content: &Content) -> Result<(), DeskError> {
        let two = |one: &str, other: &str| {
            !one.trim().is_empty() && !other.trim().is_empty() && one != other
        };
        let today = day_of(self.archive.clock().now());
        if let Content::Deputised(said) = content {
            let until = date_of(said.until_on).ok().filter(|until| *until >= today);
            let days = until.zip(date_of(said.from_on).ok());
            if !two(&said.officer, &said.deputy) || days.is_none_or(|(until, from)| until < from) {
                return Err(DeskError::Entered(
                    "name two officers, and days of which the last is not over",
                ));
            }
        }
        if let Content::DeskHandedOver(said) = content {
            if !two(&said.officer, &said.successor) || said.reason.trim().is_empty() {
                return Err(DeskError::Entered("name two officers, and say why"));
            }
            let staff = self.staff().await?;
            if staff.successors.contains_key(&said.officer) {
                return Err(DeskError::Entered("that officer's desk was handed over before"));
            }
        }
        Ok(())
    }
}

/// Whoever took the last step of the leading thread at the office that holds it, or for whom they took it.
fn last_officer(case: &Case) -> Option<String> {
    let thread = case.leading()?;
    let steps = thread.steps().iter().rev().filter_map(|leaf| case.facts().get(leaf));
    let mut here = steps.filter(|fact| fact.header().journal.author == thread.holder().division);
    let hand = &here.next()?.header().hand;
    let absent = Some(&hand.on_behalf_of).filter(|officer| !officer.is_empty());
    Some(absent.unwrap_or(&hand.officer).clone()).filter(|officer| !officer.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(officer: &str, successor: &str) -> Content {
        Content::DeskHandedOver(wire::DeskHandedOver {
            officer: officer.into(),
            successor: successor.into(),
            reason: "调离".into(),
        })
    }

    #[test]
    fn a_desk_goes_from_hand_to_hand_and_comes_back() {
        let staff = Staff::of([over("1", "2"), over("2", "3")].into_iter());
        assert_eq!((staff.desk_of("1"), staff.desk_of("4")), ("3", "4"));
        let back = Staff::of([over("1", "2"), over("2", "1")].into_iter());
        assert_eq!((back.desk_of("1"), back.desk_of("2")), ("1", "1"));
    }
}
