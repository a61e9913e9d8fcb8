//! Stands for any channel, accepts everything and sends nothing: for exercises, trials and the demo. The daemon
//! shows what would have gone out by rendering it again from the store.

use std::{num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    contract::{
        Channel, CheckReport, Content, Limits, Manifest, Outcome, Parcel, Provider, Reason, Unavailable, World,
    },
    limits::LimitSettings,
    registry::{Kind, SettingsError},
    sms::encoding,
};

/// A provider that sends nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutboxSettings {
    /// The channel that it stands for.
    pub channel: Channel,
    /// Overrides of the limits. It has none of its own, so that a trial can show what a real provider's would do.
    #[serde(default)]
    pub limits: LimitSettings,
}

struct Outbox {
    manifest: Manifest,
}

impl Kind for OutboxSettings {
    fn channel(&self) -> Channel {
        self.channel
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.limits.validate()
    }

    fn build(&self, name: &str, _: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        let declared = Limits { burst: NonZeroU32::new(1000).unwrap_or(NonZeroU32::MIN), ..Limits::default() };
        Ok(Arc::new(Outbox {
            manifest: Manifest {
                kind: "outbox",
                name: name.to_owned(),
                channel: self.channel,
                limits: self.limits.over(declared),
                idempotent: true,
                key_life: None,
                receipts: false,
                // That of the place, so that a trial cuts threads as the real one would.
                text_limit: self.channel.post_limit(),
                leaves: false,
            },
        }))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        crate::testkit::Case::local(serde_json::json!({"channel": "email"}), crate::testkit::parcels::mail())
    }
}

#[async_trait]
impl Provider for Outbox {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn send(&self, parcel: &Parcel) -> Outcome {
        let parts = match &parcel.content {
            Content::Sms { text, .. } => encoding::measure(text).parts,
            Content::Post { parts } => u32::try_from(parts.len()).unwrap_or(u32::MAX),
            Content::Mail { .. } | Content::Page { .. } => 1,
        };
        Outcome::Accepted { reference: Some(format!("outbox-{}", parcel.id)), parts }
    }

    async fn withdraw(&self, _: &Parcel, reference: Option<&str>) -> Outcome {
        match self.manifest.channel.is_personal() {
            true => Outcome::Rejected {
                reason: Reason::BadContent,
                detail: "a message to a person cannot be taken back".to_owned(),
            },
            false => Outcome::Accepted { reference: reference.map(str::to_owned), parts: 1 },
        }
    }

    async fn check(&self) -> Result<CheckReport, Unavailable> {
        let summary = format!("stands for {} and sends nothing", self.manifest.channel);
        Ok(CheckReport { summary, ..CheckReport::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit;

    #[tokio::test]
    async fn it_stands_for_every_channel_with_that_channels_limit() {
        for channel in Channel::ALL {
            let settings = OutboxSettings { channel, limits: LimitSettings::default() };
            let provider = settings.build("trial", &testkit::world()).unwrap();
            assert_eq!(provider.manifest().channel, channel);
            assert_eq!(provider.manifest().text_limit, channel.post_limit());
            assert!(!provider.manifest().leaves);
        }
    }
}
