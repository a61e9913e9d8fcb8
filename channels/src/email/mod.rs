//! Mail.

pub mod smtp;
