//! Whether every channel has gone through every step somewhere (三个全覆盖): what no case has shown yet is named.

use std::collections::BTreeSet;

use crate::case::step::STEPS;
use crate::entry::Kind;
use crate::entry::channel::CHANNELS;

/// A channel and a step that no case has gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The channel.
    pub channel: &'static str,
    /// The step.
    pub step: Kind,
}

/// The steps of the table, each once.
#[must_use]
pub fn steps() -> BTreeSet<Kind> {
    STEPS.iter().map(|step| step.kind).collect()
}

/// What is missing of what was seen: channels with the steps their cases took.
#[must_use]
pub fn gaps(seen: &BTreeSet<(String, Kind)>) -> Vec<Gap> {
    let all = CHANNELS
        .iter()
        .flat_map(|(channel, ..)| steps().into_iter().map(move |step| Gap { channel, step }));
    all.filter(|gap| !seen.contains(&(gap.channel.to_owned(), gap.step))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fixture C1: every channel with every step; one that is taken away is named.
    #[test]
    fn what_no_case_has_shown_is_named() {
        let all = CHANNELS.iter().flat_map(|(channel, ..)| {
            steps().into_iter().map(move |step| ((*channel).to_owned(), step))
        });
        let mut seen: BTreeSet<(String, Kind)> = all.collect();
        assert_eq!(gaps(&seen), []);
        seen.remove(&("VID".to_owned(), Kind::Served));
        assert_eq!(gaps(&seen), [Gap { channel: "VID", step: Kind::Served }]);
        assert_eq!(gaps(&BTreeSet::new()).len(), CHANNELS.len() * steps().len());
    }
}
