//! Tokens: the unguessable names of deliveries that leave the house, in receipt addresses, message ids and
//! unsubscribe links.
//!
//! A token is 16 bytes in hexadecimal: broadcast (5), channel (1), ordinal (4), and 6 bytes of a keyed hash over
//! these. It is known once the claim is committed, without a row of its own, and reads back to its delivery; a forged
//! one is found by guessing 48 bits against a rate-limited door.

use hmac::{Hmac, Mac as _};
use onevoice_channels::contract::{Channel, DeliveryId};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::world::hex;

/// A hash of parts that nobody makes without the key.
pub(crate) fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The token of a delivery.
pub fn mint(key: &[u8], id: DeliveryId) -> String {
    let mut bytes = [0_u8; 16];
    bytes[..5].copy_from_slice(&id.broadcast.to_be_bytes()[3..]);
    bytes[5] = Channel::ALL.iter().position(|known| *known == id.channel).unwrap_or_default() as u8;
    bytes[6..10].copy_from_slice(&id.ordinal.to_be_bytes()[4..]);
    let mac = keyed(key, &[b"delivery", &bytes[..10]]);
    bytes[10..].copy_from_slice(&mac[..6]);
    hex(&bytes)
}

/// The delivery of a token that we minted; None for any other text.
pub fn read(key: &[u8], token: &str) -> Option<DeliveryId> {
    if token.len() != 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()) {
        return None;
    }
    let mut bytes = [0_u8; 16];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(token.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    let mac = keyed(key, &[b"delivery", &bytes[..10]]);
    if !bool::from(mac[..6].ct_eq(&bytes[10..])) {
        return None;
    }
    let mut broadcast = [0_u8; 8];
    broadcast[3..].copy_from_slice(&bytes[..5]);
    let mut ordinal = [0_u8; 8];
    ordinal[4..].copy_from_slice(&bytes[6..10]);
    Some(DeliveryId {
        broadcast: i64::from_be_bytes(broadcast),
        channel: *Channel::ALL.get(usize::from(bytes[5]))?,
        ordinal: i64::from_be_bytes(ordinal),
    })
}

/// The Message-IDs of an incident's mails to an address: the same at every attempt, and computable for the first mail
/// of the incident when a later one replies to it.
pub struct MessageIds<'a> {
    incident: i64,
    mac: String,
    domain: &'a str,
}

impl MessageIds<'_> {
    /// Those of one address.
    pub fn of<'a>(key: &[u8], incident: i64, address: &str, domain: &'a str) -> MessageIds<'a> {
        let mac = keyed(key, &[b"message-id", &incident.to_be_bytes(), address.as_bytes()]);
        MessageIds { incident, mac: hex(&mac[..10]), domain }
    }

    /// One of them, without angle brackets: by the kind of the message and the number of the update.
    pub fn id(&self, message: &str, number: i64) -> String {
        format!("{}.{message}{number}.{}@{}", self.incident, self.mac, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_reads_back_and_any_changed_one_does_not(
            broadcast in 0_i64..1 << 40, channel in 0_usize..6, ordinal in 0_i64..1 << 32, flip in 0_usize..32,
        ) {
            let id = DeliveryId { broadcast, channel: Channel::ALL[channel], ordinal };
            let token = mint(b"key", id);
            prop_assert_eq!(token.len(), 32);
            prop_assert_eq!(read(b"key", &token), Some(id));
            prop_assert_eq!(read(b"other", &token), None);
            let mut forged = token.into_bytes();
            forged[flip] = if forged[flip] == b'0' { b'1' } else { b'0' };
            prop_assert_eq!(read(b"key", &String::from_utf8(forged).unwrap()), None);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            prop_assert_eq!(read(b"key", &text), None);
        }
    }
}
