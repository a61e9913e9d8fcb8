//! `cargo xtask test`: every check and every test, in order. A failed step does not hide what the later ones would say.

use std::process::{Command, ExitCode};
use std::thread;
use std::time::Instant;

use crate::place::Place;
use crate::report::{Line, Outcome, table};
use crate::{Result, command, deny, format, parts};

/// A named step.
struct Step {
    name: &'static str,
    run: fn(&Place, yes: bool) -> Result<Outcome>,
}

/// Installs what is missing. Once that is agreed to, it mostly waits for downloads, and `WITHOUT_PARTS` run beside it.
const PARTS: Step = Step { name: "parts", run: |place, yes| passed(parts::install(place, yes, false)) };

/// What needs nothing but the toolchain.
const WITHOUT_PARTS: &[Step] = &[
    Step { name: "format", run: |place, _| passed(format::check(place)) },
    Step { name: "clippy", run: |place, _| passed(CLIPPY.iter().try_for_each(|arguments| cargo(place, arguments))) },
    Step { name: "build", run: |place, _| passed(cargo(place, BUILD)) },
];

/// In this order: what is quick comes first.
const WITH_PARTS: &[Step] = &[
    Step { name: "policy", run: |place, _| passed(deny::policy(place)) },
    Step { name: "advisories", run: |place, _| deny::advisories(place) },
    Step { name: "drift", run: |place, _| passed(drift(place)) },
    Step { name: "tests", run: |place, _| passed(tests(place)) },
    Step { name: "demo", run: |place, _| passed(demo(place)) },
];

/// With every feature; and what is released once more with none.
const CLIPPY: &[&[&str]] = &[
    &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"],
    &["clippy", "--locked", "--workspace", "--lib", "--bins", "--no-default-features", "--", "-D", "warnings"],
];

/// Everything that the steps after it run.
const BUILD: &[&str] = &["test", "--locked", "--workspace", "--no-run"];

/// All of them, those with real parts included: a part that is missing is a failure.
const TESTS: &[&str] = &["test", "--locked", "--workspace", "--no-fail-fast"];

/// The names that `--only` takes.
pub fn names() -> Vec<&'static str> {
    steps().map(|step| step.name).collect()
}

fn steps() -> impl Iterator<Item = &'static Step> {
    std::iter::once(&PARTS).chain(WITHOUT_PARTS).chain(WITH_PARTS)
}

/// Runs all steps, or the one that is named, and prints the table. Fails when any step did.
pub fn run(place: &Place, yes: bool, only: Option<&str>) -> ExitCode {
    let lines: Vec<Line> = match only {
        Some(name) => steps().filter(|step| step.name == name).map(|step| line(step, place, yes)).collect(),
        // Nobody is asked: nothing of another step gets into the question.
        None if yes => {
            let mut lines = thread::scope(|scope| {
                let parts = scope.spawn(|| line(&PARTS, place, yes));
                let beside: Vec<_> = WITHOUT_PARTS.iter().map(|step| line(step, place, yes)).collect();
                let parts = parts.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                std::iter::once(parts).chain(beside).collect::<Vec<_>>()
            });
            lines.extend(WITH_PARTS.iter().map(|step| line(step, place, yes)));
            lines
        }
        None => steps().map(|step| line(step, place, yes)).collect(),
    };
    println!("{}", table(&lines));
    let failed = lines.iter().any(|line| matches!(line.outcome, Outcome::Failed(_)));
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn line(step: &Step, place: &Place, yes: bool) -> Line {
    println!("\n== {}", step.name);
    let start = Instant::now();
    let outcome = (step.run)(place, yes).unwrap_or_else(|error| Outcome::Failed(error.to_string()));
    if let Outcome::Failed(why) = &outcome {
        eprintln!("{why}");
    }
    Line { name: step.name, outcome, took: start.elapsed() }
}

/// Measures, against references that it starts itself. The report lies in `bench/` of the target folder.
pub fn bench(place: &Place, yes: bool, arguments: &[String]) -> Result {
    parts::install(place, yes, true)?;
    let mut command = in_root(place, &["bench", "--locked", "--bench", "onevoice", "--"]);
    command::run(command.args(arguments).env("ONEVOICE_PARTS", &place.parts))
}

/// Runs the chaos of `bench/chaos.rs`.
pub fn chaos(place: &Place, options: &[String]) -> Result {
    let mut command = in_root(place, &["bench", "--locked", "--quiet", "--bench", "onevoice", "--", "chaos"]);
    command::run(command.args(options))
}

/// Writes the files that are made from the code.
pub fn generate(place: &Place) -> Result {
    command::run(&mut in_root(place, &["run", "--quiet", "--bin", "onevoice", "--", "gen"]))
}

/// What was generated and committed is still what would be generated.
fn drift(place: &Place) -> Result {
    // Cargo.lock fits the manifests.
    command::read(&mut in_root(place, &["metadata", "--locked", "--format-version", "1"]))?;
    // The configuration's schema fits the code.
    command::read(&mut onevoice(place, &["gen", "--check"])?).map(drop)
}

/// The whole path by itself: it fails when a sum does not equal its audience.
fn demo(place: &Place) -> Result {
    command::run(&mut onevoice(place, &["demo", "--once"])?)
}

/// The binary that the tests have too. `cargo run` would build it and some libraries again, which then have fewer features.
fn onevoice(place: &Place, arguments: &[&str]) -> Result<Command> {
    cargo(place, BUILD)?;
    let mut command = Command::new(place.target().join("debug/onevoice"));
    command.args(arguments).current_dir(&place.root);
    Ok(command)
}

/// Two at a time for each core: most of their time they wait for somebody else's server.
fn tests(place: &Place) -> Result {
    let threads = thread::available_parallelism().map_or(2, |cores| 2 * cores.get());
    let mut command = in_root(place, TESTS);
    command::run(command.env("ONEVOICE_PARTS", &place.parts).env("RUST_TEST_THREADS", threads.to_string()))
}

fn passed(outcome: Result) -> Result<Outcome> {
    outcome.map(|()| Outcome::Passed)
}

fn cargo(place: &Place, arguments: &[&str]) -> Result {
    command::run(in_root(place, arguments).env("ONEVOICE_PARTS", &place.parts))
}

fn in_root(place: &Place, arguments: &[&str]) -> Command {
    let mut command = command::cargo();
    command.args(arguments).current_dir(&place.root);
    command
}
