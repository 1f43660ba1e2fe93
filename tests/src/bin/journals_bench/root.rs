//! The root: the product's program in a process of its own, over a file or over a PostgreSQL cluster of this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terrace_node::store::Store;
use terrace_tests::cluster::Cluster;
use terrace_tests::offices::{Office, binary, command, free_address, store_of};

use crate::Failure;

/// A root that can be started and stopped.
pub(crate) struct Root {
    data: PathBuf,
    program: PathBuf,
    address: String,
    console: String,
    /// Held as long as the root may run.
    #[expect(dead_code, reason = "it ends when it is dropped")]
    cluster: Option<Cluster>,
}

impl Root {
    /// Makes it.
    pub(crate) async fn found(scratch: &Path, on_server: bool) -> Result<Self, Failure> {
        let cluster = on_server.then(Cluster::start).transpose()?;
        let (data, program) = (scratch.join("00"), binary("terrace-hub")?);
        let (address, console) = (free_address()?, free_address()?);
        let folder = data.to_string_lossy().into_owned();
        let mut init = vec!["init", "--data", &folder, "--listen", &address, "--console", &console];
        let database = match &cluster {
            Some(cluster) => {
                cluster.sql("postgres", "CREATE DATABASE office")?;
                Some(cluster.address("office"))
            }
            None => None,
        };
        init.extend(database.iter().flat_map(|address| ["--database", address]));
        command(&program, &init).await?;
        Ok(Self { data, program, address, console, cluster })
    }

    /// Starts it; returns when it serves.
    pub(crate) async fn start(&self) -> Result<Office, Failure> {
        Ok(Office::start(&self.program, &self.data).await?)
    }

    /// Its data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.data
    }

    /// Where provinces reach it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where people look at it.
    pub(crate) fn console(&self) -> &str {
        &self.console
    }

    /// Its program.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Its store, for reading.
    pub(crate) async fn store(&self) -> Result<Arc<dyn Store>, Failure> {
        Ok(store_of(&terrace_node::folder::Folder::at(&self.data)).await?)
    }
}
