//! People subscribe by themselves on the status page: by mail or by text, to all components or to some.
//!
//! Nobody is written to who has not confirmed it, but for the question itself, of which an address gets three a day at the
//! most. Whoever asks is told the same whether the address is known, new, or must not be written to. A subscriber is a
//! recipient with a consent (`store/subscriptions.rs`), who hears only of what touches the components that they chose; their
//! customer id begins with [`PREFIX`], which is nobody else's.

mod ask;
mod confirm;
mod door;
mod limit;
mod message;
mod own;
mod send;
#[cfg(test)]
mod tests;
mod token;

use std::{collections::HashMap, sync::Mutex, time::Duration};

use onevoice_channels::contract::Channel;

use crate::{
    app::App,
    audience::filter::{EVERY_COMPONENT, Filter, Operator, Value},
    config::Config,
    store::components::Component,
};
pub use door::router;
pub use own::link_of;
pub use send::{run, tick};

/// What the customer ids of those begin with who subscribed by themselves.
pub const PREFIX: &str = "subscriber:";

/// What is remembered of those who ask, and of what they are sent.
#[derive(Default)]
pub struct Doorkeeper {
    callers: limit::Callers,
    /// Not before when the next message about subscribing goes on a channel.
    next: Mutex<HashMap<Channel, Duration>>,
}

/// An address of ours, as readers reach it.
pub fn address(config: &Config, path: &str) -> String {
    let base = config.http.public_url.as_ref().unwrap_or(&config.organisation.status_url);
    format!("{}/{path}", base.as_str().trim_end_matches('/'))
}

/// Who subscribed to one of these components, or to all.
pub fn subscribed<'a>(components: impl Iterator<Item = &'a Component>) -> Filter {
    let mut parts: Vec<Filter> = components.map(|component| Filter::Component(component.name.clone())).collect();
    if parts.is_empty() {
        // Who subscribed to all hears of what touches none, too.
        parts.push(Filter::Component(EVERY_COMPONENT.to_owned()));
    }
    Filter::any(parts)
}

/// Everybody but those who subscribed by themselves to something else than what `chosen` says.
pub fn heard(chosen: &Filter) -> Filter {
    // ';' follows ':', so this is the prefix, along the customer id's own order.
    let end = format!("{};", PREFIX.trim_end_matches(':'));
    let compare = |operator, text: &str| Filter::Compare {
        attribute: "customer_id".to_owned(),
        operator,
        value: Value::Text(text.to_owned()),
    };
    Filter::any(vec![compare(Operator::Less, PREFIX), compare(Operator::GreaterOrEqual, &end), chosen.clone()])
}

/// The names that a choice of components is stored by: all of them are [`EVERY_COMPONENT`], so that later ones count too.
/// None where nothing was chosen.
fn names(components: &[Component], ticked: Option<&[i64]>) -> Option<Vec<String>> {
    let chosen: Vec<&Component> =
        components.iter().filter(|component| ticked.is_none_or(|ticked| ticked.contains(&component.id))).collect();
    match chosen.len() {
        n if n == components.len() => Some(vec![EVERY_COMPONENT.to_owned()]),
        0 => None,
        _ => Some(chosen.into_iter().map(|component| component.name.clone()).collect()),
    }
}

/// The numbers of the components that a subscriber has; None for all.
fn numbers(components: &[Component], names: &[String]) -> Option<Vec<i64>> {
    if names.iter().any(|name| name == EVERY_COMPONENT) {
        return None;
    }
    let known = components.iter().filter(|component| names.contains(&component.name));
    Some(known.map(|component| component.id).collect())
}

/// What a reader calls the components of somebody: their names, or None for all.
fn spoken(names: &[String]) -> Option<&[String]> {
    (!names.iter().any(|name| name == EVERY_COMPONENT)).then_some(names)
}

/// Whether anybody may subscribe, or did while they might.
///
/// # Errors
/// The store's.
pub async fn is_used(app: &App) -> crate::store::Result<bool> {
    Ok(!app.config.public.subscribe.is_empty() || app.store.has_subscribers(PREFIX).await?)
}
