//! Recipients from a CSV file of any length, in bounded memory.
//!
//! The first line names the columns: `customer_id` (required), `name`, `locale`, `time_zone`, `email`, `phone`, `tags`
//! and `components` (each separated by `;`); every other column is an attribute. Cells are data and nothing else: one
//! that begins with `=` is stored as it is. A line that cannot be used is named with the reason, and the others go on.

mod columns;
mod record;
mod text;

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
    io,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::{
    columns::{Columns, Unusable},
    record::{Record, Records, Unfit},
    text::Text,
};
use crate::{
    app::App,
    people::{Actor, Role},
    problem::Problem,
    store::{Store, audit::Entry, recipients::Recipient},
    world::Clock,
};

/// How many recipients are written at once beside a daemon that sends: it waits meanwhile.
const BESIDE_SENDING: usize = 1_000;
/// How many where nothing is sent: each transaction costs the index of names a part of its own.
pub const ALONE: usize = 20_000;

/// How many bad lines are named.
pub const MAX_BAD_LINES: usize = 10_000;

/// How much is parsed before what came of it is written.
const PIECE: usize = 16 << 10;

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportSummary {
    /// Its number, under which its account is kept.
    #[serde(default)]
    pub import: i64,
    /// Lines that were taken.
    pub good: u64,
    /// Lines that cannot be used.
    pub bad: u64,
    /// Recipients that the file did not name and that were removed, as asked.
    pub removed: u64,
    /// The first 10,000 bad lines.
    pub bad_lines: Vec<BadLine>,
    /// How many more there are.
    pub more_bad: u64,
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BadLine {
    /// Its number in the file, from 1; the header is line 1.
    pub line: u64,
    /// What is wrong, without the value.
    pub reason: String,
}

/// Reads recipients from a CSV file as it arrives and writes them, a thousand at a time. With `replace`, everyone
/// whom the file does not name is removed at its end; whoever stands on a bad line stays as they were.
///
/// # Errors
/// 400 when the file has no usable header, or breaks off: lines before that are written, and nobody is removed. 409
/// when replacing would remove everybody.
pub async fn import<S>(app: &App, actor: &Actor, body: S, replace: bool) -> Result<ImportSummary, Problem>
where
    S: Stream<Item = io::Result<Bytes>> + Send + Unpin,
{
    app.may(actor, Role::Author, "audience")?;
    let home = app.config.sms.home();
    write(&app.store, app.world.clock.as_ref(), &actor.audit_name(), body, replace, BESIDE_SENDING, home).await
}

/// What [`import`] does, for who holds the store without a daemon; `actor` is the name for the audit, `batch` how many
/// are written at once, `home` the country of numbers that name none.
///
/// # Errors
/// As [`import`].
pub async fn write<S>(
    store: &Store,
    clock: &dyn Clock,
    actor: &str,
    mut body: S,
    replace: bool,
    batch: usize,
    home: Option<&str>,
) -> Result<ImportSummary, Problem>
where
    S: Stream<Item = io::Result<Bytes>> + Send + Unpin,
{
    let mut importer = Importer::new(home);
    let generation = store.begin_import(actor, clock.now()).await?;
    importer.summary.import = generation;
    let outcome = read(store, clock, generation, &mut importer, &mut body, batch).await;
    let entire = outcome.is_ok() && !importer.breaks_off;
    let summary = &mut importer.summary;
    let remove = replace && entire && summary.good > 0;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    store.keep_bad_lines(generation, count(summary.good), count(summary.bad), &summary.bad_lines).await?;
    // An import that changed nothing is none: the list is as old as before.
    if summary.good > 0 {
        let subject = format!("import:{generation}");
        let detail = serde_json::json!({"good": summary.good, "bad": summary.bad, "replace": remove, "entire": entire});
        let entry = Entry { at: clock.now(), actor, action: "audience.import", subject: &subject, detail };
        summary.removed = store.end_import(generation, count(summary.good), count(summary.bad), remove, &entry).await?;
    }
    outcome.map_err(|problem| problem.with("import", generation))?;
    if replace && !remove {
        return Err(refuse_replacing(summary).with("import", generation));
    }
    Ok(importer.summary)
}

async fn read<S>(
    store: &Store,
    clock: &dyn Clock,
    generation: i64,
    importer: &mut Importer,
    body: &mut S,
    batch: usize,
) -> Result<(), Problem>
where
    S: Stream<Item = io::Result<Bytes>> + Send + Unpin,
{
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|_| broken_off(importer))?;
        for piece in bytes.chunks(PIECE) {
            importer.push(piece).map_err(Problem::unreadable)?;
            if importer.recipients.len() >= batch || importer.kept.len() >= batch {
                put(store, clock, generation, importer, batch).await?;
            }
        }
    }
    let ended = importer.finish().map_err(Problem::unreadable);
    put(store, clock, generation, importer, batch).await?;
    ended
}

async fn put(
    store: &Store,
    clock: &dyn Clock,
    generation: i64,
    importer: &mut Importer,
    batch: usize,
) -> Result<(), Problem> {
    let recipients = std::mem::take(&mut importer.recipients);
    for batch in recipients.chunks(batch) {
        store.put_recipients(batch, generation, clock.now()).await?;
    }
    let kept = std::mem::take(&mut importer.kept);
    if !kept.is_empty() {
        store.keep_recipients(&kept, generation).await?;
    }
    Ok(())
}

fn broken_off(importer: &Importer) -> Problem {
    let good = importer.summary.good;
    Problem::unreadable(format!(
        "the file broke off on its way: {good} good lines arrived and nobody was removed; send the whole file again"
    ))
}

fn refuse_replacing(summary: &ImportSummary) -> Problem {
    let why = match summary.good {
        0 => "no line of the file can be used, so that replacing would remove everybody",
        _ => "a quote in the file never closes, so that the rest of it was not read",
    };
    let detail = format!("{why}; nobody was removed. Mend the file and import it again");
    Problem::conflict(detail).with("bad", summary.bad).with("bad_lines", &summary.bad_lines)
}

/// Bytes in, recipients out. It has no store: [`Importer::recipients`] is emptied by whoever drives it.
pub struct Importer {
    text: Text,
    /// The first line, until it is whole and the delimiter can be told.
    first_line: Vec<u8>,
    records: Option<Records>,
    lines: Lines,
    /// The country of numbers that name none.
    home: Option<String>,
    /// Recipients that were read, each customer id once.
    pub recipients: Vec<Recipient>,
    /// Customer ids of bad lines: nobody is removed for a mistyped number.
    pub kept: Vec<String>,
    /// The account so far.
    pub summary: ImportSummary,
    /// A quote opened and never closed: what follows it was not read.
    pub breaks_off: bool,
}

/// What is known of the lines before.
#[derive(Default)]
struct Lines {
    columns: Option<Columns>,
    hasher: RandomState,
    /// Keyed hashes of each customer id and of all of its line: 32 MiB for a million lines.
    seen: HashMap<u64, u64>,
}

impl Default for Importer {
    fn default() -> Self {
        Importer::new(None)
    }
}

impl Importer {
    /// Before the first byte; `home` is the country of numbers that name none.
    pub fn new(home: Option<&str>) -> Importer {
        Importer {
            text: Text::default(),
            first_line: Vec::new(),
            records: None,
            lines: Lines::default(),
            home: home.map(str::to_owned),
            recipients: Vec::new(),
            kept: Vec::new(),
            summary: ImportSummary::default(),
            breaks_off: false,
        }
    }

    /// Reads on.
    ///
    /// # Errors
    /// In words, when the header cannot be used: the rest of the file means nothing then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        let text = self.text.push(bytes);
        self.read(&text, false)
    }

    /// Reads what is left when the file has ended.
    ///
    /// # Errors
    /// As [`Importer::push`]; also when the file is empty.
    pub fn finish(&mut self) -> Result<(), String> {
        let text = self.text.finish();
        self.read(&text, true)?;
        match self.lines.columns {
            Some(_) => Ok(()),
            None => Err("the file is empty; its first line must name the columns, customer_id among them".to_owned()),
        }
    }

    fn read(&mut self, text: &[u8], last: bool) -> Result<(), String> {
        let Some(mut records) = self.records.take() else { return self.begin(text, last) };
        let outcome = records.push(text, &mut |record| self.take(record)).and_then(|()| match last {
            true => records.finish(&mut |record| self.take(record)),
            false => Ok(()),
        });
        self.records = Some(records);
        outcome
    }

    /// Waits for the end of the first line, within the limit of a record, then reads it and what came after.
    fn begin(&mut self, text: &[u8], last: bool) -> Result<(), String> {
        self.first_line.extend_from_slice(text);
        let start = self.first_line.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or_default();
        let end = self.first_line[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        if end.is_none() && !last && self.first_line.len() <= record::MAX_RECORD {
            return Ok(());
        }
        let text = std::mem::take(&mut self.first_line);
        let header = &text[start..end.map_or(text.len(), |end| start + end)];
        self.records = Some(Records::new(text::delimiter(header)));
        self.read(&text, last)
    }

    fn take(&mut self, record: Record<'_>) -> Result<(), String> {
        let line = record.line;
        let Some(columns) = &self.lines.columns else {
            self.lines.columns = Some(Columns::read(record.cells.map_err(unfit_header)?)?);
            return Ok(());
        };
        let cells = match record.cells {
            Ok(cells) => cells,
            Err(unfit) => {
                self.breaks_off |= unfit == Unfit::NeverEnds;
                self.bad(line, unfit_line(unfit));
                return Ok(());
            }
        };
        match columns.recipient(cells, self.home.as_deref()) {
            Ok(None) => {}
            Ok(Some(recipient)) => self.take_once(line, recipient),
            Err(Unusable { reason, customer_id }) => {
                self.kept.extend(customer_id);
                self.bad(line, reason);
            }
        }
        Ok(())
    }

    /// The first line of a customer counts; a later one may only say the same.
    fn take_once(&mut self, line: u64, recipient: Recipient) {
        let id = self.lines.hasher.hash_one(&recipient.customer_id);
        let whole = self.lines.hasher.hash_one(serde_json::to_string(&recipient).unwrap_or_default());
        match self.lines.seen.insert(id, whole) {
            None => {
                self.summary.good += 1;
                self.recipients.push(recipient);
            }
            Some(before) if before == whole => self.summary.good += 1,
            Some(before) => {
                self.lines.seen.insert(id, before);
                self.bad(line, "an earlier line has this customer id already, with other values".to_owned());
            }
        }
    }

    fn bad(&mut self, line: u64, reason: String) {
        self.summary.bad += 1;
        if self.summary.bad_lines.len() < MAX_BAD_LINES {
            self.summary.bad_lines.push(BadLine { line, reason });
        } else {
            self.summary.more_bad += 1;
        }
    }
}

fn unfit_header(unfit: Unfit) -> String {
    match unfit {
        Unfit::TooLong => "the header is longer than 64 KiB; is this a CSV file?",
        Unfit::TooWide => "the header names more than 1,000 columns; leave out those that no filter or message uses",
        Unfit::NeverEnds => "a quote opens in the header and never closes",
    }
    .to_owned()
}

fn unfit_line(unfit: Unfit) -> String {
    match unfit {
        Unfit::TooLong => "is longer than 64 KiB; does a quote close in it?",
        Unfit::TooWide => "has more than 1,000 cells",
        Unfit::NeverEnds => "a quote opens here and never closes, so that nothing after it was read",
    }
    .to_owned()
}
