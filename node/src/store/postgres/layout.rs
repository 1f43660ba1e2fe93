//! How the tables lie: over provinces, as partitions on one machine or as shards on several.
//!
//! It is laid out once, before anything is written. Partitions are PostgreSQL's own. Shards are those of the Citus
//! extension, and **untested on Citus**: it is not in Debian, so what is checked is that every unique key holds the column
//! its table is laid out by, and that the statements are those of the snapshot. Nothing here distributes by itself.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, query, query_scalar};
use terrace_proto::division::{DivisionCode, Tree};

use super::column::province;
use super::fault::Trouble;
use super::server::Servers;
use super::{schema, writer};
use crate::store::StoreError;

/// Tables large enough to lie in a part for each province.
const PARTED: [&str; 2] = ["entry", "folded_case"];

/// Tables and the column they are distributed by: all that grow.
pub const DISTRIBUTED: [(&str, &str); 21] = [
    ("journal", "province"),
    ("covering_checkpoint", "province"),
    ("entry", "province"),
    ("tile", "province"),
    ("run", "province"),
    ("parcel", "province"),
    ("case_home", "id"),
    ("folded_case", "province"),
    ("ledger", "province"),
    ("passage", "province"),
    ("cosignature", "province"),
    ("head", "province"),
    ("raised", "province"),
    ("sealing_key", "province"),
    ("report", "province"),
    ("counter", "province"),
    ("issued_rules", "province"),
    ("rolled", "province"),
    ("sketch", "province"),
    ("cell", "province"),
    ("counted", "province"),
];

/// Tables of a few rows that stay on the first machine.
pub const KEPT_TOGETHER: [&str; 3] = ["tenure", "held", "block"];

/// Where the tables of an office are to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// On this machine, in a part for each province.
    Provinces,
    /// The same, on all machines of a Citus cluster. Untested on Citus.
    Distributed,
}

impl Layout {
    /// The statements that lay the tables out, in order.
    #[must_use]
    pub fn statements(self) -> Vec<String> {
        let tree = Tree::national();
        let mut provinces: Vec<i16> =
            tree.children(DivisionCode::HUB).map(|node| province(node.code)).collect();
        provinces.push(province(DivisionCode::HUB));
        provinces.sort_unstable();
        let part = |table: &str, province: &i16| {
            format!(
                "CREATE TABLE IF NOT EXISTS {table}_{province:02} PARTITION OF {table} FOR VALUES IN ({province})"
            )
        };
        let parts = PARTED.iter().flat_map(|table| provinces.iter().map(|p| part(table, p)));
        let mut statements: Vec<String> = parts.collect();
        if self == Self::Distributed {
            let spread = DISTRIBUTED.iter().map(|(table, column)| {
                format!("SELECT create_distributed_table('{table}', '{column}')")
            });
            statements.extend(spread);
        }
        statements
    }
}

/// Makes the tables of an empty database, laid out over provinces.
///
/// # Errors
///
/// [`StoreError::Conflict`] when there are entries already; [`StoreError::Unavailable`] when shards are wanted and the
/// extension is not there; and as [`super::PostgresStore::open`].
pub async fn lay_out(address: &str, layout: Layout) -> Result<(), StoreError> {
    let servers = Servers::read(address)?;
    let mut connection = writer::seize(&servers).await?;
    schema::prepare(&mut connection).await?;
    done(&mut connection, layout).await?;
    Ok(connection.close().await.map_err(Trouble::from)?)
}

async fn done(connection: &mut PgConnection, layout: Layout) -> Result<(), Trouble> {
    let entries: i64 = query_scalar("SELECT entries FROM held").fetch_one(&mut *connection).await?;
    if entries > 0 {
        let text = "数据库非空 this database holds entries: tables are laid out before the first is written";
        return Err(StoreError::Conflict(text.into()).into());
    }
    if layout == Layout::Distributed {
        let text = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";
        if !query_scalar::<_, bool>(text).fetch_one(&mut *connection).await? {
            let text = "数据库未装 Citus 扩展 this database has no Citus extension: install it (CREATE EXTENSION citus), or \
                        leave --distributed away; one machine lays the provinces out as partitions";
            return Err(StoreError::Unavailable(text.into()).into());
        }
    }
    let mut transaction = connection.begin().await?;
    for statement in layout.statements() {
        query(AssertSqlSafe(statement)).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}
