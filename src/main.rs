//! The `onevoice` binary.

fn main() {}
