//! Onevoice: one approved message, every channel, in order, accounted for. `path.rs` is the map: read it first.

pub mod api;
pub mod app;
pub mod approve;
pub mod audience;
pub mod check;
pub mod cli;
pub mod compose;
pub mod config;
pub mod demo;
pub mod feed;
pub mod listener;
pub mod ops;
pub mod pace;
pub mod path;
pub mod people;
pub mod plan;
pub mod preview;
pub mod problem;
pub mod public;
pub mod render;
pub mod send;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod track;
pub mod world;
