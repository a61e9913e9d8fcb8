//! The status page. The daemon serves its public form from the last committed outcome; this provider accepts at once.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::page::Page;
use crate::{
    contract::{Channel, Limits, Provider, World},
    limits::LimitSettings,
    registry::{Kind, SettingsError},
};

/// The status page. It has no settings of its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StatusPageSettings {
    /// Overrides of the limits.
    pub limits: LimitSettings,
}

impl Kind for StatusPageSettings {
    fn channel(&self) -> Channel {
        Channel::StatusPage
    }

    fn limits(&self) -> &LimitSettings {
        &self.limits
    }

    fn validate(&self) -> Result<(), SettingsError> {
        self.limits.validate()
    }

    fn build(&self, name: &str, _: &World) -> Result<Arc<dyn Provider>, SettingsError> {
        Ok(Arc::new(Page::new("status-page", name, Channel::StatusPage, self.limits.over(Limits::default()))))
    }

    #[cfg(test)]
    fn conformance() -> crate::testkit::Case {
        crate::testkit::Case::local(serde_json::json!({}), crate::testkit::parcels::page(Channel::StatusPage))
    }
}
