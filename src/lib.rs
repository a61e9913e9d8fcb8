//! Onevoice: one approved message, every channel, in order, accounted for.

pub mod audience;
pub mod check;
pub mod compose;
