//! When an event is tried again, and when an endpoint is switched off: what the standard recommends, as a table.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::signed::Heard;

use crate::store::webhooks::Fate;

/// The waits between tries, in seconds: eleven tries within some three days.
pub const WAITS: [u64; 10] = [10, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Each is made longer or shorter by up to this part, so that what failed together does not come back together.
const JITTER: f64 = 0.2;

/// How long to wait after so many tries failed before this one; None gives the event up. `spread` is between -1 and 1;
/// `asked` is what the receiver asked for.
pub fn wait(failed: u32, spread: f64, asked: Option<Duration>) -> Option<Duration> {
    let base = *usize::try_from(failed).ok().and_then(|failed| WAITS.get(failed))?;
    let wait = Duration::from_secs(base).mul_f64(1.0 + JITTER * spread.clamp(-1.0, 1.0));
    Some(asked.map_or(wait, |asked| asked.max(wait)))
}

/// What came of a call. `failing_since` is when the endpoint first took nothing, and nothing since; after `patience` of that
/// it is switched off, and at once when it says that it is gone.
pub fn fate(
    heard: Heard,
    failed: u32,
    spread: f64,
    now: Timestamp,
    failing_since: Option<Timestamp>,
    patience: SignedDuration,
) -> Fate {
    let after = |wait: Duration| now.saturating_add(wait).unwrap_or(Timestamp::MAX);
    match heard {
        Heard::Taken => Fate::Delivered,
        Heard::Gone => Fate::Again {
            due_at: None,
            trouble: "the receiver answered 410: it wants no more".to_owned(),
            not_before: None,
            disable: Some("gone"),
        },
        Heard::Not { after: asked, why } => {
            let is_over = failing_since.is_some_and(|since| now.duration_since(since) >= patience);
            Fate::Again {
                due_at: wait(failed, spread, asked).map(after),
                trouble: why,
                not_before: asked.map(after),
                disable: is_over.then_some("failing"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Waits grow, stay within their jitter, are never shorter than what was asked for, and end.
        #[test]
        fn waits_grow_and_end(failed in 0_u32..20, spread in -3.0_f64..3.0, asked in proptest::option::of(1_u64..100_000)) {
            let asked = asked.map(Duration::from_secs);
            let wait = wait(failed, spread, asked);
            match usize::try_from(failed).ok().and_then(|failed| WAITS.get(failed)) {
                None => prop_assert_eq!(wait, None),
                Some(base) => {
                    let wait = wait.unwrap();
                    let (low, high) = (Duration::from_secs(base * 4 / 5), Duration::from_secs(base * 6 / 5));
                    let asked = asked.unwrap_or_default();
                    prop_assert!(wait >= low.max(asked) && wait <= high.max(asked), "{wait:?}");
                    if failed > 0 {
                        let before = super::wait(failed - 1, spread, None).unwrap();
                        prop_assert!(wait > before, "{wait:?} after {before:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_endpoint_is_switched_off_when_it_is_gone_or_took_nothing_for_days() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let patience = SignedDuration::from_hours(48);
        let not = || Heard::Not { after: None, why: "no answer in time".to_owned() };
        let disable = |heard, since: Option<i64>| {
            let since = since.map(|hours| now - SignedDuration::from_hours(hours));
            match fate(heard, 3, 0.0, now, since, patience) {
                Fate::Again { disable, .. } => disable,
                Fate::Delivered => Some("delivered"),
            }
        };
        assert_eq!(disable(not(), None), None);
        assert_eq!(disable(not(), Some(47)), None);
        assert_eq!(disable(not(), Some(48)), Some("failing"));
        assert_eq!(disable(Heard::Gone, None), Some("gone"));
        assert_eq!(disable(Heard::Taken, Some(400)), Some("delivered"));
    }
}
