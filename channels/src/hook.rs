//! Webhooks whose address is the credential: whoever has it may post.

use url::Url;

use crate::{detail::Scrubber, endpoint::Endpoint, registry::SettingsError, secret::Secret};

/// Shorter parts of an address are words such as `services`.
const SHORTEST: usize = 8;

/// The address of a webhook.
pub(crate) struct Hook {
    pub(crate) url: Url,
    /// Knows every part of the address that could be the secret one.
    pub(crate) scrubber: Scrubber,
}

impl Hook {
    /// Reads the address that a secret holds.
    ///
    /// # Errors
    /// Names the key, and never repeats the address.
    pub(crate) fn read(key: &str, secret: &Secret, allow_cleartext: bool) -> Result<Hook, SettingsError> {
        let url: Url = secret.expose().trim().parse().map_err(|_| {
            SettingsError::new(key, "must hold the webhook's whole address, which begins with https://")
        })?;
        Endpoint::from(url.clone()).require_https(key, allow_cleartext)?;
        let values: Vec<String> = url.query_pairs().map(|(_, value)| value.into_owned()).collect();
        let segments = url.path().split('/').map(str::to_owned);
        let parts = segments.chain(values).filter(|part| part.len() >= SHORTEST);
        let hidden: Vec<Secret> = [url.as_str(), url.path()]
            .into_iter()
            .map(str::to_owned)
            .chain(parts)
            .map(|part| Secret::new(&part))
            .collect();
        Ok(Hook { scrubber: Scrubber::new(&hidden), url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_the_address_is_repeated() {
        let secret = Secret::new("https://hooks.example/services/T0/abcdefghij?sig=klmnopqrst%3D&v=1");
        let hook = Hook::read("webhook_url", &secret, false).unwrap();
        let said = "no abcdefghij and /services/T0/abcdefghij nor klmnopqrst= here";
        assert_eq!(hook.scrubber.clean(said, ""), "no … and … nor … here");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for (text, word) in
            [("hunter2hunter2", "begins with https://"), ("http://hooks.example/hunter2hunter2", "https")]
        {
            let error = Hook::read("webhook_url", &Secret::new(text), false).err().unwrap().to_string();
            assert!(error.starts_with("webhook_url") && error.contains(word), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
