//! The annotated example that operators start from.

/// `config/example.toml`: every key with its unit and default.
pub const EXAMPLE: &str = include_str!("../../config/example.toml");

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use onevoice_channels::{contract::Channel, registry::KINDS};
    use serde_json::Value;

    use super::*;
    use crate::config::{Config, generated::schema};

    /// A directory with every file that the example names; `CARGO_PKG_NAME` stands for its environment variable.
    fn read(text: &str) -> Config {
        let directory = tempfile::tempdir().unwrap();
        for name in ["secrets", "rules", "templates", "console", "tls", "mirror"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let secret = |name: &str| match name {
            "slack" | "slack-support" | "teams" | "webhook" | "tickets-url" => {
                "https://hooks.example/a-secret-of-more-than-sixteen-bytes\n"
            }
            "webhook-key" | "tickets-key" => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
            _ => "a-secret-of-more-than-sixteen-bytes\n",
        };
        for name in EXAMPLE.split("\"secrets/").skip(1).filter_map(|rest| rest.split('"').next()) {
            fs::write(directory.path().join("secrets").join(name), secret(name)).unwrap();
        }
        let key = directory.path().join("secrets/dkim.pem");
        fs::write(&key, crate::dkim::tests::ED25519).unwrap();
        fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
        for (from, to) in [("localhost.crt", "status.crt"), ("localhost.key", "status.key")] {
            fs::copy(fixtures.join(from), directory.path().join("tls").join(to)).unwrap();
        }
        let text = text.replace("ONEVOICE_BLUESKY", "CARGO_PKG_NAME");
        Config::parse(&text, &directory.path().join("example.toml")).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The example with every key that may be left out.
    fn with_everything() -> String {
        let uncommented = |line: &'static str| match line.strip_prefix('#') {
            Some(key) if key.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => key,
            _ => line,
        };
        EXAMPLE.lines().map(uncommented).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn it_can_be_used_as_it_is_and_with_every_key() {
        assert_eq!(read(EXAMPLE).channels(), Channel::ALL);
        let config = read(&with_everything());
        let kinds: Vec<&str> = config.provider.iter().map(|entry| entry.settings.kind()).collect();
        for kind in KINDS {
            assert!(kinds.contains(kind), "{kind}");
        }
    }

    #[test]
    fn every_key_of_the_schema_is_in_it() {
        let text = with_everything();
        let mut keys = Vec::new();
        collect_keys(&schema(), &mut keys);
        assert!(keys.len() > 60, "{keys:?}");
        for key in keys {
            let table = |line: &str| {
                let name = line.trim_start_matches('[').trim_end_matches(']');
                line.starts_with('[') && name.rsplit('.').next() == Some(key.as_str())
            };
            let is_table = text.lines().any(table);
            assert!(is_table || text.contains(&format!("{key} = ")), "{key} is not in config/example.toml");
        }
    }

    fn collect_keys(schema: &Value, keys: &mut Vec<String>) {
        match schema {
            Value::Object(parts) => {
                if let Some(Value::Object(properties)) = parts.get("properties") {
                    keys.extend(properties.keys().cloned());
                }
                parts.values().for_each(|part| collect_keys(part, keys));
            }
            Value::Array(parts) => parts.iter().for_each(|part| collect_keys(part, keys)),
            _ => {}
        }
    }
}
