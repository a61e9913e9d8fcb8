//! Published copies: after each change everything that the public sees is written as files to the directories and buckets
//! of `[[publish]]`, and looked at where it is served. What is served from there needs neither this daemon nor its database.

#[cfg(feature = "s3")]
mod bucket;
mod directory;
mod outside;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    app::App,
    config::{Place, Publish},
    public::File,
    world::World,
};

/// So long after it was written a copy is looked at from outside: caches before it may keep the old one for ten seconds.
const SETTLED: Duration = Duration::from_secs(15);
/// How often it is looked at then.
const LOOK: Duration = Duration::from_secs(60);
/// The first pause after a copy could not be written; it doubles.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// How a copy stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "PublishedCopy")]
pub struct Copy {
    /// Its name in the configuration.
    pub name: String,
    /// When it was last as it should be, in its files.
    pub written_at: Option<Timestamp>,
    /// Since when its files have not been as they should.
    pub behind_since: Option<Timestamp>,
    /// Why, in words.
    pub trouble: Option<String>,
    /// When it was last looked at where it is served.
    pub looked_at: Option<Timestamp>,
    /// Since when it still shows the old one there, or nothing.
    pub outdated_since: Option<Timestamp>,
    /// What was seen there instead, in words.
    pub seen: Option<String>,
}

/// How all copies stand.
#[derive(Debug, Default)]
pub struct Copies(Mutex<BTreeMap<String, Copy>>);

impl Copies {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Copy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each, by name.
    pub fn all(&self) -> Vec<Copy> {
        self.lock().values().cloned().collect()
    }

    fn change<T>(&self, name: &str, change: impl FnOnce(&mut Copy) -> T) -> T {
        let mut copies = self.lock();
        change(copies.entry(name.to_owned()).or_insert_with(|| Copy { name: name.to_owned(), ..Copy::default() }))
    }

    /// Notes how writing went, and tells the log when that changed.
    fn wrote(&self, name: &str, at: Timestamp, result: Result<(), String>) {
        self.change(name, |copy| match result {
            Ok(()) => {
                if let Some(since) = copy.behind_since.take() {
                    tracing::info!(copy = name, %since, "the copy is written again");
                }
                (copy.written_at, copy.trouble) = (Some(at), None);
            }
            Err(trouble) => {
                if copy.behind_since.is_none() {
                    tracing::error!(copy = name, %trouble, "the copy cannot be written; it shows the old state until it can");
                }
                copy.behind_since.get_or_insert(at);
                copy.trouble = Some(trouble);
            }
        });
    }

    /// Notes what was seen outside, and tells the log when that changed.
    fn looked(&self, name: &str, at: Timestamp, result: Result<(), String>) {
        self.change(name, |copy| {
            copy.looked_at = Some(at);
            match result {
                Ok(()) => {
                    if let Some(since) = copy.outdated_since.take() {
                        tracing::info!(copy = name, %since, "the copy shows what it should again");
                    }
                    copy.seen = None;
                }
                Err(seen) => {
                    if copy.outdated_since.is_none() {
                        tracing::warn!(copy = name, %seen, "the copy does not show what it should; it is looked at every minute");
                    }
                    // It has been so since it was written, which is when it should have changed.
                    let since = copy.written_at.unwrap_or(at);
                    copy.outdated_since.get_or_insert(since);
                    copy.seen = Some(seen);
                }
            }
        });
    }
}

/// Keeps every copy as it should be, until the daemon stops.
pub async fn run(app: App) {
    futures_util::future::join_all(app.config.publish.iter().map(|copy| keep(&app, copy))).await;
}

/// Keeps one copy: written after each change, again after a pause where that failed, and looked at.
async fn keep(app: &App, copy: &Publish) {
    let clock = &app.world.clock;
    let mut changes = app.public.changes();
    let mut pause = AGAIN;
    let mut known = Known::default();
    let target = match Target::of(copy, &app.world) {
        Ok(target) => target,
        Err(trouble) => return app.copies.wrote(&copy.name, clock.now(), Err(trouble)),
    };
    let mut expected: Option<Vec<File>> = None;
    // The first state is there at once.
    let mut changed = changes.next().await;
    while changed {
        let files = changes.files();
        let result = match files {
            Ok(files) => target.write(files.clone(), &mut known).await.map(|()| expected = Some(files)),
            Err(trouble) => Err(trouble),
        };
        let failed = result.is_err();
        app.copies.wrote(&copy.name, clock.now(), result);
        let mut wait = if failed { pause } else { SETTLED };
        pause = if failed { (pause * 2).min(LONGEST) } else { AGAIN };
        // Until something changes it is looked at, or written again.
        changed = loop {
            tokio::select! {
                changed = changes.next() => break changed,
                () = clock.sleep(wait) => {}
            }
            if failed {
                break true;
            }
            if let (Some(url), Some(files)) = (&copy.url, &expected) {
                let seen = outside::look(&app.world.http, url, files).await;
                app.copies.looked(&copy.name, clock.now(), seen);
            }
            wait = LOOK;
        };
    }
}

/// The digest of each file that was written, so that what did not change is not written again.
type Known = BTreeMap<String, String>;

/// Where a copy lies.
enum Target {
    Directory(PathBuf),
    #[cfg(feature = "s3")]
    Bucket(bucket::Bucket),
}

impl Target {
    #[cfg_attr(not(feature = "s3"), expect(unused_variables, reason = "only a bucket asks the world"))]
    fn of(copy: &Publish, world: &World) -> Result<Target, String> {
        match copy.place().map_err(|error| error.to_string())? {
            Place::Directory(directory) => Ok(Target::Directory(directory.to_owned())),
            #[cfg(feature = "s3")]
            Place::Bucket(place) => bucket::Bucket::new(&place, world.http.clone()).map(Target::Bucket),
            #[cfg(not(feature = "s3"))]
            Place::Bucket(_) => Err("bucket: this program was built without the feature s3".to_owned()),
        }
    }

    /// Writes what is new; what a bucket got before a fault stays known.
    async fn write(&self, files: Vec<File>, known: &mut Known) -> Result<(), String> {
        match self {
            // Off the runtime's own threads.
            Target::Directory(directory) => {
                let (directory, taken) = (directory.clone(), std::mem::take(known));
                let written = tokio::task::spawn_blocking(move || directory::write(&directory, &files, taken)).await;
                let now = written.map_err(|_| "writing it ended in a fault of ours; the log has more".to_owned())??;
                *known = now;
                Ok(())
            }
            #[cfg(feature = "s3")]
            Target::Bucket(bucket) => bucket.write(&files, known).await,
        }
    }
}

/// Whether a path can be one of a copy's. An inventory may be somebody else's by now, and must lead nowhere else.
fn is_ours(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    path.split('/').all(part)
}
