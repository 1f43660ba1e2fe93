//! Notes, checkpoints, cosignatures and proofs are those of C2SP: written and read by another implementation.
//!
//! The other one is `signed_note` and `tlog_tiles`, which stand on other hash and signature crates than ours.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use data_encoding::BASE64;
use proptest::prelude::*;
use signed_note::{StandardSigner, StandardVerifier, Verifier, VerifierList};
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::entry::JournalId;
use terrace_proto::journal::checkpoint::Cosigned;
use terrace_proto::journal::merkle::{Subtree, consistency, path};
use terrace_proto::journal::{Checkpoint, Frontier, SignedCheckpoint};
use terrace_proto::key::Signer;
use terrace_proto::note::{Note, read_verifier, verifier};
use tlog_tiles::{Hash, check_record, check_tree};

fn journal() -> JournalId {
    JournalId { author: "410221".parse().unwrap(), epoch: Epoch([7; 16]) }
}

fn signer() -> Signer {
    Signer::from_secret(&[9; 32])
}

fn leaf(n: u64) -> Digest {
    Digest::of(&[&n.to_be_bytes()])
}

fn root(from: u64, to: u64) -> Digest {
    let mut frontier = Frontier::default();
    (from..to).for_each(|n| frontier.push(leaf(n)));
    frontier.root()
}

fn head(size: u64) -> Checkpoint {
    Checkpoint { journal: journal(), size, root: root(0, size) }
}

#[test]
fn checkpoint_of_ours_is_a_signed_note_and_a_checkpoint_to_the_other() {
    let name = Checkpoint::origin(journal());
    let word = verifier(&name, &signer().public());
    let bytes = head(5).sign(&signer()).note().to_vec();
    let note = signed_note::Note::from_bytes(&bytes).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&word).unwrap())]);
    let (verified, unverified) = note.verify(&known).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    let read = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((read.origin(), read.size()), (name.as_str(), 5));
    assert_eq!(read.hash().0, root(0, 5).0);
    let changed = String::from_utf8(bytes).unwrap().replacen("\n5\n", "\n6\n", 1);
    let changed = signed_note::Note::from_bytes(changed.as_bytes()).unwrap();
    assert!(changed.verify(&known).is_err());
}

#[test]
fn checkpoint_of_the_other_is_one_to_us() {
    let name = Checkpoint::origin(journal());
    let word = verifier(&name, &signer().public());
    let id = word.rsplit('+').nth(1).unwrap();
    let mut secret = vec![1];
    secret.extend(signer().secret());
    let theirs = format!("PRIVATE+KEY+{name}+{id}+{}", BASE64.encode(&secret));
    let theirs = StandardSigner::new(&theirs).unwrap();
    let hash = Hash(root(0, 5).0);
    let text = format!("{name}\n5\n{}\n", BASE64.encode(&hash.0));
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&theirs]).unwrap();
    let ours = SignedCheckpoint::read(&note.to_bytes(), journal(), &signer().public()).unwrap();
    assert_eq!(ours.checkpoint(), &head(5));
    assert_eq!(ours.note(), head(5).sign(&signer()).note(), "byte for byte");
    assert_eq!(read_verifier(&word), Some((name, signer().public())));
}

/// A verifier of cosignatures (C2SP tlog-cosignature), written after its text alone.
struct Cosigning {
    name: String,
    key: [u8; 32],
}

impl Verifier for Cosigning {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        let mut key = vec![4];
        key.extend(self.key);
        signed_note::key_id(&self.name, &key)
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let mut message =
            format!("cosignature/v1\ntime {}\n", u64::from_be_bytes(*time)).into_bytes();
        message.extend(text);
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.key).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| key.verify_strict(&message, &signature).is_ok())
    }
}

#[test]
fn cosignature_of_ours_is_one_to_the_other() {
    let by = JournalId { author: "41".parse().unwrap(), epoch: Epoch([8; 16]) };
    let witness = Signer::from_secret(&[3; 32]);
    let line = Cosigned::sign(head(5), by, &witness, 1_790_000_000).line;
    let mut bytes = head(5).sign(&signer()).note().to_vec();
    bytes.extend(format!("{line}\n").bytes());
    let note = signed_note::Note::from_bytes(&bytes).unwrap();
    let name = Checkpoint::origin(by);
    let known = |key| VerifierList::new(vec![Box::new(Cosigning { name: name.clone(), key })]);
    let (verified, unverified) = note.verify(&known(witness.public().bytes())).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 1));
    assert!(note.verify(&known(signer().public().bytes())).is_err());
    assert!(Note::read(&bytes).is_ok(), "and a note with both lines is one to us");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn proofs_of_ours_hold_for_the_other(size in 1_u64..300, a in any::<u64>(), b in any::<u64>()) {
        let subtree = |Subtree { level, number }: Subtree| {
            let first = number << level;
            Some(root(first, first + (1 << level)))
        };
        let hashes = |proof: Vec<Digest>| proof.iter().map(|hash| Hash(hash.0)).collect::<Vec<_>>();
        let (index, before) = (a % size, 1 + b % size);
        let th = Hash(root(0, size).0);
        let record = hashes(path(index, size, &subtree).unwrap());
        prop_assert!(check_record(&record, size, th, index, Hash(leaf(index).0)).is_ok());
        let tree = hashes(consistency(before, size, &subtree).unwrap());
        prop_assert!(check_tree(&tree, size, th, before, Hash(root(0, before).0)).is_ok());
        prop_assert!(check_tree(&tree, size, th, before, Hash([1; 32])).is_err());
    }
}
