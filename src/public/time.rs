//! Times as the page writes them: in the organisation's zone, by its name, with the date. How far away they are is
//! left to the reader's browser, so that a page, or a copy of it, stays right however long it is kept.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::words::{TimeWords, fill};

/// Writes times in one zone and one language.
pub(super) struct Times<'a> {
    words: &'a TimeWords,
    zone: TimeZone,
    /// The zone as readers call it: "London time".
    pub zone_name: String,
}

impl<'a> Times<'a> {
    /// For an IANA zone; an unknown one is taken for UTC.
    pub fn new(zone: &str, words: &'a TimeWords) -> Self {
        let (zone, city) = match (TimeZone::get(zone), zone.rsplit_once('/')) {
            (Ok(found), Some((_, city))) if !zone.starts_with("Etc/") => (found, city.replace('_', " ")),
            _ => return Self { words, zone: TimeZone::UTC, zone_name: "UTC".to_owned() },
        };
        Self { words, zone, zone_name: fill(&words.zone, &[("city", &city)]) }
    }

    /// "17 November, 10:53".
    pub fn moment(&self, at: Timestamp) -> String {
        self.write(&self.words.moment, &self.zoned(at))
    }

    /// "11:30 London time, 17 November".
    pub fn deadline(&self, at: Timestamp) -> String {
        self.write(&self.words.deadline, &self.zoned(at))
    }

    /// "17 November, 22:00 to 23:30".
    pub fn span(&self, from: Timestamp, until: Timestamp) -> String {
        fill(&self.words.span, &[("from", &self.moment(from)), ("until", &self.near(until, from))])
    }

    /// "17 November 2026".
    pub fn date(&self, at: Timestamp) -> String {
        self.write(&self.words.date, &self.zoned(at))
    }

    /// "11:00", with its day where that is not the one of `beside`.
    pub fn near(&self, at: Timestamp, beside: Timestamp) -> String {
        let (at, beside) = (self.zoned(at), self.zoned(beside));
        let pattern = if at.date() == beside.date() { &self.words.clock } else { &self.words.moment };
        self.write(pattern, &at)
    }

    /// The length from one instant to a later one: "4 min", "3 h 5 min", "2 days". A minute begun is a minute.
    pub fn length(&self, from: Timestamp, to: Timestamp) -> String {
        let seconds = to.as_second().saturating_sub(from.as_second()).max(0);
        let minutes = (seconds + 59) / 60;
        let (pattern, hours, rest) = match minutes {
            0..60 => (&self.words.minutes, 0, minutes),
            60..2880 => (&self.words.hours, minutes / 60, minutes % 60),
            _ => (&self.words.days, 0, minutes / 1440),
        };
        fill(pattern, &[("h", &hours.to_string()), ("n", &rest.to_string())])
    }

    /// The day on which an instant lies.
    pub fn day(&self, at: Timestamp) -> jiff::civil::Date {
        self.zoned(at).date()
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    fn write(&self, pattern: &str, at: &Zoned) -> String {
        let month = usize::from(at.month().unsigned_abs()).saturating_sub(1);
        fill(
            pattern,
            &[
                ("time", &clock(at)),
                ("zone", &self.zone_name),
                ("day", &at.day().to_string()),
                ("month", self.words.months.get(month).map_or("", String::as_str)),
                ("year", &at.year().to_string()),
            ],
        )
    }
}

/// "10:53". In the hour that comes twice when summer time ends, the offset says which one is meant.
fn clock(at: &Zoned) -> String {
    let twice = at.time_zone().to_ambiguous_timestamp(at.datetime()).is_ambiguous();
    at.strftime(if twice { "%H:%M (UTC%:z)" } else { "%H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_carry_their_zone_and_their_day() {
        let english = Times::new("Europe/London", &words("en").time);
        assert_eq!(english.deadline(at("2026-06-17T10:30:00Z")), "11:30 London time, 17 June");
        assert_eq!(english.near(at("2026-06-17T10:00:00Z"), at("2026-06-17T09:00:00Z")), "11:00");
        assert_eq!(english.near(at("2026-06-17T23:30:00Z"), at("2026-06-17T22:00:00Z")), "18 June, 00:30");
        let german = Times::new("America/New_York", &words("de").time);
        assert_eq!(german.deadline(at("2026-03-17T10:30:00Z")), "06:30 Uhr (New York), 17. März");
        assert_eq!(german.date(at("2026-03-17T02:30:00Z")), "16. März 2026");
    }

    #[test]
    fn the_hour_that_comes_twice_carries_its_offset() {
        let times = Times::new("Europe/London", &words("en").time);
        assert_eq!(times.deadline(at("2026-10-25T00:30:00Z")), "01:30 (UTC+01:00) London time, 25 October");
        assert_eq!(times.deadline(at("2026-10-25T01:30:00Z")), "01:30 (UTC+00:00) London time, 25 October");
        assert_eq!(times.deadline(at("2026-10-25T02:30:00Z")), "02:30 London time, 25 October");
    }

    #[test]
    fn an_unknown_zone_is_written_as_utc() {
        for zone in ["Nowhere/Else", "", "UTC", "Etc/UTC", "../etc/passwd"] {
            let times = Times::new(zone, &words("en").time);
            assert_eq!(times.deadline(at("2026-06-17T10:30:00Z")), "10:30 UTC, 17 June", "{zone}");
        }
    }

    #[test]
    fn lengths_are_rounded_up_and_never_negative() {
        let times = Times::new("UTC", &words("en").time);
        let start = at("2026-06-17T10:00:00Z");
        let table =
            [("09:00:00Z", "0 min"), ("10:00:01Z", "1 min"), ("10:04:00Z", "4 min"), ("13:05:00Z", "3 h 5 min")];
        for (end, expected) in table {
            assert_eq!(times.length(start, at(&format!("2026-06-17T{end}"))), expected);
        }
        assert_eq!(times.length(start, at("2026-06-20T10:00:00Z")), "3 days");
    }
}
