//! One file: put in its place whole, or not at all.
//!
//! The bytes are written to a file of another name in the same folder and synced; then the file is moved to
//! its place and the folder synced. [`replace`] moves it over what was there, [`new`] refuses to. Files are
//! readable by their owner only, certificates too, for nobody else has business in the folder.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What the owner may do, and nobody else.
const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
/// What others may do.
const OTHERS: u32 = 0o077;
const MODE: u32 = 0o777;

/// Puts a file where there is none; [`ErrorKind::AlreadyExists`] where there is one.
pub fn new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = write_beside(path, bytes)?;
    // A link, unlike a rename, fails where something is.
    let linked = fs::hard_link(&fresh, path);
    let removed = fs::remove_file(&fresh);
    linked.and(removed).and_then(|()| sync_folder(path))
}

/// Puts a file where there may be one: either the old or the new one is found after a power cut.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = write_beside(path, bytes)?;
    fs::rename(&fresh, path).and_then(|()| sync_folder(path))
}

/// The bytes of a file; none where there is no file.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// What others than the owner may do with a file, as its mode; `None` when nothing.
pub fn exposed(path: &Path) -> io::Result<Option<u32>> {
    let mode = fs::metadata(path)?.permissions().mode() & MODE;
    Ok((mode & OTHERS != 0).then_some(mode))
}

/// Makes a folder that only its owner can enter, with those above it.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder)?;
    sync_folder(folder)
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let fresh = path.with_added_extension("new");
    make_folder(folder_of(path))?;
    let mut open = OpenOptions::new();
    let mut file = open.write(true).create(true).truncate(true).mode(FILE).open(&fresh)?;
    // One left behind by an interrupted attempt keeps its permissions otherwise.
    file.set_permissions(Permissions::from_mode(FILE))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(fresh)
}

/// Makes durable what was moved to `path`.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
