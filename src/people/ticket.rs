//! What somebody holds between the password and the second factor: signed by us, good for five minutes, worth nothing
//! without the factor, and void once their password is another one.

use jiff::{SignedDuration, Timestamp};
use ring::hmac;

use crate::world::{from_millis, hex, millis};

/// How long there is for the second factor.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

fn tag(key: &[u8], person_id: i64, until: i64, password_hash: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hex(hmac::sign(&key, format!("ticket:{person_id}:{until}:{password_hash}").as_bytes()).as_ref())
}

/// A ticket for a person whose password was right.
pub fn write(key: &[u8], person_id: i64, password_hash: &str, now: Timestamp) -> String {
    let until = millis(now + LIFE);
    format!("{person_id}.{until}.{}", tag(key, person_id, until, password_hash))
}

/// Whose ticket it says it is; [`counts`] says whether it is.
pub fn person(ticket: &str) -> Option<i64> {
    ticket.split('.').next()?.parse().ok()
}

/// Whether we wrote it, for this password, and its time is not over.
pub fn counts(key: &[u8], ticket: &str, password_hash: &str, now: Timestamp) -> bool {
    let mut parts = ticket.split('.');
    let (Some(person_id), Some(until), Some(given), None) = (
        parts.next().and_then(|part| part.parse().ok()),
        parts.next().and_then(|part| part.parse().ok()),
        parts.next(),
        parts.next(),
    ) else {
        return false;
    };
    let right = super::credentials::same(given.as_bytes(), tag(key, person_id, until, password_hash).as_bytes());
    right && from_millis(until) > now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_for_its_person_password_and_time_and_nobody_elses() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let ticket = write(b"key", 3, "hash", now);
        assert_eq!(person(&ticket), Some(3));
        assert!(counts(b"key", &ticket, "hash", now));
        assert!(!counts(b"other", &ticket, "hash", now) && !counts(b"key", &ticket, "new hash", now));
        assert!(!counts(b"key", &ticket, "hash", now + SignedDuration::from_mins(5)));
        assert!(!counts(b"key", &ticket.replacen('3', "4", 1), "hash", now));
        for broken in ["", "3", "3.9999999999999", "3.x.y", "3.9999999999999.", "3.1.2.3"] {
            assert!(!counts(b"key", broken, "hash", now), "{broken:?}");
        }
    }
}
