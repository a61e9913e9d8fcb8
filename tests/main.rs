//! The integration tests: the daemon and its providers against real third-party servers, and the servers themselves.
//!
//! `cargo xtask parts` installs what they need. A part that is missing fails its tests: nothing here is ever skipped.

mod console;
mod daemon;
mod mail;
mod parts;
mod providers;
mod public;
mod simulators;
mod site;
mod smoke;
mod walls;
