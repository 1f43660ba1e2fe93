//! What happened, to be read when a rule was broken.

use std::collections::VecDeque;

use terrace_proto::digest::Digest;

/// Lines kept unless all are.
const TAIL: usize = 60;

/// The last lines of a world's story, or all of them.
#[derive(Debug, Default)]
pub struct Trace {
    lines: VecDeque<String>,
    whole: bool,
    digest: Digest,
}

impl Trace {
    /// Keeps all lines from here on.
    pub fn keep_whole(&mut self) {
        self.whole = true;
    }

    /// A step begins.
    pub(crate) fn step(&mut self, number: u64, at: i64, label: &str) {
        let (seconds, rest) = (at / 1_000, at % 1_000);
        self.write(format!("{number:>6} {seconds:>6}.{rest:03}  {label}"));
    }

    /// Something worth noting within a step.
    pub(crate) fn note(&mut self, text: String) {
        self.write(format!("{:>20}{text}", ""));
    }

    /// The lines kept.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// A digest of everything that happened.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    fn write(&mut self, line: String) {
        self.digest = Digest::of(&[&self.digest.0, line.as_bytes()]);
        if !self.whole && self.lines.len() >= TAIL {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}
