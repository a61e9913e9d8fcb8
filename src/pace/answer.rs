//! What the pacer answers.

use std::time::Duration;

use jiff::Timestamp;

use super::{BreakerState, Slot};

/// What keeps a message waiting; also a metric's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Its destination domain's.
    Domain,
    /// Its provider's.
    Provider,
    /// Its sender's.
    Sender,
    /// The one over all providers.
    Overall,
    /// The provider asked for a pause, or failed and has one.
    Pause,
}

impl Limit {
    /// The word in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Limit::Domain => "domain",
            Limit::Provider => "provider",
            Limit::Sender => "sender",
            Limit::Overall => "overall",
            Limit::Pause => "pause",
        }
    }
}

/// Whether a message may go.
#[derive(Debug)]
pub enum Permit {
    /// Now, and every limit has counted it.
    Go(Slot),
    /// Not before `until`, nor any other by this provider.
    Wait {
        /// When to ask again.
        until: Duration,
        /// What keeps it waiting.
        by: Limit,
    },
    /// Its domain must wait; others may go.
    Aside {
        /// When to ask again, at the earliest.
        until: Duration,
    },
    /// Nothing by this provider for a while: what is claimed is given back.
    Stop,
}

/// What came of waiting for a permit.
#[derive(Debug)]
pub enum Paced {
    /// The message may go.
    Go {
        /// Held until there is an outcome.
        slot: Slot,
        /// How long it waited, and for which limit at last.
        waited: Option<(Duration, Limit)>,
    },
    /// See [`Permit::Aside`].
    Aside,
    /// See [`Permit::Stop`].
    Stop,
}

/// Whether a connection may claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// As usual.
    Now,
    /// One message, to see whether the provider is back. [`Pacer::probe_ended`] wants its number.
    Probe(u64),
    /// Ask again after this.
    NotYet(Duration),
}

/// How a provider stands, for people and metrics.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Health {
    /// True where nothing keeps it from sending.
    pub up: bool,
    /// Until when it waits.
    pub waits_until: Option<Timestamp>,
    /// What it said last, where something was wrong.
    pub last_trouble: Option<String>,
    /// Its circuit breaker: open while nothing is tried, half open while one message is on its way to see.
    pub breaker: BreakerState,
    /// Its part of the channel's deliveries, from 0 to 1.
    pub share: f64,
    /// Its part while nothing is wrong with anybody.
    pub usual_share: f64,
    /// Messages that go a second now.
    pub per_second: f64,
    /// Messages a second, while it is slower than its limit because it asked for that.
    pub slowed_to: Option<f64>,
}
