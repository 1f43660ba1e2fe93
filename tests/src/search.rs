//! A search (搜查) through every file below a folder, as whoever has the disk would make it.

use std::path::{Path, PathBuf};

/// The files that hold these bytes as they stand, but for those that are passed over.
///
/// # Panics
///
/// If a file cannot be read: a search that misses one proves nothing.
#[must_use]
pub fn holding(folder: &Path, bytes: &[u8], pass_over: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in listed(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        if path.is_dir() {
            found.extend(holding(&path, bytes, pass_over));
        } else if path.is_file() && !pass_over(&path) {
            let read = std::fs::read(&path);
            let held = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if held.windows(bytes.len()).any(|some| some == bytes) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

fn listed(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}
