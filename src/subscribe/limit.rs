//! How often one caller may ask. An address has a limit of its own, which is in the store: this one keeps a single stranger
//! from using up what all of them have.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::listener::Peer;

/// Forms that one caller may send in [`WINDOW`]. An office has one address for everybody in it.
const MOST: u32 = 30;
/// For how long they count.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// How many callers are remembered; beyond that those who came first are forgotten.
const MOST_CALLERS: usize = 20_000;

/// Who asked how often, since when.
#[derive(Default)]
pub(super) struct Callers(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Callers {
    /// Counts a form; false where there were too many.
    pub(super) fn admit(&self, caller: &str, now: Timestamp) -> bool {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |began: Timestamp| now.duration_since(began) >= WINDOW;
        if callers.len() >= MOST_CALLERS && !callers.contains_key(caller) {
            callers.retain(|_, (_, began)| !is_over(*began));
            if callers.len() >= MOST_CALLERS {
                let mut times: Vec<Timestamp> = callers.values().map(|(_, began)| *began).collect();
                times.sort_unstable();
                let middle = times[times.len() / 2];
                callers.retain(|_, (_, began)| *began > middle);
            }
        }
        let entry = callers.entry(caller.to_owned()).or_insert((0, now));
        if is_over(entry.1) {
            *entry = (0, now);
        }
        entry.0 = entry.0.saturating_add(1);
        entry.0 <= MOST
    }
}

/// The name by which a caller is counted. Somebody with IPv6 has a whole /64 of addresses.
pub(super) fn caller(peer: Option<&Peer>) -> String {
    match peer {
        Some(Peer::Tcp(peer)) => match peer.ip().to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        Some(Peer::Unix) | None => "socket".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_caller_has_thirty_an_hour_and_others_are_not_kept_from_theirs() {
        let callers = Callers::default();
        for second in 0..i64::from(MOST) {
            assert!(callers.admit("a", at(second)));
        }
        assert!(!callers.admit("a", at(3599)));
        assert!(callers.admit("b", at(3599)));
        assert!(callers.admit("a", at(3600)), "an hour after the first");
    }

    #[test]
    fn strangers_cannot_fill_the_memory() {
        let callers = Callers::default();
        for n in 0..MOST_CALLERS + 10 {
            assert!(callers.admit(&n.to_string(), at(i64::try_from(n / 100).unwrap())));
        }
        assert!(callers.0.lock().unwrap().len() <= MOST_CALLERS);
    }

    #[test]
    fn a_network_of_somebodys_own_is_one_caller() {
        let of = |address: &str| caller(Some(&Peer::Tcp(address.parse().unwrap())));
        assert_eq!(of("[2001:db8:1:2:3::4]:5"), of("[2001:db8:1:2:ffff::1]:9"));
        assert_ne!(of("[2001:db8:1:2::1]:5"), of("[2001:db8:1:3::1]:5"));
        assert_eq!(of("[::ffff:192.0.2.1]:5"), of("192.0.2.1:7"));
        assert_ne!(of("192.0.2.2:5"), of("192.0.2.1:5"));
    }
}
