//! One approved message on every channel, on real servers: Postfix, Kannel, a Bluesky PDS, a Mastodon simulator, the
//! banner and the status page.

use serde_json::{Value, json};

use super::{Site, content, person};
use crate::{
    parts::{http, kannel::Kannel, pds::Pds, postfix::Postfix, ready},
    simulators::mastodon::{self, Mastodon},
};

/// Keeps a secret in a file, and gives what the configuration says of it.
fn secret(site: &Site, name: &str, value: &str) -> String {
    let path = site.folder.path().join(name);
    std::fs::write(&path, value).expect("the folder is writable");
    format!("{{ file = {:?} }}", path)
}

fn header(mail: &[u8], name: &str) -> Option<String> {
    let parsed = mail_parser::MessageParser::default().parse(mail)?;
    parsed.header_raw(name).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn one_message_reaches_every_channel_in_order_and_is_accounted_for() {
    let postfix = Postfix::start().await;
    let pds = Pds::start().await;
    let account = pds.create_account("acme-status").await;
    let mastodon = Mastodon::start().await;
    let people = [
        person("c1", "Mária Jensen", Some("user@example.test"), Some("+447700900001")),
        person("c2", "Ben", Some("nobody-here@example.test"), None),
    ];
    let site = Site::new("", &[]).await;
    let kannel = Kannel::start(&format!("http://127.0.0.1:{}/mo", site.port)).await;
    let (user, password) = crate::parts::kannel::LOGIN;
    let providers = format!(
        r#"
[staff]
mail = ["anna@example.test"]

[[provider]]
name = "relay"
kind = "smtp"
host = "localhost"
port = {smtp}
tls = "starttls"
ca_file = {ca:?}

[[provider]]
name = "texts"
kind = "sms-http"
preset = "kannel"
url = "http://127.0.0.1:{sms}/cgi-bin/sendsms"
username = "{user}"
password = {sms_password}
from = "Acme"
receipts = {{ secret = {receipts} }}

[[provider]]
name = "fediverse"
kind = "mastodon"
base_url = "{mastodon}"
access_token = {token}

[[provider]]
name = "skies"
kind = "bluesky"
service = "{pds}"
identifier = "{handle}"
app_password = {app_password}

[[provider]]
name = "banner"
kind = "banner"

[[provider]]
name = "status-page"
kind = "status-page"
"#,
        smtp = postfix.must_tls_port,
        ca = postfix.authority,
        sms = kannel.port,
        sms_password = secret(&site, "sms", password),
        receipts = secret(&site, "receipts", "0123456789abcdef0123456789abcdef"),
        mastodon = mastodon.url(),
        token = secret(&site, "mastodon", mastodon::TOKEN),
        pds = pds.url,
        handle = account.handle,
        app_password = secret(&site, "bluesky", &account.app_password),
    );
    site.configure(&providers);
    seed(&site, &people).await;
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);

    let incident = author.incident().await;
    let mut told = content("identified", "Card payments are failing");
    told["staff"] = json!({ "en": { "phone": "We know, and we are working on it." } });
    let (update, submitted) = author.submit(incident, told).await;
    assert_eq!(submitted["people"], 2);
    let refused = author
        .try_post(
            &format!("/updates/{update}/approve"),
            &json!({ "digest": submitted["digest"], "recipients": 2, "password": super::PASSWORD }),
        )
        .await;
    assert_eq!(refused.err().map(|refused| refused.status), Some(403), "an author approves nothing");
    let first = approver.approve(update, &submitted).await;
    let ended = author.ended(first).await;
    assert_eq!(ended["state"], "completed", "{ended}");

    // The mail, over TLS (this port takes nothing else), in its two parts.
    let mails = postfix.mail_for("user@example.test", 1).await;
    let mail = mail_parser::MessageParser::default().parse(&mails[0]).unwrap();
    assert_eq!(mail.subject(), Some("Card payments are failing"));
    assert!(mail.body_text(0).unwrap().contains("Hello Mária Jensen,"));
    assert!(mail.body_html(0).unwrap().contains("one card payment in five"));
    let first_id = header(&mails[0], "Message-ID").unwrap();

    // Colleagues read the same, and what is theirs alone, from which nobody unsubscribes.
    let mails = postfix.mail_for("anna@example.test", 1).await;
    let sheet = mail_parser::MessageParser::default().parse(&mails[0]).unwrap();
    assert_eq!(sheet.subject(), Some("For colleagues: Card payments are failing"));
    let read = sheet.body_text(0).unwrap();
    assert!(read.contains("one card payment in five") && read.contains("We know, and we are working on it."), "{read}");
    assert!(
        header(&mails[0], "List-Unsubscribe").is_none() && !mail.body_text(0).unwrap().contains("We know, and we are")
    );

    // The text, and its receipt.
    let parts = kannel.wait_for_parts(1).await;
    assert!(parts.iter().map(|part| part.text.as_str()).collect::<String>().contains("Card payments are failing"));
    ready::until("the receipt to mark it delivered", async || {
        let texts = author.deliveries(first, "sms").await;
        (texts["+447700900001"]["state"] == "delivered").then_some(())
    })
    .await;

    // The posts.
    assert_eq!(pds.posts(&account).await.len(), 1);
    assert_eq!(mastodon.statuses().len(), 1);

    // The website.
    let banner: Value =
        http::client().get(format!("{}/banner.json", daemon.base)).send().await.unwrap().json().await.unwrap();
    assert_eq!(banner["banner"]["headline"], "Card payments are failing");
    ready::answering(&format!("{}/", daemon.base), |page| page.contains("Card payments are failing")).await;

    // The second update replies to the first, everywhere.
    let (update, submitted) = author.submit(incident, content("resolved", "Card payments work again")).await;
    let second = approver.approve(update, &submitted).await;
    assert_eq!(author.ended(second).await["state"], "completed");
    let mails = postfix.mail_for("user@example.test", 2).await;
    let reply = mails.iter().find(|mail| header(mail, "Message-ID").as_ref() != Some(&first_id)).unwrap();
    assert_eq!(header(reply, "In-Reply-To"), Some(first_id.clone()));
    assert_eq!(header(reply, "References"), Some(first_id));
    let posts = pds.posts(&account).await;
    let reply = posts.iter().find(|post| post.pointer("/value/reply").is_some()).expect("a reply");
    let root = posts.iter().find(|post| post.pointer("/value/reply").is_none()).expect("a first post");
    assert_eq!(reply.pointer("/value/reply/root/uri"), root.get("uri"));
    let statuses = mastodon.statuses();
    assert_eq!(statuses.len(), 2);
    assert!(daemon.stop().await.success());
}

async fn seed(site: &Site, people: &[onevoice::store::recipients::Recipient]) {
    use onevoice::{store::Store, world::SystemRandom};
    let store = Store::open(&site.database(), &SystemRandom).await.expect("the database opens");
    store.put_recipients(people, 1, super::now()).await.expect("recipients can be added");
    store.close(&SystemRandom).await;
}
