//! What an author chose about time: frozen at the submit, read by the approver, bound by the digest.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quiet::{Quiet, Window};

/// How much of an audience is handed over before the next one starts, where nothing else is said.
pub const STAGE_PERCENT: u8 = 95;

/// What happens to people whose quiet hours it is when their message would go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AtNight {
    /// They get it at once: it is urgent.
    #[default]
    Now,
    /// They get it at the end of their quiet hours, if it still holds then: the incident has not ended, and no later
    /// update has replaced it.
    Morning,
    /// They do not get it.
    NotAtAll,
}

impl AtNight {
    /// The name in the API and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            AtNight::Now => "now",
            AtNight::Morning => "morning",
            AtNight::NotAtAll => "not_at_all",
        }
    }

    /// Reads a name written by [`AtNight::as_str`].
    pub fn parse(name: &str) -> Option<AtNight> {
        [AtNight::Now, AtNight::Morning, AtNight::NotAtAll].into_iter().find(|choice| choice.as_str() == name)
    }
}

/// How a broadcast goes out in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// What happens to people whose quiet hours it is.
    pub quiet_hours: AtNight,
    /// The quiet hours of each channel that has some, as they were configured at the submit.
    pub windows: BTreeMap<Channel, Window>,
    /// The zone of people whose own is not known.
    pub zone: String,
    /// Minutes over which first messages to people are spread evenly; None sends as fast as the providers allow.
    pub spread_minutes: Option<u32>,
    /// The stage of each variant, in the order of the variants: those of stage 1 start when enough of stage 0 is out.
    pub stages: Vec<u8>,
    /// How much of an audience has to have its end before the next one starts, in percent.
    pub stage_percent: u8,
}

impl Timing {
    /// The quiet hours that a message on this channel keeps; None where none are kept.
    pub fn quiet(&self, channel: Channel) -> Option<Quiet<'_>> {
        let window = *self.windows.get(&channel)?;
        (self.quiet_hours != AtNight::Now).then(|| Quiet::new(window, self.quiet_hours, &self.zone))
    }

    /// How many of `total` first messages may have gone after `elapsed` milliseconds. It moves once a second, so that
    /// claims stay worth their commit.
    pub fn released(&self, total: i64, elapsed: i64) -> i64 {
        let Some(minutes) = self.spread_minutes else { return total };
        let (elapsed, spread) = (i128::from(elapsed.max(0) / 1000), i128::from(minutes) * 60);
        // The first one goes at once; the last one within the time.
        let released = i128::from(total) * elapsed / spread.max(1) + 1;
        i64::try_from(released).unwrap_or(i64::MAX).min(total)
    }

    /// Whether audiences go one after the other.
    pub fn is_staged(&self) -> bool {
        self.stages.iter().any(|stage| *stage > 0)
    }

    /// The stage of a variant.
    pub fn stage(&self, variant: usize) -> usize {
        self.stages.get(variant).copied().map_or(0, usize::from)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(minutes: u32) -> Timing {
        Timing {
            quiet_hours: AtNight::Now,
            windows: BTreeMap::new(),
            zone: "UTC".to_owned(),
            spread_minutes: Some(minutes),
            stages: vec![0],
            stage_percent: STAGE_PERCENT,
        }
    }

    #[test]
    fn one_goes_at_once_and_the_last_within_the_time() {
        let hour = spread(60);
        let at = |minute: i64| hour.released(601, minute * 60_000);
        assert_eq!([at(-5), at(0), at(6), at(30), at(60), at(600)], [1, 1, 61, 301, 601, 601]);
    }

    proptest! {
        #[test]
        fn what_is_released_only_grows_and_is_never_more_than_its_share(
            total in 1_i64..10_000_000, minutes in 1_u32..10_080, elapsed in 0_i64..700_000_000, more in 0_i64..10_000_000,
        ) {
            let timing = spread(minutes);
            let released = timing.released(total, elapsed);
            prop_assert!(released >= 1 && released <= total);
            prop_assert!(timing.released(total, elapsed + more) >= released);
            let share = total as f64 * elapsed as f64 / (f64::from(minutes) * 60_000.0);
            prop_assert!(released as f64 <= share + 1.0);
        }
    }
}
