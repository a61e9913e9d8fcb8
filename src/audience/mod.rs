//! Audience: who gets what.

pub mod filter;
