//! One seed from beginning to end: a federation is enrolled, lives through its troubles, comes to rest, and
//! is asked whether everything is where it belongs.

use terrace_proto::division::{DivisionCode, Tree};

use crate::network::Weather;
use crate::world::{Failure, World};

/// Steps of a life, unless told otherwise.
pub const STEPS: u64 = 12_000;
/// Steps within which a world must come to rest.
const REST: u64 = 200_000;
/// The upper part of the federation, superiors first; Jiyuan stands directly under its province.
const UPPER: [&str; 11] = [
    "000000000000",
    "41",
    "42",
    "4101",
    "4102",
    "4201",
    "410102",
    "410221",
    "410222",
    "420102",
    "419001",
];
/// How many towns are below which county.
const TOWNS: [(&str, usize); 5] =
    [("410102", 1), ("410221", 2), ("410222", 1), ("420102", 2), ("419001", 1)];

/// A life that was lived.
#[derive(Debug)]
pub struct Lived {
    /// The world as it stands.
    pub world: World,
    /// The rule that was broken, if any.
    pub failure: Option<Failure>,
}

/// The divisions of the federation, superiors first.
#[must_use]
pub fn federation() -> Vec<DivisionCode> {
    let code = |text: &str| text.parse().expect("these are divisions");
    let mut divisions: Vec<DivisionCode> = UPPER.iter().map(|text| code(text)).collect();
    for (county, count) in TOWNS {
        let towns = Tree::national().children(code(county)).map(|town| town.code);
        divisions.extend(towns.take(count));
    }
    divisions
}

/// Lives the life of a seed.
#[must_use]
pub fn live(seed: u64, steps: u64, whole_trace: bool) -> Lived {
    let mut world = World::new(seed, &federation());
    if whole_trace {
        world.trace.keep_whole();
    }
    let failure = through(&mut world, steps).err();
    Lived { world, failure }
}

fn through(world: &mut World, steps: u64) -> Result<(), Failure> {
    let weather = Weather {
        loss: world.dice.below(8),
        doubling: world.dice.below(8),
        flip: world.dice.below(8),
    };
    world.pass(3_000)?;
    world.network.weather = weather;
    let divisions: Vec<DivisionCode> = world.offices.keys().copied().collect();
    for _ in 0..4 {
        let office = *world.dice.pick(&divisions);
        if let Some(at) = world.offices.get_mut(&office) {
            at.rogue = true;
        }
    }
    world.employ();
    world.tempt_fate();
    while world.steps() < steps && world.step()? {}
    world.take("calm", World::calm)?;
    world.settle_down(REST)?;
    world.finish()
}
