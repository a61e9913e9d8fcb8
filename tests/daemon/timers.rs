//! Timers with a daemon whose clock is set over a change of the clocks and back, by the commands of docs/schedule.md as they are
//! written there, against the demo.

use std::{fs, path::PathBuf};

use jiff::Timestamp;

use super::{clock::libfaketime, machines::Demo, now};
use crate::parts::ready;

const DOCUMENT: &str = include_str!("../../docs/schedule.md");

/// The command of the document that begins so, with what it goes on with.
fn shown(first: &str) -> String {
    let start = DOCUMENT.find(first).unwrap_or_else(|| panic!("docs/schedule.md shows {first:?}"));
    DOCUMENT[start..].split("\n\n").next().expect("the block ends").to_owned()
}

/// A clock that is set by a file.
struct Clock(PathBuf);

impl Clock {
    fn at(&self, moment: &str) {
        let moment: Timestamp = moment.parse().expect("a time");
        let fresh = self.0.with_extension("new");
        let text = format!("{:+}", moment.duration_since(now()).as_secs());
        fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &self.0)).expect("the folder is ours");
    }
}

/// How many notices there are.
async fn told(demo: &Demo) -> usize {
    demo.incidents().await.iter().filter(|incident| incident["kind"] == "notice").count()
}

#[tokio::test]
async fn over_a_change_of_the_clocks_forwards_and_back_each_time_is_sent_once() {
    let folder = crate::parts::folder::work();
    let clock = Clock(folder.path().join("clock"));
    clock.at("2027-03-27T12:00:00Z");
    let demo = Demo::start_with(&[
        ("LD_PRELOAD", libfaketime().to_str().expect("UTF-8")),
        ("FAKETIME_TIMESTAMP_FILE", clock.0.to_str().expect("UTF-8")),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ])
    .await;
    // What the demo has set up for itself would come in between.
    assert_eq!(demo.script("onevoice timer cancel 1 && onevoice plan cancel 1").await, 0);
    let add = shown("onevoice timer add").replace("\"0 9 * * 1\"", "\"30 2 * * *\"");
    assert_eq!(demo.script(&add).await, 0);
    let timer = demo.client.get("/timers/2").await;
    assert_eq!(timer["next"][0], "2027-03-28T03:00:00+02:00", "02:30 is skipped: {timer}");

    // Over the change, back before it, and over it again: one notice.
    let sent = async |n: usize| {
        ready::until("the notice", async || (told(&demo).await == n).then_some(())).await;
    };
    clock.at("2027-03-28T01:00:01Z");
    sent(1).await;
    clock.at("2027-03-28T00:30:00Z");
    let back = ready::until("the clock that was set back to be seen", async || {
        let next = demo.client.get("/timers/2").await["next_at"].clone();
        (next == "2027-03-28T01:00:00Z").then_some(())
    });
    back.await;
    clock.at("2027-03-28T01:00:30Z");
    ready::until("the next day's to be awaited", async || {
        let next = demo.client.get("/timers/2").await["next_at"].clone();
        (next == "2027-03-29T00:30:00Z").then_some(())
    })
    .await;
    assert_eq!(told(&demo).await, 1);
    clock.at("2027-03-29T00:30:01Z");
    sent(2).await;

    // Late: it waits for a person, and says how late it is.
    clock.at("2027-03-31T12:00:00Z");
    sent(3).await;
    let last = ready::until("what became of it", async || {
        let last = demo.client.get("/timers/2").await["last"].clone();
        last["outcome"].is_string().then_some(last)
    })
    .await;
    assert_eq!((&last["outcome"], &last["missed"]), (&"waits".into(), &1.into()), "{last}");
    assert!(last["late_seconds"].as_i64().is_some_and(|late| late >= 11 * 3_600), "{last}");

    // The document's other commands, as they are written.
    let plan = shown("onevoice plan add").replace("2026-12-05", "2027-12-04");
    assert_eq!(demo.script(&plan).await, 0);
    let moved = "onevoice plan move 2 --from 2027-12-05T02:00 && onevoice plan cancel 2 && onevoice timer cancel 2 && onevoice plan list && onevoice timer list";
    assert_eq!(demo.script(moved).await, 0);
    assert_eq!(demo.script(&shown("curl -sS").replace("curl -sS", "curl -fsS")).await, 0);
    assert_eq!(demo.client.get("/plans/2").await["state"], "cancelled");
}
