//! Onevoice: one approved message, every channel, in order, accounted for.

pub mod compose;
pub mod public;
