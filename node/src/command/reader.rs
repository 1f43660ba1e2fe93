//! `reader …`: certificates for programs outside Terrace that read this office.
//!
//! The key is made here and goes into the folder for the reader; the office sees the public half alone.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use rcgen::KeyPair;
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use terrace_proto::wire::{IssueReaderRequest, IssueReaderResponse};

use super::{Data, window};
use crate::identity::auditor::LONGEST_AUDIT;
use crate::identity::authority::request;
use crate::identity::files::hand_over;
use crate::identity::reader::{ReaderName, Scope};

/// Days a certificate is good for, unless the caller says otherwise.
const DAYS: u32 = 90;

/// What can be done with readers.
#[derive(Debug, Subcommand)]
pub enum ReaderCommand {
    /// Issue a certificate to a program that reads this office / 签发
    Issue(Issue),
    /// The certificates issued so far / 列表
    List(List),
    /// Revoke a certificate; the next call is refused / 吊销
    Revoke(Revoke),
}

/// Issue a certificate.
#[derive(Debug, Args)]
pub struct Issue {
    #[command(flatten)]
    data: Data,
    /// What the reader is called, for the list / 名称
    #[arg(long)]
    name: ReaderName,
    /// What it may read: office, cases, journal, neighbours; an auditor all of it, unless named / 范围
    #[arg(long, value_delimiter = ',', required_unless_present = "audit")]
    scope: Vec<Scope>,
    /// For an auditor: good at every office below this one, unannounced, and not at this one / 审计证书
    #[arg(long)]
    audit: bool,
    /// How many days it is good for: 90, and at most 730; an auditor's 30, and at most 30
    #[arg(long)]
    days: Option<u32>,
    /// A new folder for reader.pem, reader.key and root.pem
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// The certificates issued so far.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Revoke a certificate.
#[derive(Debug, Args)]
pub struct Revoke {
    #[command(flatten)]
    data: Data,
    /// The reader
    name: ReaderName,
}

impl ReaderCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Issue(issue) => issue.run().await,
            Self::List(list) => list.run().await,
            Self::Revoke(revoke) => revoke.run().await,
        }
    }
}

impl Issue {
    async fn run(self) -> anyhow::Result<()> {
        let out = self.out.display().to_string();
        anyhow::ensure!(
            !self.out.exists(),
            "{out}: 已存在 it exists; a reader's files go into a new folder"
        );
        let (_, division, _) = self.data.folder().config()?;
        let scopes = if self.scope.is_empty() { Scope::ALL.to_vec() } else { self.scope };
        let key = KeyPair::generate()?;
        let asked = IssueReaderRequest {
            name: self.name.to_string(),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            days: self.days.unwrap_or(if self.audit { LONGEST_AUDIT } else { DAYS }),
            audit: self.audit,
            request: request(division, &key)?,
        };
        let issued = window(&self.data).await?.issue_reader(asked).await?;
        let chain: Vec<_> = issued.chain.iter().cloned().map(CertificateDer::from).collect();
        hand_over(&self.out, &key, &chain).with_context(|| {
            let name = self.name.as_str();
            if self.audit {
                format!("the certificate of {name:?} is issued and nobody has its key: issue one under another name")
            } else {
                format!("the certificate is issued but not in your hands: revoke reader {name:?}")
            }
        })?;
        print_files(&self.name, &out, &issued)?;
        if self.audit {
            print_audit(&out)
        } else {
            print_use(&out, &issued)
        }
        Ok(())
    }
}

fn print_files(name: &ReaderName, out: &str, issued: &IssueReaderResponse) -> anyhow::Result<()> {
    println!("已签发 issued: {name}, 有效至 until {}", Timestamp::from_millisecond(issued.until)?);
    println!("  {out}/reader.pem  证书 certificate, and the authorities up to the root");
    println!("  {out}/reader.key  私钥 key: whoever has it reads in this name");
    println!("  {out}/root.pem    根证书 root certificate, to know the office by");
    Ok(())
}

fn print_audit(out: &str) {
    println!("在本单位各下级有效，无需通知，本单位除外；每次查阅都登载在被查单位的记录簿上");
    println!("good at every office below this one, unannounced, and not at this one;");
    println!(
        "every read is an entry in the journal of the office that is read, and it cannot be called back"
    );
    println!("试用 try:");
    println!("  terrace-node audit at HOST:PORT audit.export --division CODE --with {out}");
}

fn print_use(out: &str, issued: &IssueReaderResponse) {
    let (address, server) = (&issued.address, &issued.server_name);
    println!("地址 address: {address}    TLS 名称 server name: {server}");
    println!("试用 try:");
    println!(
        "  grpcurl -cacert {out}/root.pem -cert {out}/reader.pem -key {out}/reader.key \\\n    \
         -authority {server} {address} list"
    );
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.list_readers().await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let list: Value = serde_json::from_str(&json)?;
        for reader in list["readers"].as_array().into_iter().flatten() {
            let word = |field: &str| reader[field].as_str().unwrap_or_default().to_owned();
            let scopes = reader["scopes"].as_array().into_iter().flatten();
            let scopes: Vec<_> = scopes.filter_map(Value::as_str).collect();
            let revoked = reader["revoked_at"].as_str();
            let revoked = revoked.map_or(String::new(), |at| format!("  已吊销 revoked {at}"));
            let audit = reader["audit"].as_bool().unwrap_or_default();
            let audit = if audit { "  审计 for audits below" } else { "" };
            println!(
                "{}  {}{audit}  {} – {}{revoked}",
                word("name"),
                scopes.join(","),
                word("issued_at"),
                word("until")
            );
        }
        Ok(())
    }
}

impl Revoke {
    async fn run(self) -> anyhow::Result<()> {
        window(&self.data).await?.revoke_reader(self.name.as_str()).await?;
        println!("已吊销 revoked: {}", self.name);
        Ok(())
    }
}
