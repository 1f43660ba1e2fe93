//! The tables: made where there are none, and brought up to date step by step.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The tables, step by step, each with its name.
const STEPS: [(&str, &str); 6] = [
    ("spine", include_str!("../../../migrations/sqlite/0001_spine.sql")),
    ("rules", include_str!("../../../migrations/sqlite/0002_rules.sql")),
    ("rolls", include_str!("../../../migrations/sqlite/0003_rolls.sql")),
    ("figures", include_str!("../../../migrations/sqlite/0004_figures.sql")),
    ("past", include_str!("../../../migrations/sqlite/0005_past.sql")),
    ("pace", include_str!("../../../migrations/sqlite/0006_pace.sql")),
];

/// What brings a database up to date.
pub(super) fn migrator() -> Migrator {
    let step = |(number, (name, text)): (i64, (&'static str, &'static str))| {
        Migration::new(number, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations((1..).zip(STEPS).map(step).collect())
}
