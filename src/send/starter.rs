//! Start: what is approved begins when its time has come, after its approval was checked once more.

use std::{sync::Arc, time::Duration};

use super::{Engine, Event};
use crate::{
    approve::State,
    plan::digest,
    render::MessageKind,
    schedule::{playbook::bounds, promise::holding},
    store::{
        Result, StoreError,
        audit::Entry,
        broadcasts::{Broadcast, StartEffects},
    },
};

/// How often to look at the clock when nobody wakes us.
const TICK: Duration = Duration::from_secs(1);

/// Runs until the engine stops.
pub async fn run(engine: Arc<Engine>) {
    let mut wake = engine.wake.subscribe();
    while !engine.is_stopping() {
        wake.mark_unchanged();
        if let Err(error) = start_due(&engine).await {
            tracing::error!(%error, "scheduled broadcasts could not be looked at");
        }
        tokio::select! {
            _ = wake.changed() => {}
            () = engine.world.clock.sleep(TICK) => {}
        }
    }
}

/// Starts what is due now, and voids what waited too long for an approval.
pub(crate) async fn start_due(engine: &Engine) -> Result<()> {
    let now = engine.world.clock.now();
    let held = engine.store.meta("stopped").await?.is_some() || engine.store.meta("restored").await?.is_some();
    for broadcast in engine.store.broadcasts_in(&[State::Scheduled]).await? {
        if held || broadcast.start_at.is_some_and(|start| start > now) {
            continue;
        }
        if let Err(error) = start(engine, &broadcast).await {
            tracing::error!(%error, broadcast = broadcast.id, "an approved broadcast could not start");
        }
    }
    for broadcast in engine.store.open_stages().await? {
        tracing::info!(broadcast, "the next audience is written to");
        engine.wake();
    }
    for broadcast in engine.store.broadcasts_in(&[State::Submitted]).await? {
        if broadcast.expires_at < now {
            let entry = system("update.expire", &broadcast, now);
            engine
                .store
                .return_broadcast(broadcast.id, "nobody approved it in time; submit it again", &entry.entry())
                .await?;
            engine.tell(Event::Desk);
        }
    }
    Ok(())
}

struct SystemEntry {
    action: &'static str,
    subject: String,
    at: jiff::Timestamp,
}

impl SystemEntry {
    fn entry(&self) -> Entry<'_> {
        Entry {
            at: self.at,
            actor: "system",
            action: self.action,
            subject: &self.subject,
            detail: serde_json::json!({}),
        }
    }
}

fn system(action: &'static str, broadcast: &Broadcast, at: jiff::Timestamp) -> SystemEntry {
    SystemEntry { action, subject: format!("broadcast:{}", broadcast.id), at }
}

/// Starts one broadcast. What no longer matches its approval is paused for a person to look at.
async fn start(engine: &Engine, broadcast: &Broadcast) -> Result<()> {
    let now = engine.world.clock.now();
    let versions = engine.store.versions(broadcast.update_id).await?;
    let content = versions
        .into_iter()
        .find(|version| version.version == broadcast.version)
        .map(|version| version.content)
        .ok_or(StoreError::Missing("version"))?;
    if !approval_covers(engine, broadcast, &content).await? {
        tracing::error!(broadcast = broadcast.id, "what is stored is not what was approved; it does not start");
        return engine
            .store
            .step_broadcast(broadcast.id, State::Paused, &system("broadcast.digest_mismatch", broadcast, now).entry())
            .await;
    }
    if broadcast.message == MessageKind::Holding {
        return holding::start(engine, broadcast).await;
    }
    let effects = (broadcast.message == MessageKind::Update).then(|| StartEffects {
        status: content.status,
        components: content.components.iter().map(|(id, status)| (*id, status.as_str())).collect(),
        next_update_at: content.next_update_at,
    });
    // Known as running before it can be claimed: a connection looks between its claim and each message.
    engine.set_running(broadcast.id, true);
    let entry = system("broadcast.start", broadcast, now);
    if let Err(error) = engine.store.start_broadcast(broadcast.id, effects.as_ref(), &entry.entry()).await {
        engine.set_running(broadcast.id, false);
        return Err(error);
    }
    engine.set_running(broadcast.id, true);
    tracing::info!(broadcast = broadcast.id, people = broadcast.people, "the broadcast started");
    engine.close_if_done(broadcast.id).await;
    engine.tell(Event::Public);
    Ok(())
}

/// Invariant 1, at the last moment: the stored content, renderings and numbers still give the digest that was approved: by
/// a person who wrote no word of it, or by a playbook within whose bounds it still lies.
async fn approval_covers(
    engine: &Engine,
    broadcast: &Broadcast,
    content: &crate::compose::content::Content,
) -> Result<bool> {
    let store = &engine.store;
    let Some(approval) = store.approval(broadcast.id, &broadcast.digest).await? else { return Ok(false) };
    let approved = store.broadcast(broadcast.source_id.unwrap_or(broadcast.id)).await?;
    let renderings = store.renderings(broadcast.id).await?;
    let incident = store.incident(broadcast.incident_id).await?;
    if digest::of(&incident, &approved, content, &renderings)? != broadcast.digest {
        return Ok(false);
    }
    if approval.playbook.is_some() {
        let zone = engine.config.organisation.zone();
        let original = broadcast.message != MessageKind::Update;
        let now = (!original).then(|| engine.world.clock.now());
        return bounds::cover(store, &approved, content, &approval, &zone, now).await;
    }
    let writers = store.writers(broadcast.update_id).await?;
    Ok(approval.person_id.is_some_and(|person| !writers.contains(&person)))
}
