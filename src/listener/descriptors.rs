//! How many files and connections this process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit to what the system allows at most, and says what it is then. Most systems begin low for the sake of
/// programs that use `select`, which this is not.
pub fn raise() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    let low = limit.current;
    limit.current = limit.maximum;
    let reached = if setrlimit(Resource::Nofile, limit).is_ok() { limit.maximum } else { low };
    reached.unwrap_or(u64::MAX)
}
