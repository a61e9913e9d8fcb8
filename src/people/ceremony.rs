//! Ceremonies with an authenticator that are under way: what was asked of whom, where and what for. Each is answered once,
//! within two minutes, by who was asked, and for just that purpose. They are kept in memory: a restart asks again.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use passki::{AuthenticationState, RegistrationState};

/// How long an answer is waited for.
pub const LIFE: SignedDuration = SignedDuration::from_mins(2);

/// Ceremonies that are open at the same time, at most; one more ends all that are open, and they are begun again.
const MOST: usize = 10_000;

/// What an answer counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new passkey.
    Register,
    /// The second step of a sign-in.
    SignIn,
    /// A change of one's own factors.
    Change,
    /// The approval of what has this digest.
    Approve(String),
}

/// What the library has to remember until the answer.
pub(super) enum State {
    /// For a new passkey.
    Register(RegistrationState),
    /// For the use of one.
    Prove(AuthenticationState),
}

struct Open {
    person_id: i64,
    purpose: Purpose,
    until: Timestamp,
    state: State,
}

/// The ceremonies under way, one for each holder: a session, or the ticket of a sign-in, by its hash.
#[derive(Default)]
pub struct Ceremonies {
    open: Mutex<HashMap<Vec<u8>, Open>>,
}

impl Ceremonies {
    fn open(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens one; it takes the place of the holder's last.
    pub(super) fn begin(&self, holder: &[u8], person_id: i64, purpose: Purpose, state: State, now: Timestamp) {
        let mut open = self.open();
        open.retain(|_, ceremony| ceremony.until > now);
        if open.len() >= MOST {
            open.clear();
        }
        open.insert(holder.to_vec(), Open { person_id, purpose, until: now + LIFE, state });
    }

    /// Ends the holder's, and gives what it remembers if it is this person's, for this purpose, and not over.
    pub(super) fn take(&self, holder: &[u8], person_id: i64, purpose: &Purpose, now: Timestamp) -> Option<State> {
        let open = self.open().remove(holder)?;
        (open.person_id == person_id && open.purpose == *purpose && open.until > now).then_some(open.state)
    }
}
