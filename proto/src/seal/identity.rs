//! Who a petitioner is and how to reach them: the words of a sealed identity.
//!
//! They are kept as they were taken down; making two writings of one number alike is the index's business.
//! A visit of several people is one identity, of which the first petitioner speaks for the others
//! (at most five representatives, 信访工作条例 2022 art. 20). It counts, ranks and marks nobody.

use std::fmt;

use super::plain::PlainError;

/// The paper a petitioner showed. The numbers are Terrace's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum IdKind {
    /// None was shown, or it was not taken down.
    Unspecified = 0,
    /// Resident identity card (居民身份证).
    ResidentCard = 1,
    /// Household register (户口簿).
    HouseholdRegister = 2,
    /// Passport (护照).
    Passport = 3,
    /// Travel permit of a resident of Hong Kong, Macao or Taiwan (港澳台居民通行证、居住证).
    TravelPermit = 4,
    /// Unified social credit code of an organisation (统一社会信用代码).
    CreditCode = 5,
    /// Another paper.
    Other = 6,
}

/// One person, or one organisation, who petitions.
#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub struct Petitioner {
    /// Name as it was given.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Which paper was shown.
    #[prost(enumeration = "IdKind", tag = "2")]
    pub id_kind: i32,
    /// The number on it.
    #[prost(string, tag = "3")]
    pub id_number: String,
    /// Telephone number.
    #[prost(string, tag = "4")]
    pub phone: String,
    /// Postal address.
    #[prost(string, tag = "5")]
    pub address: String,
    /// Another way to reach them: a second number, a mailbox, a relative.
    #[prost(string, tag = "6")]
    pub further_contact: String,
    /// In which role they came.
    #[prost(enumeration = "Role", tag = "7")]
    pub role: i32,
}

/// In which role somebody came. The numbers are Terrace's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration)]
#[repr(i32)]
pub enum Role {
    /// Petitions for themselves.
    Petitioner = 0,
    /// Was elected to speak for those who petition jointly (代表人).
    Representative = 1,
    /// Acts for the petitioner (代理人), and is no petitioner.
    Agent = 2,
}

/// Who brings a case.
#[derive(Clone, PartialEq)]
pub struct Identity {
    /// The petitioner, or the first representative.
    pub petitioner: Petitioner,
    /// The others, if there are any.
    pub others: Vec<Petitioner>,
}

#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
pub(super) struct Record {
    #[prost(message, repeated, tag = "1")]
    petitioners: Vec<Petitioner>,
}

impl Identity {
    /// All petitioners, the one who speaks for the others first. Agents are not among them.
    pub fn petitioners(&self) -> impl Iterator<Item = &Petitioner> {
        self.everyone().filter(|one| one.role() != Role::Agent)
    }

    /// Makes all petitioners of it representatives.
    pub fn elect(&mut self) {
        let all = std::iter::once(&mut self.petitioner).chain(&mut self.others);
        all.filter(|one| one.role() != Role::Agent)
            .for_each(|one| one.set_role(Role::Representative));
    }

    /// How many came in this role.
    #[must_use]
    pub fn count(&self, role: Role) -> u32 {
        let those = self.everyone().filter(|one| one.role() == role).count();
        u32::try_from(those).unwrap_or(u32::MAX)
    }

    fn everyone(&self) -> impl Iterator<Item = &Petitioner> {
        std::iter::once(&self.petitioner).chain(&self.others)
    }

    pub(super) fn record(&self) -> Record {
        Record { petitioners: self.everyone().cloned().collect() }
    }

    pub(super) fn of(record: Record) -> Result<Self, PlainError> {
        let mut petitioners = record.petitioners.into_iter();
        let missing = PlainError::Missing { kind: "identity", what: "who the petitioner is" };
        let petitioner = petitioners.next().ok_or(missing)?;
        Ok(Self { petitioner, others: petitioners.collect() })
    }
}

impl fmt::Debug for Petitioner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Petitioner(sealed)")
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(sealed)")
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Record(sealed)")
    }
}
