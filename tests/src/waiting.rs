//! Waiting for what comes over a link when it comes: asks again until the answer is as wanted, and gives up in the end.

use std::time::Duration;

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);
/// Questions before it is given up: half a minute.
const TIMES: usize = 600;

/// Asks until the answer is as wanted.
///
/// # Panics
///
/// If it never is, naming `what` did not come and the last answer.
pub async fn until<T: std::fmt::Debug, F: Future<Output = T>>(
    what: &str,
    ask: impl Fn() -> F,
    wanted: impl Fn(&T) -> bool,
) -> T {
    for _ in 1..TIMES {
        let answer = ask().await;
        if wanted(&answer) {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let answer = ask().await;
    assert!(wanted(&answer), "{what} never came: {answer:?}");
    answer
}
