//! The "no news yet" message: which one would go next, its beginning, and its start, where everything is looked at again.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Next, Why, entry};
use crate::{
    app::App,
    approve::State,
    render::{MessageKind, Rendering},
    send::{Engine, Event},
    store::{Result, Store, broadcasts::Broadcast, lookups::Promise, renderings::StoredRendering},
};

/// Between the beginning of one and its start: two looks at the clock, and a slow disk.
const START: SignedDuration = SignedDuration::from_mins(1);

/// The update whose approval covers what keeps a promise, and how many messages in a row there were already.
async fn source(store: &Store, promise: &Promise) -> Result<std::result::Result<(Broadcast, u8), Why>> {
    let made = store.broadcast(promise.broadcast_id).await?;
    let (source, turn) = match (made.message, made.source_id) {
        (MessageKind::Holding, Some(source)) => (store.broadcast(source).await?, made.turn + 1),
        _ => (made.clone(), 0),
    };
    // Whoever stopped or took down one of them, or corrected the update, did not mean this to go on without them.
    let stands = |it: &Broadcast| matches!(it.state, State::Running | State::Completed | State::Partial);
    Ok(if stands(&source) && stands(&made) { Ok((source, turn)) } else { Err(Why::Stopped) })
}

/// What an approved text promises.
fn promised(texts: &[StoredRendering], turn: u8) -> Option<Timestamp> {
    let mine = texts.iter().find(|text| text.message == MessageKind::Holding && text.turn == turn)?;
    serde_json::from_str::<Rendering>(&mine.document).ok()?.promises
}

/// What would go out next to keep a promise, or why nothing may.
pub(super) async fn next(app: &App, promise: &Promise) -> Result<std::result::Result<Next, Why>> {
    let (source, turn) = match source(&app.store, promise).await? {
        Ok(found) => found,
        Err(why) => return Ok(Err(why)),
    };
    let texts = app.store.renderings(source.id).await?;
    let none = if turn > 0 { Why::Enough } else { Why::NothingApproved };
    // What was approved bounds it, and what is configured now may make it less.
    let Some(promises) = promised(&texts, turn).filter(|_| turn < app.config.promises.at_most) else {
        return Ok(Err(none));
    };
    let of_turn = texts.iter().filter(|text| text.message == MessageKind::Holding && text.turn == turn);
    let channels: BTreeSet<_> = of_turn.map(|text| text.channel).collect();
    Ok(Ok(Next { source: source.id, turn, channels: channels.into_iter().collect(), promises }))
}

/// Begins it; the starter starts it at once.
pub(super) async fn begin(app: &App, promise: &Promise, next: &Next, now: Timestamp) -> Result<()> {
    let subject = format!("promise:{}", promise.id);
    let detail = serde_json::json!({ "turn": next.turn, "promises": next.promises });
    let entry = entry("promise.holding", &subject, now, detail);
    let id = app.store.begin_holding(promise.id, next.source, next.turn, &next.channels, &entry).await?;
    tracing::info!(promise = promise.id, broadcast = id, "nobody wrote; the approved \"no news yet\" message goes out");
    app.engine.wake();
    app.engine.tell(Event::Desk);
    Ok(())
}

/// Starts one whose approval was just checked, unless it came too late or is not needed any more: then it is taken down, and
/// people are called.
///
/// # Errors
/// The store's.
pub(crate) async fn start(engine: &Engine, broadcast: &Broadcast) -> Result<()> {
    let (store, now) = (&engine.store, engine.world.clock.now());
    let subject = format!("broadcast:{}", broadcast.id);
    if let Some(promises) = still_right(engine, broadcast, now).await? {
        engine.set_running(broadcast.id, true);
        let started = entry("broadcast.start", &subject, now, serde_json::json!({}));
        if let Err(error) = store.start_holding(broadcast.id, promises, &started).await {
            engine.set_running(broadcast.id, false);
            return Err(error);
        }
        tracing::info!(broadcast = broadcast.id, "a \"no news yet\" message started");
        engine.close_if_done(broadcast.id).await;
        engine.tell(Event::Public);
        return Ok(());
    }
    tracing::warn!(broadcast = broadcast.id, "a \"no news yet\" message is not right any more; it does not go out");
    let dropped = entry("promise.holding_dropped", &subject, now, serde_json::json!({}));
    store.step_broadcast(broadcast.id, State::Retracted, &dropped).await?;
    while store.sweep_retracted(broadcast.id, now).await? {}
    engine.tell(Event::Desk);
    Ok(())
}

/// What it promises, where it may still start: its promise is open, it is not too late, and what it says lies ahead.
async fn still_right(engine: &Engine, broadcast: &Broadcast, now: Timestamp) -> Result<Option<Timestamp>> {
    let Some(promise) = engine.store.promise_of_holding(broadcast.id).await? else { return Ok(None) };
    if promise.kept_at.is_some() || source(&engine.store, &promise).await?.is_err() {
        return Ok(None);
    }
    let late = now.duration_since(promise.due_at);
    let texts = engine.store.renderings(broadcast.id).await?;
    let promises = promised(&texts, broadcast.turn);
    Ok(promises.filter(|promises| late <= engine.config.promises.send_within.0 + START && *promises > now))
}
