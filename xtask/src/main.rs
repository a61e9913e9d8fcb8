//! Everything a developer of Onevoice runs: `cargo xtask parts` installs what the tests need,
//! `cargo xtask test` is the one command that says whether the tree is good. CI runs the same.

mod command;
mod debian;
mod deny;
mod format;
mod node;
mod parts;
mod place;
mod python;
mod report;
mod steps;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::place::Place;

/// What went wrong, in a sentence that says how to mend it.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Everything a developer of Onevoice runs.")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install the real third-party servers and clients that the tests talk to. Quick when they are there.
    Parts {
        /// Make the listed changes without asking.
        #[arg(long)]
        yes: bool,
    },
    /// Write the files that are made from the code: the configuration's schema.
    Gen,
    /// Measure speed and cost against references that run beside ours; writes bench/report.json and a table into the
    /// target folder. Takes half an hour.
    Bench {
        /// Make the changes that the parts need without asking.
        #[arg(long)]
        yes: bool,
        /// Only these measures, and those that are taken with them.
        #[arg(long, value_name = "P1,P6")]
        only: Option<String>,
    },
    /// Kill the daemon at random moments of large broadcasts, and look at what becomes of the messages. Takes its time.
    Chaos {
        /// `--broadcasts`, `--people`, `--kills`, `--seed`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Install the parts, then run every check and every test. The last line says how many steps passed.
    Test {
        /// Make the changes that the parts need without asking.
        #[arg(long)]
        yes: bool,
        /// Run this one step only.
        #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(steps::names()))]
        only: Option<String>,
    },
}

fn main() -> ExitCode {
    let place = Place::find();
    let outcome = match Arguments::parse().task {
        Task::Parts { yes } => parts::install(&place, yes, false).map(|()| ExitCode::SUCCESS),
        Task::Gen => steps::generate(&place).map(|()| ExitCode::SUCCESS),
        Task::Bench { yes, only } => {
            let only = only.into_iter().flat_map(|only| ["--only".to_owned(), only]).collect::<Vec<_>>();
            steps::bench(&place, yes, &only).map(|()| ExitCode::SUCCESS)
        }
        Task::Chaos { options } => steps::chaos(&place, &options).map(|()| ExitCode::SUCCESS),
        Task::Test { yes, only } => Ok(steps::run(&place, yes, only.as_deref())),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("cargo xtask: {error}");
        ExitCode::FAILURE
    })
}
