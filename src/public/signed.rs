//! The banner as websites read it: in every locale, signed, with a sequence and an expiry, so that a copy of it on
//! somebody else's storage can neither say something else nor an old word for long.
//!
//! The script (`assets/banner.js`) believes what has the signature of the key in its tag, is not expired, and has no
//! lower sequence than what it has seen. This does not protect against whoever serves the script itself; a tag with
//! `integrity` does.
//!
//! What is signed is the text of `payload`, byte for byte, with Ed25519 (RFC 8032).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde::Serialize;
use sha2::Sha256;

use super::banner::{self, Shown};
use super::view::PublicView;
use crate::compose::content::Severity;

/// How long a signed state is believed. It outlives an outage that a weekend lies in; and who replays it has no longer.
const LIFE: SignedDuration = SignedDuration::from_hours(72);
/// What has been valid for so long is signed anew, whether or not it changed.
const RENEWED_AFTER: SignedDuration = SignedDuration::from_hours(6);

/// Signs for one installation.
pub struct Signer {
    pair: Ed25519KeyPair,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    said: String,
    sequence: i64,
    issued_at: Timestamp,
    sealed: Bytes,
}

#[derive(Serialize)]
struct Envelope<'a> {
    /// The shape of this answer. Scripts that know another show nothing.
    version: u8,
    payload: &'a str,
    signature: String,
}

#[derive(Serialize)]
struct Payload {
    sequence: i64,
    issued_at: Timestamp,
    expires_at: Timestamp,
    banner: serde_json::Value,
}

/// What the banner says now, in every locale.
#[derive(Serialize)]
struct Said<'a> {
    id: i64,
    sequence: i64,
    severity: Severity,
    next_update_at: Option<Timestamp>,
    updated_at: Timestamp,
    /// The locale of readers whose own is not offered.
    locale: &'a str,
    texts: BTreeMap<&'a str, Shown<'a>>,
}

impl Signer {
    /// The key is derived from the installation's own secret, so it travels with a backup and needs no file.
    pub fn new(secret: &[u8]) -> Signer {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any key length");
        mac.update(b"the banner's signing key 1");
        let pair = Ed25519KeyPair::from_seed_unchecked(&mac.finalize().into_bytes());
        Signer { pair: pair.expect("32 bytes are a seed"), last: Mutex::default() }
    }

    /// The public key as it stands in a website's tag: base64url without padding.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// The banner of a view. What says the same is the same, byte for byte, until it is to be renewed.
    pub(super) fn seal(&self, view: &PublicView) -> Bytes {
        let said = said(view);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = view.generated_at;
        let fresh = now < last.issued_at.saturating_add(RENEWED_AFTER).unwrap_or(now) && now >= last.issued_at;
        if last.said == said && fresh && !last.sealed.is_empty() {
            return last.sealed.clone();
        }
        // Milliseconds, so that it goes on growing after a restart.
        let sequence = now.as_millisecond().max(last.sequence + 1);
        let sealed = self.sign(&said, sequence, now);
        *last = Last { said, sequence, issued_at: now, sealed: sealed.clone() };
        sealed
    }

    fn sign(&self, said: &str, sequence: i64, issued_at: Timestamp) -> Bytes {
        let banner: serde_json::Value = serde_json::from_str(said).expect("it was written as JSON just now");
        let expires_at = issued_at.saturating_add(LIFE).unwrap_or(issued_at);
        let payload = json(&Payload { sequence, issued_at, expires_at, banner });
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(payload.as_bytes()));
        Bytes::from(json(&Envelope { version: 2, payload: &payload, signature }))
    }
}

/// The banner without what changes by itself.
fn said(view: &PublicView) -> String {
    json(&view.banner.as_ref().map(|banner| {
        Said {
            id: banner.id,
            sequence: banner.sequence,
            severity: banner.severity,
            next_update_at: banner.next_update_at,
            updated_at: banner.updated_at,
            locale: &view.default_locale,
            texts: view
                .locales
                .iter()
                .filter_map(|locale| Some((locale.as_str(), banner::shown(banner, view, locale)?)))
                .collect(),
        }
    }))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it holds nothing that JSON cannot write")
}
