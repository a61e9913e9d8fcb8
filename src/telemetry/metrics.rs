//! Metrics.
use std::time::Duration;
use onevoice_channels::contract::{Channel, Reason};
/// Counters.
#[derive(Default)]
pub struct Metrics;
#[allow(missing_docs)]
impl Metrics {
    pub fn new() -> Metrics { Metrics }
    pub fn committed(&self, _: Duration) {}
    pub fn claimed(&self, _: Duration) {}
    pub fn paced(&self, _: &str, _: Duration) {}
    pub fn provider_up(&self, _: &str, _: bool) {}
    pub fn delivered(&self, _: Channel, _: &str, _: &str, _: Option<Reason>) {}
    pub fn encode(&self) -> String { String::new() }
}
