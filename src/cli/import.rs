//! `onevoice import`: recipients from a CSV file, into the daemon or, with `--offline`, into the database itself.

use std::{
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use tokio::{io::AsyncReadExt as _, sync::mpsc};

use super::{
    client::Daemon,
    failure::Failure,
    table::{grouped, plain},
};
use crate::{
    audience::import::{self, BadLine, ImportSummary},
    config::Config,
    serve,
    store::Store,
    world,
};

/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// How many bad lines the terminal shows; the file has the rest.
const SHOWN: usize = 5;

/// What is imported, and how.
#[derive(Args, Clone, Debug)]
pub struct Import {
    /// The file. Its first line names the columns: customer_id, name, locale, time_zone, email, phone, tags,
    /// components; every other column is an attribute.
    pub file: PathBuf,
    /// Removes every recipient whom the file does not name, once all of it was read.
    #[arg(long)]
    pub replace: bool,
    /// Writes to the database itself while no daemon runs; takes --config.
    #[arg(long)]
    pub offline: bool,
    /// Prints the account as JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub daemon: Daemon,
}

/// Imports, and says what came of it.
///
/// # Errors
/// [`Failure`]; with bad lines a partial one.
pub async fn run(import: &Import) -> Result<(), Failure> {
    let unreadable = |error: io::Error| Failure::refused(format!("{}: {error}", import.file.display()));
    let file = tokio::fs::File::open(&import.file).await.map_err(unreadable)?;
    let bar = progress(file.metadata().await.map_err(unreadable)?.len());
    let pieces = read(file, bar.clone());
    let outcome = if import.offline { offline(import, pieces).await } else { online(import, pieces).await };
    bar.finish_and_clear();
    let bad_file = bad_file(&import.file);
    let summary = match outcome {
        Ok(summary) => summary,
        Err(mut failure) => {
            let bad_lines: Vec<BadLine> = failure
                .problem
                .get_mut("bad_lines")
                .and_then(|lines| serde_json::from_value(lines.take()).ok())
                .unwrap_or_default();
            if !bad_lines.is_empty() {
                write_bad(&bad_file, &bad_lines)?;
                failure.message.push_str(&format!("; the bad lines are in {}", bad_file.display()));
            }
            return Err(failure);
        }
    };
    if !summary.bad_lines.is_empty() {
        write_bad(&bad_file, &summary.bad_lines)?;
    }
    tell(import, &summary, &bad_file)
}

fn tell(import: &Import, summary: &ImportSummary, bad_file: &Path) -> Result<(), Failure> {
    let number = |count: u64| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    if import.json {
        println!("{}", serde_json::to_string(summary).unwrap_or_default());
    } else {
        println!(
            "{} lines taken, {} bad, {} people removed",
            number(summary.good),
            number(summary.bad),
            number(summary.removed)
        );
        for bad in summary.bad_lines.iter().take(SHOWN) {
            println!("  line {}: {}", bad.line, plain(&bad.reason));
        }
    }
    if summary.bad == 0 {
        return Ok(());
    }
    let lines =
        if summary.bad == 1 { "one line was".to_owned() } else { format!("{} lines were", number(summary.bad)) };
    let message = format!("{lines} not taken; see {}", bad_file.display());
    Err(if summary.good == 0 { Failure::refused(message) } else { Failure::partial(message) })
}

async fn online(import: &Import, pieces: mpsc::Receiver<io::Result<Bytes>>) -> Result<ImportSummary, Failure> {
    let client = import.daemon.client()?;
    let answer: Value = client.upload(&format!("/recipients/import?replace={}", import.replace), pieces).await?;
    serde_json::from_value(answer).map_err(|_| Failure::refused("the daemon's answer is no account of an import"))
}

async fn offline(import: &Import, pieces: mpsc::Receiver<io::Result<Bytes>>) -> Result<ImportSummary, Failure> {
    let Some(config) = &import.daemon.config else {
        return Err(Failure::usage("--offline takes --config FILE, which says where the database is"));
    };
    let config = Config::load(config)?;
    let (clock, random) = world::system();
    let store = Store::open(&serve::database(&config), random.as_ref()).await?;
    let pieces = Box::pin(futures_util::stream::unfold(pieces, |mut pieces| async move {
        pieces.recv().await.map(|piece| (piece, pieces))
    }));
    let home = config.sms.home();
    let outcome = import::write(&store, clock.as_ref(), "operator", pieces, import.replace, import::ALONE, home).await;
    store.close(random.as_ref()).await;
    Ok(outcome?)
}

/// Reads the file on a task of its own, a few chunks ahead.
fn read(mut file: tokio::fs::File, bar: ProgressBar) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            let piece = match (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await {
                Ok(0) => break,
                Ok(read) => {
                    bar.inc(read as u64);
                    Ok(Bytes::from(chunk))
                }
                Err(error) => Err(error),
            };
            let failed = piece.is_err();
            if sender.send(piece).await.is_err() || failed {
                break;
            }
        }
    });
    receiver
}

/// A bar by bytes; none where standard error is no terminal.
fn progress(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn bad_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".bad.csv");
    PathBuf::from(name)
}

fn write_bad(path: &Path, bad_lines: &[BadLine]) -> Result<(), Failure> {
    let write = || -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_path(path)?;
        writer.write_record(["line", "reason"])?;
        for bad in bad_lines {
            writer.write_record([bad.line.to_string().as_str(), &bad.reason])?;
        }
        Ok(writer.flush()?)
    };
    write().map_err(|error| Failure::refused(format!("the bad lines cannot be written to {}: {error}", path.display())))
}
