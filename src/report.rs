//! The report of a month: what customers were told, by part of the service. Derived from what is stored; exercises are in
//! it only when asked for, and then alone; restricted incidents never are.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    app::App,
    compose::status::Kind,
    problem::Problem,
    render::MessageKind,
    schedule::promise::{Standing, Sums},
    store::report::{Promised, Told},
};

/// Messages, and promises, that one report reads. More are cut off, and that is said.
const MOST: i64 = 2000;

/// What was told in a month.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The month, as `2026-11`, in the organisation's zone.
    pub month: String,
    /// The month before.
    pub before: String,
    /// The month after; null where that has not begun.
    pub after: Option<String>,
    /// True where it is about practice.
    pub exercises: bool,
    /// True where there was more than a report reads.
    pub cut: bool,
    /// All of it.
    pub whole: Line,
    /// By component, in the order of lists; what was about none comes last. A message about two counts in both.
    pub components: Vec<ComponentLine>,
}

/// A component's part.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ComponentLine {
    /// The component; null for what was about none, or about one that is gone.
    pub component_id: Option<i64>,
    /// Its name; empty where there is none.
    pub name: String,
    /// What was told about it.
    #[serde(flatten)]
    pub line: Line,
}

/// What was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// Incidents, maintenances and notices that customers heard of.
    pub incidents: i64,
    /// Updates that went out.
    pub updates: i64,
    /// Corrections that went out.
    pub corrections: i64,
    /// Promises of a next update that were kept in time …
    pub promises_kept: i64,
    /// … of these the ones that an automatic "no news yet" message kept …
    pub promises_by_holding: i64,
    /// … and those that were kept late, are late, or were missed …
    pub promises_late: i64,
    /// … of these the ones that count as missed.
    pub promises_missed: i64,
    /// Seconds from when an incident was opened here to its first update: the middle one of the month; null without any.
    pub first_update_seconds: Option<i64>,
    /// Messages in all …
    pub messages: i64,
    /// … handed over …
    pub handed_over: i64,
    /// … and arrived, as far as networks tell.
    pub confirmed: i64,
}

/// The report of a month, `2026-11`; empty means the one of now.
///
/// # Errors
/// 422 for what is no month; the store's.
pub async fn of(app: &App, month: &str, exercises: bool) -> Result<Report, Problem> {
    let zone = app.config.organisation.zone();
    let now = app.world.clock.now();
    let first = if month.is_empty() {
        now.to_zoned(zone.clone()).date().first_of_month()
    } else {
        parse(month).ok_or_else(|| Problem::invalid("/month", "give a month, written like 2026-11"))?
    };
    let next = following(first);
    let start = |day: Date| day.to_zoned(zone.clone()).map(|at| at.timestamp()).map_err(|_| out_of_range());
    let (from, until) = (start(first)?, start(next)?);
    let told = app.store.told(from, until, exercises, MOST).await?;
    let promised = app.store.promised(from, until, exercises, MOST).await?;
    let as_of = (now, app.config.promises.missed_after.0);
    let known = app.store.components().await?;
    let mut components: Vec<ComponentLine> = known
        .iter()
        .map(|component| ComponentLine {
            component_id: Some(component.id),
            name: component.name.clone(),
            line: line(&told, &promised, as_of, |about| about.contains(&component.id)),
        })
        .collect();
    let of_none = |about: &[i64]| !about.iter().any(|id| known.iter().any(|component| component.id == *id));
    let rest = ComponentLine { component_id: None, name: String::new(), line: line(&told, &promised, as_of, of_none) };
    components.push(rest);
    components.retain(|component| component.line != Line::default());
    Ok(Report {
        month: first.strftime("%Y-%m").to_string(),
        before: first.yesterday().map_err(|_| out_of_range())?.strftime("%Y-%m").to_string(),
        after: (until <= now).then(|| next.strftime("%Y-%m").to_string()),
        exercises,
        cut: told.len() as i64 == MOST || promised.len() as i64 == MOST,
        whole: line(&told, &promised, as_of, |_| true),
        components,
    })
}

fn out_of_range() -> Problem {
    Problem::invalid("/month", "is too far away")
}

fn parse(month: &str) -> Option<Date> {
    let well_formed = month.len() == 7 && month.is_ascii();
    well_formed.then(|| format!("{month}-01").parse().ok()).flatten()
}

fn following(first: Date) -> Date {
    first.last_of_month().tomorrow().unwrap_or(first)
}

fn line(
    told: &[Told],
    promised: &[Promised],
    (now, missed): (Timestamp, SignedDuration),
    is_about: impl Fn(&[i64]) -> bool,
) -> Line {
    let told: Vec<&Told> = told.iter().filter(|told| is_about(&told.components)).collect();
    let count = |kind| told.iter().filter(|told| told.message == kind).count() as i64;
    let incidents: BTreeSet<i64> = told.iter().map(|told| told.incident_id).collect();
    let promised = promised.iter().filter(|promised| is_about(&promised.components));
    let mut sums = Sums::default();
    for promise in promised {
        let end = promise.kept.map_or(now, |(at, _)| at);
        let late = end.duration_since(promise.due_at).as_secs();
        sums.add(Standing::of(promise.due_at, promise.kept, now, missed), Some(late));
    }
    // Planned work and notices are told when it suits; only what breaks is a race.
    let firsts = told.iter().filter(|told| told.first && told.kind == Kind::Incident);
    let mut seconds: Vec<i64> = firsts.map(|told| told.started_at.duration_since(told.opened_at).as_secs()).collect();
    seconds.sort_unstable();
    Line {
        incidents: incidents.len() as i64,
        updates: count(MessageKind::Update),
        corrections: count(MessageKind::Correction),
        promises_kept: sums.kept + sums.holding,
        promises_by_holding: sums.holding,
        promises_late: sums.late + sums.missed + sums.overdue,
        promises_missed: sums.missed,
        first_update_seconds: seconds.get(seconds.len().saturating_sub(1) / 2).copied(),
        messages: told.iter().map(|told| told.total).sum(),
        handed_over: told.iter().map(|told| told.handed).sum(),
        confirmed: told.iter().map(|told| told.confirmed).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn told(incident_id: i64, message: MessageKind, second: i64, components: &[i64]) -> Told {
        Told {
            incident_id,
            kind: Kind::Incident,
            message,
            opened_at: at(0),
            started_at: at(second),
            first: message == MessageKind::Update,
            components: components.to_vec(),
            total: 10,
            handed: 9,
            confirmed: 4,
        }
    }

    #[test]
    fn a_line_counts_what_is_about_it_and_the_middle_of_the_firsts() {
        let messages = [
            told(1, MessageKind::Update, 60, &[1]),
            told(1, MessageKind::Correction, 90, &[1]),
            told(2, MessageKind::Update, 300, &[1, 2]),
            told(3, MessageKind::Update, 900, &[]),
        ];
        let promise = |components: &[i64], kept| Promised { components: components.to_vec(), due_at: at(100), kept };
        let by = |second| Some((at(second), MessageKind::Update));
        let held = Some((at(159), MessageKind::Holding));
        let promises = [
            promise(&[1], by(100)),
            promise(&[1], by(160)),
            promise(&[2], None),
            promise(&[3], held),
            promise(&[3], by(400)),
        ];
        let missed = SignedDuration::from_mins(5);
        let whole = line(&messages, &promises, (at(160), missed), |_| true);
        assert_eq!((whole.incidents, whole.updates, whole.corrections), (3, 3, 1));
        assert_eq!((whole.promises_kept, whole.promises_late, whole.first_update_seconds), (2, 3, Some(300)));
        assert_eq!((whole.promises_by_holding, whole.promises_missed), (1, 1));
        assert_eq!((whole.messages, whole.handed_over, whole.confirmed), (40, 36, 16));
        let second = line(&messages, &promises, (at(159), missed), |about| about.contains(&2));
        assert_eq!((second.incidents, second.promises_late, second.first_update_seconds), (1, 0, Some(300)));
        assert_eq!(line(&messages, &promises, (at(160), missed), |about| about.contains(&9)), Line::default());
    }

    #[test]
    fn a_month_is_written_like_one() {
        assert_eq!(parse("2026-02").map(following).unwrap().to_string(), "2026-03-01");
        assert_eq!(parse("2026-12").map(following).unwrap().to_string(), "2027-01-01");
        assert!(["2026-13", "2026-2", "26-02-01", "november", ""].iter().all(|text| parse(text).is_none()));
    }
}
