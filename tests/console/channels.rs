//! Channels in a real browser: what a colleague does there shows by itself.

use super::*;

#[tokio::test]
async fn a_check_shows_on_a_page_that_is_open_already() {
    let site = Site::new(PROVIDERS, &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("channels", argument(&daemon.base)).await;
    assert!(seen["after"].as_str().is_some_and(|text| text.contains("Needs no sign-in.")), "{}", seen["after"]);
    assert_eq!(seen["stays"], true, "what was opened stays open");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
