//! How much an account may ask for. The periods begin at whole multiples of their length, as the recorded resets show.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue};
use jiff::{SignedDuration, Timestamp};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// All requests: 300 in 5 minutes.
    Requests,
    /// Posts: 300 in 3 hours.
    Posts,
    /// Deletions: 30 in 30 minutes.
    Deletions,
}

impl Family {
    fn limit(self) -> u32 {
        if self == Self::Deletions { 30 } else { 300 }
    }

    fn seconds(self) -> i64 {
        match self {
            Self::Requests => 5 * 60,
            Self::Posts => 3 * 60 * 60,
            Self::Deletions => 30 * 60,
        }
    }

    fn period(self, now: Timestamp) -> i64 {
        now.as_second() / self.seconds()
    }
}

/// The counts of all accounts.
#[derive(Default)]
pub struct Limits {
    /// By account and family: the period, and how many were used in it.
    used: HashMap<(usize, Family), (i64, u32)>,
    /// A lower limit, set by a test.
    lowered: HashMap<Family, u32>,
}

impl Limits {
    /// Sets how many are left for an account that has used none, and forgets what was used.
    pub fn leave(&mut self, family: Family, remaining: u32) {
        self.lowered.insert(family, remaining);
        self.used.retain(|(_, used), _| *used != family);
    }

    /// Counts one, unless none was left.
    pub fn take(&mut self, account: usize, family: Family, now: Timestamp) -> bool {
        if !self.any_left(account, family, now) {
            return false;
        }
        let used = self.used(account, family, now) + 1;
        self.used.insert((account, family), (family.period(now), used));
        true
    }

    /// Whether one more would be allowed.
    pub fn any_left(&self, account: usize, family: Family, now: Timestamp) -> bool {
        self.remaining(account, family, now) > 0
    }

    /// The header lines that a server answers with.
    pub fn headers(&self, account: usize, family: Family, now: Timestamp) -> HeaderMap {
        let start = Timestamp::from_second(family.period(now) * family.seconds()).expect("a near time");
        let reset = start.saturating_add(SignedDuration::from_secs(family.seconds())).expect("a near time");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-ratelimit-limit", family.limit().to_string()),
            ("x-ratelimit-remaining", self.remaining(account, family, now).to_string()),
            ("x-ratelimit-reset", reset.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()),
        ] {
            headers.insert(name, HeaderValue::from_str(&value).expect("digits and letters"));
        }
        headers
    }

    fn remaining(&self, account: usize, family: Family, now: Timestamp) -> u32 {
        let limit = self.lowered.get(&family).copied().unwrap_or(family.limit());
        limit.saturating_sub(self.used(account, family, now))
    }

    fn used(&self, account: usize, family: Family, now: Timestamp) -> u32 {
        match self.used.get(&(account, family)) {
            Some((period, used)) if *period == family.period(now) => *used,
            _ => 0,
        }
    }
}
