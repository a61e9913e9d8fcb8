//! What a mail's headers promise, kept: threads, one-click unsubscribing (RFC 8058), a name that stays.

use mail_parser::{Message, MessageParser};
use serde_json::json;

use super::bounces::stage;
use crate::parts::{http, postfix::Postfix};
use crate::site::content;

fn raw(message: &Message<'_>, name: &str) -> String {
    message.header_raw(name.to_owned()).unwrap_or_default().trim().to_owned()
}

#[tokio::test]
async fn an_incident_is_one_thread_and_the_link_in_its_mails_unsubscribes_at_one_click() {
    let postfix = Postfix::start().await;
    let stage = stage(&postfix, &["anna@example.test", "ben@example.test"], false).await;
    let incident = stage.author.get(&format!("/broadcasts/{}", stage.broadcast)).await["incident_id"].as_i64();
    let approver = stage.daemon.sign_in("ben@acme.example").await;
    let again = content("identified", "Card payments fail: the cause is found");
    let (update, submitted) = stage.author.submit(incident.expect("it is of an incident"), again).await;
    let second = approver.approve(update, &submitted).await;
    stage.author.ended(second).await;

    let mails = postfix.mail_for("anna@example.test", 2).await;
    let mut messages: Vec<_> = mails.iter().map(|mail| MessageParser::default().parse(mail).expect("a mail")).collect();
    messages.sort_by_key(|message| message.in_reply_to().as_text().is_some());
    let (first, reply) = (&messages[0], &messages[1]);
    let id = first.message_id().expect("it has a name");
    assert_eq!((reply.in_reply_to().as_text(), reply.references().as_text()), (Some(id), Some(id)));
    assert_ne!(reply.message_id(), Some(id));
    assert_eq!(raw(first, "Feedback-ID"), "update:everyone:en:onevoice");
    assert_eq!(
        (raw(first, "Auto-Submitted").as_str(), raw(first, "List-Id").as_str()),
        ("auto-generated", "<updates.sender.test>")
    );

    assert_eq!(raw(first, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let link = raw(first, "List-Unsubscribe");
    let link = link.strip_prefix('<').and_then(|link| link.strip_suffix('>')).expect("one address");
    let client = http::client();
    let looked = client.get(link).send().await.expect("the daemon answers");
    assert!(looked.status().is_success());
    assert!(stage.suppressed().await.is_empty(), "looking at it changes nothing: scanners do");
    let one_click = |link: String| {
        let form = "List-Unsubscribe=One-Click";
        client.post(link).header("content-type", "application/x-www-form-urlencoded").body(form).send()
    };
    let last = if link.ends_with('0') { "1" } else { "0" };
    let forged = one_click(format!("{}{last}", &link[..link.len() - 1])).await.expect("the daemon answers");
    assert_eq!(forged.status(), 404);
    assert!(stage.suppressed().await.is_empty());
    let done = one_click(link.to_owned()).await.expect("the daemon answers");
    assert_eq!((done.status().as_u16(), done.headers().get("set-cookie")), (200, None), "no redirect, no cookie");
    assert_eq!(stage.suppressed().await, [("anna@example.test".to_owned(), "opted_out".to_owned())]);

    // Undone with a reason; without one it is not.
    let lift = |reason: &str| json!({ "channel": "email", "value": "anna@example.test", "reason": reason });
    assert!(stage.author.try_post("/suppressions/lift", &lift("")).await.is_err());
    stage.author.post("/suppressions/lift", &lift("asked by telephone")).await;
    assert!(stage.suppressed().await.is_empty());
    stage.daemon.stop().await;
}
