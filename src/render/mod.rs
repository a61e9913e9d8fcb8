//! x
pub mod input;
pub use input::MessageKind;
