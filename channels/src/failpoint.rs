//! Places where a test may end the process as a power cut would, to see what the next start makes of it.
//!
//! They are there where debug assertions are, so in no release build. `ONEVOICE_FAILPOINT=write:3` aborts the process as
//! it passes `write` for the third time.
//!
//! | name | where |
//! |---|---|
//! | `claim` | the intent is written, and not committed |
//! | `intent` | it is committed, and nothing was handed over |
//! | `write` | a mail and its dot were written; a request is about to be |
//! | `reply` | the provider has answered, and nobody was told |
//! | `counter` | outcomes are written, and their counters are not |
//! | `outcome` | outcomes and counters are written, and not committed |
//! | `recorded` | they are committed, and nobody was told |
//! | `release` | deliveries are given back unsent, and that is not committed |
//! | `close` | the broadcast has ended, and that is not committed |
//! | `closed` | that is committed, and nobody was told |
//! | `rescue` | the start has settled what a crash left, and that is not committed |
//! | `rescued` | that is committed, and nothing was sent yet |

/// Ends the process here, if that is what the test wants.
#[cfg(debug_assertions)]
pub fn pass(name: &str) {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };
    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let wanted = WANTED.get_or_init(|| {
        let wanted = std::env::var("ONEVOICE_FAILPOINT").ok()?;
        let (name, nth) = wanted.split_once(':').expect("ONEVOICE_FAILPOINT is name:nth");
        Some((name.to_owned(), nth.parse().expect("ONEVOICE_FAILPOINT is name:nth, and nth a number")))
    });
    if let Some((wanted, nth)) = wanted
        && wanted == name
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *nth
    {
        std::process::abort();
    }
}

/// Nothing: a release has no failpoints.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn pass(_: &str) {}
