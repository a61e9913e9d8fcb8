//! A segment written with help in a real browser: what scripts add; and who gets nothing of an update.

use serde_json::json;

use super::{PROVIDERS, argument, assert_clean, recipients};
use crate::{daemon::Site, parts::browser};

#[tokio::test]
async fn a_group_counts_as_it_is_chosen_and_shows_what_keeps_people_out() {
    let mut people = recipients();
    for (n, person) in people.iter_mut().enumerate() {
        let country = if n < 20 { "DE" } else { "AT" };
        person.attributes = [("country".to_owned(), country.to_owned())].into();
        person.tags = if n % 2 == 0 { vec!["vip".to_owned()] } else { Vec::new() };
    }
    let site = Site::new(PROVIDERS, &people).await;
    let daemon = site.start().await;
    let seen = browser::run("segments", argument(&daemon.base)).await;
    let says = |name: &str, text: &str| {
        assert!(seen[name].as_str().is_some_and(|said| said.contains(text)), "{name} says {text:?}: {}", seen[name]);
    };
    says("values", "DE 20 · AT 5");
    says("text", "country = \"DE\"");
    says("tried", "does not hold");
    assert_eq!(seen["typed"], "DE", "what was typed stays in its field");
    says("both", "10 people");
    says("kept", "country = \"DE\" and tag \"vip\"");
    says("nothing", "SMS: no address");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
