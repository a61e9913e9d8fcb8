//! How long a place asks us to wait: `Retry-After` and its relatives, always within a second and an hour.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The shortest wait that we honour: a zero would make a loop.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// The longest wait that we honour: a place cannot put a crisis message off for a day.
pub const LONGEST: Duration = Duration::from_secs(3600);

/// Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or an HTTP date. None for anything else.
pub fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long wait, not a broken header.
        return Some(clamp(Duration::from_secs(value.parse().unwrap_or(u64::MAX))));
    }
    http_date(value).map(|at| until(at, now))
}

/// The wait until `at`, which may lie in the past.
pub fn until(at: Timestamp, now: Timestamp) -> Duration {
    clamp(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// Holds a wait within [`SHORTEST`] and [`LONGEST`].
pub fn clamp(wait: Duration) -> Duration {
    wait.clamp(SHORTEST, LONGEST)
}

/// The three forms of RFC 9110, section 5.6.7.
fn http_date(value: &str) -> Option<Timestamp> {
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(value) {
        return Some(zoned.timestamp());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .into_iter()
        .find_map(|form| DateTime::strptime(form, value).ok())
        .and_then(|time| TimeZone::UTC.to_timestamp(time).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "1994-11-06T08:49:07Z".parse().unwrap()
    }

    #[test]
    fn seconds_are_clamped() {
        assert_eq!(parse("30", now()), Some(Duration::from_secs(30)));
        assert_eq!(parse(" 0 ", now()), Some(SHORTEST));
        assert_eq!(parse("86400", now()), Some(LONGEST));
        assert_eq!(parse("99999999999999999999999999", now()), Some(LONGEST));
    }

    #[test]
    fn the_three_forms_of_a_date_are_read() {
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(parse(date, now()), Some(Duration::from_secs(30)), "{date}");
        }
        assert_eq!(parse("Sun, 06 Nov 1994 08:00:00 GMT", now()), Some(SHORTEST), "a date in the past");
    }

    #[test]
    fn nonsense_is_no_wait() {
        for value in ["", "soon", "-5", "1.5", "12 seconds"] {
            assert_eq!(parse(value, now()), None, "{value}");
        }
    }
}
