//! What the daemon serves itself: nothing leaves this machine, so acceptance is all there is to do.

pub mod banner;
mod page;
pub mod status_page;
