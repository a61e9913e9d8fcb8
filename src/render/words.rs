//! The fixed words of a language: labels, status words, and how a time is told. One JSON file a language, so that a
//! translation is one file and the templates carry as little language as possible.

use std::collections::BTreeMap;

use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::compose::status::{ComponentStatus, Status, Step};

/// The words of one language, as read from `words.<locale>.json`. Every word is required.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Before the name at the head of a mail.
    pub greeting: String,
    /// A section's label, by its key.
    pub sections: BTreeMap<String, String>,
    /// A status in customers' words, by its name.
    pub statuses: BTreeMap<String, String>,
    /// In place of the status, when it got worse.
    pub setback: String,
    /// In place of the status, when it came back.
    pub reopened: String,
    /// A component's status, by its name.
    pub components: BTreeMap<String, String>,
    /// A time of day: `{time}`, `{place}`.
    pub clock: String,
    /// A time of day where the zone is UTC: `{time}`.
    pub clock_utc: String,
    /// A time on another day: `{weekday}`, `{day}`, `{month}`, `{clock}`.
    pub clock_dated: String,
    /// From one time to another: `{from}`, `{until}`.
    pub span: String,
    /// From Monday on.
    pub weekdays: [String; 7],
    /// From January on.
    pub months: [String; 12],
    /// A zone's place where it is not the last part of its IANA name.
    pub places: BTreeMap<String, String>,
    /// Beside the option that we advise.
    pub recommended: String,
    /// The same with its reason: `{reason}`.
    pub recommended_because: String,
    /// Beside an overloaded contact route that has no wording of its own.
    pub overloaded: String,
    /// The apology where there is no room for the author's.
    pub sorry: String,
    /// The label of the banner's link.
    pub details: String,
    /// The label of a mail's link to the status page.
    pub follow: String,
    /// How to opt out of text messages.
    pub reply_stop: String,
    /// Why the reader gets this: `{organisation}`.
    pub unsubscribe_why: String,
    /// The label of the unsubscribe link.
    pub unsubscribe: String,
    /// The labels of the staff sheet, by their key.
    pub staff: BTreeMap<String, String>,
    /// The mark of an exercise.
    pub exercise: String,
}

/// The keys of the staff sheet's labels.
const STAFF: [&str; 8] = ["subject", "only", "customers_read", "answers", "avoid", "phone", "abuse", "withdrawn"];

impl Words {
    /// The labels and status words that the file lacks, as `sections/impact`.
    pub(super) fn missing(&self, sections: &[&str]) -> Vec<String> {
        let lacks = |group: &str, words: &BTreeMap<String, String>, key: &str| {
            (!words.contains_key(key)).then(|| format!("{group}/{key}"))
        };
        let sections = sections.iter().filter_map(|key| lacks("sections", &self.sections, key));
        let statuses = Status::ALL.iter().filter_map(|status| lacks("statuses", &self.statuses, status.as_str()));
        let components =
            ComponentStatus::ALL.iter().filter_map(|status| lacks("components", &self.components, status.as_str()));
        let staff = STAFF.iter().filter_map(|key| lacks("staff", &self.staff, key));
        sections.chain(statuses).chain(components).chain(staff).collect()
    }

    /// Where the incident stands, in customers' words.
    pub fn status(&self, status: Status, step: Step) -> &str {
        match step {
            Step::Setback => &self.setback,
            Step::Reopened => &self.reopened,
            Step::First | Step::Progress => self.statuses.get(status.as_str()).map_or("", String::as_str),
        }
    }

    /// A component's status, in customers' words.
    pub(super) fn component(&self, status: ComponentStatus) -> &str {
        self.components.get(status.as_str()).map_or("", String::as_str)
    }

    /// `at` as it is told in `zone`: with its date where that is not the day of `now`, and with the offset from UTC
    /// in the hour that a clock change repeats.
    pub fn time(&self, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let local = at.to_zoned(zone.clone());
        let clock = self.clock(&local);
        if local.date() == now.to_zoned(zone.clone()).date() {
            return clock;
        }
        let weekday = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let month = usize::from(local.month().unsigned_abs()) - 1;
        self.clock_dated
            .replace("{weekday}", &self.weekdays[weekday])
            .replace("{day}", &local.day().to_string())
            .replace("{month}", &self.months[month])
            .replace("{clock}", &clock)
    }

    /// From one time to another, each with its date where it needs one; on one day the place is said once.
    pub fn span(&self, from: Timestamp, until: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let write = |from: &str, until: &str| self.span.replace("{from}", from).replace("{until}", until);
        let (first, last) = (from.to_zoned(zone.clone()), until.to_zoned(zone.clone()));
        if first.date() != last.date() {
            return write(&self.time(from, now, zone), &self.time(until, from, zone));
        }
        let (first, last) = (hands(&first), hands(&last));
        self.time(from, now, zone).replacen(&first, &write(&first, &last), 1)
    }

    fn clock(&self, local: &Zoned) -> String {
        let (time, zone) = (hands(local), local.time_zone());
        match zone.iana_name() {
            Some("UTC" | "Etc/UTC" | "Etc/GMT" | "GMT") | None => self.clock_utc.replace("{time}", &time),
            Some(name) => self.clock.replace("{time}", &time).replace("{place}", &self.place(name)),
        }
    }

    fn place(&self, zone: &str) -> String {
        let last = || zone.rsplit('/').next().unwrap_or(zone).replace('_', " ");
        self.places.get(zone).cloned().unwrap_or_else(last)
    }
}

/// "10:53", with its offset in the hour that comes twice.
fn hands(local: &Zoned) -> String {
    let twice = local.time_zone().to_ambiguous_timestamp(local.datetime()).is_ambiguous();
    local.strftime(if twice { "%H:%M (UTC%:z)" } else { "%H:%M" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(locale: &str) -> Words {
        let name = format!("words.{locale}.json");
        let (_, text) = super::super::builtin::FILES.iter().find(|(file, _)| *file == name).unwrap();
        serde_json::from_str(text).unwrap()
    }

    fn told(locale: &str, at: &str, zone: &str) -> String {
        let now: Timestamp = "2026-11-21T10:50:00Z".parse().unwrap();
        words(locale).time(at.parse().unwrap(), now, &TimeZone::get(zone).unwrap())
    }

    #[test]
    fn a_time_names_its_place_and_its_day_where_that_is_another() {
        assert_eq!(told("en", "2026-11-21T11:30:00Z", "Europe/London"), "11:30 London time");
        assert_eq!(told("de", "2026-11-21T11:30:00Z", "Europe/Vienna"), "12:30 Uhr (Wien)");
        assert_eq!(told("en", "2026-11-21T11:30:00Z", "UTC"), "11:30 UTC");
        assert_eq!(told("en", "2026-11-22T09:00:00Z", "Europe/London"), "Sunday 22 November, 09:00 London time");
        assert_eq!(told("de", "2026-11-22T08:00:00Z", "Europe/Berlin"), "Sonntag, 22. November, 09:00 Uhr (Berlin)");
        assert_eq!(told("en", "2026-11-21T20:00:00Z", "America/New_York"), "15:00 New York time");
    }

    #[test]
    fn a_span_says_each_day_and_place_once() {
        let span = |locale, from: &str, until: &str| {
            let zone = TimeZone::get("Europe/London").unwrap();
            let now = "2026-11-21T10:50:00Z".parse().unwrap();
            words(locale).span(from.parse().unwrap(), until.parse().unwrap(), now, &zone)
        };
        let (ten, half) = ("2026-11-21T22:00:00Z", "2026-11-21T23:30:00Z");
        assert_eq!(span("en", ten, half), "22:00 to 23:30 London time");
        assert_eq!(span("de", ten, half), "22:00 bis 23:30 Uhr (London)");
        let next = "2026-11-22T01:00:00Z";
        assert_eq!(span("en", ten, next), "22:00 London time to Sunday 22 November, 01:00 London time");
        let later = ("2026-11-22T22:00:00Z", "2026-11-22T23:30:00Z");
        assert_eq!(span("en", later.0, later.1), "Sunday 22 November, 22:00 to 23:30 London time");
    }

    #[test]
    fn the_hour_that_comes_twice_tells_which_one_is_meant() {
        let first = told("en", "2026-10-25T00:30:00Z", "Europe/London");
        let second = told("en", "2026-10-25T01:30:00Z", "Europe/London");
        assert_eq!(first, "Sunday 25 October, 01:30 (UTC+01:00) London time");
        assert_eq!(second, "Sunday 25 October, 01:30 (UTC+00:00) London time");
    }
}
