//! Twilio's reports (twilio.com/docs/usage/webhooks/webhooks-security).
//!
//! Each comes to `PUBLIC_URL/receipts/NAME?id=TOKEN`, which went with the message. `X-Twilio-Signature` is HMAC-SHA1 with
//! the account's token over that whole address and the fields of the form, or, where the body is JSON, over the address
//! alone, whose `bodySHA256` is the body's. Twilio signs no time; the address names one delivery, and a report only moves
//! it forward.
//!
//! | `MessageStatus` | receipt |
//! |---|---|
//! | `accepted`, `scheduled`, `queued`, `sending`, `sent` | accepted |
//! | `delivered`, `read` | delivered |
//! | `undelivered`, `failed`, `canceled` | failed, by its `ErrorCode` as in the table of answers; else undelivered |

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::{digest, hmac};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::reason;
use crate::{
    callback,
    contract::{About, Callback, CallbackError, Reason, Receipt, ReceiptWord, World},
    secret::Secret,
};

pub(super) const SIGNATURE: &str = "x-twilio-signature";

/// Reads what the account's token has signed.
pub(super) struct Callbacks {
    base: Url,
    key: hmac::Key,
}

impl Callbacks {
    /// None where the daemon has no public address to report to.
    pub(super) fn new(name: &str, token: &Secret, world: &World) -> Option<Callbacks> {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.expose().as_bytes());
        Some(Callbacks { base: callback::address(name, world)?, key })
    }

    /// The address for one delivery.
    pub(super) fn url(&self, token: &str) -> String {
        let mut url = self.base.clone();
        url.query_pairs_mut().append_pair("id", token);
        url.into()
    }

    pub(super) fn read(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        let signature = callback.headers.get(SIGNATURE).ok_or(CallbackError::Forged)?;
        let signature = BASE64_STANDARD.decode(signature).map_err(|_| CallbackError::Forged)?;
        let body_hash = callback.url.query_pairs().find(|(name, _)| name == "bodySHA256").map(|(_, hash)| hash);
        let is_json = body_hash.is_some();
        let fields = if is_json { String::new() } else { fields(callback.body) };
        let signed = |url: &str| hmac::verify(&self.key, format!("{url}{fields}").as_bytes(), &signature).is_ok();
        // The hash is a part of what is signed: how long its comparison takes tells a forger nothing.
        let is_whole = body_hash.is_none_or(|hash| hash.eq_ignore_ascii_case(&sha256(callback.body)));
        if !spellings(callback.url).iter().any(|url| signed(url)) || !is_whole {
            return Err(CallbackError::Forged);
        }
        let malformed = |why: &str| CallbackError::Malformed(why.to_owned());
        let token = callback.url.query_pairs().find(|(name, _)| name == "id").map(|(_, token)| token.into_owned());
        let about = About::Token(token.ok_or_else(|| malformed("its address names no delivery"))?);
        let field = |name: &str| field(callback.body, is_json, name);
        let code = field("ErrorCode").and_then(|code| code.parse().ok());
        let word = match field("MessageStatus").as_deref() {
            Some("accepted" | "scheduled" | "queued" | "sending" | "sent") => ReceiptWord::Accepted,
            Some("delivered" | "read") => ReceiptWord::Delivered,
            Some("undelivered" | "failed" | "canceled") => {
                ReceiptWord::Failed(code.and_then(reason).unwrap_or(Reason::Undelivered))
            }
            _ => return Err(malformed("it has no MessageStatus that is known")),
        };
        Ok(vec![Receipt { about, word }])
    }
}

fn sha256(body: &[u8]) -> String {
    digest::digest(&digest::SHA256, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Each field's name and value, sorted, one after the other; the same value twice counts once.
fn fields(body: &[u8]) -> String {
    let sorted: BTreeSet<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    sorted.into_iter().map(|(name, value)| name + &value).collect()
}

/// The address as it is, and with the port that it means: Twilio has signed both.
fn spellings(url: &Url) -> Vec<String> {
    let mut all = vec![url.as_str().to_owned()];
    if let (None, Some(port), Some(host)) = (url.port(), url.port_or_known_default(), url.host_str()) {
        all.push(url.as_str().replacen(host, &format!("{host}:{port}"), 1));
    }
    all
}

fn field(body: &[u8], is_json: bool, name: &str) -> Option<String> {
    if is_json {
        return match serde_json::from_slice::<Value>(body).ok()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
    }
    form_urlencoded::parse(body).find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::testkit;

    fn callbacks(token: &str) -> Callbacks {
        Callbacks::new("kit", &Secret::new(token), &testkit::world()).unwrap()
    }

    /// The example of Twilio's own documentation.
    #[test]
    fn the_published_vector_holds() {
        let body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
        let ask = |url: &str, signature: &str| {
            let headers = BTreeMap::from([(SIGNATURE.to_owned(), signature.to_owned())]);
            let url = url.parse().unwrap();
            callbacks("12345").read(&Callback { method: "POST", url: &url, headers: &headers, body })
        };
        let (url, signature) = ("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        // It is believed, and then it says nothing of a message.
        assert!(matches!(ask(url, signature), Err(CallbackError::Malformed(_))));
        assert_eq!(ask(&url.replace("bar=2", "bar=3"), signature), Err(CallbackError::Forged));
        assert_eq!(ask(url, "RSOYDt4T1cUTdK1PDd93/VVr8B9="), Err(CallbackError::Forged));
    }

    #[test]
    fn an_address_may_be_signed_with_its_port() {
        let url: Url = "https://alerts.example/receipts/kit?id=1".parse().unwrap();
        assert_eq!(spellings(&url), [url.as_str(), "https://alerts.example:443/receipts/kit?id=1"]);
        let url: Url = "https://alerts.example:8443/receipts/kit?id=1".parse().unwrap();
        assert_eq!(spellings(&url), [url.as_str()]);
    }

    #[test]
    fn fields_are_sorted_and_doubles_count_once() {
        assert_eq!(fields(b"b=2&a=1&b=1&b=2"), "a1b1b2");
        assert_eq!(fields(b""), "");
    }

    #[test]
    fn every_status_has_its_word() {
        let callbacks = callbacks("12345");
        let word = |body: &str| {
            let url: Url = callbacks.url("ab").parse().unwrap();
            let text = format!("{url}{}", fields(body.as_bytes()));
            let signature = BASE64_STANDARD.encode(hmac::sign(&callbacks.key, text.as_bytes()));
            let headers = BTreeMap::from([(SIGNATURE.to_owned(), signature)]);
            let callback = Callback { method: "POST", url: &url, headers: &headers, body: body.as_bytes() };
            callbacks.read(&callback).map(|receipts| receipts[0].word).ok()
        };
        let failed = |reason| Some(ReceiptWord::Failed(reason));
        for status in ["accepted", "scheduled", "queued", "sending", "sent"] {
            assert_eq!(word(&format!("MessageStatus={status}")), Some(ReceiptWord::Accepted), "{status}");
        }
        assert_eq!(word("MessageStatus=delivered"), Some(ReceiptWord::Delivered));
        assert_eq!(word("MessageStatus=read"), Some(ReceiptWord::Delivered));
        assert_eq!(word("MessageStatus=canceled"), failed(Reason::Undelivered));
        for (code, reason) in [
            (21610, Reason::OptedOut),
            (30003, Reason::Undelivered),
            (30004, Reason::Blocked),
            (30005, Reason::NoSuchAddress),
            (30006, Reason::BadAddress),
            (30007, Reason::Blocked),
            (30008, Reason::Undelivered),
            (30036, Reason::Expired),
            (99999, Reason::Undelivered),
        ] {
            assert_eq!(word(&format!("MessageStatus=undelivered&ErrorCode={code}")), failed(reason), "{code}");
        }
        assert_eq!(word("MessageStatus=flying"), None);
    }
}
