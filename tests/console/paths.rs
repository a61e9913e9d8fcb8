//! Ways through the console besides the plain one: by keyboard alone, and to two groups of people.

use serde_json::json;

use super::{PROVIDERS, argument, assert_clean, recipients};
use crate::{daemon::Site, parts::browser};

#[tokio::test]
async fn everything_on_the_way_works_by_keyboard() {
    let site = Site::new(PROVIDERS, &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("keyboard", argument(&daemon.base)).await;
    assert_eq!(seen["texts"], 4, "a text for each channel");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn two_groups_read_their_own_words_and_nobody_reads_both() {
    let mut people = recipients();
    for (place, person) in people.iter_mut().enumerate() {
        let plan = if place % 5 == 0 { "business" } else { "private" };
        person.attributes.insert("plan".to_owned(), plan.to_owned());
    }
    let site = Site::new(&PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", ""), &people).await;
    let daemon = site.start().await;
    let author = daemon.sign_in("ana@acme.example").await;
    for (name, filter) in
        [("All customers", "locale = \"en\""), ("Business", "plan = \"business\""), ("Private", "plan = \"private\"")]
    {
        author.post("/segments", &json!({ "name": name, "filter": filter })).await;
    }
    let seen = browser::run("variants", argument(&daemon.base)).await;
    assert!(seen["overlap"].as_str().is_some_and(|row| row.contains('5')), "five are in both: {}", seen["overlap"]);
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    let mails = author.deliveries(1, "email").await;
    assert_eq!(mails.len(), people.len(), "everybody is told once");
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn an_update_is_written_and_approved_on_a_phone() {
    let site = Site::new(&PROVIDERS.replace("limits = { per_second = 2, burst = 1 }", ""), &recipients()).await;
    let daemon = site.start().await;
    let seen = browser::run("phone", argument(&daemon.base)).await;
    assert_eq!(seen["texts"], 4, "a text for each channel");
    assert_eq!(seen["small"], json!([]), "a thumb finds everything, and nothing is wider than the phone");
    assert_eq!(seen["faults"], json!([]), "axe-core finds nothing serious");
    assert_clean(&seen, &daemon.base);
    assert!(daemon.stop().await.success());
}
