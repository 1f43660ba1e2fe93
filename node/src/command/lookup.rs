//! A petitioner's cases found again, and other cases of the same petitioner: `case find` and `case same`.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use terrace_proto::alike::ALIKE;
use terrace_proto::wire::{LookUpRequest, ShowSamenessRequest};

use super::case::HandArguments;
use super::petitioner::PetitionerArguments;
use super::{Data, window};

/// Find the cases of a petitioner who has no receipt at hand.
#[derive(Debug, Args)]
pub struct Find {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    #[command(flatten)]
    petitioner: PetitionerArguments,
    /// What for; stands in the petitioner's access log / 查找事由
    #[arg(long)]
    purpose: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Show whether there are other cases of the same petitioner about the same place.
#[derive(Debug, Args)]
pub struct Same {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Find {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let petitioner = self.petitioner.into_words()?.into_iter().next();
        let petitioner =
            petitioner.context("give --id-number or --phone / 请给出证件号码或电话")?;
        let request = LookUpRequest {
            hand: Some(self.hand.into()),
            petitioner: Some(petitioner),
            purpose: self.purpose,
        };
        let numbers = window(&self.data).await?.look_up(request).await?.numbers;
        if self.json {
            println!("{}", json!({ "numbers": numbers }));
        } else if numbers.is_empty() {
            println!("未查到 no such case is held here");
        } else {
            numbers.iter().for_each(|number| println!("{number}"));
        }
        Ok(())
    }
}

impl Same {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request = ShowSamenessRequest { case_name: self.case };
        let told = window(&self.data).await?.show_sameness(request).await?;
        let above = match (told.asked, told.same_above) {
            (false, _) => "not asked",
            (true, None) => "waiting",
            (true, Some(false)) => "no",
            (true, Some(true)) => "yes",
        };
        if self.json {
            let likeness: Vec<f64> =
                told.likeness.iter().map(|one| f64::from(*one) / 1_000.0).collect();
            let alike: Vec<f64> =
                told.alike_likeness.iter().map(|one| f64::from(*one) / 1_000.0).collect();
            let told = json!({
                "here": told.here, "likeness": likeness, "above": above,
                "alike": told.alike, "alike_likeness": alike, "behind": told.behind,
            });
            println!("{told}");
            return Ok(());
        }
        match told.here.as_slice() {
            [] => println!("本单位未见同一信访人在同一地的其他信访件 none at this office"),
            some => {
                println!(
                    "本单位同一信访人在同一地的信访件，文字最相近的在前 at this office, the likest words first:"
                );
                for (number, likeness) in some.iter().zip(&told.likeness) {
                    let alike = if *likeness >= ALIKE { "  文字相近 alike" } else { "" };
                    println!("  {number}  {}%{alike}", likeness / 10);
                }
            }
        }
        if !told.alike.is_empty() {
            println!(
                "本单位文字相近的其他信访件（不论信访人） with like words, by whoever, about the same county:"
            );
            for (number, likeness) in told.alike.iter().zip(&told.alike_likeness) {
                println!("  {number}  {}%", likeness / 10);
            }
        }
        if told.behind {
            println!(
                "尚有信访件未比对，请稍后再查 some cases here were not compared yet: ask again"
            );
        }
        let zh = match above {
            "yes" => "上级答复：此前另有登记",
            "no" => "上级答复：此前没有",
            "waiting" => "已提请上级比对，尚未答复",
            _ => "未提请上级比对",
        };
        println!("{zh} superior: {above}");
        Ok(())
    }
}
