//! Watching long work: a bar on a terminal, a line now and then elsewhere; the first interrupt ends the work.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::export::Progress;

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows how far work has come, and hears an interrupt.
#[derive(Debug)]
pub struct Watching {
    /// Hidden where there is no terminal.
    bar: ProgressBar,
    over: Arc<AtomicBool>,
    last_line: Instant,
}

impl Watching {
    /// Begins to watch; within a runtime.
    #[must_use]
    pub fn new() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let told = over.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                told.store(true, Ordering::Relaxed);
            }
        });
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let form = "{bar:30} {percent:>3}%  {per_sec}  剩余 left {eta}";
        bar.set_style(ProgressStyle::with_template(form).expect("the form is one"));
        Self { bar, over, last_line: Instant::now() }
    }

    /// The bar, to be suspended while something is printed.
    #[must_use]
    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Default for Watching {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Watching {
    fn stands(&mut self, done: u64, whole: u64) {
        self.bar.set_length(whole.max(done));
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            eprintln!("{:.0}%", done as f64 / whole.max(done).max(1) as f64 * 100.0);
        }
    }

    fn is_over(&mut self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}
