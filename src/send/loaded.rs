//! A broadcast in memory: its renderings, read once, and what makes parcels of them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use onevoice_channels::contract::{Channel, Parcel, Thread};

use super::token;
use crate::{
    config::Config,
    render::{MessageKind, Person, Rendering, splice},
    store::{
        Result, Secrets, Store, StoreError, broadcasts::Broadcast, deliveries::Claimed, renderings::StoredRendering,
    },
};

/// A broadcast's renderings and what is the same for all its deliveries.
pub struct Loaded {
    /// The broadcast.
    pub broadcast: Broadcast,
    /// The update's place in its incident.
    pub number: i64,
    renderings: HashMap<(usize, Channel, String), Rendering>,
    base_url: String,
    domain: String,
}

impl Loaded {
    /// Reads a broadcast.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(store: &Store, config: &Config, id: i64) -> Result<Loaded> {
        let broadcast = store.broadcast(id).await?;
        let number = store.update(broadcast.update_id).await?.number;
        let stored = store.renderings(id).await?;
        Loaded::of(broadcast, number, &stored, config)
    }

    /// The same from rows that were read already.
    ///
    /// # Errors
    /// When a stored rendering cannot be read.
    pub fn of(broadcast: Broadcast, number: i64, stored: &[StoredRendering], config: &Config) -> Result<Loaded> {
        let mut renderings = HashMap::new();
        let of_this = |text: &&StoredRendering| (text.message, text.turn) == (broadcast.message, broadcast.turn);
        for rendering in stored.iter().filter(of_this) {
            let key = (rendering.variant, rendering.channel, rendering.locale.clone());
            renderings.insert(key, serde_json::from_str(&rendering.document)?);
        }
        let base = config.http.public_url.as_ref().unwrap_or(&config.organisation.status_url);
        Ok(Loaded {
            broadcast,
            number,
            renderings,
            base_url: base.as_str().trim_end_matches('/').to_owned(),
            domain: config.organisation.sender_domain(),
        })
    }

    /// The rendering of a delivery.
    ///
    /// # Errors
    /// [`StoreError::Missing`]; the plan renders every combination that the snapshot has.
    pub fn rendering(&self, variant: usize, channel: Channel, locale: &str) -> Result<&Rendering> {
        // Hash look-ups by borrowed parts would need a key type of its own; a short clone costs less than that reads.
        self.renderings.get(&(variant, channel, locale.to_owned())).ok_or(StoreError::Missing("rendering"))
    }

    /// Makes the message of one delivery.
    ///
    /// # Errors
    /// When its rendering or its hole values cannot be read.
    pub fn parcel(&self, item: &Claimed, secrets: &Secrets, now: Timestamp, thread: Option<Thread>) -> Result<Parcel> {
        let content = self.filled(item, secrets, now, splice)?;
        Ok(Parcel {
            id: item.id,
            token: token::mint(&secrets.token_key, item.id),
            attempt: item.attempts,
            to: item.address.clone(),
            locale: item.locale.clone(),
            started_at: self.broadcast.started_at.unwrap_or(now),
            content,
            thread,
        })
    }

    /// Shows one delivery's rendering with its person's values to `show`.
    ///
    /// # Errors
    /// When its rendering or its hole values cannot be read.
    pub fn filled<T>(
        &self,
        item: &Claimed,
        secrets: &Secrets,
        now: Timestamp,
        show: impl FnOnce(&Rendering, &Person<'_>) -> T,
    ) -> Result<T> {
        let rendering = self.rendering(item.variant, item.id.channel, &item.locale)?;
        let values: BTreeMap<String, String> = match &item.hole_values {
            Some(document) => serde_json::from_str(document)?,
            None => BTreeMap::new(),
        };
        let token = token::mint(&secrets.token_key, item.id);
        let is_mail = item.id.channel.is_mail();
        let word = match self.broadcast.message {
            MessageKind::Update => "u".to_owned(),
            MessageKind::Correction => "c".to_owned(),
            // Each in a row has an id of its own: mail programs drop what they have seen.
            MessageKind::Holding if self.broadcast.turn == 0 => "h".to_owned(),
            MessageKind::Holding => format!("h{}", self.broadcast.turn + 1),
        };
        let (own_id, first_id) = if is_mail {
            let ids =
                token::MessageIds::of(&secrets.token_key, self.broadcast.incident_id, &item.address, &self.domain);
            // A colleague's address may be a customer's too: a mail program drops a second mail of one id.
            let staff = if item.id.channel.is_staff() { "s" } else { "" };
            (ids.id(&format!("{staff}{word}"), self.number), ids.id(&format!("{staff}u"), 1))
        } else {
            (String::new(), String::new())
        };
        let unsubscribe_url = format!("{}/u/{token}", self.base_url);
        let person = Person {
            address: &item.address,
            values: &|name| values.get(name).map(String::as_str),
            token: &token,
            message_id: &own_id,
            date: now,
            unsubscribe_url: &unsubscribe_url,
            thread: is_mail.then_some(first_id.as_str()),
        };
        Ok(show(rendering, &person))
    }
}
