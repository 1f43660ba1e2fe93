//! An outsider who kills offices: knows only `offices.json`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use terrace_node::folder::Folder;
use terrace_node::window::Window;

/// How often it looks.
const LOOK: Duration = Duration::from_millis(20);

/// Reads `offices.json` and kills.
#[derive(Debug)]
pub struct Outsider(PathBuf);

impl Outsider {
    /// Of the offices below `data`.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self(data.join("offices.json"))
    }

    /// Kills an office at once, without asking; whether there was one.
    #[must_use]
    pub fn kill(&self, division: &str) -> bool {
        let Some(pid) = self.row(division).and_then(|row| row["pid"].as_u64()) else {
            return false;
        };
        Command::new("sh")
            .args(["-c", &format!("kill -KILL {pid}")])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Starts an office again, quicker perhaps than whoever keeps it. It is theirs to stop in the end.
    #[must_use]
    pub fn restart(&self, division: &str) -> Option<Child> {
        let row = self.row(division)?;
        let (program, data) = (row["program"].as_str()?, row["data"].as_str()?);
        let mut office = Command::new(program);
        office.args(["serve", "--data", data]).stdin(Stdio::null()).stdout(Stdio::null());
        office.stderr(Stdio::null()).spawn().ok()
    }

    /// Waits until the office has more in its journal than its first entry, then kills it.
    pub async fn kill_once_busy(&self, division: &str, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if self.entries(division).await.is_some_and(|entries| entries > 5) {
                return self.kill(division);
            }
            tokio::time::sleep(LOOK).await;
        }
        false
    }

    async fn entries(&self, division: &str) -> Option<u64> {
        let folder = Folder::at(Path::new(self.row(division)?["data"].as_str()?));
        let status = Window::knock(&folder).await.ok()?.show_status().await.ok()?;
        serde_json::from_str::<Value>(&status).ok()?["entries"].as_u64()
    }

    fn row(&self, division: &str) -> Option<Value> {
        let text = std::fs::read_to_string(&self.0).ok()?;
        let rows: Vec<Value> = serde_json::from_str(&text).ok()?;
        rows.into_iter().find(|row| row["division"] == division)
    }
}
