//! How a mail looks, in a browser, once it has come through a mail server.

use mail_parser::MessageParser;
use serde_json::json;

use super::bounces::stage;
use crate::parts::{browser, postfix::Postfix};

#[tokio::test]
async fn a_mail_is_readable_light_dark_and_on_a_phone() {
    let postfix = Postfix::start().await;
    let stage = stage(&postfix, &["anna@example.test"], false).await;
    let mail = postfix.mail_for("anna@example.test", 1).await.remove(0);
    let message = MessageParser::default().parse(&mail).expect("a mail");
    let html = message.body_html(0).expect("it has an HTML part");
    let seen = browser::run("mail", &*html).await;
    assert_eq!(seen["overflow"], json!([0, 0, 0, 0]), "nothing is wider than its window");
    assert_eq!(seen["faults"], json!([]));
    assert_eq!((&seen["errors"], &seen["origins"]), (&json!([]), &json!([])), "it asks nobody for anything");
    assert_eq!((&seen["light"], &seen["dark"]), (&json!("rgb(255, 255, 255)"), &json!("rgb(26, 33, 41)")));
    // The line beside the subject is there to be listed, and not to be seen.
    assert_eq!(seen["preheader"]["height"], 0);
    assert_eq!(seen["preheader"]["text"], "A failed payment is not charged. Transfers work as usual.");
    assert_eq!(seen["bare"], json!({ "card": "rgb(255, 255, 255)", "width": 600 }));
    stage.daemon.stop().await;
}
