//! Intake: webhooks that speak for monitoring systems.
//!
//! A call is authenticated and kept as it came ([`door`], [`take`]); a source's file reads it into alerts; [`rules`] says
//! which prepared message each becomes, a *voice*; [`state`] is the table of what a voice does, and [`speak`] lets it
//! announce once its hold-down is over. Voices are rows: whatever was answered with success survives a kill.

pub mod alert;
mod alertmanager;
pub mod door;
mod json;
mod pagerduty;
pub mod rules;
pub mod speak;
pub mod state;
pub mod statuspage;
pub mod take;
#[cfg(test)]
mod tests;
