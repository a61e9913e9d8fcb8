//! People: what one of them got, when, where, word for word; and which of their addresses must not be written to.

use std::collections::{HashMap, hash_map::Entry};

use axum::extract::{Path, Query};
use onevoice_channels::contract::{Channel, DeliveryId};
use serde_json::{Value, json};

use super::{
    enter::{Answer, Desk},
    form::Form,
    page::{self, Frame},
    texts,
    time::Times,
    words::say,
};
use crate::{
    compose::content::Severity,
    people::Role,
    preview,
    problem::Problem,
    render,
    send::loaded::Loaded,
    store::deliveries::{Claimed, Listed},
};

/// People that a search shows, and messages on a person's page.
const MOST: i64 = 50;

/// What is looked for.
#[derive(serde::Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// The search.
pub(super) async fn search(desk: Desk, Query(Search { q }): Query<Search>) -> Answer {
    let q = q.trim();
    let found = if q.is_empty() { Vec::new() } else { desk.app.store.find_recipients(q, MOST).await? };
    let rows = found.iter().map(|known| {
        let addresses = known.recipient.addresses.iter().map(|address| format!("{}: {}", say("channel", address.channel.as_str()), address.value));
        json!({ "id": known.id, "name": known.recipient.name, "customer": known.recipient.customer_id, "addresses": addresses.collect::<Vec<_>>().join(" · ") })
    });
    let body = json!({ "q": q, "asked": !q.is_empty(), "rows": rows.collect::<Vec<_>>(), "count": desk.app.store.recipient_count().await? });
    page::show(&desk, &Frame { template: "people", nav: "people", title: "People".to_owned(), exercise: false }, body)
        .await
}

/// One person.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let times = Times::of(&desk.app);
    let known = desk.app.store.recipient_by_id(id).await?;
    let mut addresses = Vec::new();
    for address in &known.recipient.addresses {
        let stopped = desk.app.store.suppressions(Some((address.channel, &address.value)), None, MOST).await?;
        let stopped = stopped.iter().map(|stop| {
            json!({ "reason": say("reason", &stop.reason), "note": stop.note, "since": times.full(stop.created_at), "until": stop.expires_at.map(|at| times.full(at)), "by": stop.created_by })
        });
        addresses.push(json!({ "channel": address.channel.as_str(), "label": say("channel", address.channel.as_str()), "value": address.value, "stopped": stopped.collect::<Vec<_>>() }));
    }
    let mut loaded = HashMap::new();
    let mut messages = Vec::new();
    for listed in desk.app.store.deliveries_to(id, MOST).await? {
        messages.push(message(&desk, &times, &mut loaded, &listed).await?);
    }
    let body = json!({
        "id": id,
        "name": known.recipient.name,
        "customer": known.recipient.customer_id,
        "locale": say("language", &known.recipient.locale),
        "known": !(known.recipient.attributes.is_empty() && known.recipient.tags.is_empty() && known.recipient.components.is_empty()),
        "attributes": known.recipient.attributes.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "tags": known.recipient.tags.join(", "),
        "components": known.recipient.components.join(", "),
        "refreshed": times.full(known.updated_at),
        "addresses": addresses,
        "messages": messages,
    });
    let title = if known.recipient.name.is_empty() {
        known.recipient.customer_id.clone()
    } else {
        known.recipient.name.clone()
    };
    page::show(&desk, &Frame { template: "person", nav: "people", title, exercise: false }, body).await
}

/// Lifts what keeps an address from being written to.
pub(super) async fn lift(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    desk.app.may(&desk.actor, Role::Author, "recipients")?;
    let reason = form.get("reason");
    if reason.is_empty() {
        return Err(Problem::invalid("/reason", "say why it is right to write to this address again").into());
    }
    let known = desk.app.store.recipient_by_id(id).await?;
    let channel = Channel::parse(form.get("channel"));
    let address = known
        .recipient
        .addresses
        .iter()
        .find(|address| Some(address.channel) == channel && address.value == form.get("value"));
    let address = address.ok_or_else(|| Problem::missing("this person has no such address"))?;
    let (by, subject) = (desk.actor.audit_name(), format!("recipient:{id}"));
    let entry =
        desk.app.entry(&by, "suppression.lift", &subject, json!({ "channel": address.channel, "reason": reason }));
    desk.app.store.lift_suppression(address.channel, &address.value, None, &entry).await?;
    page::to(&format!("/console/people/{id}"))
}

/// One message, word for word, with its tries. `loaded` keeps broadcasts that were read already.
pub(super) async fn message(
    desk: &Desk,
    times: &Times,
    loaded: &mut HashMap<i64, Loaded>,
    listed: &Listed,
) -> Result<Value, Problem> {
    let id: DeliveryId = listed.id.parse().map_err(|()| Problem::internal())?;
    let app = &desk.app;
    let loaded = match loaded.entry(id.broadcast) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(place) => place.insert(Loaded::read(&app.store, &app.config, id.broadcast).await?),
    };
    let at = listed.at.unwrap_or(times.now);
    let text = loaded.filled(&claimed(listed, id), app.store.secrets(), at, |rendering, person| {
        let mut text = preview::text_of(app, rendering);
        text.text = render::splice_text(rendering, person);
        text
    })?;
    let incident = app.store.incident(loaded.broadcast.incident_id).await?;
    let tries = app.store.attempts(id).await?;
    let tries = tries.iter().map(|attempt| {
        json!({ "number": attempt.number, "word": attempt.word, "reason": attempt.reason.as_deref().map(|reason| say("reason", reason)), "detail": attempt.detail, "provider": attempt.provider, "at": times.full(attempt.at) })
    });
    Ok(json!({
        "id": listed.id,
        "broadcast": id.broadcast,
        "title": incident.title,
        "exercise": loaded.broadcast.exercise,
        "what": format!("{} {}", say("message", loaded.broadcast.message.as_str()), loaded.number),
        "address": listed.address,
        "state": say("outcome", &listed.state),
        "reason": listed.reason.as_deref().map(|reason| say("reason", reason)),
        "provider": listed.provider,
        "at": listed.at.map(|at| times.full(at)),
        "tries": tries.collect::<Vec<_>>(),
        "mail": id.channel == Channel::Email,
        "text": texts::shown(&text, &[], Severity::Warning),
    }))
}

/// A delivery as the loader takes it.
pub(super) fn claimed(listed: &Listed, id: DeliveryId) -> Claimed {
    Claimed {
        claim: 0,
        id,
        address: listed.address.clone(),
        recipient_id: listed.recipient_id,
        variant: usize::try_from(listed.variant).unwrap_or_default(),
        locale: listed.locale.clone(),
        hole_values: listed.hole_values.clone(),
        attempts: u32::try_from(listed.attempts).unwrap_or_default(),
        pinned: None,
    }
}
