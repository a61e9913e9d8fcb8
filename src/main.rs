//! The `onevoice` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(onevoice::cli::run()),
        Err(error) => {
            eprintln!("onevoice: the system gives no threads: {error}");
            ExitCode::FAILURE
        }
    }
}
