//! What people type and have not saved yet, so that previews keep up with them. Kept in memory only.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::{compose::content::Content, plan::Measured};

/// Drafts at once that something is kept of; the one looked at longest ago goes.
const MOST: usize = 64;

/// By update and person.
#[derive(Default)]
pub struct Typed {
    of: Mutex<HashMap<(i64, i64), Known>>,
}

struct Known {
    at: Timestamp,
    serial: u64,
    content: Option<Content>,
    numbers: Measured,
}

impl Typed {
    fn of(&self) -> MutexGuard<'_, HashMap<(i64, i64), Known>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the numbers of what is saved: counting people takes longer than reading a text, and typing does not change it.
    /// What was typed while it was saved stays: a frame may be about to show it.
    pub fn measured(&self, update: i64, person: i64, numbers: &Measured, now: Timestamp) {
        let mut of = self.of();
        let (serial, content) = of.remove(&(update, person)).map_or((0, None), |known| (known.serial, known.content));
        of.insert((update, person), Known { at: now, serial, content, numbers: numbers.clone() });
        if of.len() > MOST
            && let Some(oldest) = of.iter().min_by_key(|(_, known)| known.at).map(|(key, _)| *key)
        {
            of.remove(&oldest);
        }
    }

    /// Keeps what somebody typed just now; answers its number and the numbers of what they saved last, if these are known.
    pub fn typed(&self, update: i64, person: i64, content: &Content, now: Timestamp) -> Option<(u64, Measured)> {
        let mut of = self.of();
        let known = of.get_mut(&(update, person))?;
        (known.at, known.serial, known.content) = (now, known.serial + 1, Some(content.clone()));
        Some((known.serial, known.numbers.clone()))
    }

    /// What somebody typed last; None where nothing is known of it any more.
    pub fn content(&self, update: i64, person: i64) -> Option<Content> {
        self.of().get(&(update, person))?.content.clone()
    }
}
