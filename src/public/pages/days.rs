//! How a component did on each of the last ninety days, as far as customers were told.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use super::super::view::{PublicComponent, PublicIncident};
use super::super::words::fill;
use super::frame::Frame;
use crate::compose::content::Severity;
use crate::compose::status::{Kind, Status};

/// As many as incidents stay public.
const DAYS: usize = 90;
/// The width of one day's bar and of the gap after it, in the picture's own units.
const STEP: usize = 4;

/// The days of a component, the oldest first.
#[derive(Serialize)]
pub(super) struct Days {
    /// What the picture says, for who does not see it.
    said: String,
    bars: Vec<Bar>,
}

#[derive(Serialize)]
struct Bar {
    x: usize,
    tone: &'static str,
}

/// The days up to the one on which the view was built. Of those before the component was here nothing is said.
pub(super) fn days(frame: &Frame<'_>, component: &PublicComponent) -> Days {
    let today = frame.times.day(frame.view.generated_at);
    let mut tones = [0_u8; DAYS];
    let touching = frame.view.incidents.iter().filter(|incident| incident.components.contains(&component.id));
    for incident in touching.filter(|incident| incident.status != Status::Scheduled) {
        let (first, last) = span(frame, incident, today);
        for (back, tone) in tones.iter_mut().rev().enumerate() {
            let day = today.saturating_sub((back as i64).days());
            if (first..=last).contains(&day) {
                *tone = (*tone).max(weight(incident));
            }
        }
    }
    let troubled = tones.iter().filter(|tone| **tone > 1).count();
    let here =
        today.since(frame.times.day(component.created_at)).map_or(DAYS, |span| span.get_days().max(0) as usize + 1);
    let known = DAYS.min(here).max(tones.iter().position(|tone| *tone > 0).map_or(0, |first| DAYS - first));
    let said = match (troubled, known) {
        (0, DAYS) => frame.words.days_clear.clone(),
        (_, DAYS) => fill(&frame.words.days_troubled, &[("n", &troubled.to_string())]),
        (0, _) => fill(&frame.words.days_clear_since, &[("date", &frame.times.date(component.created_at))]),
        _ => fill(
            &frame.words.days_troubled_since,
            &[("n", &troubled.to_string()), ("date", &frame.times.date(component.created_at))],
        ),
    };
    let bar = |(place, tone): (usize, &u8)| {
        let tone = if place < DAYS - known { "none" } else { ["ok", "info", "warn", "bad"][usize::from(*tone)] };
        Bar { x: place * STEP, tone }
    };
    Days { said, bars: tones.iter().enumerate().map(bar).collect() }
}

/// The days from the first to the last of an incident; one that is open lasts until today.
fn span(frame: &Frame<'_>, incident: &PublicIncident, today: Date) -> (Date, Date) {
    let over = incident.status.is_final().then(|| incident.resolved_at.unwrap_or_else(|| incident.changed_at()));
    (frame.times.day(incident.started_at), over.map_or(today, |at| frame.times.day(at)))
}

/// How much a day is coloured by an incident, at its gravest: that it is over makes it no smaller. Planned work is no trouble.
fn weight(incident: &PublicIncident) -> u8 {
    match (incident.kind, incident.gravest) {
        (Kind::Notice, _) => 0,
        (Kind::Maintenance, _) => 1,
        (Kind::Incident, Severity::Info | Severity::Warning) => 2,
        (Kind::Incident, Severity::Critical) => 3,
    }
}
