//! Receipts: a provider's later word, believed only when the provider proves itself, and forward only.

use std::collections::BTreeMap;

use jiff::Timestamp;
use onevoice_channels::contract::{About, Callback, CallbackError, Channel, Receipt};

use crate::{
    app::App,
    problem::Problem,
    send::{Event, token},
    store::{StoreError, audit::Entry, recipients::Suppression},
    track::hear,
};

/// A callback as it came in over HTTP.
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query as they came.
    pub path_and_query: &'a str,
    /// Header names in lower case.
    pub headers: &'a BTreeMap<String, String>,
    /// The body.
    pub body: &'a [u8],
}

/// Takes a callback for a provider, a receipt or a reply; answers how many deliveries it moved.
///
/// # Errors
/// 404 for an unknown provider, 401 for a forged callback, 400 for one that cannot be read. Nothing changes then.
pub async fn receive(app: &App, provider: &str, incoming: &Incoming<'_>) -> Result<usize, Problem> {
    let route = app.engine.routes().find(|route| route.provider.manifest().name == provider);
    let route = route.ok_or_else(|| Problem::missing("there is no such provider"))?;
    let base = app.config.http.public_url.as_ref().unwrap_or(&app.config.organisation.status_url);
    let url = base.join(incoming.path_and_query).map_err(|_| Problem::unreadable("the address cannot be read"))?;
    let callback = Callback { method: incoming.method, url: &url, headers: incoming.headers, body: incoming.body };
    let heard = route.provider.hear(&callback).map_err(|error| match error {
        CallbackError::Forged | CallbackError::Stale => Problem::unauthenticated(error.to_string()),
        CallbackError::Unsupported => Problem::missing(error.to_string()),
        CallbackError::NotYet => Problem::unavailable(error.to_string()),
        CallbackError::Malformed(_) => Problem::unreadable(error.to_string()),
    })?;
    let mut moved = 0;
    for heard in &heard {
        moved += usize::from(hear::take(app, provider, heard).await?);
    }
    Ok(moved)
}

/// Applies a provider's later word; whether it moved a delivery.
///
/// # Errors
/// The store's.
pub async fn apply(app: &App, provider: &str, receipt: &Receipt) -> Result<bool, StoreError> {
    let now = app.world.clock.now();
    let id = match &receipt.about {
        About::Token(text) => token::read(&app.store.secrets().token_key, text),
        About::Reference(reference) => app.store.delivery_by_reference(provider, reference, receipt.word, now).await?,
    };
    let Some(id) = id else { return Ok(false) };
    let moved = app.store.apply_receipt(id, provider, receipt.word, now).await?.is_some();
    if moved {
        app.engine.close_if_done(id.broadcast).await;
        app.engine.tell(Event::Progress { broadcast: id.broadcast });
    }
    Ok(moved)
}

/// The address behind an unsubscribe link.
///
/// # Errors
/// 404 for a link that we did not make.
pub async fn subscription(app: &App, text: &str) -> Result<(Channel, String), Problem> {
    let gone = || Problem::missing("this link is not one of ours, or it was cut short; use the one in the mail");
    let id = token::read(&app.store.secrets().token_key, text).ok_or_else(gone)?;
    let delivery = app.store.delivery(id).await.map_err(|_| gone())?;
    if id.channel.is_personal() { Ok((id.channel, delivery.address)) } else { Err(gone()) }
}

/// Opts an address out, by its own link.
///
/// # Errors
/// 404 for a link that we did not make.
pub async fn unsubscribe(app: &App, text: &str) -> Result<(), Problem> {
    let (channel, value) = subscription(app, text).await?;
    let now: Timestamp = app.world.clock.now();
    let suppression = Suppression {
        channel,
        value,
        reason: "opted_out".to_owned(),
        note: "by the link in a message".to_owned(),
        created_at: now,
        expires_at: None,
        created_by: "reader".to_owned(),
    };
    let entry = Entry {
        at: now,
        actor: "reader",
        action: "suppression.add",
        subject: channel.as_str(),
        detail: serde_json::json!({}),
    };
    Ok(app.store.suppress(&suppression, &entry).await?)
}
