//! Compose: incidents, updates, and what they say.

pub mod content;
pub mod draft;
pub mod merge;
pub mod presence;
pub mod route;
pub mod staff;
pub mod status;
pub mod write;
