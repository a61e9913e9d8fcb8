//! Audience: who gets what.

pub mod filter;
pub mod manage;
pub mod import;
pub mod recipient;
