//! Reads an export and has it checked: the shell around `proto`'s checker.
//!
//! The file is read several times, each time from the beginning and a frame at a time. First for its colophon alone:
//! nothing in it is looked at before it is known to be what its exporter made. Then for journals and ledgers; leaves
//! that a passage names are read again from the page they stand in, of which only the places are kept. Then once for
//! every share of the cases. Nothing is written, and no other file is read.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use terrace_proto::admission::Keyring;
use terrace_proto::digest::Digest;
use terrace_proto::division::Tree;
use terrace_proto::entry::{Header, JournalId, leaf_of};
use terrace_proto::export::record::{Manifest, Page};
use terrace_proto::export::{
    Check, ColophonCheck, Custody, ExportError, Finding, Frame, Limits, Record, Tally, Unframer,
};
use terrace_proto::ledger::Span;
use terrace_proto::session::WINDOW_ENTRIES;

use super::Progress;

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;
/// Pages whose leaves are kept for the next passage: some 8 KiB each.
const PAGES: usize = 512;
/// Most entries of one passage that are looked up: what a receiver lets be under way at the most.
const PASSED: u64 = 2 * WINDOW_ENTRIES as u64;

/// Why a file could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// It cannot be trusted.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Somebody ended it.
    #[error("已中断 interrupted")]
    Interrupted,
}

/// What a check has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What the file says of itself.
    pub manifest: Manifest,
    /// How much was seen.
    pub tally: Tally,
    /// How many findings were told.
    pub findings: u64,
}

/// Checks an export with a keyring that holds the root alone; `tell` hears each finding as it is made.
///
/// # Errors
///
/// [`ReadError`] when the file cannot be read, or cannot be trusted.
pub fn check(
    path: &Path,
    root: &Keyring,
    limits: Limits,
    progress: &mut dyn Progress,
    tell: &mut dyn FnMut(Finding),
) -> Result<Checked, ReadError> {
    let tree = Tree::national();
    let fault = |why| ReadError::File { path: path.into(), why };
    let length = std::fs::metadata(path).map_err(fault)?.len();
    let mut watch = Watch { progress, before: 0, whole: 2 * length };
    let mut reading = ColophonCheck::under(root.clone(), tree);
    each(path, &mut watch, |frame| Ok(reading.take(frame)?))?;
    let manifest = reading.finish()?;
    watch.before = length;
    let mut findings = 0;
    let mut tell = |finding| {
        findings += 1;
        tell(finding);
    };
    let mut check = Check::new(manifest, root.clone(), tree, limits);
    let mut leaves = Leaves::of(path)?;
    each(path, &mut watch, |frame| look(frame, &mut check, &mut leaves, &mut tell))?;
    let shares = Custody::shares(check.tally().of_cases);
    watch.whole = (2 + shares) * length;
    for share in 0..shares {
        watch.before = (2 + share) * length;
        let mut custody = Custody::share(share, shares);
        each(path, &mut watch, |frame| {
            if let Record::Page(page) = Record::read(frame)? {
                page.items.iter().for_each(|item| custody.take(&item.header));
            }
            Ok(())
        })?;
        custody.finish(tree).into_iter().for_each(&mut tell);
    }
    Ok(Checked { manifest: check.manifest().clone(), tally: check.tally(), findings })
}

/// One record of the second reading.
fn look(
    frame: &Frame,
    check: &mut Check,
    leaves: &mut Leaves,
    tell: &mut dyn FnMut(Finding),
) -> Result<(), ReadError> {
    let record = Record::read(frame)?;
    if let Record::Passages(passages) = record {
        for passage in &passages {
            let named = leaves.named(passage.journal, &passage.span)?;
            check.passage(passage, &named)?.into_iter().for_each(&mut *tell);
        }
        return Ok(());
    }
    match &record {
        Record::Journal(journal) => leaves.journal = Some(journal.id),
        Record::Page(page) => leaves.saw(frame.at, page),
        Record::Manifest(_)
        | Record::Admission { .. }
        | Record::Head(_)
        | Record::Ledger(_)
        | Record::Passages(_)
        | Record::Raised(_)
        | Record::Colophon(_) => {}
    }
    check.take(record)?.into_iter().for_each(&mut *tell);
    Ok(())
}

/// How far the readings have come, in bytes.
struct Watch<'a> {
    progress: &'a mut dyn Progress,
    before: u64,
    whole: u64,
}

/// Reads a file frame by frame.
fn each(
    path: &Path,
    watch: &mut Watch<'_>,
    mut take: impl FnMut(&Frame) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let fault = |why| ReadError::File { path: path.into(), why };
    let mut file = File::open(path).map_err(fault)?;
    let mut unframer = Unframer::new();
    let mut chunk = vec![0; CHUNK];
    let mut done = watch.before;
    loop {
        let read = file.read(&mut chunk).map_err(fault)?;
        if read == 0 {
            return Ok(unframer.finish()?);
        }
        unframer.feed(&chunk[..read]);
        while let Some(frame) = unframer.poll()? {
            take(&frame)?;
        }
        done += read as u64;
        watch.progress.stands(done, watch.whole);
        if watch.progress.is_over() {
            return Err(ReadError::Interrupted);
        }
    }
}

/// Leaf hashes of entries in the file, by place; only where their pages lie is kept, and the last pages asked for.
struct Leaves {
    path: PathBuf,
    file: File,
    /// Journal and first sequence of each page: where its frame begins.
    pages: BTreeMap<(JournalId, u64), u64>,
    journal: Option<JournalId>,
    kept: BTreeMap<u64, BTreeMap<u64, Digest>>,
    order: VecDeque<u64>,
}

impl Leaves {
    fn of(path: &Path) -> Result<Self, ReadError> {
        let fault = |why| ReadError::File { path: path.into(), why };
        let file = File::open(path).map_err(fault)?;
        Ok(Self {
            path: path.into(),
            file,
            pages: BTreeMap::new(),
            journal: None,
            kept: BTreeMap::new(),
            order: VecDeque::new(),
        })
    }

    /// Notes where a page lies.
    fn saw(&mut self, at: u64, page: &Page) {
        let first = page.items.first().and_then(|item| Header::read(&item.header).ok());
        if let (Some(journal), Some(first)) = (self.journal, first) {
            self.pages.entry((journal, first.sequence)).or_insert(at);
        }
    }

    /// The leaves of a span, in order, as far as the file holds them.
    fn named(&mut self, journal: JournalId, span: &Span) -> Result<Vec<Digest>, ReadError> {
        let sequences: Vec<u64> = match span {
            // Nobody passes more at once; a longer span is found not to follow.
            Span::Run { first, count } => {
                (*first..first.saturating_add((*count).min(PASSED))).collect()
            }
            Span::Picked(sequences) => sequences.clone(),
        };
        let mut leaves = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            let page = self.pages.range(..=(journal, sequence)).next_back();
            let Some(((of, _), at)) = page else { continue };
            if *of != journal {
                continue;
            }
            let at = *at;
            self.load(at)?;
            leaves.extend(self.kept[&at].get(&sequence));
        }
        Ok(leaves)
    }

    fn load(&mut self, at: u64) -> Result<(), ReadError> {
        if self.kept.contains_key(&at) {
            return Ok(());
        }
        let mut leaves = BTreeMap::new();
        if let Record::Page(page) = Record::read(&self.frame(at)?)? {
            for item in &page.items {
                if let Ok(header) = Header::read(&item.header) {
                    leaves.insert(header.sequence, leaf_of(&item.header));
                }
            }
        }
        if self.order.len() >= PAGES
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
        self.kept.insert(at, leaves);
        self.order.push_back(at);
        Ok(())
    }

    fn frame(&mut self, at: u64) -> Result<Frame, ReadError> {
        let fault = |why| ReadError::File { path: self.path.clone(), why };
        self.file.seek(SeekFrom::Start(at)).map_err(fault)?;
        let mut unframer = Unframer::resumed(at);
        let mut chunk = vec![0; CHUNK];
        loop {
            if let Some(frame) = unframer.poll()? {
                return Ok(frame);
            }
            let read = self.file.read(&mut chunk).map_err(fault)?;
            if read == 0 {
                return Err(ExportError::Cut { at }.into());
            }
            unframer.feed(&chunk[..read]);
        }
    }
}
