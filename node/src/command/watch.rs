//! Looks again and again: on a terminal in place, elsewhere one account after the other.
//!
//! Ctrl-C ends it and leaves the terminal as it was. An office that does not answer for a moment is said to,
//! and looked at again.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use crossterm::{cursor, execute, terminal};

/// The terminal's second page, left when this is dropped.
struct Page;

impl Page {
    fn turn() -> std::io::Result<Self> {
        execute!(std::io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        Ok(Self)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        _ = execute!(std::io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
    }
}

/// Prints what `look` gives, every `pause`, until Ctrl-C; `in_place` where there is a terminal.
pub(super) async fn watch(
    pause: Duration,
    in_place: bool,
    look: impl AsyncFn() -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let in_place = in_place && std::io::stdout().is_terminal();
    let _page = in_place.then(Page::turn).transpose()?;
    loop {
        let told = look().await.unwrap_or_else(|error| format!("未应答 no answer: {error:#}\n"));
        let mut out = std::io::stdout();
        if in_place {
            let clear = terminal::Clear(terminal::ClearType::FromCursorDown);
            execute!(out, cursor::MoveTo(0, 0), clear)?;
        }
        // Whoever reads this may have read enough and gone.
        if write!(out, "{told}").and_then(|()| out.flush()).is_err() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}
