//! Compose: incidents, updates, and what they say.

pub mod content;
pub mod route;
pub mod status;
