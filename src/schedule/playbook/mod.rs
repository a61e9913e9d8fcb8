//! Playbooks: messages prepared and approved in advance, in bounds. Within them one person alone sends one.
//!
//! * [`document`] is what two people approve: contents by stage and language, variables with their types, bounds. Its
//!   digest is over all of it.
//! * [`fill`] puts checked values into the approved words. Nothing else can get into a text.
//! * [`bounds`] says what lies outside, at the sending and once more at the start (invariant 1).
//! * [`keep`] writes, approves and retires; [`instance`] looks and sends; [`announce`] is the machines' way; [`samples`] reads it with every choice.

pub mod announce;
pub mod bounds;
pub mod document;
pub mod fill;
pub mod instance;
pub mod keep;
pub mod named;
pub mod rest;
pub mod samples;
#[cfg(test)]
mod tests;
pub mod valid;

pub use document::{Bounds, Change, Choice, Playbook, Stage, Variable, VariableKind};
