//! Who has a draft open. Kept in memory only: after a restart every open page says so again within seconds.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// For how long somebody counts as there after their page last said so. Pages say it every ten seconds.
const STAYS: SignedDuration = SignedDuration::from_secs(60);

/// Who has which draft open.
#[derive(Default)]
pub struct Presence {
    /// By update and person: when their page last said so.
    seen: Mutex<HashMap<i64, HashMap<i64, Timestamp>>>,
}

impl Presence {
    fn seen(&self) -> MutexGuard<'_, HashMap<i64, HashMap<i64, Timestamp>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a person has an update open; answers who else has, and since when nothing was heard of them.
    pub fn here(&self, update: i64, person: i64, now: Timestamp) -> Vec<(i64, Timestamp)> {
        let mut seen = self.seen();
        seen.retain(|_, people| {
            people.retain(|_, at| now.duration_since(*at) < STAYS);
            !people.is_empty()
        });
        let people = seen.entry(update).or_default();
        people.insert(person, now);
        let mut others: Vec<(i64, Timestamp)> =
            people.iter().filter(|(id, _)| **id != person).map(|(id, at)| (*id, *at)).collect();
        others.sort_unstable();
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_see_each_other_until_they_have_left() {
        let presence = Presence::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(presence.here(1, 10, at(0)), []);
        assert_eq!(presence.here(1, 20, at(10)), [(10, at(0))]);
        assert_eq!(presence.here(2, 30, at(10)), [], "another draft is another room");
        assert_eq!(presence.here(1, 20, at(59)), [(10, at(0))]);
        assert_eq!(presence.here(1, 20, at(60)), []);
    }
}
