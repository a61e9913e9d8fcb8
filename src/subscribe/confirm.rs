//! Somebody proves that an address is theirs.

use onevoice_channels::contract::Channel;

use super::token;
use crate::{
    app::App,
    send::Event,
    store::{
        StoreError,
        audit::Entry,
        subscriptions::{Means, Request},
    },
};

/// The request behind the link of a mail; None for a link that counts no more.
pub(super) async fn request(app: &App, link: &str) -> Result<Option<Request>, StoreError> {
    let Some(id) = token::request_of(link) else { return Ok(None) };
    let found = app.store.subscription_request(id, app.world.clock.now()).await?;
    let key = &app.store.secrets().token_key;
    Ok(found.filter(|request| token::same(&token::confirmation(key, request.id, &request.address), link)))
}

/// Subscribes by the link of a mail; answers the address and their customer id, None for a link that counts no more.
pub(super) async fn by_link(app: &App, link: &str) -> Result<Option<(Request, String)>, StoreError> {
    let Some(request) = request(app, link).await? else { return Ok(None) };
    let customer_id = subscribe(app, request.channel, &request.address, request.id, Means::Link).await?;
    Ok(customer_id.map(|customer_id| (request, customer_id)))
}

/// Subscribes by the code of a text; answers their customer id, None for a wrong code.
pub(super) async fn by_code(
    app: &App,
    channel: Channel,
    address: &str,
    code: &str,
) -> Result<Option<String>, StoreError> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let key = &app.store.secrets().token_key;
    let fits = |id| token::same(&token::code(key, id, address), &typed);
    let found = app.store.try_subscription_code(channel, address, app.world.clock.now(), fits).await?;
    match found {
        Some(id) => subscribe(app, channel, address, id, Means::Code).await,
        None => Ok(None),
    }
}

async fn subscribe(
    app: &App,
    channel: Channel,
    address: &str,
    request: i64,
    means: Means,
) -> Result<Option<String>, StoreError> {
    let customer_id = token::customer_id(&app.store.secrets().token_key, channel, address);
    let entry = Entry {
        at: app.world.clock.now(),
        actor: "reader",
        action: "subscription.confirm",
        subject: &customer_id,
        detail: serde_json::json!({ "channel": channel, "means": means }),
    };
    let done = app.store.confirm_subscription(request, &customer_id, means, &entry).await?;
    if done {
        app.engine.tell(Event::Desk);
    }
    Ok(done.then_some(customer_id))
}
