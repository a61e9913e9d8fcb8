//! Asking and confirming: who is subscribed, what is said of it, and how often.

use super::*;

#[tokio::test]
async fn a_mail_address_is_subscribed_by_the_button_behind_its_link_and_not_by_the_link() {
    let site = Site::new().await;
    let page =
        site.post("/subscribe?lang=de", &[("to", " Ana@ACME.example "), ("component", "1"), ("component", "3")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Sehen Sie jetzt in Ihr Postfach") && page.text.contains("lang=\"de\""));
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let mail = site.sent("Ana@acme.example").await.pop().unwrap();
    assert!(mail.said.text.contains("Payments, Search"), "{}", mail.said.text);
    let link = link(&mail.said.text);
    for _ in 0..2 {
        let page = site.get(&link).await;
        assert!(page.text.contains("A•••@acme.example") && page.text.contains("Payments, Search"), "{}", page.text);
        assert!(site.subscriber("Ana@acme.example").await.is_none(), "mail scanners follow links");
    }
    let page = site.post(&link, &[]).await;
    assert!(page.text.contains("Sie haben abonniert"), "{}", page.text);
    let known = site.subscriber("Ana@acme.example").await.unwrap();
    assert_eq!(known.recipient.components, ["Payments", "Search"]);
    assert_eq!(known.recipient.locale, "de");
    let consent = known.consent.unwrap();
    assert_eq!((consent.means, consent.locale.as_str()), (Means::Link, "de"));
    assert!(consent.words.starts_with("Acme schreibt an diese Adresse"), "{}", consent.words);
    for again in [site.get(&link).await, site.post(&link, &[]).await] {
        assert_eq!(again.status, StatusCode::NOT_FOUND, "it counts once");
    }
    assert_eq!(site.app.store.audit_verify().await.unwrap().1, None);
}

#[tokio::test]
async fn a_number_is_subscribed_by_its_code_alone_and_five_wrong_ones_end_it() {
    let site = Site::new().await;
    let page = site.asks("+44 7700 900-123").await;
    assert!(page.text.contains("name=\"code\"") && page.text.contains(&format!("value=\"{PHONE}\"")), "{}", page.text);
    let digits = |text: &str| text.split_whitespace().find(|word| word.parse::<u32>().is_ok()).unwrap().to_owned();
    let code = digits(&site.sent(PHONE).await[0].said.text);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let page = site.post("/subscribe/code", &[("to", PHONE), ("code", wrong)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("This is not the code"));
    }
    let page = site.post("/subscribe/code", &[("to", PHONE), ("code", &code)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "guessing has an end");
    site.asks(PHONE).await;
    let code = digits(&site.sent(PHONE).await[1].said.text);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let page = site.post("/subscribe/code", &[("to", PHONE), ("code", &spaced)]).await;
    assert!(page.text.contains("You are subscribed") && page.text.contains("•••23"), "{}", page.text);
    let known = site.subscriber(PHONE).await.unwrap();
    assert_eq!(known.recipient.components, ["*"]);
    assert_eq!(known.consent.unwrap().means, Means::Code);
}

#[tokio::test]
async fn nobody_learns_from_the_answer_who_is_known() {
    let site = Site::new().await;
    site.subscribed("known@acme.example", &[]).await;
    site.app.store.put_recipients(&[customer("c-1", "customer@acme.example")], 0, site.clock.now()).await.unwrap();
    site.suppress("complained@acme.example", "complaint").await;
    site.suppress("left@acme.example", "opted_out").await;
    let mut answers = std::collections::BTreeSet::new();
    for name in ["new", "known", "customer", "complained", "left"] {
        let address = format!("{name}@acme.example");
        let page = site.asks(&address).await;
        answers.insert((page.status, page.text.replace(&address, "")));
    }
    assert_eq!(answers.len(), 1);
    let mut messages = Vec::new();
    for name in ["new", "known", "customer", "complained", "left"] {
        let sent = site.sent(&format!("{name}@acme.example")).await;
        messages.push((name, sent.last().map(|mail| mail.said.text.contains("/subscription/"))));
    }
    let expected = [
        ("new", Some(false)),
        ("known", Some(true)),
        ("customer", Some(false)),
        ("complained", None),
        ("left", Some(false)),
    ];
    assert_eq!(messages, expected, "a link to confirm, the link to their own, or nothing");
    // A number: who wrote STOP has to write START.
    site.suppress(PHONE, "opted_out").await;
    let (stopped, new) = (site.asks(PHONE).await, site.asks("+447700900124").await);
    assert_eq!(stopped.text.replace(PHONE, ""), new.text.replace("+447700900124", ""));
    assert_eq!((site.sent(PHONE).await.len(), site.sent("+447700900124").await.len()), (0, 1));
    let known = site.post("/subscribe/code", &[("to", PHONE), ("code", "1")]).await;
    let unknown = site.post("/subscribe/code", &[("to", "+447700900125"), ("code", "1")]).await;
    assert_eq!(
        known.text.replace(PHONE, "").replace("•••23", ""),
        unknown.text.replace("+447700900125", "").replace("•••25", "")
    );
}

#[tokio::test]
async fn an_address_gets_three_a_day_a_channel_its_number_an_hour_and_a_caller_thirty() {
    let site = Site::with(|config| config.public.subscribe_per_hour = 6).await;
    for _ in 0..5 {
        assert_eq!(site.asks(ANA).await.status, StatusCode::OK, "whoever asks learns nothing");
    }
    assert_eq!(site.sent(ANA).await.len(), 3);
    for n in 0..3 {
        assert_eq!(site.asks(&format!("{n}@acme.example")).await.status, StatusCode::OK);
    }
    let page = site.asks("last@acme.example").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(site.sent("last@acme.example").await.is_empty());
    assert_eq!(site.asks(PHONE).await.status, StatusCode::OK, "the other channel has its own");
    site.later(HOUR + 1);
    assert_eq!(site.asks("last@acme.example").await.status, StatusCode::OK);
    assert_eq!(site.sent("last@acme.example").await.len(), 1);
    site.later(24 * HOUR);
    site.asks(ANA).await;
    assert_eq!(site.sent(ANA).await.len(), 1, "those of the day before are forgotten");
    let last = async || site.post("/subscribe", &[("to", "nonsense")]).await.status;
    for _ in 0..29 {
        assert_eq!(last().await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(last().await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn what_nobody_confirms_is_forgotten_after_a_day() {
    let site = Site::new().await;
    site.asks(ANA).await;
    let link = link(&site.sent(ANA).await[0].said.text);
    site.later(24 * HOUR - 10);
    tick(&site.app).await.unwrap();
    assert_eq!(site.get(&link).await.status, StatusCode::OK);
    site.later(20);
    assert_eq!(site.post(&link, &[]).await.status, StatusCode::NOT_FOUND, "even before it is gone");
    assert!(site.sent(ANA).await.is_empty());
    assert!(site.app.store.subscription_request(1, Timestamp::from_second(0).unwrap()).await.unwrap().is_none());
    assert!(site.subscriber(ANA).await.is_none());
}

#[tokio::test]
async fn a_form_that_cannot_be_says_what_is_wrong_and_loses_nothing() {
    let site = Site::with(|config| config.public.subscribe = vec![Channel::Email]).await;
    for (pairs, said) in [
        (&[("to", "ana@"), ("all", "1")][..], "This is no address"),
        (&[("to", ""), ("all", "1")], "This is no address"),
        (&[("to", PHONE), ("all", "1")], "addresses of this kind"),
        (&[("to", ANA)], "Tick at least one service"),
        (&[("to", ANA), ("component", "99"), ("component", "x")], "Tick at least one service"),
    ] {
        let page = site.post("/subscribe", pairs).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{pairs:?}");
        assert!(page.text.contains(said) && page.text.contains(&format!("value=\"{}\"", pairs[0].1)), "{}", page.text);
    }
    let page = site.post("/subscribe", &[("to", "\"><script>alert(1)</script>"), ("component", "2")]).await;
    assert!(!page.text.contains("<script>") && page.text.contains("value=\"2\" checked"), "{}", page.text);
    let page = site.post("/subscribe", &[("to", "x"), ("padding", &"x".repeat(20_000))]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(site.sent(ANA).await.is_empty());
}

#[tokio::test]
async fn programs_and_other_websites_subscribe_nobody() {
    let site = Site::new().await;
    let trapped = site.post("/subscribe", &[("to", ANA), ("all", "1"), ("website", "https://spam.example")]).await;
    let page = site.asks("ben@acme.example").await;
    assert_eq!(trapped.text.replace(ANA, ""), page.text.replace("ben@acme.example", ""), "a program learns nothing");
    let page = site.post_from("cross-site", "/subscribe", &[("to", ANA), ("all", "1")]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("another website"));
    assert!(site.sent(ANA).await.is_empty());
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
}
