//! Somebody asks to subscribe.

use onevoice_channels::contract::Channel;

use super::{message, names, token};
use crate::{app::App, audience::recipient, public, store::StoreError, store::subscriptions::NewAsk};

/// A form as it was sent.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// A mail address or a number.
    pub to: String,
    /// The components that were ticked; None for all of them.
    pub ticked: Option<Vec<i64>>,
    /// The language of the page.
    pub locale: String,
}

/// What the form lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// An address.
    Address,
    /// An address of a kind that is offered.
    Kind,
    /// A component.
    Services,
}

/// What is said to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The same whether anything is sent or not.
    Asked(Channel, String),
    /// Something is missing.
    Lacks(Lack),
    /// Too many ask.
    Later,
}

/// The address that was typed, in its one form, and its channel.
pub(super) fn read(app: &App, typed: &str) -> Result<(Channel, String), Lack> {
    let channel = if typed.contains('@') { Channel::Email } else { Channel::Sms };
    let address = recipient::address(channel, typed, app.config.sms.home()).map_err(|_| Lack::Address)?;
    if app.config.public.subscribe.contains(&channel) { Ok((channel, address)) } else { Err(Lack::Kind) }
}

/// Keeps the request, and what its address is sent about it.
pub(super) async fn ask(app: &App, given: &Given) -> Result<Answer, StoreError> {
    let (channel, address) = match read(app, &given.to) {
        Ok(read) => read,
        Err(lack) => return Ok(Answer::Lacks(lack)),
    };
    let components = app.store.components().await?;
    let Some(chosen) = names(&components, given.ticked.as_deref()) else { return Ok(Answer::Lacks(Lack::Services)) };
    let organisation = &app.config.organisation.name;
    let key = &app.store.secrets().token_key;
    let customer_id = token::customer_id(key, channel, &address);
    let words = public::consent(&given.locale, organisation);
    let ask = NewAsk {
        channel,
        address: &address,
        customer_id: &customer_id,
        locale: &given.locale,
        components: &chosen,
        words: &words,
        at: app.world.clock.now(),
        an_hour: app.config.public.subscribe_per_hour,
    };
    let kept = app.store.ask_to_subscribe(&ask, |asked| message::write(app, &ask, asked)).await?;
    Ok(if kept { Answer::Asked(channel, address) } else { Answer::Later })
}
