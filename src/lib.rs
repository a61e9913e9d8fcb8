//! Onevoice: one approved message, every channel, in order, accounted for.

pub mod approve;
pub mod audience;
pub mod check;
pub mod compose;
pub mod people;
pub mod public;
pub mod render;
pub mod store;
pub mod track;
pub mod world;
