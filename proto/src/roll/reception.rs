//! Days on which leaders receive visitors (领导接访; R2005 10, R2022 18), who has booked, and windows at a hall.
//!
//! A booking is of a case and takes a seat; nobody is listed by name. A visitor with a matter for the courts is called at
//! a window for such matters or at a joint one, and at no other (诉访分离).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Listed;
use crate::digest::Digest;
use crate::division::DivisionCode;
use crate::entry::Content;
use crate::entry::header::date_of;
use crate::wire;

/// A day that was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception {
    /// The announcement.
    pub leaf: Digest,
    /// The office.
    pub office: DivisionCode,
    /// Who receives.
    pub leader: wire::Leader,
    /// The day.
    pub held_on: Date,
    /// Where.
    pub place: String,
    /// How many cases can be heard.
    pub seats: u32,
    /// How many are booked.
    pub booked: u32,
}

/// The days, the earliest first. A booking by another office than announced the day takes a seat as well.
#[must_use]
pub fn receptions(listed: &[Listed]) -> Vec<Reception> {
    let mut days: BTreeMap<Digest, Reception> = BTreeMap::new();
    for one in listed {
        if let Content::ReceptionAnnounced(said) = &one.content
            && let Ok(held_on) = date_of(said.held_on)
        {
            let reception = Reception {
                leaf: one.leaf,
                office: one.office,
                leader: said.leader.clone().unwrap_or_default(),
                held_on,
                place: said.place.clone(),
                seats: said.seats,
                booked: 0,
            };
            days.insert(one.leaf, reception);
        }
    }
    for one in listed {
        if let Content::ReceptionBooked(said) = &one.content
            && let Some(day) = Digest::read(&said.reception).and_then(|leaf| days.get_mut(&leaf))
        {
            day.booked += 1;
        }
    }
    let mut days: Vec<Reception> = days.into_values().collect();
    days.sort_by_key(|day| (day.held_on, day.leaf));
    days
}

/// What a visitor comes with, or a window is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Petitions (信访).
    Petition,
    /// Matters for the courts, procuratorates, police and justice (涉法涉诉).
    LawRelated,
    /// Both, by several organs together (联合接访).
    Joint,
}

impl Window {
    /// The window of a number on the wire.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        [(1, Self::Petition), (2, Self::LawRelated), (3, Self::Joint)]
            .into_iter()
            .find(|row| row.0 == number)
            .map(|row| row.1)
    }

    /// Whether somebody with a ticket of a sort can be called here.
    #[must_use]
    pub fn may_call(self, ticket: Self) -> bool {
        self == Self::Joint || self == ticket
    }
}

/// A ticket of a hall's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The entry that drew it.
    pub leaf: Digest,
    /// Its number on that day.
    pub number: u32,
    /// What the visitor comes with.
    pub sort: Window,
    /// The day.
    pub drawn_on: Date,
    /// Whether it was called.
    pub called: bool,
    /// Whether nothing is to be registered for it: nobody came, or a report was handed in under seal.
    pub ended: bool,
    /// Whether an intake names it.
    pub registered: bool,
}

/// The queue of one office's hall, out of its entries one by one.
#[derive(Debug, Clone, Default)]
pub struct Hall {
    tickets: Vec<Ticket>,
    places: BTreeMap<Digest, usize>,
}

impl Hall {
    /// Takes an entry of the office, in the order of its journal; one that is about no ticket changes nothing.
    pub fn take(&mut self, leaf: Digest, recorded_on: Date, content: &Content) {
        if let Content::TicketDrawn(said) = content
            && let Some(sort) = Window::from_number(said.sort)
        {
            let (number, drawn_on) = (said.number, recorded_on);
            let (called, ended, registered) = (false, false, false);
            let ticket = Ticket { leaf, number, sort, drawn_on, called, ended, registered };
            self.places.insert(leaf, self.tickets.len());
            self.tickets.push(ticket);
        } else if let Content::TicketCalled(said) = content
            && let Some(ticket) = self.ticket(&said.ticket)
        {
            ticket.called = true;
            ticket.ended |= said.outcome != 0;
        } else if let Content::IntakeRegistered(said) = content
            && let Some(ticket) = self.ticket(&said.ticket)
        {
            ticket.registered = true;
        }
    }

    fn ticket(&mut self, leaf: &[u8]) -> Option<&mut Ticket> {
        let place = *self.places.get(&Digest::read(leaf)?)?;
        self.tickets.get_mut(place)
    }

    /// The tickets, in the order in which they were drawn.
    #[must_use]
    pub fn tickets(self) -> Vec<Ticket> {
        self.tickets
    }
}

/// The tickets of one office, in the order in which they were drawn. Whether an intake names one is not on their roll.
#[must_use]
pub fn tickets(listed: &[Listed]) -> Vec<Ticket> {
    let mut hall = Hall::default();
    for one in listed {
        hall.take(one.leaf, one.recorded_on, &one.content);
    }
    hall.tickets()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fixture B3: a law-related ticket is called at a law-related or joint window, and at no other.
    #[test]
    fn a_matter_for_the_courts_is_called_at_a_window_for_it() {
        assert!(!Window::Petition.may_call(Window::LawRelated));
        assert!(Window::LawRelated.may_call(Window::LawRelated));
        assert!(Window::Joint.may_call(Window::LawRelated));
        assert!(Window::Joint.may_call(Window::Petition));
        assert!(!Window::LawRelated.may_call(Window::Petition));
        assert_eq!(Window::from_number(9), None);
    }
}
