//! The daemon itself, as a process of its own: its binary, its configuration file, its HTTP interface.

mod clock;
mod crash;
mod database;
mod disk;
mod durable;
mod failpoints;
mod input;
pub mod ledger;
mod machines;
mod pace;
mod path;
mod power;
mod promises;
mod relays;
mod replies;
mod restored;
mod routes;
mod steer;
mod threads;
mod timing;

pub use crate::site::*;
