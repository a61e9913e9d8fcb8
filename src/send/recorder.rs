//! The recorder: outcomes of all connections are committed in groups by one task.
//!
//! While one group goes through fdatasync the next one gathers, so that no outcome waits longer than one commit and
//! the gathering time. A group that cannot be written (a full disk) is kept and tried again; connections then wait,
//! because the way to the recorder fills up.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::Engine;
use crate::store::deliveries::{Record, Verdict};

/// The most outcomes in one commit.
const GROUP: usize = 512;
/// How long a small group waits for more. Together with one fdatasync it stays under 20 ms.
const GATHER: Duration = Duration::from_millis(5);
/// How long to wait before trying a failed commit again.
const AGAIN: Duration = Duration::from_secs(1);

/// Runs until every sender is gone and everything is written.
pub async fn run(engine: Arc<Engine>, mut records: mpsc::Receiver<Record>) {
    let mut group = Vec::with_capacity(GROUP);
    while let Some(first) = records.recv().await {
        group.push(first);
        gather(&mut records, &mut group, &engine).await;
        commit(&engine, &group).await;
        group.clear();
    }
}

async fn gather(records: &mut mpsc::Receiver<Record>, group: &mut Vec<Record>, engine: &Engine) {
    let deadline = engine.world.clock.sleep(GATHER);
    tokio::pin!(deadline);
    while group.len() < GROUP {
        tokio::select! {
            biased;
            next = records.recv() => match next {
                Some(record) => group.push(record),
                None => return,
            },
            () = &mut deadline => return,
        }
    }
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
