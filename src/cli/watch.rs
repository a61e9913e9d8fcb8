//! `onevoice watch` and `onevoice report`: how a broadcast goes, and how it went.

use std::{collections::BTreeMap, io::IsTerminal as _, time::Duration};

use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use onevoice_channels::contract::Channel;
use serde::Deserialize;
use serde_json::Value;

use super::{
    client::{Client, Daemon},
    failure::Failure,
    steer::say_if_held,
    table::{grouped, plain, table},
};
use crate::world;

/// How often the daemon is asked.
const EVERY: Duration = Duration::from_secs(1);

/// States that a broadcast does not leave by itself, with whether all of it arrived at a good end.
const ENDS: [(&str, bool); 6] = [
    ("completed", true),
    ("partial", false),
    ("retracted", false),
    ("returned", false),
    ("voided", false),
    ("discarded", false),
];

/// Which broadcast.
#[derive(Args, Clone, Debug)]
pub struct Watch {
    /// The broadcast's number.
    pub broadcast: i64,
    /// Prints each change as one line of JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// How a channel stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct Progress {
    total: i64,
    #[serde(default)]
    outcomes: BTreeMap<String, i64>,
    #[serde(default)]
    waiting: i64,
}

impl Progress {
    fn done(&self) -> i64 {
        self.outcomes.values().sum()
    }

    fn count(&self, states: &[&str]) -> i64 {
        states.iter().filter_map(|state| self.outcomes.get(*state)).sum()
    }

    fn note(&self) -> String {
        let named = ["failed", "in_doubt"].map(|state| (state.replace('_', " "), self.count(&[state])));
        let parts = named.into_iter().chain([("waiting".to_owned(), self.waiting)]);
        parts
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{} {name}", grouped(count)))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

async fn read(client: &Client, id: i64) -> Result<(String, BTreeMap<String, Progress>, Value), Failure> {
    let answer = client.get(&format!("/broadcasts/{id}")).await?;
    let state = answer.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
    let progress = answer.pointer("/progress/channels").cloned().unwrap_or_default();
    let progress =
        serde_json::from_value(progress).map_err(|_| Failure::refused("the daemon's answer has no progress in it"))?;
    Ok((state, progress, answer))
}

/// Channels in the order of every table.
fn ordered(progress: &BTreeMap<String, Progress>) -> impl Iterator<Item = (&'static str, &Progress)> {
    Channel::ALL.into_iter().filter_map(|channel| Some((channel.as_str(), progress.get(channel.as_str())?)))
}

/// Shows how a broadcast goes until it has ended.
///
/// # Errors
/// [`Failure`]; a partial one when not everything arrived at a good end.
pub async fn watch(watch: &Watch) -> Result<(), Failure> {
    let client = watch.daemon.client()?;
    say_if_held(&client).await;
    let (clock, _) = world::system();
    let mut bars = Bars::default();
    let mut last = None;
    let is_live = !watch.json && std::io::stderr().is_terminal();
    loop {
        let (state, progress, answer) = read(&client, watch.broadcast).await?;
        let now = (state, progress);
        if last.as_ref() != Some(&now) {
            if watch.json {
                println!("{answer}");
            } else if is_live {
                bars.show(&now.0, &now.1);
            } else {
                println!("{}", line(&now.0, &now.1));
            }
        }
        if let Some((end, good)) = ENDS.iter().find(|(end, _)| *end == now.0) {
            bars.finish();
            if is_live {
                println!("{}", line(&now.0, &now.1));
            }
            let message = format!("the broadcast is {end}; see onevoice report {}", watch.broadcast);
            return if *good { Ok(()) } else { Err(Failure::partial(message)) };
        }
        last = Some(now);
        clock.sleep(EVERY).await;
    }
}

fn line(state: &str, progress: &BTreeMap<String, Progress>) -> String {
    let channels = ordered(progress).map(|(channel, progress)| {
        let note = progress.note();
        let note = if note.is_empty() { note } else { format!(" ({note})") };
        format!("{channel} {}/{}{note}", grouped(progress.done()), grouped(progress.total))
    });
    std::iter::once(plain(state)).chain(channels).collect::<Vec<_>>().join("  ")
}

/// One bar a channel.
#[derive(Default)]
struct Bars {
    all: MultiProgress,
    bars: BTreeMap<&'static str, ProgressBar>,
}

impl Bars {
    fn show(&mut self, state: &str, progress: &BTreeMap<String, Progress>) {
        for (channel, progress) in ordered(progress) {
            let bar = self.bars.entry(channel).or_insert_with(|| {
                let style = ProgressStyle::with_template("{prefix:12} {bar:24} {pos:>9}/{len:9} {wide_msg}");
                let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
                self.all.add(ProgressBar::new(0).with_style(style).with_prefix(channel))
            });
            bar.set_length(progress.total.unsigned_abs());
            bar.set_position(progress.done().unsigned_abs());
            let note = progress.note();
            bar.set_message(if note.is_empty() { plain(state) } else { note });
        }
    }

    fn finish(&self) {
        self.bars.values().for_each(ProgressBar::abandon);
    }
}

/// Prints channel by outcome, and what is in trouble.
///
/// # Errors
/// [`Failure`].
pub async fn report(watch: &Watch) -> Result<(), Failure> {
    let client = watch.daemon.client()?;
    say_if_held(&client).await;
    let (state, progress, answer) = read(&client, watch.broadcast).await?;
    if watch.json {
        println!("{answer}");
        return Ok(());
    }
    println!("Broadcast {} is {}.\n", watch.broadcast, plain(&state));
    print!("{}", outcomes(&progress));
    let troubles = answer.get("troubles").and_then(Value::as_array).into_iter().flatten();
    for (place, words) in troubles.filter_map(|trouble| trouble.get("words")?.as_str()).enumerate() {
        println!("{}- {}", if place == 0 { "\n" } else { "" }, plain(words));
    }
    Ok(())
}

/// The columns are fixed groups of outcomes, so that the table fits and adds up.
fn outcomes(progress: &BTreeMap<String, Progress>) -> String {
    let rows: Vec<Vec<String>> = ordered(progress)
        .map(|(channel, progress)| {
            let groups = [
                progress.count(&["delivered"]),
                progress.count(&["accepted"]),
                progress.count(&["failed"]),
                progress.count(&["in_doubt"]),
            ];
            let others = progress.done() - groups.iter().sum::<i64>();
            let open = progress.total - progress.done();
            let cells = std::iter::once(progress.total).chain(groups).chain([others, open]);
            std::iter::once(channel.to_owned()).chain(cells.map(grouped)).collect()
        })
        .collect();
    table(&["channel", "total", "delivered", "accepted", "failed", "in doubt", "not sent", "open"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delivery_is_in_one_column() {
        let progress = serde_json::json!({
            "email": {"total": 1200, "waiting": 3, "outcomes": {"delivered": 1000, "suppressed": 7, "failed": 2}},
            "sms": {"total": 10, "outcomes": {"in_doubt": 10}},
        });
        let progress: BTreeMap<String, Progress> = serde_json::from_value(progress).unwrap();
        let text = outcomes(&progress);
        let sums: Vec<(i64, i64)> = text
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<i64> =
                    line.split_whitespace().skip(1).map(|cell| cell.replace(',', "").parse().unwrap()).collect();
                (cells[0], cells[1..].iter().sum())
            })
            .collect();
        assert_eq!(sums, [(1200, 1200), (10, 10)], "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert_eq!(
            line("running", &progress),
            "running  email 1,009/1,200 (2 failed, 3 waiting)  sms 10/10 (10 in doubt)"
        );
    }
}
