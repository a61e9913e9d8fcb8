//! The signed event webhook (twilio.com/docs/sendgrid/for-developers/tracking-events/event): ECDSA over P-256 of the
//! timestamp's header and the body.
//!
//! | event | receipt |
//! |---|---|
//! | `processed`, `deferred` | accepted |
//! | `delivered` | delivered |
//! | `bounce` of the type `blocked` | failed: blocked |
//! | `bounce` with a status 5.1.x, or classified `Invalid Address` | failed: no_such_address |
//! | `bounce` with a status x.2.2, or classified `Mailbox Unavailable` | failed: mailbox_full |
//! | other `bounce` | failed: undelivered |
//! | `dropped`: `Bounced Address`, `Invalid` | failed: no_such_address, bad_address |
//! | `dropped`: `Unsubscribed Address`, `Spam Reporting Address` | failed: opted_out |
//! | other `dropped` | failed: blocked |
//! | `spamreport` | complained |
//! | `unsubscribe`, `group_unsubscribe` | unsubscribed |
//! | any other | nothing |
//!
//! An event without our argument is of a mail that somebody else sent with this account, and says nothing to us.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::Deserialize;

use super::ARGUMENT;
use crate::{
    callback::fresh,
    contract::{About, Callback, CallbackError, Reason, Receipt, ReceiptWord},
    registry::SettingsError,
};

pub(super) const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
pub(super) const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";
/// SendGrid repeats what was not taken for a day.
pub(super) const FRESH: Duration = Duration::from_secs(25 * 3600);
/// What stands before the point of a P-256 key (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Reads callbacks that this key has signed.
pub(super) struct Events {
    key: UnparsedPublicKey<Vec<u8>>,
}

#[derive(Deserialize)]
struct Event {
    event: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    bounce_classification: String,
    #[serde(rename = "onevoice")]
    token: Option<String>,
}

impl Events {
    pub(super) fn new(key: &str) -> Result<Events, SettingsError> {
        let der = BASE64_STANDARD.decode(key.trim()).ok();
        let point = der.as_deref().and_then(|der| der.strip_prefix(&P256)).filter(|point| point.len() == 65);
        let point = point.ok_or_else(|| {
            let message = "is not a verification key; copy it from SendGrid's settings of the signed event webhook";
            SettingsError::new("events_key", message)
        })?;
        Ok(Events { key: UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point.to_vec()) })
    }

    pub(super) fn read(&self, callback: &Callback<'_>, now: Timestamp) -> Result<Vec<Receipt>, CallbackError> {
        let header = |name| callback.headers.get(name).ok_or(CallbackError::Forged);
        let (signature, timestamp) = (header(SIGNATURE)?, header(TIMESTAMP)?);
        let signature = BASE64_STANDARD.decode(signature).map_err(|_| CallbackError::Forged)?;
        let signed = [timestamp.as_bytes(), callback.body].concat();
        self.key.verify(&signed, &signature).map_err(|_| CallbackError::Forged)?;
        let malformed = |why: &str| CallbackError::Malformed(why.to_owned());
        let at = timestamp.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        fresh(at.ok_or_else(|| malformed("its timestamp is no number"))?, now, FRESH)?;
        let events: Vec<Event> =
            serde_json::from_slice(callback.body).map_err(|_| malformed("it is not a list of events"))?;
        Ok(events.iter().filter_map(receipt).collect())
    }
}

fn receipt(event: &Event) -> Option<Receipt> {
    debug_assert_eq!(ARGUMENT, "onevoice", "the field of an event has the argument's name");
    let about = About::Token(event.token.clone()?);
    let word = match event.event.as_str() {
        "processed" | "deferred" => ReceiptWord::Accepted,
        "delivered" => ReceiptWord::Delivered,
        "bounce" => ReceiptWord::Failed(bounce(event)),
        "dropped" => ReceiptWord::Failed(match event.reason.as_str() {
            "Bounced Address" => Reason::NoSuchAddress,
            "Invalid" => Reason::BadAddress,
            "Unsubscribed Address" | "Spam Reporting Address" => Reason::OptedOut,
            _ => Reason::Blocked,
        }),
        "spamreport" => ReceiptWord::Complained,
        "unsubscribe" | "group_unsubscribe" => ReceiptWord::Unsubscribed,
        _ => return None,
    };
    Some(Receipt { about, word })
}

fn bounce(event: &Event) -> Reason {
    match (event.r#type.as_str(), event.bounce_classification.as_str()) {
        ("blocked", _) => Reason::Blocked,
        (_, "Invalid Address") => Reason::NoSuchAddress,
        (_, "Mailbox Unavailable") => Reason::MailboxFull,
        _ if event.status.starts_with("5.1.") => Reason::NoSuchAddress,
        _ if event.status.ends_with(".2.2") => Reason::MailboxFull,
        _ => Reason::Undelivered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds() {
        let word = |event: &str| {
            let event: Event = serde_json::from_str(event).unwrap();
            receipt(&event).map(|receipt| receipt.word)
        };
        let failed = |reason| Some(ReceiptWord::Failed(reason));
        for (event, expected) in [
            (r#"{"event":"processed""#, Some(ReceiptWord::Accepted)),
            (r#"{"event":"deferred""#, Some(ReceiptWord::Accepted)),
            (r#"{"event":"delivered""#, Some(ReceiptWord::Delivered)),
            (r#"{"event":"bounce","type":"blocked","status":"5.1.1""#, failed(Reason::Blocked)),
            (r#"{"event":"bounce","type":"bounce","status":"5.1.10""#, failed(Reason::NoSuchAddress)),
            (r#"{"event":"bounce","bounce_classification":"Invalid Address""#, failed(Reason::NoSuchAddress)),
            (r#"{"event":"bounce","type":"bounce","status":"5.2.2""#, failed(Reason::MailboxFull)),
            (r#"{"event":"bounce","bounce_classification":"Mailbox Unavailable""#, failed(Reason::MailboxFull)),
            (r#"{"event":"bounce","type":"bounce","status":"5.0.0""#, failed(Reason::Undelivered)),
            (r#"{"event":"dropped","reason":"Bounced Address""#, failed(Reason::NoSuchAddress)),
            (r#"{"event":"dropped","reason":"Invalid""#, failed(Reason::BadAddress)),
            (r#"{"event":"dropped","reason":"Unsubscribed Address""#, failed(Reason::OptedOut)),
            (r#"{"event":"dropped","reason":"Spam Content""#, failed(Reason::Blocked)),
            (r#"{"event":"spamreport""#, Some(ReceiptWord::Complained)),
            (r#"{"event":"unsubscribe""#, Some(ReceiptWord::Unsubscribed)),
            (r#"{"event":"group_unsubscribe""#, Some(ReceiptWord::Unsubscribed)),
            (r#"{"event":"open""#, None),
        ] {
            assert_eq!(word(&format!(r#"{event},"onevoice":"ab"}}"#)), expected, "{event}");
        }
        assert_eq!(word(r#"{"event":"delivered"}"#), None);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        for key in ["", "abc", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"] {
            assert_eq!(Events::new(key).err().map(|error| error.key), Some("events_key".to_owned()), "{key}");
        }
    }
}
