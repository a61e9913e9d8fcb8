//! Audience: who gets what.

pub mod filter;
pub mod import;
pub mod listed;
pub mod manage;
pub mod recipient;
