//! `[staff]`: where the staff sheet goes by mail. Chat rooms are providers with `audience = "staff"`.

use lettre::Address;
use onevoice_channels::registry::SettingsError;
use schemars::JsonSchema;
use serde::Deserialize;

/// The most addresses: more people than this read a list of their own.
const MOST: usize = 20;

/// Where the staff sheet goes by mail.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Staff {
    /// Colleagues' addresses, a team's list rather than one person's: `["support@acme.example"]`. Nobody unsubscribes there.
    pub mail: Vec<String>,
}

/// Who reads what a provider carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Readers {
    /// Customers.
    #[default]
    Customers,
    /// Colleagues: the room gets staff sheets and nothing else.
    Staff,
}

impl Staff {
    /// Checks the addresses; `mailed` is true where a provider of email is configured.
    pub(super) fn validate(&self, mailed: bool) -> Result<(), SettingsError> {
        if self.mail.len() > MOST {
            return Err(SettingsError::new(
                "mail",
                format!("has more than {MOST} addresses; give a team's list instead"),
            ));
        }
        for (place, address) in self.mail.iter().enumerate() {
            let wrong = |message: &str| Err(SettingsError::new(&format!("mail[{place}]"), message));
            if address.parse::<Address>().is_err() {
                return wrong("must be an address without a name, such as \"support@acme.example\"");
            }
            if self.mail[..place].iter().any(|known| known.eq_ignore_ascii_case(address)) {
                return wrong("is there twice; take one out");
            }
        }
        if !mailed && !self.mail.is_empty() {
            let message = "needs a provider of email; add a [[provider]] of kind \"smtp\", or take the addresses out";
            return Err(SettingsError::new("mail", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_mailed_is_refused_with_its_key() {
        let read =
            |text: &str, mailed| toml::from_str::<Staff>(text).unwrap().validate(mailed).map_err(|error| error.key);
        let many: Vec<String> = (0..21).map(|n| format!("\"a{n}@b.example\"")).collect();
        for (text, mailed, key) in [
            ("mail = [\"a@b.example\", \"Ana <ana@b.example>\"]", true, "mail[1]"),
            ("mail = [\"a@b.example\", \"A@b.example\"]", true, "mail[1]"),
            ("mail = [\"a@b.example\"]", false, "mail"),
            (&format!("mail = [{}]", many.join(",")), true, "mail"),
        ] {
            assert_eq!(read(text, mailed), Err(key.to_owned()), "{text}");
        }
        assert_eq!(read("mail = [\"a@b.example\"]", true), Ok(()));
        assert_eq!(read("", false), Ok(()));
        assert!(toml::from_str::<Staff>("mails = []").is_err());
    }
}
