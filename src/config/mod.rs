//! The configuration: one TOML file, one section a file here. Each section validates itself and names the key at
//! fault; [`ConfigError`] adds the file and the line.

mod approval;
mod audience;
mod bounces;
mod check;
mod console;
mod demo;
mod dkim;
mod document;
mod error;
mod example;
pub mod generated;
mod http;
pub mod intake;
mod organisation;
mod pace;
mod promises;
mod provider;
mod public;
mod publish;
mod quiet_hours;
mod replies;
mod retry;
mod schedule;
mod sms;
mod staff;
mod telemetry;
mod templates;
mod web_address;
pub mod webhooks;
mod wording;

use std::path::{Path, PathBuf};

use onevoice_channels::{contract::Channel, registry::SettingsError};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

pub use self::{
    approval::{Approval, SignOff},
    audience::Audience,
    bounces::Bounces,
    check::Check,
    console::Console,
    dkim::Dkim,
    error::ConfigError,
    example::EXAMPLE,
    http::{Http, Tls},
    intake::Intake,
    organisation::Organisation,
    pace::{Pace, Rate},
    promises::{Promises, Span},
    provider::ProviderEntry,
    public::Public,
    publish::{Bucket, Place, Publish},
    quiet_hours::QuietHours,
    replies::{Language, Replies},
    retry::Retry,
    schedule::Schedule,
    sms::Sms,
    staff::{Readers, Staff},
    telemetry::{LogFormat, Telemetry},
    templates::Templates,
    webhooks::Webhooks,
};
use self::{document::Document, error::Failure};

/// No sensible configuration is longer, in bytes; a database given by mistake is.
const LONGEST: u64 = 1 << 20;

/// The configuration of Onevoice.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Onevoice")]
pub struct Config {
    /// The directory in which the database and the daemon's socket live.
    pub data: PathBuf,
    /// The listening address and what stands before it.
    #[serde(default)]
    pub http: Http,
    /// Who speaks.
    pub organisation: Organisation,
    /// How approvals work, and what takes a reason.
    #[serde(default)]
    pub approval: Approval,
    /// What is done about promises of a next update.
    #[serde(default)]
    pub promises: Promises,
    /// Timers and planned work.
    #[serde(default)]
    pub schedule: Schedule,
    /// What is kept of people besides their records.
    #[serde(default)]
    pub audience: Audience,
    /// Text messages: numbers, prices and parts.
    #[serde(default)]
    pub sms: Sms,
    /// What people write back, and what they are answered.
    #[serde(default)]
    pub replies: Replies,
    /// Limits that providers share.
    #[serde(default)]
    pub pace: Pace,
    /// When people are not to be woken.
    #[serde(default)]
    pub quiet_hours: QuietHours,
    /// How failed attempts are repeated.
    #[serde(default)]
    pub retry: Retry,
    /// What the checker guards.
    #[serde(default)]
    pub check: Check,
    /// Templates of your own.
    #[serde(default)]
    pub templates: Templates,
    /// The console.
    #[serde(default)]
    pub console: Console,
    /// The keys that mails are signed with, besides what the relay signs.
    #[serde(default)]
    pub dkim: Vec<Dkim>,
    /// Mail that comes back.
    #[serde(default)]
    pub bounces: Option<Bounces>,
    /// What customers can do on the status page besides reading it.
    #[serde(default)]
    pub public: Public,
    /// What monitoring systems send, and which prepared message it becomes.
    #[serde(default)]
    pub intake: Intake,
    /// Where the staff sheet goes by mail; chat rooms are providers with `audience = "staff"`.
    #[serde(default)]
    pub staff: Staff,
    /// Other programs that are told what happens.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// Where copies of the public pages are kept, one for each.
    #[serde(default)]
    pub publish: Vec<Publish>,
    /// What carries messages, one for each.
    pub provider: Vec<ProviderEntry>,
    /// Logs and the heartbeat.
    #[serde(default)]
    pub telemetry: Telemetry,
}

impl Config {
    /// Reads a configuration file. Paths in it are relative to its directory.
    ///
    /// # Errors
    /// One sentence that names the file, the line and the key at fault, and how to mend it.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let unreadable = |why: String| ConfigError::of_file(path, format!("cannot be read: {why}"));
        let size = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
        if size > LONGEST {
            return Err(unreadable(format!("it has {size} bytes, and no configuration has more than {LONGEST}")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        Config::parse(&text, path)
    }

    /// Reads the text of a configuration file; `path` is where it came from.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
        let table = DeTable::parse(text).map_err(|error| ConfigError::of_syntax(path, text, &error))?;
        let document = Document::index(text, table.get_ref());
        let base = path.parent().unwrap_or(Path::new(""));
        Config::read(table, base).map_err(|failure| ConfigError::locate(path, &document, failure))
    }

    fn read(table: Spanned<DeTable<'_>>, base: &Path) -> Result<Config, Failure> {
        let span = table.span();
        let mut table = table.into_inner();
        let providers = provider::take(&mut table)?;
        provider::resolve_secrets(&mut table, "publish", base);
        for section in ["intake", "webhooks"] {
            if let Some(DeValue::Table(section)) = table.get_mut(section).map(Spanned::get_mut) {
                provider::resolve_files(section, base);
            }
        }
        let root = Spanned::new(span, DeValue::Table(table));
        let mut config =
            Config::deserialize(ValueDeserializer::from(root)).map_err(|error| Failure::Reading(error, None))?;
        config.provider = provider::read_all(providers, base)?;
        config.resolve(base);
        config.validate()?;
        Ok(config)
    }

    /// The channels that a provider carries, in the order of every table.
    pub fn channels(&self) -> Vec<Channel> {
        let carried = |channel: &Channel| match channel {
            Channel::StaffMail => !self.staff.mail.is_empty(),
            channel => self.carries(*channel),
        };
        Channel::ALL.into_iter().filter(carried).collect()
    }

    fn carries(&self, channel: Channel) -> bool {
        self.provider.iter().any(|entry| entry.channel() == channel)
    }

    /// Makes paths relative to the file's directory. Those of providers are, once they are read: their secrets lie there.
    fn resolve(&mut self, base: &Path) {
        relative_to(base, &mut self.data);
        self.http.resolve(base);
        self.check.resolve(base);
        self.templates.resolve(base);
        self.console.resolve(base);
        self.bounces.iter_mut().for_each(|bounces| bounces.resolve(base));
        self.dkim.iter_mut().for_each(|dkim| dkim.resolve(base));
        self.publish.iter_mut().for_each(|copy| copy.resolve(base));
    }

    fn validate(&self) -> Result<(), SettingsError> {
        if self.data.as_os_str().is_empty() {
            return Err(SettingsError::new(
                "data",
                "is empty; give the directory for the database: \"/var/lib/onevoice\"",
            ));
        }
        within("http", self.http.validate())?;
        within("organisation", self.organisation.validate())?;
        within("approval", self.approval.validate())?;
        within("promises", self.promises.validate())?;
        within("schedule", self.schedule.validate())?;
        within("audience", self.audience.validate())?;
        within("sms", self.sms.validate())?;
        within("replies", self.replies.validate())?;
        within("quiet_hours", self.quiet_hours.validate())?;
        within("retry", self.retry.validate())?;
        within("check", self.check.validate())?;
        within("templates", self.templates.validate())?;
        within("console", self.console.validate())?;
        within("telemetry", self.telemetry.validate())?;
        within("intake", self.intake.validate())?;
        within("webhooks", self.webhooks.validate())?;
        if let Some(bounces) = &self.bounces {
            within("bounces", bounces.validate(&self.organisation))?;
        }
        for (place, dkim) in self.dkim.iter().enumerate() {
            within(&format!("dkim[{place}]"), dkim.validate())?;
        }
        publish::validate_all(&self.publish)?;
        provider::validate_all(&self.provider)?;
        within("staff", self.staff.validate(self.carries(Channel::StaffMail.carrier())))?;
        within("public", self.public.validate(&self.channels()))?;
        within("pace", self.pace.validate(&self.organisation, &self.provider))
    }
}

/// Puts the section before the key at fault.
fn within(section: &str, checked: Result<(), SettingsError>) -> Result<(), SettingsError> {
    checked.map_err(|error| SettingsError { key: format!("{section}.{}", error.key), ..error })
}

/// Puts the file's directory before a relative path. An empty one stays empty, for validation to refuse.
fn relative_to(base: &Path, path: &mut PathBuf) {
    if !path.as_os_str().is_empty() {
        *path = base.join(&*path);
    }
}

/// Refuses a directory that is named and not there.
fn require_directory(key: &str, directory: Option<&PathBuf>) -> Result<(), SettingsError> {
    match directory {
        Some(path) if !path.is_dir() => {
            let message = format!("{} is not a directory; make it, or leave this key out", path.display());
            Err(SettingsError::new(key, message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
