//! What an event of a configuration set says of a mail
//! (docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html).
//!
//! | event | receipt |
//! |---|---|
//! | `Send`, `DeliveryDelay` | accepted |
//! | `Delivery` | delivered |
//! | `Bounce`, `Permanent` | failed: no_such_address; blocked where SES suppressed it itself |
//! | `Bounce`, `Transient` | failed: mailbox_full, bad_content (too large, refused content or attachment), else undelivered |
//! | `Bounce`, `Undetermined` | failed: undelivered |
//! | `Complaint` | complained |
//! | `Reject` (a virus), `Rendering Failure` | failed: bad_content |
//! | any other | nothing |
//!
//! An event names its delivery by our tag; the older feedback notifications, which have none, by the `MessageId`.

use serde_json::Value;

use super::TAG;
use crate::contract::{About, CallbackError, Reason, Receipt, ReceiptWord};

pub(super) fn read(message: &str) -> Result<Vec<Receipt>, CallbackError> {
    let malformed = |why: &str| CallbackError::Malformed(why.to_owned());
    let event: Value = serde_json::from_str(message).map_err(|_| malformed("the event is not JSON"))?;
    let kind = event["eventType"].as_str().or_else(|| event["notificationType"].as_str()).unwrap_or_default();
    let Some(word) = word(kind, &event) else { return Ok(Vec::new()) };
    let mail = &event["mail"];
    let about = match (mail["tags"][TAG][0].as_str(), mail["messageId"].as_str()) {
        (Some(token), _) => About::Token(token.to_owned()),
        (None, Some(id)) => About::Reference(id.to_owned()),
        (None, None) => return Err(malformed("the event names no mail")),
    };
    Ok(vec![Receipt { about, word }])
}

fn word(kind: &str, event: &Value) -> Option<ReceiptWord> {
    Some(match kind {
        "Send" | "DeliveryDelay" => ReceiptWord::Accepted,
        "Delivery" => ReceiptWord::Delivered,
        "Bounce" => ReceiptWord::Failed(bounce(&event["bounce"])),
        "Complaint" => ReceiptWord::Complained,
        "Reject" | "Rendering Failure" => ReceiptWord::Failed(Reason::BadContent),
        _ => return None,
    })
}

fn bounce(bounce: &Value) -> Reason {
    match (bounce["bounceType"].as_str().unwrap_or_default(), bounce["bounceSubType"].as_str().unwrap_or_default()) {
        ("Permanent", "Suppressed" | "OnAccountSuppressionList" | "UnsubscribedRecipient") => Reason::Blocked,
        ("Permanent", _) => Reason::NoSuchAddress,
        ("Transient", "MailboxFull") => Reason::MailboxFull,
        ("Transient", "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => Reason::BadContent,
        _ => Reason::Undelivered,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(event: Value) -> Vec<ReceiptWord> {
        let mut event = event;
        event["mail"] = json!({ "messageId": "0102" });
        read(&event.to_string()).unwrap().into_iter().map(|receipt| receipt.word).collect()
    }

    #[test]
    fn the_table_holds() {
        let bounced = |kind: &str, sub: &str| {
            words(json!({ "eventType": "Bounce", "bounce": { "bounceType": kind, "bounceSubType": sub } }))
        };
        let failed = |reason| vec![ReceiptWord::Failed(reason)];
        assert_eq!(bounced("Permanent", "General"), failed(Reason::NoSuchAddress));
        assert_eq!(bounced("Permanent", "NoEmail"), failed(Reason::NoSuchAddress));
        assert_eq!(bounced("Permanent", "Suppressed"), failed(Reason::Blocked));
        assert_eq!(bounced("Permanent", "OnAccountSuppressionList"), failed(Reason::Blocked));
        assert_eq!(bounced("Transient", "MailboxFull"), failed(Reason::MailboxFull));
        assert_eq!(bounced("Transient", "MessageTooLarge"), failed(Reason::BadContent));
        assert_eq!(bounced("Transient", "General"), failed(Reason::Undelivered));
        assert_eq!(bounced("Undetermined", "Undetermined"), failed(Reason::Undelivered));
        for (kind, word) in [
            ("Send", Some(ReceiptWord::Accepted)),
            ("DeliveryDelay", Some(ReceiptWord::Accepted)),
            ("Delivery", Some(ReceiptWord::Delivered)),
            ("Complaint", Some(ReceiptWord::Complained)),
            ("Reject", Some(ReceiptWord::Failed(Reason::BadContent))),
            ("Open", None),
            ("Click", None),
        ] {
            assert_eq!(words(json!({ "eventType": kind })), Vec::from_iter(word), "{kind}");
        }
    }

    #[test]
    fn a_notification_without_tags_names_the_mail_by_its_reference() {
        let event = json!({ "notificationType": "Delivery", "mail": { "messageId": "0102" } });
        assert_eq!(read(&event.to_string()).unwrap()[0].about, About::Reference("0102".to_owned()));
        assert!(matches!(read(r#"{"eventType":"Delivery"}"#), Err(CallbackError::Malformed(_))));
        assert!(matches!(read("Successfully validated SNS topic"), Err(CallbackError::Malformed(_))));
    }
}
