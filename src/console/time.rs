//! Times as the console writes them: in the organisation's zone with its name, with the day where it is another one, and
//! how far away they are.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use super::words::{say, text, word};
use crate::app::App;

/// Writes and reads times in the organisation's zone.
pub(super) struct Times {
    zone: TimeZone,
    /// The zone as people call it: "London time".
    pub name: String,
    /// Now.
    pub now: Timestamp,
}

impl Times {
    /// For an application.
    pub fn of(app: &App) -> Times {
        Times::new(app.config.organisation.zone(), app.world.clock.now())
    }

    fn new(zone: TimeZone, now: Timestamp) -> Times {
        let city = zone.iana_name().filter(|name| !name.starts_with("Etc/")).and_then(|name| name.rsplit_once('/'));
        let name = city.map_or_else(|| "UTC".to_owned(), |(_, city)| text!("time-zone", city = city.replace('_', " ")));
        Times { zone, name, now }
    }

    /// "11:30", with its day where that is not today's.
    pub fn near(&self, at: Timestamp) -> String {
        let (local, today) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        let mut text = local.strftime("%H:%M").to_string();
        if local.date() != today.date() {
            let month = say("month-short", &local.month().to_string()).to_owned();
            text = text!("time-on-a-day", day = local.day(), month = month, time = text);
        }
        let twice = self.zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
        let offset = if twice { local.strftime(" (UTC%:z)").to_string() } else { String::new() };
        text + &offset
    }

    /// "11:30:05".
    pub fn second(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// "11:30 London time", with its day where that is not today's.
    pub fn full(&self, at: Timestamp) -> String {
        format!("{} {}", self.near(at), self.name)
    }

    /// "3 November", with the year where that is not this one.
    pub fn day(&self, at: Timestamp) -> String {
        let (local, today) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        let month = say("month", &local.month().to_string()).to_owned();
        if local.year() == today.year() {
            return text!("day", day = local.day(), month = month);
        }
        text!("day-of-a-year", day = local.day(), month = month, year = local.year().to_string())
    }

    /// "20 min ago", or "in 3 h 5 min".
    pub fn away(&self, at: Timestamp) -> String {
        let seconds = at.duration_since(self.now).as_secs();
        let length = length(seconds.unsigned_abs());
        if seconds > 0 { text!("time-in", length = length) } else { text!("time-ago", length = length) }
    }

    /// As an `input type=datetime-local` has it.
    pub fn input(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// Reads what such an input sends. An hour that a clock change skips is taken as the one after it.
    pub fn parse(&self, text: &str) -> Option<Timestamp> {
        let local: DateTime = text.parse().ok()?;
        self.zone.to_ambiguous_zoned(local).compatible().ok().map(|zoned| zoned.timestamp())
    }

    /// So many minutes from now, rounded up to five: a promise is a time that people can say.
    pub fn ahead(&self, minutes: i64) -> Timestamp {
        let second = (self.now + SignedDuration::from_mins(minutes)).as_second();
        Timestamp::from_second((second + 299).div_euclid(300) * 300).unwrap_or(self.now)
    }
}

/// "3 s", "14 min", "3 h 5 min", "2 days".
pub(super) fn length(seconds: u64) -> String {
    let minutes = seconds / 60;
    match seconds {
        0..60 => text!("length-seconds", n = seconds),
        60..3600 => text!("length-minutes", n = minutes),
        3600..172_800 if minutes.is_multiple_of(60) => text!("length-hours", n = minutes / 60),
        3600..172_800 => text!("length-hours-minutes", hours = minutes / 60, minutes = minutes % 60),
        _ => text!("length-days", n = minutes / 1440),
    }
}

/// "48,213".
pub(super) fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push_str(&word("number-group"));
        }
        text.push(digit);
    }
    if n < 0 { format!("−{text}") } else { text }
}

/// "€1,807.50".
pub(super) fn money(amount: f64, currency: &str) -> String {
    let cents = (amount * 100.0).round() as i64;
    let sign = match currency {
        "EUR" => "€".to_owned(),
        "USD" => "$".to_owned(),
        "GBP" => "£".to_owned(),
        other => format!("{other} "),
    };
    let amount = format!("{}{}{:02}", number(cents / 100), word("number-decimal"), cents % 100);
    text!("money", sign = sign, amount = amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(zone: &str) -> Times {
        Times::new(TimeZone::get(zone).unwrap(), "2026-11-21T10:48:04Z".parse().unwrap())
    }

    #[test]
    fn times_carry_their_zone_and_their_day() {
        let london = times("Europe/London");
        assert_eq!(london.full("2026-11-21T11:30:00Z".parse().unwrap()), "11:30 London time");
        assert_eq!(london.near("2026-11-22T02:00:00Z".parse().unwrap()), "22 Nov, 02:00");
        assert_eq!(london.near("2026-10-25T00:30:00Z".parse().unwrap()), "25 Oct, 01:30 (UTC+01:00)");
        assert_eq!(times("UTC").name, "UTC");
        assert_eq!(london.away("2026-11-21T11:00:04Z".parse().unwrap()), "in 12 min");
    }

    #[test]
    fn what_an_input_sends_is_read_in_the_zone() {
        let berlin = times("Europe/Berlin");
        let at = berlin.parse("2026-11-21T12:30").unwrap();
        assert_eq!((at.to_string().as_str(), berlin.input(at).as_str()), ("2026-11-21T11:30:00Z", "2026-11-21T12:30"));
        assert_eq!(berlin.parse("soon"), None);
        assert_eq!(berlin.ahead(15).to_string(), "2026-11-21T11:05:00Z");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 48_213, 1_000_000].map(number), ["0", "999", "1,000", "48,213", "1,000,000"]);
        assert_eq!(money(1807.5, "EUR"), "€1,807.50");
        assert_eq!([3, 840, 10_800, 11_100, 200_000].map(length), ["3 s", "14 min", "3 h", "3 h 5 min", "2 days"]);
    }
}
