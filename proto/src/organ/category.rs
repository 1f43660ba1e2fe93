//! What sort of organ it is (机构类别).
//!
//! The list follows the actors that the source names: petition offices, party and government offices, functional
//! departments, township offices, the political-legal organs, arbitration and review bodies, discipline organs. Grouping
//! and numbers are ours (P: a proposal). A number this version does not know is kept as it is, and its organ resolves all the same.

/// A sort of organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// A petition office of party committee and government (信访部门).
    PetitionOffice,
    /// The people's government and its general office (人民政府).
    Government,
    /// A department of the party committee (党委部门).
    PartyDepartment,
    /// A department of the government (政府工作部门).
    Department,
    /// A township government or street office (乡镇人民政府、街道办事处).
    TownshipGovernment,
    /// A court (人民法院).
    Court,
    /// A procuratorate (人民检察院).
    Procuratorate,
    /// Police (公安机关).
    Police,
    /// An organ of justice (司法行政机关).
    Justice,
    /// A discipline organ (纪检监察机关).
    Discipline,
    /// A body of arbitration or administrative review (仲裁、行政复议机构).
    Review,
    /// The people's congress or the political consultative conference (人大、政协机关).
    Congress,
    /// A people's organisation (人民团体).
    Organisation,
    /// A public institution or enterprise (企事业单位).
    Institution,
    /// A category of a later version.
    Unknown(u32),
}

const NAMES: [(Category, u32, &str, &str); 14] = [
    (Category::PetitionOffice, 1, "信访部门", "petition office"),
    (Category::Government, 2, "人民政府", "government"),
    (Category::PartyDepartment, 3, "党委部门", "party department"),
    (Category::Department, 4, "政府工作部门", "department"),
    (Category::TownshipGovernment, 5, "乡镇人民政府、街道办事处", "township government"),
    (Category::Court, 6, "人民法院", "court"),
    (Category::Procuratorate, 7, "人民检察院", "procuratorate"),
    (Category::Police, 8, "公安机关", "police"),
    (Category::Justice, 9, "司法行政机关", "justice"),
    (Category::Discipline, 10, "纪检监察机关", "discipline organ"),
    (Category::Review, 11, "仲裁与行政复议机构", "arbitration or review body"),
    (Category::Congress, 12, "人大、政协机关", "congress or conference"),
    (Category::Organisation, 13, "人民团体", "people's organisation"),
    (Category::Institution, 14, "企事业单位", "institution"),
];

impl Category {
    /// All that this version knows.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|row| row.0)
    }

    /// The category of a number on the wire.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        NAMES.iter().find(|row| row.1 == number).map_or(Self::Unknown(number), |row| row.0)
    }

    /// The category that a text names: its number, its Chinese or its English name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = text.parse::<u32>().ok();
        let is = |row: &&(Self, u32, &str, &str)| {
            Some(row.1) == number || row.2 == text || row.3.eq_ignore_ascii_case(text)
        };
        NAMES.iter().find(is).map(|row| row.0)
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u32 {
        if let Self::Unknown(number) = self {
            return number;
        }
        self.row().map_or(0, |row| row.1)
    }

    /// Its name in Chinese; empty for one of a later version.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// Its name in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().map_or("of a later version", |row| row.3)
    }

    fn row(self) -> Option<&'static (Self, u32, &'static str, &'static str)> {
        NAMES.iter().find(|row| row.0 == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_one_number_and_is_found_by_each_of_its_names() {
        for (category, number, zh, en) in NAMES {
            assert_eq!(Category::from_number(number), category);
            for name in [number.to_string().as_str(), zh, en] {
                assert_eq!(Category::named(name), Some(category), "{name}");
            }
        }
        assert_eq!(Category::from_number(99).number(), 99);
        assert_eq!(Category::named("某局"), None);
    }
}
