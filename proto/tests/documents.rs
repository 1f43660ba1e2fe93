//! The register of policy documents: fixture B2.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;

use terrace_proto::rules::Rules;

/// Fixture B2: nine documents stand in the register with number, issuer and dates, and each is cited by a rule it governs.
#[test]
fn nine_documents_each_govern_a_rule() {
    let rules = Rules::built_in();
    let documents = rules.documents().iter();
    // The convention of this system is no document.
    let issued: Vec<_> = documents.filter(|one| !one.issuer().is_empty()).collect();
    assert_eq!(issued.len(), 9);
    let cited: BTreeSet<&str> = rules.packs().iter().flat_map(|pack| pack.documents()).collect();
    for document in issued {
        assert!(!document.name().is_empty() && !document.number().is_empty(), "{document:?}");
        assert!(document.days().1.is_none_or(|until| document.days().0 < until));
        assert!(cited.contains(document.key()), "{} governs no rule", document.key());
    }
}
