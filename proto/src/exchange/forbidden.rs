//! What the national record asks about a person and Terrace never takes over: recognised, dropped and counted.
//!
//! A flag for whoever is said to have threatened something, marks of special persons, political status and ethnicity
//! (policy of this repository; nothing about how a case is to be handled follows from them). They have no
//! [`Field`], so nothing can write them.

use super::Field;

/// A field that is dropped wherever it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forbidden {
    /// Whether the petitioner is said to have threatened something (扬言, `yybz`).
    Threat,
    /// Whether the petitioner is marked as special (特殊人员).
    SpecialPerson,
    /// Political status (政治面貌).
    PoliticalStatus,
    /// Ethnicity (民族).
    Ethnicity,
}

/// What the heading of a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// A field of the record.
    Field(Field),
    /// What is dropped.
    Forbidden(Forbidden),
    /// Nothing that is known.
    Unknown,
}

/// How each is called: in Chinese, wherever that stands in a heading, and as codes, which must be all of it. `yybz` is
/// observed in public code; the other codes are usual initials of the Chinese. \[C\] \[M\]
const SPELLINGS: [(Forbidden, &str, &[&str]); 4] = [
    (Forbidden::Threat, "扬言", &["yybz", "sfyy", "threat"]),
    (Forbidden::SpecialPerson, "特殊人员", &["tsry", "tsrybz", "sftsry", "specialperson"]),
    (Forbidden::PoliticalStatus, "政治面貌", &["zzmm", "zzmmdm", "zzmmmc", "politicalstatus"]),
    (Forbidden::Ethnicity, "民族", &["mz", "mzdm", "mzmc", "ethnicity", "nation"]),
];

impl Forbidden {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Threat, Self::SpecialPerson, Self::PoliticalStatus, Self::Ethnicity];

    /// What it is called, in Chinese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Threat => ("扬言标志", "threat flag"),
            Self::SpecialPerson => ("特殊人员", "special person"),
            Self::PoliticalStatus => ("政治面貌", "political status"),
            Self::Ethnicity => ("民族", "ethnicity"),
        }
    }

    /// What a heading names, if it names one of them.
    #[must_use]
    pub fn of(heading: &str) -> Option<Self> {
        let letters: String = heading
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let named = SPELLINGS
            .iter()
            .find(|(_, zh, codes)| letters.contains(zh) || codes.contains(&letters.as_str()));
        named.map(|row| row.0)
    }
}

impl Heading {
    /// What a heading is: the code of a field or its Chinese name, in whatever case.
    #[must_use]
    pub fn of(heading: &str) -> Self {
        match (Forbidden::of(heading), Field::of(heading)) {
            (Some(forbidden), _) => Self::Forbidden(forbidden),
            (None, Some(field)) => Self::Field(field),
            (None, None) => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_are_known_by_every_usual_spelling() {
        for (heading, forbidden) in [
            ("yybz", Forbidden::Threat),
            (" YYBZ ", Forbidden::Threat),
            ("是否扬言", Forbidden::Threat),
            ("TSRY", Forbidden::SpecialPerson),
            ("是否特殊人员（0：否，1：是）", Forbidden::SpecialPerson),
            ("信访人政治面貌", Forbidden::PoliticalStatus),
            ("zz_mm", Forbidden::PoliticalStatus),
            ("民族", Forbidden::Ethnicity),
            ("民 族", Forbidden::Ethnicity),
            ("MZ", Forbidden::Ethnicity),
        ] {
            assert_eq!(Heading::of(heading), Heading::Forbidden(forbidden), "{heading}");
        }
        assert_eq!(Heading::of("mzsj"), Heading::Unknown);
    }

    #[test]
    fn no_field_can_write_one() {
        for field in Field::all() {
            for heading in [field.code(), field.zh(), field.en()] {
                assert_eq!(Forbidden::of(heading), None, "{heading}");
            }
            assert_eq!(Heading::of(field.code()), Heading::Field(field));
            assert_eq!(Heading::of(field.zh()), Heading::Field(field), "{}", field.zh());
        }
    }
}
