//! Times as people give them: an instant, or what the clock on a wall shows in a zone.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};

use crate::{
    problem::Problem,
    world::{from_millis, millis},
};

/// Reads `2026-12-05T02:00`, meant in a zone, or an instant with its offset.
///
/// # Errors
/// 422 at `pointer` for what is no time, does not exist in the zone, or is shown twice there.
pub fn read(pointer: &str, typed: &str, zone: &TimeZone) -> Result<Timestamp, Problem> {
    let (typed, name) = (typed.trim(), zone.iana_name().unwrap_or("UTC"));
    if let Ok(instant) = typed.parse::<Timestamp>() {
        return Ok(from_millis(millis(instant)));
    }
    let clock: DateTime = typed.parse().map_err(|_| {
        let detail = format!("{typed:?} is no time; write it like 2026-12-05T02:00, or 2026-12-05T02:00+01:00");
        Problem::invalid(pointer, detail)
    })?;
    let found = zone.to_ambiguous_timestamp(clock);
    let refused = |detail: String| Err(Problem::invalid(pointer, detail));
    match found.offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            offset.to_timestamp(clock).or_else(|_| refused(format!("{typed:?} lies too far away")))
        }
        AmbiguousOffset::Gap { before, after } => {
            let skipped = after.duration_since(before);
            let later = clock.checked_add(skipped).unwrap_or(clock);
            refused(format!(
                "{} does not exist in {name}: the clocks go forward over it; {} is as long after the hour before",
                clock.strftime("%H:%M on %-d %B %Y"),
                later.strftime("%H:%M")
            ))
        }
        AmbiguousOffset::Fold { before, .. } => refused(format!(
            "{} comes twice in {name}: the clocks go back over it; write it with its offset, like {}{before} for the first",
            clock.strftime("%H:%M on %-d %B %Y"),
            clock.strftime("%Y-%m-%dT%H:%M")
        )),
    }
}

/// A time as its zone's clock shows it, with its offset: `2026-12-05T02:00:00+01:00`.
pub fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_its_zone_and_one_that_is_none_there_is_refused_in_words() {
        let vienna = TimeZone::get("Europe/Vienna").unwrap();
        let read = |typed| read("/from", typed, &vienna).map(|at| at.to_string()).map_err(|problem| problem.detail);
        assert_eq!(read("2026-12-05T02:00").unwrap(), "2026-12-05T01:00:00Z");
        assert_eq!(read("2026-12-05 02:00").unwrap(), "2026-12-05T01:00:00Z");
        assert_eq!(read("2026-10-25T02:30+01:00").unwrap(), "2026-10-25T01:30:00Z");
        for (typed, said) in [
            ("2027-03-28T02:30", "02:30 on 28 March 2027 does not exist in Europe/Vienna"),
            ("2026-10-25T02:30", "comes twice in Europe/Vienna"),
            ("2026-10-25T02:30", "like 2026-10-25T02:30+02"),
            ("tomorrow", "is no time; write it like"),
            ("2026-02-30T02:00", "is no time"),
        ] {
            let detail = read(typed).unwrap_err();
            assert!(detail.contains(said), "{typed}: {detail}");
        }
    }
}
