//! Whose turn it is: lanes, first attempts apart from retries, and broadcasts of one lane in turns.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use sqlx::{Row as _, SqliteConnection};

use crate::{
    pace::Timing,
    render::MessageKind,
    store::{Result, channel_code},
    world::millis,
};

/// Every running broadcast of a channel. It runs at each claim: nothing in it may read more than a few rows a broadcast.
pub(in crate::store) const CANDIDATES: &str =
    "SELECT b.id, b.message, b.lane, b.required_by_law, b.timing, ?3 - b.started_at - b.paused_for AS elapsed,
   c.stage, c.low, c.total, c.first, c.taken, c.turn, c.stage <= b.stage AS open,
   COALESCE((SELECT q.due_at FROM queue q WHERE q.broadcast_id = b.id AND q.channel = c.channel AND q.again = 0
     AND (q.provider IS NULL OR q.provider = ?4) ORDER BY q.due_at LIMIT 1) <= ?3, 0) AS first_due,
   COALESCE((SELECT q.due_at FROM queue q WHERE q.broadcast_id = b.id AND q.channel = c.channel AND q.again = 1
     AND (q.provider IS NULL OR q.provider = ?4) ORDER BY q.due_at LIMIT 1) <= ?3, 0) AS again_due,
   (SELECT MAX(m.replaces_everywhere) FROM broadcast m WHERE m.incident_id = b.incident_id AND m.id > b.id
     AND m.started_at IS NOT NULL AND m.message = 'update') AS later,
   EXISTS (SELECT 1 FROM broadcast e WHERE e.incident_id = b.incident_id AND e.id < b.id AND e.started_at IS NOT NULL)
     AS earlier,
   COALESCE((SELECT i.ended_at FROM incident i WHERE i.id = b.incident_id) > b.started_at, 0) AS over
 FROM broadcast b CROSS JOIN cursor c ON c.broadcast_id = b.id AND c.channel = ?1
 WHERE b.state = 'running' AND b.exercise = ?2 ORDER BY b.id, c.stage";

/// A running broadcast on one channel.
pub(super) struct Candidate {
    pub id: i64,
    pub message: MessageKind,
    pub required_by_law: bool,
    pub timing: Option<Timing>,
    /// True where a later update of the incident has started.
    pub later: bool,
    /// True where an earlier broadcast of the incident has started.
    pub earlier: bool,
    /// True where the incident ended after this broadcast started: what waits for a morning comes too late.
    pub over: bool,
    /// The turn that a claim from it takes.
    pub next_turn: i64,
    lane: i64,
    turn: i64,
    stages: Vec<Stage>,
    first_due: bool,
    again_due: bool,
    /// Milliseconds that it has gone out, without those in which it was stopped.
    elapsed: i64,
    replaced_everywhere: bool,
}

/// What is not claimed yet of one audience.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub stage: i64,
    pub low: i64,
    pub total: i64,
    pub first: i64,
    pub taken: i64,
    open: bool,
}

/// Where a claim may take from.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// Deliveries that were never claimed: at most so many.
    Range(Stage, i64),
    /// Deliveries that wait: for another try, or for their first.
    Waiting { again: bool },
}

impl Candidate {
    /// The part of what was never claimed that may go now.
    fn range(&self, channel: Channel) -> Option<Work> {
        let total: i64 = self.stages.iter().map(|stage| stage.total).sum();
        let taken: i64 = self.stages.iter().map(|stage| stage.taken).sum();
        // What nobody gets any more need not be spread or wait for another audience.
        let spread = self.timing.as_ref().filter(|_| channel.is_personal() && !self.replaced_everywhere);
        let released = spread.map_or(total, |timing| timing.released(total, self.elapsed));
        let may = |stage: &&Stage| (stage.open || self.replaced_everywhere) && stage.taken < stage.total;
        let stage = self.stages.iter().find(may)?;
        let left = (stage.total - stage.taken).min(released - taken);
        (left > 0).then_some(Work::Range(*stage, left))
    }
}

/// What may be claimed on a channel, the best first.
///
/// Corrections (lane 0) go before everything, their retries too: somebody has the wrong text. Then first attempts go before
/// retries, unless `prefer_again`; each kind in the order of lanes, within a lane the broadcast whose last claim is the
/// longest ago.
pub(super) fn in_turn(candidates: &[Candidate], channel: Channel, prefer_again: bool) -> Vec<(&Candidate, Work)> {
    let mut ordered: Vec<&Candidate> = candidates.iter().collect();
    ordered.sort_by_key(|candidate| (candidate.lane, candidate.turn, candidate.id));
    let (mut best, mut firsts, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for candidate in ordered {
        if candidate.first_due {
            firsts.push((candidate, Work::Waiting { again: false }));
        }
        firsts.extend(candidate.range(channel).map(|work| (candidate, work)));
        if candidate.again_due {
            again.push((candidate, Work::Waiting { again: true }));
        }
        if candidate.lane == 0 {
            best.append(&mut firsts);
            best.append(&mut again);
        }
    }
    let (first, rest) = if prefer_again { (again, firsts) } else { (firsts, again) };
    best.extend(first);
    best.extend(rest);
    best
}

/// Every running broadcast of a channel, with what it has left. They are few, and each is a handful of look-ups, however
/// many deliveries wait or have ended.
pub(super) async fn candidates(
    tx: &mut SqliteConnection,
    channel: Channel,
    provider: &str,
    exercise: bool,
    now: Timestamp,
) -> Result<Vec<Candidate>> {
    let rows = sqlx::query(CANDIDATES)
        .bind(channel_code(channel))
        .bind(exercise)
        .bind(millis(now))
        .bind(provider)
        .fetch_all(tx)
        .await?;
    let mut found: Vec<Candidate> = Vec::new();
    for row in &rows {
        let id = row.get("id");
        let stage = Stage {
            stage: row.get("stage"),
            low: row.get("low"),
            total: row.get("total"),
            first: row.get("first"),
            taken: row.get("taken"),
            open: row.get("open"),
        };
        let turn: i64 = row.get("turn");
        if let Some(known) = found.last_mut().filter(|known| known.id == id) {
            known.stages.push(stage);
            known.turn = known.turn.max(turn);
            continue;
        }
        let message = MessageKind::parse(row.get("message")).unwrap_or(MessageKind::Update);
        let later: Option<bool> = row.get("later");
        let timing: Option<&str> = row.get("timing");
        found.push(Candidate {
            id,
            message,
            required_by_law: row.get("required_by_law"),
            timing: timing.map(serde_json::from_str).transpose()?,
            later: later.is_some(),
            earlier: row.get("earlier"),
            over: row.get("over"),
            next_turn: 0,
            lane: row.get("lane"),
            turn,
            stages: vec![stage],
            first_due: row.get("first_due"),
            again_due: row.get("again_due"),
            elapsed: row.get("elapsed"),
            replaced_everywhere: later == Some(true) && message != MessageKind::Correction,
        });
    }
    let next_turn = found.iter().map(|candidate| candidate.turn).max().unwrap_or_default() + 1;
    for candidate in &mut found {
        candidate.next_turn = next_turn;
    }
    Ok(found)
}
