//! One endpoint and its queue: one call at a time, so that what is slow holds up nothing but itself.

use jiff::SignedDuration;
use onevoice_channels::{registry::SettingsError, signed::Caller};

use super::{LOOK, UNKEPT, schedule, wanted};
use crate::{
    app::App,
    config::webhooks::Endpoint,
    send,
    store::{self, webhooks::Fate},
};

/// What calls an endpoint.
pub struct Post<'a> {
    app: &'a App,
    endpoint: &'a Endpoint,
    caller: Caller,
}

/// Tells an endpoint what happens, until the daemon stops.
pub async fn keep(app: &App, endpoint: &Endpoint) {
    let post = match Post::new(app, endpoint) {
        Ok(post) => post,
        Err(error) => {
            tracing::error!(endpoint = endpoint.name, %error, "this endpoint cannot be called");
            return;
        }
    };
    loop {
        let pause = match post.turn().await {
            Ok(true) => continue,
            Ok(false) => LOOK,
            Err(error) => {
                tracing::warn!(endpoint = endpoint.name, %error, "what this endpoint is told cannot be kept; it goes on soon");
                UNKEPT
            }
        };
        app.world.clock.sleep(pause).await;
    }
}

impl<'a> Post<'a> {
    /// Makes ready to call an endpoint.
    ///
    /// # Errors
    /// When this machine's TLS set-up cannot be used.
    pub fn new(app: &'a App, endpoint: &'a Endpoint) -> Result<Post<'a>, SettingsError> {
        Ok(Post { app, endpoint, caller: Caller::new(&endpoint.called())? })
    }

    /// Takes in what happened, and delivers the next event that is due; answers whether there was one.
    ///
    /// # Errors
    /// The store's. The event is delivered again then.
    pub async fn turn(&self) -> store::Result<bool> {
        let (store, clock, name) = (&self.app.store, &self.app.world.clock, self.endpoint.name.as_str());
        // A copy of a database must not speak for the one that it was made of.
        if store.meta("restored").await?.is_some() {
            return Ok(false);
        }
        let wanted = wanted(self.endpoint);
        store.give_events(&wanted, clock.steady()).await?;
        let Some(due) = store.due_event(&wanted, clock.steady()).await? else { return Ok(false) };
        let since = store.endpoint_failing_since(name).await?;
        let heard = self.caller.deliver(clock.as_ref(), &due.event.id(), due.event.body()).await;
        let (now, days) = (clock.steady(), i64::from(self.app.config.webhooks.disable_after_days));
        let patience = SignedDuration::from_hours(24 * days);
        let fate = schedule::fate(heard, due.attempts, self.app.world.spread(), now, since, patience);
        let (subject, disabled) = (format!("webhook:{name}"), self.said(&due.event.id(), &fate));
        let entry = self.app.entry("system", "webhook.disable", &subject, serde_json::json!({ "why": disabled }));
        store.event_tried(name, due.event.number, &fate, now, &entry).await?;
        if disabled.is_some() {
            self.app.engine.tell(send::Event::Desk);
        }
        Ok(true)
    }

    /// Tells the log; answers why the endpoint is switched off, if it is.
    fn said(&self, event: &str, fate: &Fate) -> Option<&'static str> {
        let endpoint = self.endpoint.name.as_str();
        match fate {
            Fate::Delivered => {
                tracing::debug!(endpoint, event, "the endpoint has the event");
                None
            }
            Fate::Again { disable: Some(why), trouble, .. } => {
                tracing::error!(endpoint, why, %trouble, "the endpoint is switched off; what happens waits until it is switched on");
                Some(why)
            }
            Fate::Again { due_at: Some(at), trouble, .. } => {
                tracing::info!(endpoint, event, %trouble, again = %at, "the endpoint did not take the event; it is tried again");
                None
            }
            Fate::Again { trouble, .. } => {
                tracing::warn!(endpoint, event, %trouble, "the event is given up; it can be sent again");
                None
            }
        }
    }
}
