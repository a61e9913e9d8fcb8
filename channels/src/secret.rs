//! Secrets in configuration: named by where they lie, read once, never shown.

use std::{borrow::Cow, fmt, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};

/// No credential is longer; a path to a log file by mistake is.
const LONGEST: u64 = 64 * 1024;
const HOW_TO_WRITE: &str =
    "a secret is not written into the configuration: write { file = \"PATH\" } or { env = \"NAME\" }";

/// A secret: read while the configuration is loaded, shown to nobody.
///
/// In configuration it is `{ file = "PATH" }` or `{ env = "NAME" }`. One line end at the end of it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// A secret that came by another way than the configuration.
    pub fn new(value: &str) -> Secret {
        Secret(value.into())
    }

    /// The value, for the one place that hands it to the provider.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn read_file(path: &str) -> Result<Secret, String> {
        let size =
            std::fs::metadata(path).map_err(|error| format!("the secret file {path} cannot be read: {error}"))?;
        if size.len() > LONGEST {
            return Err(format!("the secret file {path} is longer than {LONGEST} bytes"));
        }
        let value =
            std::fs::read_to_string(path).map_err(|error| format!("the secret file {path} cannot be read: {error}"))?;
        Secret::trimmed(&value).ok_or_else(|| format!("the secret file {path} is empty"))
    }

    fn read_env(name: &str) -> Result<Secret, String> {
        let value =
            std::env::var(name).map_err(|_| format!("the environment variable {name} is not set, or not UTF-8"))?;
        Secret::trimmed(&value).ok_or_else(|| format!("the environment variable {name} is empty"))
    }

    fn trimmed(value: &str) -> Option<Secret> {
        let value = value.strip_suffix('\n').map_or(value, |line| line.strip_suffix('\r').unwrap_or(line));
        (!value.is_empty()).then(|| Secret::new(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ file = \"PATH\" } or { env = \"NAME\" }")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
        // serde's own message for a wrong type would quote the string, and with it the secret.
        Err(E::custom(HOW_TO_WRITE))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
        let Some((key, place)) = map.next_entry::<String, String>()? else {
            return Err(de::Error::custom(HOW_TO_WRITE));
        };
        if map.next_key::<String>()?.is_some() {
            return Err(de::Error::custom("a secret has one source: either file or env"));
        }
        match key.as_str() {
            "file" => Secret::read_file(&place),
            "env" => Secret::read_env(&place),
            _ => Err(HOW_TO_WRITE.to_owned()),
        }
        .map_err(de::Error::custom)
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let source = |key: &str, what: &str| {
            json_schema!({
                "type": "object",
                "properties": { key: { "type": "string", "description": what } },
                "required": [key],
                "additionalProperties": false,
            })
        };
        json_schema!({
            "description": "A secret, named by where it lies.",
            "oneOf": [
                source("file", "A file that holds the secret; one line end at its end is dropped."),
                source("env", "An environment variable that holds the secret."),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit;

    #[derive(Debug, Deserialize)]
    struct Config {
        password: Secret,
    }

    #[test]
    fn a_file_is_read_and_loses_one_line_end() {
        let config: Config = toml::from_str(&format!("password = {{ file = {:?} }}", testkit::SECRET_FILE)).unwrap();
        assert_eq!(config.password.expose(), testkit::SECRET);
        assert_eq!(Secret::trimmed("a\r\n").unwrap().expose(), "a");
        assert_eq!(Secret::trimmed("a\n\n").unwrap().expose(), "a\n");
        assert_eq!(Secret::trimmed("\n"), None);
    }

    #[test]
    fn an_environment_variable_is_read() {
        let config: Config = serde_json::from_str(r#"{"password":{"env":"CARGO_PKG_NAME"}}"#).unwrap();
        assert_eq!(config.password.expose(), "onevoice-channels");
    }

    #[test]
    fn a_plain_string_is_refused_with_the_way_to_write_it_and_without_repeating_it() {
        let error = serde_json::from_str::<Config>(r#"{"password":"hunter2"}"#).unwrap_err().to_string();
        assert!(error.contains("{ file = \"PATH\" } or { env = \"NAME\" }"), "{error}");
        assert!(!error.contains("hunter2"));
    }

    #[test]
    fn other_shapes_are_refused() {
        for json in [r#"{}"#, r#"{"file":"/nonexistent/x"}"#, r#"{"env":"ONEVOICE_NOT_SET"}"#, r#"{"value":"x"}"#] {
            assert!(serde_json::from_str::<Secret>(json).is_err(), "{json}");
        }
        let both = format!(r#"{{"file":{:?},"env":"PATH"}}"#, testkit::SECRET_FILE);
        assert!(serde_json::from_str::<Secret>(&both).is_err());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
