//! The limits that providers share.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::Shared;
use crate::config::{Config, Pace};

/// The limits that providers share: one for each sender, and one over all.
#[derive(Debug, Default)]
pub struct Common {
    senders: BTreeMap<String, Arc<Shared>>,
    overall: Arc<Shared>,
}

impl Common {
    /// Those of a configuration, from `at` on. Every sender has one, so that a limit can be set later.
    pub fn new(config: &Config, at: Duration) -> Common {
        let senders = config.provider.iter().filter_map(|entry| entry.sender(&config.organisation));
        let common =
            Common { senders: senders.map(|sender| (sender, Arc::default())).collect(), overall: Arc::default() };
        common.set(&config.pace, at);
        common
    }

    /// Other limits from now on. What has not changed goes on as it was.
    pub fn set(&self, pace: &Pace, at: Duration) {
        for (sender, shared) in &self.senders {
            shared.set(pace.senders.get(sender), at);
        }
        self.overall.set(pace.overall().as_ref(), at);
    }

    /// A sender's.
    pub fn sender(&self, sender: &str) -> Option<Arc<Shared>> {
        self.senders.get(sender).cloned()
    }

    /// The one over all providers.
    pub fn overall(&self) -> Arc<Shared> {
        self.overall.clone()
    }
}
