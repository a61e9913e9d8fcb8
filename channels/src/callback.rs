//! What providers' callbacks have in common: the address that they come to, and when one is too old to count.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::contract::{CallbackError, World};

/// How far a provider's clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// The address for a provider's callbacks, `PUBLIC_URL/receipts/NAME`; None where the daemon has no public address.
pub(crate) fn address(name: &str, world: &World) -> Option<Url> {
    let mut base = world.public_url.clone()?;
    base.path_segments_mut().ok()?.pop_if_empty().extend(["receipts", name]);
    Some(base)
}

/// Refuses what was signed longer ago than `window`, or well after now.
pub(crate) fn fresh(signed_at: Timestamp, now: Timestamp, window: Duration) -> Result<(), CallbackError> {
    let age = now.duration_since(signed_at);
    let limit = |limit: Duration| jiff::SignedDuration::try_from(limit).unwrap_or(jiff::SignedDuration::MAX);
    if age > limit(window) || age < -limit(AHEAD) { Err(CallbackError::Stale) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_old_or_comes_from_the_future_is_stale() {
        let now = Timestamp::constant(1_772_366_400, 0);
        let at = |seconds: i64| fresh(Timestamp::constant(1_772_366_400 + seconds, 0), now, Duration::from_secs(60));
        assert_eq!((at(0), at(-60), at(300)), (Ok(()), Ok(()), Ok(())));
        assert_eq!((at(-61), at(301)), (Err(CallbackError::Stale), Err(CallbackError::Stale)));
    }
}
