//! The daemon itself, as a process of its own: its binary, its configuration file, its HTTP interface.

mod crash;
mod disk;
mod input;
mod pace;
mod path;
mod restored;
mod steer;
mod timing;

pub use crate::site::*;
