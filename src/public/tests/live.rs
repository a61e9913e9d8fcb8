//! The signed banner: what is signed, when it is signed anew, and how it streams.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{FutureExt as _, StreamExt as _};
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest as _, Sha384};

use super::*;

fn signer() -> Signer {
    Signer::new(b"a key of the installation")
}

/// The payload, once its signature was checked.
fn opened(envelope: &str) -> Value {
    let envelope: Value = serde_json::from_str(envelope).unwrap();
    let key = URL_SAFE_NO_PAD.decode(signer().public_key()).unwrap();
    let payload = envelope["payload"].as_str().unwrap();
    let signature = URL_SAFE_NO_PAD.decode(envelope["signature"].as_str().unwrap()).unwrap();
    UnparsedPublicKey::new(&ED25519, key).verify(payload.as_bytes(), &signature).expect("it is signed");
    serde_json::from_str(payload).unwrap()
}

#[tokio::test]
async fn the_signed_banner_has_every_language_a_sequence_and_an_expiry() {
    let payload = opened(&text(&site(sample()), "/banner/live.json").await);
    assert_eq!(payload["expires_at"], "2026-11-20T10:56:00Z");
    let banner = &payload["banner"];
    assert_eq!(banner["texts"]["de"]["headline"], "Kartenzahlungen schlagen fehl.");
    assert_eq!(banner["texts"]["en"]["next"], "Next update by 11:30 London time, 17 November");
    assert_eq!((&banner["sequence"], &banner["severity"]), (&3.into(), &"warning".into()));
    let mut calm = sample();
    calm.banner = None;
    assert_eq!(opened(&text(&site(calm), "/banner/live.json").await)["banner"], Value::Null, "silence is signed, too");
}

#[tokio::test]
async fn it_is_signed_anew_when_it_changes_or_grows_old_and_its_sequence_grows() {
    let state = PublicState::new(sample(), signer(), 9);
    let site = router(state.clone());
    let mut view = sample();
    let first = text(&site, "/banner/live.json").await;
    view.generated_at = at("12:00");
    state.publish(view.clone());
    assert_eq!(text(&site, "/banner/live.json").await, first, "nothing changed");
    view.generated_at = at("17:00");
    state.publish(view.clone());
    let renewed = text(&site, "/banner/live.json").await;
    assert_ne!(renewed, first);
    view.banner.as_mut().unwrap().sequence = 4;
    // The wall clock was set back meanwhile.
    view.generated_at = at("11:00");
    state.publish(view);
    let changed = text(&site, "/banner/live.json").await;
    let sequences = [first, renewed, changed].map(|envelope| opened(&envelope)["sequence"].as_i64().unwrap());
    assert!(sequences.is_sorted_by(|one, next| one < next), "{sequences:?}");
}

#[tokio::test]
async fn a_stream_says_what_is_and_what_changes_until_the_daemon_stops() {
    let state = PublicState::new(sample(), signer(), 9);
    let response = get(&router(state.clone()), "/banner/events", &[]).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let mut stream = response.into_body().into_data_stream();
    let mut next = async || {
        let piece = stream.next().await?.unwrap();
        let line = String::from_utf8(piece.to_vec()).unwrap();
        Some(opened(line.strip_prefix("data: ").unwrap().trim())["banner"]["sequence"].as_i64().unwrap())
    };
    assert_eq!(next().await, Some(3));
    let mut view = sample();
    view.banner.as_mut().unwrap().sequence = 4;
    state.publish(view.clone());
    assert_eq!(next().await, Some(4));
    // A page changes, the banner does not: its readers are left alone.
    view.incidents.clear();
    state.publish(view.clone());
    assert!(next().now_or_never().is_none());
    view.banner.as_mut().unwrap().sequence = 5;
    state.publish(view);
    assert_eq!(next().await, Some(5));
    state.end();
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn there_is_an_end_to_the_places_and_they_are_given_back() {
    let state = PublicState::new(sample(), signer(), 9);
    let places: Vec<_> = std::iter::from_fn(|| state.live()).collect();
    assert_eq!(places.len(), 9);
    let site = router(state);
    assert_eq!(get(&site, "/banner/events", &[]).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(places);
    assert_eq!(get(&site, "/banner/events", &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_snippet_names_the_key_the_copies_and_the_policy() {
    let said = text(&site(sample()), "/banner/snippet.txt").await;
    let key = signer().public_key();
    let tag = format!(
        "<script src=\"https://status.acme.example/banner.js\" data-key=\"{key}\" data-origins=\"https://status.acme.example/ https://copy.acme.example/\" async></script>"
    );
    assert!(said.contains(&tag), "{said}");
    assert!(said.contains("connect-src https://status.acme.example https://copy.acme.example;"), "{said}");
}

/// Websites have its digest in their tags. A changed script gets the next number, and this one stays as it was.
#[tokio::test]
async fn the_pinned_script_never_changes() {
    let script = text(&site(sample()), assets::PINNED).await;
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha384::digest(&script));
    assert_eq!(format!("{} sha384-{digest}", assets::PINNED), format!("/banner-1.js sha384-{}", PINNED_DIGEST));
    assert!(text(&site(sample()), "/banner/snippet.txt").await.contains(&format!("integrity=\"sha384-{digest}\"")));
}

/// Of `/banner-1.js`.
const PINNED_DIGEST: &str = "zqXzBbRln5TC0KRguBOY48IaqNIbShD8gda4SJegMGHblb63rWj1/l9RTPOwdE59";
