//! Passkeys: made, used at the sign-in and at an approval, refused where they were not asked for. The authenticator is
//! played here, with a key of its own; a real one is in `tests/browser/passkeys.mjs`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::people::{Person, factor};

const HERE: &str = "http://localhost:8080";
const PLACE: &str = "/console/settings/factor";
/// Somebody touched it; it also knew who.
const TOUCHED: u8 = 0x01;
const VERIFIED: u8 = 0x05;

/// A device that keeps one passkey.
struct Device {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    uses: u32,
}

impl Device {
    fn new(name: &str) -> Device {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Device { key, id: Sha256::digest(name).to_vec(), uses: 0 }
    }

    fn head(&mut self, name: &str, flags: u8) -> Vec<u8> {
        self.uses += 1;
        let mut data = Sha256::digest(name).to_vec();
        data.push(flags);
        data.extend(self.uses.to_be_bytes());
        data
    }

    /// What `navigator.credentials.create` gives.
    fn made(&mut self, asked: &Value, origin: &str, flags: u8) -> String {
        let mut data = self.head(asked["rp"]["id"].as_str().unwrap(), flags | 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // A COSE key (RFC 9052, 7): EC2, ES256, P-256, x, y.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let response = json!({ "clientDataJSON": said("create", asked, origin), "attestationObject": BASE64.encode(object), "transports": ["internal"] });
        json!({ "rawId": BASE64.encode(&self.id), "response": response }).to_string()
    }

    /// What `navigator.credentials.get` gives.
    fn used(&mut self, asked: &Value, origin: &str, flags: u8) -> String {
        let data = self.head(asked["rpId"].as_str().unwrap(), flags);
        let client = said("get", asked, origin);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(BASE64.decode(&client).unwrap()));
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let response = json!({ "clientDataJSON": client, "authenticatorData": BASE64.encode(data), "signature": BASE64.encode(signature.as_ref()) });
        json!({ "rawId": BASE64.encode(&self.id), "response": response }).to_string()
    }
}

fn said(kind: &str, asked: &Value, origin: &str) -> String {
    BASE64.encode(
        json!({ "type": format!("webauthn.{kind}"), "challenge": asked["challenge"], "origin": origin }).to_string(),
    )
}

async fn person(site: &Site, name: &str) -> Person {
    site.app.store.person_by_email(&format!("{name}@acme.example")).await.unwrap().unwrap().0
}

/// What the script is answered at a place.
async fn asked(site: &Site, browser: &Browser, place: &str, pairs: &[(&str, &str)]) -> Value {
    let page = site.send(browser, place, pairs).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    serde_json::from_str(&page.text).unwrap()
}

/// Adds a passkey by the page, and gives what it answered.
async fn add(site: &Site, browser: &Browser, device: &mut Device, name: &str) -> Page {
    let asked = asked(site, browser, &format!("{PLACE}/passkey"), &[("password", PASSWORD)]).await;
    let answer = device.made(&asked, HERE, VERIFIED);
    site.send(browser, PLACE, &[("action", "passkey"), ("name", name), ("passkey", &answer)]).await
}

fn codes(page: &Page) -> Vec<String> {
    let list = page.text.split("id=\"codes\"").nth(1).expect("recovery codes").split("</ul>").next().unwrap();
    list.split("<li>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Signs in as far as the password leads, and gives the ticket.
async fn half(site: &Site, name: &str) -> String {
    let email = format!("{name}@acme.example");
    let pairs = [("email", email.as_str()), ("password", PASSWORD)];
    let page = site.ask(post("/console/sign-in", &pairs).body(body(&pairs)).unwrap()).await;
    assert!(page.cookies.is_empty(), "the password alone is no session");
    value(&page, "ticket")
}

async fn at_sign_in(site: &Site, place: &str, pairs: &[(&str, &str)]) -> Page {
    site.ask(post(place, pairs).body(body(pairs)).unwrap()).await
}

/// What the second step asks a passkey for.
async fn asked_for_ticket(site: &Site, ticket: &str) -> Value {
    let page = at_sign_in(site, "/console/sign-in/passkey", &[("ticket", ticket)]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    serde_json::from_str(&page.text).unwrap()
}

async fn second(site: &Site, ticket: &str, answer: &str) -> Page {
    at_sign_in(site, "/console/sign-in/code", &[("ticket", ticket), ("passkey", answer)]).await
}

#[tokio::test]
async fn a_passkey_alone_is_a_second_factor_and_recovery_codes_come_with_it() {
    let site = Site::new().await;
    let (ben, mut device) = (site.sign_in("ben").await, Device::new("laptop"));
    let wrong = site.send(&ben, &format!("{PLACE}/passkey"), &[("password", "wrong password")]).await;
    assert!(wrong.status == StatusCode::FORBIDDEN && wrong.text == "the password is not right", "{}", wrong.text);
    let page = add(&site, &ben, &mut device, "My laptop").await;
    let codes = codes(&page);
    assert_eq!((page.status, codes.len()), (StatusCode::OK, 10));
    let page = site.get(Some(&ben), PLACE).await;
    assert!(page.text.contains("My laptop") && page.text.contains("not yet"), "{}", page.text);
    assert!(factor::has(&site.app, person(&site, "ben").await.id).await.unwrap());
    let mut phone = Device::new("phone");
    assert_eq!(add(&site, &ben, &mut phone, "").await.status, StatusCode::SEE_OTHER, "codes came with the first one");
    let again = add(&site, &ben, &mut device, "again").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);

    for (device, way) in [(&mut device, "the first"), (&mut phone, "the second")] {
        let ticket = half(&site, "ben").await;
        let asked = asked_for_ticket(&site, &ticket).await;
        let inside = second(&site, &ticket, &device.used(&asked, HERE, TOUCHED)).await;
        assert_eq!(inside.status, StatusCode::SEE_OTHER, "{way}: {}", inside.text);
        assert_eq!(site.get(Some(&browser(&inside)), "/console").await.status, StatusCode::OK);
    }
    let ticket = half(&site, "ben").await;
    let by_code = at_sign_in(&site, "/console/sign-in/code", &[("ticket", &ticket), ("code", &codes[0])]).await;
    assert_eq!(by_code.status, StatusCode::SEE_OTHER, "{}", by_code.text);
    let neither = at_sign_in(&site, "/console/sign-in/code", &[("ticket", &ticket), ("code", "")]).await;
    assert!(
        neither.status == StatusCode::FORBIDDEN && neither.text.contains("use your passkey, or type a recovery code")
    );
}

#[tokio::test]
async fn an_answer_counts_once_from_here_and_of_the_person_who_was_asked() {
    let site = Site::new().await;
    let (ben, mut own) = (site.sign_in("ben").await, Device::new("ben"));
    let (ana, mut other) = (site.sign_in("ana").await, Device::new("ana"));
    add(&site, &ben, &mut own, "").await;
    add(&site, &ana, &mut other, "").await;
    let ticket = half(&site, "ben").await;

    let asked = asked_for_ticket(&site, &ticket).await;
    assert!(asked["allowCredentials"].as_array().is_some_and(|all| all.len() == 1), "{asked}");
    let answer = own.used(&asked, HERE, VERIFIED);
    assert_eq!(second(&site, &ticket, &answer).await.status, StatusCode::SEE_OTHER);
    let replayed = second(&site, &ticket, &answer).await;
    assert!(replayed.status == StatusCode::FORBIDDEN && replayed.text.contains("was not asked for here"));
    asked_for_ticket(&site, &ticket).await;
    let replayed = second(&site, &ticket, &answer).await;
    assert!(
        replayed.status == StatusCode::FORBIDDEN && replayed.text.contains("was not asked for here"),
        "another challenge"
    );

    let asked = asked_for_ticket(&site, &ticket).await;
    let elsewhere = second(&site, &ticket, &own.used(&asked, "https://localhost.evil.example", VERIFIED)).await;
    assert!(
        elsewhere.status == StatusCode::FORBIDDEN && elsewhere.text.contains("taken from http://localhost:8080 only")
    );
    let asked = asked_for_ticket(&site, &ticket).await;
    let foreign = second(&site, &ticket, &other.used(&asked, HERE, VERIFIED)).await;
    assert!(foreign.status == StatusCode::FORBIDDEN && foreign.cookies.is_empty(), "{}", foreign.text);
    let asked = asked_for_ticket(&site, &ticket).await;
    let mut forger = Device { id: own.id.clone(), ..Device::new("forger") };
    forger.uses = 100;
    let forged = second(&site, &ticket, &forger.used(&asked, HERE, VERIFIED)).await;
    assert!(forged.status == StatusCode::FORBIDDEN && forged.text.contains("this passkey is not right"));
    let asked = asked_for_ticket(&site, &ticket).await;
    let other_ticket = half(&site, "ben").await;
    let moved = second(&site, &other_ticket, &own.used(&asked, HERE, VERIFIED)).await;
    assert_eq!(moved.status, StatusCode::FORBIDDEN, "it was asked with another ticket");
    assert_eq!(second(&site, &ticket, "{}").await.status, StatusCode::FORBIDDEN);
    let forged = at_sign_in(&site, "/console/sign-in/passkey", &[("ticket", "1.9999999999999.00")]).await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_copied_passkey_is_seen_by_its_count_and_written_down() {
    let site = Site::new().await;
    let (ben, mut device) = (site.sign_in("ben").await, Device::new("ben"));
    add(&site, &ben, &mut device, "Old key").await;
    let ticket = half(&site, "ben").await;
    let asked = asked_for_ticket(&site, &ticket).await;
    device.uses = 40;
    assert_eq!(second(&site, &ticket, &device.used(&asked, HERE, VERIFIED)).await.status, StatusCode::SEE_OTHER);
    device.uses = 20;
    let asked = asked_for_ticket(&site, &ticket).await;
    let copied = second(&site, &ticket, &device.used(&asked, HERE, VERIFIED)).await;
    assert!(copied.status == StatusCode::FORBIDDEN && copied.text.contains("may have been copied"), "{}", copied.text);
    let audit = site.app.store.audit_of(&format!("person:{}", person(&site, "ben").await.id)).await.unwrap();
    let actions: Vec<&str> = audit.iter().map(|(_, action)| action.as_str()).collect();
    assert!(actions.ends_with(&["factor.add", "factor.copied"]), "{actions:?}");
}

#[tokio::test]
async fn an_approval_takes_a_passkey_for_just_what_was_read() {
    let site = Site::new().await;
    let (ana, ben, mut device) = (site.sign_in("ana").await, site.sign_in("ben").await, Device::new("ben"));
    add(&site, &ben, &mut device, "").await;
    let id = submitted(&site, &ana).await;
    let place = format!("/console/updates/{id}/approve");
    let page = site.get(Some(&ben), &place).await;
    let digest = value(&page, "digest");
    assert!(page.text.contains("data-proved") && !page.text.contains("name=\"password\""));
    let to_ask = format!("{place}/passkey");
    let yes = |answer: String| {
        let mut yes = ticked(&page);
        let more = [("digest", digest.clone()), ("recipients", "1".to_owned()), ("passkey", answer)];
        yes.extend(more.map(|(name, text)| (name.to_owned(), text)));
        yes.push(("action".to_owned(), "approve".to_owned()));
        yes
    };
    let elsewhere = site.send(&ben, &to_ask, &[("digest", "another")]).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    let author = site.send(&ana, &to_ask, &[("digest", &digest)]).await;
    assert_eq!(author.status, StatusCode::FORBIDDEN, "who may not approve is not asked");

    let for_settings = asked(&site, &ben, &format!("{PLACE}/prove"), &[]).await;
    let refused = site.send(&ben, &place, &borrowed(&yes(device.used(&for_settings, HERE, VERIFIED)))).await;
    assert!(
        refused.status == StatusCode::FORBIDDEN && refused.text.contains("was not asked for here"),
        "{}",
        refused.text
    );
    let touch = asked(&site, &ben, &to_ask, &[("digest", &digest)]).await;
    assert_eq!(touch["userVerification"], "required");
    let refused = site.send(&ben, &place, &borrowed(&yes(device.used(&touch, HERE, TOUCHED)))).await;
    assert!(
        refused.status == StatusCode::FORBIDDEN && refused.text.contains("PIN, finger or face"),
        "{}",
        refused.text
    );
    let other = site.sign_in_with_passkey("ben", &mut device).await;
    let there = asked(&site, &other, &to_ask, &[("digest", &digest)]).await;
    let refused = site.send(&ben, &place, &borrowed(&yes(device.used(&there, HERE, VERIFIED)))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "it was asked in another session");
    let here = asked(&site, &ben, &to_ask, &[("digest", &digest)]).await;
    let sent = site.send(&ben, &place, &borrowed(&yes(device.used(&here, HERE, VERIFIED)))).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
}

#[tokio::test]
async fn a_prepared_message_takes_a_passkey_for_just_the_version_that_was_read() {
    let site = Site::new().await;
    crate::demo::sample::fill(&site.app).await.unwrap();
    let (ana, ben, mut device) = (site.sign_in("ana").await, site.sign_in("ben").await, Device::new("ben"));
    add(&site, &ben, &mut device, "").await;
    let place = site.send(&ana, "/console/prepared/new", &super::quick::form()).await.place;
    let page = site.get(Some(&ben), &place).await;
    assert!(page.text.contains("data-proved") && !page.text.contains("name=\"password\""), "{}", page.text);
    let (to_ask, digest) = (format!("{place}/passkey"), value(&page, "digest"));
    assert_eq!(
        site.send(&ben, &to_ask, &[("digest", "another")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another version is not asked about"
    );
    let writer = site.send(&ana, &to_ask, &[("digest", &digest)]).await;
    assert_eq!(writer.status, StatusCode::FORBIDDEN, "who may not approve is not asked");
    let for_settings = asked(&site, &ben, &format!("{PLACE}/prove"), &[]).await;
    let yes = |answer: &str| {
        [("action", "approve"), ("digest", digest.as_str()), ("passkey", answer)]
            .map(|(name, text)| (name, text.to_owned()))
    };
    let sent = async |answer: String| {
        let pairs = yes(&answer);
        site.send(&ben, &place, &pairs.each_ref().map(|(name, text)| (*name, text.as_str()))).await
    };
    let refused = sent(device.used(&for_settings, HERE, VERIFIED)).await;
    assert!(refused.text.contains("was not asked for here"), "{}", refused.text);
    let here = asked(&site, &ben, &to_ask, &[("digest", &digest)]).await;
    let done = sent(device.used(&here, HERE, VERIFIED)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert_eq!(site.app.store.playbook(1).await.unwrap().approvals.len(), 1);
}

#[tokio::test]
async fn removing_the_last_one_takes_a_proof_and_the_codes_go_too() {
    let site = Site::new().await;
    let (ben, ada, mut device) = (site.sign_in("ben").await, site.sign_in("ada").await, Device::new("ben"));
    add(&site, &ben, &mut device, "Key").await;
    let me = person(&site, "ben").await.id;
    let forget = format!("forget:{}", site.app.store.passkeys(me).await.unwrap()[0].id);
    let without = site.send(&ben, PLACE, &[("action", &forget), ("code", "")]).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    let mut hers = Device::new("ada");
    add(&site, &ada, &mut hers, "").await;
    let for_ada = asked(&site, &ada, &format!("{PLACE}/prove"), &[]).await;
    let others =
        site.send(&ada, PLACE, &[("action", &forget), ("passkey", &hers.used(&for_ada, HERE, VERIFIED))]).await;
    assert_eq!(others.status, StatusCode::NOT_FOUND, "a colleague's is not one's own");
    let asked = asked(&site, &ben, &format!("{PLACE}/prove"), &[]).await;
    let gone = site.send(&ben, PLACE, &[("action", &forget), ("passkey", &device.used(&asked, HERE, VERIFIED))]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text);
    assert!(!factor::has(&site.app, me).await.unwrap());
    assert_eq!(site.app.store.recovery_codes_left(me).await.unwrap(), 0);

    add(&site, &ben, &mut Device::new("new"), "").await;
    let reset = [("action", "reset"), ("id", &*me.to_string())];
    assert_eq!(site.send(&ada, "/console/settings", &reset).await.status, StatusCode::SEE_OTHER);
    assert!(!factor::has(&site.app, me).await.unwrap());
}

#[tokio::test]
async fn where_browsers_know_none_the_page_says_so_and_the_app_still_works() {
    let site = Site::with(|config| config.http.public_url = Some("https://192.0.2.7/".parse().unwrap())).await;
    let ben = site.sign_in("ben").await;
    let page = site.get(Some(&ben), PLACE).await;
    assert!(page.text.contains("passkeys cannot work at https://192.0.2.7"), "{}", page.text);
    assert!(page.text.contains("Set up an authenticator app") && !page.text.contains("Add a passkey"));
    let refused = site.send(&ben, &format!("{PLACE}/passkey"), &[("password", PASSWORD)]).await;
    assert!(refused.status == StatusCode::CONFLICT && refused.text.contains("http.public_url"));
}

impl Site {
    async fn sign_in_with_passkey(&self, name: &str, device: &mut Device) -> Browser {
        let ticket = half(self, name).await;
        let asked = asked_for_ticket(self, &ticket).await;
        browser(&second(self, &ticket, &device.used(&asked, HERE, TOUCHED)).await)
    }
}
