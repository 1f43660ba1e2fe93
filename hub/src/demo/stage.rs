//! What an onlooker sees while the story is played: on a terminal a line that moves, otherwise a line for each
//! scene, on standard error in both cases.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How often the line moves on a terminal.
const TICK: Duration = Duration::from_millis(120);

/// The stage.
#[derive(Debug)]
pub(super) struct Stage {
    line: ProgressBar,
    quiet: bool,
}

impl Stage {
    /// Raises the curtain; a quiet stage shows nothing.
    pub(super) fn new(quiet: bool) -> Self {
        let line = if quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
        line.set_style(plain());
        line.enable_steady_tick(TICK);
        Self { line, quiet }
    }

    /// A scene begins.
    pub(super) fn scene(&self, zh: &str, en: &str) {
        self.line.set_style(plain());
        self.line.set_message(format!("{zh} {en}"));
        if self.line.is_hidden() && !self.quiet {
            eprintln!("{zh} {en}");
        }
    }

    /// A scene begins in which so many are registered.
    pub(super) fn counted_scene(&self, zh: &str, en: &str, total: u64) {
        self.scene(zh, en);
        self.line.set_length(total);
        self.line.set_position(0);
        self.line.set_style(counting());
    }

    /// So many more are registered.
    pub(super) fn advance(&self, count: u64) {
        self.line.inc(count);
    }

    /// The story is over.
    pub(super) fn close(&self) {
        self.line.finish_and_clear();
    }
}

fn plain() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}").expect("a fixed template")
}

fn counting() -> ProgressStyle {
    let template = "{spinner} {elapsed_precise} {msg} {bar:24} {pos}/{len} {per_sec} {eta}";
    ProgressStyle::with_template(template).expect("a fixed template")
}
