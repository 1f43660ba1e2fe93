//! Where the office's own log goes: standard error, level by `TERRACE_LOG`.
//!
//! It never logs words of a case or anything of a petitioner.

use tracing_subscriber::EnvFilter;

/// Begins logging. A second call changes nothing.
pub fn begin() {
    let filter = EnvFilter::try_from_env("TERRACE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,h2=warn,hyper=warn,tonic=warn"));
    _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
