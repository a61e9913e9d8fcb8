//! The wall clock is set by an hour, both ways, while messages go out (Debian's libfaketime): what waits for its next try
//! waits as long as it should, no longer and no shorter, and the pace stays.

use std::{fs, path::PathBuf, time::Duration};

use onevoice::{store::recipients::Recipient, track::DeliveryState};
use onevoice_channels::contract::Channel;

use super::{
    Site, Start, content,
    ledger::{Arrivals, Ledger},
    person,
};
use crate::{
    parts::ready,
    simulators::relay::{Fault, Relay},
};

const PEOPLE: usize = 60;

/// Where Debian has the library, whatever the machine's architecture.
pub fn libfaketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("readable").map(|entry| entry.expect("readable").path());
    let library = folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|path| path.exists());
    library.expect("libfaketime is not there: run `cargo xtask parts`")
}

#[tokio::test]
async fn setting_the_clock_by_an_hour_neither_stalls_nor_hurries_anything() {
    let relay = Relay::start().await;
    let people: Vec<Recipient> = (0..PEOPLE)
        .map(|place| person(&format!("c{place:02}"), "Maria", Some(&format!("p{place:02}@example.test")), None))
        .collect();
    let providers = format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         limits = {{ connections = 2, per_second = 20, burst = 1 }}\n",
        relay.port
    );
    let site = Site::new(&providers, &people).await;
    let file = site.folder.path().join("clock");
    let set = |offset: &str| {
        let fresh = file.with_extension("new");
        fs::write(&fresh, offset).and_then(|()| fs::rename(&fresh, &file)).expect("the folder is ours");
    };
    set("+0");
    let (library, clock) = (libfaketime(), file.clone());
    let env = [
        ("LD_PRELOAD", library.to_str().expect("UTF-8")),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().expect("UTF-8")),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let daemon = site.start_as(&Start { env: &env, ..Start::default() }).await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    // Everybody is put off once, so that somebody waits at every step of the clock.
    relay.fail(Fault::Later, PEOPLE);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    // At the last one nobody waits for a first try any more: who waits for another must be found with the clock behind.
    let steps = [(5, "-3600"), (20, "+0"), (30, "+3600"), (45, "-3600")];
    for (returned, offset) in steps {
        ready::until("the next step", async || (relay.returned().len() >= returned).then_some(())).await;
        set(offset);
    }
    author.ended(broadcast).await;
    assert!(daemon.stop().await.success());

    let mut arrivals = Arrivals::new();
    // An hour on, the next update was promised for earlier: its owner is reminded by the same relay.
    for taken in relay.taken().into_iter().filter(|taken| taken.to.ends_with("@example.test")) {
        arrivals.entry(taken.to).or_default().push(taken.at);
    }
    let accounts = Ledger::read(&site.database(), broadcast, Channel::Email).await;
    assert_eq!((accounts.faults_with(&arrivals), accounts.count(DeliveryState::Accepted)), (Vec::new(), PEOPLE));
    // A try that comes early is a fault however slow the machine is.
    let soonest = relay.returned().into_iter().min().expect("everybody came again");
    assert!(soonest >= Duration::from_millis(990), "somebody was tried again after {soonest:?}, and not a second");
    let times: Vec<i64> = relay.taken().iter().map(|taken| taken.at).collect();
    let took = times.iter().max().zip(times.iter().min()).map(|(last, first)| last - first).expect("they came");
    // Less the half second by which the first may have been late.
    let least = (PEOPLE as i64 - 10) * 1000 / 20;
    assert!(took >= least, "{PEOPLE} messages at 20 a second took {took} ms");
}
