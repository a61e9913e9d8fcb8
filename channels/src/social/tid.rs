//! Record keys that a repeat meets again: valid TIDs (atproto.com/specs/tid) made from a delivery's token and the time
//! at which its broadcast started, instead of from a clock.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// The key of one post of a delivery: 13 characters that sort by broadcast, then by part.
///
/// The microseconds within the second and the ten bits of the clock identifier come from the token: two deliveries of
/// one second share a key once in 900 million.
pub(super) fn tid(token: &str, started_at: Timestamp, part: usize) -> String {
    let hash = Sha256::digest(token.as_bytes());
    let hash = u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]);
    let second = u64::try_from(started_at.as_second()).unwrap_or(0);
    let micros = second * 1_000_000 + hash % 900_000 + part as u64;
    let clock = (hash >> 32) & 0x3ff;
    let value = ((micros << 10) | clock) & (u64::MAX >> 1);
    (0..13).rev().map(|place| char::from(ALPHABET[(value >> (5 * place)) as usize & 31])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_valid_stable_distinct_and_in_order() {
        let at: Timestamp = "2026-03-01T12:00:00.9Z".parse().unwrap();
        let keys: Vec<String> = (0..40).map(|part| tid("0f", at, part)).collect();
        assert_eq!(keys[0], tid("0f", at, 0));
        assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]));
        for key in &keys {
            assert_eq!(key.len(), 13);
            assert!("234567abcdefghij".contains(&key[..1]), "the top bit is 0: {key}");
            assert!(key.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
        assert_ne!(keys[0], tid("10", at, 0), "another delivery");
        assert!(tid("10", "2026-03-01T12:00:01Z".parse().unwrap(), 0) > keys[39], "a later second");
    }
}
