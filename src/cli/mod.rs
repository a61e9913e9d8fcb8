//! The command line. Commands are clients of the running daemon; only the first set-up, `import --offline` and
//! `restore` open the database themselves, while no daemon does.

mod announce;
mod approve;
mod backup;
mod check;
mod client;
mod failure;
mod r#gen;
mod import;
mod key;
mod person;
mod prepared;
mod steer;
mod table;
mod timed;
mod user;
mod watch;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use self::failure::Failure;
use crate::{
    demo::{self, DemoOptions},
    serve,
};

/// What `--help` ends with.
const AFTER: &str = "\
Exit codes: 0 done · 1 refused or failed · 2 wrong command line · 3 the daemon cannot be reached · 4 done in part
Commands find the daemon by --socket, --config or --url; a key for --url is taken from ONEVOICE_KEY.";

/// One approved message, every channel, in order, accounted for.
#[derive(Parser, Debug)]
#[command(name = "onevoice", version, after_help = AFTER, max_term_width = 80)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Runs the daemon.
    Serve {
        /// The configuration.
        #[arg(long, env = "ONEVOICE_CONFIG", value_name = "FILE")]
        config: PathBuf,
    },
    /// Runs everything on this machine, with every channel wired to an outbox: nothing leaves.
    Demo {
        /// Walks the path of one message, prints what came of it, and ends.
        #[arg(long)]
        once: bool,
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
        listen: SocketAddr,
        /// Where to keep the data.
        #[arg(long, value_name = "DIRECTORY")]
        data: Option<PathBuf>,
    },
    /// Proves a configuration, its templates, rules and credentials, and sends nothing.
    Check(check::Check),
    /// Reads recipients from a CSV file.
    Import(import::Import),
    /// Manages who has access.
    #[command(subcommand)]
    User(user::User),
    /// Manages keys for programs.
    #[command(subcommand)]
    Key(key::Key),
    /// Announces: by a prepared message at once, or in full for an approval.
    Announce(Box<announce::Announce>),
    /// Sets recurring notices up, lists and cancels them.
    #[command(subcommand)]
    Timer(Box<timed::Timer>),
    /// Plans work that announces, begins and ends itself; lists, moves and cancels it.
    #[command(subcommand)]
    Plan(Box<timed::Plan>),
    /// Submits a draft for approval.
    Submit(announce::Submit),
    /// Reads what waits for an approval, and approves it.
    Approve(approve::Approve),
    /// Stops everything that goes out, at once.
    Stop(steer::Stop),
    /// Lets messages leave again, after a stop or a restore.
    Start(steer::Start),
    /// Shows how a broadcast goes until it has ended.
    Watch(watch::Watch),
    /// Prints what came of a broadcast.
    Report(watch::Watch),
    /// Writes a consistent copy of the database while the daemon goes on.
    Backup(backup::Backup),
    /// Puts a backup in the place of the database; the daemon must be stopped.
    Restore(backup::Restore),
    /// Writes the files of the repository that are made from the code.
    #[command(hide = true)]
    Gen(r#gen::Gen),
    /// Prints completions for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

/// Does what the command line says. Not `async`: whoever awaits a future compiles all of it, and the binary would
/// compile the daemon a second time.
pub fn run() -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(answer()),
        Err(error) => {
            eprintln!("onevoice: the system gives no threads: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn answer() -> ExitCode {
    match dispatch(Arguments::parse().command).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("onevoice: {failure}");
            failure.code()
        }
    }
}

async fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve { config } => return Ok(serve::run(&config).await?),
        Command::Demo { once, listen, data } => return Ok(demo::run(DemoOptions { once, listen, data }).await?),
        Command::Check(check) => check::run(&check).await?,
        Command::Import(import) => import::run(&import).await?,
        Command::User(user) => user::run(&user).await?,
        Command::Key(key) => key::run(&key).await?,
        Command::Announce(announce) => announce::announce(&announce).await?,
        Command::Timer(timer) => timed::timer(&timer).await?,
        Command::Plan(plan) => timed::plan(&plan).await?,
        Command::Submit(submit) => announce::submit(&submit).await?,
        Command::Approve(approve) => approve::run(&approve).await?,
        Command::Stop(stop) => steer::stop(&stop).await?,
        Command::Start(start) => steer::start(&start).await?,
        Command::Watch(watch) => watch::watch(&watch).await?,
        Command::Report(report) => watch::report(&report).await?,
        Command::Backup(backup) => backup::backup(&backup).await?,
        Command::Restore(restore) => backup::restore(&restore).await?,
        Command::Gen(generate) => r#gen::run(&generate)?,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "onevoice", &mut std::io::stdout());
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
