//! The cabinet (密钥柜): the case keys an office may use, and those on their way through it.
//!
//! Case keys stand in no entry. Here each is kept as the wrap it came in, closed for this office's own sealing key,
//! so that whoever steals the file alone has nothing; and here it can be destroyed, which is what erasure is. Wraps
//! for others lie here until the next office has kept them. The sealing keys themselves are files of their own. Beside
//! them lie the marks by which the same petitioner is found again ([`index`]).
//!
//! It never decides who may read: that is the desk's. It never gives back what was destroyed, whoever brings it again.

mod file;
pub mod index;
mod memory;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::seal::{CaseKey, KeyId, Recipient, SealingKey, SealingPublic, VerifiedWrap};

pub use file::KeyFile;
pub use index::{IndexChange, IndexKeys, MarkStore, Matched, Measure, Question};
pub use memory::MemoryKeys;

use crate::store::StoreError;

/// The discipline organ (纪检监察), to which reports are sealed.
pub use terrace_proto::case::sealed::DISCIPLINE;

/// A wrap to be kept, passed on, or both.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The wrap.
    pub wrap: VerifiedWrap,
    /// Whether this office can open it.
    pub held: bool,
    /// The neighbour it is due to.
    pub due: Option<DivisionCode>,
}

/// One change of what is kept: all of it or nothing.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Wraps to keep; one that is known changes nothing, and one of a destroyed key is not taken.
    pub keep: Vec<Kept>,
    /// Wraps, by their digests, that a neighbour has kept.
    pub taken: Vec<(DivisionCode, Digest)>,
    /// Cases whose keys are destroyed for good, and every mark of theirs.
    pub destroy: Vec<CaseId>,
    /// What becomes of the blind indexes.
    pub index: IndexChange,
}

/// Where wraps are kept. Small, changeable, and apart from the store, which only grows.
#[async_trait]
pub trait KeyStore: MarkStore {
    /// Makes a change; when this returns `Ok` it survives a power cut.
    async fn change(&self, change: Change) -> Result<(), StoreError>;

    /// The wraps of a case that this office can open, in no order.
    async fn wraps(&self, case: CaseId) -> Result<Vec<Vec<u8>>, StoreError>;

    /// Up to `limit` wraps due to a neighbour, the oldest first.
    async fn due(&self, to: DivisionCode, limit: u32) -> Result<Vec<Vec<u8>>, StoreError>;

    /// For whom wraps of a case's key were ever here.
    async fn handed(&self, case: CaseId) -> Result<BTreeSet<DivisionCode>, StoreError>;

    /// Those of the named keys of which a wrap was ever here.
    async fn seen(&self, keys: &[KeyId]) -> Result<BTreeSet<KeyId>, StoreError>;

    /// The cases of which this office can open a wrap.
    async fn cases(&self) -> Result<Vec<CaseId>, StoreError>;
}

/// The digest that names a wrap between neighbours.
#[must_use]
pub fn digest_of(wrap: &[u8]) -> Digest {
    Digest::of(&[wrap])
}

/// The sealing keys of an office: of each organ the generations it still has, by number.
#[derive(Debug, Default)]
pub struct SealingKeys(BTreeMap<String, BTreeMap<u32, SealingKey>>);

impl SealingKeys {
    /// The same keys and one more.
    #[must_use]
    pub fn with(mut self, organ: &str, generation: u32, key: SealingKey) -> Self {
        self.0.entry(organ.to_owned()).or_default().insert(generation, key);
        self
    }

    /// The newest key of an organ.
    #[must_use]
    pub fn newest(&self, organ: &str) -> Option<(u32, &SealingPublic)> {
        let (generation, key) = self.0.get(organ)?.last_key_value()?;
        Some((*generation, key.public()))
    }

    /// All keys, with organ and generation.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32, &SealingKey)> {
        self.0.iter().flat_map(|(organ, keys)| {
            keys.iter().map(move |(generation, key)| (organ.as_str(), *generation, key))
        })
    }

    /// The organs there are keys of.
    pub fn organs(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether the newest key of an organ opens a wrap.
    #[must_use]
    pub fn newest_opens(&self, organ: &str, wrap: &VerifiedWrap) -> bool {
        let newest = self.0.get(organ).and_then(|keys| keys.last_key_value());
        newest.is_some_and(|(_, key)| wrap.open(key).is_ok())
    }

    /// What a wrap holds, if a key of this organ opens it, the newest tried first.
    fn open(&self, organ: &str, wrap: &VerifiedWrap) -> Option<CaseKey> {
        let keys = self.0.get(organ)?.values().rev();
        keys.into_iter().find_map(|key| wrap.open(key).ok())
    }
}

/// The cabinet of one office.
#[derive(Debug, Clone)]
pub struct Cabinet {
    store: Arc<dyn KeyStore>,
    keys: Arc<SealingKeys>,
    index: Option<Arc<IndexKeys>>,
}

impl Default for Cabinet {
    /// An empty one without keys: nothing can be sealed with it, and what passes is lost with the process.
    fn default() -> Self {
        Self::new(Arc::new(MemoryKeys::default()), SealingKeys::default())
    }
}

impl Cabinet {
    /// A cabinet over a store of wraps.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>, keys: SealingKeys) -> Self {
        Self { store, keys: Arc::new(keys), index: None }
    }

    /// The same cabinet, with keys for its blind indexes. Without them nothing is marked, and no subordinate answered.
    #[must_use]
    pub fn with_index(mut self, keys: Option<IndexKeys>) -> Self {
        self.index = keys.map(Arc::new);
        self
    }

    /// The keys of its blind indexes.
    #[must_use]
    pub fn index(&self) -> Option<&Arc<IndexKeys>> {
        self.index.as_ref()
    }

    /// The office's own sealing keys.
    #[must_use]
    pub fn keys(&self) -> &SealingKeys {
        &self.keys
    }

    /// Where wraps are kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn KeyStore> {
        &self.store
    }

    /// Whether a wrap can be opened here, by any organ.
    #[must_use]
    pub fn opens(&self, wrap: &VerifiedWrap) -> bool {
        self.keys.organs().any(|organ| self.keys.open(organ, wrap).is_some())
    }

    /// The keys that an organ can open out of the wraps of a case, each once. A neighbour may have sent wraps of keys
    /// that close nothing: which one a part needs, the part says.
    pub async fn case_keys(
        &self,
        organ: &str,
        case: CaseId,
        believed: impl Fn(&[u8]) -> Option<VerifiedWrap>,
    ) -> Result<Vec<CaseKey>, StoreError> {
        let mut keys: BTreeMap<KeyId, CaseKey> = BTreeMap::new();
        for wrap in self.store.wraps(case).await?.iter().filter_map(|bytes| believed(bytes)) {
            if let Some(key) = self.keys.open(organ, &wrap) {
                keys.insert(key.id(), key);
            }
        }
        Ok(keys.into_values().collect())
    }
}

/// Whether a wrap names this office.
#[must_use]
pub fn names(wrap: &VerifiedWrap, office: DivisionCode) -> bool {
    wrap.recipient() == Recipient::Named(office)
}
