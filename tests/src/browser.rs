//! A real browser, driven from outside: Debian's chromium through its chromedriver.
//!
//! It opens pages as a reader would, tells what the browser complained of and which addresses it asked, and
//! takes pictures. It never goes anywhere but to this machine, and ends with the value that drives it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long the driver may take to start.
const START: Duration = Duration::from_secs(30);
/// Chromium in a closed network, as an ordinary user or as root.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
];

/// How pages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eyes {
    /// Whether scripts run.
    pub scripts: bool,
    /// Whether the reader prefers dark pages.
    pub dark: bool,
}

/// Why there is no browser.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// It is not installed.
    #[error("chromedriver is not installed (apt-get install chromium chromium-driver)")]
    Missing,
    /// It did not start.
    #[error("chromedriver did not start: {0}")]
    Start(String),
    /// A command failed.
    #[error(transparent)]
    Command(#[from] fantoccini::error::CmdError),
    /// No session could be made.
    #[error(transparent)]
    Session(#[from] fantoccini::error::NewSessionError),
    /// A file could not be written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The driver: a process of its own.
#[derive(Debug)]
pub struct Driver {
    _child: Child,
    address: String,
}

impl Driver {
    /// Starts chromedriver on a port that the system chooses.
    pub async fn start() -> Result<Self, BrowserError> {
        let spawned = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(BrowserError::Missing);
            }
            Err(error) => return Err(error.into()),
        };
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let said = async {
            while let Some(line) = lines.next_line().await? {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return Ok(port.trim_end_matches('.').to_owned());
                }
            }
            Err(BrowserError::Start("it said no port".into()))
        };
        let port = tokio::time::timeout(START, said)
            .await
            .map_err(|_| BrowserError::Start("it said nothing".into()))??;
        Ok(Self { _child: child, address: format!("http://127.0.0.1:{port}") })
    }

    /// Opens a browser.
    pub async fn open(&self, eyes: Eyes) -> Result<Browser, BrowserError> {
        let profile = tempfile::tempdir()?;
        let folder = format!("--user-data-dir={}", profile.path().display());
        let mut flags: Vec<&str> = FLAGS.to_vec();
        flags.push(&folder);
        let scripts = if eyes.scripts { 1 } else { 2 };
        let wanted = json!({
            "goog:chromeOptions": {
                "args": flags,
                "prefs": { "profile.managed_default_content_settings.javascript": scripts },
            },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let Value::Object(wanted) = wanted else { unreachable!("it is written as an object") };
        let wanted: Capabilities = wanted.into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&self.address)
            .await?;
        let browser = Browser { client, _profile: profile };
        let scheme = if eyes.dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        browser.chromium("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        // The browser begins with a page of its own, which is not what is looked at.
        browser.client.goto("about:blank").await?;
        browser.told().await?;
        Ok(browser)
    }
}

/// A browser.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    _profile: tempfile::TempDir,
}

/// What the browser did and said since it was last asked.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Complaints on its console.
    pub complaints: Vec<String>,
    /// Every address it asked.
    pub asked: Vec<String>,
}

impl Browser {
    /// The driver's own client, for looking at the page.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Makes the window so large.
    pub async fn size(&self, width: u32, height: u32) -> Result<(), BrowserError> {
        Ok(self.client.set_window_size(width, height).await?)
    }

    /// What it did and said since it was last asked.
    pub async fn told(&self) -> Result<Told, BrowserError> {
        let complaints = self.log("browser").await?;
        let performance = self.log("performance").await?;
        let asked = performance.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            let asked = message["method"] == "Network.requestWillBeSent";
            message["params"]["request"]["url"].as_str().filter(|_| asked).map(str::to_owned)
        });
        Ok(Told {
            complaints: complaints.iter().map(|entry| entry["message"].to_string()).collect(),
            asked: asked.collect(),
        })
    }

    /// Writes a picture of the whole page, not only of the window.
    pub async fn picture(&self, path: &Path, width: u32) -> Result<(), BrowserError> {
        let size = self.chromium("Page.getLayoutMetrics", json!({})).await?;
        let height = size["cssContentSize"]["height"].as_f64().unwrap_or(900.0).ceil();
        self.size(width, (height as u32).clamp(500, 6_000) + 140).await?;
        let bytes = self.client.screenshot().await?;
        Ok(std::fs::write(path, bytes)?)
    }

    /// Ends it.
    pub async fn close(self) -> Result<(), BrowserError> {
        Ok(self.client.close().await?)
    }

    async fn log(&self, sort: &str) -> Result<Vec<Value>, BrowserError> {
        let command = Ask { path: "se/log", body: json!({ "type": sort }) };
        let answer = self.client.issue_cmd(command).await?;
        Ok(answer.as_array().cloned().unwrap_or_default())
    }

    async fn chromium(&self, command: &str, parameters: Value) -> Result<Value, BrowserError> {
        let body = json!({ "cmd": command, "params": parameters });
        Ok(self.client.issue_cmd(Ask { path: "goog/cdp/execute", body }).await?)
    }
}

/// A command of chromedriver's own, beside the standard ones.
#[derive(Debug)]
struct Ask {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Ask {
    fn endpoint(
        &self,
        base_url: &url::Url,
        session_id: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
