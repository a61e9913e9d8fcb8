//! What an outcome makes of a delivery: an end, or another try. The one place where retry rules are read.

use std::time::Duration;

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, Manifest, Outcome, Reason};

use crate::{
    config::Retry,
    store::deliveries::{Rescue, Verdict},
    track::DeliveryState,
};

/// How long a throttled delivery waits. The provider that named a longer time takes nothing before that anyway, and
/// another need not wait for it.
const THROTTLED: Duration = Duration::from_secs(5);
/// The longest wait a provider may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What was kept of an attempt that did not simply succeed: its word, why, the provider's words.
pub type Kept = Option<(&'static str, Option<Reason>, String)>;

/// What happens to deliveries in doubt on this channel.
/// Its token was first used `age` ago, at the latest: beyond the provider's memory a repeat would be a second message.
pub fn in_doubt_rule(channel: Channel, keys: Keys, age: Duration, retry: &Retry) -> Rescue {
    if keys.idempotent && keys.life.is_none_or(|life| age < life) {
        Rescue::Repeat
    } else if channel.is_mail() && retry.resend_mail_in_doubt {
        Rescue::Resend
    } else {
        Rescue::Hold
    }
}

/// What a provider does with a token that it has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Whether a repeat makes one message.
    pub idempotent: bool,
    /// For how long; None for ever.
    pub life: Option<Duration>,
}

impl Keys {
    /// As a provider declares it.
    pub fn of(manifest: &Manifest) -> Keys {
        Keys { idempotent: manifest.idempotent, life: manifest.key_life }
    }
}

/// How long ago the first attempt was when the one after `attempts` others is due, at the most.
pub fn longest_age(retry: &Retry, attempts: u32) -> Duration {
    let delays =
        retry.delays.iter().take(usize::try_from(attempts).map_or(usize::MAX, |count| count.saturating_add(1)));
    Duration::from_secs(delays.map(|delay| u64::from(*delay)).sum()).mul_f64(1.0 + retry.jitter)
}

/// When the next attempt is due after `attempts` were made before this one; None when there is none left.
/// `spread` lies between -1 and 1.
fn next_try(retry: &Retry, attempts: u32, after: Option<Duration>, spread: f64, now: Timestamp) -> Option<Timestamp> {
    let delay = f64::from(*retry.delays.get(usize::try_from(attempts).ok()?)?);
    let spread_delay = Duration::try_from_secs_f64(delay * (1.0 + retry.jitter * spread.clamp(-1.0, 1.0))).ok()?;
    Some(now + spread_delay.max(after.unwrap_or_default().min(LONGEST)))
}

/// Decides. `attempts` is how often it was tried before.
pub fn decide(
    outcome: Outcome,
    attempts: u32,
    rule: Rescue,
    retry: &Retry,
    spread: f64,
    now: Timestamp,
) -> (Verdict, Kept) {
    let end = |state, reason, reference, parts| Verdict::End { state, reason, reference, parts };
    match outcome {
        Outcome::Accepted { reference, parts } => (end(DeliveryState::Accepted, None, reference, parts), None),
        Outcome::Delivered { reference, parts } => (end(DeliveryState::Delivered, None, reference, parts), None),
        Outcome::Later { after, reason: Reason::Throttled, detail } => {
            let due_at = now + after.unwrap_or(THROTTLED).min(THROTTLED);
            (
                Verdict::Again { due_at, counts: false, reason: Reason::Throttled },
                Some(("later", Some(Reason::Throttled), detail)),
            )
        }
        Outcome::Later { after, reason, detail } => {
            let verdict = match next_try(retry, attempts, after, spread, now) {
                Some(due_at) => Verdict::Again { due_at, counts: true, reason },
                None => end(DeliveryState::Failed, Some(reason), None, 0),
            };
            (verdict, Some(("later", Some(reason), detail)))
        }
        Outcome::Rejected { reason, detail } => {
            (end(DeliveryState::Failed, Some(reason), None, 0), Some(("rejected", Some(reason), detail)))
        }
        Outcome::InDoubt { detail } => {
            let again = (rule != Rescue::Hold).then(|| next_try(retry, attempts, None, spread, now)).flatten();
            let verdict = match again {
                Some(due_at) => Verdict::Again { due_at, counts: true, reason: Reason::Temporary },
                None => end(DeliveryState::InDoubt, None, None, 0),
            };
            (verdict, Some(("in_doubt", None, detail)))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn later(reason: Reason) -> Outcome {
        Outcome::Later { after: None, reason, detail: String::new() }
    }

    #[test]
    fn throttling_never_counts_and_never_ends_a_delivery() {
        let retry = Retry { delays: vec![1], ..Retry::default() };
        let (verdict, _) = decide(later(Reason::Throttled), 99, Rescue::Hold, &retry, 0.0, Timestamp::UNIX_EPOCH);
        assert!(matches!(verdict, Verdict::Again { counts: false, .. }));
    }

    #[test]
    fn the_last_attempt_ends_it() {
        let retry = Retry { delays: vec![1, 2], ..Retry::default() };
        let end =
            |attempts| decide(later(Reason::Temporary), attempts, Rescue::Hold, &retry, 0.0, Timestamp::UNIX_EPOCH).0;
        assert!(matches!(end(1), Verdict::Again { counts: true, .. }));
        assert!(matches!(end(2), Verdict::End { state: DeliveryState::Failed, .. }));
    }

    #[test]
    fn in_doubt_is_held_resent_or_repeated_by_the_rule() {
        let retry = Retry::default();
        let doubt = || Outcome::InDoubt { detail: String::new() };
        let held = decide(doubt(), 0, Rescue::Hold, &retry, 0.0, Timestamp::UNIX_EPOCH);
        assert!(matches!(held.0, Verdict::End { state: DeliveryState::InDoubt, .. }));
        let resent = decide(doubt(), 0, Rescue::Resend, &retry, 0.0, Timestamp::UNIX_EPOCH);
        assert!(matches!(resent.0, Verdict::Again { counts: true, .. }));
        assert_eq!(resent.1.map(|kept| kept.0), Some("in_doubt"), "a possible duplicate is marked before it is sent");
    }

    #[test]
    fn mail_is_resent_texts_are_held_and_idempotent_providers_repeat() {
        let retry = Retry::default();
        let now = Duration::ZERO;
        let forever = Keys { idempotent: true, life: None };
        assert_eq!(in_doubt_rule(Channel::Email, Keys::default(), now, &retry), Rescue::Resend);
        assert_eq!(in_doubt_rule(Channel::Sms, Keys::default(), now, &retry), Rescue::Hold);
        assert_eq!(in_doubt_rule(Channel::Bluesky, forever, Duration::MAX, &retry), Rescue::Repeat);
        let careful = Retry { resend_mail_in_doubt: false, ..retry };
        assert_eq!(in_doubt_rule(Channel::Email, Keys::default(), now, &careful), Rescue::Hold);
    }

    #[test]
    fn a_key_that_the_provider_has_forgotten_is_not_trusted() {
        let retry = Retry { delays: vec![60, 600, 3000], jitter: 0.0, ..Retry::default() };
        let hour = Keys { idempotent: true, life: Some(Duration::from_secs(3600)) };
        let rule = |attempts| in_doubt_rule(Channel::Mastodon, hour, longest_age(&retry, attempts), &retry);
        assert_eq!([rule(0), rule(1), rule(2)], [Rescue::Repeat, Rescue::Repeat, Rescue::Hold]);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_part_of_the_delay(attempts in 0_u32..5, spread in -1.0_f64..1.0) {
            let retry = Retry::default();
            let due = next_try(&retry, attempts, None, spread, Timestamp::UNIX_EPOCH).unwrap().as_second() as f64;
            let delay = f64::from(retry.delays[attempts as usize]);
            prop_assert!(due >= (delay * 0.8).floor() && due <= (delay * 1.2).ceil());
        }
    }
}
