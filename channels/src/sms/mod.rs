//! Text messages: how they are counted, and the gateways that carry them.

pub mod encoding;
pub mod http;
pub mod twilio;
pub mod vonage;
