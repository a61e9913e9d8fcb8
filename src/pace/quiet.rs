//! Quiet hours: when somebody sleeps, by the clock on their wall.

use jiff::{SignedDuration, Timestamp, civil::Time, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::AtNight;

/// Hours in which people are not to be woken, on the clock of their own time zone. Where the end is before the start it
/// is the next morning's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first quiet minute: `22:00`.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    #[schemars(with = "String")]
    pub from: Time,
    /// The first one that is not quiet any more: `07:00`.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    #[schemars(with = "String")]
    pub to: Time,
}

fn write_time<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.strftime("%H:%M"))
}

fn read_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    let read = Time::strptime("%H:%M", text.as_ref());
    read.map_err(|_| de::Error::custom(format!("{text:?} is no time of day; write it like \"22:00\"")))
}

/// What quiet hours say to one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuietAnswer {
    /// It may go.
    Go,
    /// It goes at the end of the window.
    Wait(Timestamp),
    /// It does not go.
    Skip,
}

/// The quiet hours of one broadcast on one channel.
pub struct Quiet<'a> {
    window: Window,
    choice: AtNight,
    zone: &'a str,
}

impl<'a> Quiet<'a> {
    /// The quiet hours of a channel, with what was chosen and the zone of people whose own is not known.
    pub fn new(window: Window, choice: AtNight, zone: &'a str) -> Quiet<'a> {
        Quiet { window, choice, zone }
    }

    /// Asks for somebody in `zone`; the organisation's stands in for one that is empty or not known.
    pub fn ask(&self, zone: &str, now: Timestamp) -> QuietAnswer {
        match (self.ends(zone, now), self.choice) {
            (Some(end), AtNight::Morning) => QuietAnswer::Wait(end),
            (Some(_), AtNight::NotAtAll) => QuietAnswer::Skip,
            (None, _) | (_, AtNight::Now) => QuietAnswer::Go,
        }
    }

    /// When the quiet hours that somebody in `zone` has at `now` end; None where they have none then.
    pub fn ends(&self, zone: &str, now: Timestamp) -> Option<Timestamp> {
        self.window.end(&self.zone_of(zone), now)
    }

    /// When quiet hours begin next for somebody who is awake at `now`.
    pub fn begins(&self, zone: &str, now: Timestamp) -> Option<Timestamp> {
        self.window.start_after(&self.zone_of(zone), now)
    }

    fn zone_of(&self, zone: &str) -> TimeZone {
        let known = |name: &str| TimeZone::get(name).ok();
        Some(zone).filter(|zone| !zone.is_empty()).and_then(known).or_else(|| known(self.zone)).unwrap_or(TimeZone::UTC)
    }
}

impl Window {
    /// When the window that holds `now` ends in this zone; None outside of it.
    ///
    /// A clock that is put forward over the end or the start moves it to the next minute that there is; one that is put
    /// back has the hour twice, and the first one counts.
    pub fn end(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        // A window may have begun the day before; one that begins on a day which the zone leaves out is found from the next.
        (-2..=1)
            .find_map(|days| self.of_day(zone, now, days).filter(|(from, to)| *from <= now && now < *to))
            .map(|it| it.1)
    }

    /// When the next window begins after `now` in this zone.
    fn start_after(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        (-1..=2).find_map(|days| self.of_day(zone, now, days).map(|(from, _)| from).filter(|from| *from > now))
    }

    /// The window that begins so many days after today.
    fn of_day(&self, zone: &TimeZone, now: Timestamp, days: i64) -> Option<(Timestamp, Timestamp)> {
        let day = zone.to_datetime(now).date().checked_add(SignedDuration::from_hours(24 * days)).ok()?;
        let last = if self.to > self.from { day } else { day.tomorrow().ok()? };
        let at =
            |date: jiff::civil::Date, time| date.to_datetime(time).to_zoned(zone.clone()).ok().map(|at| at.timestamp());
        Some((at(day, self.from)?, at(last, self.to)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NIGHT: Window = Window { from: Time::constant(22, 0, 0, 0), to: Time::constant(7, 0, 0, 0) };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn end(zone: &str, now: &str) -> Option<String> {
        NIGHT.end(&TimeZone::get(zone).unwrap(), at(now)).map(|end| end.to_string())
    }

    #[test]
    fn a_night_is_by_the_clock_on_the_wall() {
        assert_eq!(end("Europe/London", "2027-01-10T21:59:59Z"), None);
        assert_eq!(end("Europe/London", "2027-01-10T22:00:00Z").unwrap(), "2027-01-11T07:00:00Z");
        assert_eq!(end("Europe/London", "2027-01-11T06:59:59Z").unwrap(), "2027-01-11T07:00:00Z");
        assert_eq!(end("Europe/London", "2027-01-11T07:00:00Z"), None);
        assert_eq!(end("Asia/Kolkata", "2027-01-10T16:30:00Z").unwrap(), "2027-01-11T01:30:00Z");
        assert_eq!(end("America/New_York", "2027-01-10T22:00:00Z"), None);
    }

    #[test]
    fn a_clock_that_is_changed_at_night_changes_how_long_it_is() {
        // Put forward on 28 March 2027 at 01:00 UTC: seven in the morning is six in UTC.
        assert_eq!(end("Europe/London", "2027-03-27T23:00:00Z").unwrap(), "2027-03-28T06:00:00Z");
        // Put back on 31 October 2027.
        assert_eq!(end("Europe/London", "2027-10-30T22:30:00Z").unwrap(), "2027-10-31T07:00:00Z");
        // An end that the clock leaves out is the first minute after it.
        let early = Window { to: Time::constant(1, 30, 0, 0), ..NIGHT };
        let london = TimeZone::get("Europe/London").unwrap();
        assert_eq!(early.end(&london, at("2027-03-28T00:10:00Z")), Some(at("2027-03-28T01:30:00Z")));
        assert_eq!(early.end(&london, at("2027-03-28T01:30:00Z")), None);
        // An end that comes twice is its first.
        assert_eq!(early.end(&london, at("2027-10-31T00:10:00Z")), Some(at("2027-10-31T00:30:00Z")));
        assert_eq!(early.end(&london, at("2027-10-31T00:40:00Z")), None);
    }

    #[test]
    fn an_unknown_zone_is_the_organisations() {
        let quiet = Quiet { window: NIGHT, choice: AtNight::Morning, zone: "Europe/London" };
        let now = at("2027-01-10T23:00:00Z");
        let london = QuietAnswer::Wait(at("2027-01-11T07:00:00Z"));
        assert_eq!([quiet.ask("", now), quiet.ask("Mars/Olympus", now)], [london, london]);
        assert_eq!(quiet.ask("America/Los_Angeles", now), QuietAnswer::Go);
    }

    proptest! {
        #[test]
        fn a_window_ends_later_and_nobody_is_asleep_at_its_end(
            zone in 0_usize..1000, second in 946_684_800_i64..2_208_988_800, from in 0_i8..24, length in 1_i8..24, minute in 0_i8..60,
        ) {
            let names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
            let name = &names[zone % names.len()];
            let Ok(zone) = TimeZone::get(name) else { return Ok(()) };
            let window = Window { from: Time::constant(from, minute, 0, 0), to: Time::constant((from + length) % 24, minute, 0, 0) };
            let now = Timestamp::from_second(second).unwrap();
            let wall = zone.to_datetime(now).time();
            let within = if window.from < window.to {
                window.from <= wall && wall < window.to
            } else {
                window.from <= wall || wall < window.to
            };
            let end = window.end(&zone, now);
            // The clock on the wall decides, but for the hours that a change leaves out or repeats.
            let steady = [-26, 26].into_iter().all(|hours| {
                zone.to_offset(now + SignedDuration::from_hours(hours)) == zone.to_offset(now)
            });
            if steady {
                prop_assert_eq!(end.is_some(), within, "{} {}", name, now);
            }
            if let Some(end) = end {
                prop_assert!(end > now && end <= now + SignedDuration::from_hours(50), "{} {} {}", name, now, end);
                prop_assert_eq!(window.end(&zone, end), None, "{} {}", name, now);
                prop_assert!(window.start_after(&zone, end).is_some_and(|start| start > end));
            }
        }
    }
}
