//! `[telemetry]`: logs and the heartbeat.

use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::web_address;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Logs and the heartbeat.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// How log lines look.
    pub format: LogFormat,
    /// A filter in the words of tracing: `info`, `onevoice=debug`.
    pub level: String,
    /// An address that is fetched every `heartbeat_seconds` while all is well, for an outside watcher to miss.
    #[serde(deserialize_with = "web_address::optional")]
    #[schemars(with = "Option<String>", extend("format" = "uri"))]
    pub heartbeat_url: Option<Url>,
    /// How often, in seconds.
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

impl Default for Telemetry {
    fn default() -> Self {
        Telemetry { format: LogFormat::Human, level: "info".to_owned(), heartbeat_url: None, heartbeat_seconds: 60 }
    }
}

impl Telemetry {
    /// The filter that `level` stands for.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn filter(&self) -> Result<EnvFilter, SettingsError> {
        let message = "must be off, error, warn, info, debug or trace, or a list such as \"info,onevoice=debug\"";
        let wrong = || SettingsError::new("level", message);
        // The parser takes a bare word that is no level for a module's name, and so "inof" for silence elsewhere.
        let bare = self.level.split(',').map(str::trim).filter(|part| !part.contains(['=', '[']));
        for word in bare {
            if !LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word)) {
                return Err(wrong());
            }
        }
        EnvFilter::builder().parse(&self.level).map_err(|_| wrong())
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        self.filter()?;
        if !(1..=24 * 3600).contains(&self.heartbeat_seconds) {
            return Err(SettingsError::new("heartbeat_seconds", "must be between 1 and 86400 seconds (a day)"));
        }
        Ok(())
    }
}
