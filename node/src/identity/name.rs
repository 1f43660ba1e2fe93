//! [`TransportName`]: what an office is called on a link.
//!
//! The name has one label per office from the division up, each `d` and the short code, and ends in
//! `terrace`: Wulihe town is `d410221101.d410221.d4102.d41.terrace`. The labels follow the tree, not the
//! digits, so that the names below a division are exactly the DNS subtree under its own name and an X.509
//! name constraint can express "this authority and nobody beside it". The root office answers to
//! `root.terrace`, and its subtree is all of `terrace`.
//!
//! A name is never looked up in DNS and never says where an office can be reached.
//!
//! Invariant: a `TransportName` exists only for a division that has a node, and only in its one spelling.

use std::fmt;
use std::str::FromStr;

use rustls::pki_types::ServerName;
use terrace_proto::division::{CodeError, DivisionCode, DivisionError, Tree};

/// The last label of every name, and the subtree of the root office.
const SUFFIX: &str = "terrace";
/// The root office's own name.
const ROOT: &str = "root.terrace";
/// How much of a refused text an error repeats, so that it stays one line.
const EXCERPT: usize = 80;

/// The name of an office in certificates and in TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportName {
    division: DivisionCode,
    text: String,
}

/// Why a text is not the name of an office.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It does not have the form of a name.
    #[error("read transport name {given:?}: expected a name such as d410221.d4102.d41.terrace")]
    Form {
        /// The beginning of the text.
        given: String,
    },
    /// Its first label is not a division code.
    #[error("read transport name {given:?}: {source}")]
    Code {
        /// The beginning of the text.
        given: String,
        /// What is wrong with the code.
        source: CodeError,
    },
    /// No office stands at the division.
    #[error("name the office of a division: {0}")]
    Division(#[from] DivisionError),
    /// The labels do not follow the tree.
    #[error("read transport name {given:?}: in the tree of divisions it is {expected}")]
    Path {
        /// The beginning of the text.
        given: String,
        /// The name of the division in the first label.
        expected: String,
    },
}

impl TransportName {
    /// The name of the office at `division`.
    ///
    /// # Errors
    ///
    /// [`NameError::Division`] when the division is unknown or has no node.
    pub fn of(division: DivisionCode) -> Result<Self, NameError> {
        let tree = Tree::national();
        tree.node(division)?;
        if division == DivisionCode::HUB {
            return Ok(Self { division, text: ROOT.to_owned() });
        }
        let mut text = String::new();
        for office in tree.path(division).into_iter().skip(1).rev() {
            text.push('d');
            text.push_str(&office.short());
            text.push('.');
        }
        text.push_str(SUFFIX);
        Ok(Self { division, text })
    }

    /// The division that is called so.
    #[must_use]
    pub fn division(&self) -> DivisionCode {
        self.division
    }

    /// The name as it stands in a certificate.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The DNS subtree in which this office's authority may sign.
    #[must_use]
    pub fn subtree(&self) -> &str {
        if self.division == DivisionCode::HUB { SUFFIX } else { &self.text }
    }

    /// The office whose subtree this is.
    ///
    /// # Errors
    ///
    /// As for reading a name.
    pub fn of_subtree(text: &str) -> Result<Self, NameError> {
        match text {
            SUFFIX => Self::of(DivisionCode::HUB),
            ROOT => Err(NameError::Form { given: ROOT.to_owned() }),
            _ => text.parse(),
        }
    }

    /// The name for rustls to verify.
    #[must_use]
    pub fn server_name(&self) -> ServerName<'static> {
        let name = ServerName::try_from(self.text.clone());
        name.expect("labels of d and digits under terrace are a DNS name")
    }
}

impl fmt::Display for TransportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for TransportName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == ROOT {
            return Self::of(DivisionCode::HUB);
        }
        let given = || text.chars().take(EXCERPT).collect::<String>();
        let Some((first, _)) = text.split_once('.') else {
            return Err(NameError::Form { given: given() });
        };
        let Some(digits) = first.strip_prefix('d') else {
            return Err(NameError::Form { given: given() });
        };
        let division =
            digits.parse().map_err(|source| NameError::Code { given: given(), source })?;
        let name = Self::of(division)?;
        if name.text == text && division != DivisionCode::HUB {
            Ok(name)
        } else {
            Err(NameError::Path { given: given(), expected: name.text })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_label_per_office_on_the_way_up() {
        for (code, name) in [
            ("00", "root.terrace"),
            ("41", "d41.terrace"),
            ("4102", "d4102.d41.terrace"),
            ("410221", "d410221.d4102.d41.terrace"),
            ("410221101", "d410221101.d410221.d4102.d41.terrace"),
            ("419001", "d419001.d41.terrace"),
            ("441900003", "d441900003.d4419.d44.terrace"),
        ] {
            let made = TransportName::of(code.parse().unwrap()).unwrap();
            assert_eq!(made.as_str(), name);
            assert_eq!(name.parse::<TransportName>().unwrap(), made);
            assert_eq!(made.server_name().to_str(), name);
            assert_eq!(TransportName::of_subtree(made.subtree()).unwrap(), made);
        }
    }

    #[test]
    fn every_office_has_a_name_that_reads_back() {
        for place in Tree::national().iter().filter(|place| place.has_node()) {
            let name = TransportName::of(place.code).unwrap();
            assert_eq!(name.as_str().parse::<TransportName>().unwrap().division(), place.code);
        }
    }

    #[test]
    fn a_name_beside_the_tree_is_refused() {
        for text in [
            "",
            "terrace",
            "d00.terrace",
            "41.terrace",
            "dx.terrace",
            "D41.terrace",
            "d41.terrace.",
            "d410000.terrace",
            "d410221.d41.terrace",
            "d410221.d4101.d41.terrace",
            "d410221.d4102.d41.terrace.evil",
            "d410221.d4102.d41.evil",
            "evil.d410221.d4102.d41.terrace",
            "d419001.d4190.d41.terrace",
            "d99.terrace",
        ] {
            assert!(text.parse::<TransportName>().is_err(), "{text:?} was taken for a name");
        }
        assert!(TransportName::of_subtree("root.terrace").is_err());
    }

    #[test]
    fn a_division_without_a_node_has_no_name() {
        let refused = TransportName::of("4190".parse().unwrap());
        assert!(matches!(refused, Err(NameError::Division(DivisionError::WithoutNode { .. }))));
    }
}
