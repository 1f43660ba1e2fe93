//! A province: a real office over a file, opened in this process, whose subtree is written by branches.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use terrace_node::folder::Folder;
use terrace_node::identity::TransportName;
use terrace_node::identity::transport::client_config;
use terrace_node::link::dial::{Superior, dial};
use terrace_node::office::Office;
use terrace_node::premises::Premises;
use terrace_node::store::{Direction, Store};
use terrace_proto::digest::Digest;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::header::Hand;
use terrace_proto::session::Delivery;
use terrace_tests::branch::Branch;
use terrace_tests::offices::{self, binary, command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Failure;

/// Deliveries that a province stores at once while it is filled.
const GATHERED: usize = 128;
/// Between two looks whether a province is in step with the root.
const LOOK: Duration = Duration::from_millis(5);

/// A province.
pub(crate) struct Province {
    premises: Premises,
    branches: Vec<Branch>,
    stop: watch::Sender<bool>,
    dialling: Option<JoinHandle<()>>,
}

impl Province {
    /// Makes it below `scratch`, enrols it with the running root, and opens it here.
    pub(crate) async fn join(
        scratch: &Path,
        root: &offices::Office,
        division: DivisionCode,
    ) -> Result<Self, Failure> {
        let (node, short) = (binary("terrace-node")?, division.short());
        let data = scratch.join(&short);
        let own = data.to_string_lossy();
        command(&node, &["init", "--data", &own, "--division", &short]).await?;
        let sheet = data.join("sheet.json");
        std::fs::write(&sheet, root.window().await?.admit(&short).await?)?;
        command(&node, &["enrol", "--data", &own, "--sheet", &sheet.to_string_lossy()]).await?;
        let premises = Premises::open(&Folder::at(&data)).await?;
        let below = Tree::national().children(division);
        let branches = below.map(|below| Branch::new(below.code, division)).collect();
        Ok(Self { premises, branches, stop: watch::Sender::new(false), dialling: None })
    }

    /// The office.
    pub(crate) fn office(&self) -> &Arc<Office> {
        &self.premises.office
    }

    /// How many offices it has, itself among them.
    pub(crate) fn journals(&self) -> usize {
        self.branches.iter().map(|branch| branch.offices().len()).sum::<usize>() + 1
    }

    /// Admits its branches and takes in what all their offices write first. Says how many journals it holds then.
    pub(crate) async fn fill(&mut self, cases: u32) -> Result<usize, Failure> {
        for nth in 0..self.branches.len() {
            let (journal, key) = self.branches[nth].admitted();
            let transport = Digest::of(&[&key.bytes()[..]]);
            let mut writing = self.premises.office.write().await;
            writing.archive.admit(Hand::default(), journal, key, transport).await?;
            drop(writing);
            let branch = &mut self.branches[nth];
            let (top, count) = (branch.top(), branch.offices().len());
            let all: Vec<Delivery> =
                (0..count).map(|place| branch.begin(place, cases, Timestamp::now())).collect();
            self.take(top, all).await?;
        }
        Ok(self.journals())
    }

    /// Takes in cases of its counties, one run of `cases` for each of `runs`, going round.
    pub(crate) async fn fall_behind(&mut self, runs: u32, cases: u32) -> Result<(), Failure> {
        let counties = self.counties();
        let mut left = runs as usize;
        while left > 0 {
            for (nth, places) in counties.iter().enumerate() {
                let some = left.min(places.len());
                left -= some;
                let branch = &mut self.branches[nth];
                let at = Timestamp::now();
                let all = places[..some].iter().map(|place| branch.register(*place, cases, at));
                let (all, top) = (all.collect(), branch.top());
                self.take(top, all).await?;
            }
        }
        Ok(())
    }

    /// One new case of the county at a place in the round; the news are told to the link.
    pub(crate) async fn register(&mut self, round: usize) -> Result<(), Failure> {
        let counties = self.counties();
        let all: Vec<(usize, usize)> = counties
            .iter()
            .enumerate()
            .flat_map(|(nth, places)| places.iter().map(move |place| (nth, *place)))
            .collect();
        let (nth, place) = all[round % all.len()];
        let branch = &mut self.branches[nth];
        let delivery = branch.register(place, 1, Timestamp::now());
        let top = branch.top();
        self.take(top, vec![delivery]).await
    }

    /// The places of its counties in each branch; where there are none, of the branch's first office.
    fn counties(&self) -> Vec<Vec<usize>> {
        let county =
            |office: DivisionCode| office.level() == terrace_proto::division::Level::County;
        let of = |branch: &Branch| {
            let offices = branch.offices().enumerate();
            let places: Vec<usize> =
                offices.filter(|(_, office)| county(*office)).map(|(place, _)| place).collect();
            if places.is_empty() { vec![0] } else { places }
        };
        self.branches.iter().map(of).collect()
    }

    async fn take(&self, from: DivisionCode, deliveries: Vec<Delivery>) -> Result<(), Failure> {
        let mut left = deliveries.into_iter().peekable();
        while left.peek().is_some() {
            let some = left.by_ref().take(GATHERED).collect();
            let news = self.office().write().await.archive.receive(from, some).await?;
            self.office().tell(&news);
        }
        Ok(())
    }

    /// Begins to dial the root at an address.
    pub(crate) fn dial(&mut self, address: &str) -> Result<(), Failure> {
        let credentials = self.premises.admitting.credentials().ok_or("it is not enrolled")?;
        let superior = Superior {
            division: DivisionCode::HUB,
            address: address.to_owned(),
            name: TransportName::of(DivisionCode::HUB)?.server_name(),
            transport: Arc::new(client_config(credentials, &self.premises.keys.transport)?),
        };
        self.stop.send_replace(false);
        self.dialling =
            Some(tokio::spawn(dial(self.office().clone(), superior, self.stop.subscribe())));
        Ok(())
    }

    /// Hangs up.
    pub(crate) async fn hang_up(&mut self) -> Result<(), Failure> {
        self.stop.send_replace(true);
        if let Some(dialling) = self.dialling.take() {
            dialling.await?;
        }
        Ok(())
    }

    /// Whether it is connected.
    pub(crate) fn is_connected(&self) -> bool {
        let contacts = self.office().contacts();
        contacts.get(&DivisionCode::HUB).is_some_and(|contact| contact.connected)
    }

    /// Whether it is connected, and each end has signed for all that stands in the other's ledger and for all that
    /// the other has.
    pub(crate) async fn is_in_step(&self, root: &dyn Store) -> Result<bool, Failure> {
        let (me, store) = (self.office().identity().me.author, self.office().store());
        let Some(up) = settled(store.as_ref(), DivisionCode::HUB).await? else { return Ok(false) };
        let Some(down) = settled(root, me).await? else { return Ok(false) };
        let all =
            store.runs(up, 1).await?.is_empty() && root.parcels(me, down, 1).await?.is_empty();
        Ok(all && self.is_connected())
    }

    /// Waits until it is in step.
    pub(crate) async fn in_step(&self, root: &dyn Store) -> Result<(), Failure> {
        while !self.is_in_step(root).await? {
            if let Some(why) = self.office().trouble().borrow().clone() {
                return Err(why.into());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

/// Up to which place what is due to a neighbour stands in the ledger, if the neighbour has signed for all of that.
async fn settled(store: &dyn Store, to: DivisionCode) -> Result<Option<u64>, Failure> {
    let ledger = store.ledger(to, Direction::Out).await?;
    let signed = ledger.filter(|ledger| {
        let number = ledger.proved.map_or(0, |(number, _)| number);
        number == ledger.head.number
    });
    Ok(signed.map(|ledger| ledger.position))
}
