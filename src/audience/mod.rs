//! Audience: who gets what.

pub mod explain;
pub mod fields;
pub mod filter;
pub mod import;
pub mod listed;
pub mod manage;
pub mod recipient;
pub mod rows;
