//! The `onevoice` binary.

use std::process::ExitCode;

/// A message costs some forty allocations; the system's allocator made a quarter of its time of them, and kept what a
/// broadcast had needed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    onevoice::cli::run()
}
