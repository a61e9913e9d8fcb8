//! What people write back, over a real gateway and over SMPP: STOP is acted on and answered, and the next update leaves them
//! out.

use onevoice::store::recipients::Recipient;
use serde_json::json;

use super::{Site, content, person};
use crate::{
    parts::{
        kannel::{Kannel, LOGIN},
        ready,
        smsc::{self, Smsc},
    },
    simulators::relay::Relay,
};

const SECRET: &str = "whoever-replies-knows-this";

fn people() -> Vec<Recipient> {
    ["+4915123456781", "+4915123456782"].map(|number| person(&number[1..], "Maria", None, Some(number))).into()
}

fn keep(site: &Site, name: &str, secret: &str) {
    std::fs::write(site.folder.path().join(name), secret).expect("the folder is writable");
}

#[tokio::test]
async fn a_stop_over_kannel_suppresses_is_answered_and_leaves_the_number_out_of_the_next_update() {
    let site = Site::new("", &people()).await;
    let door = format!("http://127.0.0.1:{}/receipts/kannel?reply={SECRET}", site.port);
    let mut kannel = Kannel::start_with(&door, &door).await;
    keep(&site, "replies", SECRET);
    keep(&site, "password", LOGIN.1);
    site.configure(&format!(
        "[[provider]]\nname = \"kannel\"\nkind = \"sms-http\"\npreset = \"kannel\"\nurl = \"http://127.0.0.1:{}/cgi-bin/sendsms\"\n\
         username = \"{}\"\npassword = {{ file = \"password\" }}\nfrom = \"12345\"\nreplies = {{ secret = {{ file = \"replies\" }} }}\n",
        kannel.port, LOGIN.0
    ));
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    author.ended(approver.approve(update, &submitted).await).await;
    let to_first = |kannel: &Kannel| kannel.parts().iter().filter(|part| part.to.ends_with("781")).count();
    let before = to_first(&kannel);
    assert!(before > 0);

    kannel.customer_writes("4915123456781", "12345", "Stop!").await;
    let path = format!("/incidents/{incident}/replies");
    let kept = ready::until("the reply to be kept and answered", async || {
        let kept = author.get(&path).await["items"][0].clone();
        (kept["answer"] == "sent").then_some(kept)
    })
    .await;
    assert_eq!(kept["word"], "stop");
    assert_eq!(
        (kept["from"].as_str(), kept["to"].as_str(), kept["text"].as_str()),
        (Some("+4915123456781"), Some("12345"), Some("Stop!"))
    );
    let parts = ready::until("the answer at the network", async || {
        Some(kannel.parts()).filter(|parts| parts.iter().any(|part| part.text.contains("no more texts")))
    })
    .await;
    assert_eq!(
        parts
            .iter()
            .filter(|part| part.text.contains("no more texts"))
            .map(|part| part.to.as_str())
            .collect::<Vec<_>>(),
        ["+4915123456781"]
    );

    let answered = to_first(&kannel);
    let (update, submitted) = author.submit(incident, content("monitoring", "Card payments work again")).await;
    assert_eq!(submitted["people"], 1, "who wrote STOP is left out");
    author.ended(approver.approve(update, &submitted).await).await;
    assert_eq!(to_first(&kannel), answered);
    assert!(daemon.stop().await.success());
}

#[tokio::test]
async fn receipts_and_replies_over_smpp_take_the_same_way_and_other_words_go_to_the_help_desk() {
    let smsc = Smsc::start().await;
    smsc.script(&smsc::Script { receipts: smsc::Receipts::Text, ..smsc::Script::default() }).await;
    let relay = Relay::start().await;
    let site = Site::new("", &people()).await;
    keep(&site, "password", smsc::LOGIN.1);
    site.configure(&format!(
        "[[provider]]\nname = \"relay\"\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         [[provider]]\nname = \"smsc\"\nkind = \"smpp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = false\nsystem_id = \"{}\"\n\
         password = {{ file = \"password\" }}\nfrom = \"12345\"\n[replies]\nforward_to = \"help@acme.example\"\n",
        relay.port, smsc.port, smsc::LOGIN.0
    ));
    let daemon = site.start().await;
    let (author, approver) = (daemon.sign_in("ana@acme.example").await, daemon.sign_in("ben@acme.example").await);
    let incident = author.incident().await;
    let (update, submitted) = author.submit(incident, content("identified", "Card payments are failing")).await;
    let broadcast = approver.approve(update, &submitted).await;
    author.ended(broadcast).await;
    let path = format!("/broadcasts/{broadcast}");
    ready::until("both to be delivered", async || {
        let seen = author.get(&path).await;
        (seen["progress"]["channels"]["sms"]["outcomes"]["delivered"] == 2).then_some(())
    })
    .await;

    smsc.customer_writes("4915123456781", "12345", "Is my card safe?").await;
    let path = format!("/incidents/{incident}/replies");
    ready::until("the help desk to have it", async || {
        (author.get(&path).await["items"][0]["answer"] == "sent").then_some(())
    })
    .await;
    let taken = relay.taken();
    assert_eq!(taken.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["help@acme.example"]);
    smsc.customer_writes("4915123456782", "12345", "STOP").await;
    let state =
        smsc.until("the answer", |state| state.texts.iter().any(|text| text.text.contains("no more texts"))).await;
    assert_eq!(state.texts.last().map(|text| text.to.as_str()), Some("4915123456782"));
    let suppressed = author.get("/suppressions?channel=sms&value=%2B4915123456782").await;
    assert_eq!(suppressed["items"][0]["reason"], json!("opted_out"));
    assert!(daemon.stop().await.success());
    assert!(smsc.state().await.answered.iter().all(|status| *status == 0));
}
