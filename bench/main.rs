//! `cargo xtask bench`: how fast and how dear, against references that run beside ours in the same minutes.
//!
//! Every measure has a file in `measures/`. Nothing here is a test: no build fails for a slow machine.

mod bare;
mod chaos;
#[path = "../tests/daemon/ledger.rs"]
#[allow(dead_code, reason = "shared with the tests, which use all of it")]
mod ledger;
mod machine;
mod measures;
#[allow(dead_code, unused_imports, reason = "shared with the tests, which use all of it")]
#[path = "../tests/parts/mod.rs"]
mod parts;
mod proxy;
mod report;
#[allow(dead_code, unused_imports, reason = "shared with the tests, which use all of it")]
#[path = "../tests/simulators/mod.rs"]
mod simulators;
mod sink;
#[allow(dead_code, unused_imports, reason = "shared with the tests, which use all of it")]
#[path = "../tests/site.rs"]
mod site;
mod stage;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Arguments {
    /// Only these measures: P1,P6
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    only: Vec<String>,
    /// Divides every audience: for trying the benchmark itself. Such figures are not to be quoted.
    #[arg(long, default_value_t = 1)]
    divide: usize,
    /// What cargo adds.
    #[arg(long, hide = true, global = true)]
    bench: bool,
    #[command(subcommand)]
    instead: Option<Instead>,
}

#[derive(Subcommand)]
enum Instead {
    /// Kills the daemon at random moments, and looks at what becomes of the messages.
    Chaos(chaos::Options),
    /// What P9 is measured against.
    #[command(hide = true)]
    WriteLoop { port: u16, readers: usize, bytes: usize },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    match arguments.instead {
        Some(Instead::Chaos(options)) => {
            return if chaos::run(options).await { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Some(Instead::WriteLoop { port, readers, bytes }) => measures::readers::write_loop(port, readers, bytes),
        None => {}
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench");
    let mut done = Vec::new();
    for (ids, measure) in measures::ALL {
        if !arguments.only.is_empty() && !arguments.only.iter().any(|only| ids.contains(&only.as_str())) {
            continue;
        }
        println!("== {}", ids.join(", "));
        done.extend(stage::with_a_steady_disk(&folder, async || measure(arguments.divide).await).await);
    }
    if arguments.divide > 1 {
        println!("with smaller audiences there is nothing to quote: the report stays as it was");
        return ExitCode::SUCCESS;
    }
    report::write(&folder, &machine::name(), &site::now().strftime("%Y-%m-%d").to_string(), done);
    ExitCode::SUCCESS
}
