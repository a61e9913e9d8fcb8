//! What an operator watches: log lines, metrics, and a heartbeat for a watcher outside.

pub mod heartbeat;
pub mod metrics;

use std::io::IsTerminal as _;

use onevoice_channels::registry::SettingsError;

use crate::config::{LogFormat, Telemetry};

/// Sends log lines to stderr, as configured; coloured only on a terminal. The first call counts, later ones change
/// nothing.
///
/// # Errors
/// When the filter in `level` cannot be read, which a configuration that was loaded never has.
pub fn init(settings: &Telemetry) -> Result<(), SettingsError> {
    let lines = tracing_subscriber::fmt()
        .with_env_filter(settings.filter()?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // Fails only where a subscriber is set already.
    let _ = match settings.format {
        LogFormat::Human => tracing::subscriber::set_global_default(lines.finish()),
        LogFormat::Json => tracing::subscriber::set_global_default(lines.json().flatten_event(true).finish()),
    };
    Ok(())
}
