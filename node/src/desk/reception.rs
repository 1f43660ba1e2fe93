//! Leaders' reception days, what leaders instruct, and the tickets of a hall (接访、批示、叫号).

use terrace_proto::case::{Guard, standing::day_of};
use terrace_proto::digest::Digest;
use terrace_proto::entry::Content;
use terrace_proto::entry::channel::channel;
use terrace_proto::entry::header::date_of;
use terrace_proto::roll::Roll;
use terrace_proto::roll::reception::{self, Reception, Ticket, Window};
use terrace_proto::wire;

use super::beside::{named, worded};
use super::matter::{Matter, refused};
use super::package::{ahead, leader};
use super::{Desk, DeskError, Registration};

/// Most cases that one day can hear.
const SEATS: u32 = 500;

impl Desk<'_> {
    /// The days that were announced here, above and below.
    pub async fn receptions(&self) -> Result<Vec<Reception>, DeskError> {
        Ok(reception::receptions(&self.archive.listed(Roll::Receptions, None).await?))
    }

    /// The tickets of this office's hall.
    pub async fn tickets(&self) -> Result<Vec<Ticket>, DeskError> {
        let me = self.archive.identity().me.author;
        Ok(reception::tickets(&self.archive.listed(Roll::Tickets, Some(me)).await?))
    }

    /// How each of these intakes came: by a channel that there is, with a ticket of this hall, on an announced day. What
    /// it does not say is left open.
    pub(super) async fn came(&self, registrations: &[Registration]) -> Result<(), DeskError> {
        let intakes = || registrations.iter().map(|one| &one.intake);
        let mut said = intakes().map(|intake| intake.channel.as_str());
        if let Some(code) = said.find(|code| !code.is_empty() && channel(code).is_none()) {
            return Err(DeskError::Channel(code.to_owned()));
        }
        if intakes().any(|intake| !intake.ticket.is_empty()) {
            let known = self.tickets().await?;
            let mut named = intakes().filter(|intake| !intake.ticket.is_empty());
            let drawn = |leaf: &[u8]| known.iter().any(|one| Digest::read(leaf) == Some(one.leaf));
            if !named.all(|intake| drawn(&intake.ticket)) {
                return Err(DeskError::Entered("no such ticket was drawn in this hall"));
            }
        }
        if intakes().any(|intake| !intake.reception.is_empty()) {
            let known = self.receptions().await?;
            let mut named = intakes().filter(|intake| !intake.reception.is_empty());
            let told = |leaf: &[u8]| known.iter().any(|one| Digest::read(leaf) == Some(one.leaf));
            if !named.all(|intake| told(&intake.reception)) {
                return Err(DeskError::Entered("no such day of reception was announced"));
            }
        }
        Ok(())
    }

    /// A day is announced before it comes, with leader, place and seats (R2005 10).
    pub(super) fn announces(&self, said: &wire::ReceptionAnnounced) -> Result<(), DeskError> {
        let today = day_of(self.archive.clock().now());
        leader(said.leader.as_ref())?;
        let comes = date_of(said.held_on).is_ok_and(|day| day >= today);
        let whole = !said.place.trim().is_empty() && (1..=SEATS).contains(&said.seats);
        if !comes || !whole || !(1..=5).contains(&said.form) {
            let why = "a reception has a day that is not over, a place, 1 to 500 seats and a form from 1 to 5";
            return Err(DeskError::Entered(why));
        }
        Ok(())
    }

    /// A ticket gets the next number of the day.
    pub(super) async fn draws(
        &self,
        mut said: wire::TicketDrawn,
    ) -> Result<wire::TicketDrawn, DeskError> {
        if !matches!(Window::from_number(said.sort), Some(Window::Petition | Window::LawRelated)) {
            return Err(DeskError::Entered(
                "a ticket is for a petition (1) or a law-related matter (2)",
            ));
        }
        let today = day_of(self.archive.clock().now());
        let tickets = self.tickets().await?;
        let of_today = tickets.iter().filter(|ticket| ticket.drawn_on == today);
        said.number = of_today.map(|ticket| ticket.number).max().unwrap_or(0) + 1;
        Ok(said)
    }

    /// A ticket is called once, at a window that is for it.
    pub(super) async fn calls(&self, said: &wire::TicketCalled) -> Result<(), DeskError> {
        let leaf = Digest::read(&said.ticket);
        let ticket = self.tickets().await?.into_iter().find(|ticket| Some(ticket.leaf) == leaf);
        if said.outcome > 2 {
            return Err(DeskError::Entered(
                "a call is for hearing (0), or ends with nobody coming (1) or a sealed report (2)",
            ));
        }
        let again = said.outcome != 0;
        let waits = |ticket: &Ticket| !ticket.ended && (again || !ticket.called);
        let Some(ticket) = ticket.filter(waits) else {
            return Err(DeskError::Entered("no such ticket waits here"));
        };
        let Some(window) = Window::from_number(said.sort) else {
            return Err(DeskError::Entered(
                "a window is for petitions (1), law-related matters (2), or joint (3)",
            ));
        };
        if !window.may_call(ticket.sort) {
            return Err(DeskError::Entered(
                "a law-related matter is heard at a law-related or a joint window, a petition at one for petitions or a joint one",
            ));
        }
        if said.window.trim().is_empty() {
            return Err(DeskError::Entered("name the window"));
        }
        Ok(())
    }

    /// A case is booked once, while there are seats and the day is not over.
    pub(super) async fn bookable(
        &self,
        matter: &Matter<'_>,
        said: &wire::ReceptionBooked,
    ) -> Result<(), DeskError> {
        let no = |why: &str| Err(refused(Guard::Words, why));
        let leaf = Digest::read(&said.reception);
        let day = self.receptions().await?.into_iter().find(|day| Some(day.leaf) == leaf);
        let Some(day) = day else { return no("no such reception was announced") };
        if day.held_on < matter.today {
            return no("that day is over");
        }
        if day.booked >= day.seats {
            return no("no seat is left on that day");
        }
        let again = self.archive.listed(Roll::Receptions, None).await?.iter().any(|one| {
            one.case == Some(matter.case.id())
                && matches!(&one.content, Content::ReceptionBooked(before)
                    if before.reception == said.reception)
        });
        if again {
            return no("this case is booked for that day");
        }
        Ok(())
    }

    /// A leader's instruction names the leader, how it came to it, and what is to be done.
    pub(super) async fn instructed(
        &self,
        matter: &Matter<'_>,
        said: &wire::Instructed,
    ) -> Result<(), DeskError> {
        leader(said.leader.as_ref())?;
        named(said.form, 3)?;
        worded(&said.words)?;
        if let Some(due) = said.due_on {
            ahead(due, matter.today)?;
        }
        if said.reception.is_empty() {
            return Ok(());
        }
        let leaf = Digest::read(&said.reception);
        let known = self.receptions().await?.into_iter().any(|day| Some(day.leaf) == leaf);
        if known { Ok(()) } else { Err(refused(Guard::Words, "no such reception was announced")) }
    }
}
