//! The store in PostgreSQL as the root lays it out: every table over provinces. What holds for one part holds for many.

use terrace_node::store::IfHeld;
use terrace_node::store::postgres::PostgresStore;
use terrace_node::store::postgres::layout::{DISTRIBUTED, KEPT_TOGETHER, Layout, lay_out};
use terrace_tests::cluster::{self, Furnished};

use super::*;

/// A database of its own, laid out.
pub(super) struct Home(postgres::Home);

impl House for Home {
    type Kept = PostgresStore;

    async fn build() -> Self {
        Self(postgres::Home::at(cluster::database(Furnished::Provinces)).await)
    }

    fn store(&self) -> &PostgresStore {
        self.0.store()
    }

    async fn fill(&self) {
        self.0.fill().await;
    }

    async fn make_room(&self) {
        self.0.make_room().await;
    }

    async fn reopen(self) -> Self {
        Self(self.0.reopen().await)
    }
}

every_obligation!();

/// The statements, as the operator can read them before they are run. `TERRACE_WRITE_DOCS=1` writes them.
#[test]
fn layouts_are_those_of_the_snapshots() {
    let (parts, all) = (Layout::Provinces.statements(), Layout::Distributed.statements());
    let spread = all.strip_prefix(parts.as_slice()).expect("shards are made of the same parts");
    for (name, head, statements) in [
        ("provinces", "-- What `terrace-hub init --database` lays out.", parts.as_slice()),
        (
            "distributed",
            "-- What `terrace-hub init --database --distributed` does behind provinces.sql. Untested on Citus.",
            spread,
        ),
    ] {
        let path = format!("{}/../hub/migrations/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        let text = format!("{head}\n{};\n", statements.join(";\n"));
        if std::env::var_os("TERRACE_WRITE_DOCS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{name}.sql");
    }
}

/// A list for one of many is found by its own index, and not by reading what is listed for all others.
#[tokio::test]
async fn lists_of_one_are_not_looked_for_among_those_of_all() {
    let address = cluster::database(Furnished::Empty);
    PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
    let text = "INSERT INTO parcel SELECT n, 41, n, 1, 41, 41 FROM generate_series(1, 100000) n; \
                INSERT INTO rolled SELECT n, 41, n, 1, 41, '' FROM generate_series(1, 100000) n; \
                ANALYZE parcel; ANALYZE rolled; SET plan_cache_mode = force_generic_plan; \
                PREPARE parcels AS SELECT * FROM parcel \
                WHERE neighbour = $1::int8 AND position > $2::int8 ORDER BY position LIMIT $3::int8; \
                PREPARE roll AS SELECT * FROM rolled \
                WHERE roll = $1::int8 AND position < $2::int8 ORDER BY position DESC LIMIT $3::int8; \
                EXPLAIN EXECUTE parcels (42, 0, 9); EXPLAIN EXECUTE roll (2, 999999, 9); \
                EXPLAIN SELECT max(position + 0) FROM parcel";
    let plan = cluster::run(&address, text).unwrap();
    for index in ["parcel_by_neighbour", "rolled_by_roll", "parcel_by_position"] {
        assert!(plan.contains(index), "{index}: {plan}");
    }
    assert!(!plan.contains("Seq Scan"), "{plan}");
}

/// What a survey looks for is found in an index of its own, and not among all that has ended.
#[tokio::test]
async fn what_stands_still_is_not_looked_for_among_all_cases() {
    let address = cluster::database(Furnished::Empty);
    PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
    let text = "INSERT INTO folded_case (province, row, id, title, opened_at, open, waiting, parked, contested, \
                facts, idle_since, unserved, unexecuted, reopened, hops) \
                SELECT 41, n, int8send(n), '', n, n % 100 = 0, false, false, false, decode(repeat('07', 400), 'hex'), \
                CASE WHEN n % 100 = 0 THEN n END, n % 1000 = 0, n % 1000 = 0, \
                CASE WHEN n % 100 = 0 THEN n % 7 END, CASE WHEN n % 100 = 0 THEN n % 9 END \
                FROM generate_series(1, 50000) n; VACUUM ANALYZE folded_case;";
    for statement in text.split(';').filter(|statement| !statement.is_empty()) {
        cluster::run(&address, statement).unwrap();
    }
    let asked = [
        ("idle_since < $1", "5000", "idle_since", "folded_case_other_idle_since_id_holder_idx"),
        (
            "unserved AND opened_at > $1",
            "0",
            "opened_at",
            "folded_case_other_opened_at_id_holder_idx",
        ),
        (
            "unexecuted AND opened_at > $1",
            "0",
            "opened_at",
            "folded_case_other_opened_at_id_holder_idx",
        ),
        (
            "hops IS NOT NULL AND (false OR opened_at < $1 OR reopened >= 6 OR hops >= 8)",
            "900",
            "opened_at",
            "folded_case_other_opened_at_id_reopened_hops_holder_number_idx",
        ),
    ];
    for (condition, bound, order, index) in asked {
        for what in ["count(*)", "id, number, opened_at, reopened, hops"] {
            let order =
                if what == "count(*)" { "" } else { &format!("ORDER BY {order}, id LIMIT 9") };
            let text = format!(
                "SET plan_cache_mode = force_generic_plan; PREPARE asked AS SELECT {what} FROM folded_case \
                 WHERE {condition} {order}; EXPLAIN EXECUTE asked ({bound})"
            );
            let plan = cluster::run(&address, &text).unwrap();
            assert!(plan.contains(index), "{index}: {plan}");
            assert!(!plan.contains("Seq Scan on folded_case_other"), "{plan}");
        }
    }
}

/// Without this, no machine could judge by itself whether a row is there already.
#[tokio::test]
async fn every_unique_key_holds_the_column_its_table_is_laid_out_by() {
    let address = cluster::database(Furnished::Empty);
    PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
    let text = "SELECT t.relname, i.indexrelid::regclass, (SELECT string_agg(a.attname, ',') \
                FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey::int2[])) \
                FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
                JOIN pg_namespace n ON n.oid = t.relnamespace \
                WHERE i.indisunique AND n.nspname = 'public' AND NOT t.relispartition";
    let keys = cluster::run(&address, text).unwrap();
    let mut tables = BTreeSet::new();
    for key in keys.lines() {
        let mut parts = key.split('|');
        let [table, index, columns] = [(); 3].map(|()| parts.next().unwrap());
        tables.insert(table.to_owned());
        if KEPT_TOGETHER.contains(&table) || table == "_sqlx_migrations" {
            continue;
        }
        let (_, by) = DISTRIBUTED.iter().find(|(name, _)| *name == table).unwrap_or_else(|| {
            panic!("{table} is neither laid out nor kept together: say which in layout.rs")
        });
        assert!(columns.split(',').any(|column| column == *by), "{index} of {table}: {columns}");
    }
    let named = DISTRIBUTED.iter().map(|(table, _)| *table).chain(KEPT_TOGETHER);
    for table in named {
        assert!(tables.contains(table), "{table} has no key");
    }
}

#[tokio::test]
async fn a_province_lies_in_its_own_part_and_is_read_from_there_alone() {
    let home = Home::build().await;
    let henan = Author::new("4102".parse().unwrap(), 9);
    home.store().commit(henan.clone().batch(30, "a")).await.unwrap();
    let address = home.0.address();
    let count = cluster::run(address, "SELECT count(*) FROM entry_41").unwrap();
    assert_eq!(count, "30");
    let text =
        "SET enable_seqscan = off; EXPLAIN SELECT * FROM entry WHERE province = 41 AND journal = 1";
    let plan = cluster::run(address, text).unwrap();
    assert!(plan.contains("entry_41") && !plan.contains("entry_42"), "{plan}");
    let error = lay_out(address, Layout::Provinces).await.unwrap_err();
    assert!(error.to_string().contains("another process holds"), "{error}");
}

#[tokio::test]
async fn layouts_that_cannot_be_are_refused_with_what_to_do() {
    let address = cluster::database(Furnished::Empty);
    let error = lay_out(&address, Layout::Distributed).await.unwrap_err();
    assert!(error.to_string().contains("CREATE EXTENSION citus"), "{error}");
    let store = PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
    store.commit(author().batch(1, "a")).await.unwrap();
    store.close().await.unwrap();
    let error = lay_out(&address, Layout::Provinces).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
}
