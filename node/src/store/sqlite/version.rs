//! Whether a database was written by a version that this one can read: its `user_version` is the wire version.
//!
//! Wire version 0 was never released, and no migration leads out of it: its journals hold bytes that are read no more.
//! It looks before any migration runs, and changes nothing.

use sqlx::SqliteConnection;

use super::fault::meaning;
use crate::store::StoreError;

/// Refuses a database of wire version 0, or of a later version than this one's. An empty one is as good as new.
pub(super) async fn check(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let text = "SELECT count(*) FROM sqlite_master WHERE name = 'journal'";
    let query = sqlx::query_scalar::<_, i64>(text).persistent(false);
    let tables = query.fetch_one(&mut *connection).await.map_err(|error| meaning(&error))?;
    let query = sqlx::query_scalar::<_, i64>("PRAGMA user_version").persistent(false);
    let version = query.fetch_one(connection).await.map_err(|error| meaning(&error))?;
    match version {
        _ if tables == 0 => Ok(()),
        1 => Ok(()),
        0 => Err(StoreError::Version(
            "数据库属线路版本 0，未曾发布，不再识读 the database is of wire version 0, which was never released and \
             is not read: found the office anew, and bring its records in with `import`"
                .into(),
        )),
        later => Err(StoreError::Version(format!(
            "数据库属线路版本 {later}，比本程序新 the database is of wire version {later}, newer than this program: \
             run the newer one"
        ))),
    }
}
