//! An inspection (巡查): one read of an office by an auditor, with a certificate that a superior has issued.
//!
//! The office that is read writes it into its own journal before it answers. So nobody reads in silence, and the
//! superior, to whom journals climb, sees which of its certificates was used where and for what.
//!
//! It never repeats a word of a case: what was asked for is kept as places, ids and numbers.

use jiff::Timestamp;

use crate::case::CaseNumber;
use crate::digest::{CaseId, Digest, Epoch};
use crate::division::DivisionCode;
use crate::entry::{Content, EntryId, JournalId};
use crate::wire::{self, CaseState};

/// One read of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// What the auditor is called in the certificate.
    pub auditor: String,
    /// SHA-256 of the certificate in DER.
    pub certificate: Digest,
    /// The superior that issued it.
    pub issuer: DivisionCode,
    /// Until when it is good.
    pub until: Timestamp,
    /// What was asked for.
    pub sought: Sought,
}

/// What was asked for, by the calls of `ReadService`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// The office and the head of its journal.
    Office,
    /// A page of cases.
    Cases {
        /// Behind which row.
        after: u64,
        /// How many rows at most.
        limit: u64,
        /// Only those held by this division.
        holder: Option<DivisionCode>,
        /// Only those in one of these states; empty for any.
        states: Vec<CaseState>,
    },
    /// One case.
    Case(CaseName),
    /// The list of journals.
    Journals,
    /// Entries of one journal.
    Entries {
        /// The first.
        from: EntryId,
        /// How many at most; 0 for all there are.
        limit: u64,
    },
    /// One entry with its proof.
    Proof(EntryId),
    /// The links with the neighbours.
    Neighbours,
    /// The auditor's file.
    Export,
}

/// How a case is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseName {
    /// By its id.
    Id(CaseId),
    /// By its readable number.
    Number(CaseNumber),
}

/// Number on the wire, Chinese, English.
type Row = (u32, &'static str, &'static str);

impl Sought {
    /// What it is, in Chinese.
    #[must_use]
    pub fn zh(&self) -> &'static str {
        self.row().1
    }

    /// What it is, in English.
    #[must_use]
    pub fn en(&self) -> &'static str {
        self.row().2
    }

    fn row(&self) -> Row {
        match self {
            Self::Office => (1, "单位概况", "the office"),
            Self::Cases { .. } => (2, "事项列表", "the list of cases"),
            Self::Case(_) => (3, "一件信访事项", "one case"),
            Self::Journals => (4, "记录簿目录", "the list of journals"),
            Self::Entries { .. } => (5, "条目", "entries"),
            Self::Proof(_) => (6, "包含证明", "the proof of an entry"),
            Self::Neighbours => (7, "上下级往来", "the neighbours"),
            Self::Export => (8, "审计导出", "the export"),
        }
    }

    fn read(wire: &wire::Inspected) -> Option<Self> {
        let place = || {
            let author = DivisionCode::from_number(wire.author).ok()?;
            let journal = JournalId { author, epoch: Epoch::read(&wire.epoch)? };
            Some(EntryId { journal, sequence: wire.sequence })
        };
        Some(match wire.call {
            1 => Self::Office,
            2 => Self::Cases {
                after: wire.after,
                limit: wire.limit,
                holder: wire.holder.map(DivisionCode::from_number).transpose().ok()?,
                states: wire
                    .states
                    .iter()
                    .map(|state| known_state(*state))
                    .collect::<Option<_>>()?,
            },
            3 if wire.case_id.is_empty() => {
                Self::Case(CaseName::Number(wire.case_number.parse().ok()?))
            }
            3 => Self::Case(CaseName::Id(CaseId::read(&wire.case_id)?)),
            4 => Self::Journals,
            5 => Self::Entries { from: place()?, limit: wire.limit },
            6 => Self::Proof(place()?),
            7 => Self::Neighbours,
            8 => Self::Export,
            _ => return None,
        })
    }
}

impl Inspection {
    /// As it stands in an entry.
    #[must_use]
    pub fn content(&self) -> Content {
        let mut wire = wire::Inspected {
            auditor: self.auditor.clone(),
            certificate: self.certificate.0.to_vec(),
            issuer: self.issuer.number(),
            until: self.until.as_millisecond(),
            call: self.sought.row().0,
            ..wire::Inspected::default()
        };
        match &self.sought {
            Sought::Cases { after, limit, holder, states } => {
                (wire.after, wire.limit) = (*after, *limit);
                wire.holder = holder.map(DivisionCode::number);
                wire.states = states.iter().map(|state| *state as u32).collect();
            }
            Sought::Case(CaseName::Id(id)) => wire.case_id = id.0.to_vec(),
            Sought::Case(CaseName::Number(number)) => wire.case_number = number.to_string(),
            Sought::Entries { from: place, limit } => {
                name_place(&mut wire, *place);
                wire.limit = *limit;
            }
            Sought::Proof(place) => name_place(&mut wire, *place),
            Sought::Office | Sought::Journals | Sought::Neighbours | Sought::Export => {}
        }
        Content::Inspected(wire)
    }

    /// Reads one out of an entry; `None` when a field does not have its form, or the call is of a later version.
    #[must_use]
    pub fn read(wire: &wire::Inspected) -> Option<Self> {
        Some(Self {
            auditor: wire.auditor.clone(),
            certificate: Digest::read(&wire.certificate)?,
            issuer: DivisionCode::from_number(wire.issuer).ok()?,
            until: Timestamp::from_millisecond(wire.until).ok()?,
            sought: Sought::read(wire)?,
        })
    }
}

fn name_place(wire: &mut wire::Inspected, place: EntryId) {
    wire.author = place.journal.author.number();
    wire.epoch = place.journal.epoch.0.to_vec();
    wire.sequence = place.sequence;
}

fn known_state(number: u32) -> Option<CaseState> {
    CaseState::try_from(i32::try_from(number).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspection(sought: Sought) -> Inspection {
        Inspection {
            auditor: "省审计组".into(),
            certificate: Digest([7; 32]),
            issuer: "41".parse().unwrap(),
            until: Timestamp::from_millisecond(1_790_000_000_123).unwrap(),
            sought,
        }
    }

    fn written(said: &Inspection) -> wire::Inspected {
        let Content::Inspected(wire) = said.content() else { panic!("another content") };
        wire
    }

    #[test]
    fn whatever_was_asked_for_reads_back() {
        let journal = JournalId { author: "410221".parse().unwrap(), epoch: Epoch([3; 16]) };
        let place = EntryId { journal, sequence: 17 };
        let number = CaseNumber::new(journal.author, 2026, 58_213, 17).unwrap();
        let states = vec![CaseState::Accepted, CaseState::Closed];
        let holder = "4102".parse().ok();
        for sought in [
            Sought::Office,
            Sought::Cases { after: 0, limit: 100, holder: None, states: Vec::new() },
            Sought::Cases { after: 9, limit: 20, holder, states },
            Sought::Case(CaseName::Id(CaseId([5; 16]))),
            Sought::Case(CaseName::Number(number)),
            Sought::Journals,
            Sought::Entries { from: place, limit: 0 },
            Sought::Proof(place),
            Sought::Neighbours,
            Sought::Export,
        ] {
            let said = inspection(sought);
            assert_eq!(Inspection::read(&written(&said)), Some(said));
        }
    }

    #[test]
    fn a_call_of_a_later_version_or_a_field_of_another_form_is_not_read() {
        let good = written(&inspection(Sought::Export));
        assert!(Inspection::read(&good).is_some());
        let bad = [
            wire::Inspected { call: 9, ..good.clone() },
            wire::Inspected { call: 0, ..good.clone() },
            wire::Inspected { certificate: vec![7; 31], ..good.clone() },
            wire::Inspected { call: 5, epoch: vec![1; 15], ..good.clone() },
            wire::Inspected { call: 2, states: vec![99], ..good.clone() },
            wire::Inspected { call: 3, case_number: "路灯".into(), ..good },
        ];
        for wire in bad {
            assert_eq!(Inspection::read(&wire), None, "{wire:?}");
        }
    }
}
