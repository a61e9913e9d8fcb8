//! Broken files, and the sentence for each.

mod mail;

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
        (data, "data = [", " line 4: this is not TOML: missing comma between array elements, expected `,`"),
        (data, "", r#": `data`: is missing; add `data = "DIRECTORY"` above the first table of the file"#),
        (data, "data = 7", " line 1: `data`: must be a text in quotes"),
        (
            data,
            "data = \"data\"\nprovdier = 1",
            " line 2: `provdier`: is not a key that exists here; did you mean `provider`?",
        ),
        (
            listen,
            "lisen = \"127.0.0.1:8080\"",
            " line 4: `http.lisen`: is not a key that exists here; did you mean `listen`?",
        ),
        (
            listen,
            "colour = 1",
            " line 4: `http.colour`: is not a key that exists here; known are listen, public_url, tls, trusted_proxies, max_body",
        ),
        (
            listen,
            "listen = \"localhost\"",
            r#" line 4: `http.listen`: must be ADDRESS:PORT in quotes, such as "127.0.0.1:8080""#,
        ),
        (listen, "max_body = -1", " line 4: `http.max_body`: must be a whole number, not negative and not too large"),
        (
            listen,
            "public_url = \"acme.example\"",
            r#" line 4: `http.public_url`: is not a URL (relative URL without a base); write it like "https://status.example.com/""#,
        ),
        (
            listen,
            "trusted_proxies = [\"proxy\"]",
            r#" line 4: `http.trusted_proxies[0]`: must be an IP address in quotes, such as "192.0.2.1""#,
        ),
        (
            listen,
            "tls = { certificate = \"c\" }",
            " line 4: `http.tls.key`: is missing; add `key = …` below [http.tls]",
        ),
        ("name = \"Acme\"", "", " line 6: `organisation.name`: is missing; add `name = …` below [organisation]"),
        (
            "locales = [\"en\", \"de\"]",
            "locales = \"en\"",
            " line 10: `organisation.locales`: must be a list in square brackets",
        ),
        (
            "locales = [\"en\", \"de\"]",
            "locales = [\"en\", 1]",
            " line 10: `organisation.locales[1]`: must be a text in quotes",
        ),
        ("name = \"relay\"", "", " line 13: `provider[0].name`: is missing; add `name = …` below [[provider]]"),
        ("name = \"relay\"", "name = 1", " line 14: `provider[0].name`: must be a text in quotes"),
        ("kind = \"smtp\"", "", " line 13: `provider[0].kind`: is missing; add `kind = …` below [[provider]]"),
        (
            "kind = \"smtp\"",
            "kind = \"smpt\"",
            r#" line 15: `provider[0].kind`: "smpt" is not a kind of provider; did you mean `smtp`?"#,
        ),
        (host, "", " line 13: `provider[0].host`: is missing; add `host = …` below [[provider]]"),
        (
            host,
            "host = \"h\"\nhots = 1",
            " line 17: `provider[0].hots`: is not a key that exists here; did you mean `host`?",
        ),
        (
            host,
            "host = \"h\"\ntls = \"startls\"",
            r#" line 17: `provider[0].tls`: "startls" is not a value that exists here; did you mean `starttls`?"#,
        ),
        (host, "host = \"h\"\nport = 70000", " line 17: `provider[0].port`: must be a whole number from 0 to 65535"),
        (
            host,
            "host = \"h\"\nusername = \"u\"\npassword = \"hunter2\"",
            r#" line 18: `provider[0].password`: a secret is not written into the configuration: write { file = "PATH" } or { env = "NAME" }"#,
        ),
        (
            "per_second = 50",
            "per_secnd = 50",
            " line 17: `provider[0].limits.per_secnd`: is not a key that exists here; did you mean `per_second`?",
        ),
        ("per_second = 50", "burst = 0", " line 17: `provider[0].limits.burst`: must be a whole number above 0"),
        (
            "[[provider]]\nname = \"relay\"",
            "[provider]\nname = \"relay\"",
            " line 19: this key, or its table, is there twice; take one out",
        ),
    ];
    for (from, to, expected) in table {
        assert_eq!(sentence(from, to), format!("onevoice.toml{expected}"), "{to}");
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
        (data, "data = \"\"", r#" line 1: `data`: is empty; give the directory for the database: "/var/lib/onevoice""#),
        (
            listen,
            "listen = \"0.0.0.0:8080\"",
            " line 4: `http.listen`: 0.0.0.0:8080 is reachable from other machines; give `http.tls`, or `http.public_url` together with `http.trusted_proxies`",
        ),
        (
            listen,
            "listen = \"[::]:8080\"\npublic_url = \"https://acme.example\"",
            " line 4: `http.listen`: [::]:8080 is reachable from other machines; give `http.tls`, or `http.public_url` together with `http.trusted_proxies`",
        ),
        (
            listen,
            "public_url = \"http://acme.example\"",
            " line 4: `http.public_url`: must begin with https://; only a loopback address may have http://",
        ),
        (
            listen,
            "public_url = \"https://acme.example/?a=b\"",
            " line 4: `http.public_url`: must be scheme, host and path alone, without a query, a fragment or a password",
        ),
        (listen, "max_body = 1", " line 4: `http.max_body`: must be between 1024 (1 KiB) and 67108864 (64 MiB) bytes"),
        (
            listen,
            "[http.tls]\ncertificate = \"no.pem\"\nkey = \"no.pem\"",
            " line 5: `http.tls.certificate`: no.pem: cannot be read as PEM: I/O error: No such file or directory (os error 2)",
        ),
        (
            "name = \"Acme\"",
            "name = \" \"",
            " line 7: `organisation.name`: must be a name on one line, as customers know it",
        ),
        (
            "https://status.acme.example/",
            "ftp://status.acme.example/",
            r#" line 8: `organisation.status_url`: is not a web address; write it like "https://status.example.com/""#,
        ),
        (
            zone,
            "time_zone = \"Europe/Londn\"",
            r#" line 9: `organisation.time_zone`: "Europe/Londn" is not a zone of the IANA database; did you mean "Europe/London"?"#,
        ),
        (
            zone,
            "time_zone = \"Here\"",
            r#" line 9: `organisation.time_zone`: "Here" is not a zone of the IANA database; write it like "Europe/London""#,
        ),
        (
            locales,
            "locales = []",
            r#" line 10: `organisation.locales`: is empty; give at least one language, such as ["en"]"#,
        ),
        (
            locales,
            "locales = [\n  \"en\",\n  \"en_GB\",\n]",
            r#" line 12: `organisation.locales[1]`: "en_GB" is not a language tag; write it like "en", "pt-BR" or "zh-Hant""#,
        ),
        (
            locales,
            "locales = [\"en\", \"en\"]",
            r#" line 10: `organisation.locales[1]`: "en" is there twice; take one out"#,
        ),
        (
            from,
            "mail_from = \"Acme Status\"",
            r#" line 11: `organisation.mail_from`: must be an address, with a name if you like: "Acme Status <status@acme.example>""#,
        ),
        (
            from,
            "mail_from = \"a@acme.example\"\nreply_to = \"me\"",
            r#" line 12: `organisation.reply_to`: must be an address without a name, such as "support@acme.example""#,
        ),
        (
            from,
            "mail_from = \"a@acme.example\"\nbounce_address = \"Me <me@acme.example>\"",
            r#" line 12: `organisation.bounce_address`: must be an address without a name, such as "support@acme.example""#,
        ),
        (
            "[http]",
            "[approval]\nexpires_after_minutes = 0\n[http]",
            " line 4: `approval.expires_after_minutes`: must be between 1 and 10080 minutes (a week)",
        ),
        (
            "[http]",
            "[approval]\ncost_ceiling = -1.0\n[http]",
            " line 4: `approval.cost_ceiling`: must be 0 or more; leave it out for no ceiling",
        ),
        (
            "[http]",
            "[approval]\nmessages_per_day_ceiling = 0\n[http]",
            " line 4: `approval.messages_per_day_ceiling`: must be 1 or more",
        ),
        ("[http]", "[sms]\nprice_per_part = -0.1\n[http]", " line 4: `sms.price_per_part`: must be 0 or more"),
        (
            "[http]",
            "[sms]\ncurrency = \"euro\"\n[http]",
            r#" line 4: `sms.currency`: must be three capital letters (ISO 4217), such as "EUR""#,
        ),
        (
            "[http]",
            "[sms]\ndefault_country = \"Austria\"\n[http]",
            r#" line 4: `sms.default_country`: "Austria" is no country; give its two capital letters (ISO 3166-1), such as "AT""#,
        ),
        (
            "[http]",
            "[sms.prices]\nAustria = 0.1\n[http]",
            r#" line 4: `sms.prices.Austria`: is no country and no prefix; write AT, or the first digits of numbers, "+431""#,
        ),
        ("[http]", "[sms]\nprices = { AT = -0.1 }\n[http]", " line 4: `sms.prices.AT`: must be 0 or more"),
        ("[http]", "[sms]\nmax_parts = 99\n[http]", " line 4: `sms.max_parts`: must be between 1 and 10"),
        (
            "[http]",
            "[retry]\ndelays = [30, 0]\n[http]",
            " line 4: `retry.delays[1]`: must be between 1 and 604800 seconds (a week)",
        ),
        (
            "[http]",
            "[retry]\ndelays = [30, 20]\n[http]",
            " line 4: `retry.delays[1]`: is shorter than the delay before it; put the delays in order, the shortest first",
        ),
        ("[http]", "[retry]\njitter = 0.6\n[http]", " line 4: `retry.jitter`: must be between 0 and 0.5"),
        ("[http]", "[retry]\njitter = nan\n[http]", " line 4: `retry.jitter`: must be between 0 and 0.5"),
        (
            "[http]",
            "[check]\nguarded = [\"Falcon\", \"\"]\n[http]",
            " line 4: `check.guarded[1]`: is empty; take it out",
        ),
        (
            "[http]",
            "[check]\nrules = \"nowhere\"\n[http]",
            " line 4: `check.rules`: nowhere is not a directory; make it, or leave this key out",
        ),
        (
            "[http]",
            "[templates]\ndirectory = \"nowhere\"\n[http]",
            " line 4: `templates.directory`: nowhere is not a directory; make it, or leave this key out",
        ),
        (
            "[http]",
            "[telemetry]\nlevel = \"inof\"\n[http]",
            r#" line 4: `telemetry.level`: must be off, error, warn, info, debug or trace, or a list such as "info,onevoice=debug""#,
        ),
        (
            "[http]",
            "[telemetry]\nlevel = \"onevoice=loud\"\n[http]",
            r#" line 4: `telemetry.level`: must be off, error, warn, info, debug or trace, or a list such as "info,onevoice=debug""#,
        ),
        (
            "[http]",
            "[telemetry]\nformat = \"xml\"\n[http]",
            r#" line 4: `telemetry.format`: "xml" is not a value that exists here; known are human, json"#,
        ),
        (
            "[http]",
            "[telemetry]\nheartbeat_url = \"file:///x\"\n[http]",
            r#" line 4: `telemetry.heartbeat_url`: is not a web address; write it like "https://status.example.com/""#,
        ),
        (
            "[http]",
            "[telemetry]\nheartbeat_seconds = 0\n[http]",
            " line 4: `telemetry.heartbeat_seconds`: must be between 1 and 86400 seconds (a day)",
        ),
        (
            name,
            "name = \"My Relay\"",
            " line 14: `provider[0].name`: must be 1 to 40 lower-case letters, digits and hyphens, and not begin with a hyphen",
        ),
        (
            banner,
            "name = \"relay\"",
            r#" line 20: `provider[1].name`: "relay" is the name of another provider too; names are unique"#,
        ),
        (
            banner,
            "name = \"one\"\nkind = \"banner\"\n[[provider]]\nname = \"two\"",
            " line 24: `provider[2].kind`: there is a provider of banner already, and only one can be; take one out",
        ),
        (
            banner,
            "name = \"trial\"\nkind = \"outbox\"\nchannel = \"email\"\n[[provider]]\nname = \"banner\"",
            r#" line 21: `provider[1].kind`: an outbox sends nothing, and beside "relay" it would take a part of the email messages; take one out"#,
        ),
        (
            host,
            "host = \"https://relay\"",
            " line 16: `provider[0].host`: must be a name or an address, without scheme and port",
        ),
        (host, "host = \"h\"\nusername = \"u\"", " line 13: `provider[0].password`: is missing beside username"),
        (
            host,
            "host = \"h\"\npassword = { file = \"/nonexistent\" }",
            " line 17: `provider[0].password`: the secret file /nonexistent cannot be read: No such file or directory (os error 2)",
        ),
        (
            host,
            "host = \"h\"\ntimeouts = { connect_seconds = 0 }",
            " line 17: `provider[0].timeouts.connect_seconds`: must be above 0 and at most 3600 seconds",
        ),
        (
            "per_second = 50",
            "per_second = 0",
            " line 17: `provider[0].limits.per_second`: must be above 0; leave it out for the provider's own limit",
        ),
        (
            "per_second = 50",
            "domains = { \"Gmail.com\" = { per_second = 1 } }",
            " line 17: `provider[0].limits.domains.Gmail.com`: must be a domain in lower case, such as \"gmail.com\", without @",
        ),
        (
            "per_second = 50",
            "domains = { \"gmail.com\" = { per_second = 0 } }",
            " line 17: `provider[0].limits.domains.gmail.com.per_second`: must be above 0; leave it out for what every domain has",
        ),
        (
            "kind = \"banner\"",
            "kind = \"banner\"\nlimits = { per_domain_connections = 1 }",
            " line 22: `provider[1].limits.per_domain_connections`: is for mail, and this carries none; take it out",
        ),
        (host, "host = \"h\"\nweight = 0", " line 17: `provider[0].weight`: must be a whole number above 0"),
        (
            banner,
            "name = \"banner\"\npriority = 2",
            " line 21: `provider[1].priority`: is for providers that share the people of a channel; this one posts what is its own; take it out",
        ),
        (
            "[[provider]]\nname = \"relay\"",
            "[pace]\nper_second = 0\n[[provider]]\nname = \"relay\"",
            " line 14: `pace.per_second`: must be above 0; leave it out for no limit over all",
        ),
        (
            "[[provider]]\nname = \"relay\"",
            "[pace]\nsenders = { \"status@acme.exmaple\" = { per_second = 1 } }\n[[provider]]\nname = \"relay\"",
            " line 14: `pace.senders.status@acme.exmaple`: no provider sends as \"status@acme.exmaple\"; did you mean `status@acme.example`?",
        ),
    ];
    for (from, to, expected) in table {
        assert_eq!(sentence(from, to), format!("onevoice.toml{expected}"), "{to}");
    }
}

#[test]
fn a_file_without_providers_has_its_sentence() {
    let head = &GOOD[..GOOD.find("[[provider]]").unwrap()];
    let missing = parse(head).unwrap_err().to_string();
    assert_eq!(
        missing,
        "onevoice.toml: `provider`: is missing: nothing would carry a message; add a [[provider]] table with `name` and `kind`"
    );
    let empty = parse(&format!("provider = []\n{head}")).unwrap_err().to_string();
    assert_eq!(
        empty,
        "onevoice.toml line 1: `provider`: is empty: nothing would carry a message; add a [[provider]] table with `name` and `kind`"
    );
    let single = parse(&format!("{head}[provider]\nname = \"relay\"\n")).unwrap_err().to_string();
    assert_eq!(
        single,
        "onevoice.toml line 13: `provider`: must be a list of tables; write [[provider]] with double brackets"
    );
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
