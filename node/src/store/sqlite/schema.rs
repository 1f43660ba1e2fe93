//! The tables: made where there are none, and brought up to date step by step.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr as _, SqliteConnection};

use super::fault::meaning;
use crate::store::{StoreError, is_up_to_date};

/// The tables, step by step, each with its name.
const STEPS: [(&str, &str); 6] = [
    ("spine", include_str!("../../../migrations/sqlite/0001_spine.sql")),
    ("rules", include_str!("../../../migrations/sqlite/0002_rules.sql")),
    ("rolls", include_str!("../../../migrations/sqlite/0003_rolls.sql")),
    ("figures", include_str!("../../../migrations/sqlite/0004_figures.sql")),
    ("past", include_str!("../../../migrations/sqlite/0005_past.sql")),
    ("pace", include_str!("../../../migrations/sqlite/0006_pace.sql")),
];

/// Refuses tables that were not brought up to date, or are of a later step than this program's. No tables are as good as
/// new ones.
pub(super) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let text = "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
    let query = sqlx::query_scalar::<_, i64>(text).persistent(false);
    if query.fetch_one(&mut *connection).await.map_err(|error| meaning(&error))? == 0 {
        return Ok(());
    }
    let query =
        sqlx::query_scalar::<_, i64>("SELECT coalesce(max(version), 0) FROM _sqlx_migrations");
    let step = query.persistent(false).fetch_one(connection).await;
    is_up_to_date(step.map_err(|error| meaning(&error))?, STEPS.len())
}

/// What brings a database up to date.
pub(super) fn migrator() -> Migrator {
    let step = |(number, (name, text)): (i64, (&'static str, &'static str))| {
        Migration::new(number, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    Migrator::with_migrations((1..).zip(STEPS).map(step).collect())
}
