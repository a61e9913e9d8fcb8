//! The recorder: outcomes of all connections are committed in groups by one task.
//!
//! While one group goes through fdatasync the next one gathers, so that no outcome waits longer than one commit and
//! the gathering time. A group that cannot be written (a full disk) is kept and tried again; connections then wait,
//! because the way to the recorder fills up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::Engine;
use crate::store::deliveries::{Claimed, Record, Verdict};

/// What a connection has to say, in its order.
pub enum Word {
    /// What happened to a delivery.
    Outcome(Record),
    /// Deliveries that were claimed and not written. It must not overtake the outcomes before it: it forgets their
    /// claims, and a crash between the two would lose them.
    Unsent {
        /// Which.
        items: Vec<Claimed>,
        /// The claims that end with this.
        claims: Vec<i64>,
        /// Why: a reason's name, or `stopped`.
        reason: &'static str,
    },
}

/// The most outcomes in one commit.
const GROUP: usize = 512;
/// How long a small group waits for more. Together with one fdatasync it stays under 20 ms.
const GATHER: Duration = Duration::from_millis(5);
/// How long to wait before trying a failed commit again.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until every sender is gone and everything is written.
pub async fn run(engine: Arc<Engine>, mut words: mpsc::Receiver<Word>) {
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = words.recv().await {
        let unsent = gather(first, &mut words, &mut group, &engine).await;
        if !group.is_empty() {
            commit(&engine, &group).await;
            group.clear();
        }
        if let Some((items, claims, reason)) = unsent {
            give_back(&engine, &items, &claims, reason).await;
        }
    }
}

type Unsent = (Vec<Claimed>, Vec<i64>, &'static str);

/// Fills the group until it is large or old enough, or something is given back, which comes after it.
async fn gather(
    first: Word,
    words: &mut mpsc::Receiver<Word>,
    group: &mut Vec<Record>,
    engine: &Engine,
) -> Option<Unsent> {
    let deadline = engine.world.clock.sleep(GATHER);
    tokio::pin!(deadline);
    let mut next = Some(first);
    loop {
        match next? {
            Word::Outcome(record) => group.push(record),
            Word::Unsent { items, claims, reason } => return Some((items, claims, reason)),
        }
        if group.len() >= GROUP {
            return None;
        }
        next = tokio::select! {
            biased;
            next = words.recv() => next,
            () = &mut deadline => None,
        };
    }
}

async fn give_back(engine: &Engine, items: &[Claimed], claims: &[i64], reason: &str) {
    while let Err(error) = engine.store.release(items, claims, engine.world.clock.now(), reason).await {
        tracing::error!(%error, deliveries = items.len(), "deliveries could not be given back; tried again");
        engine.set_writable(false);
        engine.world.clock.sleep(AGAIN).await;
    }
    engine.set_writable(true);
    engine.wake();
}

async fn commit(engine: &Engine, group: &[Record]) {
    let before = std::time::Instant::now();
    while let Err(error) = engine.store.record(group).await {
        tracing::error!(%error, outcomes = group.len(), "outcomes could not be written; they are kept and tried again");
        engine.set_writable(false);
        engine.world.clock.sleep(AGAIN).await;
    }
    engine.set_writable(true);
    engine.metrics.committed(before.elapsed());
    let mut touched = BTreeSet::new();
    let mut pages = false;
    for record in group {
        touched.insert(record.id.broadcast);
        pages |= !record.id.channel.is_personal();
        let (outcome, reason) = match &record.verdict {
            Verdict::End { state, reason, .. } => (state.as_str(), *reason),
            Verdict::Again { reason, .. } => ("again", Some(*reason)),
        };
        engine.metrics.delivered(record.id.channel, &record.provider, outcome, reason);
    }
    for broadcast in touched {
        engine.close_if_done(broadcast).await;
        engine.tell(super::Event::Progress { broadcast });
    }
    if pages {
        engine.tell(super::Event::Public);
    }
    if group.iter().any(|record| matches!(record.verdict, Verdict::Again { .. })) {
        engine.wake();
    }
}
