//! The provider contract of Onevoice and every provider. Knows no database and no web server.
//!
//! Read [`contract`] first, then [`registry`]. Adding a provider is one file, which holds its settings, its limits, its
//! code-to-outcome table and its [`contract::Provider`], and one line in the registry.

mod callback;
mod channel;
pub mod chat;
pub mod contract;
mod detail;
pub mod email;
pub mod endpoint;
mod exchange;
pub mod failpoint;
mod guard;
mod hook;
pub mod limits;
pub mod outbox;
mod posting;
pub mod registry;
pub mod retry_after;
pub mod secret;
pub mod signed;
pub mod sms;
pub mod social;
mod staff;
pub mod testkit;
pub mod text;
mod tls;
pub mod web;
