//! What somebody does with their own subscription, by the link that is theirs: look, change, leave.

use onevoice_channels::contract::Channel;

use super::{address, names, token};
use crate::{
    app::App,
    send::Event,
    store::{
        StoreError,
        audit::Entry,
        recipients::{Address, Known, Suppression},
    },
};

/// The subscriber behind a link, and their address; None for a link that is not ours, or of who has left.
pub(super) async fn behind(app: &App, link: &str) -> Result<Option<(Known, Address)>, StoreError> {
    let Some(customer_id) = token::read_own(&app.store.secrets().token_key, link) else { return Ok(None) };
    let known = app.store.subscriber(&customer_id).await?;
    Ok(known.and_then(|known| {
        let address = known.recipient.addresses.first().cloned()?;
        Some((known, address))
    }))
}

/// The link to the subscription of an address, where it has one: for who came by another door.
///
/// # Errors
/// The store's.
pub async fn link_of(app: &App, channel: Channel, value: &str) -> Result<Option<String>, StoreError> {
    let key = &app.store.secrets().token_key;
    let customer_id = token::customer_id(key, channel, value);
    let known = app.store.subscriber(&customer_id).await?;
    Ok(known.map(|_| address(&app.config, &format!("subscription/{}", token::own(key, &customer_id)))))
}

/// Takes over what they want to hear of; false where nothing was chosen or they have left.
pub(super) async fn change(app: &App, known: &Known, ticked: &[i64]) -> Result<bool, StoreError> {
    let components = app.store.components().await?;
    // Without components there is nothing to choose.
    let Some(chosen) = names(&components, Some(ticked)) else { return Ok(false) };
    let entry = entry(app, "subscription.change", &known.recipient.customer_id);
    let changed = app.store.change_subscription(&known.recipient.customer_id, &chosen, &entry).await?;
    app.engine.tell(Event::Desk);
    Ok(changed)
}

/// Ends it: the address gets no more messages, as after any other way to opt out.
pub(super) async fn leave(app: &App, known: &Known, address: &Address) -> Result<(), StoreError> {
    let suppression = Suppression {
        channel: address.channel,
        value: address.value.clone(),
        reason: "opted_out".to_owned(),
        note: "by the link to their subscription".to_owned(),
        created_at: app.world.clock.now(),
        expires_at: None,
        created_by: "reader".to_owned(),
    };
    app.store.suppress(&suppression, &entry(app, "subscription.end", &known.recipient.customer_id)).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}

fn entry<'a>(app: &App, action: &'a str, customer_id: &'a str) -> Entry<'a> {
    Entry { at: app.world.clock.now(), actor: "reader", action, subject: customer_id, detail: serde_json::json!({}) }
}
