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
    words::{say, text, word},
};
use crate::{
    api::auth,
    audience::{
        filter::EVERY_COMPONENT,
        manage::{self, NewSuppression},
    },
    compose::content::Severity,
    preview,
    problem::Problem,
    render,
    send::loaded::Loaded,
    store::{deliveries::Listed, subscriptions::Means},
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
    let found = if q.is_empty() { Vec::new() } else { manage::find(&desk.app, q, MOST).await? };
    let rows = found.iter().map(|known| {
        let addresses = known.recipient.addresses.iter().map(|address| format!("{}: {}", say("channel", address.channel.as_str()), address.value));
        json!({ "id": known.id, "name": known.recipient.name, "customer": known.recipient.customer_id, "addresses": addresses.collect::<Vec<_>>().join(" · ") })
    });
    // Counting reads the whole list, which who looks for somebody does not wait for.
    let count = if q.is_empty() { Some(desk.app.store.recipient_count().await?) } else { None };
    let refreshed = desk.app.store.audience_refreshed_at().await?.map(|at| Times::of(&desk.app).full(at));
    let many = found.len() as i64 == MOST;
    let body = json!({ "q": q, "asked": !q.is_empty(), "rows": rows.collect::<Vec<_>>(), "count": count, "refreshed": refreshed, "many": many });
    page::show(&desk, &Frame { template: "people", nav: "people", title: text!("people-title"), exercise: false }, body)
        .await
}

/// One person.
pub(super) async fn show(desk: Desk, Path(id): Path<i64>) -> Answer {
    let times = Times::of(&desk.app);
    let known = desk.app.store.recipient_by_id(id).await?;
    let mut addresses = Vec::new();
    for address in &known.recipient.addresses {
        let stopped = desk.app.store.suppressions(Some((address.channel, &address.value)), None, MOST).await?;
        let mut reasons = Vec::new();
        for stop in &stopped {
            reasons.push(
                json!({ "reason": say("reason", &stop.reason), "note": stop.note, "since": times.full(stop.created_at),
                "until": stop.expires_at.map(|at| times.full(at)), "by": who(&desk, &stop.created_by).await? }),
            );
        }
        addresses.push(json!({ "channel": address.channel.as_str(), "label": say("channel", address.channel.as_str()), "value": address.value, "stopped": reasons }));
    }
    let mut loaded = HashMap::new();
    let mut messages = Vec::new();
    for listed in desk.app.store.deliveries_to(id, MOST).await? {
        // What only some may see is not found by the way of a person.
        let id: DeliveryId = listed.id.parse().map_err(|()| Problem::internal())?;
        if auth::broadcast(&desk.app, &desk.actor, id.broadcast).await.is_err() {
            continue;
        }
        messages.push(message(&desk, &times, &mut loaded, &listed).await?);
    }
    let every = word("person-every-component");
    let components: Vec<&str> =
        known.recipient.components.iter().map(|name| if name == EVERY_COMPONENT { &*every } else { name }).collect();
    let consent = known.consent.as_ref().map(|consent| {
        json!({ "words": consent.words, "at": times.full(consent.confirmed_at), "code": consent.means == Means::Code,
            "language": say("language", &consent.locale) })
    });
    let body = json!({
        "id": id,
        "many": messages.len() as i64 == MOST,
        "name": known.recipient.name,
        "customer": known.recipient.customer_id,
        "locale": say("language", &known.recipient.locale),
        "known": !(known.recipient.attributes.is_empty() && known.recipient.tags.is_empty() && known.recipient.components.is_empty()),
        "attributes": known.recipient.attributes.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "tags": known.recipient.tags.join(&*word("join-comma")),
        "components": components.join(&*word("join-comma")),
        "consent": consent,
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

/// Keeps an address from being written to, or lifts that again; either with a reason.
pub(super) async fn act(desk: Desk, Path(id): Path<i64>, form: Form) -> Answer {
    let known = desk.app.store.recipient_by_id(id).await?;
    let channel = Channel::parse(form.get("channel"));
    let address = known
        .recipient
        .addresses
        .iter()
        .find(|address| Some(address.channel) == channel && address.value == form.get("value"));
    let address = address.ok_or_else(|| Problem::missing(text!("person-no-such-address")))?;
    let reason = form.get("reason");
    match form.get("action") {
        "suppress" => {
            let new = NewSuppression {
                channel: address.channel,
                value: address.value.clone(),
                note: reason.to_owned(),
                expires_at: None,
            };
            drop(manage::suppress(&desk.app, &desk.actor, &new).await?);
        }
        _ => manage::lift(&desk.app, &desk.actor, address.channel, &address.value, reason).await?,
    }
    page::to(&format!("/console/people/{id}"))
}

/// Who did something, by name where it was a colleague.
pub(super) async fn who(desk: &Desk, by: &str) -> Result<String, Problem> {
    let number = by.rsplit_once("person:").and_then(|(_, number)| number.parse().ok());
    Ok(match number {
        Some(id) => desk.app.store.person(id).await?.name,
        None => by.strip_prefix("provider:").unwrap_or(by).to_owned(),
    })
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
    let text = loaded.filled(&listed.claimed(id), app.store.secrets(), at, |rendering, person| {
        let mut text = preview::text_of(app, rendering);
        text.text = render::splice_text(rendering, person);
        text
    })?;
    let incident = app.store.incident(loaded.broadcast.incident_id).await?;
    let tries = app.store.attempts(id).await?;
    let tries = tries.iter().map(|attempt| {
        json!({ "number": attempt.number, "word": say("attempt", &attempt.word), "later": attempt.number == 0, "reason": attempt.reason.as_deref().map(|reason| say("reason", reason)), "detail": attempt.detail, "provider": attempt.provider, "at": times.full(attempt.at) })
    });
    Ok(json!({
        "id": listed.id,
        "broadcast": id.broadcast,
        "title": incident.title,
        "exercise": loaded.broadcast.exercise,
        "what": text!("person-message", what = say("message", loaded.broadcast.message.as_str()), number = loaded.number),
        "address": listed.address,
        "state": say("outcome", &listed.state),
        "reason": listed.reason.as_deref().map(|reason| say("reason", reason)),
        "provider": listed.provider,
        "at": listed.at.map(|at| times.full(at)),
        "tries": tries.collect::<Vec<_>>(),
        "mail": id.channel.is_mail(),
        "said": null,
        "text": texts::shown(&text, &[], Severity::Warning),
    }))
}
