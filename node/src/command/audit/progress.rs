//! How far an audit has come: a bar on a terminal, a line for each tenth otherwise, both on standard error.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

use crate::audit::row::Progress;

/// Below this many there is nothing worth telling in lines.
const WORTH_TELLING: u64 = 200_000;

/// What is shown of the progress.
pub(super) struct Shown {
    bar: Option<ProgressBar>,
    /// What was counted last, and how many tenths of it were told.
    told: (String, u64),
}

impl Shown {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {eta}");
            let bar = ProgressBar::new(0);
            match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar, told: (String::new(), 0) }
    }

    /// The audit has come so far.
    pub(super) fn stands(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_message(word(&progress.of).to_owned());
            bar.set_length(progress.whole);
            bar.set_position(progress.done);
            return;
        }
        let tenths = progress.done * 10 / progress.whole.max(1);
        let known = self.told.0 == progress.of;
        if progress.whole >= WORTH_TELLING && !(known && tenths <= self.told.1) {
            eprintln!("{} {} / {}", word(&progress.of), progress.done, progress.whole);
            self.told = (progress.of.clone(), tenths);
        }
    }

    /// Prints something where the bar is not in the way.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Nothing more is shown.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn word(of: &str) -> &str {
    match of {
        "entries" => "核对条目 entries",
        "passages" => "核对往来 passages",
        "cases" => "核对事项 cases",
        _ => of,
    }
}
