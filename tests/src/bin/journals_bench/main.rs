//! A root that holds the journals of a whole country: start-up, memory, its pages, the reconnection of all its
//! subordinates after an outage, and a steady intake while one of them back-fills.
//!
//! One journal for each office of the tree in the binary, with keys of its own, admitted by its superior's journal. The
//! provinces are real offices over files in this process, each enrolled with the root by the product's commands; what lies
//! below them is written by [`Branch`](terrace_tests::branch::Branch) and taken in by the province's archive. All of it
//! reaches the root over real links. The root is the product's program, in a process of its own.
//!
//! It is grown in four steps, so that growth shows: each measurement ends with the exponent by which it grew with the
//! number of journals. 1 is in proportion; 2 would be journals times journals.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a measurement does"
)]

mod growth;
mod intake;
mod looks;
mod opening;
mod province;
mod reconnection;
mod root;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use terrace_proto::division::{DivisionCode, Tree};

use crate::growth::Growth;
use crate::province::Province;
use crate::root::Root;

/// Anything that ends a measurement.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Parts of all journals at which the root is looked at.
const STEPS: [f64; 4] = [0.125, 0.25, 0.5, 1.0];
/// Cases of each office that are there from the beginning, of two entries each.
const CASES: u32 = 2;

struct Arguments {
    journals: usize,
    on_server: bool,
    backlog: u32,
    seconds: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [asked, data] if asked == "--open" => opening::open(Path::new(data)).await,
        _ => match read(&arguments) {
            Ok(arguments) => run(&arguments).await,
            Err(why) => Err(format!(
                "{why}\nusage: journals_bench [--journals N] [--postgres | --sqlite] [--backlog ENTRIES] [--seconds N]"
            )
            .into()),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("journals_bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read(given: &[String]) -> Result<Arguments, String> {
    let all = Tree::national().node_count();
    let mut read = Arguments { journals: all, on_server: true, backlog: 300_000, seconds: 60 };
    let mut given = given.iter();
    while let Some(name) = given.next() {
        let mut number = || {
            let value = given.next().ok_or_else(|| format!("{name} needs a number"))?;
            value.parse::<u32>().map_err(|_| format!("{name}: {value} is not a number"))
        };
        match name.as_str() {
            "--journals" => read.journals = number()? as usize,
            "--backlog" => read.backlog = number()?,
            "--seconds" => read.seconds = number()?.into(),
            "--postgres" => read.on_server = true,
            "--sqlite" => read.on_server = false,
            other => return Err(format!("{other} is not known")),
        }
    }
    read.journals = read.journals.min(all);
    Ok(read)
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let scratch = tempfile::Builder::new().prefix("terrace-journals-").tempdir()?;
    let root = Root::found(scratch.path(), arguments.on_server).await?;
    let (mut provinces, mut growth) = (Vec::new(), Growth::default());
    let tree = Tree::national();
    let mut coming = tree.children(DivisionCode::HUB).map(|province| province.code);
    let (mut running, mut held) = (root.start().await?, 1);
    for step in STEPS {
        let wanted = (arguments.journals as f64 * step) as usize;
        let fresh = provinces.len();
        while held < wanted {
            let Some(code) = coming.next() else { break };
            provinces.push(Province::join(scratch.path(), &running, code).await?);
            held += tree.nodes_within(code);
        }
        fill(&root, &mut provinces[fresh..]).await?;
        running.stop().await?;
        let opened = opening::measure(root.folder()).await?;
        growth.note(&opened);
        running = root.start().await?;
        looks::measure(&root, &mut growth, opened.journals).await?;
    }
    println!("\n{growth}");
    looks::commands(&root).await?;
    let running = reconnection::measure(&root, running, &mut provinces).await?;
    intake::measure(&root, &running, &mut provinces, (arguments.backlog, arguments.seconds))
        .await?;
    running.stop().await?;
    Ok(())
}

/// Gives provinces their subtrees, and lets them send all of it to the root.
async fn fill(root: &Root, provinces: &mut [Province]) -> Result<(), Failure> {
    let (began, mut journals) = (Instant::now(), 0);
    for province in provinces.iter_mut() {
        journals += province.fill(CASES).await?;
    }
    println!(
        "{journals} journals in {} provinces, {:.1} s",
        provinces.len(),
        began.elapsed().as_secs_f64()
    );
    let began = Instant::now();
    for province in provinces.iter_mut() {
        province.dial(root.address())?;
    }
    let store = root.store().await?;
    for province in provinces.iter() {
        province.in_step(store.as_ref()).await?;
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "sent to the root over {} links: {took:.1} s, {:.0} journals/s",
        provinces.len(),
        journals as f64 / took
    );
    for province in provinces.iter_mut() {
        province.hang_up().await?;
    }
    Ok(())
}
