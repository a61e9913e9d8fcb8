//! How a promise stands, and what many of them sum up to: the ledger.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{render::MessageKind, store::lookups::Promise};

/// People are told a minute, so a promise is kept until that minute is over.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Whether something said at `at` keeps a promise for `due`.
pub fn in_time(due: Timestamp, at: Timestamp) -> bool {
    at.duration_since(due) < MINUTE
}

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is not due yet.
    Open,
    /// It was due, and nobody has written since.
    Overdue,
    /// An update came in time.
    Kept,
    /// "No news yet" came in time, because nobody wrote.
    Holding,
    /// Something came, and not in time.
    Late,
    /// Nothing came for so long that it counts as broken, whatever came afterwards.
    Missed,
}

impl Standing {
    /// Each of them.
    pub const ALL: [Standing; 6] =
        [Standing::Open, Standing::Overdue, Standing::Kept, Standing::Holding, Standing::Late, Standing::Missed];

    /// The name in the API, the words and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Overdue => "overdue",
            Standing::Kept => "kept",
            Standing::Holding => "holding",
            Standing::Late => "late",
            Standing::Missed => "missed",
        }
    }

    /// How a promise for `due` stands at `now`, which was kept at `kept` by this message.
    pub fn of(
        due: Timestamp,
        kept: Option<(Timestamp, MessageKind)>,
        now: Timestamp,
        missed: SignedDuration,
    ) -> Standing {
        let late = kept.map_or(now, |(at, _)| at).duration_since(due);
        match kept {
            Some((_, MessageKind::Holding)) if late < MINUTE => Standing::Holding,
            Some(_) if late < MINUTE => Standing::Kept,
            None if late < MINUTE => Standing::Open,
            _ if late >= missed.max(MINUTE) => Standing::Missed,
            Some(_) => Standing::Late,
            None => Standing::Overdue,
        }
    }
}

/// A promise with how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    /// The promise.
    #[serde(flatten)]
    pub promise: Promise,
    /// How it stands now.
    pub standing: Standing,
    /// How late it was kept, or is by now, in seconds; null where it was kept in time, or is not due.
    pub late_seconds: Option<i64>,
}

impl Entry {
    /// A promise as it stands at `now`.
    pub fn of(promise: Promise, now: Timestamp, missed: SignedDuration) -> Entry {
        let kept = promise.kept_at.map(|at| (at, promise.kept_message.unwrap_or(MessageKind::Update)));
        let standing = Standing::of(promise.due_at, kept, now, missed);
        let late = promise.kept_at.unwrap_or(now).duration_since(promise.due_at);
        Entry { late_seconds: (late >= MINUTE).then(|| late.as_secs()), standing, promise }
    }
}

/// How many promises ended how. Their sum is all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sums {
    /// Not due yet.
    pub open: i64,
    /// Due, and nobody has written since.
    pub overdue: i64,
    /// Kept by an update.
    pub kept: i64,
    /// Kept by a "no news yet" message.
    pub holding: i64,
    /// Kept late.
    pub late: i64,
    /// Broken.
    pub missed: i64,
    /// The longest that one was kept late, in seconds.
    pub latest_seconds: i64,
}

impl Sums {
    /// Adds a promise.
    pub fn add(&mut self, standing: Standing, late_seconds: Option<i64>) {
        *match standing {
            Standing::Open => &mut self.open,
            Standing::Overdue => &mut self.overdue,
            Standing::Kept => &mut self.kept,
            Standing::Holding => &mut self.holding,
            Standing::Late => &mut self.late,
            Standing::Missed => &mut self.missed,
        } += 1;
        if standing == Standing::Late {
            self.latest_seconds = self.latest_seconds.max(late_seconds.unwrap_or_default());
        }
    }

    /// How many stand so.
    pub fn count(&self, standing: Standing) -> i64 {
        match standing {
            Standing::Open => self.open,
            Standing::Overdue => self.overdue,
            Standing::Kept => self.kept,
            Standing::Holding => self.holding,
            Standing::Late => self.late,
            Standing::Missed => self.missed,
        }
    }
}

impl<'a> FromIterator<&'a Entry> for Sums {
    fn from_iter<T: IntoIterator<Item = &'a Entry>>(entries: T) -> Sums {
        let mut sums = Sums::default();
        entries.into_iter().for_each(|entry| sums.add(entry.standing, entry.late_seconds));
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    const MISSED: SignedDuration = SignedDuration::from_hours(2);

    #[test]
    fn a_promise_is_kept_until_its_minute_is_over_and_missed_after_a_while() {
        use MessageKind::{Holding, Update};
        let stands = |kept: Option<(i64, MessageKind)>, now| {
            Standing::of(at(0), kept.map(|(second, by)| (at(second), by)), at(now), MISSED)
        };
        for (kept, now, standing) in [
            (None, -1, Standing::Open),
            (None, 59, Standing::Open),
            (None, 60, Standing::Overdue),
            (None, 7_199, Standing::Overdue),
            (None, 7_200, Standing::Missed),
            (Some((-600, Update)), 9_000, Standing::Kept),
            (Some((59, Update)), 9_000, Standing::Kept),
            (Some((59, Holding)), 9_000, Standing::Holding),
            (Some((60, Update)), 9_000, Standing::Late),
            (Some((60, Holding)), 9_000, Standing::Late),
            (Some((7_199, Update)), 9_000, Standing::Late),
            (Some((7_200, Update)), 9_000, Standing::Missed),
        ] {
            assert_eq!(stands(kept, now), standing, "{kept:?} at {now}");
        }
    }

    proptest! {
        /// What has ended never changes any more, whenever it is looked at.
        #[test]
        fn an_end_stays(kept in -10_000_i64..20_000, by_holding: bool, now in 20_000_i64..1_000_000) {
            let by = if by_holding { MessageKind::Holding } else { MessageKind::Update };
            let stands = |now| Standing::of(at(0), Some((at(kept), by)), at(now), MISSED);
            prop_assert_eq!(stands(20_000), stands(now));
            prop_assert!(!matches!(stands(now), Standing::Open | Standing::Overdue));
        }
    }
}
