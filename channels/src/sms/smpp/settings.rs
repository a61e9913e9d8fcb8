//! The settings of `smpp`.

use std::{collections::BTreeMap, num::NonZeroU32, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;

use super::pdu::Address;
use crate::{
    contract::Reason,
    endpoint::is_loopback,
    limits::LimitSettings,
    registry::SettingsError,
    secret::Secret,
    sms::senders::{self, SenderSettings},
};

/// A short message centre that speaks SMPP 3.4.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmppSettings {
    /// Its name or address.
    pub host: String,
    /// Its port. Default: 2775, or 3550 with TLS.
    pub port: Option<u16>,
    /// TLS from the first byte, verified. Default: true.
    #[serde(default = "yes")]
    pub tls: bool,
    /// Further certificate authorities to trust, as PEM, beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The name in its certificate. Default: `host`.
    pub tls_name: Option<String>,
    /// Permits `tls = false` to a host that is not this one, such as over a tunnel. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// The name to bind with.
    pub system_id: String,
    /// The password to it.
    pub password: Option<Secret>,
    /// Senders by country, in place of `from`. Their type is told by their form: 1 for a number, 3 for a short code, 5 for a
    /// name.
    #[serde(default)]
    pub senders: Vec<SenderSettings>,
    /// What kind of system we are, where the provider asks for that. Default: empty.
    #[serde(default)]
    pub system_type: String,
    /// One connection both ways, or one for each. Default: transceiver.
    #[serde(default)]
    pub bind: Bind,
    /// The sender: a number in E.164 form, a short code, or a name of at most 11 characters.
    pub from: String,
    /// Type of number and numbering plan of the sender. Default: by its form.
    pub from_type: Option<NumberType>,
    /// Those of recipients. Default: international (1) and E.164 (1).
    #[serde(default)]
    pub to_type: NumberType,
    /// The service type, where the provider asks for one. Default: empty.
    #[serde(default)]
    pub service_type: String,
    /// How many texts may be under way at once over one connection. Default: 10.
    #[serde(default = "ten")]
    pub window: NonZeroU32,
    /// What the centre takes `data_coding = 0` for. Default: gsm.
    #[serde(default)]
    pub alphabet: Alphabet,
    /// How texts go that are longer than one part. Default: udh.
    #[serde(default)]
    pub long_texts: LongTexts,
    /// Asks for a receipt for each text. Default: true.
    #[serde(default = "yes")]
    pub receipts: bool,
    /// How the centre writes a message's id in its answer. Default: text.
    #[serde(default)]
    pub answer_ids: IdForm,
    /// How it writes the same id in receipts. Default: text.
    #[serde(default)]
    pub receipt_ids: IdForm,
    /// What the centre's own statuses mean: the number in hexadecimal to a reason, such as `"0x401" = "quota"`.
    #[serde(default)]
    pub statuses: BTreeMap<String, Reason>,
    /// How long each step may take.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// Overrides of the limits. Default: ten messages a second over one connection.
    #[serde(default)]
    pub limits: LimitSettings,
}

/// How the session is bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bind {
    /// One connection for texts and what comes back.
    #[default]
    Transceiver,
    /// A transmitter for texts, and a receiver for what comes back.
    Split,
}

/// Type of number and numbering plan (SMPP 3.4, sections 5.2.5 and 5.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberType {
    /// Type of number, such as 1 for international and 5 for a name.
    pub ton: u8,
    /// Numbering plan, such as 1 for E.164.
    pub npi: u8,
}

impl Default for NumberType {
    fn default() -> Self {
        NumberType { ton: 1, npi: 1 }
    }
}

/// What `data_coding = 0` means to the centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Alphabet {
    /// GSM 03.38, one septet an octet.
    #[default]
    Gsm,
    /// Latin-1, sent as `data_coding = 3`. What is not in it goes as UCS-2.
    Latin1,
}

/// How texts go that are longer than one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LongTexts {
    /// In parts that each begin with a header (TS 23.040, 8-bit reference).
    #[default]
    Udh,
    /// Whole, in `message_payload`; the centre cuts it.
    Payload,
}

/// How an id is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdForm {
    /// As any text.
    #[default]
    Text,
    /// As a decimal number.
    Decimal,
    /// As a hexadecimal number.
    Hex,
}

impl IdForm {
    /// The id in one form for both places: numbers in decimal, without zeros before them.
    pub(super) fn read(self, id: &str) -> String {
        let id = id.trim();
        let radix = match self {
            IdForm::Text => return id.to_owned(),
            IdForm::Decimal => 10,
            IdForm::Hex => 16,
        };
        u128::from_str_radix(id, radix).map_or_else(|_| id.to_owned(), |number| number.to_string())
    }
}

/// How long each step may take, in seconds.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// TCP connection, TLS handshake and bind, each. Default: 10.
    pub connect_seconds: f64,
    /// The answer to a text. After it the text is in doubt, and the connection is given up. Default: 30.
    pub answer_seconds: f64,
    /// Silence after which the connection is tried with `enquire_link`. Default: 30.
    pub enquire_seconds: f64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { connect_seconds: 10.0, answer_seconds: 30.0, enquire_seconds: 30.0 }
    }
}

impl Timeouts {
    pub(super) fn connect(&self) -> Duration {
        Duration::from_secs_f64(self.connect_seconds)
    }

    pub(super) fn answer(&self) -> Duration {
        Duration::from_secs_f64(self.answer_seconds)
    }

    pub(super) fn enquire(&self) -> Duration {
        Duration::from_secs_f64(self.enquire_seconds)
    }
}

fn yes() -> bool {
    true
}

fn ten() -> NonZeroU32 {
    NonZeroU32::new(10).unwrap_or(NonZeroU32::MIN)
}

impl SmppSettings {
    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 3550 } else { 2775 })
    }

    /// The centre's own statuses; what cannot be read was refused before.
    pub(super) fn own_statuses(&self) -> BTreeMap<u32, Reason> {
        self.statuses.iter().filter_map(|(status, reason)| Some((read_status(status)?, *reason))).collect()
    }

    /// The sender of a text to a number, as the centre takes it.
    pub(super) fn source(&self, to: &str) -> Address {
        match senders::sender(&self.senders, &self.from, to) {
            from if from == self.from => typed(from, self.from_type),
            from => typed(from, None),
        }
    }

    pub(super) fn check_values(&self) -> Result<(), SettingsError> {
        let wrong = |key: &str, message: &str| Err(SettingsError::new(key, message));
        if self.host.is_empty() || self.host.contains([':', '/', ' ']) && self.host.parse::<std::net::IpAddr>().is_err()
        {
            return wrong("host", "must be a name or an address, without scheme and port");
        }
        if !self.tls && !self.allow_cleartext && !is_loopback(&self.host) {
            return wrong(
                "tls",
                "false is for a centre on this machine; use TLS, or a tunnel and allow_cleartext = true",
            );
        }
        let fits = |text: &str, longest| text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.system_id.is_empty() || !fits(&self.system_id, 15) {
            return wrong("system_id", "must be 1 to 15 letters, digits and signs");
        }
        // The standard has 8; most centres take more.
        let written = |text: &str| text.len() <= 64 && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !self.password.as_ref().is_none_or(|password| written(password.expose())) {
            return wrong("password", "must be at most 64 letters, digits and signs");
        }
        if !fits(&self.system_type, 12) {
            return wrong("system_type", "must be at most 12 letters, digits and signs");
        }
        if !fits(&self.service_type, 5) {
            return wrong("service_type", "must be at most 5 letters, digits and signs");
        }
        is_sender(&self.from)?;
        senders::validate(&self.senders, is_sender)?;
        if self.window.get() > 1000 {
            return wrong("window", "must be from 1 to 1000");
        }
        for status in self.statuses.keys() {
            if read_status(status).is_none_or(|status| status == 0) {
                return wrong("statuses", &format!("{status:?} is no status; write it like \"0x401\""));
            }
        }
        if (self.answer_ids == IdForm::Text) != (self.receipt_ids == IdForm::Text) {
            return wrong("receipt_ids", "and answer_ids must both be text, or both say how the number is written");
        }
        for (key, seconds) in [
            ("timeouts.connect_seconds", self.timeouts.connect_seconds),
            ("timeouts.answer_seconds", self.timeouts.answer_seconds),
            ("timeouts.enquire_seconds", self.timeouts.enquire_seconds),
        ] {
            if !(seconds > 0.0 && seconds <= 3600.0) {
                return wrong(key, "must be above 0 and at most 3600 seconds");
            }
        }
        self.limits.validate()
    }
}

/// A sender with its type: as is set, or else by its form.
fn typed(from: &str, set: Option<NumberType>) -> Address {
    let digits = from.strip_prefix('+').unwrap_or(from);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let by_form = match (is_number, digits.len()) {
        (false, _) => NumberType { ton: 5, npi: 0 },
        // A short code is known to its own network only.
        (true, ..=6) => NumberType { ton: 3, npi: 0 },
        (true, _) => NumberType::default(),
    };
    let NumberType { ton, npi } = set.unwrap_or(by_form);
    Address { ton, npi, digits: if is_number { digits } else { from }.to_owned() }
}

fn is_sender(from: &str) -> Result<(), SettingsError> {
    let source = typed(from, None);
    let is_number = source.digits.bytes().all(|byte| byte.is_ascii_digit());
    let name = |text: &str| text.len() <= 11 && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if source.digits.is_empty() || !(is_number && source.digits.len() <= 15 || name(&source.digits)) {
        let message = "must be a number of at most 15 digits, or a name of at most 11 characters";
        return Err(SettingsError::new("from", message));
    }
    Ok(())
}

fn read_status(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}
