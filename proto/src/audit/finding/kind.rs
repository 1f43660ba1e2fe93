//! The kinds of findings, by names for counting and filtering that never change.

/// What sort of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Entries do not lead to the signed root.
    JournalRoot,
    /// A checkpoint is not signed by the admitted key.
    CheckpointSignature,
    /// An entry or its proof is damaged.
    Entry,
    /// Sequences are missing.
    Gap,
    /// Two histories were signed.
    Fork,
    /// A passage is missing or altered.
    Ledger,
    /// A ledger's head is not signed by the other end.
    LedgerSignature,
    /// The superior's cosignature does not hold.
    Cosignature,
    /// A stored fold is not what its entries make.
    Fold,
    /// An entry by someone who did not hold the thread.
    WithoutCustody,
    /// A thread that nobody may advance until it is settled.
    Contested,
    /// Something was left out on the way down.
    AddresseeGap,
    /// Nothing came from an office for too long.
    Silence,
    /// An entry claims to be written after it was stored.
    ClockAhead,
    /// An entry claims to be written before one that stands before it.
    BackDated,
    /// A case skipped offices on its way.
    LevelRule,
    /// A pinned day passed.
    DeadlineMissed,
    /// An opinion was not brought to the petitioner in time.
    LateService,
    /// A day does not follow from the rules it names.
    Misreckoned,
    /// A sealed report was passed on without its ciphertext or its key.
    Owed,
    /// Said in the petitioner's name without the petitioner's signature.
    Unsigned,
    /// Said beside a thread by an office whose it is not to say.
    Overstepping,
    /// A petition office decided the substance.
    BeyondCompetence,
    /// Written by an officer who was to keep out.
    Recused,
    /// A sealed report that nobody opened.
    Unopened,
}

impl FindingKind {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::JournalRoot,
        Self::CheckpointSignature,
        Self::Entry,
        Self::Gap,
        Self::Fork,
        Self::Ledger,
        Self::LedgerSignature,
        Self::Cosignature,
        Self::Fold,
        Self::WithoutCustody,
        Self::Contested,
        Self::AddresseeGap,
        Self::Silence,
        Self::ClockAhead,
        Self::BackDated,
        Self::LevelRule,
        Self::DeadlineMissed,
        Self::LateService,
        Self::Misreckoned,
        Self::Owed,
        Self::Unsigned,
        Self::Overstepping,
        Self::BeyondCompetence,
        Self::Recused,
        Self::Unopened,
    ];

    /// Its name for counting and filtering, which never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names().0
    }

    /// Its name in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::JournalRoot => ("journal-root", "树根不符"),
            Self::CheckpointSignature => ("checkpoint-signature", "检查点签名不符"),
            Self::Entry => ("entry", "条目受损"),
            Self::Gap => ("gap", "序号缺失"),
            Self::Fork => ("fork", "分叉"),
            Self::Ledger => ("ledger", "台账不符"),
            Self::LedgerSignature => ("ledger-signature", "台账签名不符"),
            Self::Cosignature => ("cosignature", "副署不符"),
            Self::Fold => ("fold", "归并不符"),
            Self::WithoutCustody => ("without-custody", "无权推进"),
            Self::Contested => ("contested", "存争未裁"),
            Self::AddresseeGap => ("addressee-gap", "下行缺件"),
            Self::Silence => ("silence", "长时无报"),
            Self::ClockAhead => ("clock-ahead", "时钟超前"),
            Self::BackDated => ("back-dated", "倒签"),
            Self::LevelRule => ("level-rule", "越级流转"),
            Self::DeadlineMissed => ("deadline-missed", "逾期"),
            Self::LateService => ("late-service", "送达迟延"),
            Self::Misreckoned => ("misreckoned", "期限不符"),
            Self::Owed => ("owed", "欠件"),
            Self::Unsigned => ("unsigned", "冒名"),
            Self::Overstepping => ("overstepping", "越权陈述"),
            Self::BeyondCompetence => ("beyond-competence", "越权办理"),
            Self::Unopened => ("unopened", "逾期未启封"),
            Self::Recused => ("recused", "应回避而未回避"),
        }
    }
}
