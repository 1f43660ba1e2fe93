//! Cases across regions, departments or industries, and with person, household, affair or property in different places
//! (三跨三分离).
//!
//! Such a case has co-owners; which of them leads is decided by an office above all of them, and by nobody else. Where
//! several decided, the highest counts.

use crate::case::{Case, Fact};
use crate::digest::Digest;
use crate::division::{DivisionCode, Tree};
use crate::entry::{Content, Holder};

/// The six marks, in Chinese and English; an office may read other variants into the last three.
pub const MARKS: [(&str, &str); 6] = [
    ("跨地区", "across regions"),
    ("跨部门", "across departments"),
    ("跨行业", "across industries"),
    ("人户分离", "person and household apart"),
    ("人事分离", "person and affair apart"),
    ("人财分离", "person and property apart"),
];

/// What is known of such a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The entry that declared it.
    pub leaf: Digest,
    /// Which of [`MARKS`] it has.
    pub marks: [bool; 6],
    /// Who owns it together.
    pub owners: Vec<Holder>,
    /// Who leads, once that is decided.
    pub lead: Option<Holder>,
}

/// The newest declaration of a case, with the lead that counts. `words` are the contents of its entries.
#[must_use]
pub fn crossing(case: &Case, words: &[(Digest, Content)], tree: &Tree) -> Option<Crossing> {
    let header = |leaf: &Digest| case.facts().get(leaf).map(Fact::header);
    let declared = words.iter().filter_map(|(leaf, content)| {
        let Content::CrossingDeclared(said) = content else { return None };
        Some((header(leaf)?, leaf, said))
    });
    let (_, leaf, said) = declared.max_by_key(|(header, ..)| (header.recorded_at, header.id()))?;
    let owners: Vec<Holder> = said.owners.iter().filter_map(Holder::read).collect();
    let decided = words.iter().filter_map(|(decision, content)| {
        let Content::LeadDecided(said) = content else { return None };
        let author = header(decision)?.journal.author;
        let lead = said.lead.as_ref().and_then(Holder::read)?;
        let about = Digest::read(&said.crossing) == Some(*leaf);
        (about && may_decide(tree, &owners, author) && owners.contains(&lead))
            .then_some(((author.level(), *decision), lead))
    });
    Some(Crossing {
        leaf: *leaf,
        marks: [
            said.cross_region,
            said.cross_department,
            said.cross_industry,
            said.person_household,
            said.person_affair,
            said.person_property,
        ],
        lead: decided.min_by_key(|(order, _)| *order).map(|(_, lead)| lead),
        owners,
    })
}

/// Whether an office stands above all owners, or at the place of all of them: the common superior decides (R2022 24).
#[must_use]
pub fn may_decide(tree: &Tree, owners: &[Holder], office: DivisionCode) -> bool {
    let above = |owner: &Holder| tree.is_within(owner.division, office);
    let one_place = owners.iter().all(|owner| owner.division == office);
    owners.iter().all(above) && (one_place || owners.iter().all(|owner| owner.division != office))
}
