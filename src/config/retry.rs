//! `[retry]`: how failed attempts are repeated.

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// The most repeats: a crisis message that failed this often has another problem.
const MOST: usize = 20;
/// The longest delay, in seconds: a week.
const LONGEST: u32 = 7 * 24 * 3600;

/// How failed attempts are repeated.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Seconds before the second, third, … attempt; after the last a delivery has failed.
    pub delays: Vec<u32>,
    /// How far a delay is spread, as a part of it: 0.2 means 20 % up or down.
    pub jitter: f64,
    /// Send again, possibly twice, when mail may have arrived. Text messages are left to a person.
    pub resend_mail_in_doubt: bool,
    /// Permits that another provider of the channel sends again what may have arrived by the first.
    pub resend_by_another: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            delays: vec![30, 120, 600, 1800, 7200],
            jitter: 0.2,
            resend_mail_in_doubt: true,
            resend_by_another: false,
        }
    }
}

impl Retry {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.delays.len() > MOST {
            return Err(SettingsError::new("delays", format!("has more than {MOST} entries; nobody waits that long")));
        }
        for (place, delay) in self.delays.iter().enumerate() {
            let wrong = |message: &str| Err(SettingsError::new(&format!("delays[{place}]"), message));
            if !(1..=LONGEST).contains(delay) {
                return wrong("must be between 1 and 604800 seconds (a week)");
            }
            if place > 0 && self.delays[place - 1] > *delay {
                return wrong("is shorter than the delay before it; put the delays in order, the shortest first");
            }
        }
        if !(0.0..=0.5).contains(&self.jitter) {
            return Err(SettingsError::new("jitter", "must be between 0 and 0.5"));
        }
        Ok(())
    }
}
