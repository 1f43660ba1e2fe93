//! A finding as one English sentence, for logs and lists.

use std::fmt;

use super::Finding;

impl fmt::Display for Finding {
    #[expect(clippy::too_many_lines, reason = "a list of sentences, one for each finding")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JournalRoot { journal, size } => write!(
                f,
                "journal {journal}: its {size} entries do not lead to the root its author signed"
            ),
            Self::CheckpointSignature(journal) => {
                write!(f, "journal {journal}: the checkpoint is not signed by the admitted key")
            }
            Self::Entry { entry, what } => write!(f, "entry {entry}: {what}"),
            Self::Gap { journal, at } => write!(f, "journal {journal}: entry {at} is missing"),
            Self::Fork { journal, size } => {
                write!(f, "journal {journal}: two heads of {size} entries were signed that differ")
            }
            Self::LedgerGap { from, to, number } => write!(
                f,
                "ledger {} to {}: passage {number} is missing or altered",
                from.short(),
                to.short()
            ),
            Self::LedgerSignature { from, to, number } => write!(
                f,
                "ledger {} to {}: the other end did not sign the head kept here at passage {number}",
                from.short(),
                to.short()
            ),
            Self::Cosignature { journal, size } => {
                write!(f, "journal {journal}: the cosignature on its {size} entries does not hold")
            }
            Self::Fold { case } => {
                write!(f, "case {case}: the stored fold differs from a fresh one")
            }
            Self::FoldCount { folds, journals } => {
                write!(f, "the folds hold {folds} entries of cases, the journals {journals}")
            }
            Self::WithoutCustody { entry } => {
                write!(f, "entry {entry}: its author did not hold the thread")
            }
            Self::Unsigned { case, entry } => write!(
                f,
                "case {case}: entry {entry} speaks in the petitioner's name without the petitioner's signature"
            ),
            Self::Overstepping { case, entry } => {
                write!(f, "case {case}: entry {entry} was not its author's to say")
            }
            Self::BeyondCompetence { case, entry } => write!(
                f,
                "case {case}: by entry {entry} a petition office decided on the substance, which is the responsible unit's"
            ),
            Self::Recused { case, entry } => {
                write!(f, "case {case}: entry {entry} is by an officer who was to keep out")
            }
            Self::Contested { case, entries, settler } => write!(
                f,
                "case {case}: {} entries contest, and {} has not settled which applies",
                entries.len(),
                settler.short()
            ),
            Self::AddresseeGap { journal, to, number } => write!(
                f,
                "journal {journal}: entry {number} addressed to {} was left out",
                to.short()
            ),
            Self::Silence { division, since, hours } => write!(
                f,
                "office {}: nothing came from it for {hours} hours, since {since}",
                division.short()
            ),
            Self::ClockAhead { entry, recorded_at, stored_at } => write!(
                f,
                "entry {entry}: it claims {recorded_at}, but was stored here at {stored_at} already"
            ),
            Self::BackDated { entry, count, recorded_at, behind, not_before } => write!(
                f,
                "entry {entry} and {} more: it claims {recorded_at}, but entry {behind} before it claims {not_before}",
                count - 1
            ),
            Self::LevelRule { case, from, to, skipped, .. } => {
                let skipped: Vec<String> = skipped.iter().map(|code| code.short()).collect();
                write!(
                    f,
                    "case {case}: passed on from {} to {}, past {}",
                    from.short(),
                    to.short(),
                    skipped.join(", ")
                )
            }
            Self::DeadlineMissed { case, duty, holder, due_on, answered_on, days, .. } => {
                let (who, what) = (holder.short(), duty.en());
                write!(f, "case {case}: {who} was due on {due_on} to {what}, ")?;
                match answered_on {
                    Some(day) => write!(f, "and did on {day}, {days} days late"),
                    None => write!(f, "and has not for {days} days"),
                }
            }
            Self::Misreckoned { case, entry, duty, due_on, foreign } => {
                let why = if *foreign {
                    "names a rule pack that the case was not opened under"
                } else {
                    "is not the day its rule pack and calendar give"
                };
                write!(f, "case {case}: {due_on}, to {}, pinned in {entry}, {why}", duty.en())
            }
            Self::Unopened { entry, days, .. } => {
                write!(f, "report {entry}: nobody it is sealed for has opened it in {days} days")
            }
            Self::Owed { entry, by, ciphertext } => {
                let what = if *ciphertext { "ciphertext" } else { "key" };
                write!(f, "entry {entry}: {} passed it on and owes its {what}", by.short())
            }
            Self::LateService { case, decided_on, served_on, days, .. } => {
                write!(f, "case {case}: the opinion of {decided_on} was ")?;
                match served_on {
                    Some(day) => write!(f, "served on {day}, {days} days later"),
                    None => write!(f, "not served for {days} days"),
                }
            }
        }
    }
}
