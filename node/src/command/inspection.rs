//! `audit at`: an auditor reads an office over the network, unannounced, and goes away with its file.
//!
//! It needs the folder that a superior's `reader issue --audit` made, and no office of its own. The office that is
//! read enters the call in its journal before it answers, so the file tells of its own making.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use terrace_proto::division::DivisionCode;

use crate::identity::files::handed;
use crate::reading::fetching::fetch_export;
use crate::view::name_of;

/// Read another office over the network and keep its auditor's file.
#[derive(Debug, Args)]
pub(super) struct AuditAt {
    /// Where the office is reached, `host:port` / 地址
    address: String,
    /// The file to write / 导出文件
    file: PathBuf,
    /// The office to read; whoever answers must prove to be it / 被查单位
    #[arg(long, value_name = "CODE")]
    division: DivisionCode,
    /// The folder with reader.pem, reader.key and root.pem, as `reader issue --audit` made it / 审计证书目录
    #[arg(long, value_name = "DIR")]
    with: PathBuf,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl AuditAt {
    /// Reads the office; what was in the file before is replaced only by a whole one.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let handed = handed(&self.with)?;
        let (office, now) = (self.division, Timestamp::now());
        let bytes = fetch_export(&handed, office, &self.address, &self.file, now).await?;
        let file = self.file.display().to_string();
        if self.json {
            let office = self.division.short();
            println!("{}", json!({ "file": file, "office": office, "bytes": bytes }));
            return Ok(());
        }
        let megabytes = bytes as f64 / 1e6;
        println!("已取得 read: {}, {megabytes:.1} MB: {file}", name_of(self.division));
        println!("核对 check it with the root's key from paper:");
        println!("  terrace-node audit check {file} --root KEY");
        Ok(())
    }
}
