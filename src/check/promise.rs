//! Whether a promise can be kept by the channel that is slowest.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::{Finding, Place, Rules};

/// A finding where the next update is promised for before the last person is expected to have this one. `instead` is
/// the next time that works, as RFC 3339 on a full five minutes.
pub fn check_promise(rules: &Rules, next_update_at: Timestamp, expected_last: Timestamp) -> Option<Finding> {
    if next_update_at >= expected_last {
        return None;
    }
    let rule = rules.built_in("promise_too_early");
    let place = Place { field: Some("next_update_at"), ..Place::default() };
    let up = TimestampRound::new().smallest(Unit::Minute).increment(5).mode(RoundMode::Ceil);
    // Only a time at the very end of the calendar cannot be rounded up.
    let works = expected_last.round(up).unwrap_or(expected_last);
    Some(Finding { instead: Some(works.to_string()), ..rule.about(place, next_update_at.to_string()) })
}
