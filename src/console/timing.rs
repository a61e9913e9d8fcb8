//! What was chosen about time, in words: who sleeps and what is done about it, how slowly it goes, who goes first.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    time::{Times, length, number},
    words::say,
};
use crate::{
    app::App,
    compose::content::{Content, Variant},
    pace::{AtNight, Timing},
    plan::forecast::Arrival,
};

/// The sentences beside a text that is being written. `asleep` is who sleeps at the start, by channel, whatever was chosen.
pub(super) fn sentences(
    times: &Times,
    timing: Option<&Timing>,
    variants: &[Variant],
    arrivals: &BTreeMap<Channel, Arrival>,
    asleep: &BTreeMap<Channel, i64>,
) -> Vec<String> {
    let choice = timing.map_or(AtNight::Now, |timing| timing.quiet_hours);
    let mut said = Vec::new();
    let channels: std::collections::BTreeSet<&Channel> = arrivals.keys().chain(asleep.keys()).collect();
    for channel in channels {
        let label = say("channel", channel.as_str());
        let arrival = arrivals.get(channel).cloned().unwrap_or_default();
        let (morning, left_out) = (arrival.in_the_morning.round() as i64, arrival.not_at_all.round() as i64);
        let sleepers = asleep.get(channel).copied().unwrap_or_default();
        match choice {
            AtNight::Now if sleepers > 0 => said.push(format!(
                "{label}: {} people sleep at the start. They get it all the same, and may wake.",
                number(sleepers)
            )),
            AtNight::Morning if morning > 0 => {
                let last = arrival.last_morning_at.map(|at| format!(", the last about {}", times.near(at)));
                said.push(format!(
                    "{label}: {} people will get it in their morning{}, if the incident is still open and nothing newer \
                     replaces it.",
                    number(morning),
                    last.unwrap_or_default()
                ));
            }
            AtNight::NotAtAll if left_out > 0 => {
                said.push(format!("{label}: {} people sleep and do not get it.", number(left_out)));
            }
            _ => {}
        }
    }
    said.extend(timing.and_then(spread));
    said.extend(timing.and_then(|timing| order(timing, variants)));
    said
}

/// How slowly it goes.
pub(super) fn spread(timing: &Timing) -> Option<String> {
    let minutes = timing.spread_minutes?;
    let over = length(u64::from(minutes) * 60);
    Some(format!("The messages to people are spread evenly over {over}. Posts and pages go at once."))
}

/// Which groups go before which.
pub(super) fn order(timing: &Timing, variants: &[Variant]) -> Option<String> {
    if !timing.is_staged() {
        return None;
    }
    let last = timing.stages.iter().copied().max().unwrap_or_default();
    let groups: Vec<String> = (0..=usize::from(last)).map(|stage| group(timing, variants, stage)).collect();
    Some(format!(
        "{} first; {}, each when {} % of the group before is handed over. Posts and pages go with “{}”.",
        groups[0],
        groups[1..].iter().map(|name| format!("then {name}")).collect::<Vec<_>>().join(", "),
        timing.stage_percent,
        variants.first().map_or("", |variant| variant.name.as_str()),
    ))
}

/// The names of the variants of a stage: “employees” and “partners”.
pub(super) fn group(timing: &Timing, variants: &[Variant], stage: usize) -> String {
    let of_stage = variants.iter().enumerate().filter(|(place, _)| timing.stage(*place) == stage);
    of_stage.map(|(_, variant)| format!("“{}”", variant.name)).collect::<Vec<_>>().join(" and ")
}

/// The controls of the write page.
pub(super) fn controls(app: &App, content: &Content) -> Value {
    let windows: Vec<String> = app
        .config
        .quiet_hours
        .0
        .iter()
        .filter(|(channel, _)| app.channels().contains(channel) && content.uses(**channel))
        .map(|(channel, window)| {
            let at = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
            format!("{} from {} to {}", say("channel", channel.as_str()), at(window.from), at(window.to))
        })
        .collect();
    let nights = [AtNight::Now, AtNight::Morning, AtNight::NotAtAll].map(|choice| {
        json!({ "name": choice.as_str(), "label": say("night", choice.as_str()), "checked": content.quiet_hours == choice })
    });
    let hours = content.spread_minutes.map(|minutes| {
        let hours = f64::from(minutes) / 60.0;
        format!("{hours:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
    });
    json!({ "windows": windows.join(", "), "nights": nights, "hours": hours, "percent": content.stage_percent })
}

/// When a group starts, as the page offers it.
pub(super) fn places(content: &Content, place: usize) -> Vec<Value> {
    let chosen = content.variants[place].stage;
    let last = content.variants.iter().map(|variant| variant.stage).max().unwrap_or_default();
    let offered = usize::from(last).max(content.variants.len() - 1).min(7);
    let label = |stage: usize| match stage {
        0 => "At once".to_owned(),
        1 => "After those who start at once".to_owned(),
        stage => format!("As number {}", stage + 1),
    };
    (0..=offered)
        .map(|stage| json!({ "name": stage, "label": label(stage), "selected": usize::from(chosen) == stage }))
        .collect()
}
