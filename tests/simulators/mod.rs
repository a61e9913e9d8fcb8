//! Stand-ins of our own, for what no real server is to be had of, each checked against its original; and what receives the
//! callbacks of real parts.

pub mod callbacks;
pub mod mastodon;
pub mod relay;
pub mod server;
pub mod slack;
pub mod telegram;
