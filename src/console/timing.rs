//! What was chosen about time, in words: who sleeps and what is done about it, how slowly it goes, who goes first.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    time::{Times, length},
    words::{say, text, word},
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
            AtNight::Now if sleepers > 0 => said.push(text!("timing-now", channel = label, n = sleepers)),
            AtNight::Morning if morning > 0 => {
                said.push(match arrival.last_morning_at {
                    Some(at) => text!("timing-morning-last", channel = label, n = morning, at = times.near(at)),
                    None => text!("timing-morning", channel = label, n = morning),
                });
            }
            AtNight::NotAtAll if left_out > 0 => {
                said.push(text!("timing-not-at-all", channel = label, n = left_out));
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
    Some(text!("timing-spread", length = over))
}

/// Which groups go before which.
pub(super) fn order(timing: &Timing, variants: &[Variant]) -> Option<String> {
    if !timing.is_staged() {
        return None;
    }
    let last = timing.stages.iter().copied().max().unwrap_or_default();
    let groups: Vec<String> = (0..=usize::from(last)).map(|stage| group(timing, variants, stage)).collect();
    let then: Vec<String> = groups[1..].iter().map(|group| text!("timing-then", group = group.as_str())).collect();
    Some(text!(
        "timing-order",
        first = groups[0].as_str(),
        then = then.join(&*word("list-comma")),
        percent = timing.stage_percent,
        own = variants.first().map_or("", |variant| variant.name.as_str()),
    ))
}

/// The names of the variants of a stage: “employees” and “partners”.
pub(super) fn group(timing: &Timing, variants: &[Variant], stage: usize) -> String {
    let of_stage = variants.iter().enumerate().filter(|(place, _)| timing.stage(*place) == stage);
    of_stage
        .map(|(_, variant)| text!("timing-group", name = variant.name.as_str()))
        .collect::<Vec<_>>()
        .join(&*word("list-and"))
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
            text!(
                "timing-window",
                channel = say("channel", channel.as_str()),
                from = at(window.from),
                to = at(window.to)
            )
        })
        .collect();
    let nights = [AtNight::Now, AtNight::Morning, AtNight::NotAtAll].map(|choice| {
        json!({ "name": choice.as_str(), "label": say("night", choice.as_str()), "checked": content.quiet_hours == choice })
    });
    let hours = content.spread_minutes.map(|minutes| {
        let hours = f64::from(minutes) / 60.0;
        format!("{hours:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
    });
    json!({ "windows": windows.join(&*word("list-comma")), "nights": nights, "hours": hours, "percent": content.stage_percent })
}

/// When a group starts, as the page offers it.
pub(super) fn places(content: &Content, place: usize) -> Vec<Value> {
    let chosen = content.variants[place].stage;
    let last = content.variants.iter().map(|variant| variant.stage).max().unwrap_or_default();
    let offered = usize::from(last).max(content.variants.len() - 1).min(7);
    let label = |stage: usize| match stage {
        0 => text!("timing-place-first"),
        1 => text!("timing-place-second"),
        stage => text!("timing-place", n = stage + 1),
    };
    (0..=offered)
        .map(|stage| json!({ "name": stage, "label": label(stage), "selected": usize::from(chosen) == stage }))
        .collect()
}
