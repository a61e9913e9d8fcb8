//! Rooms in which an incident is told once for everyone there, and programs that are told of it.

pub mod matrix;
pub mod slack;
pub mod teams;
pub mod telegram;
pub mod webhook;
