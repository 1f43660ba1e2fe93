//! One file: put in its place whole, or not at all.
//!
//! The bytes are written to a file of another name in the same folder and synced; then the file is moved to
//! its place and the folder synced. [`replace`] moves it over what was there, [`new`] refuses to. Files are
//! readable by their owner only, certificates too, for nobody else has business in the folder.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::FilesError;

/// What the owner may do, and nobody else.
const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
/// What others may do.
const OTHERS: u32 = 0o077;
const MODE: u32 = 0o777;

/// Puts a file where there is none.
pub(super) fn new(path: &Path, text: &str) -> Result<(), FilesError> {
    let fresh = write_beside(path, text)?;
    // A link, unlike a rename, fails where something is.
    let linked = fs::hard_link(&fresh, path);
    let removed = fs::remove_file(&fresh);
    match linked.and(removed).and_then(|()| sync_folder(path)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(FilesError::Exists(path.to_path_buf()))
        }
        outcome => outcome.map_err(disk("write", path)),
    }
}

/// Puts a file where there may be one.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), FilesError> {
    let fresh = write_beside(path, text)?;
    let moved = fs::rename(&fresh, path).and_then(|()| sync_folder(path));
    moved.map_err(disk("write", path))
}

/// The bytes of a file; none where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, FilesError> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some).map_err(disk("read", path)),
    }
}

/// The bytes of a key, provided that nobody but its owner could read it.
pub(super) fn read_secret(path: &Path) -> Result<Vec<u8>, FilesError> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(FilesError::KeyMissing(path.to_path_buf()));
        }
        outcome => outcome.map_err(disk("read", path))?,
    };
    let mode = metadata.permissions().mode() & MODE;
    if mode & OTHERS != 0 {
        return Err(FilesError::Exposed { path: path.to_path_buf(), mode });
    }
    fs::read(path).map_err(disk("read", path))
}

fn write_beside(path: &Path, text: &str) -> Result<PathBuf, FilesError> {
    let fresh = path.with_added_extension("new");
    let write = || {
        make_folder(folder_of(path))?;
        let mut open = OpenOptions::new();
        let mut file = open.write(true).create(true).truncate(true).mode(FILE).open(&fresh)?;
        // One left behind by an interrupted attempt keeps its permissions otherwise.
        file.set_permissions(Permissions::from_mode(FILE))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(disk("write", &fresh))?;
    Ok(fresh)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER).create(folder)?;
    sync_folder(folder)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn disk(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FilesError + use<> {
    let path = path.to_path_buf();
    move |source| FilesError::Disk { action, path, source }
}
