//! A second factor, and an update that goes back with a note, in a real browser.

use serde_json::json;

use super::{PROVIDERS, argument, assert_clean, recipients};
use crate::{daemon::Site, parts::browser};

#[tokio::test]
async fn an_approver_signs_in_and_approves_with_a_second_factor_and_sends_back_with_a_note() {
    let fast = PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", "");
    let site = Site::new(&fast, &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("factor", argument(&daemon.base)).await;
    assert_eq!(seen["codes"], 10, "{seen}");
    let panes = seen["flipped"].as_array().expect("the panes that are seen");
    assert!(panes.len() == 1 && panes[0].as_str().is_some_and(|pane| pane.starts_with("No name")), "{panes:?}");
    assert_eq!(seen["quoted"], argument("")["facts"]["headline"], "what was marked is what the note is about");
    assert!(seen["note"].as_str().is_some_and(|note| note.contains("Say which cards.")), "{}", seen["note"]);
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
