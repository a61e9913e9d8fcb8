//! Writing the audience: recipients, suppressions, segments. All of it takes the scope `audience` of a key.

use std::collections::BTreeSet;

use jiff::Timestamp;
use onevoice_channels::{contract::Channel, sms::number};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    filter::{self, Filter},
    recipient::{self, Fault},
};
use crate::{
    app::App,
    people::{Actor, Role, Scope},
    problem::{Problem, line},
    send::Event,
    store::{
        count::Count,
        plan::Audience,
        recipients::{Known, Recipient, Segment, Suppression},
    },
};

/// The most recipients of one request.
pub const MOST_AT_ONCE: usize = 1_000;

/// What became of a batch.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Batch {
    /// How many were written.
    pub written: usize,
    /// Those that were not.
    pub faults: Vec<BatchFault>,
}

/// Why one of a batch was not written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BatchFault {
    /// Its place in the batch, from 0.
    pub place: usize,
    /// What is wrong with it.
    #[serde(flatten)]
    pub fault: Fault,
}

/// An address that is not to be written to any more.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSuppression {
    /// `email` or `sms`.
    pub channel: Channel,
    /// The address.
    pub value: String,
    /// Why, in words.
    pub note: String,
    /// Until when; without it, until somebody lifts it.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

fn writes(app: &App, actor: &Actor) -> Result<(), Problem> {
    app.may(actor, Role::Author, Scope::Audience.as_str()).map(drop)
}

/// Adds or replaces a recipient.
///
/// # Errors
/// 403 for viewers; 422 at the field.
pub async fn put(app: &App, actor: &Actor, recipient: Recipient) -> Result<Known, Problem> {
    writes(app, actor)?;
    let recipient = recipient::normalise(recipient, app.config.sms.home())
        .map_err(|fault| Problem::invalid(fault.pointer, fault.detail))?;
    let customer_id = recipient.customer_id.clone();
    app.store.put_recipients(&[recipient], 0, app.world.clock.now()).await?;
    note(app, actor, "recipients.put", serde_json::json!({ "recipients": 1 })).await?;
    Ok(app.store.recipient(&customer_id).await?)
}

/// Adds or replaces recipients that could be read: the good ones together, the others named.
///
/// # Errors
/// 403 for viewers; 422 for more than [`MOST_AT_ONCE`].
pub async fn put_many(app: &App, actor: &Actor, given: Vec<Result<Recipient, Fault>>) -> Result<Batch, Problem> {
    writes(app, actor)?;
    at_most("/recipients", given.len())?;
    let home = app.config.sms.home();
    let (mut good, mut faults, mut seen) = (Vec::with_capacity(given.len()), Vec::new(), BTreeSet::new());
    for (place, read) in given.into_iter().enumerate() {
        match read.and_then(|recipient| recipient::normalise(recipient, home)) {
            Ok(recipient) if seen.insert(recipient.customer_id.clone()) => good.push(recipient),
            Ok(_) => {
                faults.push(BatchFault { place, fault: Fault::new("/customer_id", "stands in this batch already") })
            }
            Err(fault) => faults.push(BatchFault { place, fault }),
        }
    }
    if !good.is_empty() {
        app.store.put_recipients(&good, 0, app.world.clock.now()).await?;
        note(app, actor, "recipients.put", serde_json::json!({ "recipients": good.len() })).await?;
    }
    Ok(Batch { written: good.len(), faults })
}

/// Removes recipients; answers how many there were.
///
/// # Errors
/// 403 for viewers; 422 for more than [`MOST_AT_ONCE`].
pub async fn delete(app: &App, actor: &Actor, customer_ids: &[String]) -> Result<u64, Problem> {
    writes(app, actor)?;
    at_most("/customer_ids", customer_ids.len())?;
    let by = actor.audit_name();
    let entry =
        app.entry(&by, "recipients.delete", "recipients", serde_json::json!({ "recipients": customer_ids.len() }));
    Ok(app.store.delete_recipients(customer_ids, &entry).await?)
}

fn at_most(pointer: &str, given: usize) -> Result<(), Problem> {
    if given <= MOST_AT_ONCE {
        return Ok(());
    }
    Err(Problem::invalid(pointer, format!("holds {given}; at most {MOST_AT_ONCE} at once, and any number by import")))
}

async fn note(app: &App, actor: &Actor, action: &str, detail: serde_json::Value) -> Result<(), Problem> {
    let by = actor.audit_name();
    Ok(app.store.audit(&app.entry(&by, action, "recipients", detail)).await?)
}

/// People by the beginning of their customer id, address or names, at most `limit`. A number may be written as at home.
///
/// # Errors
/// The store's.
pub async fn find(app: &App, text: &str, limit: i64) -> Result<Vec<Known>, Problem> {
    let number = number::normalise(text, app.config.sms.home()).ok();
    Ok(app.store.find_recipients(text, number.as_deref(), limit).await?)
}

/// An address as it is stored.
///
/// # Errors
/// 422 at `/value`.
pub fn stored(app: &App, channel: Channel, value: &str) -> Result<String, Problem> {
    recipient::known(channel, value, app.config.sms.home()).map_err(|detail| Problem::invalid("/value", detail))
}

/// Marks an address as not to be written to.
///
/// # Errors
/// 403 for viewers; 422 at the field.
pub async fn suppress(app: &App, actor: &Actor, new: &NewSuppression) -> Result<Suppression, Problem> {
    writes(app, actor)?;
    let now = app.world.clock.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Problem::invalid("/expires_at", "is over already"));
    }
    let suppression = Suppression {
        channel: new.channel,
        value: stored(app, new.channel, &new.value)?,
        reason: "manual".to_owned(),
        note: line("/note", &new.note, 500)?,
        created_at: now,
        expires_at: new.expires_at,
        created_by: actor.audit_name(),
    };
    let by = actor.audit_name();
    let entry = app.entry(&by, "suppression.add", new.channel.as_str(), serde_json::json!({}));
    app.store.suppress(&suppression, &entry).await?;
    Ok(suppression)
}

/// Lets an address be written to again, for a reason that is kept.
///
/// # Errors
/// 403 for viewers; 404 when it is not suppressed; 422 at the field.
pub async fn lift(app: &App, actor: &Actor, channel: Channel, value: &str, why: &str) -> Result<(), Problem> {
    writes(app, actor)?;
    let value = stored(app, channel, value)?;
    let why = line("/reason", why, 500)?;
    let by = actor.audit_name();
    let entry = app.entry(&by, "suppression.lift", channel.as_str(), serde_json::json!({ "reason": why }));
    Ok(app.store.lift_suppression(channel, &value, None, &entry).await?)
}

/// Reads a filter as somebody gave it.
///
/// # Errors
/// 422 at `/filter`, with the byte at which it goes wrong.
pub fn read_filter(text: &str) -> Result<Filter, Problem> {
    filter::parse(text).map_err(|error| Problem::invalid("/filter", error.to_string()).with("position", error.position))
}

/// Writes a segment: a new one, or the one of that number. Its filter is kept in its canonical form.
///
/// # Errors
/// 403 for viewers; 404; 409 for a name that is taken; 422 at the field.
pub async fn put_segment(
    app: &App,
    actor: &Actor,
    id: Option<i64>,
    name: &str,
    filter: &str,
) -> Result<Segment, Problem> {
    writes(app, actor)?;
    let (name, filter) = (line("/name", name, 100)?, read_filter(filter)?.to_string());
    let by = actor.audit_name();
    let entry = app.entry(&by, "segment.put", "", serde_json::json!({}));
    let id = app.store.put_segment(id, &name, &filter, &entry).await?;
    app.engine.tell(Event::Desk);
    let written = app.store.segments().await?.into_iter().find(|segment| segment.id == id);
    written.ok_or_else(|| Problem::missing("there is no such segment"))
}

/// Removes a segment. Drafts that name it cannot be submitted any more.
///
/// # Errors
/// 403 for viewers; 404.
pub async fn delete_segment(app: &App, actor: &Actor, id: i64) -> Result<(), Problem> {
    writes(app, actor)?;
    let (by, subject) = (actor.audit_name(), format!("segment:{id}"));
    app.store.delete_segment(id, &app.entry(&by, "segment.delete", &subject, serde_json::json!({}))).await?;
    app.engine.tell(Event::Desk);
    Ok(())
}

/// How many people a filter has, and how many of their addresses would be written to.
///
/// # Errors
/// 422 for a filter that cannot be read.
pub async fn count(app: &App, filter: &str) -> Result<Count, Problem> {
    let channels = app.channels().into_iter().filter(|channel| channel.is_personal()).collect();
    let audience = Audience { variants: vec![read_filter(filter)?], channels, required_by_law: false };
    Ok(app.store.count_audience(&audience, app.world.clock.now()).await?)
}
