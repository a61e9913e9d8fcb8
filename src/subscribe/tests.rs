//! Subscribing through its door, as readers and as strangers use it, over a real store and the demo's outboxes.

mod asking;
mod audience;
mod leaving;

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
