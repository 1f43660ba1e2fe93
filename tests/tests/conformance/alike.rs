//! All stores led through the same random batches: they must answer alike, and hold alike.

use super::*;

/// Batches as an office might write them, and some it never would, with conflicts among them.
struct Weather {
    rng: StdRng,
    authors: Vec<Author>,
}

impl Weather {
    fn new(seed: u64) -> Self {
        let authors = (0..3).map(|n| Author::new(place(n), n as u8 + 1)).collect();
        Self { rng: StdRng::seed_from_u64(seed), authors }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.rng.random_range(0..limit)
    }

    fn next(&mut self) -> Batch {
        let which = self.below(3) as usize;
        let mut author = self.authors[which].clone();
        let count = self.below(90);
        let mut batch = full_batch(&mut author, count, "a");
        if self.below(5) == 0 {
            batch.journals[0].1 = self.below(200);
        }
        if self.below(4) == 0 {
            batch.entries.retain(|entry| entry.header().sequence % 3 > 0);
        }
        if author.size() > 0 {
            let sequences: Vec<u64> =
                (0..self.below(40)).map(|_| self.below(author.size())).collect();
            let bodies = self.below(2) == 0;
            batch.entries.extend(author.parcel(&sequences, bodies));
            let to = self.below(3) as usize;
            batch.parcels = sequences.iter().map(|n| (place(to), author.entry_id(*n))).collect();
        }
        batch.cases = (0..self.below(9)).map(|_| case(self.below(40) as u8)).collect();
        batch.block = Some(self.below(9) as u32);
        if self.below(4) > 0 {
            self.authors[which] = author;
        }
        batch
    }

    fn journals(&self) -> Vec<JournalId> {
        self.authors.iter().map(Author::id).collect()
    }
}

/// An answer without its words.
fn kind(answer: &Result<(), StoreError>) -> String {
    match answer {
        Ok(()) => "ok".into(),
        Err(error) => format!("{error:?}").split('(').next().unwrap().into(),
    }
}

#[tokio::test]
async fn stores_answer_alike_whatever_is_written() {
    let mut seen = BTreeSet::new();
    for seed in 0..12 {
        let (memory, sqlite) = (memory::Home::build().await, sqlite::Home::build().await);
        let postgres = postgres::Home::build().await;
        let mut weather = Weather::new(seed);
        for step in 0..25 {
            let batch = weather.next();
            let answers = [
                kind(&memory.store().commit(batch.clone()).await),
                kind(&sqlite.store().commit(batch.clone()).await),
                kind(&postgres.store().commit(batch).await),
            ];
            assert_eq!(answers[0], answers[1], "seed {seed}, step {step}");
            assert_eq!(answers[0], answers[2], "seed {seed}, step {step}");
            seen.insert(answers[0].clone());
            let journals = weather.journals();
            let expected = Content::of(memory.store(), &journals).await.unwrap();
            let content = Content::of(sqlite.store(), &journals).await.unwrap();
            assert_eq!(content, expected, "seed {seed}, step {step}");
            let content = Content::of(postgres.store(), &journals).await.unwrap();
            assert_eq!(content, expected, "PostgreSQL, seed {seed}, step {step}");
        }
    }
    assert_eq!(seen, ["Conflict".to_owned(), "ok".to_owned()].into(), "both were met");
}
