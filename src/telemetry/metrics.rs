//! Metrics, in the OpenMetrics text format.
//!
//! Labels come from closed sets alone: channels, states, reasons, and the providers of the configuration. Nothing a
//! person wrote or is called can become a label, so a metric never names anyone and the series stay few.

use std::time::Duration;

use jiff::Timestamp;
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

use crate::{
    approve::State,
    pace::{BreakerState, Health, Limit},
    schedule::promise::Standing,
};

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    deliveries: Family<DeliveryLabels, Counter>,
    queue: Family<ChannelLabel, Gauge>,
    queue_age: Family<ChannelLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    pace_wait: Family<ProviderLabel, Histogram, fn() -> Histogram>,
    paced: Family<LimitLabels, Counter<f64, std::sync::atomic::AtomicU64>>,
    commit: Histogram,
    claim: Histogram,
    broadcasts: Family<StateLabel, Gauge>,
    promises: Family<StandingLabel, Gauge>,
    provider_up: Family<ProviderLabel, Gauge>,
    held: Gauge,
    provider_breaker: Family<BreakerLabels, Gauge>,
    provider_share: Family<ProviderLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    provider_slowed: Family<ProviderLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    provider_rate: Family<ProviderLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    credentials_end: Family<ProviderLabel, Gauge>,
    copy_behind: Family<CopyLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
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
struct LimitLabels {
    provider: String,
    limit: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BreakerLabels {
    provider: String,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CopyLabels {
    copy: String,
    seen: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StandingLabel {
    standing: &'static str,
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
            paced: register(
                &mut registry,
                "paced_seconds",
                "What deliveries waited, by the limit that kept them: domain, provider, sender, overall, or a pause",
                Family::default(),
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
            promises: register(
                &mut registry,
                "promises",
                "Promises of a next update that were due within 30 days or are open, by how they stand",
                Family::default(),
            ),
            provider_up: register(
                &mut registry,
                "provider_up",
                "1 while the provider takes messages, 0 while it is unavailable",
                Family::default(),
            ),
            provider_breaker: register(
                &mut registry,
                "provider_breaker",
                "1 for the state that the provider's circuit breaker is in, 0 for the others",
                Family::default(),
            ),
            provider_share: register(
                &mut registry,
                "provider_share",
                "The provider's part of its channel's deliveries, from 0 to 1",
                Family::default(),
            ),
            provider_slowed: register(
                &mut registry,
                "provider_slowed_per_second",
                "Messages a second while the provider asked for fewer than its limit, 0 otherwise",
                Family::default(),
            ),
            provider_rate: register(
                &mut registry,
                "provider_messages_per_second",
                "What the provider carried lately while it was busy; forecasts reckon with it where no limit is set",
                Family::default(),
            ),
            credentials_end: register(
                &mut registry,
                "provider_credentials_end_timestamp_seconds",
                "When the provider's credentials end, in seconds since 1970; only where the provider or the configuration tells",
                Family::default(),
            ),
            copy_behind: register(
                &mut registry,
                "copy_behind_seconds",
                "For how long a published copy has not been as it should: as it was written, and as it looks from outside",
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

    /// A delivery may go, after it waited this long, for this limit at last.
    pub fn paced(&self, provider: &str, waited: Option<(Duration, Limit)>) {
        let took = waited.map_or(Duration::ZERO, |(took, _)| took);
        self.pace_wait.get_or_create(&provider_label(provider)).observe(took.as_secs_f64());
        if let Some((took, limit)) = waited {
            self.waited(provider, limit, took);
        }
    }

    /// A limit kept a delivery this long.
    pub fn waited(&self, provider: &str, limit: Limit, took: Duration) {
        let labels = LimitLabels { provider: provider.to_owned(), limit: limit.as_str() };
        self.paced.get_or_create(&labels).inc_by(took.as_secs_f64());
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

    /// How many promises stand so.
    pub fn promises(&self, standing: Standing, count: i64) {
        self.promises.get_or_create(&StandingLabel { standing: standing.as_str() }).set(count);
    }

    /// Whether a provider takes messages.
    pub fn provider_up(&self, provider: &str, up: bool) {
        self.provider_up.get_or_create(&provider_label(provider)).set(i64::from(up));
    }

    /// Whether nothing is sent, because somebody stopped it or the database came from a copy.
    pub fn held(&self, held: bool) {
        self.held.set(i64::from(held));
    }

    /// How a provider stands.
    pub fn provider(&self, provider: &str, health: &Health) {
        self.provider_up(provider, health.up);
        for state in BreakerState::ALL {
            let labels = BreakerLabels { provider: provider.to_owned(), state: state.as_str() };
            self.provider_breaker.get_or_create(&labels).set(i64::from(state == health.breaker));
        }
        let label = provider_label(provider);
        self.provider_share.get_or_create(&label).set(health.share);
        self.provider_slowed.get_or_create(&label).set(health.slowed_to.unwrap_or(0.0));
    }

    /// What a provider carries a second while it is busy.
    pub fn provider_rate(&self, provider: &str, rate: f64) {
        self.provider_rate.get_or_create(&provider_label(provider)).set(rate);
    }

    /// When a provider's credentials end; None where nobody tells.
    pub fn credentials_end(&self, provider: &str, end: Option<Timestamp>) {
        let label = provider_label(provider);
        if let Some(end) = end {
            self.credentials_end.get_or_create(&label).set(end.as_second());
        } else {
            self.credentials_end.remove(&label);
        }
    }

    /// For how long a copy has been behind: in its files (`written`), or where it is served (`outside`).
    pub fn copy_behind(&self, copy: &str, seen: &'static str, behind: Duration) {
        self.copy_behind.get_or_create(&CopyLabels { copy: copy.to_owned(), seen }).set(behind.as_secs_f64());
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
        metrics.credentials_end("relay", Some(Timestamp::UNIX_EPOCH + Duration::from_secs(86_400)));
        metrics.credentials_end("forgotten", None);
        metrics.queued(Channel::StatusPage, 3, Duration::from_millis(1500));
        metrics.paced("relay", None);
        metrics.paced("relay", Some((Duration::from_millis(2500), Limit::Sender)));
        metrics.committed(Duration::from_millis(3));
        metrics.claimed(Duration::from_millis(3));
        metrics.broadcasts(State::Running, 2);
        metrics.promises(Standing::Late, 3);
        let health = Health {
            up: false,
            waits_until: None,
            last_trouble: None,
            breaker: BreakerState::Open,
            share: 0.25,
            usual_share: 0.5,
            per_second: 0.0,
            slowed_to: Some(12.5),
        };
        metrics.provider("relay", &health);
        metrics.held(true);
        metrics.provider_rate("relay", 12.5);
        metrics.copy_behind("mirror", "outside", Duration::from_secs(3));
        let text = metrics.encode();
        for line in [
            r#"onevoice_deliveries_total{channel="email",provider="relay",outcome="failed",reason="mailbox_full"} 1"#,
            r#"onevoice_deliveries_total{channel="email",provider="relay",outcome="accepted",reason="none"} 1"#,
            r#"onevoice_provider_credentials_end_timestamp_seconds{provider="relay"} 86400"#,
            r#"onevoice_queue_deliveries{channel="status_page"} 3"#,
            r#"onevoice_queue_age_seconds{channel="status_page"} 1.5"#,
            r#"onevoice_pace_wait_seconds_count{provider="relay"} 2"#,
            r#"onevoice_paced_seconds_total{provider="relay",limit="sender"} 2.5"#,
            r#"onevoice_provider_breaker{provider="relay",state="closed"} 0"#,
            r#"onevoice_provider_breaker{provider="relay",state="open"} 1"#,
            r#"onevoice_provider_share{provider="relay"} 0.25"#,
            r#"onevoice_provider_slowed_per_second{provider="relay"} 12.5"#,
            "onevoice_held 1",
            r#"onevoice_copy_behind_seconds{copy="mirror",seen="outside"} 3.0"#,
            "onevoice_commit_seconds_count 1",
            "onevoice_claim_seconds_count 1",
            r#"onevoice_broadcasts{state="running"} 2"#,
            r#"onevoice_promises{standing="late"} 3"#,
            r#"onevoice_provider_up{provider="relay"} 0"#,
            r#"onevoice_provider_messages_per_second{provider="relay"} 12.5"#,
            concat!(r#"onevoice_build_info{version=""#, env!("CARGO_PKG_VERSION"), r#""} 1"#),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
