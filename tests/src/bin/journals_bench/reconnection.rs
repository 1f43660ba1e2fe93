//! All direct subordinates of the root at once, after it was away, with nothing new to tell each other.

use std::time::{Duration, Instant};

use terrace_node::store::Direction;
use terrace_tests::forwarder::Forwarder;
use terrace_tests::offices::Office;

use crate::Failure;
use crate::province::Province;
use crate::root::Root;

/// When nothing has passed for so long, both ends have nothing more to say.
const QUIET: Duration = Duration::from_secs(3);

/// Stops the root, starts it again, and has everybody dial in the same moment: in life they come over a minute. Returns
/// with the root running and all connected.
pub(crate) async fn measure(
    root: &Root,
    running: Office,
    provinces: &mut [Province],
) -> Result<Office, Failure> {
    // Who came first has not heard yet of the siblings that were admitted later.
    in_step(root, provinces).await?;
    for province in provinces.iter_mut() {
        province.hang_up().await?;
    }
    running.stop().await?;
    let began = Instant::now();
    let running = root.start().await?;
    println!("the root serves {:.2} s after its start", began.elapsed().as_secs_f64());
    let forwarder = Forwarder::to(root.address().to_owned()).await?;
    let passages = passages(provinces).await?;
    let store = root.store().await?;
    let began = Instant::now();
    for province in provinces.iter_mut() {
        province.dial(&forwarder.address)?;
    }
    while !provinces.iter().all(Province::is_connected) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let connected = began.elapsed().as_secs_f64();
    for province in provinces.iter() {
        province.in_step(store.as_ref()).await?;
    }
    let stepped = began.elapsed().as_secs_f64();
    let (up, down) = (forwarder.passed().up(), forwarder.passed().down());
    let links = provinces.len() as u64;
    println!(
        "reconnection of {links} subordinates: all talking after {connected:.2} s, all in step after {stepped:.2} s; \
         {} bytes up and {} down a link",
        up / links,
        down / links
    );
    let mut before = (Instant::now(), up + down);
    while before.0.elapsed() < QUIET {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = forwarder.passed().up() + forwarder.passed().down();
        if now != before.1 {
            before = (Instant::now(), now);
        }
    }
    let quiet = began.elapsed().saturating_sub(QUIET).as_secs_f64();
    println!(
        "  quiet after {quiet:.2} s, {} bytes a link in all, {} connections",
        before.1 / links,
        forwarder.passed().connections()
    );
    if self::passages(provinces).await? != passages {
        return Err("passages were sent where nothing was new".into());
    }
    // The forwarder ends with this measurement; from here on they dial the root itself.
    for province in provinces.iter_mut() {
        province.hang_up().await?;
    }
    in_step(root, provinces).await?;
    Ok(running)
}

/// Has all of them dial the root, and waits until they are in step.
async fn in_step(root: &Root, provinces: &mut [Province]) -> Result<(), Failure> {
    for province in provinces.iter_mut() {
        province.dial(root.address())?;
    }
    let store = root.store().await?;
    for province in provinces.iter() {
        province.in_step(store.as_ref()).await?;
    }
    Ok(())
}

/// How many passages the ledgers of all provinces hold, each way.
async fn passages(provinces: &[Province]) -> Result<u64, Failure> {
    let mut count = 0;
    for province in provinces {
        for direction in [Direction::Out, Direction::In] {
            let hub = terrace_proto::division::DivisionCode::HUB;
            let ledger = province.office().store().ledger(hub, direction).await?;
            count += ledger.map_or(0, |ledger| ledger.head.number);
        }
    }
    Ok(count)
}
