//! A copy in a bucket of somebody else's S3, which asks who may do what: it says what is amiss, goes on when that is mended,
//! and shows the last approved word when the daemon is killed and its database is gone.

use serde_json::json;

use super::{HEADLINE, PAGES, people, told};
use crate::{
    daemon::{Client, Site},
    parts::{http, moto::Moto, ready},
};

/// What the daemon says of its copy.
async fn trouble(author: &Client, words: &str) {
    ready::until(words, async || {
        let copy = author.get("/copies").await["items"][0].clone();
        copy["trouble"].as_str().is_some_and(|trouble| trouble.contains(words)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_bucket_says_the_last_word_when_the_daemon_and_its_database_are_gone() {
    let moto = Moto::empty().await;
    let key = moto.ask("user", &json!({ "name": "onevoice" })).await;
    moto.guard(true).await;
    let publish = format!(
        "[[publish]]\nname = \"cloud\"\nbucket = \"acme-status\"\nregion = \"eu-west-1\"\nendpoint = \"{0}\"\n\
         access_key_id = {1}\nsecret_access_key = {{ file = \"s3\" }}\nurl = \"{0}/acme-status/\"\n",
        moto.url, key[0]
    );
    let site = Site::new(&format!("{PAGES}{publish}"), &[]).await;
    let secret = site.folder.path().join("s3");
    std::fs::write(&secret, "the secret of another key").expect("the folder is writable");
    let daemon = site.start().await;
    let (author, approver) = people(&daemon).await;
    trouble(&author, "correct `secret_access_key`").await;
    daemon.kill().await;

    std::fs::write(&secret, key[1].as_str().expect("a secret")).expect("the folder is writable");
    // Sessions outlive the daemon.
    let daemon = site.start().await;
    trouble(&author, "the access key may not do this").await;
    let all = json!([{ "Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::acme-status", "arn:aws:s3:::acme-status/*"] }]);
    moto.guard(false).await;
    moto.ask("allow", &json!({ "name": "onevoice", "statements": all })).await;
    moto.guard(true).await;
    trouble(&author, "there is no such bucket").await;
    // From here on everybody may read it, as of a bucket on the web; whether signatures are right was seen above.
    moto.guard(false).await;
    moto.ask("bucket", &json!({ "name": "acme-status" })).await;
    told(&author, &approver, None, "identified", HEADLINE).await;
    let at = |path: &str| format!("{}/acme-status/{path}", moto.url);
    // The inventory is last: then all of it is there.
    ready::answering(&at("copy.json"), |text| text.contains("status/incidents/1/index.html")).await;
    ready::until("the copy to be written", async || {
        let copy = author.get("/copies").await["items"][0].clone();
        (copy["written_at"].is_string() && copy["trouble"].is_null()).then_some(())
    })
    .await;

    daemon.kill().await;
    std::fs::remove_dir_all(site.folder.path().join("data")).expect("the database was there");

    for (path, kind, kept) in [
        ("index.html", "text/html; charset=utf-8", "max-age=10"),
        ("status/incidents/1/index.html", "text/html; charset=utf-8", "max-age=10"),
        ("feed.atom", "application/atom+xml; charset=utf-8", "max-age=10"),
        ("api/v2/summary.json", "application/json", "max-age=10"),
        ("banner/live.json", "application/json", "max-age=10"),
    ] {
        let answer = http::client().get(at(path)).send().await.expect("moto answers");
        let said = |name: &str| answer.headers()[name].to_str().expect("a plain header").to_owned();
        assert_eq!(said("content-type"), kind, "{path}");
        assert!(said("cache-control").contains(kept), "{path}");
        assert!(answer.text().await.expect("a text").contains(HEADLINE), "{path}");
    }
    let there = moto.ask("objects", &json!({ "name": "acme-status" })).await;
    let inventory: serde_json::Value =
        http::client().get(at("copy.json")).send().await.expect("moto answers").json().await.expect("JSON");
    let mut named: Vec<&str> =
        inventory["files"].as_array().expect("files").iter().filter_map(|path| path.as_str()).collect();
    named.push("copy.json");
    named.sort_unstable();
    assert_eq!(there, json!(named), "nothing else is there");
}
