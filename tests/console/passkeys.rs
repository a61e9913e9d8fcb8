//! Passkeys in a real browser, with the authenticator that its developer tools play.

use serde_json::json;

use super::{PROVIDERS, argument, assert_clean, recipients};
use crate::{daemon::Site, parts::browser};

#[tokio::test]
async fn an_approver_makes_a_passkey_signs_in_with_it_and_approves_with_it() {
    let fast = PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", "");
    let site = Site::new(&fast, &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("passkeys", argument(&daemon.base)).await;
    let says = |name: &str, text: &str| {
        assert!(seen[name].as_str().is_some_and(|said| said.contains(text)), "{name} says {text:?}: {}", seen[name]);
    };
    says("elsewhere", "Passkeys belong to the console’s own address");
    says("wrong", "the password is not right");
    says("twice", "has a passkey of yours already");
    says("cancelled", "No passkey was given, and nothing was sent");
    says("rows", "My laptop");
    says("opened", "Ben opened 4 of the 4 texts");
    assert_eq!(seen["codes"], 10);
    assert_eq!(seen["plain"], false, "without scripts there is no button that cannot work");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_eq!(seen["policies"], json!([]), "the policy is kept");
    // One page is opened at the bare address, to be told that passkeys do not belong to it.
    assert_clean(&json!({ "errors": seen["errors"], "origins": [daemon.base] }), &daemon.base);
    assert!(daemon.stop().await.success());
}
