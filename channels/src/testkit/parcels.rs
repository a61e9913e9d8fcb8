//! Parcels to send.

use bytes::Bytes;

use crate::contract::{Channel, Content, DeliveryId, Parcel};

/// A parcel of this channel, to this address.
pub fn parcel(channel: Channel, ordinal: i64, to: &str, content: Content) -> Parcel {
    Parcel {
        id: DeliveryId { broadcast: 12, channel, ordinal },
        token: format!("{ordinal:032x}"),
        attempt: 0,
        to: to.to_owned(),
        locale: "en-GB".to_owned(),
        started_at: jiff::Timestamp::constant(1_772_366_000, 0),
        content,
        thread: None,
    }
}

/// A mail to `reader4711@example.com`.
pub fn mail() -> Parcel {
    mail_to("reader4711@example.com", "Subject: Outage\r\n\r\nWe know of it.\r\n")
}

/// A mail with these bytes.
pub fn mail_to(to: &str, raw: &str) -> Parcel {
    let raw = Bytes::copy_from_slice(raw.as_bytes());
    parcel(Channel::Email, 4711, to, Content::Mail { envelope_from: "bounces@sender.example".to_owned(), raw })
}

/// A text message to `+4915123456789`.
pub fn sms(text: &str) -> Parcel {
    let encoding = crate::sms::encoding::measure(text).encoding;
    parcel(Channel::Sms, 4711, "+4915123456789", Content::Sms { text: text.to_owned(), encoding })
}

/// Posts of a thread.
pub fn post(channel: Channel, parts: &[&str]) -> Parcel {
    let parts = parts.iter().map(|part| part.to_string()).collect();
    parcel(channel, 0, "main-account", Content::Post { parts })
}

/// A page.
pub fn page(channel: Channel) -> Parcel {
    parcel(channel, 0, "main", Content::Page { document: "{}".to_owned() })
}
