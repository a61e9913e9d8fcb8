//! Audience: who gets what.

pub mod filter;
pub mod import;
pub mod recipient;
