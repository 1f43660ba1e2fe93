//! What an item of an assessment may measure: a rate of duties kept, what was said in ratings, or a duty done.
//!
//! Each is a share with a numerator and a denominator that entries give; none counts petitions, those who bring them, or
//! where they went, and there is no way to write one that does.

use super::evidence::Evidence;
use crate::entry::Kind;
use crate::figure::Figure;
use crate::roll::Roll;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// One of [`RATES`]: what was kept of what was due, or what was said in ratings (domain 2.12).
    Rate(Figure),
    /// A duty done.
    Deed(Deed),
}

/// The figures an item may measure.
pub const RATES: [Figure; 7] = [
    Figure::OfficeAcceptance,
    Figure::UnitAcceptance,
    Figure::OnSchedule,
    Figure::Participation,
    Figure::UnitSatisfaction,
    Figure::OfficeSatisfaction,
    Figure::PackageSettlement,
];

/// A duty done (履职事项), of all that called for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Opinions served, of opinions given. (R2022 32)
    DocumentsServed,
    /// Registrations with all that is to be taken down, of all of them. (R2022 22)
    RegistersComplete,
    /// Reception days held as they were published, of those published. (R2005 10, R2022 18)
    ReceptionDaysHeld,
    /// Officers who passed the course for what they do, of those who do it.
    TrainingPassed,
    /// Packaged cases tested by all three tests, of those packaged.
    PackagesTested,
    /// Supervisions answered by their day, of those due. (R2022 39, 40)
    SupervisionAnswered,
    /// Assignments reported back on by their day, of those due. (R2022 22(3))
    ReportsBack,
    /// Opinions in the petitioner's favour carried out, of those given. (R2022 32)
    OpinionsCarriedOut,
    /// Review and re-examination opinions given by their day, of those due. (R2022 35, 36)
    ReviewsOnTime,
    /// Suggestions answered, of those taken. (R2022 29)
    SuggestionsAnswered,
    /// Urgent matters reported at once, of those that arose. (R2022 25)
    UrgentReported,
}

const DEEDS: [(Deed, &str, &str, &str); 11] = [
    (Deed::DocumentsServed, "documents_served", "文书依法送达", "documents served"),
    (Deed::RegistersComplete, "registers_complete", "登记要素齐全", "registers complete"),
    (
        Deed::ReceptionDaysHeld,
        "reception_days_held",
        "领导接访按公布举行",
        "reception days held as published",
    ),
    (Deed::TrainingPassed, "training_passed", "培训考核合格", "training passed"),
    (Deed::PackagesTested, "packages_tested", "包案逐件检验", "packages tested"),
    (Deed::SupervisionAnswered, "supervision_answered", "督办按期反馈", "supervision answered"),
    (Deed::ReportsBack, "reports_back", "交办按期报告", "assignments reported back on"),
    (Deed::OpinionsCarriedOut, "opinions_carried_out", "支持意见执行到位", "opinions carried out"),
    (Deed::ReviewsOnTime, "reviews_on_time", "复查复核按期作出", "reviews decided on time"),
    (Deed::SuggestionsAnswered, "suggestions_answered", "人民建议逐件答复", "suggestions answered"),
    (Deed::UrgentReported, "urgent_reported", "紧急重大事项及时报告", "urgent matters reported"),
];

impl Deed {
    fn words(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        DEEDS.iter().find(|row| row.0 == self).expect("every deed has its words")
    }

    /// What shows it.
    fn shown_by(self) -> Evidence {
        match self {
            Self::DocumentsServed => Evidence::Entries(Kind::Served),
            Self::RegistersComplete => Evidence::Entries(Kind::IntakeRegistered),
            Self::ReceptionDaysHeld => Evidence::Roll(Roll::Receptions),
            Self::TrainingPassed => Evidence::Roll(Roll::Training),
            Self::PackagesTested => Evidence::Roll(Roll::Packages),
            Self::SupervisionAnswered => Evidence::Entries(Kind::SupervisionAnswered),
            Self::ReportsBack => Evidence::Entries(Kind::ReportedBack),
            Self::OpinionsCarriedOut => Evidence::Entries(Kind::Executed),
            Self::ReviewsOnTime => Evidence::Entries(Kind::ReviewDecided),
            Self::SuggestionsAnswered => Evidence::Roll(Roll::Campaigns),
            Self::UrgentReported => Evidence::Roll(Roll::Urgent),
        }
    }
}

impl Measure {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let rates = RATES.into_iter().map(Self::Rate);
        rates.chain(DEEDS.iter().map(|row| Self::Deed(row.0)))
    }

    /// The measure of this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|measure| measure.code() == code)
    }

    /// Its name for programs, as a scheme has it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Rate(rate) => rate.code(),
            Self::Deed(deed) => deed.words().1,
        }
    }

    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Rate(rate) => rate.zh(),
            Self::Deed(deed) => deed.words().2,
        }
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Rate(rate) => rate.en(),
            Self::Deed(deed) => deed.words().3,
        }
    }

    /// What shows it, and must be among the evidence of an item that measures it.
    #[must_use]
    pub fn shown_by(self) -> Evidence {
        match self {
            Self::Rate(rate) => Evidence::Figure(rate),
            Self::Deed(deed) => deed.shown_by(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_a_name_of_its_own_and_evidence_that_reads_back() {
        for measure in Measure::all() {
            assert_eq!(Measure::from_code(measure.code()), Some(measure));
            let same = Measure::all().filter(|other| other.code() == measure.code());
            assert_eq!(same.count(), 1, "{measure:?}");
            let shown = measure.shown_by();
            assert_eq!(Evidence::read(&shown.to_string()), Ok(shown));
        }
    }
}
