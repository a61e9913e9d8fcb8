//! One's own access: another password, and where one is signed in.

use super::*;

const PLACE: &str = "/console/settings/own";

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_the_other_sessions() {
    let site = Site::new().await;
    let (here, elsewhere, ben) = (site.sign_in("ana").await, site.sign_in("ana").await, site.sign_in("ben").await);
    assert!(site.get(Some(&here), PLACE).await.text.contains("Somewhere else"));
    let change = |old, new| [("action", "password"), ("password", old), ("new_password", new)];
    for (old, new, status, why) in [
        ("not the password", "a password to come", StatusCode::FORBIDDEN, "the password is not right"),
        (PASSWORD, "short", StatusCode::UNPROCESSABLE_ENTITY, "12"),
        (PASSWORD, PASSWORD, StatusCode::UNPROCESSABLE_ENTITY, "choose another one"),
    ] {
        let page = site.send(&here, PLACE, &change(old, new)).await;
        assert!(page.status == status && page.text.contains(why), "{why}: {}", page.text);
    }
    assert_eq!(site.get(Some(&elsewhere), "/console").await.status, StatusCode::OK, "nothing has changed so far");
    let page = site.send(&here, PLACE, &change(PASSWORD, "a password to come")).await;
    assert!(page.status == StatusCode::OK && page.text.contains("Your new password counts"), "{}", page.text);
    assert_eq!(site.get(Some(&here), "/console").await.status, StatusCode::OK);
    assert_eq!(site.get(Some(&elsewhere), "/console").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get(Some(&ben), "/console").await.status, StatusCode::OK, "nobody else's");
    let old = [("email", "ana@acme.example"), ("password", PASSWORD)];
    assert_eq!(
        site.ask(post("/console/sign-in", &old).body(body(&old)).unwrap()).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_other_sessions_end_and_this_one_stays() {
    let site = Site::new().await;
    let (here, elsewhere, ben) = (site.sign_in("ana").await, site.sign_in("ana").await, site.sign_in("ben").await);
    let page = site.send(&here, PLACE, &[("action", "others")]).await;
    assert!(page.text.contains("signed in here, and nowhere else") && !page.text.contains("Somewhere else"));
    assert_eq!(site.get(Some(&elsewhere), "/console").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.get(Some(&ben), "/console").await.status, StatusCode::OK);
    let audit = site.app.store.audit_of("person:1").await.unwrap();
    assert!(audit.contains(&("person:1".to_owned(), "person.end_sessions".to_owned())), "{audit:?}");
}
