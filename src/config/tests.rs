//! Broken files, and the sentence for each.

use std::path::Path;

use onevoice_channels::contract::Channel;

use super::*;

const GOOD: &str = r#"data = "data"

[http]
listen = "127.0.0.1:8080"

[organisation]
name = "Acme"
status_url = "https://status.acme.example/"
time_zone = "Europe/London"
locales = ["en", "de"]
mail_from = "Acme Status <status@acme.example>"

[[provider]]
name = "relay"
kind = "smtp"
host = "relay.acme.example"
limits = { per_second = 50 }

[[provider]]
name = "banner"
kind = "banner"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("onevoice.toml"))
}

/// The sentence for the good file with `from` replaced by `to`.
fn sentence(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    match parse(&GOOD.replacen(from, to, 1)) {
        Ok(_) => format!("accepted: {to}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_good_file_is_read_and_what_is_left_out_has_its_default() {
    let config = parse(GOOD).unwrap();
    assert_eq!(config.channels(), [Channel::Email, Channel::Banner]);
    assert_eq!(config.provider[0].name, "relay");
    assert_eq!(config.approval.expires_after_minutes, 240);
    assert_eq!(config.retry.delays, [30, 120, 600, 1800, 7200]);
    assert_eq!(config.organisation.sender_domain(), "acme.example");
    assert_eq!(config.organisation.zone().iana_name(), Some("Europe/London"));
}

#[test]
fn paths_are_relative_to_the_file() {
    let config = Config::parse(GOOD, Path::new("/etc/onevoice/onevoice.toml")).unwrap();
    assert_eq!(config.data, Path::new("/etc/onevoice/data"));

    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("password"), "hunter2\n").unwrap();
    let secret = "host = \"h\"\nusername = \"u\"\npassword = { file = \"password\" }\nca_file = \"ca.pem\"";
    let text = GOOD.replace("host = \"relay.acme.example\"", secret);
    let file = directory.path().join("onevoice.toml");
    std::fs::write(&file, text).unwrap();
    let config = Config::load(&file).unwrap();
    let onevoice_channels::registry::ProviderSettings::Smtp(smtp) = &config.provider[0].settings else { panic!() };
    assert_eq!(smtp.password.as_ref().unwrap().expose(), "hunter2");
    assert_eq!(smtp.ca_file, Some(directory.path().join("ca.pem")));
}

#[test]
fn shapes_that_are_not_met() {
    let data = "data = \"data\"";
    let listen = "listen = \"127.0.0.1:8080\"";
    let host = "host = \"relay.acme.example\"";
    let table = [
        (data, "data = [", ""),
        (data, "", ""),
        (data, "data = 7", ""),
        (data, "data = \"data\"\nprovdier = 1", ""),
        (listen, "lisen = \"127.0.0.1:8080\"", ""),
        (listen, "colour = 1", ""),
        (listen, "listen = \"localhost\"", ""),
        (listen, "max_body = -1", ""),
        (listen, "public_url = \"acme.example\"", ""),
        (listen, "trusted_proxies = [\"proxy\"]", ""),
        (listen, "tls = { certificate = \"c\" }", ""),
        ("name = \"Acme\"", "", ""),
        ("locales = [\"en\", \"de\"]", "locales = \"en\"", ""),
        ("locales = [\"en\", \"de\"]", "locales = [\"en\", 1]", ""),
        ("name = \"relay\"", "", ""),
        ("name = \"relay\"", "name = 1", ""),
        ("kind = \"smtp\"", "", ""),
        ("kind = \"smtp\"", "kind = \"smpt\"", ""),
        (host, "", ""),
        (host, "host = \"h\"\nhots = 1", ""),
        (host, "host = \"h\"\ntls = \"startls\"", ""),
        (host, "host = \"h\"\nport = 70000", ""),
        (host, "host = \"h\"\nusername = \"u\"\npassword = \"hunter2\"", ""),
        ("per_second = 50", "per_secnd = 50", ""),
        ("per_second = 50", "burst = 0", ""),
        ("[[provider]]\nname = \"relay\"", "[provider]\nname = \"relay\"", ""),
    ];
    for (from, to, expected) in table {
        println!("{to:?}\n    => {}", sentence(from, to)); let _ = expected;
    }
}

#[test]
fn values_that_cannot_be() {
    let data = "data = \"data\"";
    let listen = "listen = \"127.0.0.1:8080\"";
    let zone = "time_zone = \"Europe/London\"";
    let locales = "locales = [\"en\", \"de\"]";
    let from = "mail_from = \"Acme Status <status@acme.example>\"";
    let name = "name = \"relay\"";
    let host = "host = \"relay.acme.example\"";
    let banner = "name = \"banner\"";
    let table = [
        (data, "data = \"\"", ""),
        (listen, "listen = \"0.0.0.0:8080\"", ""),
        (listen, "listen = \"[::]:8080\"\npublic_url = \"https://acme.example\"", ""),
        (listen, "public_url = \"http://acme.example\"", ""),
        (listen, "public_url = \"https://acme.example/?a=b\"", ""),
        (listen, "max_body = 1", ""),
        (listen, "[http.tls]\ncertificate = \"no.pem\"\nkey = \"no.pem\"", ""),
        ("name = \"Acme\"", "name = \" \"", ""),
        ("https://status.acme.example/", "ftp://status.acme.example/", ""),
        (zone, "time_zone = \"Europe/Londn\"", ""),
        (zone, "time_zone = \"Here\"", ""),
        (locales, "locales = []", ""),
        (locales, "locales = [\n  \"en\",\n  \"en_GB\",\n]", ""),
        (locales, "locales = [\"en\", \"en\"]", ""),
        (from, "mail_from = \"Acme Status\"", ""),
        (from, "mail_from = \"a@acme.example\"\nreply_to = \"me\"", ""),
        (from, "mail_from = \"a@acme.example\"\nbounce_address = \"Me <me@acme.example>\"", ""),
        ("[http]", "[approval]\nexpires_after_minutes = 0\n[http]", ""),
        ("[http]", "[approval]\ncost_ceiling = -1.0\n[http]", ""),
        ("[http]", "[approval]\nmessages_per_day_ceiling = 0\n[http]", ""),
        ("[http]", "[sms]\nprice_per_part = -0.1\n[http]", ""),
        ("[http]", "[sms]\ncurrency = \"euro\"\n[http]", ""),
        ("[http]", "[sms]\nmax_parts = 99\n[http]", ""),
        ("[http]", "[retry]\ndelays = [30, 0]\n[http]", ""),
        ("[http]", "[retry]\ndelays = [30, 20]\n[http]", ""),
        ("[http]", "[retry]\njitter = 0.6\n[http]", ""),
        ("[http]", "[retry]\njitter = nan\n[http]", ""),
        ("[http]", "[check]\nguarded = [\"Falcon\", \"\"]\n[http]", ""),
        ("[http]", "[check]\nrules = \"nowhere\"\n[http]", ""),
        ("[http]", "[templates]\ndirectory = \"nowhere\"\n[http]", ""),
        ("[http]", "[telemetry]\nlevel = \"inof\"\n[http]", ""),
        ("[http]", "[telemetry]\nlevel = \"onevoice=loud\"\n[http]", ""),
        ("[http]", "[telemetry]\nformat = \"xml\"\n[http]", ""),
        ("[http]", "[telemetry]\nheartbeat_url = \"file:///x\"\n[http]", ""),
        ("[http]", "[telemetry]\nheartbeat_seconds = 0\n[http]", ""),
        (name, "name = \"My Relay\"", ""),
        (banner, "name = \"relay\"", ""),
        (banner, "name = \"one\"\nkind = \"banner\"\n[[provider]]\nname = \"two\"", ""),
        (host, "host = \"https://relay\"", ""),
        (host, "host = \"h\"\nusername = \"u\"", ""),
        (host, "host = \"h\"\npassword = { file = \"/nonexistent\" }", ""),
        (host, "host = \"h\"\ntimeouts = { connect_seconds = 0 }", ""),
        ("per_second = 50", "per_second = 0", ""),
    ];
    for (from, to, expected) in table {
        println!("{to:?}\n    => {}", sentence(from, to)); let _ = expected;
    }
}

#[test]
fn a_file_without_providers_has_its_sentence() {
    let head = &GOOD[..GOOD.find("[[provider]]").unwrap()];
    let missing = parse(head).unwrap_err().to_string();
    assert_eq!(missing, "onevoice.toml: `provider`: is missing: nothing would carry a message; add a [[provider]] table with `name` and `kind`");
    let empty = parse(&format!("provider = []\n{head}")).unwrap_err().to_string();
    assert_eq!(empty, "onevoice.toml line 1: `provider`: is empty: nothing would carry a message; add a [[provider]] table with `name` and `kind`");
    let single = parse(&format!("{head}[provider]\nname = \"relay\"\n")).unwrap_err().to_string();
    assert_eq!(single, "onevoice.toml line 12: `provider`: must be a list of tables; write [[provider]] with double brackets");
}

#[test]
fn a_file_that_is_not_there_or_far_too_long_has_its_sentence() {
    let missing = Config::load(Path::new("/nonexistent/onevoice.toml")).unwrap_err().to_string();
    assert_eq!(missing, "/nonexistent/onevoice.toml: cannot be read: No such file or directory (os error 2)");
    let long = tempfile::NamedTempFile::new().unwrap();
    long.as_file().set_len(LONGEST + 1).unwrap();
    let error = Config::load(long.path()).unwrap_err();
    assert!(error.message.contains("no configuration has more than 1048576"), "{error}");
}
