//! Compose: incidents, updates, and what they say.

pub mod content;
<<<<<<< HEAD
pub mod draft;
=======
>>>>>>> web
pub mod route;
pub mod status;
pub mod write;
