//! Replies: what people write back, as a gateway hands it to us.
//!
//! The gateway calls `PUBLIC_URL/receipts/NAME?reply=SECRET&…`, an address that the operator gives it. Whoever calls it knows
//! the secret; a repeat is known by its id where the gateway names one.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use crate::{
    contract::{Callback, CallbackError, Reply},
    registry::SettingsError,
    secret::Secret,
    sms,
};

/// The parameter of the address that holds the secret.
const SECRET: &str = "reply";
/// The longest text that is kept, in characters.
const LONGEST: usize = 2000;

/// How a gateway hands over what people write back: the names of fields of the query or form, or JSON pointers into the body.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplySettings {
    /// Stands in the address, so that nobody else can reply. Any long random text of letters and digits.
    pub secret: Secret,
    /// Who wrote. Default: from.
    #[serde(default = "from")]
    pub from: String,
    /// Where to. Default: to.
    #[serde(default = "to")]
    pub to: String,
    /// What. Default: text.
    #[serde(default = "text")]
    pub text: String,
    /// The gateway's name for it, by which a repeat is known. Default: id; where there is none, by what it says.
    #[serde(default = "id")]
    pub id: String,
    /// The character set of the text, such as UTF-8, UTF-16BE or ISO-8859-1. Default: charset; UTF-8 where there is none.
    #[serde(default = "charset")]
    pub charset: String,
}

fn from() -> String {
    "from".to_owned()
}

fn to() -> String {
    "to".to_owned()
}

fn text() -> String {
    "text".to_owned()
}

fn id() -> String {
    "id".to_owned()
}

fn charset() -> String {
    "charset".to_owned()
}

impl ReplySettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        let secret = self.secret.expose();
        if secret.len() < 16 || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)) {
            let message = "must be 16 or more letters and digits: it stands in an address";
            return Err(SettingsError::new("replies.secret", message));
        }
        for (key, name) in [("replies.from", &self.from), ("replies.text", &self.text)] {
            if name.is_empty() {
                return Err(SettingsError::new(key, "is empty: the name of the field"));
            }
        }
        Ok(())
    }

    /// Whether a callback claims to be a reply.
    pub(super) fn is_meant(callback: &Callback<'_>) -> bool {
        callback.url.query_pairs().any(|(name, _)| name == SECRET)
    }

    /// Reads one: first whether its caller knows the secret.
    pub(super) fn read(&self, callback: &Callback<'_>) -> Result<Reply, CallbackError> {
        let fields = fields(callback);
        let told = fields.get(SECRET).map(Vec::as_slice).unwrap_or_default();
        // Comparing two MACs takes the same time wherever the texts differ.
        let mac = |text: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"reply").expect("HMAC takes keys of any length");
            mac.update(text);
            mac
        };
        if mac(told).verify(&mac(self.secret.expose().as_bytes()).finalize().into_bytes()).is_err() {
            return Err(CallbackError::Forged);
        }
        let document = serde_json::from_slice::<Value>(callback.body).unwrap_or_default();
        let field = |name: &str| {
            if !name.starts_with('/') {
                return fields.get(name).cloned();
            }
            match document.pointer(name)? {
                Value::String(text) => Some(text.clone().into_bytes()),
                Value::Number(number) => Some(number.to_string().into_bytes()),
                _ => None,
            }
        };
        let line = |name: &str| {
            let value = field(name).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
            value.filter(|value| !value.is_empty() && value.len() <= 200 && !value.contains(char::is_control))
        };
        let missing = |name: &str| CallbackError::Malformed(format!("there is no {name}"));
        let from = line(&self.from).ok_or_else(|| missing(&self.from))?;
        let text = field(&self.text).ok_or_else(|| missing(&self.text))?;
        let charset = line(&self.charset).filter(|_| !self.text.starts_with('/'));
        Ok(Reply {
            id: line(&self.id),
            from: sms::international(&from),
            to: line(&self.to).unwrap_or_default(),
            text: decode(&text, charset.as_deref()).chars().take(LONGEST).collect(),
            at: None,
        })
    }
}

fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    match charset.unwrap_or_default().to_ascii_uppercase().as_str() {
        "UTF-16BE" | "UCS-2" | "UCS-2BE" | "UTF-16" => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        "ISO-8859-1" | "LATIN1" | "LATIN-1" | "WINDOWS-1252" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The fields of the query and of a form, as bytes: a gateway may write them in any character set.
fn fields(callback: &Callback<'_>) -> BTreeMap<String, Vec<u8>> {
    let is_form = callback
        .headers
        .get("content-type")
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    let form = if is_form { callback.body } else { &[] };
    let query = callback.url.query().unwrap_or_default().as_bytes();
    let pairs = form.split(|byte| *byte == b'&').chain(query.split(|byte| *byte == b'&'));
    pairs
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = unescape(halves.next().unwrap_or_default());
            (String::from_utf8_lossy(&name).into_owned(), unescape(halves.next().unwrap_or_default()))
        })
        .collect()
}

/// Undoes `%XX` and `+`; a percent sign that is followed by no number stands for itself.
fn unescape(text: &[u8]) -> Vec<u8> {
    let digit = |place: usize| text.get(place).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut plain, mut place) = (Vec::with_capacity(text.len()), 0);
    while let Some(byte) = text.get(place) {
        let escaped = if *byte == b'%' { digit(place + 1).zip(digit(place + 2)) } else { None };
        match (byte, escaped) {
            (_, Some((high, low))) => {
                plain.push((high * 16 + low) as u8);
                place += 2;
            }
            (b'+', None) => plain.push(b' '),
            (byte, None) => plain.push(*byte),
        }
        place += 1;
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testkit::SECRET_FILE;

    fn settings(extra: Value) -> ReplySettings {
        let mut settings = json!({ "secret": { "file": SECRET_FILE } });
        settings.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        serde_json::from_value(settings).unwrap()
    }

    fn read(
        settings: &ReplySettings,
        query: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, CallbackError> {
        let url = format!("https://alerts.example/receipts/kit?{query}").parse().unwrap();
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        settings.read(&Callback { method: "POST", url: &url, headers: &headers, body: body.as_bytes() })
    }

    fn reply(id: Option<&str>, from: &str, text: &str) -> Reply {
        let [from, text] = [from, text].map(str::to_owned);
        Reply { id: id.map(str::to_owned), from, to: "12345".to_owned(), text, at: None }
    }

    #[test]
    fn a_reply_is_read_from_query_form_or_json() {
        let (plain, secret) = (settings(json!({})), crate::testkit::SECRET);
        let query = format!("reply={secret}&from=4915123456789&to=12345&text=Gr%C3%BC%C3%9Fe+an+alle&id=m1");
        let wanted = reply(Some("m1"), "+4915123456789", "Grüße an alle");
        assert_eq!(read(&plain, &query, &[], "").unwrap(), wanted);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let (head, rest) = query.split_once('&').unwrap();
        assert_eq!(read(&plain, head, &form, rest).unwrap(), wanted);
        let pointers = settings(json!({ "from": "/a/msisdn", "to": "/to", "text": "/body", "id": "/n" }));
        let body = json!({ "a": { "msisdn": 4915123456789_u64 }, "to": "12345", "body": "Grüße an alle", "n": "m1" });
        assert_eq!(read(&pointers, head, &[], &body.to_string()).unwrap(), wanted);
    }

    #[test]
    fn texts_come_in_any_character_set() {
        let text = |query: &str| {
            let query = format!("reply={}&from=1234567&{query}", crate::testkit::SECRET);
            read(&settings(json!({})), &query, &[], "").unwrap().text
        };
        assert_eq!(text("charset=UTF-16BE&text=%00S%00t%04%3Fp"), "St\u{43f}");
        assert_eq!(text("charset=iso-8859-1&text=%FC%"), "ü%");
        assert_eq!(text("text=%FC"), "\u{fffd}");
    }

    #[test]
    fn who_does_not_know_the_secret_is_not_heard() {
        for query in ["reply=&from=1234567&text=Stop", "reply=wrong&from=1234567&text=Stop", "from=1234567&text=Stop"] {
            assert_eq!(read(&settings(json!({})), query, &[], ""), Err(CallbackError::Forged), "{query}");
        }
        let half = &crate::testkit::SECRET[..8];
        let query = format!("reply={half}&from=1234567&text=Stop");
        assert_eq!(read(&settings(json!({})), &query, &[], ""), Err(CallbackError::Forged));
        let query = format!("reply={}&text=Stop", crate::testkit::SECRET);
        let nobody = read(&settings(json!({})), &query, &[], "");
        assert_eq!(nobody, Err(CallbackError::Malformed("there is no from".to_owned())));
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "[a-z=&%0-9+é]{0,80}", body in "[a-z=&%0-9+]{0,80}") {
            let form = [("content-type", "application/x-www-form-urlencoded")];
            let _ = read(&settings(json!({})), &format!("reply={}&{query}", crate::testkit::SECRET), &form, &body);
        }
    }
}
