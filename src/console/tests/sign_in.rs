//! The second factor: set up, asked for at the sign-in and at an approval, used once, limited, taken away.

use super::*;
use crate::people::{Actor, Person, factor, totp};

/// Somebody's phone.
struct Phone {
    secret: Vec<u8>,
    last: i64,
    codes: Vec<String>,
}

impl Phone {
    /// The next code that was not shown before: the one of now, or its neighbour, which is taken too.
    fn code(&mut self, site: &Site) -> String {
        let step = totp::step_of(site.app.world.clock.now()).max(self.last + 1);
        self.last = step;
        totp::code(&self.secret, step)
    }
}

async fn person(site: &Site, name: &str) -> Person {
    site.app.store.person_by_email(&format!("{name}@acme.example")).await.unwrap().unwrap().0
}

/// Sets an authenticator app up by the page, as `browser` does.
async fn set_up(site: &Site, browser: &Browser, name: &str) -> Phone {
    let place = "/console/settings/factor";
    assert_eq!(site.send(browser, place, &[("action", "begin")]).await.status, StatusCode::SEE_OTHER);
    let page = site.get(Some(browser), place).await;
    assert!(page.text.contains("<svg class=\"qr\"") && page.text.contains("id=\"secret\""), "{}", page.text);
    let secret = site.app.store.totp(person(site, name).await.id).await.unwrap().unwrap().secret;
    // A step back, so that the codes of now and next are still to come.
    let last = totp::step_of(site.app.world.clock.now()) - 1;
    let code = totp::code(&secret, last);
    let pairs = [("action", "confirm"), ("code", code.as_str()), ("password", PASSWORD)];
    let page = site.send(browser, place, &pairs).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let list = page.text.split("id=\"codes\"").nth(1).unwrap().split("</ul>").next().unwrap();
    let codes = list.split("<li>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    Phone { secret, last, codes }
}

/// Signs in as far as the password leads.
async fn half(site: &Site, name: &str) -> Page {
    let email = format!("{name}@acme.example");
    let pairs = [("email", email.as_str()), ("password", PASSWORD), ("next", "/console/people")];
    site.ask(post("/console/sign-in", &pairs).body(body(&pairs)).unwrap()).await
}

async fn second(site: &Site, ticket: &str, code: &str) -> Page {
    let pairs = [("ticket", ticket), ("code", code), ("next", "/console/people")];
    site.ask(post("/console/sign-in/code", &pairs).body(body(&pairs)).unwrap()).await
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_asked_for_it_and_a_code_lets_in_once() {
    let site = Site::new().await;
    let mut phone = set_up(&site, &site.sign_in("ben").await, "ben").await;
    let step = half(&site, "ben").await;
    assert!(step.status == StatusCode::OK && step.cookies.is_empty(), "the password alone is no session");
    let ticket = value(&step, "ticket");
    let wrong = second(&site, &ticket, "000000").await;
    assert!(wrong.status == StatusCode::FORBIDDEN && wrong.cookies.is_empty(), "{}", wrong.text);
    let code = phone.code(&site);
    let inside = second(&site, &value(&wrong, "ticket"), &format!(" {} {} ", &code[..3], &code[3..])).await;
    assert_eq!((inside.status, inside.place.as_str()), (StatusCode::SEE_OTHER, "/console/people"), "{}", inside.text);
    assert_eq!(site.get(Some(&browser(&inside)), "/console").await.status, StatusCode::OK);
    let again = second(&site, &ticket, &code).await;
    assert!(again.status == StatusCode::FORBIDDEN && again.text.contains("used already"), "{}", again.text);
    let forged = second(&site, &ticket.replacen('.', ".9", 1), &phone.code(&site)).await;
    assert!(forged.status == StatusCode::UNAUTHORIZED && forged.cookies.is_empty());
}

#[tokio::test]
async fn words_of_an_ended_session_come_through_the_second_step_too() {
    let site = Site::new().await;
    let mut phone = set_up(&site, &site.sign_in("ana").await, "ana").await;
    let pairs = [
        ("email", "ana@acme.example"),
        ("password", PASSWORD),
        ("kept", "title=Typed+and+not+lost"),
        ("kept_for", "/console/new"),
    ];
    let step = site.ask(post("/console/sign-in", &pairs).body(body(&pairs)).unwrap()).await;
    let (ticket, code) = (value(&step, "ticket"), phone.code(&site));
    let kept = value(&step, "kept").replace("&#x3D;", "=");
    let pairs = [("ticket", ticket.as_str()), ("code", &code), ("kept", &kept), ("kept_for", "/console/new")];
    let back = site.ask(post("/console/sign-in/code", &pairs).body(body(&pairs)).unwrap()).await;
    assert!(back.status == StatusCode::OK && back.text.contains("Typed and not lost"), "{}", back.text);
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_and_wrong_ones_have_to_wait() {
    let site = Site::still().await;
    let phone = set_up(&site, &site.sign_in("ben").await, "ben").await;
    assert_eq!(phone.codes.len(), 10);
    let ticket = value(&half(&site, "ben").await, "ticket");
    let code = phone.codes[3].to_lowercase();
    assert_eq!(second(&site, &ticket, &code).await.status, StatusCode::SEE_OTHER);
    assert_eq!(second(&site, &ticket, &code).await.status, StatusCode::FORBIDDEN, "used once");
    let ben = person(&site, "ben").await;
    assert_eq!(site.app.store.recovery_codes_left(ben.id).await.unwrap(), 9);
    let audit = site.app.store.audit_of(&format!("person:{}", ben.id)).await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|(_, action)| action.as_str()).collect();
    assert!(actions.ends_with(&["factor.add", "factor.recovery"]), "{actions:?}");

    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = second(&site, &ticket, "123456").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    half(&site, "ben").await;
    let still = second(&site, &ticket, &phone.codes[4]).await;
    assert_eq!(still.status, StatusCode::TOO_MANY_REQUESTS, "a right password forgets no wrong code");
}

#[tokio::test]
async fn setting_up_takes_the_password_and_a_code_that_is_right() {
    let site = Site::new().await;
    let ben = site.sign_in("ben").await;
    let place = "/console/settings/factor";
    site.send(&ben, place, &[("action", "begin")]).await;
    let id = person(&site, "ben").await.id;
    let code =
        totp::code(&site.app.store.totp(id).await.unwrap().unwrap().secret, totp::step_of(site.app.world.clock.now()));
    for (code, password) in [(code.as_str(), "wrong password"), ("12345", PASSWORD)] {
        let pairs = [("action", "confirm"), ("code", code), ("password", password)];
        let page = site.send(&ben, place, &pairs).await;
        assert!(page.status == StatusCode::FORBIDDEN && page.text.contains("is not right"), "{}", page.text);
    }
    assert!(!factor::has(&site.app, id).await.unwrap());
    site.sign_in("ben").await;
}

#[tokio::test]
async fn an_approval_asks_for_the_factor_anew() {
    let site = Site::new().await;
    let (ana, ben) = (site.sign_in("ana").await, site.sign_in("ben").await);
    let mut phone = set_up(&site, &ben, "ben").await;
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("name=\"code\"") && !page.text.contains("name=\"password\""));
    let yes = |code: &str| {
        let mut yes = ticked(&page);
        let more =
            [("digest", value(&page, "digest")), ("recipients", "1".to_owned()), ("password", PASSWORD.to_owned())];
        yes.extend(more.map(|(name, text)| (name.to_owned(), text)));
        yes.extend([("code", code), ("action", "approve")].map(|(name, text)| (name.to_owned(), text.to_owned())));
        yes
    };
    let without = site.send(&ben, &place, &borrowed(&yes(""))).await;
    assert!(without.status == StatusCode::FORBIDDEN && without.text.contains("type the code that your phone shows"));
    let wrong = site.send(&ben, &place, &borrowed(&yes("12345"))).await;
    assert!(wrong.status == StatusCode::FORBIDDEN && wrong.text.contains("this code is not right"));
    let sent = site.send(&ben, &place, &borrowed(&yes(&phone.code(&site)))).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
}

#[tokio::test]
async fn turning_it_off_takes_a_code_or_another_administrator() {
    let site = Site::new().await;
    let (ben, ada) = (site.sign_in("ben").await, site.sign_in("ada").await);
    let mut phone = set_up(&site, &ben, "ben").await;
    let place = "/console/settings/factor";
    let wrong = site.send(&ben, place, &[("action", "remove"), ("code", "")]).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let right = site.send(&ben, place, &[("action", "remove"), ("code", &phone.code(&site))]).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER);
    site.sign_in("ben").await;

    set_up(&site, &ben, "ben").await;
    let id = person(&site, "ben").await.id.to_string();
    let reset = [("action", "reset"), ("id", id.as_str())];
    for name in ["ana", "ben"] {
        let refused = site
            .send(&if name == "ben" { ben.clone() } else { site.sign_in(name).await }, "/console/settings", &reset)
            .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(site.send(&ada, "/console/settings", &reset).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get(Some(&ben), "/console").await.status, StatusCode::SEE_OTHER, "and their sessions end");
    site.sign_in("ben").await;
    set_up(&site, &ada, "ada").await;
    let own = factor::reset(&site.app, &Actor::Person(person(&site, "ada").await), person(&site, "ada").await.id).await;
    assert_eq!(own.unwrap_err().status, 403, "an open page of an administrator does not take their own away");
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
