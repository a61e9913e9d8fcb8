//! Audience: who gets what.

pub mod filter;
pub mod import;
pub mod manage;
pub mod recipient;
