//! The configuration: one TOML file, one section a file here. Each section validates itself.

use std::{net::SocketAddr, path::PathBuf};

use onevoice_channels::registry::ProviderSettings;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// The whole file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the database and the daemon's socket live.
    pub data: PathBuf,
    /// The listening address and what stands before it.
    #[serde(default)]
    pub http: Http,
    /// Who speaks.
    pub organisation: Organisation,
    /// How approvals work, and what takes a reason.
    #[serde(default)]
    pub approval: Approval,
    /// Text messages: prices and parts.
    #[serde(default)]
    pub sms: Sms,
    /// How failed attempts are repeated.
    #[serde(default)]
    pub retry: Retry,
    /// What the checker guards.
    #[serde(default)]
    pub check: Check,
    /// Templates of your own.
    #[serde(default)]
    pub templates: Templates,
    /// What carries messages, one for each.
    pub provider: Vec<ProviderEntry>,
    /// Logs and the heartbeat.
    #[serde(default)]
    pub telemetry: Telemetry,
}

/// The listening address and what stands before it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// `ADDRESS:PORT`. Anything but loopback needs `tls`, or `public_url` with `trusted_proxies`.
    pub listen: SocketAddr,
    /// The address under which customers and providers reach this daemon, `https://…`.
    pub public_url: Option<Url>,
    /// A certificate of our own.
    pub tls: Option<Tls>,
    /// Addresses of the proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// The largest request body, in bytes; imports stream and are not bound by it.
    pub max_body: usize,
}

/// A certificate of our own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// Who speaks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// As customers know it.
    pub name: String,
    /// The page that every message links to.
    pub status_url: Url,
    /// The IANA zone in which times are written.
    pub time_zone: String,
    /// The languages that messages are written in, the default first.
    pub locales: Vec<String>,
    /// What mail comes from: `Acme Status <status@acme.example>`.
    pub mail_from: String,
    /// Where replies go.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The envelope sender of mail; the address in `mail_from` when not given.
    #[serde(default)]
    pub bounce_address: Option<String>,
}

/// How approvals work, and what takes a reason.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approval {
    /// Minutes after which a submitted update that nobody approved has to be submitted again.
    pub expires_after_minutes: u32,
    /// The most that one update may cost, in the currency of `sms`, without a reason.
    pub cost_ceiling: Option<f64>,
    /// The most messages to one address in 24 hours without a reason.
    pub messages_per_day_ceiling: Option<u32>,
}

/// Text messages: prices and parts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// What one part costs.
    pub price_per_part: f64,
    /// Its currency, ISO 4217.
    pub currency: String,
    /// The most parts a text may have.
    pub max_parts: u32,
}

/// How failed attempts are repeated.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Seconds before the second, third, … attempt; after the last a delivery has failed.
    pub delays: Vec<u32>,
    /// How far a delay is spread, as a part of it: 0.2 means 20 % up or down.
    pub jitter: f64,
    /// Send again, possibly twice, when mail may have arrived. Text messages are left to a person.
    pub resend_mail_in_doubt: bool,
}

/// What the checker guards.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Check {
    /// Words that must not go out: code names, customers' names.
    pub guarded: Vec<String>,
    /// A directory of rules that replace the built-in ones.
    pub rules: Option<PathBuf>,
}

/// Templates of your own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Templates {
    /// A directory whose files replace the built-in ones of the same name.
    pub directory: Option<PathBuf>,
}

/// One provider.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ProviderEntry {
    /// Its name, unique; for accounts also the outlet's name.
    pub name: String,
    /// Which kind, and its settings.
    #[serde(flatten)]
    pub settings: ProviderSettings,
}

/// Logs and the heartbeat.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// How log lines look.
    pub format: LogFormat,
    /// A filter in the words of tracing: `info`, `onevoice=debug`.
    pub level: String,
    /// An address that is fetched every `heartbeat_seconds` while all is well, for an outside watcher to miss.
    pub heartbeat_url: Option<Url>,
    /// How often.
    pub heartbeat_seconds: u32,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl Default for Http {
    fn default() -> Self {
        Http {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            tls: None,
            trusted_proxies: Vec::new(),
            max_body: 1 << 20,
        }
    }
}

impl Default for Approval {
    fn default() -> Self {
        Approval { expires_after_minutes: 240, cost_ceiling: None, messages_per_day_ceiling: Some(12) }
    }
}

impl Default for Sms {
    fn default() -> Self {
        Sms { price_per_part: 0.0, currency: "EUR".to_owned(), max_parts: 4 }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Retry { delays: vec![30, 120, 600, 1800, 7200], jitter: 0.2, resend_mail_in_doubt: true }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Telemetry { format: LogFormat::Human, level: "info".to_owned(), heartbeat_url: None, heartbeat_seconds: 60 }
    }
}
