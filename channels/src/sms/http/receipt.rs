//! Receipts: the address that we hand out, and what comes back to it.
//!
//! The address is `PUBLIC_URL/receipts/NAME?id=TOKEN&key=KEY`, where KEY is an HMAC over the provider's name and the
//! token: whoever calls it was given it by us. It has no time of its own, and needs none: a receipt only moves a
//! delivery forward.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use url::{Url, form_urlencoded};

use crate::{
    callback,
    contract::{About, Callback, CallbackError, Reason, Receipt, ReceiptWord, World},
    registry::SettingsError,
    secret::Secret,
};

/// Bytes of the HMAC that stand in the address; the key is hexadecimal and so twice as long.
const KEY_BYTES: usize = 16;

/// How a gateway reports what became of a message.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptSettings {
    /// Signs the addresses that are handed out, so that nobody else can report. Any long random text.
    pub secret: Secret,
    /// The field that holds the state: a name of the query or form, or a JSON pointer into the body.
    #[serde(default)]
    pub state: String,
    /// What each state means. A state that is not listed is refused.
    #[serde(default)]
    pub states: BTreeMap<String, StateWord>,
    /// Added to the address as it is: the gateway's own escapes, such as Kannel's `&type=%d`.
    #[serde(default)]
    pub append: String,
    /// Doubles each percent sign of the address, for gateways that read escapes in it. Default: false.
    #[serde(default)]
    pub double_percent: bool,
}

/// What a state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateWord {
    /// The network took it; it has not arrived yet.
    Accepted,
    /// It arrived.
    Delivered,
    /// It will not arrive.
    Failed,
    /// It was not deliverable in time.
    Expired,
    /// There is no such number.
    NoSuchAddress,
    /// It was refused by policy.
    Blocked,
    /// The reader opted out.
    OptedOut,
    /// It says nothing of interest.
    Ignored,
}

impl StateWord {
    fn word(self) -> Option<ReceiptWord> {
        Some(match self {
            StateWord::Accepted => ReceiptWord::Accepted,
            StateWord::Delivered => ReceiptWord::Delivered,
            StateWord::Failed => ReceiptWord::Failed(Reason::Undelivered),
            StateWord::Expired => ReceiptWord::Failed(Reason::Expired),
            StateWord::NoSuchAddress => ReceiptWord::Failed(Reason::NoSuchAddress),
            StateWord::Blocked => ReceiptWord::Failed(Reason::Blocked),
            StateWord::OptedOut => ReceiptWord::Failed(Reason::OptedOut),
            StateWord::Ignored => return None,
        })
    }
}

impl ReceiptSettings {
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.state.is_empty() {
            return Err(SettingsError::new("receipts.state", "is missing: the name of the field that holds the state"));
        }
        if self.states.is_empty() {
            return Err(SettingsError::new("receipts.states", "is missing: what each state means"));
        }
        if self.secret.expose().len() < KEY_BYTES {
            return Err(SettingsError::new("receipts.secret", "is too short to sign with: at least 16 bytes"));
        }
        Ok(())
    }
}

/// One provider's receipts.
pub(super) struct Receipts {
    settings: ReceiptSettings,
    name: String,
    base: Url,
}

impl Receipts {
    /// None where the daemon has no public address to report to.
    pub(super) fn new(name: &str, settings: &ReceiptSettings, world: &World) -> Option<Receipts> {
        let base = callback::address(name, world)?;
        Some(Receipts { settings: settings.clone(), name: name.to_owned(), base })
    }

    /// The address for one delivery.
    pub(super) fn url(&self, token: &str) -> String {
        let key: String =
            self.mac(token).finalize().into_bytes()[..KEY_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
        let mut url = self.base.clone();
        url.query_pairs_mut().append_pair("id", token).append_pair("key", &key);
        let url = if self.settings.double_percent { url.as_str().replace('%', "%%") } else { url.into() };
        format!("{url}{}", self.settings.append)
    }

    fn mac(&self, token: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.settings.secret.expose().as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(self.name.as_bytes());
        mac.update(&[0]);
        mac.update(token.as_bytes());
        mac
    }

    /// Reads a callback: first whether we handed out its address, then what it says.
    pub(super) fn read(&self, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        let query: BTreeMap<_, _> = callback.url.query_pairs().collect();
        let (Some(token), Some(key)) = (query.get("id"), query.get("key")) else { return Err(CallbackError::Forged) };
        let key = from_hex(key).ok_or(CallbackError::Forged)?;
        // verify_truncated_left would take any prefix; its comparison is in constant time.
        if key.len() != KEY_BYTES || self.mac(token).verify_truncated_left(&key).is_err() {
            return Err(CallbackError::Forged);
        }
        let state = self
            .field(callback, &self.settings.state)
            .ok_or_else(|| CallbackError::Malformed(format!("there is no {}", self.settings.state)))?;
        let word = self.settings.states.get(&state).ok_or_else(|| {
            let state: String = state.chars().filter(|c| c.is_ascii_alphanumeric()).take(20).collect();
            CallbackError::Malformed(format!("the state {state:?} is not among receipts.states"))
        })?;
        let about = About::Token(token.clone().into_owned());
        Ok(word.word().map(|word| Receipt { about, word }).into_iter().collect())
    }

    fn field(&self, callback: &Callback<'_>, name: &str) -> Option<String> {
        if name.starts_with('/') {
            return match serde_json::from_slice::<Value>(callback.body).ok()?.pointer(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(flag) => Some(flag.to_string()),
                _ => None,
            };
        }
        let is_form = callback
            .headers
            .get("content-type")
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let form = if is_form { callback.body } else { &[] };
        callback
            .url
            .query_pairs()
            .chain(form_urlencoded::parse(form))
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.into_owned())
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
