//! Who a petitioner is, at the command line: taken down, opened for a purpose, and destroyed by two officers.
//!
//! What is opened goes to the terminal and nowhere else.

mod persons;

use std::path::PathBuf;

use clap::Args;
use data_encoding::HEXLOWER_PERMISSIVE;
use serde_json::json;
use terrace_proto::wire::act_request::Act;
use terrace_proto::wire::{self, PetitionerWords, UnsealRequest};

use super::case::{Subject, act};
use super::{accusation, window};

/// Who the petitioner is. Words given here stand in the shell's history: on a shared machine, give them with
/// --petitioner instead.
#[derive(Debug, Clone, Args)]
pub(super) struct PetitionerArguments {
    /// File that says who the petitioners are, or - to read it from the input: one JSON object or a list of them, as
    /// `case unseal --json` prints them / 信访人文件
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "id_number", "phone", "address"])]
    petitioner: Option<PathBuf>,
    /// Name of the petitioner, sealed / 姓名
    #[arg(long, default_value = "")]
    name: String,
    /// Number of the paper shown, sealed / 证件号码
    #[arg(long, default_value = "")]
    id_number: String,
    /// Which paper: 1 resident identity card, 2 household register, 3 passport, 4 travel permit, 5 credit code, 6 other
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=6))]
    id_kind: u32,
    /// Telephone, sealed / 电话
    #[arg(long, default_value = "")]
    phone: String,
    /// Address, sealed / 住址
    #[arg(long, default_value = "")]
    address: String,
}

impl PetitionerArguments {
    /// The petitioners; none if nothing was given.
    pub(super) fn into_words(self) -> anyhow::Result<Vec<PetitionerWords>> {
        if let Some(path) = self.petitioner {
            return persons::read(&path);
        }
        let Self { name, id_number, id_kind, phone, address, .. } = self;
        let nobody = [&name, &id_number, &phone, &address].iter().all(|word| word.is_empty());
        let id_kind = if id_number.is_empty() { 0 } else { id_kind };
        let words =
            PetitionerWords { name, id_kind, id_number, phone, address, ..Default::default() };
        Ok(if nobody { Vec::new() } else { vec![words] })
    }
}

/// Open who the petitioner is.
#[derive(Debug, Args)]
pub struct Unseal {
    #[command(flatten)]
    subject: Subject,
    /// What for; stands in the petitioner's access log / 启封事由
    #[arg(long)]
    purpose: String,
}

/// Destroy the key of a case.
#[derive(Debug, Args)]
pub struct Erase {
    #[command(flatten)]
    subject: Subject,
    /// Propose it, on these grounds / 提请销毁
    #[arg(long, conflicts_with = "agree", required_unless_present = "agree")]
    grounds: Option<String>,
    /// Agree to a proposal, as a second officer: its 64 hexadecimal digits / 同意销毁
    #[arg(long)]
    agree: Option<String>,
}

impl Unseal {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Subject { data, case, hand, json } = self.subject;
        let request =
            UnsealRequest { hand: Some(hand.into()), case_name: case, purpose: self.purpose };
        let parts = window(&data).await?.unseal(request).await?.parts;
        for report in parts.iter().filter_map(|part| part.report.as_ref()) {
            accusation::show(report, json);
        }
        for one in parts.iter().flat_map(|part| &part.petitioners) {
            if json {
                println!("{}", told(one));
                continue;
            }
            let role = role(one.role);
            let lines = [
                ("身份 role", &role.1.to_owned()),
                ("姓名 name", &one.name),
                ("证件号码 id number", &one.id_number),
                ("电话 telephone", &one.phone),
                ("住址 address", &one.address),
                ("其他联系方式 further contact", &one.further_contact),
            ];
            lines.iter().filter(|(_, words)| !words.is_empty()).for_each(|(name, words)| {
                println!("{name}: {words}");
            });
        }
        Ok(())
    }
}

/// One petitioner, for programs.
pub(super) fn told(one: &PetitionerWords) -> serde_json::Value {
    json!({
        "name": one.name, "id_kind": one.id_kind, "id_number": one.id_number,
        "phone": one.phone, "address": one.address, "further_contact": one.further_contact,
        "role": role(one.role).0,
    })
}

/// A role for programs, and for people; nothing for a petitioner, which most are.
fn role(number: u32) -> (&'static str, &'static str) {
    match number {
        1 => ("representative", "代表人 representative"),
        2 => ("agent", "代理人 agent"),
        _ => ("petitioner", ""),
    }
}

impl Erase {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let acted = match (self.grounds, self.agree) {
            (Some(grounds), _) => Act::ProposeErasure(wire::ErasureProposed { grounds }),
            (None, agree) => {
                let digits = agree.unwrap_or_default();
                let proposal = HEXLOWER_PERMISSIVE
                    .decode(digits.as_bytes())
                    .map_err(|_| anyhow::anyhow!("--agree takes 64 hexadecimal digits"))?;
                Act::Erase(wire::Erased { proposal })
            }
        };
        act(self.subject, acted).await
    }
}
