//! Requests signed for an account (OAuth 1.0a, RFC 5849, section 3.4) with HMAC-SHA-1.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::hmac;

use crate::{contract::Clock, secret::Secret};

/// The keys of an app and of an account that let it in.
pub(super) struct Keys {
    pub(super) consumer_key: Secret,
    pub(super) consumer_secret: Secret,
    pub(super) token: Secret,
    pub(super) token_secret: Secret,
    /// Tells requests of one instant apart.
    pub(super) count: AtomicU64,
}

impl Keys {
    /// The `Authorization` header of a request without a query, whose body is no form.
    pub(super) fn header(&self, method: &str, url: &str, clock: &dyn Clock) -> String {
        let now = clock.now();
        // Unique with its time, which is all that it has to be: a restart has a later one.
        let nonce = format!("{:x}{:x}", now.as_nanosecond(), self.count.fetch_add(1, Ordering::Relaxed));
        let time = now.as_second().to_string();
        let mut parameters = vec![
            ("oauth_consumer_key", self.consumer_key.expose()),
            ("oauth_nonce", &nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &time),
            ("oauth_token", self.token.expose()),
            ("oauth_version", "1.0"),
        ];
        let signature = self.signature(method, url, &parameters);
        parameters.push(("oauth_signature", &signature));
        let shown: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}=\"{}\"", escape(value))).collect();
        format!("OAuth {}", shown.join(", "))
    }

    fn signature(&self, method: &str, url: &str, parameters: &[(&str, &str)]) -> String {
        let mut pairs: Vec<String> =
            parameters.iter().map(|(key, value)| format!("{}={}", escape(key), escape(value))).collect();
        pairs.sort_unstable();
        let base = format!("{method}&{}&{}", escape(url), escape(&pairs.join("&")));
        let key = format!("{}&{}", escape(self.consumer_secret.expose()), escape(self.token_secret.expose()));
        // The standard's own hash; as an HMAC it is not broken.
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
        STANDARD.encode(hmac::sign(&key, base.as_bytes()))
    }
}

/// Section 3.6: only letters, digits and `-._~` stay.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of X's manual, "Creating a signature".
    #[test]
    fn the_signature_is_that_of_the_manual() {
        let secret = |text: &str| Secret::new(text);
        let keys = Keys {
            consumer_key: secret("xvz1evFS4wEEPTGEFPHBog"),
            consumer_secret: secret("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"),
            token: secret("370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
            token_secret: secret("LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"),
            count: AtomicU64::new(0),
        };
        let parameters = [
            ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"),
            ("include_entities", "true"),
            ("oauth_consumer_key", keys.consumer_key.expose()),
            ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "1318622958"),
            ("oauth_token", keys.token.expose()),
            ("oauth_version", "1.0"),
        ];
        let signed = keys.signature("POST", "https://api.twitter.com/1.1/statuses/update.json", &parameters);
        assert_eq!(signed, "hCtSmYh+iHYCEqBWrE7C7hYmtUk=");
    }
}
