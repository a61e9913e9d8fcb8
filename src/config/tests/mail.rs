//! `[[dkim]]` and `[bounces]`.

use super::*;

const AT: &str = "[[provider]]\nname = \"banner\"";

#[test]
fn keys_that_cannot_sign_are_named() {
    let dkim = |keys: &str| sentence(AT, &format!("[[dkim]]\n{keys}\n{AT}"));
    for (keys, words) in [
        (
            "domain = \"Acme.example\"\nselector = \"s\"\nkey_file = \"k\"",
            "`dkim[0].domain`: must be a domain in lower case",
        ),
        ("domain = \"localhost\"\nselector = \"s\"\nkey_file = \"k\"", "`dkim[0].domain`: must be a domain"),
        (
            "domain = \"a.example\"\nselector = \"s_1\"\nkey_file = \"k\"",
            "`dkim[0].selector`: must be letters, digits and hyphens",
        ),
        (
            "domain = \"a.example\"\nselector = \"s\"\nkey_file = \"/nowhere/k\"",
            "`dkim[0].key_file`: /nowhere/k cannot be read",
        ),
        ("domain = \"a.example\"\nselector = \"s\"", "`dkim[0].key_file`: is missing"),
    ] {
        let sentence = dkim(keys);
        assert!(sentence.contains(words), "{words}: {sentence}");
    }
}

#[test]
fn mail_that_comes_back_needs_a_return_path_with_a_token() {
    let mail_from = "mail_from = \"Acme Status <status@acme.example>\"\n";
    let with = |path: &str, bounces: &str| {
        sentence(mail_from, &format!("{mail_from}bounce_address = \"{path}\"\n[bounces]\nlisten = {bounces}\n"))
    };
    let (path, here) = ("b+{token}@acme.example", "\"127.0.0.1:2424\"");
    assert!(with(path, here).starts_with("accepted"));
    for (path, bounces, words) in [
        ("b@acme.example", here, "`bounces.listen`: needs `organisation.bounce_address` with {token}"),
        (path, "\"0.0.0.0:2424\"", "`bounces.listen`: is reachable from other machines; give `peers`"),
        (
            path,
            "\"127.0.0.1:2424\"\nhelp_desk = \"Help <h@x.example>\"",
            "`bounces.help_desk`: must be an address without a name",
        ),
        (
            path,
            "\"127.0.0.1:2424\"\nhelp_desk = \"status@acme.example\"",
            "`bounces.help_desk`: is an address whose mail comes here",
        ),
        (
            path,
            "\"127.0.0.1:2424\"\nhelpdesk = 1",
            "`bounces.helpdesk`: is not a key that exists here; did you mean `help_desk`?",
        ),
    ] {
        let sentence = with(path, bounces);
        assert!(sentence.contains(words), "{words}: {sentence}");
    }
    assert!(with(path, "\"0.0.0.0:2424\"\npeers = [\"192.0.2.1\"]").starts_with("accepted"));
}
