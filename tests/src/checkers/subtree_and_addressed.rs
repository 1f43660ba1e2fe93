//! Rule 6: a node holds its subtree and what is addressed to it, and nothing else but the admissions that
//! prove the authors' keys and what those above announce: sealing keys, rules, organs; and a neighbour speaks for its own subtree alone, or for all others.

use terrace_proto::division::Tree;
use terrace_proto::entry::Kind;

use super::Checker;
use super::audience::Audience;
use crate::world::Offices;
use crate::world::step::Step;

/// Watches what comes to lie where.
#[derive(Debug, Default)]
pub(super) struct SubtreeAndAddressed {
    audience: Audience,
}

impl Checker for SubtreeAndAddressed {
    fn rule(&self) -> &'static str {
        "6 a node holds its subtree and what is addressed to it"
    }

    fn check(&mut self, step: &Step, _offices: &Offices) -> Result<(), String> {
        let tree = Tree::national();
        for (office, batch) in &step.commits {
            for passage in &batch.passages {
                let (ledger, author) = (passage.record.head.ledger, passage.record.journal.author);
                let up = tree.is_within(ledger.from, ledger.to);
                let lawful = if up {
                    tree.is_within(author, ledger.from)
                } else {
                    !tree.is_within(author, ledger.to)
                };
                if !lawful {
                    let (from, to) = (ledger.from.short(), ledger.to.short());
                    return Err(format!("{from} speaks to {to} for {}", author.short()));
                }
            }
            for entry in &batch.entries {
                let author = entry.header().journal.author;
                if author == *office {
                    self.audience.take(entry);
                }
                let lawful = tree.is_within(author, *office)
                    || entry.header().kind == Kind::NodeAdmitted
                    || matches!(
                        entry.header().kind,
                        Kind::SealingKeyAnnounced | Kind::RulesIssued | Kind::OrganRegistered
                    ) && tree.is_within(*office, author)
                    || entry
                        .header()
                        .case
                        .is_some_and(|case| self.audience.entitles(case, *office));
                if !lawful {
                    return Err(format!(
                        "{} comes to hold {}, which is none of its business",
                        office.short(),
                        entry.id()
                    ));
                }
            }
        }
        Ok(())
    }
}
