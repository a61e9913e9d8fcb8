//! Mail as it should be: signed, accepted by others' eyes, and what comes back understood.

mod bounces;
mod dkim;
mod headers;
mod looks;
