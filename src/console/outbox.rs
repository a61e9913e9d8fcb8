//! The outbox: what was sent to providers that keep it in the house, as its readers would see it. For the demo and for
//! exercises.

use std::collections::HashMap;

use axum::extract::{Path, Query};
use onevoice_channels::contract::{Channel, DeliveryId};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    page::{self, Frame},
    people,
    time::Times,
    words::{say, text},
    write,
};
use crate::{api::auth, problem::Problem, render, send::loaded::Loaded, store::subscriptions};

/// Messages of one channel on the page.
const MOST: i64 = 6;

/// One channel, or all; with `exercise`, only what was practised.
#[derive(serde::Deserialize)]
pub(super) struct Only {
    channel: Option<String>,
    exercise: Option<String>,
}

/// The newest messages, by channel.
pub(super) async fn show(desk: Desk, Query(only): Query<Only>) -> Answer {
    let times = Times::of(&desk.app);
    let practice = only.exercise.is_some();
    let mut outboxes = desk.app.engine.outboxes();
    if practice {
        let of_practice = desk.app.engine.every_route().filter(|route| route.exercise);
        outboxes = of_practice.map(|route| route.provider.manifest().name.clone()).collect();
    }
    let only = only.channel.as_deref().and_then(Channel::parse);
    let mut loaded = HashMap::new();
    let mut groups = Vec::new();
    for channel in desk.app.channels().into_iter().filter(|channel| only.is_none_or(|only| only == *channel)) {
        let most = if only.is_some() { MOST * 8 } else { MOST };
        let mut messages = Vec::new();
        for (broadcast, channel, ordinal) in desk.app.store.newest_deliveries(&outboxes, Some(channel), most).await? {
            if auth::broadcast(&desk.app, &desk.actor, broadcast).await.is_err() {
                continue;
            }
            let listed = desk.app.store.delivery(DeliveryId { broadcast, channel, ordinal }).await?;
            messages.push(people::message(&desk, &times, &mut loaded, &listed).await?);
        }
        if !practice && channel.is_personal() {
            for message in desk.app.store.subscription_messages(&outboxes, channel, most).await? {
                messages.push(about_subscribing(&times, &message));
            }
        }
        if !messages.is_empty() {
            groups.push(
                json!({ "channel": channel.as_str(), "label": say("channel", channel.as_str()), "messages": messages }),
            );
        }
    }
    let frame = Frame { template: "outbox", nav: "outbox", title: text!("outbox-title"), exercise: practice };
    page::show(&desk, &frame, json!({ "groups": groups, "one": only.is_some() })).await
}

/// A confirmation, or a link to what somebody subscribed to. It belongs to no broadcast; its links work here.
fn about_subscribing(times: &Times, message: &subscriptions::Message) -> Value {
    let lines = message.said.text.lines().map(|line| match line.find("http") {
        Some(at) => json!({ "text": line[..at], "link": line[at..] }),
        None => json!({ "text": line, "link": "" }),
    });
    json!({ "what": text!("outbox-subscribe"), "address": message.address, "at": times.full(message.at), "exercise": false,
        "said": { "subject": message.said.subject, "lines": lines.collect::<Vec<_>>() } })
}

/// One mail as a mail program shows it.
pub(super) async fn mail(desk: Desk, Path(id): Path<String>) -> Answer {
    let id: DeliveryId = id.parse().map_err(|()| Problem::missing(text!("outbox-no-message")))?;
    auth::broadcast(&desk.app, &desk.actor, id.broadcast).await?;
    let listed = desk.app.store.delivery(id).await?;
    let loaded = Loaded::read(&desk.app.store, &desk.app.config, id.broadcast).await?;
    let at = listed.at.unwrap_or_else(|| desk.app.world.clock.now());
    let html = loaded.filled(&listed.claimed(id), desk.app.store.secrets(), at, render::splice_html)?;
    write::framed(html.ok_or_else(|| Problem::missing(text!("outbox-no-mail")))?)
}
