//! What a power cut would leave of the database, at any moment of a traced run.
//!
//! The model is the harshest that a disk may be. A write is kept only by a successful fdatasync of its file that began
//! after the write had ended, and only once that call has ended. A failed one loses for good what was written before it:
//! the kernel marks such pages clean, and later calls no longer speak of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;

use super::ledger;
use crate::parts::{
    folder,
    strace::{self, Call},
};

/// A file's content that is safe, and what was written since.
#[derive(Default)]
struct OnDisk {
    safe: Vec<u8>,
    /// Where each write had ended in the trace, its place, and its bytes; None for an end that was moved.
    written: Vec<(usize, usize, Option<Vec<u8>>)>,
}

/// The database's two files, followed through a trace.
pub struct Disk {
    files: BTreeMap<PathBuf, OnDisk>,
    calls: Vec<Call>,
    /// The calls that matter to the files, by the line where each counts.
    steps: Vec<(usize, usize)>,
    taken: usize,
    database: PathBuf,
    /// How often what is safe has changed.
    pub version: usize,
    image: Option<(usize, TempDir)>,
}

impl Disk {
    /// A database as it lay before the traced runs, and their traces.
    pub fn new(database: &Path, before: Vec<u8>, traces: &[PathBuf]) -> Disk {
        let mut files = BTreeMap::new();
        files.insert(database.to_owned(), OnDisk { safe: before, written: Vec::new() });
        files.insert(PathBuf::from(format!("{}-wal", database.display())), OnDisk::default());
        let calls = strace::read(traces);
        let mut steps: Vec<(usize, usize)> = (0..calls.len())
            .filter(|place| files.contains_key(Path::new(&calls[*place].target)))
            .map(|place| (calls[place].ended, place))
            .collect();
        steps.sort_unstable();
        Disk { files, calls, steps, taken: 0, database: database.to_owned(), version: 0, image: None }
    }

    /// Every traced call, in the order in which they began.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// How many fdatasyncs of the files succeeded, and how many did not.
    pub fn syncs(&self) -> (usize, usize) {
        let syncs = self.steps.iter().map(|(_, place)| &self.calls[*place]).filter(|call| is_sync(call));
        let (good, bad): (Vec<_>, Vec<_>) = syncs.partition(|call| call.answer == 0);
        (good.len(), bad.len())
    }

    /// Follows the trace up to a line. Lines may only grow from call to call.
    pub fn follow(&mut self, line: usize) {
        while let Some((_, place)) = self.steps.get(self.taken).filter(|(ended, _)| *ended < line) {
            let call = &self.calls[*place];
            let file = self.files.get_mut(Path::new(&call.target)).expect("only calls on these files");
            let at = usize::try_from(call.number).expect("a place in a file");
            match call.name.as_str() {
                "pwrite64" if call.answer > 0 => {
                    let count = usize::try_from(call.answer).expect("not negative");
                    file.written.push((call.ended, at, Some(call.bytes[..count].to_vec())));
                }
                "ftruncate" if call.answer == 0 => file.written.push((call.ended, at, None)),
                _ if is_sync(call) => {
                    file.sync(call.began, call.answer == 0);
                    self.version += 1;
                }
                _ => {}
            }
            self.taken += 1;
        }
    }

    /// Opens what would be left now.
    pub async fn after_a_power_cut(&mut self) -> SqliteConnection {
        if self.image.as_ref().is_none_or(|(version, _)| *version != self.version) {
            let folder = folder::work();
            for (path, file) in &self.files {
                fs::write(folder.path().join(path.file_name().expect("a file")), &file.safe).expect("it is writable");
            }
            self.image = Some((self.version, folder));
        }
        let (_, folder) = self.image.as_ref().expect("it was just made");
        ledger::connect(&folder.path().join(self.database.file_name().expect("a file"))).await
    }

    /// Answers a question to what would be left now.
    pub async fn says(&mut self, question: &str) -> bool {
        let mut connection = self.after_a_power_cut().await;
        let answer: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(question.to_owned()))
            .fetch_one(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{question}: {error}"));
        connection.close().await.expect("it closes");
        answer != 0
    }
}

fn is_sync(call: &Call) -> bool {
    matches!(call.name.as_str(), "fdatasync" | "fsync")
}

impl OnDisk {
    fn sync(&mut self, began: usize, succeeded: bool) {
        for (_, at, bytes) in self.written.extract_if(.., |(ended, _, _)| *ended < began) {
            match bytes {
                Some(bytes) if succeeded => {
                    self.safe.resize(self.safe.len().max(at + bytes.len()), 0);
                    self.safe[at..at + bytes.len()].copy_from_slice(&bytes);
                }
                None if succeeded => self.safe.resize(at, 0),
                _ => {}
            }
        }
    }
}
