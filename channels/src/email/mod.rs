//! Mail.

pub mod sendgrid;
pub mod ses;
pub mod smtp;
