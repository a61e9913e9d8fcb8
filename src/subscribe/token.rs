//! The names and secrets of subscriptions. All are derived by a keyed hash from what is stored, so that none is stored.
//!
//! A customer id names an address without telling it. The link to one's own subscription is that name with a proof; the
//! link of a confirmation, and the code of one, name its request.

use onevoice_channels::contract::Channel;
use subtle::ConstantTimeEq as _;

use super::PREFIX;
use crate::{send::token::keyed, world::hex};

/// Hexadecimal digits of the name, and of the proof.
const HALF: usize = 20;

/// The customer id that an address has as a subscriber.
pub(super) fn customer_id(key: &[u8], channel: Channel, address: &str) -> String {
    let mac = keyed(key, &[b"subscriber", channel.as_str().as_bytes(), address.as_bytes()]);
    format!("{PREFIX}{}", &hex(&mac)[..HALF])
}

/// What stands in the link to somebody's own subscription.
pub(super) fn own(key: &[u8], customer_id: &str) -> String {
    let proof = keyed(key, &[b"subscription", customer_id.as_bytes()]);
    format!("{}{}", customer_id.trim_start_matches(PREFIX), &hex(&proof)[..HALF])
}

/// Whose subscription a link leads to; None for a link that we did not make.
pub(super) fn read_own(key: &[u8], token: &str) -> Option<String> {
    let customer_id = format!("{PREFIX}{}", token.get(..HALF)?);
    same(&own(key, &customer_id), token).then_some(customer_id)
}

/// What stands in the link that confirms a request.
pub(super) fn confirmation(key: &[u8], request: i64, address: &str) -> String {
    format!("{request:010x}{}", &secret(key, b"subscription-link", request, address)[..HALF + 2])
}

/// The number of the request that a link names, which proves nothing yet.
pub(super) fn request_of(token: &str) -> Option<i64> {
    i64::from_str_radix(token.get(..10)?, 16).ok()
}

/// The code that confirms a request: six digits.
pub(super) fn code(key: &[u8], request: i64, address: &str) -> String {
    let mac = keyed(key, &[b"subscription-code", &request.to_be_bytes(), address.as_bytes()]);
    let number = u64::from_be_bytes(mac[..8].try_into().unwrap_or_default());
    format!("{:06}", number % 1_000_000)
}

/// Compares without telling how far two texts are the same.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn secret(key: &[u8], what: &[u8], request: i64, address: &str) -> String {
    hex(&keyed(key, &[what, &request.to_be_bytes(), address.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_link_reads_back_and_any_changed_one_does_not(address in "[a-z]{1,9}@x", flip in 0_usize..40) {
            let id = customer_id(b"key", Channel::Email, &address);
            let token = own(b"key", &id);
            prop_assert_eq!(read_own(b"key", &token), Some(id));
            prop_assert_eq!(read_own(b"other", &token), None);
            let mut forged = token.into_bytes();
            forged[flip] = if forged[flip] == b'0' { b'1' } else { b'0' };
            prop_assert_eq!(read_own(b"key", &String::from_utf8(forged).unwrap()), None);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,50}") {
            prop_assert_eq!(read_own(b"key", &text), None);
            request_of(&text);
        }

        #[test]
        fn a_confirmation_is_of_one_request_and_one_address(request in 0_i64..1 << 40, other in 0_i64..1 << 40) {
            let link = confirmation(b"key", request, "ana@x");
            prop_assert_eq!(request_of(&link), Some(request));
            prop_assert_eq!(link == confirmation(b"key", other, "ana@x"), request == other);
            prop_assert_ne!(&link, &confirmation(b"key", request, "ben@x"));
            prop_assert_ne!(&link, &confirmation(b"other", request, "ana@x"));
            prop_assert_eq!(code(b"key", request, "ana@x").len(), 6);
        }
    }

    #[test]
    fn a_customer_id_tells_channels_apart_and_no_address() {
        let id = customer_id(b"key", Channel::Email, "ana@acme.example");
        assert!(id.starts_with(PREFIX) && !id.contains("ana"));
        assert_ne!(id, customer_id(b"key", Channel::Sms, "ana@acme.example"));
    }
}
