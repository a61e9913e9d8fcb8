//! Onevoice: one approved message, every channel, in order, accounted for.

pub mod approve;
pub mod audience;
pub mod compose;
<<<<<<< HEAD
pub mod people;
pub mod render;
pub mod store;
pub mod track;
pub mod world;
=======
pub mod public;
>>>>>>> web
