//! The `onevoice` binary.

use std::process::ExitCode;

/// A message costs some forty allocations; the system's allocator made a quarter of its time of them, and kept what a
/// broadcast had needed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(onevoice::cli::run()),
        Err(error) => {
            eprintln!("onevoice: the system gives no threads: {error}");
            ExitCode::FAILURE
        }
    }
}
