//! The console through its routes, by form posts and without scripts: as colleagues use it, and as a hostile site would.

mod approve;
mod channels;
mod drafts;
mod duty;
mod exercise;
mod going_out;
mod history;
mod languages;
mod nothing;
mod own;
mod pages;
mod passkeys;
mod person;
mod posts;
mod promises;
mod quick;
mod reach_us;
mod replies;
mod rooms;
mod safety;
mod segments;
mod sight;
mod sign_in;
mod sleepers;
mod staff;
mod texts;
mod timed;
mod webhooks;
mod write;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use tower::ServiceExt as _;

use super::{enter::COOKIE, router};
use crate::{
    app::App,
    config::Config,
    people::{Role, credentials},
    store::Store,
    world::World,
};

const PASSWORD: &str = "correct horse battery";

/// A console over a fresh demo configuration. The directory lives as long as it.
struct Site {
    router: Router,
    app: App,
    _data: tempfile::TempDir,
}

/// A clock that stands.
struct Still(jiff::Timestamp);

#[async_trait::async_trait]
impl onevoice_channels::contract::Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        self.0
    }
    async fn sleep(&self, _: std::time::Duration) {
        std::future::pending().await
    }
}

/// Somebody's browser: their session, and the token on their pages.
#[derive(Clone)]
struct Browser {
    cookie: String,
    csrf: String,
}

/// What came back.
struct Page {
    status: StatusCode,
    place: String,
    cookies: Vec<String>,
    text: String,
    headers: axum::http::HeaderMap,
}

impl Site {
    async fn new() -> Site {
        Site::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Site {
        Site::made(change, World::system().unwrap()).await
    }

    /// One whose time stands still: what has to wait there waits however slow the machine is.
    async fn still() -> Site {
        let world = World::system().unwrap();
        let clock = Arc::new(Still(world.clock.now()));
        Site::made(|_| {}, World { clock, ..world }).await
    }

    async fn made(change: impl FnOnce(&mut Config), world: World) -> Site {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
        change(&mut config);
        let store = Store::open(&data.path().join("onevoice.db"), world.random.as_ref()).await.unwrap();
        let app = App::build(config, store, world).unwrap();
        // One hash for everybody: hashing takes its time by design.
        let hash = credentials::hash_password(PASSWORD, app.world.random.as_ref()).unwrap();
        let people =
            [("ana", Role::Author), ("ben", Role::Approver), ("vera", Role::Viewer), ("ada", Role::Administrator)];
        for (name, role) in people {
            let entry = app.entry("operator", "person.add", "", serde_json::json!({}));
            app.store.add_person(&format!("{name}@acme.example"), name, role, &hash, &entry).await.unwrap();
        }
        Site { router: router(app.clone()), app, _data: data }
    }

    async fn ask(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers().clone();
        let text = |name: header::HeaderName| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let cookies =
            headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect();
        let (status, place) = (response.status(), text(header::LOCATION));
        let body = to_bytes(response.into_body(), 1 << 22).await.unwrap();
        Page { status, place, cookies, text: String::from_utf8(body.to_vec()).unwrap(), headers }
    }

    async fn get(&self, browser: Option<&Browser>, place: &str) -> Page {
        let mut request = Request::get(place);
        if let Some(browser) = browser {
            request = request.header(header::COOKIE, &browser.cookie);
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    async fn send(&self, browser: &Browser, place: &str, pairs: &[(&str, &str)]) -> Page {
        let mut all = vec![("csrf", browser.csrf.as_str())];
        all.extend_from_slice(pairs);
        self.ask(post(place, &all).header(header::COOKIE, &browser.cookie).body(body(&all)).unwrap()).await
    }

    async fn sign_in(&self, name: &str) -> Browser {
        let email = format!("{name}@acme.example");
        let pairs = [("email", email.as_str()), ("password", PASSWORD)];
        let page = self.ask(post("/console/sign-in", &pairs).body(body(&pairs)).unwrap()).await;
        assert_eq!((page.status, page.place.as_str()), (StatusCode::SEE_OTHER, "/console"));
        browser(&page)
    }
}

/// The browser after a sign-in.
fn browser(page: &Page) -> Browser {
    let cookie = page.cookies[0].split(';').next().unwrap().to_owned();
    let token = cookie.strip_prefix(&format!("{COOKIE}=")).unwrap().to_owned();
    Browser { csrf: credentials::csrf_token(&token), cookie }
}

fn post(place: &str, _: &[(&str, &str)]) -> axum::http::request::Builder {
    Request::post(place)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
}

fn body(pairs: &[(&str, &str)]) -> Body {
    Body::from(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// The value of a form's field, as the page has it.
fn value(page: &Page, name: &str) -> String {
    let at =
        page.text.find(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name} is not on the page"));
    page.text[at..].split('"').nth(3).unwrap().to_owned()
}

/// A first word that nothing blocks.
fn first_word(next: &str) -> Vec<(&'static str, String)> {
    let pair = |name, text: &str| (name, text.to_owned());
    vec![
        pair("status", "investigating"),
        pair("severity", "warning"),
        pair("v0.name", "everyone"),
        pair("v0.segment", ""),
        pair("v0.en.headline", "Card payments are failing in Europe"),
        pair("v0.en.what_happened", "About one card payment in five is slow or fails."),
        pair("v0.en.impact", "Failed payments are not charged."),
        pair("v0.en.apology", "We are sorry."),
        pair("v0.en.doing", "We are looking for the cause."),
        pair("v0.en.options.0.text", "Pay by bank transfer"),
        pair("v0.en.options.0.recommended", "1"),
        pair("v0.en.options.0.reason", "it is not affected"),
        pair("next", next),
    ]
}

/// Opens an incident and answers the place of its first update.
async fn open(site: &Site, author: &Browser, title: &str) -> String {
    let page = site.send(author, "/console/new", &[("kind", "incident"), ("title", title)]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    page.place
}

async fn with_audience(site: &Site) {
    let recipient: crate::store::recipients::Recipient = serde_json::from_value(serde_json::json!({
        "customer_id": "c-1", "name": "<script>alert(1)</script>", "locale": "en", "time_zone": "Europe/London",
        "addresses": [{ "channel": "email", "value": "maria@example.org" }], "attributes": {}, "tags": [], "components": [],
    }))
    .unwrap();
    let now = site.app.world.clock.now();
    site.app.store.put_recipients(&[recipient], 1, now).await.unwrap();
    let entry = site.app.entry("operator", "route.save", "", serde_json::json!({}));
    let need = std::collections::BTreeMap::from([
        ("en".to_owned(), "Urgent payments".to_owned()),
        ("de".to_owned(), "Eilig".to_owned()),
    ]);
    let route = crate::compose::route::ContactRoute { need, how: "+44 20 7946 0000".to_owned(), ..Default::default() };
    site.app.store.put_route(&route, &entry).await.unwrap();
}

/// Keeps every finding that blocks and may be kept, as an author does who knows better.
async fn keep_all(site: &Site, update: i64) -> Vec<(String, String)> {
    let looked = crate::preview::preview(&site.app, update, None).await.unwrap();
    let blocking = looked.findings.iter().filter(|finding| finding.blocks());
    blocking
        .map(|finding| {
            assert!(finding.overridable, "{finding:?}");
            (format!("kept.{}", finding.id), "for this test".to_owned())
        })
        .collect()
}

/// Writes, keeps, and sends for approval; answers the update's number.
async fn submitted(site: &Site, author: &Browser) -> i64 {
    with_audience(site).await;
    let place = open(site, author, "Card payments fail").await;
    written(site, author, &place, "We are looking for the cause.").await
}

/// Writes the update at this place, saying what is done about it, keeps, and sends it for approval; answers its number.
async fn written(site: &Site, author: &Browser, place: &str, doing: &str) -> i64 {
    let id: i64 = place.rsplit('/').next().unwrap().parse().unwrap();
    let next = super::time::Times::of(&site.app).ahead(60).to_string();
    let mut words = first_word(&next);
    words.iter_mut().filter(|(name, _)| *name == "v0.en.doing").for_each(|(_, text)| doing.clone_into(text));
    let page = site.get(Some(author), place).await;
    words.push(("version", value(&page, "version")));
    let pairs = |words: &[(&'static str, String)], more: &[(String, String)], action: &str| {
        let mut all: Vec<(String, String)> =
            words.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        all.extend_from_slice(more);
        all.push(("action".to_owned(), action.to_owned()));
        all
    };
    let saved = site.send(author, place, &borrowed(&pairs(&words, &[], "save"))).await;
    assert_eq!((saved.status, saved.place.as_str()), (StatusCode::SEE_OTHER, place), "{}", saved.text);
    words.pop();
    words.push(("version", value(&site.get(Some(author), place).await, "version")));
    let kept = keep_all(site, id).await;
    let sent = site.send(author, place, &borrowed(&pairs(&words, &kept, "submit"))).await;
    assert_eq!((sent.status, sent.place), (StatusCode::SEE_OTHER, format!("{place}/approve")), "{}", sent.text);
    id
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// The names of the boxes on an approval page, all ticked.
fn ticked(page: &Page) -> Vec<(String, String)> {
    let boxes = page.text.split("name=\"read\" value=\"").skip(1);
    boxes.map(|rest| ("read".to_owned(), rest.split('"').next().unwrap().to_owned())).collect()
}
