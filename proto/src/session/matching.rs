//! Whether two cases are of one petitioner: a subordinate asks, its superior answers yes or no.
//!
//! Two rounds for each batch. The subordinate sends fields of the identities, blinded; the superior answers with its
//! key to as many as it lets be asked in a day. Unblinded they are marks; the superior compares them with the marks of
//! other cases and says of each case whether it is the same as one before. What is not answered is asked again later.
//!
//! It never sees an identity, a key or a mark's meaning, and never says which case is the same.

use jiff::{SignedDuration, Timestamp};

use super::{Effect, Phase, Session, Side};
use crate::digest::CaseId;
use crate::seal::Mark;
use crate::seal::matching::ELEMENT_LENGTH;
use crate::wire::{self, RefusalReason, frame::Say};

/// Most cases in one question.
pub const QUESTIONS: u32 = 256;
/// Most fields of one case: id number and telephone of the petitioner and of further representatives.
pub const FIELDS: usize = 16;
/// How long one that was put off waits before it asks again.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(1);

/// Fields of one case on their way: blinded, answered to, or marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields<T> {
    /// The case.
    pub case: CaseId,
    /// The fields, in the order they were blinded in.
    pub fields: Vec<T>,
}

/// A blinded field, or what was answered to it.
pub type Element = [u8; ELEMENT_LENGTH];

/// What an answering key of this generation made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Under<T> {
    /// The generation of the superior's key: marks of two generations cannot be compared.
    pub generation: u32,
    /// What was made with it.
    pub cases: Vec<Fields<T>>,
}

/// "Is there a case of the same petitioner before this one?"
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The case that was asked about.
    pub case: CaseId,
    /// Yes or no.
    pub same: bool,
}

/// What the shell must do; answer each with the [`Step`] of the same name through [`Session::handle_step`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Blind the fields of at most so many cases that are to be asked about.
    Ask {
        /// At most so many.
        limit: u32,
    },
    /// Answer to blinded fields with this office's key, as far as the day's measure reaches, and put it on record.
    Evaluate(Vec<Fields<Element>>),
    /// Unblind what was answered.
    Unblind(Under<Element>),
    /// Keep marks and compare them with those of other cases.
    Compare(Under<Mark>),
    /// Keep answers.
    Keep(Vec<Answer>),
}

/// A [`Task`] is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Fields to be asked about; none when nothing is.
    Ask(Vec<Fields<Element>>),
    /// What was answered to them; not every case need be there.
    Evaluate(Under<Element>),
    /// The marks.
    Unblind(Under<Mark>),
    /// Yes or no.
    Compare(Vec<Answer>),
    /// The answers are kept.
    Keep,
}

/// The state of this half of a conversation.
#[derive(Debug, Default)]
pub(super) struct Matching {
    under_way: bool,
    /// There may be something to ask since the last look.
    again: bool,
    /// When one that was put off asks again.
    pub(super) due: Option<Timestamp>,
}

impl Session {
    /// There may be cases to be asked about.
    pub(super) fn questions_may_be_due(&mut self) {
        if self.phase != Phase::Talking || self.side != Side::Subordinate {
            return;
        }
        if self.matching.under_way {
            self.matching.again = true;
        } else if self.matching.due.is_none() {
            self.matching.under_way = true;
            self.effects.push_back(Effect::Match(Task::Ask { limit: QUESTIONS }));
        }
    }

    /// Whoever was put off may ask again at this hour.
    pub(super) fn look_for_questions(&mut self, now: Timestamp) {
        if self.matching.due.is_some_and(|due| due <= now) {
            self.matching.due = None;
            self.questions_may_be_due();
        }
    }

    /// What the shell was asked to do is done.
    pub fn handle_step(&mut self, now: Timestamp, step: Step) {
        if self.phase == Phase::Closed {
            return;
        }
        match step {
            Step::Ask(cases) if cases.is_empty() => self.nothing_to_ask(),
            Step::Ask(cases) => {
                self.send(Say::SameCaseAsked(wire::SameCaseAsked { cases: written(cases) }));
            }
            Step::Evaluate(Under { generation, cases }) => {
                let cases = written(cases);
                self.send(Say::SameCaseEvaluated(wire::SameCaseEvaluated { generation, cases }));
            }
            Step::Unblind(marks) if marks.cases.is_empty() => self.put_off(now),
            Step::Unblind(Under { generation, cases }) => {
                let bytes = |one: Fields<Mark>| Fields {
                    case: one.case,
                    fields: one.fields.iter().map(|mark| *mark.bytes()).collect(),
                };
                let cases = written(cases.into_iter().map(bytes).collect());
                self.send(Say::SameCaseMarked(wire::SameCaseMarked { generation, cases }));
            }
            Step::Compare(answers) => {
                let answers = answers.iter().map(|one| wire::SameCaseAnswer {
                    case_id: one.case.0.to_vec(),
                    same: one.same,
                });
                let answers = answers.collect();
                self.send(Say::SameCaseAnswered(wire::SameCaseAnswered { answers }));
            }
            Step::Keep => {
                self.matching.under_way = false;
                self.questions_may_be_due();
            }
        }
    }

    fn put_off(&mut self, now: Timestamp) {
        self.matching = Matching { due: Some(now + PUT_OFF), ..Matching::default() };
    }

    fn nothing_to_ask(&mut self) {
        self.matching.under_way = false;
        if std::mem::take(&mut self.matching.again) {
            self.questions_may_be_due();
        }
    }

    /// A subordinate asks.
    pub(super) fn same_case_asked(&mut self, asked: &wire::SameCaseAsked) {
        if self.side != Side::Superior {
            self.refuse(RefusalReason::Order, "a superior does not ask its subordinate".into());
            return;
        }
        match read(&asked.cases, |bytes| bytes.try_into().ok()) {
            Some(cases) => self.effects.push_back(Effect::Match(Task::Evaluate(cases))),
            None => self.refuse_fields(),
        }
    }

    /// The superior has answered to blinded fields.
    pub(super) fn same_case_evaluated(&mut self, said: &wire::SameCaseEvaluated) {
        if !self.matching.under_way {
            self.refuse(RefusalReason::Order, "answers to what was not asked".into());
            return;
        }
        let generation = said.generation;
        match read(&said.cases, |bytes| bytes.try_into().ok()) {
            Some(cases) => {
                let task = Task::Unblind(Under { generation, cases });
                self.effects.push_back(Effect::Match(task));
            }
            None => self.refuse_fields(),
        }
    }

    /// A subordinate brings marks.
    pub(super) fn same_case_marked(&mut self, said: &wire::SameCaseMarked) {
        if self.side != Side::Superior {
            self.refuse(RefusalReason::Order, "a superior brings no marks".into());
            return;
        }
        let generation = said.generation;
        match read(&said.cases, Mark::read) {
            Some(cases) => {
                let task = Task::Compare(Under { generation, cases });
                self.effects.push_back(Effect::Match(task));
            }
            None => self.refuse_fields(),
        }
    }

    /// The superior says yes or no. Where it says nothing, asking again at once would end the same.
    pub(super) fn same_case_answered(&mut self, now: Timestamp, said: &wire::SameCaseAnswered) {
        if !self.matching.under_way {
            self.refuse(RefusalReason::Order, "answers to what was not asked".into());
            return;
        }
        let answer = |one: &wire::SameCaseAnswer| {
            CaseId::read(&one.case_id).map(|case| Answer { case, same: one.same })
        };
        let answers: Option<Vec<Answer>> = said.answers.iter().map(answer).collect();
        match answers.filter(|answers| answers.len() <= QUESTIONS as usize) {
            Some(answers) if answers.is_empty() => self.put_off(now),
            Some(answers) => self.effects.push_back(Effect::Match(Task::Keep(answers))),
            None => self.refuse_fields(),
        }
    }

    fn refuse_fields(&mut self) {
        self.refuse(RefusalReason::Form, "questions about cases that no one asks".into());
    }
}

fn written(cases: Vec<Fields<Element>>) -> Vec<wire::SameCaseFields> {
    let bytes = |one: Fields<Element>| wire::SameCaseFields {
        case_id: one.case.0.to_vec(),
        fields: one.fields.iter().map(|field| field.to_vec()).collect(),
    };
    cases.into_iter().map(bytes).collect()
}

/// Fields as they are allowed to be; none if one case, or all of them together, say more or something else.
fn read<T>(
    said: &[wire::SameCaseFields],
    field: impl Fn(&[u8]) -> Option<T>,
) -> Option<Vec<Fields<T>>> {
    if said.len() > QUESTIONS as usize || said.iter().any(|one| one.fields.len() > FIELDS) {
        return None;
    }
    let one = |said: &wire::SameCaseFields| {
        let case = CaseId::read(&said.case_id)?;
        let fields = said.fields.iter().map(|bytes| field(bytes)).collect::<Option<_>>()?;
        Some(Fields { case, fields })
    };
    said.iter().map(one).collect()
}
