//! How fast sealing is: parts, wraps and marks, each by itself, one after another on one core.
//!
//! No bar and no peer: it prints what it measured.

#![allow(clippy::print_stdout, reason = "printing is what a measurement does")]

use std::hint::black_box;
use std::time::Instant;

use terrace_proto::digest::{CaseId, Epoch};
use terrace_proto::entry::JournalId;
use terrace_proto::key::Signer;
use terrace_proto::seal::matching::{self, BLINDING_CHANCE};
use terrace_proto::seal::{
    CaseKey, Identity, IndexKey, MatchingKey, Petitioner, Recipient, SealedPart, SealingKey, Wrap,
};

/// How often each is done.
const TIMES: u32 = 5_000;

fn rate<T>(what: &str, act: impl Fn() -> T) {
    let started = Instant::now();
    for _ in 0..TIMES {
        black_box(act());
    }
    let each = started.elapsed() / TIMES;
    println!("{what:<28} {each:>12.2?} each {:>10.0} a second", 1.0 / each.as_secs_f64());
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let by = JournalId { author: "410221101".parse()?, epoch: Epoch([0x11; 16]) };
    let (county, signer) = ("410221".parse()?, Signer::from_secret(&[0x44; 32]));
    let (key, to) = (CaseKey::of(CaseId([0x33; 16]), &[0x55; 32]), SealingKey::from_seed(&[1; 32]));
    let wrapped = |recipient| Wrap::make(&key, recipient, to.public(), by, &signer, &[0x66; 32]);
    let (text, nonce) = ([7; 300], [0x77; 24]);
    let part = SealedPart::seal(&key, &text, &nonce)?;
    let wrap = wrapped(Recipient::Named(county))?;
    let (bytes, public) = (wrap.bytes(), signer.public());
    rate("seal 300 bytes", || SealedPart::seal(&key, &text, &nonce));
    rate("open 300 bytes", || part.open(&key));
    rate("wrap and sign", || wrapped(Recipient::Blind));
    rate("read and verify a wrap", || Wrap::read(&bytes).map(|wrap| wrap.verify(&public)));
    rate("open a wrap", || wrap.open(&to));
    let index = IndexKey::of(&[3; 32]);
    rate("mark a telephone", || index.phone("138-0013-8000"));
    let petitioner = Petitioner { phone: "138-0013-8000".into(), ..Petitioner::default() };
    let identity = Identity { petitioner, others: Vec::new() };
    let blind = || matching::blind(&identity, county, || [9; BLINDING_CHANCE]);
    let answering = MatchingKey::of(&index).ok_or("a seed that makes no key")?;
    let blinded = blind().pop().ok_or("nothing was blinded")?;
    let evaluated = answering.evaluate(blinded.element()).ok_or("no element")?;
    rate("blind a field", blind);
    rate("answer to a blinded field", || answering.evaluate(blinded.element()));
    rate("unblind a mark", || blinded.mark(&evaluated));
    Ok(())
}
