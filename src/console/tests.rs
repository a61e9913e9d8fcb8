//! The console through its routes, by form posts and without scripts: as colleagues use it, and as a hostile site would.

mod approve;
mod channels;
mod duty;
mod exercise;
mod nothing;
mod own;
mod passkeys;
mod reach_us;
mod rooms;
mod segments;
mod sign_in;
mod write;

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

mod going_out;
mod history;
mod person;
mod posts;
mod quick;
mod safety;
mod sight;
mod sleepers;

const PASSWORD: &str = "correct horse battery";

/// A console over a fresh demo configuration. The directory lives as long as it.
struct Site {
    router: Router,
    app: App,
    _data: tempfile::TempDir,
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
        let data = tempfile::tempdir().unwrap();
        let mut config = Config::demo(data.path().to_owned(), ([127, 0, 0, 1], 8080).into());
        change(&mut config);
        let world = World::system().unwrap();
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

#[tokio::test]
async fn two_people_write_read_and_send_without_scripts() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("Send to 1 people"), "{}", page.text);
    let mut yes = ticked(&page);
    assert!(yes.len() >= 6);
    yes.extend(
        [("digest", value(&page, "digest")), ("recipients", "1".to_owned()), ("password", PASSWORD.to_owned())]
            .map(|(name, text)| (name.to_owned(), text)),
    );
    yes.push(("action".to_owned(), "approve".to_owned()));

    let own = site.send(&ana, &place, &borrowed(&yes)).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN, "the author does not approve");
    assert!(own.text.contains("this takes the role approver") || own.text.contains("somebody else has to approve it"));
    let unread = site.send(&ben, &place, &borrowed(&yes[1..])).await;
    assert!(unread.status == StatusCode::UNPROCESSABLE_ENTITY && unread.text.contains("1 texts are still unread"));
    let mut wrong = yes.clone();
    wrong.iter_mut().filter(|(name, _)| name == "password").for_each(|(_, text)| "not the password".clone_into(text));
    let wrong = site.send(&ben, &place, &borrowed(&wrong)).await;
    assert!(wrong.status == StatusCode::FORBIDDEN && wrong.text.contains("the password is not right"));

    let sent = site.send(&ben, &place, &borrowed(&yes)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let going = site.get(Some(&ana), &sent.place).await;
    assert!(going.status == StatusCode::OK && going.text.contains("By channel"), "{}", going.text);
}

#[tokio::test]
async fn an_approver_who_wrote_is_refused_and_sees_why() {
    let site = Site::new().await;
    let ben = site.sign_in("ben").await;
    let id = submitted(&site, &ben).await;
    let page = site.get(Some(&ben), &format!("/console/updates/{id}/approve")).await;
    assert!(page.text.contains("somebody else has to approve it") && !page.text.contains("data-gated"));
    let refused =
        site.send(&ben, &format!("/console/updates/{id}/approve"), &[("action", "return"), ("reason", "x")]).await;
    assert!(refused.status == StatusCode::FORBIDDEN && refused.text.contains("somebody else has to approve it"));
}

#[tokio::test]
async fn a_form_without_our_token_or_from_elsewhere_changes_nothing() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let pairs = [("kind", "incident"), ("title", "Forged")];
    let with = |token: &'static str, site: &'static str| {
        let all = [pairs[0], pairs[1], ("csrf", token)];
        Request::post("/console/new")
            .header(header::COOKIE, &ana.cookie)
            .header("sec-fetch-site", site)
            .body(body(&all))
            .unwrap()
    };
    for request in [with("", "same-origin"), with("0000", "same-origin")] {
        assert_eq!(site.ask(request).await.status, StatusCode::FORBIDDEN);
    }
    let mut right = [pairs[0], pairs[1], ("csrf", "")];
    right[2].1 = &ana.csrf;
    for (name, text) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let request = Request::post("/console/new")
            .header(header::COOKIE, &ana.cookie)
            .header(header::HOST, "acme.example")
            .header(name, text);
        assert_eq!(site.ask(request.body(body(&right)).unwrap()).await.status, StatusCode::FORBIDDEN, "{name}: {text}");
    }
    let sign_in = [("email", "ana@acme.example"), ("password", PASSWORD)];
    let forged = Request::post("/console/sign-in").header("sec-fetch-site", "cross-site").body(body(&sign_in)).unwrap();
    assert_eq!(site.ask(forged).await.status, StatusCode::FORBIDDEN);
    assert!(site.app.store.incidents(false, 0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_typed_into_an_ended_session_comes_back_after_the_sign_in() {
    let site = Site::new().await;
    let pairs =
        [("title", "<b>Typed & not lost</b>"), ("kind", "incident"), ("csrf", "old"), ("password", "never shown")];
    let page = site.ask(post("/console/new", &pairs).body(body(&pairs)).unwrap()).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.text.contains("your words are still here") && !page.text.contains("never"));
    let kept = value(&page, "kept").replace("&amp;", "&").replace("&#x3D;", "=");
    let pairs =
        [("email", "ana@acme.example"), ("password", PASSWORD), ("kept", kept.as_str()), ("kept_for", "/console/new")];
    let back = site.ask(post("/console/sign-in", &pairs).body(body(&pairs)).unwrap()).await;
    assert_eq!(back.status, StatusCode::OK);
    assert!(
        back.text.contains("&lt;b&gt;Typed &amp; not lost&lt;/b&gt;") && back.text.contains("action=\"/console/new\""),
        "{}",
        back.text
    );
    assert!(back.text.contains(&browser(&back).csrf));
}

#[tokio::test]
async fn signing_in_gives_a_fresh_cookie_and_signing_out_ends_it() {
    let site = Site::new().await;
    let (first, second) = (site.sign_in("ana").await, site.sign_in("ana").await);
    assert_ne!(first.cookie, second.cookie);
    let pairs = [("email", "ana@acme.example"), ("password", PASSWORD), ("next", "https://evil.example/")];
    let page = site
        .ask(post("/console/sign-in", &pairs).header(header::COOKIE, &first.cookie).body(body(&pairs)).unwrap())
        .await;
    let cookie = &page.cookies[0];
    for part in ["__Host-onevoice=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(page.place, "/console");
    assert_eq!(site.get(Some(&first), "/console").await.status, StatusCode::SEE_OTHER, "the session before it is over");
    assert_eq!(site.send(&second, "/console/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get(Some(&second), "/console").await.place, "/console/sign-in?next=%2Fconsole");
    let wrong = [("email", "ana@acme.example"), ("password", "wrong")];
    let wrong = site.ask(post("/console/sign-in", &wrong).body(body(&wrong)).unwrap()).await;
    assert!(wrong.status == StatusCode::UNAUTHORIZED && wrong.text.contains("do not belong together"));
}

const PAGES: [&str; 29] = [
    "/console",
    "/console?exercise=1",
    "/console/exercises",
    "/console/outbox?exercise=1",
    "/console/new",
    "/console/new?exercise=1",
    "/console/approvals",
    "/console/incidents",
    "/console/people?q=c",
    "/console/people/new",
    "/console/people/import",
    "/console/held",
    "/console/segments",
    "/console/channels",
    "/console/channels/live",
    "/console/routes",
    "/console/routes/new",
    "/console/routes/1",
    "/console/components",
    "/console/components/new",
    "/console/schedule",
    "/console/schedule?exercises=1",
    "/console/report",
    "/console/report?month=2020-02&exercises=1",
    "/console/outbox",
    "/console/settings",
    "/console/settings/factor",
    "/console/settings/own",
    "/console/stop",
];

#[tokio::test]
async fn every_page_shows_for_every_role_and_asks_everybody_else_to_sign_in() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let id = submitted(&site, &ana).await;
    let entry = site.app.entry("operator", "segment.save", "", serde_json::json!({}));
    let segment = site.app.store.put_segment(None, "English", "locale = \"en\"", &entry).await.unwrap();
    let mut pages: Vec<String> = PAGES.map(str::to_owned).to_vec();
    pages.extend([
        format!("/console/updates/{id}"),
        format!("/console/updates/{id}/approve"),
        "/console/incidents/1".to_owned(),
        format!("/console/segments/{segment}"),
        "/console/people/1".to_owned(),
        "/console/people/1/edit".to_owned(),
        format!("/console/updates/{id}/mail/0/en"),
        format!("/console/updates/{id}/versions"),
        format!("/console/updates/{id}/groups"),
        format!("/console/updates/{id}/list"),
        format!("/console/updates/{id}/here?version=1"),
    ]);
    for name in ["vera", "ana", "ben", "ada"] {
        let browser = site.sign_in(name).await;
        for place in &pages {
            let page = site.get(Some(&browser), place).await;
            assert_eq!(page.status, StatusCode::OK, "{name} at {place}: {}", page.text);
        }
    }
    for place in &pages {
        let page = site.get(None, place).await;
        assert!(
            page.status == StatusCode::SEE_OTHER && page.place.starts_with("/console/sign-in?next=%2Fconsole"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn nothing_that_somebody_wrote_is_taken_for_markup() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    with_audience(&site).await;
    let evil = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{this}}";
    let place = open(&site, &ana, evil).await;
    let page = site.get(Some(&ana), &place).await;
    let mut pairs = first_word("");
    pairs
        .iter_mut()
        .filter(|(name, _)| name.starts_with("v0.en.") && !name.ends_with("recommended") || *name == "v0.name")
        .for_each(|(_, text)| evil.clone_into(text));
    pairs.push(("version", value(&page, "version")));
    pairs.push(("action", "save".to_owned()));
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, text)| (*name, text.as_str())).collect();
    site.send(&ana, &place, &pairs).await;
    site.send(&ana, "/console/segments", &[("name", evil), ("filter", "locale = \"en\"")]).await;
    let how = ("how", "https://acme.example/");
    for (action, pairs) in [
        ("/console/routes/new", ["need.en", "hours.en", "wording.en"]),
        ("/console/components/new", ["name", "group", "description"]),
    ] {
        let pairs: Vec<(&str, &str)> = pairs.into_iter().map(|name| (name, evil)).chain([how]).collect();
        assert_eq!(site.send(&ana, action, &pairs).await.status, StatusCode::SEE_OTHER, "it waits for a second person");
    }
    let places = [
        place.as_str(),
        "/console",
        "/console/new",
        "/console/incidents",
        "/console/incidents/1",
        "/console/segments",
        "/console/segments/1",
        "/console/routes",
        "/console/components",
        "/console/approvals",
        "/console/people?q=%22%3E%3Cscript%3E",
        "/console/people?q=c-1",
        "/console/people/1",
        "/console/people/1/edit",
    ];
    for place in places {
        let page = site.get(Some(&ana), place).await;
        assert_eq!(page.status, StatusCode::OK, "{place}: {}", page.text);
        for bad in ["<script>alert", "<img src=x", "\"><script"] {
            assert!(!page.text.contains(bad), "{bad} at {place}");
        }
    }
}

#[tokio::test]
async fn two_people_in_one_draft_lose_no_word() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let place = open(&site, &ana, "Card payments fail").await;
    let version = value(&site.get(Some(&ana), &place).await, "version");
    let words = |headline: &str| {
        let mut words = first_word("");
        words.iter_mut().filter(|(name, _)| *name == "v0.en.headline").for_each(|(_, text)| headline.clone_into(text));
        words.extend([("version", version.clone()), ("action", "save".to_owned())]);
        words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect::<Vec<_>>()
    };
    site.send(&ana, &place, &borrowed(&words("What Ana wrote"))).await;
    let conflict = site.send(&ben, &place, &borrowed(&words("What Ben wrote"))).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.text.contains("What Ana wrote") && conflict.text.contains("What Ben wrote"));
    let mut over = words("What Ben wrote");
    over.iter_mut().filter(|(name, _)| name == "version").for_each(|(_, text)| *text = value(&conflict, "version"));
    assert_eq!(site.send(&ben, &place, &borrowed(&over)).await.status, StatusCode::SEE_OTHER);
    assert!(site.get(Some(&ana), &place).await.text.contains("What Ben wrote"));
}

#[tokio::test]
async fn autosave_answers_findings_and_previews_and_better_words_need_no_script() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let place = open(&site, &ana, "Card payments fail").await;
    let mut words = first_word("");
    words
        .iter_mut()
        .filter(|(name, _)| *name == "v0.en.doing")
        .for_each(|(_, text)| "We will have it fixed by 11:30.".clone_into(text));
    words.push(("version", value(&site.get(Some(&ana), &place).await, "version")));
    let words: Vec<(&str, &str)> = words.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let request =
        post(&format!("{place}/save"), &words).header(header::COOKIE, &ana.cookie).header("x-csrf-token", &ana.csrf);
    let piece = site.ask(request.body(body(&words)).unwrap()).await;
    assert_eq!(piece.status, StatusCode::OK, "{}", piece.text);
    for part in [
        "data-preview=\"previews\"",
        "data-preview=\"foot\"",
        "data-preview=\"f v0.en.doing\"",
        "About one card payment in five",
    ] {
        assert!(piece.text.contains(part), "{part}");
    }
    let ended = post(&format!("{place}/save"), &words).header("x-csrf-token", "old").body(body(&words)).unwrap();
    assert_eq!(site.ask(ended).await.status, StatusCode::UNAUTHORIZED);
    if let Some(rest) = piece.text.split("value=\"use:").nth(1) {
        let action = format!("use:{}", rest.split('"').next().unwrap());
        let mut pairs = words.clone();
        let version = value(&piece, "version");
        pairs.retain(|(name, _)| *name != "version");
        pairs.extend([("version", version.as_str()), ("action", action.as_str())]);
        assert_eq!(site.send(&ana, &place, &pairs).await.status, StatusCode::SEE_OTHER);
        assert!(!site.get(Some(&ana), &place).await.text.contains(&action), "the better words are in");
    }
}

#[tokio::test]
async fn stopping_takes_one_click_and_starting_again_a_reason() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    assert_eq!(site.send(&ana, "/console/stop", &[]).await.place, "/console/stop");
    assert!(site.get(Some(&ana), "/console").await.text.contains("Nothing is sent:"));
    assert_eq!(site.send(&ana, "/console/start", &[("reason", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        site.send(&ana, "/console/start", &[("reason", "It was a false alarm")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!site.get(Some(&ana), "/console").await.text.contains("Nothing is sent:"));
    let vera = site.sign_in("vera").await;
    assert_eq!(site.send(&vera, "/console/stop", &[]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_its_reader() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    for page in [
        site.get(Some(&ana), "/console").await,
        site.get(None, "/console").await,
        site.get(None, "/console/sign-in").await,
    ] {
        let text = |name: &str| page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let policy = text("content-security-policy");
        assert!(
            policy.contains("default-src 'none'")
                && policy.contains("frame-ancestors 'none'")
                && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(
            (text("x-content-type-options"), text("referrer-policy"), text("cache-control")),
            ("nosniff", "no-referrer", "no-store")
        );
    }
    let id = submitted(&site, &ana).await;
    let mail = site.get(Some(&ana), &format!("/console/updates/{id}/mail/0/en")).await;
    assert!(mail.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox; default-src 'none'"));
}

#[tokio::test]
async fn only_administrators_manage_people() {
    let site = Site::new().await;
    let (ana, ada) = (site.sign_in("ana").await, site.sign_in("ada").await);
    let new = [
        ("action", "add"),
        ("name", "Dana"),
        ("email", "dana@acme.example"),
        ("role", "approver"),
        ("password", PASSWORD),
    ];
    assert_eq!(site.send(&ana, "/console/settings", &new).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.send(&ada, "/console/settings", &new).await.status, StatusCode::SEE_OTHER);
    site.sign_in("dana").await;
    assert_eq!(
        site.send(&ada, "/console/settings", &[("action", "deactivate"), ("id", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        site.get(Some(&ana), "/console").await.status,
        StatusCode::SEE_OTHER,
        "access that is taken away ends at once"
    );
}
