//! A document as PDF, by a browser that is installed: Chromium prints a file without a window.
//!
//! It opens nothing but the one file, and loads nothing from anywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names under which the browser is found.
const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// No browser is installed.
    #[error(
        "未找到 Chromium，已保存 HTML：请用任一浏览器打印 no chromium is installed; the HTML is written: print it from any browser, or install chromium (Debian: apt install chromium fonts-noto-cjk)"
    )]
    NoBrowser,
    /// It does not start.
    #[error("{0}: {1}")]
    Start(PathBuf, std::io::Error),
    /// It did not print.
    #[error("{browser} made no PDF of {file}: {said}")]
    Failed {
        /// The browser.
        browser: PathBuf,
        /// The document.
        file: PathBuf,
        /// The last that it said.
        said: String,
    },
}

/// The browser that prints.
#[derive(Debug, Clone)]
pub struct Printer(PathBuf);

impl Printer {
    /// The first browser on the search path.
    ///
    /// # Errors
    ///
    /// [`PrintError::NoBrowser`] where there is none.
    pub fn find() -> Result<Self, PrintError> {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&paths).collect();
        let files = BROWSERS.iter().flat_map(|name| folders.iter().map(move |one| one.join(name)));
        files.into_iter().find(|file| file.is_file()).map(Self).ok_or(PrintError::NoBrowser)
    }

    /// Prints an HTML file; the PDF has its page size and margins from the document's own style.
    ///
    /// # Errors
    ///
    /// [`PrintError`] where the browser does not start, or writes nothing.
    pub fn print(&self, html: &Path, pdf: &Path) -> Result<(), PrintError> {
        let profile = pdf.with_extension("profile");
        let mut command = Command::new(&self.0);
        command.args([
            "--headless",
            "--disable-gpu",
            "--no-pdf-header-footer",
            "--disable-extensions",
        ]);
        command.args(["--no-first-run", "--disable-background-networking", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        if is_root() {
            // Chromium does not start as root with its own sandbox; the document has no script.
            command.arg("--no-sandbox");
        }
        command.arg(format!("--print-to-pdf={}", pdf.display())).arg(html);
        let done = command.stdin(Stdio::null()).output();
        _ = std::fs::remove_dir_all(&profile);
        let done = done.map_err(|error| PrintError::Start(self.0.clone(), error))?;
        if done.status.success() && pdf.is_file() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr);
        let said = said.lines().last().unwrap_or_default().to_owned();
        Err(PrintError::Failed { browser: self.0.clone(), file: html.to_owned(), said })
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
