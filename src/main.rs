//! The `onevoice` binary.

fn main() -> std::process::ExitCode {
    let options = onevoice::demo::DemoOptions { once: std::env::args().any(|a| a=="--once"), listen: ([127,0,0,1],8080).into(), data: None };
    tokio::runtime::Runtime::new().expect("rt").block_on(async { onevoice::demo::run(options).await.unwrap() })
}
