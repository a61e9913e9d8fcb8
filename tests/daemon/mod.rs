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
mod openapi;
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
mod timers;
mod timing;
mod webhooks;

pub use crate::site::*;
