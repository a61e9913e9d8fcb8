//! Subscribing through its door, as readers and as strangers use it, over a real store and the demo's outboxes.

mod audience;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use jiff::Timestamp;
use onevoice_channels::contract::{Channel, Clock};
use tower::ServiceExt as _;

use super::*;
use crate::{
    compose::status::ComponentStatus,
    public::view::PublicView,
    store::{
        Store,
        audit::Entry,
        recipients::{Address, Recipient, Suppression},
        subscriptions::{Means, Message},
    },
    world::World,
};

/// A clock that a test turns.
struct Turned(AtomicI64);

#[async_trait::async_trait]
impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }

    fn steady(&self) -> Timestamp {
        self.now()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed).unsigned_abs())
    }

    /// What waits for its pace sees time pass; nobody's patience ends.
    async fn sleep(&self, duration: Duration) {
        if duration >= Duration::from_secs(5) {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
        self.0.fetch_add(i64::try_from(duration.as_secs()).unwrap() + 1, Ordering::Relaxed);
    }
}

/// A status page on which people may subscribe, with three components.
struct Site {
    app: App,
    router: Router,
    clock: Arc<Turned>,
    _data: tempfile::TempDir,
}

struct Page {
    status: StatusCode,
    text: String,
    headers: axum::http::HeaderMap,
}

const ANA: &str = "ana@acme.example";
const PHONE: &str = "+447700900123";
const HOUR: i64 = 3600;

impl Site {
    async fn new() -> Site {
        Site::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Site {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
        change(&mut config);
        let clock = Arc::new(Turned(AtomicI64::new(1_800_000_000)));
        let world = World { clock: clock.clone(), ..World::system().unwrap() };
        let store = Store::open(&data.path().join("onevoice.db"), world.random.as_ref()).await.unwrap();
        let app = App::build(config, store, world).unwrap();
        let site = Site { router: router(app.clone()), app, clock, _data: data };
        for (position, name) in ["Payments", "Cards", "Search"].into_iter().enumerate() {
            site.component(0, name, i64::try_from(position).unwrap()).await;
        }
        crate::feed::publish(&site.app).await.unwrap();
        site
    }

    fn entry(&self) -> Entry<'static> {
        Entry { at: self.clock.now(), actor: "test", action: "test", subject: "test", detail: serde_json::json!({}) }
    }

    async fn component(&self, id: i64, name: &str, position: i64) {
        let now = self.clock.now();
        let component = Component {
            id,
            name: name.to_owned(),
            description: String::new(),
            group: String::new(),
            status: ComponentStatus::Operational,
            position,
            created_at: now,
            updated_at: now,
        };
        self.app.store.put_component(&component, &self.entry()).await.unwrap();
    }

    async fn ask(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Page { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    async fn get(&self, place: &str) -> Page {
        self.ask(Request::get(place).body(Body::empty()).unwrap()).await
    }

    async fn post_from(&self, site: &str, place: &str, pairs: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = Request::post(place)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    async fn post(&self, place: &str, pairs: &[(&str, &str)]) -> Page {
        self.post_from("same-origin", place, pairs).await
    }

    /// Asks to be subscribed to everything.
    async fn asks(&self, to: &str) -> Page {
        self.post("/subscribe", &[("to", to), ("all", "1")]).await
    }

    /// What the outboxes have for an address, the oldest first.
    async fn sent(&self, address: &str) -> Vec<Message> {
        tick(&self.app).await.unwrap();
        let outboxes = self.app.engine.outboxes();
        let channel = if address.contains('@') { Channel::Email } else { Channel::Sms };
        let mut sent = self.app.store.subscription_messages(&outboxes, channel, 100).await.unwrap();
        sent.retain(|message| message.address == address);
        sent.reverse();
        sent
    }

    /// Subscribes an address by the link of a mail, to these components or to all; answers the link to it.
    async fn subscribed(&self, to: &str, components: &[&str]) -> String {
        let mut pairs = vec![("to", to)];
        pairs.extend(components.iter().map(|id| ("component", *id)));
        if components.is_empty() {
            pairs.push(("all", "1"));
        }
        assert_eq!(self.post("/subscribe", &pairs).await.status, StatusCode::OK);
        let link = link(&self.sent(to).await.pop().unwrap().said.text);
        let page = self.post(&link, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        place(&page.text, "/subscription/")
    }

    async fn subscriber(&self, address: &str) -> Option<crate::store::recipients::Known> {
        let channel = if address.contains('@') { Channel::Email } else { Channel::Sms };
        let customer_id = token::customer_id(&self.app.store.secrets().token_key, channel, address);
        self.app.store.subscriber(&customer_id).await.unwrap()
    }

    async fn suppress(&self, address: &str, reason: &str) {
        let channel = if address.contains('@') { Channel::Email } else { Channel::Sms };
        let suppression = Suppression {
            channel,
            value: address.to_owned(),
            reason: reason.to_owned(),
            note: String::new(),
            created_at: self.clock.now(),
            expires_at: None,
            created_by: "test".to_owned(),
        };
        self.app.store.suppress(&suppression, &self.entry()).await.unwrap();
    }

    async fn reasons(&self, address: &str) -> Vec<String> {
        let channel = if address.contains('@') { Channel::Email } else { Channel::Sms };
        let found = self.app.store.suppressions(Some((channel, address)), None, 9).await.unwrap();
        found.into_iter().map(|suppression| suppression.reason).collect()
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// The link of a message, without its host.
fn link(text: &str) -> String {
    let address = text.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:8080/")).unwrap();
    address.trim_start_matches("http://127.0.0.1:8080").to_owned()
}

/// The first address on a page that begins so, as far as its query.
fn place(page: &str, begin: &str) -> String {
    let at = page.find(&format!("\"{begin}")).unwrap_or_else(|| panic!("no {begin} in {page}"));
    page[at + 1..].split(['"', '?']).next().unwrap().to_owned()
}

fn customer(id: &str, address: &str) -> Recipient {
    Recipient {
        customer_id: id.to_owned(),
        addresses: vec![Address { channel: Channel::Email, value: address.to_owned() }],
        ..Recipient::default()
    }
}

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

#[tokio::test]
async fn somebody_changes_and_leaves_by_their_own_link_and_may_come_back() {
    let site = Site::new().await;
    let own = site.subscribed(ANA, &["2"]).await;
    let page = site.get(&own).await;
    assert!(page.text.contains("a•••@acme.example") && !page.text.contains(ANA), "{}", page.text);
    let ticked: Vec<bool> =
        ["1", "2", "3"].map(|id| page.text.contains(&format!("name=\"component\" value=\"{id}\" checked"))).to_vec();
    assert_eq!(ticked, [false, true, false]);
    let page = site.post(&own, &[("component", "1"), ("component", "2")]).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Saved."));
    assert_eq!(site.subscriber(ANA).await.unwrap().recipient.components, ["Payments", "Cards"]);
    let page = site.post(&own, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Tick at least one"));
    site.post(&own, &[("component", "1"), ("component", "2"), ("component", "3")]).await;
    let known = site.subscriber(ANA).await.unwrap();
    assert_eq!(known.recipient.components, ["*"], "all of them, those that come later too");
    assert!(known.consent.is_some(), "a change keeps what they agreed to");

    let mut forged = own.clone();
    forged.replace_range(forged.len() - 1.., if own.ends_with('0') { "1" } else { "0" });
    assert_eq!(site.post(&forged, &[("action", "leave")]).await.status, StatusCode::NOT_FOUND);
    let page = site.post(&own, &[("action", "leave")]).await;
    assert!(page.text.contains("You have left"), "{}", page.text);
    assert!(site.subscriber(ANA).await.is_none());
    assert_eq!(site.reasons(ANA).await, ["opted_out"]);
    assert_eq!(site.get(&own).await.status, StatusCode::NOT_FOUND);

    site.later(24 * HOUR);
    let own = site.subscribed(ANA, &[]).await;
    assert!(site.reasons(ANA).await.is_empty(), "whoever confirms takes back that they left");
    // What a mail program posts for one click (RFC 8058).
    site.post_from("none", &own, &[("List-Unsubscribe", "One-Click")]).await;
    assert!(site.subscriber(ANA).await.is_none());
}

#[tokio::test]
async fn every_other_way_to_opt_out_ends_the_subscription_too() {
    let site = Site::new().await;
    site.subscribed(ANA, &[]).await;
    site.asks("pending@acme.example").await;
    let pending = link(&site.sent("pending@acme.example").await[0].said.text);
    for address in [ANA, "pending@acme.example"] {
        site.suppress(address, "opted_out").await;
    }
    assert!(site.subscriber(ANA).await.is_none());
    assert_eq!(site.post(&pending, &[]).await.status, StatusCode::NOT_FOUND, "what was begun is ended too");
    // By STOP, in the transaction that keeps it.
    site.asks(PHONE).await;
    let text = site.sent(PHONE).await[0].said.text.clone();
    let code = text.split_whitespace().find(|word| word.parse::<u32>().is_ok()).unwrap();
    site.post("/subscribe/code", &[("to", PHONE), ("code", code)]).await;
    assert!(site.subscriber(PHONE).await.is_some());
    let reply = onevoice_channels::contract::Reply {
        id: None,
        from: PHONE.to_owned(),
        to: "12345".to_owned(),
        text: "Stop".to_owned(),
        at: None,
    };
    crate::track::replies::keep(&site.app, "sms", &reply).await.unwrap();
    assert!(site.subscriber(PHONE).await.is_none());
    assert_eq!(site.reasons(PHONE).await, ["opted_out"]);
    // What is no wish of theirs leaves it.
    site.subscribed("ben@acme.example", &[]).await;
    site.suppress("ben@acme.example", "mailbox_full").await;
    assert!(site.subscriber("ben@acme.example").await.is_some());
}

#[tokio::test]
async fn an_import_leaves_subscribers_as_they_are_and_cannot_take_their_names() {
    let site = Site::new().await;
    site.subscribed(ANA, &["1"]).await;
    let before = site.subscriber(ANA).await.unwrap();
    let import = site.app.store.begin_import("test", site.clock.now()).await.unwrap();
    site.app.store.put_recipients(&[customer("c-1", ANA)], import, site.clock.now()).await.unwrap();
    let removed = site.app.store.end_import(import, 1, 0, true, &site.entry()).await.unwrap();
    assert_eq!(removed, 0);
    assert_eq!(site.subscriber(ANA).await.unwrap(), before);
    let fault = crate::audience::recipient::normalise(customer(&before.recipient.customer_id, ANA), None).unwrap_err();
    assert_eq!(fault.pointer, "/customer_id");
    assert!(fault.detail.contains("subscribed by themselves"), "{}", fault.detail);
}

#[tokio::test]
async fn who_is_erased_as_a_customer_is_erased_as_a_subscriber() {
    let site = Site::new().await;
    site.subscribed(ANA, &["1"]).await;
    site.subscribed("ben@acme.example", &["1"]).await;
    site.app.store.put_recipients(&[customer("c-1", ANA)], 0, site.clock.now()).await.unwrap();
    site.app.store.delete_recipients(&["c-1".to_owned()], &site.entry()).await.unwrap();
    assert!(site.subscriber(ANA).await.is_none() && site.sent(ANA).await.is_empty());
    assert!(site.subscriber("ben@acme.example").await.is_some());
    let ben = site.subscriber("ben@acme.example").await.unwrap().recipient.customer_id;
    site.app.store.put_recipients(&[customer("c-2", "ben@acme.example")], 0, site.clock.now()).await.unwrap();
    site.app.store.delete_recipients(&[ben], &site.entry()).await.unwrap();
    assert!(site.subscriber("ben@acme.example").await.is_none());
    assert!(site.app.store.recipient("c-2").await.is_ok(), "who only subscribed no more stays a customer");
}

#[tokio::test]
async fn a_component_with_another_name_keeps_its_subscribers() {
    let site = Site::new().await;
    site.subscribed(ANA, &["1", "2"]).await;
    let mut listed = customer("c-1", "list@acme.example");
    listed.components = vec!["Payments".to_owned()];
    site.app.store.put_recipients(&[listed], 0, site.clock.now()).await.unwrap();
    site.component(1, "Payments and refunds", 0).await;
    assert_eq!(site.subscriber(ANA).await.unwrap().recipient.components, ["Payments and refunds", "Cards"]);
    let listed = site.app.store.recipient("c-1").await.unwrap().recipient.components;
    assert_eq!(listed, ["Payments"], "names in an import are the import's");
}

#[tokio::test]
async fn nothing_goes_while_everything_is_stopped_and_one_in_twenty_while_a_broadcast_does() {
    let site = Site::new().await;
    let waiting = async |address: &str| site.sent(address).await.is_empty();
    site.app.store.stop_everything(&site.entry()).await.unwrap();
    site.asks(ANA).await;
    assert!(waiting(ANA).await);
    site.app.store.set_meta("stopped", None).await.unwrap();
    assert!(!waiting(ANA).await);
    // The demo's text messages go a hundred a second: one in twenty is five a second.
    site.app.engine.set_running(1, true);
    let began = site.clock.elapsed();
    site.asks(PHONE).await;
    site.asks("+447700900124").await;
    assert!(!waiting(PHONE).await);
    let next = site.app.doorkeeper.next.lock().unwrap()[&Channel::Sms];
    assert!(next >= began + Duration::from_millis(200), "{next:?}");
    site.clock.0.store(i64::try_from(next.as_secs()).unwrap(), Ordering::Relaxed);
    assert!(!may_go_at(&site, next), "before its time");
    site.app.engine.set_running(1, false);
    assert!(!waiting("+447700900124").await, "with nothing going out nobody waits");
}

/// Whether a text may go now, which is before `next`.
fn may_go_at(site: &Site, next: Duration) -> bool {
    assert!(site.clock.elapsed() < next);
    send::may_go(&site.app, Channel::Sms)
}

#[tokio::test]
async fn the_status_page_invites_where_anybody_may_subscribe_and_its_copies_lead_to_the_daemon() {
    let site = Site::new().await;
    let first = async |view: PublicView| {
        let state = crate::public::PublicState::new(view, crate::public::Signer::new(b"key"), 9);
        let files = state.files().unwrap();
        let copy = files.into_iter().find(|file| file.path == "de/index.html").unwrap();
        let live = crate::public::router(state).oneshot(Request::get("/?lang=en").body(Body::empty()).unwrap()).await;
        let live = to_bytes(live.unwrap().into_body(), 1 << 20).await.unwrap();
        (String::from_utf8(live.to_vec()).unwrap(), String::from_utf8(copy.bytes.to_vec()).unwrap())
    };
    let (live, copy) = first(site.app.public.view()).await;
    assert!(live.contains("<form class=\"subscribe\" method=\"post\" action=\"/subscribe?lang&#x3D;en\">"), "{live}");
    assert!(live.contains("/subscribe?lang&#x3D;en&amp;component&#x3D;1") && live.contains("Subscribe to Payments"));
    assert!(!copy.contains("<form") && copy.contains("http://127.0.0.1:8080/subscribe?lang&#x3D;de"), "{copy}");
    let ticked = site.get("/subscribe?component=1").await;
    assert!(ticked.text.contains("value=\"1\" checked") && !ticked.text.contains("value=\"2\" checked"));

    let off = Site::with(|config| config.public.subscribe.clear()).await;
    let (live, copy) = first(off.app.public.view()).await;
    assert!(!live.contains("ubscribe") && !copy.contains("ubscribe"));
    assert_eq!(off.asks(ANA).await.status, StatusCode::NOT_FOUND);
}
