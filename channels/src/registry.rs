//! Every provider, by the `kind` it has in configuration.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};

use crate::{
    chat,
    contract::{Channel, Provider, World},
    email,
    limits::LimitSettings,
    outbox,
    sms::{self, senders::SenderSettings},
    social,
    staff::ForStaff,
    web,
};

/// A setting that cannot be used, with the key at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct SettingsError {
    /// The key within the provider's settings, with dots: `limits.per_second`.
    pub key: String,
    /// What is wrong, and how to mend it.
    pub message: String,
}

impl SettingsError {
    /// An error about one key.
    pub fn new(key: &str, message: impl Into<String>) -> SettingsError {
        SettingsError { key: key.to_owned(), message: message.into() }
    }
}

/// What a provider's settings can do. Each provider's file implements it for its own.
pub(crate) trait Kind {
    /// The channel that it carries.
    fn channel(&self) -> Channel;
    /// The overrides of its limits.
    fn limits(&self) -> &LimitSettings;
    /// What its messages come from, where its own settings say that.
    fn sender(&self) -> Option<&str> {
        None
    }
    /// What it sends from by country, of text messages.
    fn senders(&self) -> &[SenderSettings] {
        &[]
    }
    /// Checks what the types cannot.
    fn validate(&self) -> Result<(), SettingsError>;
    /// Makes the provider from settings that are valid.
    fn build(&self, name: &str, world: &World) -> Result<Arc<dyn Provider>, SettingsError>;
    /// What the conformance suite needs to know of it. Required, so that no provider escapes the suite.
    #[cfg(test)]
    fn conformance() -> crate::testkit::Case
    where
        Self: Sized;
    /// Callbacks of its place that are valid; the suite makes those that are not. None where it sends none.
    #[cfg(test)]
    fn callbacks() -> Option<crate::testkit::Callbacks>
    where
        Self: Sized,
    {
        None
    }
}

macro_rules! providers {
    ($($(#[$doc:meta])* $variant:ident = $kind:literal => $settings:path;)*) => {
        /// One provider's settings: `kind` says which provider, the rest are its own keys.
        #[derive(Clone, Debug, Deserialize, JsonSchema)]
        #[serde(tag = "kind")]
        #[allow(clippy::large_enum_variant, reason = "there are a handful, as long as the daemon runs")]
        pub enum ProviderSettings {
            $($(#[$doc])* #[serde(rename = $kind)] $variant($settings),)*
        }

        /// Every kind, in the order of the documentation.
        pub const KINDS: &[&str] = &[$($kind),*];

        impl ProviderSettings {
            /// The kind, as in [`KINDS`].
            pub fn kind(&self) -> &'static str {
                match self { $(ProviderSettings::$variant(_) => $kind,)* }
            }

            /// Reads the settings of one kind, without the key `kind`. The enum's own reading copies them first and so
            /// forgets where in the file they stood; this one does not.
            ///
            /// # Errors
            /// The deserializer's, and an unknown variant for a `kind` that is not in [`KINDS`].
            pub fn read<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<ProviderSettings, D::Error> {
                match kind {
                    $($kind => <$settings>::deserialize(settings).map(ProviderSettings::$variant),)*
                    _ => Err(de::Error::unknown_variant(kind, KINDS)),
                }
            }

            /// The settings of an outbox for a channel.
            pub fn outbox(channel: Channel) -> ProviderSettings {
                ProviderSettings::Outbox(outbox::OutboxSettings { channel, limits: Default::default() })
            }

            fn inner(&self) -> &dyn Kind {
                match self { $(ProviderSettings::$variant(settings) => settings,)* }
            }
        }

        #[cfg(test)]
        fn conformance_cases() -> Vec<(&'static str, crate::testkit::Case, Option<crate::testkit::Callbacks>)> {
            vec![$(($kind, <$settings as Kind>::conformance(), <$settings as Kind>::callbacks())),*]
        }
    };
}

providers! {
    /// Mail through an SMTP relay.
    Smtp = "smtp" => email::smtp::SmtpSettings;
    /// Mail through Amazon SES.
    Ses = "ses" => email::ses::SesSettings;
    /// Mail through SendGrid.
    Sendgrid = "sendgrid" => email::sendgrid::SendgridSettings;
    /// Text messages through a gateway with an HTTP interface.
    SmsHttp = "sms-http" => sms::http::SmsHttpSettings;
    /// Text messages to a short message centre, by SMPP.
    Smpp = "smpp" => sms::smpp::SmppSettings;
    /// Text messages through Twilio.
    Twilio = "twilio" => sms::twilio::TwilioSettings;
    /// Text messages through Vonage.
    Vonage = "vonage" => sms::vonage::VonageSettings;
    /// An account on a Mastodon server.
    Mastodon = "mastodon" => social::mastodon::MastodonSettings;
    /// An account on an AT Protocol server, Bluesky's or another.
    Bluesky = "bluesky" => social::bluesky::BlueskySettings;
    /// An account on X.
    X = "x" => social::x::XSettings;
    /// A Facebook page.
    Facebook = "facebook" => social::facebook::FacebookSettings;
    /// A LinkedIn organisation.
    Linkedin = "linkedin" => social::linkedin::LinkedinSettings;
    /// A room on a Matrix homeserver.
    Matrix = "matrix" => chat::matrix::MatrixSettings;
    /// A Slack channel, through an incoming webhook.
    Slack = "slack" => chat::slack::SlackSettings;
    /// A Microsoft Teams channel or chat, through a workflow.
    Teams = "teams" => chat::teams::TeamsSettings;
    /// A Telegram channel or group, through a bot.
    Telegram = "telegram" => chat::telegram::TelegramSettings;
    /// A program that takes a signed webhook.
    Webhook = "webhook" => chat::webhook::WebhookSettings;
    /// The banner on the customers' websites, served by the daemon.
    Banner = "banner" => web::banner::BannerSettings;
    /// The status page, served by the daemon.
    StatusPage = "status-page" => web::status_page::StatusPageSettings;
    /// Stands for any channel and sends nothing.
    Outbox = "outbox" => outbox::OutboxSettings;
}

impl ProviderSettings {
    /// The channel that this provider carries.
    pub fn channel(&self) -> Channel {
        self.inner().channel()
    }

    /// The sender's number or name, where these settings say it.
    pub fn sender(&self) -> Option<&str> {
        self.inner().sender()
    }

    /// The senders by country, of text messages.
    pub fn senders(&self) -> &[SenderSettings] {
        self.inner().senders()
    }

    /// Checks what the types cannot.
    ///
    /// # Errors
    /// Names the key at fault.
    pub fn validate(&self) -> Result<(), SettingsError> {
        if let Some(key) = self.inner().limits().by_domain().filter(|_| self.channel() != Channel::Email) {
            return Err(SettingsError::new(key, "is for mail, and this carries none; take it out"));
        }
        self.inner().validate()
    }

    /// Checks that its place can be one where only colleagues read.
    ///
    /// # Errors
    /// Names the key `audience`.
    pub fn may_tell_staff(&self) -> Result<(), SettingsError> {
        use Channel::{Matrix, Slack, StaffChat, Teams, Telegram, Webhook};
        if matches!(self.channel(), Matrix | Slack | StaffChat | Teams | Telegram | Webhook) {
            return Ok(());
        }
        let message = "\"staff\" is for a chat room (matrix, slack, teams, telegram) or a webhook; everybody can read this \
             place. Take it out; colleagues' mail addresses stand in [staff] mail";
        Err(SettingsError::new("audience", message))
    }
}

/// Makes a provider.
///
/// # Errors
/// When the settings are not valid, or a file they name cannot be used.
pub fn build(name: &str, settings: &ProviderSettings, world: &World) -> Result<Arc<dyn Provider>, SettingsError> {
    settings.validate()?;
    settings.inner().build(name, world)
}

/// Makes a provider that tells colleagues what is theirs alone.
///
/// # Errors
/// As [`build`]; when its place is none for colleagues ([`ProviderSettings::may_tell_staff`]).
pub fn build_for_staff(
    name: &str,
    settings: &ProviderSettings,
    world: &World,
) -> Result<Arc<dyn Provider>, SettingsError> {
    settings.may_tell_staff()?;
    Ok(Arc::new(ForStaff::new(build(name, settings, world)?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testkit;

    #[test]
    fn every_registered_kind_has_a_conformance_case() {
        let cases: Vec<&str> = conformance_cases().iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(cases, KINDS);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_registered_kind_passes_the_suite() {
        for (kind, case, callbacks) in conformance_cases() {
            testkit::suite::run(kind, &case, callbacks.as_ref()).await;
        }
    }

    #[test]
    fn an_unknown_kind_or_key_is_refused() {
        assert!(serde_json::from_value::<ProviderSettings>(json!({"kind": "pigeon"})).is_err());
        let error = serde_json::from_value::<ProviderSettings>(json!({"kind": "banner", "colour": 1})).unwrap_err();
        assert!(error.to_string().contains("colour"), "{error}");
    }

    /// The daemon's `[[provider]]` has keys of its own beside these.
    #[test]
    fn settings_flatten_into_a_table_with_other_keys() {
        #[derive(Deserialize)]
        struct Entry {
            name: String,
            #[serde(flatten)]
            settings: ProviderSettings,
        }
        let entry: Entry =
            toml::from_str("name = 'a'\nkind = 'outbox'\nchannel = 'email'\nlimits = { per_second = 10, burst = 5 }")
                .unwrap();
        assert_eq!((entry.name.as_str(), entry.settings.kind()), ("a", "outbox"));
        assert!(entry.settings.validate().is_ok());
        assert!(toml::from_str::<Entry>("name = 'a'\nkind = 'outbox'\nchannel = 'email'\nchanel = 1").is_err());
    }

    #[test]
    fn the_schema_names_every_kind() {
        let schema = serde_json::to_string(&schemars::schema_for!(ProviderSettings)).unwrap();
        for kind in KINDS {
            assert!(schema.contains(&format!("\"{kind}\"")), "{kind}");
        }
    }
}
