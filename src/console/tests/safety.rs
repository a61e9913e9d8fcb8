//! What other sites and hostile links may not do, asked of every route that the router has.

use super::{
    sight::{numbered, routes},
    *,
};

/// What a form of another site brings: the cookie of whoever is lured, and no token, or somebody else's.
fn forged(place: &str, browser: &Browser, token: &str, from: &str) -> Request<Body> {
    let request = Request::post(place).header(header::COOKIE, &browser.cookie).header("sec-fetch-site", from);
    if place == "/console/people/import" {
        let part = |name: &str, more: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let sent = part("csrf", "", token) + &part("file", "; filename=\"a.csv\"", "customer_id\nc-9") + "--b--\r\n";
        return request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(Body::from(sent)).unwrap();
    }
    let pairs =
        [("csrf", token), ("email", "ana@acme.example"), ("password", PASSWORD), ("reason", "x"), ("sure", "1")];
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body(&pairs)).unwrap()
}

#[tokio::test]
async fn no_form_is_taken_without_the_token_of_its_own_session() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    submitted(&site, &ana).await;
    let before = site.app.store.audit_verify().await.unwrap().0;
    let mut asked = 0;
    for (place, _, posts) in routes() {
        let at = numbered(&place, 1);
        if !posts {
            continue;
        }
        asked += 1;
        // Whoever signs in has no session yet, and so no token; only where the form came from tells.
        let signs_in = place.starts_with("/console/sign-in");
        let mut tries = vec![(ana.csrf.as_str(), "cross-site"), (ana.csrf.as_str(), "same-site")];
        if !signs_in {
            tries.extend([("", "same-origin"), (ben.csrf.as_str(), "same-origin"), ("0", "none")]);
        }
        for (token, from) in tries {
            let page = site.ask(forged(&at, &ana, token, from)).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{at} from {from} with {token:?}: {}", page.text);
            assert!(page.cookies.is_empty(), "{at}");
        }
    }
    assert!(asked > 20, "{asked}");
    for (place, gets, _) in routes().into_iter().filter(|(place, ..)| !place.ends_with("/events")) {
        // A link or a picture of another site asks by GET, and that changes nothing.
        if gets {
            site.get(Some(&ana), &numbered(&place, 1)).await;
        }
    }
    assert_eq!(site.app.store.audit_verify().await.unwrap().0, before, "nothing was done");
}

#[tokio::test]
async fn every_answer_of_every_route_forbids_frames_scripts_and_guessing() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    submitted(&site, &ana).await;
    let mut pages = Vec::new();
    for (place, gets, posts) in routes() {
        for at in [numbered(&place, 1), numbered(&place, 999)] {
            if gets && !place.ends_with("/events") {
                pages.push((at.clone(), site.get(Some(&ana), &at).await));
                pages.push((at.clone(), site.get(None, &at).await));
            }
            if posts {
                pages.push((at.clone(), site.ask(forged(&at, &ana, "0", "same-origin")).await));
            }
        }
    }
    for at in ["/console/nothing", "/console/console.js", "/console/console.css", "/console/updates/x"] {
        pages.push((at.to_owned(), site.get(Some(&ana), at).await));
    }
    for (at, page) in pages {
        let text = |name: &str| page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let policy = text("content-security-policy");
        // A mail stands in a frame of our own page, without scripts.
        let framed = page.status == StatusCode::OK && (at.contains("/mail/") || at.contains("/outbox/"));
        let frames = if framed { "frame-ancestors 'self'" } else { "frame-ancestors 'none'" };
        assert!(policy.contains(frames) && policy.contains("default-src 'none'"), "{at}: {policy}");
        let scripts = policy.split(';').map(str::trim).find(|part| part.starts_with("script-src"));
        assert!(scripts.is_none_or(|part| part == "script-src 'self'"), "{at}: {policy}");
        assert!(!framed || policy.starts_with("sandbox;"), "{at}: {policy}");
        assert_eq!((text("x-content-type-options"), text("referrer-policy")), ("nosniff", "no-referrer"), "{at}");
        assert_eq!(text("cross-origin-opener-policy"), "same-origin", "{at}");
    }
}

#[tokio::test]
async fn no_address_and_no_form_leads_out_of_the_console() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    submitted(&site, &ana).await;
    const EVIL: [&str; 5] =
        ["https://evil.example/", "//evil.example", "/\\evil.example", "/console/../../evil", "javascript:alert(1)"];
    let inside = |at: &str, page: &Page| {
        if page.status.is_redirection() {
            let within =
                page.place == "/console" || page.place.starts_with("/console/") || page.place.starts_with("/console?");
            assert!(within && !page.place.contains("//"), "{at} leads to {}", page.place);
            // Who has to sign in first is sent on to nothing but a page of ours.
            assert!(
                !page.place.contains("next=http") && !page.place.contains("next=%2F%2F"),
                "{at} leads to {}",
                page.place
            );
        }
    };
    for evil in EVIL {
        let names = ["next", "place", "kept_for", "to", "return", "url", "q", "after", "undo", "from"];
        let pairs: Vec<(&str, &str)> = names.iter().map(|name| (*name, evil)).collect();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        for (place, gets, posts) in routes() {
            let at = numbered(&place, 1);
            if gets && !place.ends_with("/events") {
                for browser in [None, Some(&ana)] {
                    inside(&at, &site.get(browser, &format!("{at}?{query}")).await);
                }
            }
            // A form that ends the session, or everything, is not asked here: the rest would say nothing.
            if posts && !matches!(place.as_str(), "/console/sign-out" | "/console/stop" | "/console/people/import") {
                inside(&at, &site.send(&ana, &at, &pairs).await);
            }
        }
        let sign_in = [("email", "ana@acme.example"), ("password", PASSWORD), ("next", evil)];
        let page = site
            .ask(post("/console/sign-in", &sign_in).header(header::HOST, "evil.example").body(body(&sign_in)).unwrap())
            .await;
        assert_eq!((page.status, page.place.as_str()), (StatusCode::SEE_OTHER, "/console"), "{evil}");
        let form = site
            .get(
                None,
                &format!(
                    "/console/sign-in?next={}",
                    url::form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>()
                ),
            )
            .await;
        assert_eq!(value(&form, "next"), "/console", "{evil}");
    }
}

#[tokio::test]
async fn a_session_is_new_at_each_sign_in_and_dead_once_a_password_changes() {
    let site = Site::new().await;
    let enter = async |cookie: &str, password: &str| {
        let pairs = [("email", "ana@acme.example"), ("password", password)];
        site.ask(post("/console/sign-in", &pairs).header(header::COOKIE, cookie).body(body(&pairs)).unwrap()).await
    };
    // A cookie that somebody planted before does not become the session.
    let planted = format!("{COOKIE}=0000000000000000000000000000000000000000000000000000000000000000");
    let page = enter(&planted, PASSWORD).await;
    let first = browser(&page);
    assert_ne!(first.cookie, planted);
    let lure = Browser { csrf: String::new(), cookie: planted };
    assert_eq!(site.get(Some(&lure), "/console").await.status, StatusCode::SEE_OTHER, "the planted one opens nothing");
    let second = browser(&enter(&first.cookie, PASSWORD).await);
    assert_eq!(site.get(Some(&first), "/console").await.status, StatusCode::SEE_OTHER, "the one before is dead");
    assert_eq!(site.get(Some(&second), "/console").await.status, StatusCode::OK);

    let ada = site.sign_in("ada").await;
    let change = [("action", "password"), ("id", "1"), ("password", "another long password")];
    assert_eq!(site.send(&ada, "/console/settings", &change).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        site.get(Some(&second), "/console").await.status,
        StatusCode::SEE_OTHER,
        "whoever knew the old one is out"
    );
    assert_eq!(enter("", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let third = browser(&enter("", "another long password").await);
    assert_eq!(site.get(Some(&third), "/console").await.status, StatusCode::OK);
    // A wrong password neither opens a session nor ends the one that is there.
    let wrong = enter(&third.cookie, "not the password").await;
    assert!(wrong.cookies.is_empty());
    assert_eq!(site.get(Some(&third), "/console").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_file_of_bad_lines_has_no_cell_that_a_table_program_reckons() {
    let site = Site::new().await;
    let ana = site.sign_in("ana").await;
    let import = async |file: &str| {
        let part = |name: &str, more: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let sent = part("csrf", "", &ana.csrf) + &part("file", "; filename=\"a.csv\"", file) + "--b--\r\n";
        let request = Request::post("/console/people/import")
            .header(header::COOKIE, &ana.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        site.ask(request.body(Body::from(sent)).unwrap()).await
    };
    // A reason begins with the name of its column, and that is none.
    let named = import("customer_id,email,=HYPERLINK(1)\nc-1,a@example.org,x\n").await;
    assert!(named.status == StatusCode::BAD_REQUEST && named.text.contains("cannot be the name of an attribute"));
    let page = import("customer_id,email,phone\nc-1,a@example.org,\n=1+1,@nobody,=2\n@c,b@example.org,-1\n").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text);
    let bad = site.get(Some(&ana), &format!("{}/bad.csv", page.place)).await;
    assert!(bad.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    let mut rows = csv::Reader::from_reader(bad.text.as_bytes());
    let cells: Vec<String> =
        rows.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.len() >= 4 && !cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@'])), "{cells:?}");
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
