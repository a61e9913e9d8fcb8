//! The daemon itself, as a process of its own: its binary, its configuration file, its HTTP interface.

mod clock;
mod crash;
mod database;
mod disk;
mod durable;
mod failpoints;
mod input;
mod pace;
pub mod ledger;
mod path;
mod restored;
mod power;
mod relays;
mod steer;
mod timing;
mod threads;

pub use crate::site::*;
