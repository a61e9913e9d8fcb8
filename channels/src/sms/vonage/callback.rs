//! Vonage's reports (developer.vonage.com/en/getting-started/concepts/webhooks): each with a JWT in `Authorization`,
//! HS256 with the account's signature secret, whose `payload_hash` is the body's and whose `iat` is its time.
//!
//! A report names its delivery by our `client_ref`. One without a signature, which Vonage sends when it has a fault, is
//! answered so that it comes again.
//!
//! | `status` | receipt |
//! |---|---|
//! | `submitted` | accepted |
//! | `delivered`, `read` | delivered |
//! | `rejected`, `undeliverable`, `failed` | failed, by its `error` as in the table of answers; else undelivered |

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::{digest, hmac};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{code, reason};
use crate::{
    callback::{self, fresh},
    contract::{About, Callback, CallbackError, Reason, Receipt, ReceiptWord, World},
    secret::Secret,
};

/// Vonage repeats what was not taken for a day.
pub(super) const FRESH: Duration = Duration::from_secs(25 * 3600);

/// Reads what the account's signature secret has signed.
pub(super) struct Callbacks {
    url: String,
    key: hmac::Key,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    payload_hash: String,
}

impl Callbacks {
    /// None where the daemon has no public address to report to.
    pub(super) fn new(name: &str, secret: &Secret, world: &World) -> Option<Callbacks> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
        Some(Callbacks { url: callback::address(name, world)?.into(), key })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn read(&self, callback: &Callback<'_>, now: Timestamp) -> Result<Vec<Receipt>, CallbackError> {
        let header = callback.headers.get("authorization").ok_or(CallbackError::NotYet)?;
        let token = header.strip_prefix("Bearer ").ok_or(CallbackError::Forged)?;
        let claims = self.claims(token).ok_or(CallbackError::Forged)?;
        let hash: String =
            digest::digest(&digest::SHA256, callback.body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        // The claim is signed: how long the comparison takes tells a forger nothing.
        if hash != claims.payload_hash.to_ascii_lowercase() {
            return Err(CallbackError::Forged);
        }
        let malformed = |why: &str| CallbackError::Malformed(why.to_owned());
        let at = Timestamp::from_second(claims.iat).map_err(|_| malformed("its iat is no time"))?;
        fresh(at, now, FRESH)?;
        let report: Value = serde_json::from_slice(callback.body).map_err(|_| malformed("it is not JSON"))?;
        // What somebody else sends with this account says nothing to us.
        let Some(token) = report["client_ref"].as_str() else { return Ok(Vec::new()) };
        let word = match report["status"].as_str() {
            Some("submitted") => ReceiptWord::Accepted,
            Some("delivered" | "read") => ReceiptWord::Delivered,
            Some("rejected" | "undeliverable" | "failed") => {
                let reason = code(&report["error"]).and_then(|code| reason(&code));
                ReceiptWord::Failed(reason.unwrap_or(Reason::Undelivered))
            }
            _ => return Err(malformed("it has no status that is known")),
        };
        Ok(vec![Receipt { about: About::Token(token.to_owned()), word }])
    }

    /// The claims of a JWT that our secret has signed (RFC 7515, section 3.1); of no other algorithm.
    fn claims(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (head, claims) = signed.split_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, signed.as_bytes(), &signature).ok()?;
        (part::<Head>(head)?.alg == "HS256").then_some(())?;
        part(claims)
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn callbacks() -> Callbacks {
        Callbacks { url: String::new(), key: hmac::Key::new(hmac::HMAC_SHA256, b"secret") }
    }

    fn jwt(head: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(claims));
        let signature = hmac::sign(&callbacks().key, signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn ask(token: &str, body: &str) -> Result<Vec<Receipt>, CallbackError> {
        let url = "https://alerts.example/receipts/kit".parse().unwrap();
        let headers = BTreeMap::from([("authorization".to_owned(), format!("Bearer {token}"))]);
        let callback = Callback { method: "POST", url: &url, headers: &headers, body: body.as_bytes() };
        callbacks().read(&callback, Timestamp::constant(1_772_366_400, 0))
    }

    fn signed(body: &str) -> Result<Vec<Receipt>, CallbackError> {
        let hash: String =
            digest::digest(&digest::SHA256, body.as_bytes()).as_ref().iter().map(|b| format!("{b:02x}")).collect();
        ask(&jwt(&json!({ "alg": "HS256" }), &json!({ "iat": 1_772_366_400, "payload_hash": hash })), body)
    }

    #[test]
    fn every_status_has_its_word() {
        let word = |report: Value| {
            let mut report = report;
            report["client_ref"] = json!("ab");
            signed(&report.to_string()).map(|receipts| receipts[0].word).ok()
        };
        let failed = |reason| Some(ReceiptWord::Failed(reason));
        assert_eq!(word(json!({ "status": "submitted" })), Some(ReceiptWord::Accepted));
        assert_eq!(word(json!({ "status": "delivered" })), Some(ReceiptWord::Delivered));
        assert_eq!(word(json!({ "status": "read" })), Some(ReceiptWord::Delivered));
        assert_eq!(word(json!({ "status": "rejected" })), failed(Reason::Undelivered));
        for title in [json!(1240), json!("1240")] {
            assert_eq!(word(json!({ "status": "rejected", "error": { "title": title } })), failed(Reason::OptedOut));
        }
        let error = json!({ "type": "https://developer.vonage.com/api-errors/messages#1190" });
        assert_eq!(word(json!({ "status": "undeliverable", "error": error })), failed(Reason::NoSuchAddress));
        assert_eq!(word(json!({ "status": "flying" })), None);
        assert_eq!(signed(r#"{"status":"delivered"}"#), Ok(Vec::new()));
    }

    #[test]
    fn no_other_algorithm_and_no_other_shape_is_believed() {
        let claims = json!({ "iat": 1_772_366_400, "payload_hash": "" });
        for algorithm in ["none", "HS384", "RS256", "hs256"] {
            assert_eq!(ask(&jwt(&json!({ "alg": algorithm }), &claims), ""), Err(CallbackError::Forged));
        }
        assert_eq!(ask(&jwt(&json!({ "alg": "HS256" }), &json!({ "iat": 1 })), ""), Err(CallbackError::Forged));
        for token in ["", ".", "..", "a.b.c", "e30.e30."] {
            assert_eq!(ask(token, ""), Err(CallbackError::Forged), "{token}");
        }
    }

    proptest! {
        #[test]
        fn any_token_is_refused_without_harm(token in "[A-Za-z0-9._-]{0,60}") {
            prop_assert_eq!(ask(&token, "{}"), Err(CallbackError::Forged));
        }
    }
}
