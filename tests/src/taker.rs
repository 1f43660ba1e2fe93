//! A stand-in for an office's window that takes registrations into memory, and fails when it is told to.

use std::collections::BTreeMap;

use async_trait::async_trait;
use terrace_node::intake::sink::Sink;
use terrace_node::window::WindowError;
use terrace_proto::wire::{RegisterRequest, RegisterResponse, Registered, Registration};

/// Takes registrations, each source once.
#[derive(Debug, Default)]
pub struct Taker {
    /// What was taken, by source.
    pub taken: BTreeMap<String, Registration>,
    /// So many calls from now on are not answered.
    pub silent: u32,
    /// Whether what is not answered is taken all the same.
    pub loses_answers: bool,
    /// So many batches from now on are taken, and none after them.
    pub batches_left: Option<u32>,
    /// Attempts to reach it again.
    pub reopened: u32,
}

impl Taker {
    /// What stands under a source.
    #[must_use]
    pub fn at(&self, source: &str) -> &Registration {
        self.taken.get(source).expect("it was taken")
    }

    /// The titles taken, in the order of their sources.
    #[must_use]
    pub fn titles(&self) -> Vec<&str> {
        let intakes = self.taken.values().filter_map(|one| one.intake.as_ref());
        intakes.map(|intake| intake.title.as_str()).collect()
    }

    fn take(&mut self, registration: Registration) -> Registered {
        let source = registration.intake.clone().unwrap_or_default().source;
        let known = self.taken.insert(source, registration).is_some();
        Registered { known, ..Registered::default() }
    }
}

#[async_trait]
impl Sink for Taker {
    async fn register(
        &mut self,
        request: RegisterRequest,
    ) -> Result<RegisterResponse, WindowError> {
        if self.batches_left == Some(0) {
            return Err(WindowError::TurnedDown("no more batches are taken".into()));
        }
        let silent = self.silent > 0;
        self.silent -= u32::from(silent);
        if silent && !self.loses_answers {
            return Err(WindowError::Silent("gone away".into()));
        }
        self.batches_left = self.batches_left.map(|left| left - 1);
        let registered = request.registrations.into_iter().map(|one| self.take(one)).collect();
        if silent {
            return Err(WindowError::Silent("gone away".into()));
        }
        Ok(RegisterResponse { registered })
    }

    async fn reopen(&mut self) -> Result<(), WindowError> {
        self.reopened += 1;
        Ok(())
    }
}
