//! The reach curve: a line a channel, solid so far and dashed as forecast, and the same as a table.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use onevoice_channels::contract::Channel;
use serde_json::{Value, json};

use super::{
    time::{Times, number},
    words::{say, text},
};
use crate::track::reach::{Point, Reach};

/// The drawing's size, and its margins at the left, top, right and bottom, in its own units.
const SIZE: (f64, f64) = (600.0, 240.0);
const MARGIN: (f64, f64, f64, f64) = (58.0, 18.0, 14.0, 26.0);
/// The most rows of the table.
const ROWS: usize = 10;

/// The chart of channels that reach people one by one; null before anything began, and for a single post.
pub(super) fn chart(times: &Times, reach: &BTreeMap<Channel, Reach>) -> Value {
    let drawn = reach.iter().filter(|(channel, reach)| channel.is_personal() && reach.total > 1);
    let drawn: Vec<(&Channel, &Reach)> = drawn.filter(|(_, reach)| reach.points.len() > 1).collect();
    let all = || drawn.iter().flat_map(|(_, reach)| &reach.points).map(|point| point.at);
    let (Some(start), Some(now)) = (all().min(), all().max()) else { return Value::Null };
    let forecast = drawn.iter().filter_map(|(_, reach)| reach.done_at).max();
    let end = forecast.map_or(now, |at| at.max(now));
    let frame = Frame { start, end: end.max(start + SignedDuration::from_secs(1)) };
    let mut lines: Vec<Value> = Vec::new();
    let mut labels: Vec<f64> = Vec::new();
    for (place, (channel, reach)) in drawn.iter().enumerate() {
        let last = reach.points[reach.points.len() - 1];
        let y = frame.y(last, reach.total);
        let above = if y < MARGIN.1 + 24.0 { y + 24.0 } else { y - 8.0 };
        // Two lines that end together have their names one below the other.
        let near = labels.iter().find(|other| (*other - above).abs() < 24.0);
        let label = near.map_or(above, |other| other + 26.0);
        labels.push(label);
        let line = |points: &[Point]| path(&frame, points, reach.total);
        let ahead = reach.done_at.map(|at| Point { at: at.max(last.at), handed: last.handed + reach.left });
        let x = frame.x(last.at);
        lines.push(json!({
            "class": if place == 0 { "line" } else { "line second" },
            "name": if place == 0 { "first-name" } else { "second-name" },
            "solid": line(&reach.points),
            "dashed": ahead.map(|ahead| line(&[last, ahead])),
            "label": say("channel", channel.as_str()),
            "x": format!("{:.1}", x.clamp(MARGIN.0 + 8.0, SIZE.0 - MARGIN.2)),
            "y": format!("{label:.1}"),
            "anchor": if x > SIZE.0 / 2.0 { "end" } else { "start" },
            "said": said(times, channel, reach),
        }));
    }
    let sentence: Vec<&str> = lines.iter().filter_map(|line| line["said"].as_str()).collect();
    let sentence = sentence.join("; ");
    let grid: Vec<Value> = [0.0, 0.5, 1.0]
        .iter()
        .map(|share| json!({ "y": format!("{:.1}", level(*share)), "label": text!("reach-share", n = (share * 100.0).round()), "text": format!("{:.1}", level(*share) + 4.0) }))
        .collect();
    let short = frame.end.duration_since(start).as_secs() < 600;
    let time = |at: Timestamp| if short { times.second(at) } else { times.near(at) };
    let labelled_now = frame.x(now) > MARGIN.0 + 70.0 && frame.x(now) < SIZE.0 - MARGIN.2 - 70.0;
    json!({
        "width": SIZE.0, "height": SIZE.1, "left": MARGIN.0, "right": SIZE.0 - MARGIN.2, "floor": SIZE.1 - 6.0,
        "said": sentence, "lines": lines, "grid": grid, "start": time(start), "end": time(frame.end),
        "now": labelled_now.then(|| format!("{:.1}", frame.x(now))),
        "channels": drawn.iter().map(|(channel, _)| say("channel", channel.as_str())).collect::<Vec<_>>(),
        "rows": table(times, &drawn),
    })
}

struct Frame {
    start: Timestamp,
    end: Timestamp,
}

impl Frame {
    fn x(&self, at: Timestamp) -> f64 {
        let part = at.duration_since(self.start).as_secs_f64() / self.end.duration_since(self.start).as_secs_f64();
        MARGIN.0 + part.clamp(0.0, 1.0) * (SIZE.0 - MARGIN.0 - MARGIN.2)
    }

    fn y(&self, point: Point, total: i64) -> f64 {
        level(point.handed as f64 / total.max(1) as f64)
    }
}

/// The height of a share of everybody.
fn level(share: f64) -> f64 {
    SIZE.1 - MARGIN.3 - share.clamp(0.0, 1.0) * (SIZE.1 - MARGIN.1 - MARGIN.3)
}

fn path(frame: &Frame, points: &[Point], total: i64) -> String {
    let step = |(place, point): (usize, &Point)| {
        format!("{}{:.1} {:.1}", if place == 0 { "M" } else { "L" }, frame.x(point.at), frame.y(*point, total))
    };
    points.iter().enumerate().map(step).collect::<Vec<_>>().join("")
}

/// A line in a sentence, for who cannot see it.
fn said(times: &Times, channel: &Channel, reach: &Reach) -> String {
    let channel = say("channel", channel.as_str());
    match reach.done_at {
        Some(at) => {
            text!("reach-line-last", channel = channel, handed = reach.handed, total = reach.total, at = times.near(at))
        }
        None => text!("reach-line", channel = channel, handed = reach.handed, total = reach.total),
    }
}

/// How many had it at a few of the moments that were kept, the first and the last among them.
fn table(times: &Times, drawn: &[(&Channel, &Reach)]) -> Vec<Value> {
    let mut kept: Vec<Timestamp> = drawn.iter().flat_map(|(_, reach)| &reach.points).map(|point| point.at).collect();
    kept.sort_unstable();
    kept.dedup();
    let last = kept.len().saturating_sub(1);
    let mut places: Vec<usize> = (0..ROWS).map(|step| step * last / (ROWS - 1)).collect();
    places.dedup();
    let row = |place: usize| {
        let at = kept[place];
        let had = |(_, reach): &(&Channel, &Reach)| {
            let before = reach.points.iter().rev().find(|point| point.at <= at);
            number(before.map_or(0, |point| point.handed))
        };
        json!({ "at": times.second(at), "had": drawn.iter().map(had).collect::<Vec<_>>() })
    };
    places.into_iter().map(row).collect()
}
