//! `cargo xtask chaos`: kill -9 at random moments of real broadcasts, and an account of each afterwards, from the rows of the
//! database and from what arrived at a sink.
//!
//! Most kills fall where the sink has taken a random share of the audience, a few milliseconds more or less; every fifth falls
//! into the start after the one before. A broadcast holds when its [`Ledger`] does: nobody lost, nobody called accepted who
//! has nothing, each copy marked in doubt before it came, the sum of outcomes the snapshot and the counters the rows; when
//! the audit chain is whole; and when no kill made more copies than were on the wire or not yet committed.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use clap::Args;
use onevoice_channels::contract::Channel;

use crate::{
    ledger::{self, Arrivals, Ledger},
    sink::{Sink, Taken},
    site::{self, Client, Daemon, Site, content},
    stage::{self, CONNECTIONS, To, pause},
};

/// How many messages a connection may have under way, those that wait ready for it and those answered for it included.
const DEPTH: usize = 8;
/// How many outcomes may be known and not committed (`UNCOMMITTED` in `src/send/ledger.rs`).
const UNCOMMITTED: usize = 512;
/// The most copies that one kill may make.
const BOUND: usize = CONNECTIONS * DEPTH + UNCOMMITTED;
/// How long a broadcast may take to end after its last kill.
const LONGEST: Duration = Duration::from_secs(600);

/// How much of it.
#[derive(Args, Clone, Copy, Debug)]
pub struct Options {
    /// How many broadcasts.
    #[arg(long, default_value_t = 50)]
    broadcasts: usize,
    /// To how many people each.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// How often the daemon is killed during each.
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// Repeats the moments of another run, as far as two runs can be alike.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What became of one broadcast.
struct Account {
    took: Duration,
    marked: usize,
    copies: usize,
    /// The most copies that one kill made.
    most: usize,
    faults: Vec<String>,
}

/// Runs all of it and prints a table; whether everything held.
pub async fn run(options: Options) -> bool {
    println!(
        "{} broadcasts to {} people, {} kills each, seed {}; at most {BOUND} copies a kill",
        options.broadcasts, options.people, options.kills, options.seed
    );
    println!("| broadcast | seconds | marked in doubt | copies | most of one kill | |\n|---|---|---|---|---|---|");
    let mut chance = Chance(options.seed);
    let (mut copies, mut most, mut broken) = (0, 0, 0);
    for broadcast in 1..=options.broadcasts {
        let account = one(options, &mut chance).await;
        let word = if account.faults.is_empty() { "holds" } else { "BROKEN" };
        println!(
            "| {broadcast} | {:.1} | {} | {} | {} | {word} |",
            account.took.as_secs_f64(),
            account.marked,
            account.copies,
            account.most
        );
        for fault in account.faults.iter().take(20) {
            println!("    {fault}");
        }
        copies += account.copies;
        most = most.max(account.most);
        broken += usize::from(!account.faults.is_empty());
    }
    let kills = options.broadcasts * options.kills;
    println!("\n{kills} kills: {copies} copies, at most {most} of one kill; {broken} broadcasts broken");
    broken == 0
}

async fn one(options: Options, chance: &mut Chance) -> Account {
    let sink = Sink::start(None);
    let zero = site::now().as_millisecond() - i64::try_from(sink.elapsed().as_millis()).unwrap_or(0);
    let site = Site::new(&stage::relay(sink.port, CONNECTIONS), &[]).await;
    stage::fill(&site, options.people, To::Mail).await;
    let mut daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("investigating", "Card payments are failing")).await;
    let start = Instant::now();
    let broadcast = approver.approve(update, &submitted).await;

    let mut lives: Vec<Vec<Taken>> = Vec::new();
    for moment in moments(options, chance) {
        match moment {
            Moment::Taken(count) => {
                let until = Instant::now() + LONGEST;
                while sink.count() < count && Instant::now() < until {
                    pause(Duration::from_micros(500)).await;
                }
                pause(chance.time(20)).await;
                daemon.kill().await;
            }
            Moment::Start => {
                daemon.kill().await;
                lives.push(settled(&sink).await);
                let mut child = site.spawn();
                pause(chance.time(400)).await;
                child.kill().await.expect("the daemon can be killed");
            }
        }
        lives.push(settled(&sink).await);
        daemon = site.start().await;
    }
    let ended = end(&author, broadcast).await;
    let took = start.elapsed();
    let mut faults = Vec::new();
    if !ended {
        faults.push(format!("it did not end within {} seconds of the last kill", LONGEST.as_secs()));
    }
    stop(daemon, &mut faults).await;
    lives.push(sink.drain());
    let accounts = Ledger::read(&site.database(), broadcast, Channel::Email).await;
    faults.extend(accounts.faults_with(&arrivals(&lives, zero)));
    if !ledger::audit_is_whole(&site.database()).await {
        faults.push("the audit chain is broken".to_owned());
    }
    let by_kill = copies(&lives, &mut faults);
    let most = by_kill.values().copied().max().unwrap_or_default();
    if most > BOUND {
        faults.push(format!("one kill made {most} copies, and {BOUND} are possible"));
    }
    Account { took, marked: accounts.marks.len(), copies: by_kill.values().sum(), most, faults }
}

/// When the daemon is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// When the sink has taken so many messages.
    Taken(u64),
    /// At once, and again during the start.
    Start,
}

/// The moments of one broadcast, in their order; a `Start` is two kills.
fn moments(options: Options, chance: &mut Chance) -> Vec<Moment> {
    let starts = options.kills / 10;
    let mut counts: Vec<u64> =
        (0..options.kills - 2 * starts).map(|_| 1 + chance.below(options.people as u64 * 19 / 20)).collect();
    counts.sort_unstable();
    let mut moments: Vec<Moment> = counts.into_iter().map(Moment::Taken).collect();
    for _ in 0..starts {
        let place = chance.below(moments.len() as u64 + 1) as usize;
        moments.insert(place, Moment::Start);
    }
    moments
}

/// What the sink took in the life that has just ended, once it has read what the kernel still held for it.
async fn settled(sink: &Sink) -> Vec<Taken> {
    let mut taken = sink.drain();
    let mut quiet = 0;
    while quiet < 5 {
        pause(Duration::from_millis(2)).await;
        let more = sink.drain();
        quiet = if more.is_empty() { quiet + 1 } else { 0 };
        taken.extend(more);
    }
    taken
}

async fn end(author: &Client, broadcast: i64) -> bool {
    let until = Instant::now() + LONGEST;
    while Instant::now() < until {
        if !author.get(&format!("/broadcasts/{broadcast}")).await["ended_at"].is_null() {
            return true;
        }
        pause(Duration::from_millis(50)).await;
    }
    false
}

async fn stop(daemon: Daemon, faults: &mut Vec<String>) {
    let status = daemon.stop().await;
    if !status.success() {
        faults.push(format!("the daemon ended with {status}"));
    }
}

fn arrivals(lives: &[Vec<Taken>], zero: i64) -> Arrivals {
    let mut arrivals = Arrivals::new();
    for taken in lives.iter().flatten() {
        let at = zero + i64::try_from(taken.at.as_millis()).unwrap_or(i64::MAX);
        arrivals.entry(taken.recipient.to_string()).or_default().push(at);
    }
    arrivals
}

/// How many copies each kill made: what came again counts for the kill that ended the life in which it came before. A copy
/// within one life was made by no kill, and is a fault.
fn copies(lives: &[Vec<Taken>], faults: &mut Vec<String>) -> BTreeMap<usize, usize> {
    let (mut last, mut by_kill) = (HashMap::new(), BTreeMap::new());
    for (life, taken) in lives.iter().enumerate() {
        for taken in taken {
            match last.insert(taken.recipient.as_ref(), life) {
                Some(before) if before == life => {
                    faults.push(format!("{} came twice without a kill between", taken.recipient));
                }
                Some(before) => *by_kill.entry(before).or_default() += 1,
                None => {}
            }
        }
    }
    by_kill
}

/// Repeatable chance (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to before `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn time(&mut self, milliseconds: u64) -> Duration {
        Duration::from_micros(self.below(milliseconds * 1000))
    }
}
