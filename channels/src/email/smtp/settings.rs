//! The settings of `smtp`.

use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{endpoint::is_loopback, limits::LimitSettings, registry::SettingsError, secret::Secret};

/// An SMTP relay.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The relay's name or address.
    pub host: String,
    /// Its port. Default: 587 with starttls, 465 with implicit TLS, 25 with none.
    pub port: Option<u16>,
    /// How the connection is protected. Default: starttls.
    #[serde(default)]
    pub tls: Tls,
    /// Further certificate authorities to trust, as PEM, beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The name in the relay's certificate. Default: `host`.
    pub tls_name: Option<String>,
    /// Permits `tls = "none"` to a host that is not this one. Default: false.
    #[serde(default)]
    pub allow_cleartext: bool,
    /// Signs in with AUTH PLAIN or LOGIN.
    pub username: Option<String>,
    /// The password to it.
    pub password: Option<Secret>,
    /// What we call ourselves in EHLO. Default: `[127.0.0.1]`; relays on the internet want a public name.
    pub hello: Option<String>,
    /// Pipelines where the relay offers it. Default: true.
    #[serde(default = "yes")]
    pub pipelining: bool,
    /// How long each step may take.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// Overrides of the limits. Default: four connections, each as fast as the relay answers.
    #[serde(default)]
    pub limits: LimitSettings,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Clear text: for a relay on this machine.
    None,
    /// STARTTLS (RFC 3207), required: without it nothing is sent.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
}

/// How long each step may take, in seconds. The defaults are shorter than RFC 5321, section 4.5.3.2, has them: in a
/// crisis another relay is better than minutes of silence.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// TCP connection and TLS handshake, each.
    pub connect_seconds: f64,
    /// The greeting (RFC: 5 minutes).
    pub greeting_seconds: f64,
    /// The reply to a command (RFC: 5 minutes; DATA 2).
    pub command_seconds: f64,
    /// Writing a message (RFC: 3 minutes a block).
    pub body_seconds: f64,
    /// The reply to the final dot (RFC: 10 minutes). After it the message is in doubt.
    pub accept_seconds: f64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect_seconds: 10.0,
            greeting_seconds: 60.0,
            command_seconds: 60.0,
            body_seconds: 120.0,
            accept_seconds: 300.0,
        }
    }
}

impl Timeouts {
    fn named(&self) -> [(&'static str, f64); 5] {
        [
            ("timeouts.connect_seconds", self.connect_seconds),
            ("timeouts.greeting_seconds", self.greeting_seconds),
            ("timeouts.command_seconds", self.command_seconds),
            ("timeouts.body_seconds", self.body_seconds),
            ("timeouts.accept_seconds", self.accept_seconds),
        ]
    }

    pub(super) fn connect(&self) -> Duration {
        Duration::from_secs_f64(self.connect_seconds)
    }

    pub(super) fn greeting(&self) -> Duration {
        Duration::from_secs_f64(self.greeting_seconds)
    }

    pub(super) fn command(&self) -> Duration {
        Duration::from_secs_f64(self.command_seconds)
    }

    pub(super) fn body(&self) -> Duration {
        Duration::from_secs_f64(self.body_seconds)
    }

    pub(super) fn accept(&self) -> Duration {
        Duration::from_secs_f64(self.accept_seconds)
    }
}

fn yes() -> bool {
    true
}

impl SmtpSettings {
    pub(super) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::None => 25,
            Tls::Starttls => 587,
            Tls::Implicit => 465,
        })
    }

    pub(super) fn check_values(&self) -> Result<(), SettingsError> {
        let wrong = |key: &str, message: &str| Err(SettingsError::new(key, message));
        if self.host.is_empty() || self.host.contains([':', '/', ' ']) && self.host.parse::<std::net::IpAddr>().is_err()
        {
            return wrong("host", "must be a name or an address, without scheme and port");
        }
        if self.tls == Tls::None && !self.allow_cleartext && !is_loopback(&self.host) {
            return wrong(
                "tls",
                "none is for a relay on this machine; use starttls or implicit, or allow_cleartext = true",
            );
        }
        if self.username.is_some() && self.password.is_none() {
            return wrong("password", "is missing beside username");
        }
        if self.password.is_some() && self.username.is_none() {
            return wrong("username", "is missing beside password");
        }
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.[]:".contains(&b));
        if !self.hello.as_deref().is_none_or(is_name) {
            return wrong("hello", "must be a host name, or an address in square brackets");
        }
        for (key, seconds) in self.timeouts.named() {
            if !(seconds > 0.0 && seconds <= 3600.0) {
                return wrong(key, "must be above 0 and at most 3600 seconds");
            }
        }
        self.limits.validate()
    }
}
