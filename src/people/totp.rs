//! Codes from a phone: time-based one-time passwords, RFC 6238, with the values that every authenticator app takes
//! (SHA-1, 30 seconds, six digits).

use jiff::Timestamp;
use ring::hmac;

/// Seconds that a code lives.
const STEP: i64 = 30;
/// Octets of a secret: as many as the hash has (RFC 4226, section 4, R6).
pub const SECRET: usize = 20;

/// The time step of a moment.
pub fn step_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP)
}

/// The code of a time step (RFC 4226, section 5.3).
pub fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let hash = tag.as_ref();
    let at = usize::from(hash[hash.len() - 1] & 15);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The step that a code belongs to: the one at `now`, or its neighbours, because clocks differ. Steps up to `last` were
/// taken before and do not count again.
pub fn matching(secret: &[u8], given: &str, now: Timestamp, last: i64) -> Option<i64> {
    let here = step_of(now);
    let same = |step: &i64| super::credentials::same(code(secret, *step).as_bytes(), given.as_bytes());
    [here, here - 1, here + 1].into_iter().find(|step| *step > last && same(step))
}

/// RFC 4648 base32 without padding: how secrets are typed.
pub fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut text, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xfff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(DIGITS[(held >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(DIGITS[(held << (5 - bits) & 31) as usize]));
    }
    text
}

/// What a phone's camera reads: the key URI that authenticator apps share.
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let escaped = |text: &str| {
        let octet = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(octet).collect::<String>()
    };
    let issuer = escaped(issuer);
    format!("otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}", escaped(account), base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        let known = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, expected) in known {
            assert_eq!(code(KEY, step_of(Timestamp::from_second(second).unwrap())), expected, "{second}");
        }
    }

    #[test]
    fn a_neighbouring_step_counts_a_farther_one_does_not_and_none_counts_twice() {
        let now = Timestamp::from_second(1_234_567_890).unwrap();
        let here = step_of(now);
        for (step, counts) in [(here - 2, false), (here - 1, true), (here, true), (here + 1, true), (here + 2, false)] {
            assert_eq!(matching(KEY, &code(KEY, step), now, 0).is_some(), counts, "{}", step - here);
        }
        assert_eq!(matching(KEY, &code(KEY, here), now, here), None);
        assert_eq!(matching(KEY, &code(KEY, here + 1), now, here), Some(here + 1));
        assert_eq!(matching(KEY, "", now, 0), None);
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        for (text, expected) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(text.as_bytes()), expected);
        }
    }

    #[test]
    fn the_uri_escapes_what_is_in_a_name() {
        let uri = uri("Acme & Söhne", "ana@acme.example", b"foobar");
        assert_eq!(
            uri,
            "otpauth://totp/Acme%20%26%20S%C3%B6hne:ana%40acme.example?secret=MZXW6YTBOI&issuer=Acme%20%26%20S%C3%B6hne"
        );
    }
}
