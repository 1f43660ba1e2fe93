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
use crate::identity::authority::request;
use crate::identity::files::hand_over;
use crate::identity::reader::{ReaderName, Scope};

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
    /// What it may read: office, cases, journal, neighbours / 范围
    #[arg(long, value_delimiter = ',', required = true)]
    scope: Vec<Scope>,
    /// How many days it is good for, at most 730
    #[arg(long, default_value_t = 90)]
    days: u32,
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
        let key = KeyPair::generate()?;
        let asked = IssueReaderRequest {
            name: self.name.to_string(),
            scopes: self.scope.iter().map(ToString::to_string).collect(),
            days: self.days,
            request: request(division, &key)?,
        };
        let issued = window(&self.data).await?.issue_reader(asked).await?;
        let chain: Vec<_> = issued.chain.iter().cloned().map(CertificateDer::from).collect();
        hand_over(&self.out, &key, &chain).with_context(|| {
            format!(
                "the certificate is issued but not in your hands: revoke reader {:?}",
                self.name.as_str()
            )
        })?;
        print_use(&self.name, &out, &issued)
    }
}

fn print_use(name: &ReaderName, out: &str, issued: &IssueReaderResponse) -> anyhow::Result<()> {
    let (address, server) = (&issued.address, &issued.server_name);
    println!("已签发 issued: {name}, 有效至 until {}", Timestamp::from_millisecond(issued.until)?);
    println!("  {out}/reader.pem  证书 certificate, and the authorities up to the root");
    println!("  {out}/reader.key  私钥 key: whoever has it reads in this name");
    println!("  {out}/root.pem    根证书 root certificate, to know the office by");
    println!("地址 address: {address}    TLS 名称 server name: {server}");
    println!("试用 try:");
    println!(
        "  grpcurl -cacert {out}/root.pem -cert {out}/reader.pem -key {out}/reader.key \\\n    \
         -authority {server} {address} list"
    );
    Ok(())
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
            println!(
                "{}  {}  {} – {}{revoked}",
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
