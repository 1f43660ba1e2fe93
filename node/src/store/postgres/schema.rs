//! The tables: made where there are none, and refused where another version made them.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{PgConnection, SqlSafeStr as _, query_scalar};

use super::fault::Trouble;
use crate::store::{StoreError, is_up_to_date};

/// The tables, step by step, each with its name.
const STEPS: [(&str, &str); 4] = [
    ("spine", include_str!("../../../migrations/postgres/0001_spine.sql")),
    ("past", include_str!("../../../migrations/postgres/0002_past.sql")),
    ("line", include_str!("../../../migrations/postgres/0003_line.sql")),
    ("pace", include_str!("../../../migrations/postgres/0004_pace.sql")),
];
/// The wire version whose journals are read.
const WIRE: i32 = 1;

/// Makes the tables, or brings them up to date.
pub(super) async fn prepare(connection: &mut PgConnection) -> Result<(), StoreError> {
    check(connection).await?;
    let step = |(number, (name, text)): (i64, (&'static str, &'static str))| {
        Migration::new(number, name.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    let steps = (1..).zip(STEPS).map(step).collect();
    let done = Migrator::with_migrations(steps).run(connection).await;
    done.map_err(|error| {
        if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) = error {
            return Trouble::from(error).into();
        }
        StoreError::Corrupt(format!("the tables are not those of this version: {error}"))
    })
}

/// Refuses tables that were not brought up to date, or are of a later step than this program's. No tables are as good as
/// new ones.
pub(super) async fn check_steps(connection: &mut PgConnection) -> Result<(), StoreError> {
    let there = query_scalar::<_, bool>("SELECT to_regclass('_sqlx_migrations') IS NOT NULL");
    if !there.fetch_one(&mut *connection).await.map_err(Trouble::from)? {
        return Ok(());
    }
    let step = query_scalar::<_, i64>("SELECT coalesce(max(version), 0) FROM _sqlx_migrations");
    is_up_to_date(step.fetch_one(connection).await.map_err(Trouble::from)?, STEPS.len())
}

/// Refuses tables of another wire version. No tables are as good as new ones.
pub(super) async fn check(connection: &mut PgConnection) -> Result<(), StoreError> {
    let there = query_scalar::<_, bool>("SELECT to_regclass('tenure') IS NOT NULL");
    if !there.fetch_one(&mut *connection).await.map_err(Trouble::from)? {
        return Ok(());
    }
    let version = query_scalar::<_, i32>("SELECT wire FROM tenure");
    match version.fetch_one(connection).await.map_err(Trouble::from)? {
        WIRE => Ok(()),
        other => Err(StoreError::Version(format!(
            "数据库属线路版本 {other}，本程序识读 {WIRE} the database is of wire version {other}, and this program reads \
             {WIRE}: run the newer one"
        ))),
    }
}
