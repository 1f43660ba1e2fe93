//! How offices join: the superior admits a key, the new office believes the chain that leads to it.
//!
//! The code sheet and the transport certificates are left out; the journal's part is the node's own.

use terrace_node::archive::{ArchiveError, enrolling};
use terrace_node::store::Store as _;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;

use super::World;
use super::event::Event;
use crate::disk::at_once;

/// How long an office waits before it asks a superior again that is not there.
const PATIENCE: i64 = 700;

impl World {
    pub(super) fn enrol(&mut self, office: DivisionCode) {
        if let Err(error) = self.found(office) {
            self.step.complaints.push(format!("{} cannot begin: {error}", office.short()));
            return;
        }
        let Some(superior) = self.offices.get(&office).and_then(|at| at.identity.superior) else {
            return;
        };
        match self.admit(superior, office) {
            Ok(true) => {
                let life = self.offices.get(&office).map_or(0, |at| at.life);
                self.after(10, Event::Dial { office, life });
            }
            Ok(false) => self.after(PATIENCE, Event::Enrol(office)),
            Err(error) => {
                self.observe(superior, &error);
                self.after(PATIENCE, Event::Enrol(office));
            }
        }
    }

    /// The office's own journal, and its first life.
    fn found(&mut self, office: DivisionCode) -> Result<(), ArchiveError> {
        let Some(at) = self.offices.get_mut(&office) else { return Ok(()) };
        if at_once(at.disk.journal(at.identity.me))?.is_some() {
            return Ok(());
        }
        at_once(enrolling::found(&at.disk, &at.identity))?;
        at.start()?;
        let running = at.running.as_mut().expect("it was started just now");
        at_once(running.archive.open_epoch())?;
        at_once(running.archive.announce_keys())?;
        self.step.restarted.push(office);
        Ok(())
    }

    /// Whether the superior could admit the office, and the office believe it.
    fn admit(
        &mut self,
        superior: DivisionCode,
        office: DivisionCode,
    ) -> Result<bool, ArchiveError> {
        let root = self
            .offices
            .get(&DivisionCode::HUB)
            .map(|hub| (hub.identity.me, hub.identity.signer.public()));
        let me = self.offices.get(&office).map(|at| (at.identity.me, at.identity.signer.public()));
        let (Some(root), Some((journal, key))) = (root, me) else { return Ok(false) };
        let Some(above) = self.offices.get_mut(&superior).filter(|above| above.enrolled) else {
            return Ok(false);
        };
        let Some(running) = above.running.as_mut() else { return Ok(false) };
        let news =
            at_once(running.archive.admit(Hand::default(), journal, key, Digest::default()))?;
        let chain = at_once(running.archive.admission_chain(journal))?;
        self.tell(superior, &news);
        let Some(at) = self.offices.get_mut(&office) else { return Ok(false) };
        let Some(running) = at.running.as_mut() else { return Ok(false) };
        match at_once(running.archive.enrolled(root, chain)) {
            Ok(()) => at.enrolled = true,
            Err(error) => {
                let text = format!("{} does not believe its superior: {error}", office.short());
                self.step.complaints.push(text);
            }
        }
        Ok(true)
    }
}
