//! The desk: where an officer's command becomes a lawful entry.
//!
//! Each command reads the case as it is held here, asks the table of steps and the custody of the thread,
//! and writes an entry through the archive. It touches the local database only: no officer waits for the
//! network. Law is judged here and nowhere else; replication judges form.

mod act;
mod aftercare;
mod beside;
mod completion;
mod crossing;
mod error;
mod gate;
mod guards;
mod linking;
pub mod lookup;
mod matter;
mod meaning;
pub mod numbering;
mod opening;
mod organ;
mod package;
mod panel;
mod past;
pub mod petitioner;
mod publicity;
mod rating;
mod reception;
mod recusal;
pub mod report;
mod representation;
mod request;
mod rolled;
pub mod sealed;
pub mod service;
pub mod staff;
mod step;
mod training;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use terrace_proto::case::fact::Pin;
use terrace_proto::case::number::NumberError;
use terrace_proto::case::terms::is_receivable;
use terrace_proto::case::{Case, CaseNumber, Terms, standing::day_of};
use terrace_proto::digest::{CaseId, Digest, ThreadId};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::{Hand, Place};
use terrace_proto::entry::{Content, Entry, Holder, Kind, body};
use terrace_proto::key::Signer;
use terrace_proto::seal::{Identity, SealedPart};
use terrace_proto::wire;

pub use act::BESIDE;
pub use error::DeskError;
pub use numbering::Numbering;
use petitioner::{CODE_BYTES, Code};
use step::unlawful;

use crate::archive::{Archive, ArchiveError, Draft, News};
use crate::surroundings::name;

/// Registrations written in one commit.
pub const REGISTER_BATCH: usize = 500;
/// Records of the past written in one commit: each is one entry, and its fold is not made.
pub const PAST_COMMIT: usize = 8 * REGISTER_BATCH;
/// Records of the past in one command of the importer: some are written out while those before are made durable.
pub const PAST_BATCH: usize = 8 * PAST_COMMIT;
/// The stage of handling (办理).
const HANDLE: u32 = 1;
/// Longest title and text taken in, in bytes.
pub const TEXT_LIMIT: usize = 512 * 1024;

/// One intake and the case it opens.
#[derive(Debug, Clone)]
pub struct Registration {
    /// What was said, and how it came.
    pub intake: wire::IntakeRegistered,
    /// When the petitioner was received, if another day.
    pub received_on: Option<Date>,
    /// For a record of the past that was done where it was kept; its intake is the one above.
    pub past: Option<Box<wire::PastTakenOver>>,
    /// Who the petitioner is: sealed as it is written.
    pub identity: Option<Identity>,
    /// Whether the petitioner is given a code, to say later what only the petitioner can.
    pub coded: bool,
}

/// A registered case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its readable number.
    pub number: String,
    /// The case.
    pub case: CaseId,
    /// Whether it had been registered before from the same source; then nothing was written.
    pub known: bool,
    /// Numbers of other cases here that the same petitioner has brought about the same place.
    pub same: Vec<String>,
    /// The petitioner's code, told once and kept nowhere; none where none was asked for.
    pub code: Option<Code>,
    /// The former number of what is held, where that is another record under the same id.
    pub other: Option<String>,
}

/// A step that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The entry, durable.
    pub entry: Entry,
    /// Who holds the thread now.
    pub holder: Option<Holder>,
    /// Who else is to hear of it.
    pub news: News,
}

/// The desk of an office.
#[derive(Debug)]
pub struct Desk<'a> {
    archive: &'a mut Archive,
    numbering: &'a mut Numbering,
}

impl<'a> Desk<'a> {
    /// A desk over an archive.
    pub fn new(archive: &'a mut Archive, numbering: &'a mut Numbering) -> Self {
        Self { archive, numbering }
    }

    /// Registers intakes, each with the case it opens (R2022 22: registering is unconditional). All or none
    /// of one batch of [`REGISTER_BATCH`] are written, and of records of the past of one of [`PAST_COMMIT`].
    pub async fn register(
        &mut self,
        hand: &Hand,
        registrations: Vec<Registration>,
    ) -> Result<(Vec<Registered>, News), DeskError> {
        if !registrations.iter().all(has_words) {
            return Err(DeskError::Words);
        }
        registrations.iter().try_for_each(past::plausible)?;
        self.may_write(hand, Kind::IntakeRegistered).await?;
        self.came(&registrations).await?;
        let today = day_of(self.archive.clock().now());
        let mut days = registrations.iter().filter_map(|registration| registration.received_on);
        if let Some(received) = days.find(|received| !is_receivable(*received, today)) {
            return Err(DeskError::ReceivedAhead { received, today });
        }
        let is_past: Vec<bool> = registrations.iter().map(|one| one.past.is_some()).collect();
        let mut past = Vec::with_capacity(is_past.iter().filter(|is_past| **is_past).count());
        let mut present = Vec::with_capacity(is_past.len() - past.capacity());
        for one in registrations {
            if one.past.is_some() { past.push(one) } else { present.push(one) }
        }
        let (past, mut news) = self.take_over(hand, past).await?;
        let mut registered = Vec::with_capacity(present.len());
        let mut rest = present.into_iter().peekable();
        while rest.peek().is_some() {
            let chunk: Vec<_> = rest.by_ref().take(REGISTER_BATCH).collect();
            let (some, said) = self.register_batch(hand, chunk).await?;
            registered.extend(some);
            news.join(said);
        }
        // In the order they were brought.
        let (mut past, mut present) = (past.into_iter(), registered.into_iter());
        let each = is_past
            .iter()
            .filter_map(|is_past| if *is_past { past.next() } else { present.next() });
        Ok((each.collect(), news))
    }

    /// Adds a note beside the thread, as anyone who holds the case may.
    pub async fn note(
        &mut self,
        case: CaseId,
        hand: &Hand,
        text: String,
    ) -> Result<Taken, DeskError> {
        self.known(case).await?;
        let content = Content::Noted(wire::Noted { text });
        self.write(Draft::plain(hand.clone(), Some(case), content), None).await
    }

    /// Settles a contested thread: `applies` shall be the entry that counts.
    pub async fn settle(
        &mut self,
        id: CaseId,
        hand: &Hand,
        applies: Digest,
        reason: String,
    ) -> Result<Taken, DeskError> {
        let case = self.known(id).await?;
        let me = self.archive.identity().me.author;
        let place = contested_place(&case, self.archive.tree(), me, applies)?;
        let content = Content::Settled(wire::Settled { reason });
        let mut draft = Draft::plain(hand.clone(), Some(id), content);
        draft.place = Some(place);
        draft.settles = Some(applies);
        self.write(draft, None).await
    }

    /// The case that a text names: a readable number, or the 32 digits of an id.
    pub async fn find(&self, text: &str) -> Result<CaseId, DeskError> {
        let text = text.trim();
        if let Ok(id) = text.parse::<CaseId>() {
            return Ok(id);
        }
        let found = self.archive.store().cases_numbered(text).await.map_err(ArchiveError::from)?;
        match found.as_slice() {
            // Only then: a former number may look like one of ours.
            [] => Err(match text.parse::<CaseNumber>() {
                Err(error @ NumberError::CheckDigit { .. }) => error.into(),
                _ => DeskError::UnknownCase(text.to_owned()),
            }),
            [one] => Ok(one.id),
            several => {
                Err(DeskError::SeveralCases { number: text.to_owned(), count: several.len() })
            }
        }
    }

    async fn register_batch(
        &mut self,
        hand: &Hand,
        registrations: Vec<Registration>,
    ) -> Result<(Vec<Registered>, News), DeskError> {
        let me = self.archive.identity().me.author;
        let threads: Vec<ThreadId> =
            registrations.iter().map(|registration| self.thread(registration)).collect();
        let ids: Vec<CaseId> = threads.iter().map(|thread| CaseId::of(me, *thread)).collect();
        let known = self.archive.store().cases(&ids).await.map_err(ArchiveError::from)?;
        let known: BTreeMap<CaseId, past::Held> =
            known.into_iter().map(|case| (case.id, past::Held::of(case))).collect();
        let fresh = ids.iter().collect::<BTreeSet<_>>().len() - known.len();
        let numbers = self.numbering.take(self.archive, fresh).await?;
        let mut given: BTreeMap<CaseId, past::Held> = BTreeMap::new();
        let mut unused = numbers.numbers.into_iter();
        let mut drafts = Vec::with_capacity(fresh * 2);
        let mut registered = Vec::with_capacity(ids.len());
        let (mut wraps, mut identified) = (Vec::new(), Vec::new());
        for ((mut registration, thread), case) in registrations.into_iter().zip(threads).zip(ids) {
            if let Some(held) = known.get(&case).or_else(|| given.get(&case)) {
                registered.push(held.known(case, &registration.intake));
                continue;
            }
            let former = past::former(&registration.intake).to_owned();
            let number =
                unused.next().expect("a number was taken for every fresh case").to_string();
            let code = registration.coded.then(|| self.code());
            if let Some(code) = &code {
                registration.intake.petitioner_key = code.public();
            }
            let mut sealed = None;
            if let Some(identity) = registration.identity.take() {
                representation::count(&mut registration.intake, &identity);
                let (part, wrap) = self.seal_identity(case, identity)?;
                sealed = Some(part);
                wraps.push(wrap);
                identified.push(case);
            }
            let opening = (registration, sealed);
            drafts.extend(self.openings(hand, (case, thread), opening, number.clone()));
            given.insert(case, past::Held { number: number.clone(), former });
            registered.push(Registered {
                number,
                case,
                known: false,
                same: Vec::new(),
                code,
                other: None,
            });
        }
        // Before the entries: a part whose key was lost could never be read.
        if !wraps.is_empty() {
            self.archive.keep(wraps).await?;
        }
        let (_, news) = self.archive.append_with(drafts, Some(numbers.block)).await?;
        let matters = self.archive.index(&identified).await?;
        for one in &mut registered {
            if let Some(matter) = matters.get(&one.case) {
                one.same = self.proposed(one.case, matter).await?;
            }
        }
        Ok((registered, news))
    }

    /// A random thread, which makes the case's id; for a record that names its source always the same one, so
    /// that it is registered once however often it is brought. The office's own secret in it keeps others from
    /// guessing it.
    fn thread(&mut self, registration: &Registration) -> ThreadId {
        let source = registration.intake.source.as_str();
        if source.is_empty() {
            return ThreadId(name(self.archive.chance()));
        }
        thread_of_source(&self.archive.identity().signer, source)
    }

    /// What the office owes from the registration on, by the rules in force on the day the petitioner was received,
    /// which are frozen with it. A record of the past starts no clock.
    fn opened(&self, hand: &Hand, registration: &Registration, number: String) -> wire::CaseOpened {
        let legacy = registration.intake.provenance.as_ref().is_some_and(|from| from.legacy);
        let today = day_of(self.archive.clock().now());
        let received = registration.received_on.unwrap_or(today);
        let me = self.archive.identity().me.author;
        let rules = self.archive.rules().in_force(me, received, self.archive.tree());
        let rule_packs = rules.digests().iter().map(|digest| digest.0.to_vec()).collect();
        let pin = Terms::of(rules).at_opening(&hand.organ, received).filter(|_| !legacy);
        let due = pin.iter().map(Pin::due).collect();
        wire::CaseOpened { number, due, rule_packs }
    }

    fn code(&mut self) -> Code {
        let mut random = [0; CODE_BYTES];
        self.archive.chance().fill(&mut random);
        Code::of(random)
    }

    /// The intake, and the case it opens at this office.
    fn openings(
        &self,
        hand: &Hand,
        (case, thread): (CaseId, ThreadId),
        (registration, sealed): (Registration, Option<SealedPart>),
        number: String,
    ) -> Vec<Draft> {
        let me = self.archive.identity().me.author;
        let opened = self.opened(hand, &registration, number);
        let mut intake =
            Draft::plain(hand.clone(), Some(case), Content::IntakeRegistered(registration.intake));
        intake.received_on = registration.received_on;
        intake.sealed = sealed;
        let mut opening = Draft::plain(hand.clone(), Some(case), Content::CaseOpened(opened));
        opening.place = Some(Place { thread, stage: HANDLE, predecessor: None });
        let here = Holder { division: me, organ: hand.organ.clone() };
        opening.custody = Some((None, here));
        opening.audience_added = vec![me];
        vec![intake, opening]
    }

    async fn write(&mut self, draft: Draft, holder: Option<Holder>) -> Result<Taken, DeskError> {
        let kind = body::kind(&draft.content);
        match draft.case {
            Some(_) => self.may_write(&draft.hand, kind).await?,
            None => self.acting(&draft.hand).await?,
        }
        let (mut entries, news) = self.archive.append(vec![draft]).await?;
        let entry = entries.pop().expect("one draft makes one entry");
        Ok(Taken { entry, holder, news })
    }

    /// Whether whoever acts may write an entry of a kind in a case: in their own name or as a deputy, and trained for it.
    async fn may_write(&self, hand: &Hand, kind: Kind) -> Result<(), DeskError> {
        self.acting(hand).await?;
        self.trained(hand, kind).await
    }

    async fn known(&self, id: CaseId) -> Result<Case, DeskError> {
        self.archive.case(id).await?.ok_or_else(|| DeskError::UnknownCase(id.to_string()))
    }
}

/// The place in the thread that `me` may settle by choosing `applies`.
fn contested_place(
    case: &Case,
    tree: &Tree,
    me: DivisionCode,
    applies: Digest,
) -> Result<Place, DeskError> {
    let mut mine = false;
    for thread in case.threads().values() {
        let Some(contest) = thread.contest().filter(|contest| tree.is_within(contest.settler, me))
        else {
            continue;
        };
        mine = true;
        if contest.entries.contains(&applies) {
            return Ok(Place {
                thread: thread.id(),
                stage: thread.stage(),
                predecessor: thread.tip(),
            });
        }
    }
    Err(if mine { DeskError::NotContesting(applies) } else { DeskError::NothingToSettle(me) })
}

/// The thread of a record that names its source, and so of its case.
fn thread_of_source(signer: &Signer, source: &str) -> ThreadId {
    let digest =
        Digest::of(&[b"terrace thread of a source\0", &signer.secret(), source.as_bytes()]);
    let (thread, _) = digest.0.split_first_chunk::<16>().expect("a digest has 32 bytes");
    ThreadId(*thread)
}

fn has_words(registration: &Registration) -> bool {
    let size = registration.intake.title.len() + registration.intake.text.len();
    (1..=TEXT_LIMIT).contains(&size)
}
