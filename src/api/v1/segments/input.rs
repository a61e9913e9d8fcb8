//! A segment as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

/// A segment as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SegmentInput")]
pub struct Input {
    /// Its name; at most 100 characters.
    pub name: String,
    /// The filter: `country = "DE" and tag "vip"`.
    pub filter: String,
}
