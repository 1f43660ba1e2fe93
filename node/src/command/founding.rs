//! `init`: makes a new office, or the root.
//!
//! Nothing that exists is ever overwritten. An office can register as soon as it is made; it needs its
//! superior only to send.

use clap::Args;
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;

use super::Data;
use crate::archive::{Identity, enrolling};
use crate::folder::{Config, Folder, place};
use crate::identity::authority::request;
use crate::identity::{Authority, Credentials, Keys, RootJournal, Validity};
use crate::premises::open_archive;
use crate::store::IfHeld;
use crate::store::postgres::layout::{Layout, lay_out};
use crate::surroundings::{Clock as _, SystemChance, SystemClock, name};

/// Years the root certificate is good for.
const ROOT_YEARS: i64 = 30;
/// Years the root's own transport certificate is good for.
const TRANSPORT_YEARS: i64 = 2;

/// Make a new office.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    data: Data,
    /// Division code, short or with 12 digits / 行政区划代码
    #[arg(long)]
    division: String,
    /// Where subordinates reach this office, host:port; none for an office without subordinates
    #[arg(long)]
    listen: Option<String>,
    /// PostgreSQL database to keep the store in, postgres://USER@HOST:PORT/DATABASE; none keeps it in a file / 数据库
    #[arg(long, value_name = "ADDRESS")]
    database: Option<String>,
    /// Where the console is shown, such as 127.0.0.1:7080; none shows no console
    #[arg(long)]
    console: Option<String>,
}

/// Make the root office.
#[derive(Debug, Args)]
pub struct InitRoot {
    #[command(flatten)]
    data: Data,
    /// Lay the tables out over the machines of a Citus cluster; untested on Citus / 分布
    #[arg(long, requires = "database")]
    distributed: bool,
    /// Where the provinces reach this office, host:port
    #[arg(long)]
    listen: Option<String>,
    /// PostgreSQL database to keep the store in, postgres://USER@HOST:PORT/DATABASE; none keeps it in a file / 数据库
    #[arg(long, value_name = "ADDRESS")]
    database: Option<String>,
    /// Where the console is shown, such as 127.0.0.1:7080; none shows no console
    #[arg(long)]
    console: Option<String>,
}

impl Init {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        let division = place(&self.division, &folder.config_file())?;
        anyhow::ensure!(
            division != DivisionCode::HUB,
            "the root office is made with its own program"
        );
        let ports = (self.listen, self.console);
        found(&folder, division, self.database, ports).await?;
        println!("已建立 made: {} {}", division.short(), crate::view::name_of(division));
        println!("下一步 next: enrol --sheet, with the code sheet of the superior");
        Ok(())
    }
}

impl InitRoot {
    /// Makes it.
    pub async fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        if let Some(address) = self.database.as_deref().filter(|_| !folder.config_file().exists()) {
            let layout = if self.distributed { Layout::Distributed } else { Layout::Provinces };
            lay_out(address, layout).await?;
        }
        let ports = (self.listen, self.console);
        let keys = found(&folder, DivisionCode::HUB, self.database, ports).await?;
        let (_, _, epoch) = folder.config()?;
        let credentials = root_of_trust(&folder, keys, epoch)?;
        println!("根证书指纹 fingerprint of the root certificate (SHA-256):");
        println!("{}", credentials.fingerprint());
        Ok(())
    }
}

/// Keys, database with the first entry of its journal, configuration; the configuration last, because it is
/// what makes the folder an office.
async fn found(
    folder: &Folder,
    division: DivisionCode,
    database: Option<String>,
    (listen, console): (Option<String>, Option<String>),
) -> anyhow::Result<Keys> {
    folder.create()?;
    let _ownership = folder.own()?;
    let epoch = Epoch(name(&mut SystemChance));
    let config = Config {
        division: division.short(),
        epoch: epoch.to_string(),
        listen,
        database,
        console,
        questions_a_day: None,
        superior: None,
    };
    // First, because it is what can be out of reach, and keys should not lie about for an office that is none.
    let store = folder.store(&config).open(IfHeld::Refuse).await?;
    anyhow::ensure!(
        store.journals().await?.is_empty(),
        "数据库中已有机关 this database already holds an office: name another"
    );
    let keys = Keys::make(division, &mut SystemChance)?;
    folder.keep_new_keys(&keys)?;
    let identity = Identity {
        me: JournalId { author: division, epoch },
        signer: keys.journal.clone(),
        superior: None,
    };
    let copy = folder.found_sealing(identity.me, &identity.signer, &mut SystemChance)?;
    enrolling::found(store.as_ref(), &identity).await?;
    let mut archive = open_archive(folder, identity, store).await?;
    archive.open_epoch().await?;
    archive.announce_keys().await?;
    folder.write_config(&config)?;
    println!("恢复副本 recovery copy: {}", copy.display());
    println!("  打印、封存上锁、然后删除 print it, seal and lock it away, then delete the file");
    Ok(keys)
}

/// The root's authority, and its transport certificate signed by it.
fn root_of_trust(folder: &Folder, keys: Keys, epoch: Epoch) -> anyhow::Result<Credentials> {
    let now = SystemClock.now();
    let journal = RootJournal { key: keys.journal.public(), epoch };
    let transport_request = request(DivisionCode::HUB, &keys.transport)?;
    let key = keys.authority.ok_or_else(|| anyhow::anyhow!("the root has no authority key"))?;
    let authority =
        Authority::root(key, &journal, Validity::years(now, ROOT_YEARS), &mut SystemChance)?;
    let validity = Validity::years(now, TRANSPORT_YEARS);
    let transport = authority.sign_transport(
        DivisionCode::HUB,
        &transport_request,
        validity,
        &mut SystemChance,
    )?;
    let credentials = Credentials::new(transport, vec![authority.certificate().clone()])?;
    folder.keep_certificates(&credentials, Some(authority.certificate()))?;
    Ok(credentials)
}
