//! The providers against real servers: does what each one's table promises hold where others wrote the other side?
//!
//! Each test looks at both ends: the outcome that the provider reports, and what the server has.

use std::sync::Arc;

use onevoice_channels::contract::{Channel, Content, Outcome, Parcel, Provider, Unavailable, World};
use onevoice_channels::sms::encoding;
use onevoice_channels::testkit::{self, Expect, parcels};
use serde_json::{Value, json};

use crate::parts::folder;

mod bluesky;
mod chat;
mod mastodon;
mod matrix;
mod sendgrid;
mod ses;
mod smpp;
mod sms_http;
mod smtp;
mod smtp_faults;
mod social;
mod twilio;
mod vonage;

/// The envelope's sender of every mail here; Postfix has a mailbox for it.
const SENDER: &str = "bounces@sender.test";

/// A provider called `kit`, from the settings of one `[[provider]]`. Each secret is written to a file, and the file is named where
/// its JSON pointer says, since a configuration holds no secret itself.
fn provider(mut settings: Value, secrets: &[(&str, &str)], world: &World) -> Arc<dyn Provider> {
    let folder = folder::work();
    for (number, (pointer, secret)) in secrets.iter().enumerate() {
        let file = folder.path().join(number.to_string());
        std::fs::write(&file, secret).expect("the folder is writable");
        let (parent, key) = pointer.rsplit_once('/').expect("a JSON pointer");
        let parent = settings.pointer_mut(parent).expect("the secret's table is there");
        parent[key] = json!({ "file": file });
    }
    testkit::provider(settings, world)
}

/// A mail with these bytes; `ordinal` makes it a delivery of its own.
fn mail(ordinal: i64, to: &str, raw: &[u8]) -> Parcel {
    let content = Content::Mail { envelope_from: SENDER.to_owned(), raw: raw.to_vec().into() };
    parcels::parcel(Channel::Email, ordinal, to, content)
}

/// A complete mail of a text, with every header line that a relay would otherwise add.
fn letter(ordinal: i64, to: &str, text: &str) -> Parcel {
    let raw = format!(
        "From: Alerts <alerts@sender.test>\r\nTo: <{to}>\r\nSubject: Outage\r\nDate: Sun, 1 Mar 2026 12:00:00 +0000\r\n\
         Message-ID: <{ordinal}@sender.test>\r\n\r\n{text}"
    );
    mail(ordinal, to, raw.as_bytes())
}

/// A text message, in the alphabet that it needs.
fn text(ordinal: i64, to: &str, text: &str) -> Parcel {
    let encoding = encoding::measure(text).encoding;
    parcels::parcel(Channel::Sms, ordinal, to, Content::Sms { text: text.to_owned(), encoding })
}

/// Posts of a thread; `ordinal` makes it a delivery of its own.
fn posts(channel: Channel, ordinal: i64, parts: &[&str]) -> Parcel {
    let parts = parts.iter().map(|part| (*part).to_owned()).collect();
    parcels::parcel(channel, ordinal, "account", Content::Post { parts })
}

/// Carries parcels over one connection: what became of each that was reported, by ordinal and in that order, and how the run ended.
async fn carry(provider: &dyn Provider, parcels: Vec<Parcel>) -> (Vec<(i64, Expect)>, Result<(), Unavailable>) {
    let (reported, ended) = testkit::carry(provider, parcels).await;
    let mut outcomes: Vec<_> =
        reported.iter().map(|(parcel, outcome)| (parcel.id.ordinal, Expect::of(outcome))).collect();
    outcomes.sort_unstable_by_key(|(ordinal, _)| *ordinal);
    (outcomes, ended)
}

/// The reference and the parts of an accepted parcel.
///
/// # Panics
/// When it was not accepted, or has no reference.
fn accepted(outcome: Outcome) -> (String, u32) {
    match outcome {
        Outcome::Accepted { reference: Some(reference), parts } => (reference, parts),
        other => panic!("not accepted with a reference: {other:?}"),
    }
}

/// How many posts a deletion found.
///
/// # Panics
/// When it was not accepted.
fn accepted_parts(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Accepted { parts, .. } => parts,
        other => panic!("not deleted: {other:?}"),
    }
}
