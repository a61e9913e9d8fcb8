//! Everything that the public sees, as files: for a copy that stays right when the daemon is gone. A file's name is its
//! address on the live site where that can be, and pages name their neighbours relatively, so a copy may lie anywhere.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::pages::{self, Place};
use super::state::{Changes, PublicState, Published};
use super::{assets, feeds, statuspage};
use crate::world::hex;

/// One file of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it lies under the copy's root, with `/` between folders.
    pub path: String,
    /// What it is served as.
    pub content_type: &'static str,
    /// Its text.
    pub bytes: Bytes,
}

/// The last file of a copy: which files it has.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Inventory {
    /// Their paths.
    pub files: Vec<String>,
}

/// The inventory's path.
pub const INVENTORY: &str = "copy.json";
/// The file that is looked at to see whether a copy is as it should be.
pub const BANNER: &str = "banner/live.json";

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

impl Changes {
    /// The files of what is published now, in the order to write them: what pages need, details before the first page,
    /// the banner after what it leads to, and the inventory.
    ///
    /// # Errors
    /// In words, when a page does not render, which is our mistake.
    pub fn files(&mut self) -> Result<Vec<File>, String> {
        files(&self.seen())
    }
}

impl PublicState {
    /// As [`Changes::files`], of what is published now.
    ///
    /// # Errors
    /// As there.
    pub fn files(&self) -> Result<Vec<File>, String> {
        files(&self.current())
    }
}

impl File {
    fn new(path: impl Into<String>, content_type: &'static str, bytes: impl Into<Bytes>) -> File {
        File { path: path.into(), content_type, bytes: bytes.into() }
    }

    /// How long it may be kept, as the live site says of it (`Cache-Control`).
    pub fn cache_control(&self) -> &'static str {
        assets::kept(&self.path).unwrap_or(super::BRIEFLY)
    }

    /// The SHA-256 of its text, in hexadecimal.
    pub fn digest(&self) -> String {
        digest(&self.bytes)
    }
}

/// The SHA-256 of a text, in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn files(published: &Published) -> Result<Vec<File>, String> {
    let view = &published.view;
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let mut files: Vec<File> = assets::all()
        .into_iter()
        .map(|(name, text, kind)| File::new(name, kind, Bytes::from_static(text.as_bytes())))
        .collect();
    // Under the addresses that messages name: in the default language, for servers that know index.html.
    let plain = [("status/incidents/", "../../../"), ("status/", "../"), ("", "")];
    for place in 0..view.incidents.len() {
        let id = view.incidents[place].id;
        let page =
            |locale, root| pages::incident(view, locale, Place::Copy(root), place).map_err(|error| failed(&error));
        for locale in &view.locales {
            files.push(File::new(format!("{locale}/incidents/{id}.html"), HTML, page(locale, "../../")?));
        }
        let (folder, root) = plain[0];
        files.push(File::new(format!("{folder}{id}/index.html"), HTML, page(&view.default_locale, root)?));
    }
    for locale in &view.locales {
        let history = pages::history(view, locale, Place::Copy("../")).map_err(|error| failed(&error))?;
        files.push(File::new(format!("{locale}/history.html"), HTML, history));
        let now = pages::now(view, locale, Place::Copy("../")).map_err(|error| failed(&error))?;
        files.push(File::new(format!("{locale}/index.html"), HTML, now));
    }
    for (folder, root) in &plain[1..] {
        let now = pages::now(view, &view.default_locale, Place::Copy(root)).map_err(|error| failed(&error))?;
        files.push(File::new(format!("{folder}index.html"), HTML, now));
    }
    for (path, format) in feeds::Format::ALL {
        let feed = feeds::xml(view, format, &view.default_locale).map_err(|error| failed(&error))?;
        files.push(File::new(&path[1..], format.content_type(), feed));
    }
    for (path, resource) in statuspage::Resource::ALL {
        let answer = statuspage::json(view, resource).map_err(|error| failed(&error))?;
        files.push(File::new(&path[1..], JSON, answer));
    }
    files.push(File::new(BANNER, JSON, published.banner.bytes().clone()));
    let inventory = Inventory { files: files.iter().map(|file| file.path.clone()).collect() };
    let inventory = serde_json::to_vec(&inventory).map_err(|error| failed(&error))?;
    files.push(File::new(INVENTORY, JSON, inventory));
    Ok(files)
}
