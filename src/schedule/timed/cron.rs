//! Cron expressions in a zone: five fields, read as a clock on the wall of that zone shows them.
//!
//! A time that the clocks skip is taken at the moment at which they skip it; one that they show twice, the first time.
//! Either way it comes once. The crate reads and matches the fields; what the zone does to them is decided here, so that it
//! is the same for every time: the fields are matched against the calendar (as if it were UTC) and then put into the zone.

use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions};
use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

use crate::problem::Problem;

/// The most times of the calendar that one moment is looked for in: an hour that comes twice, minute by minute, and more.
const STEPS: usize = 2_000;
/// How many missed times are counted.
pub const COUNTED: i64 = 100;

/// A cron expression in a zone.
#[derive(Clone, Debug)]
pub struct Cron {
    fields: Crontab,
    zone: TimeZone,
}

/// The zone of an IANA name.
///
/// # Errors
/// 422 at `/zone`.
pub fn zone(name: &str) -> Result<TimeZone, Problem> {
    TimeZone::get(name.trim())
        .map_err(|_| Problem::invalid("/zone", format!("{name:?} is no IANA time zone, like Europe/Vienna")))
}

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// 422 at `/cron` or `/zone`, with what is wrong.
    pub fn parse(expression: &str, name: &str) -> Result<Cron, Problem> {
        let refuse = |detail: String| Problem::invalid("/cron", detail);
        let (fields, zone) = (expression.split_whitespace().count(), zone(name)?);
        if fields != 5 || expression.len() > 200 {
            return Err(refuse(format!(
                "{expression:?} has {fields} fields; give five: minute, hour, day of the month, month, day of the week, \
                 like \"0 9 * * 1\" for Mondays at 9:00 (the zone stands in `zone`)"
            )));
        }
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::UTC;
        let fields = cronexpr::parse_crontab_with(expression, options).map_err(|error| {
            // Its message draws the place in lines of its own; the last one says what is wrong.
            let said = error.to_string();
            let what = said.lines().last().unwrap_or_default().trim_start_matches(['^', ' ']).to_owned();
            refuse(format!("{expression:?} cannot be read: {what}"))
        })?;
        Ok(Cron { fields, zone })
    }

    /// The next time after a moment; None where there is none within four years.
    pub fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let mut clock = at.to_zoned(self.zone.clone()).datetime();
        for _ in 0..STEPS {
            clock = self.next_on_the_calendar(clock)?;
            let found = self.moment(clock)?;
            if found > at {
                return Some(found);
            }
        }
        None
    }

    /// The times after a moment, in order.
    pub fn iter(&self, at: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.after(at), |last| self.after(*last))
    }

    /// The newest time up to `now`, and how many lie before it since `first`, a time of it that is not later.
    pub fn newest(&self, first: Timestamp, now: Timestamp) -> (Timestamp, i64) {
        let mut newest = first;
        // An hour back, a day, a month, a year, and then all of it: the smallest that has one.
        for hours in [1, 24, 32 * 24, 366 * 24, 5 * 366 * 24] {
            let from = (now - SignedDuration::from_hours(hours)).max(first - SignedDuration::from_millis(1));
            if let Some(last) = self.iter(from).take_while(|at| *at <= now).last() {
                newest = newest.max(last);
                break;
            }
        }
        let before = self.iter(first).take(COUNTED as usize).take_while(|at| *at < newest).count() as i64;
        (newest, if newest > first { before + 1 } else { 0 })
    }

    fn next_on_the_calendar(&self, clock: DateTime) -> Option<DateTime> {
        let at = clock.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(self.fields.find_next(MakeTimestamp(at)).ok()?.datetime())
    }

    fn moment(&self, clock: DateTime) -> Option<Timestamp> {
        let found = self.zone.to_ambiguous_timestamp(clock);
        match found.offset() {
            AmbiguousOffset::Gap { .. } => {
                let before = found.earlier().ok()?;
                self.zone.following(before).next().map(|change| change.timestamp())
            }
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => found.earlier().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times(cron: &str, zone: &str, from: &str, n: usize) -> Vec<String> {
        let cron = Cron::parse(cron, zone).unwrap();
        let shown = |at: Timestamp| at.to_zoned(cron.zone.clone()).strftime("%m-%dT%H:%M%:z").to_string();
        cron.iter(from.parse().unwrap()).take(n).map(shown).collect()
    }

    #[test]
    fn a_time_that_is_skipped_comes_when_the_clocks_skip_it_and_one_shown_twice_comes_once() {
        let vienna = |cron, from, n| times(cron, "Europe/Vienna", from, n);
        assert_eq!(
            vienna("30 2 * * *", "2027-03-26T12:00:00Z", 3),
            ["03-27T02:30+01:00", "03-28T03:00+02:00", "03-29T02:30+02:00"]
        );
        assert_eq!(
            vienna("30 2 * * *", "2026-10-23T12:00:00Z", 3),
            ["10-24T02:30+02:00", "10-25T02:30+02:00", "10-26T02:30+01:00"]
        );
        let each = vienna("*/20 1-3 * * *", "2027-03-28T00:30:00Z", 5);
        assert_eq!(
            each,
            ["03-28T01:40+01:00", "03-28T03:00+02:00", "03-28T03:20+02:00", "03-28T03:40+02:00", "03-29T01:00+02:00"]
        );
        let sydney = times("30 2 * * *", "Australia/Sydney", "2026-10-02T00:00:00Z", 3);
        assert_eq!(sydney, ["10-03T02:30+10:00", "10-04T03:00+11:00", "10-05T02:30+11:00"]);
        // Half an hour: from 02:00 to 02:30 in October, and from 02:00 back to 01:30 in April.
        let lord_howe = |from, n| times("45 1 * * *", "Australia/Lord_Howe", from, n);
        assert_eq!(
            lord_howe("2027-04-02T12:00:00Z", 3),
            ["04-03T01:45+11:00", "04-04T01:45+11:00", "04-05T01:45+10:30"]
        );
        let gap = times("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T16:00:00Z", 3);
        assert_eq!(gap, ["10-04T02:30+11:00", "10-05T02:15+11:00", "10-06T02:15+11:00"]);
    }

    #[test]
    fn the_newest_of_many_is_found_and_the_others_are_counted() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (cron, first, now, newest, missed) in [
            ("0 9 * * *", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z", 0),
            ("0 9 * * *", "2026-03-02T09:00:00Z", "2026-03-05T08:59:59Z", "2026-03-04T09:00:00Z", 2),
            ("* * * * *", "2026-03-02T09:00:00Z", "2026-03-05T08:59:59Z", "2026-03-05T08:59:00Z", 101),
            ("0 9 29 2 *", "2028-02-29T09:00:00Z", "2033-01-01T00:00:00Z", "2032-02-29T09:00:00Z", 1),
        ] {
            let cron = Cron::parse(cron, "UTC").unwrap();
            assert_eq!(cron.newest(at(first), at(now)), (at(newest), missed));
        }
    }

    #[test]
    fn what_cannot_be_read_says_why_and_what_never_comes_has_no_next() {
        for (cron, zone, said) in [
            ("0 9 * *", "UTC", "has 4 fields; give five"),
            ("0 9 * * 1 Europe/Vienna", "UTC", "has 6 fields"),
            ("0 25 * * *", "UTC", "must be in range 0..=23"),
            ("0 9 * * 1", "Mars/Phobos", "no IANA time zone"),
            ("soon at nine or so", "UTC", "cannot be read"),
        ] {
            let problem = Cron::parse(cron, zone).unwrap_err();
            assert!(problem.detail.contains(said) && !problem.detail.contains('\n'), "{cron}: {}", problem.detail);
        }
        let never = Cron::parse("0 9 31 2 *", "UTC").unwrap();
        assert_eq!(never.after("2026-03-02T09:00:00Z".parse().unwrap()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// In every zone, over every change: later times only, and no two in the same minute of the calendar's day but where
        /// the clock shows it twice.
        #[test]
        fn times_only_go_forward(zone in 0_usize..4, start in 1_700_000_000_i64..1_900_000_000, minute in 0_u8..60, every in 1_u8..7) {
            let name = ["Europe/Vienna", "Australia/Sydney", "Australia/Lord_Howe", "America/St_Johns"][zone];
            let cron = Cron::parse(&format!("{minute},{} */{every} * * *", (minute + 31) % 60), name).unwrap();
            let found: Vec<Timestamp> = cron.iter(Timestamp::from_second(start).unwrap()).take(40).collect();
            prop_assert_eq!(found.len(), 40);
            prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
            // Whenever it is asked in between, the next is the same.
            for pair in found.windows(2) {
                let between = pair[0] + (pair[1].duration_since(pair[0]) / 2);
                prop_assert_eq!(cron.after(between), Some(pair[1]));
            }
        }
    }
}
