//! What went wrong with each provider lately: its own faults, and not those of single addresses. One line a reason, so
//! that a storm of them fills nothing; kept across restarts by `check::run`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Reason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For how long it is told after it was last seen.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What went wrong with a provider, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ProviderTrouble")]
pub struct Trouble {
    /// Why; null where nobody answered, and it may have arrived.
    pub reason: Option<Reason>,
    /// The provider's own words the last time, without addresses and secrets.
    pub detail: String,
    /// How often.
    pub times: u64,
    /// When it was first seen.
    pub first_at: Timestamp,
    /// When it was last seen.
    pub last_at: Timestamp,
}

/// The troubles of all providers.
#[derive(Default)]
pub struct Troubles(Mutex<Known>);

#[derive(Default)]
struct Known {
    of: BTreeMap<String, Vec<Trouble>>,
    changed: BTreeSet<String>,
}

impl Troubles {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes one.
    pub fn note(&self, provider: &str, reason: Option<Reason>, detail: &str, at: Timestamp) {
        let mut known = self.lock();
        let troubles = known.of.entry(provider.to_owned()).or_default();
        troubles.retain(|trouble| at.duration_since(trouble.last_at) < KEPT);
        match troubles.iter_mut().find(|trouble| trouble.reason == reason) {
            Some(trouble) => {
                trouble.times += 1;
                trouble.last_at = at;
                detail.clone_into(&mut trouble.detail);
            }
            None => {
                troubles.push(Trouble { reason, detail: detail.to_owned(), times: 1, first_at: at, last_at: at });
            }
        }
        if !known.changed.contains(provider) {
            known.changed.insert(provider.to_owned());
        }
    }

    /// What went wrong with a provider, the latest first.
    pub fn of(&self, provider: &str, now: Timestamp) -> Vec<Trouble> {
        let mut troubles = self.lock().of.get(provider).cloned().unwrap_or_default();
        troubles.retain(|trouble| now.duration_since(trouble.last_at) < KEPT);
        troubles.sort_by_key(|trouble| std::cmp::Reverse(trouble.last_at));
        troubles
    }

    /// Those that changed since this was asked last.
    pub fn take_changed(&self) -> Vec<(String, Vec<Trouble>)> {
        let mut known = self.lock();
        let changed = std::mem::take(&mut known.changed);
        changed.into_iter().map(|name| (name.clone(), known.of.get(&name).cloned().unwrap_or_default())).collect()
    }

    /// Starts from what was known before a restart.
    pub fn remember(&self, provider: &str, troubles: Vec<Trouble>) {
        self.lock().of.entry(provider.to_owned()).or_insert(troubles);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_storm_is_one_line_a_reason_and_old_ones_are_forgotten() {
        let troubles = Troubles::default();
        for second in 0..10_000 {
            troubles.note("relay", Some(Reason::Unreachable), &format!("try {second}"), at(second));
            troubles.note("relay", None, "no answer", at(second));
        }
        let told = troubles.of("relay", at(10_000));
        assert_eq!(told.len(), 2);
        let line = told.iter().find(|line| line.reason.is_some()).unwrap();
        assert_eq!((line.times, line.first_at, line.last_at), (10_000, at(0), at(9999)));
        assert_eq!(line.detail, "try 9999");
        assert_eq!(troubles.of("relay", at(9999) + KEPT), []);
        troubles.note("relay", Some(Reason::Quota), "none left", at(9999) + KEPT);
        assert_eq!(troubles.of("relay", at(9999) + KEPT).len(), 1);
    }

    #[test]
    fn what_changed_is_handed_out_once_and_what_is_known_is_newer_than_what_is_remembered() {
        let troubles = Troubles::default();
        troubles.note("relay", Some(Reason::Quota), "none left", at(5));
        troubles.remember("relay", Vec::new());
        assert_eq!(troubles.take_changed(), [("relay".to_owned(), troubles.of("relay", at(5)))]);
        assert_eq!((troubles.take_changed(), troubles.of("relay", at(5)).len()), (vec![], 1));
    }
}
