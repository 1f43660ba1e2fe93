//! Simulated federations, one per seed. `sim --seeds 200 --first 1 [--steps 12000]`; with `TERRACE_SEED` set,
//! that seed alone with its whole trace. Exits 1 when a rule was broken, 2 when it was called wrongly.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that reports to its caller"
)]

use std::process::ExitCode;
use std::time::Instant;

use terrace_tests::run::{Lived, STEPS, live};

struct Wanted {
    seeds: u64,
    first: u64,
    steps: u64,
}

fn main() -> ExitCode {
    let Some(wanted) = wanted() else {
        eprintln!("usage: sim [--seeds N] [--first M] [--steps K]");
        return ExitCode::from(2);
    };
    if let Some(seed) = std::env::var("TERRACE_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let lived = live(seed, wanted.steps, true);
        lived.world.trace.lines().for_each(|line| println!("{line}"));
        return report(seed, wanted.steps, &lived);
    }
    let (began, mut steps) = (Instant::now(), 0);
    for seed in wanted.first..wanted.first + wanted.seeds {
        let lived = live(seed, wanted.steps, false);
        steps += lived.world.steps();
        if lived.failure.is_some() {
            lived.world.trace.lines().for_each(|line| println!("{line}"));
            return report(seed, wanted.steps, &lived);
        }
        println!(
            "seed {seed}: {} steps, trace {:?}",
            lived.world.steps(),
            lived.world.trace.digest()
        );
    }
    let seconds = began.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = steps as f64 / seconds.max(0.001);
    println!("{} seeds clean: {steps} steps in {seconds:.1} s, {rate:.0} a second", wanted.seeds);
    ExitCode::SUCCESS
}

fn report(seed: u64, steps: u64, lived: &Lived) -> ExitCode {
    let Some(failure) = &lived.failure else {
        println!("seed {seed}: clean, {} steps", lived.world.steps());
        return ExitCode::SUCCESS;
    };
    println!("seed {seed}: {failure}");
    println!(
        "replay: TERRACE_SEED={seed} cargo run --release -p terrace-tests --bin sim -- --steps {steps}"
    );
    ExitCode::FAILURE
}

fn wanted() -> Option<Wanted> {
    let mut wanted = Wanted { seeds: 20, first: 1, steps: STEPS };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number: u64 = words.next()?.parse().ok()?;
        match word.as_str() {
            "--seeds" => wanted.seeds = number,
            "--first" => wanted.first = number,
            "--steps" => wanted.steps = number,
            _ => return None,
        }
    }
    Some(wanted)
}
