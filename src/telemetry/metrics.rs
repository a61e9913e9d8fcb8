//! Metrics, in the OpenMetrics text format.
//!
//! Labels come from closed sets alone: channels, states, reasons, and the providers of the configuration. Nothing a
//! person wrote or is called can become a label, so a metric never names anyone and the series stay few.

use std::time::Duration;

use onevoice_channels::contract::{Channel, Reason};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::{Metric, Registry},
};

use crate::approve::State;

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    deliveries: Family<DeliveryLabels, Counter>,
    queue: Family<ChannelLabel, Gauge>,
    queue_age: Family<ChannelLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    pace_wait: Family<ProviderLabel, Histogram, fn() -> Histogram>,
    commit: Histogram,
    claim: Histogram,
    broadcasts: Family<StateLabel, Gauge>,
    provider_up: Family<ProviderLabel, Gauge>,
    held: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeliveryLabels {
    channel: &'static str,
    provider: String,
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChannelLabel {
    channel: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabel {
    provider: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Metrics {
        let mut registry = Registry::with_prefix("onevoice");
        registry.register("build", "The running version", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        Metrics {
            deliveries: register(&mut registry, "deliveries", "Outcomes that were committed", Family::default()),
            queue: register(&mut registry, "queue_deliveries", "Deliveries without an outcome", Family::default()),
            queue_age: register(
                &mut registry,
                "queue_age_seconds",
                "Age of the oldest running broadcast with deliveries left",
                Family::default(),
            ),
            pace_wait: register(
                &mut registry,
                "pace_wait_seconds",
                "What one delivery waited for its provider's pace",
                Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.001, 4.0, 10))),
            ),
            commit: register(&mut registry, "commit_seconds", "Committing one group of outcomes", disk_times()),
            claim: register(&mut registry, "claim_seconds", "Claiming one range of deliveries", disk_times()),
            held: register(
                &mut registry,
                "held",
                "1 while nothing is sent: everything was stopped, or the database came from a copy",
                Gauge::default(),
            ),
            broadcasts: register(&mut registry, "broadcasts", "Broadcasts in each state", Family::default()),
            provider_up: register(
                &mut registry,
                "provider_up",
                "1 while the provider takes messages, 0 while it is unavailable",
                Family::default(),
            ),
            registry,
        }
    }

    /// One outcome was committed. `outcome` is a word of a closed set: a delivery state, or `again`.
    pub fn delivered(
        &self,
        channel: Channel,
        provider: &str,
        outcome: &'static str,
        reason: Option<Reason>,
        count: u64,
    ) {
        let labels = DeliveryLabels {
            channel: channel.as_str(),
            provider: provider.to_owned(),
            outcome,
            reason: reason.map_or("none", Reason::as_str),
        };
        self.deliveries.get_or_create(&labels).inc_by(count);
    }

    /// How many deliveries of a channel have no outcome yet, and how long the oldest broadcast among them has run.
    pub fn queued(&self, channel: Channel, deliveries: i64, oldest: Duration) {
        let label = ChannelLabel { channel: channel.as_str() };
        self.queue.get_or_create(&label).set(deliveries);
        self.queue_age.get_or_create(&label).set(oldest.as_secs_f64());
    }

    /// A delivery waited this long for its provider's pace.
    pub fn paced(&self, provider: &str, waited: Duration) {
        self.pace_wait.get_or_create(&provider_label(provider)).observe(waited.as_secs_f64());
    }

    /// A group of outcomes was committed.
    pub fn committed(&self, took: Duration) {
        self.commit.observe(took.as_secs_f64());
    }

    /// A range of deliveries was claimed.
    pub fn claimed(&self, took: Duration) {
        self.claim.observe(took.as_secs_f64());
    }

    /// How many broadcasts are in a state.
    pub fn broadcasts(&self, state: State, count: i64) {
        self.broadcasts.get_or_create(&StateLabel { state: state.as_str() }).set(count);
    }

    /// Whether a provider takes messages.
    pub fn provider_up(&self, provider: &str, up: bool) {
        self.provider_up.get_or_create(&provider_label(provider)).set(i64::from(up));
    }

    /// Whether nothing is sent, because somebody stopped it or the database came from a copy.
    pub fn held(&self, held: bool) {
        self.held.set(i64::from(held));
    }

    /// All of it as `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes whatever is written to it");
        text
    }
}

fn register<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

fn provider_label(provider: &str) -> ProviderLabel {
    ProviderLabel { provider: provider.to_owned() }
}

/// From half a millisecond, a good disk's fdatasync, to eight seconds.
fn disk_times() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_its_name_and_labels() {
        let metrics = Metrics::new();
        metrics.delivered(Channel::Email, "relay", "failed", Some(Reason::MailboxFull), 1);
        metrics.delivered(Channel::Email, "relay", "accepted", None, 1);
        metrics.queued(Channel::StatusPage, 3, Duration::from_millis(1500));
        metrics.paced("relay", Duration::ZERO);
        metrics.committed(Duration::from_millis(3));
        metrics.claimed(Duration::from_millis(3));
        metrics.broadcasts(State::Running, 2);
        metrics.provider_up("relay", false);
        metrics.held(true);
        let text = metrics.encode();
        for line in [
            r#"onevoice_deliveries_total{channel="email",provider="relay",outcome="failed",reason="mailbox_full"} 1"#,
            r#"onevoice_deliveries_total{channel="email",provider="relay",outcome="accepted",reason="none"} 1"#,
            r#"onevoice_queue_deliveries{channel="status_page"} 3"#,
            r#"onevoice_queue_age_seconds{channel="status_page"} 1.5"#,
            r#"onevoice_pace_wait_seconds_count{provider="relay"} 1"#,
            "onevoice_held 1",
            "onevoice_commit_seconds_count 1",
            "onevoice_claim_seconds_count 1",
            r#"onevoice_broadcasts{state="running"} 2"#,
            r#"onevoice_provider_up{provider="relay"} 0"#,
            concat!(r#"onevoice_build_info{version=""#, env!("CARGO_PKG_VERSION"), r#""} 1"#),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
