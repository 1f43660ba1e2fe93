//! What an entry is about.
//!
//! Numbers on the wire never change. A number this version does not know is kept as it is: the entry is
//! stored, relayed and acknowledged, and its case is parked until a version that knows it reads it again.

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A journal's epoch begins.
    EpochOpened,
    /// A superior admits a subordinate's key.
    NodeAdmitted,
    /// An office is asked for an entry it signed for (询问).
    Asked,
    /// A journal was not taken as it was shown (异议).
    Objected,
    /// An auditor read this office (巡查).
    Inspected,
    /// An organ's key for being handed case keys (封存公钥).
    SealingKeyAnnounced,
    /// A subordinate asked whether cases are of one petitioner (比对).
    CasesMatched,
    /// One contact of a petitioner is registered (登记).
    IntakeRegistered,
    /// A case begins.
    CaseOpened,
    /// Passed on (转送).
    Transferred,
    /// Passed on with a due date and a report back (交办).
    Assigned,
    /// The receiver has it (签收).
    Received,
    /// Taken up (受理).
    Accepted,
    /// The opinion is given (处理意见).
    Decided,
    /// The opinion reached the petitioner (送达).
    Served,
    /// The stage is done (办结).
    Closed,
    /// A remark beside the thread.
    Noted,
    /// The common superior decides between contesting entries.
    Settled,
    /// A report, sealed as a whole (检举控告).
    ReportSealed,
    /// A sealed part was opened (启封).
    Unsealed,
    /// An officer proposes to destroy the key of a case (提请销毁).
    ErasureProposed,
    /// The key of a case is destroyed (销毁密钥).
    Erased,
    /// A case was looked up by who its petitioner is (查找).
    LookedUp,
    /// A kind of a later version.
    Unknown(u32),
}

const NUMBERS: [(Kind, u32, &str, &str); 23] = [
    (Kind::EpochOpened, 1, "建账", "epoch opened"),
    (Kind::NodeAdmitted, 2, "准入", "node admitted"),
    (Kind::Asked, 3, "询问", "asked"),
    (Kind::Objected, 4, "异议", "objected"),
    (Kind::Inspected, 5, "巡查", "inspected"),
    (Kind::SealingKeyAnnounced, 6, "封存公钥", "sealing key announced"),
    (Kind::CasesMatched, 7, "比对", "cases matched"),
    (Kind::IntakeRegistered, 32, "登记", "intake registered"),
    (Kind::CaseOpened, 33, "立件", "case opened"),
    (Kind::Transferred, 34, "转送", "transferred"),
    (Kind::Assigned, 35, "交办", "assigned"),
    (Kind::Received, 36, "签收", "received"),
    (Kind::Accepted, 37, "受理", "accepted"),
    (Kind::Decided, 38, "处理意见", "decided"),
    (Kind::Served, 39, "送达", "served"),
    (Kind::Closed, 40, "办结", "closed"),
    (Kind::Noted, 41, "备注", "noted"),
    (Kind::Settled, 42, "裁定", "settled"),
    (Kind::ReportSealed, 43, "密封检举", "report sealed"),
    (Kind::Unsealed, 44, "启封", "unsealed"),
    (Kind::ErasureProposed, 45, "提请销毁密钥", "erasure proposed"),
    (Kind::Erased, 46, "销毁密钥", "key destroyed"),
    (Kind::LookedUp, 47, "查找", "looked up"),
];

impl Kind {
    /// The kind of a number on the wire.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        NUMBERS.iter().find(|row| row.1 == number).map_or(Self::Unknown(number), |row| row.0)
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u32 {
        if let Self::Unknown(number) = self {
            return number;
        }
        self.row().map_or(0, |row| row.1)
    }

    /// Its name in Chinese; empty for an unknown kind.
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
        NUMBERS.iter().find(|row| row.0 == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_number_and_reads_back() {
        for (kind, number, ..) in NUMBERS {
            assert_eq!(kind.number(), number);
            assert_eq!(Kind::from_number(number), kind);
        }
        assert_eq!(Kind::from_number(9_999).number(), 9_999);
    }
}
