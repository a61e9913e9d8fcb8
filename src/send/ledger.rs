//! The ledger: one task writes what happened to deliveries and which may go next, for all connections together.
//!
//! A group of outcomes and the claims that are asked for meanwhile share one transaction, and so one fdatasync. While
//! it is written the next group gathers. A group that cannot be written (a full disk) is kept and tried again;
//! connections then wait, because [`UNCOMMITTED`] outcomes may wait here and no more.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use super::Engine;
use crate::store::{
    Result,
    deliveries::{Ask, Claim, Record, Returned, Verdict},
};

/// What a connection has to say, in its order.
pub enum Word {
    /// What happened to a delivery. It holds one of the [`UNCOMMITTED`] permits.
    Outcome(Record),
    /// Deliveries that were claimed and not written. It must not overtake the outcomes before it: it forgets their
    /// claims, and a crash between the two would lose them.
    Unsent(Returned),
    /// A connection asks for more. Nobody waits for the answer of one that asks ahead.
    Ask {
        /// For what.
        ask: Ask,
        /// Whether the connection still has something to send.
        ahead: bool,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Option<Claim>>>,
    },
}

/// The most outcomes that are known and not yet committed. After a crash at most these, and what was on the wire, are
/// sent again.
pub const UNCOMMITTED: usize = 512;
/// How old the first outcome of a group may be when it is written. With one fdatasync it stays under 20 ms.
const GATHER: Duration = Duration::from_millis(15);
/// How long to wait before trying a failed commit again.
pub const AGAIN: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Group {
    records: Vec<Record>,
    returned: Vec<Returned>,
    asks: Vec<Ask>,
    replies: Vec<oneshot::Sender<Result<Option<Claim>>>>,
    /// Somebody waits.
    urgent: bool,
}

impl Group {
    fn add(&mut self, word: Word) {
        match word {
            Word::Outcome(record) => self.records.push(record),
            Word::Unsent(returned) => {
                self.returned.push(returned);
                self.urgent = true;
            }
            Word::Ask { ask, ahead, reply } => {
                self.asks.push(ask);
                self.replies.push(reply);
                self.urgent |= !ahead;
            }
        }
    }

    fn is_due(&self) -> bool {
        self.urgent || self.records.len() >= UNCOMMITTED
    }
}

/// Runs until every sender is gone and everything is written.
pub async fn run(engine: Arc<Engine>, mut words: mpsc::Receiver<Word>) {
    let mut group = Group::default();
    loop {
        if !gather(&mut group, &mut words, &engine).await {
            break;
        }
        write(&engine, &mut group).await;
    }
}

/// Fills the group until it is due. False when there is nothing more to come and nothing to write.
async fn gather(group: &mut Group, words: &mut mpsc::Receiver<Word>, engine: &Engine) -> bool {
    if group.returned.is_empty() {
        let Some(first) = words.recv().await else { return false };
        group.add(first);
    }
    let oldest = group.records.first().map(|record| record.at);
    let age = oldest.and_then(|at| Duration::try_from(engine.world.clock.now().duration_since(at)).ok());
    let deadline = engine.world.clock.sleep(GATHER.saturating_sub(age.unwrap_or_default()));
    tokio::pin!(deadline);
    loop {
        while let Some(word) = (group.records.len() < UNCOMMITTED).then(|| words.try_recv().ok()).flatten() {
            group.add(word);
        }
        if group.is_due() {
            return true;
        }
        tokio::select! {
            biased;
            word = words.recv() => match word {
                Some(word) => group.add(word),
                None => return true,
            },
            () = &mut deadline => return true,
        }
    }
}

/// Writes the group, however often it takes, and leaves it empty, or with what nobody took.
async fn write(engine: &Engine, group: &mut Group) {
    let before = std::time::Instant::now();
    let turn = loop {
        let now = engine.world.clock.steady();
        match engine.store.turn(&group.records, &group.returned, &group.asks, now).await {
            Ok(turn) => break turn,
            Err(error) => {
                let (outcomes, asked) = (group.records.len(), group.asks.len());
                tracing::error!(%error, outcomes, asked, "nothing can be written; outcomes are kept and tried again");
                // Who asked asks again; what happened is not asked twice.
                group.asks.clear();
                if let Some(reply) = group.replies.pop() {
                    let _ = reply.send(Err(error));
                }
                group.replies.clear();
                if group.records.is_empty() && group.returned.is_empty() {
                    *group = Group::default();
                    return;
                }
                engine.set_writable(false);
                engine.world.clock.sleep(AGAIN).await;
            }
        }
    };
    engine.set_writable(true);
    engine.metrics.committed(before.elapsed());
    let (mut untaken, mut for_others) = (Vec::new(), Vec::new());
    for (reply, claim) in group.replies.drain(..).zip(turn.claims) {
        if let Some(claim) = &claim {
            if claim.for_others {
                for_others.push(claim.broadcast_id);
            }
            if claim.settled {
                engine.tell(super::Event::Progress { broadcast: claim.broadcast_id });
            }
        }
        if let Err(Ok(Some(claim))) = reply.send(Ok(claim)) {
            // Its connection is gone.
            untaken.push(Returned::whole(claim, "stopped"));
        }
    }
    tell(engine, &group.records);
    if !for_others.is_empty()
        && let Err(error) = engine.settle_for_the_gone().await
    {
        tracing::error!(%error, "what waits for an account that is no more cannot be ended yet; the next start does it");
    }
    for broadcast in turn.complete.into_iter().chain(for_others.iter().copied()) {
        engine.close_if_done(broadcast).await;
    }
    let again = |record: &Record| !matches!(record.verdict, Verdict::End { .. });
    if !for_others.is_empty() || !group.returned.is_empty() || group.records.iter().any(again) {
        engine.wake();
    }
    engine.uncommitted.add_permits(group.records.len());
    *group = Group { returned: untaken, ..Group::default() };
}

/// Counts what was committed, and tells whoever watches.
fn tell(engine: &Engine, records: &[Record]) {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    let mut broadcasts = BTreeMap::new();
    for record in records {
        let (outcome, reason) = match &record.verdict {
            Verdict::End { state, reason, .. } => (state.as_str(), *reason),
            Verdict::Again { reason, .. } => ("again", Some(*reason)),
            Verdict::Aside { .. } => continue,
        };
        *counts.entry((record.id.channel, record.provider.as_str(), outcome, reason)).or_default() += 1;
        *broadcasts.entry(record.id.broadcast).or_insert(false) |= !record.id.channel.is_personal();
    }
    for ((channel, provider, outcome, reason), count) in counts {
        engine.metrics.delivered(channel, provider, outcome, reason, count);
    }
    for broadcast in broadcasts.keys() {
        engine.tell(super::Event::Progress { broadcast: *broadcast });
    }
    if broadcasts.values().any(|pages| *pages) {
        engine.tell(super::Event::Public);
    }
}
