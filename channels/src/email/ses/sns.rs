//! Messages of an SNS topic: signed by Amazon, of our topic, and fresh
//! (docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).
//!
//! The certificate comes from SNS itself, over TLS, and is kept. The first message that needs one which is not here is
//! answered with "not yet" while it is fetched; SNS sends it again. Only the topic's own region is asked, one
//! certificate at a time, so that a forger cannot make us ask anywhere else.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use serde::Deserialize;
use tokio_rustls::rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, alg_id, pem::PemObject,
};
use url::Url;
use webpki::EndEntityCert;

use super::{EventSettings, events};
use crate::{
    callback::fresh,
    contract::{Callback, CallbackError, Receipt, World},
    exchange::exchange,
    registry::SettingsError,
};

/// SNS repeats a message for at most an hour; twice that leaves room for clocks.
pub(super) const FRESH: Duration = Duration::from_secs(2 * 3600);
/// Amazon changes its certificate about once a year.
const MOST_CERTIFICATES: usize = 4;

/// One topic that we listen to.
pub(super) struct Topic {
    arn: String,
    /// Where certificates and confirmations are: `https://sns.REGION.amazonaws.com`.
    origin: String,
    pinned: Option<CertificateDer<'static>>,
    certificates: Mutex<BTreeMap<String, CertificateDer<'static>>>,
    fetching: AtomicBool,
    world: World,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    r#type: String,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    #[serde(default)]
    signature_version: String,
    #[serde(default)]
    signature: String,
    #[serde(rename = "SigningCertURL", default)]
    certificate_url: String,
}

/// The region of a topic; None where this is not the ARN of one.
pub(super) fn region(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "sns", region, account, name] = parts[..] else { return None };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    (arn.starts_with("arn:aws") && [region, account, name].into_iter().all(plain)).then_some(region)
}

/// The domain of Amazon's services in a region.
pub(super) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

impl Topic {
    pub(super) fn new(settings: &EventSettings, world: &World) -> Result<Arc<Topic>, SettingsError> {
        let region = region(&settings.topic_arn).unwrap_or_default();
        let pinned = settings.certificate_file.as_deref().map(read_certificate).transpose()?;
        Ok(Arc::new(Topic {
            arn: settings.topic_arn.clone(),
            origin: format!("https://sns.{region}.{}", domain(region)),
            pinned,
            certificates: Mutex::default(),
            fetching: AtomicBool::new(false),
            world: world.clone(),
        }))
    }

    pub(super) fn receive(self: &Arc<Self>, callback: &Callback<'_>) -> Result<Vec<Receipt>, CallbackError> {
        let message: Message = serde_json::from_slice(callback.body)
            .map_err(|_| CallbackError::Malformed("it is not a message of SNS".to_owned()))?;
        if message.topic_arn != self.arn {
            return Err(CallbackError::Forged);
        }
        let certificate = self.certificate(&message.certificate_url)?;
        if !is_signed(&message, &certificate) {
            return Err(CallbackError::Forged);
        }
        let at: Timestamp =
            message.timestamp.parse().map_err(|_| CallbackError::Malformed("its Timestamp is no time".to_owned()))?;
        fresh(at, self.world.clock.now(), FRESH)?;
        match message.r#type.as_str() {
            "Notification" => events::read(&message.message),
            "SubscriptionConfirmation" => {
                self.confirm(message.subscribe_url.as_deref().unwrap_or_default())?;
                Ok(Vec::new())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The certificate of this address, or the way to it.
    fn certificate(self: &Arc<Self>, url: &str) -> Result<CertificateDer<'static>, CallbackError> {
        if let Some(pinned) = &self.pinned {
            return Ok(pinned.clone());
        }
        let name = url.strip_prefix(&self.origin).and_then(|path| path.strip_prefix("/SimpleNotificationService-"));
        let is_name = |name: &&str| name.len() <= 80 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        name.and_then(|name| name.strip_suffix(".pem")).filter(is_name).ok_or(CallbackError::Forged)?;
        let known = self.certificates.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        if let Some(certificate) = known {
            return Ok(certificate);
        }
        if !self.fetching.swap(true, Ordering::AcqRel) {
            let (topic, url) = (Arc::clone(self), url.to_owned());
            tokio::spawn(async move { topic.fetch(url).await });
        }
        Err(CallbackError::NotYet)
    }

    async fn fetch(&self, url: String) {
        let found = match exchange(self.world.http.get(&url)).await {
            Ok(answer) if answer.status == 200 && answer.complete => CertificateDer::from_pem_slice(&answer.body).ok(),
            _ => None,
        };
        match found {
            Some(certificate) => {
                let mut known = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= MOST_CERTIFICATES {
                    known.clear();
                }
                known.insert(url, certificate);
            }
            None => tracing::warn!("the certificate of the SNS topic could not be fetched; it is tried again"),
        }
        self.fetching.store(false, Ordering::Release);
    }

    /// Visits the address that a signed message of our topic asks to be visited.
    fn confirm(self: &Arc<Self>, url: &str) -> Result<(), CallbackError> {
        let same = |url: &Url| url.origin().ascii_serialization() == self.origin;
        let url = Url::parse(url).ok().filter(same).ok_or(CallbackError::Forged)?;
        let topic = Arc::clone(self);
        tokio::spawn(async move {
            match exchange(topic.world.http.get(url)).await {
                Ok(answer) if answer.status == 200 => tracing::info!("the subscription to the SNS topic is confirmed"),
                _ => tracing::warn!("the subscription to the SNS topic could not be confirmed; subscribe again"),
            }
        });
        Ok(())
    }
}

/// What is signed: these fields, each with its name before it, and a line end after each.
fn signed_text(message: &Message) -> String {
    let is_notification = message.r#type == "Notification";
    let fields = [
        ("Message", Some(message.message.as_str())),
        ("MessageId", Some(message.message_id.as_str())),
        ("Subject", message.subject.as_deref().filter(|_| is_notification)),
        ("SubscribeURL", message.subscribe_url.as_deref().filter(|_| !is_notification)),
        ("Timestamp", Some(message.timestamp.as_str())),
        ("Token", message.token.as_deref().filter(|_| !is_notification)),
        ("TopicArn", Some(message.topic_arn.as_str())),
        ("Type", Some(message.r#type.as_str())),
    ];
    fields.into_iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", value?))).collect()
}

fn is_signed(message: &Message, certificate: &CertificateDer<'_>) -> bool {
    let algorithm = match message.signature_version.as_str() {
        "1" => Rsa(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "2" => Rsa(&RSA_PKCS1_2048_8192_SHA256),
        _ => return false,
    };
    let Ok(signature) = BASE64_STANDARD.decode(&message.signature) else { return false };
    EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
        certificate.verify_signature(&algorithm, signed_text(message).as_bytes(), &signature).is_ok()
    })
}

/// RSA by ring, for webpki, which takes the key out of the certificate and has no SHA-1 of its own.
#[derive(Debug)]
struct Rsa(&'static RsaParameters);

impl SignatureVerificationAlgorithm for Rsa {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.0, key).verify(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    /// Asked for chains of certificates only.
    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_PKCS1_SHA256
    }
}

fn read_certificate(path: &Path) -> Result<CertificateDer<'static>, SettingsError> {
    CertificateDer::from_pem_file(path).map_err(|error| {
        let message = format!("{}: cannot be read as a PEM certificate: {error}", path.display());
        SettingsError::new("events.certificate_file", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::ReceiptWord,
        testkit::{
            self,
            http_server::{HttpAnswer, HttpServer},
        },
    };

    const CERTIFICATE: &str = include_str!("../../../testdata/sns/certificate.pem");
    const DELIVERY: &str = include_str!("../../../testdata/sns/delivery.json");
    const CONFIRMATION: &str = include_str!("../../../testdata/sns/confirmation.json");

    /// A topic whose certificate has to be fetched, from this server in Amazon's place.
    fn topic(origin: &str) -> Arc<Topic> {
        let arn = "arn:aws:sns:eu-west-1:123456789012:onevoice".to_owned();
        let mut topic =
            Topic::new(&EventSettings { topic_arn: arn, certificate_file: None }, &testkit::world()).unwrap();
        Arc::get_mut(&mut topic).unwrap().origin = origin.to_owned();
        topic
    }

    fn receive(topic: &Arc<Topic>, body: &str) -> Result<Vec<Receipt>, CallbackError> {
        let url = "https://alerts.example/receipts/kit".parse().unwrap();
        topic.receive(&Callback { method: "POST", url: &url, headers: &BTreeMap::new(), body: body.as_bytes() })
    }

    async fn fetched(topic: &Topic) {
        while topic.fetching.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
    }

    const AMAZON: &str = "https://sns.eu-west-1.amazonaws.com";

    #[tokio::test]
    async fn a_certificate_is_fetched_once_and_the_message_believed_when_it_comes_again() {
        let server = HttpServer::start(|_| HttpAnswer::reply(200, CERTIFICATE)).await;
        let topic = topic(&server.url(""));
        // The address of the certificate is not among what is signed.
        let delivery = DELIVERY.replace(AMAZON, &server.url(""));
        assert_eq!(receive(&topic, &delivery), Err(CallbackError::NotYet));
        fetched(&topic).await;
        assert_eq!(receive(&topic, &delivery).unwrap()[0].word, ReceiptWord::Delivered);
        assert_eq!(receive(&topic, &delivery).unwrap()[0].word, ReceiptWord::Delivered);
        assert_eq!(server.seen().len(), 1);
    }

    #[tokio::test]
    async fn a_certificate_that_cannot_be_had_is_asked_for_again() {
        let server = HttpServer::start(|_| HttpAnswer::reply(503, "")).await;
        let topic = topic(&server.url(""));
        let delivery = DELIVERY.replace(AMAZON, &server.url(""));
        for asked in 1..=2 {
            assert_eq!(receive(&topic, &delivery), Err(CallbackError::NotYet));
            fetched(&topic).await;
            assert_eq!(server.seen().len(), asked);
        }
    }

    #[tokio::test]
    async fn nobody_elses_certificate_is_fetched() {
        let server = HttpServer::start(|_| HttpAnswer::reply(200, CERTIFICATE)).await;
        let topic = topic(AMAZON);
        let path = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
        for url in [
            server.url(path),
            format!("https://sns.eu-west-1.amazonaws.com.evil.example{path}"),
            format!("https://evil.example/https://sns.eu-west-1.amazonaws.com{path}"),
            format!("https://sns.us-east-1.amazonaws.com{path}"),
            format!("http://sns.eu-west-1.amazonaws.com{path}"),
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a/../../x.pem".to_owned(),
            "https://sns.eu-west-1.amazonaws.com/other.pem".to_owned(),
            String::new(),
        ] {
            let body = DELIVERY.replace(&format!("{AMAZON}{path}"), &url);
            assert_eq!(receive(&topic, &body), Err(CallbackError::Forged), "{url}");
        }
        assert!(server.seen().is_empty() && !topic.fetching.load(Ordering::Acquire));
    }

    #[tokio::test]
    async fn only_a_signed_confirmation_of_our_topic_is_visited() {
        let server = HttpServer::start(|_| HttpAnswer::reply(200, CERTIFICATE)).await;
        let topic = topic(&server.url(""));
        let certificate_only = CONFIRMATION.replace(
            &format!("{AMAZON}/SimpleNotificationService"),
            &format!("{}/SimpleNotificationService", server.url("")),
        );
        assert_eq!(receive(&topic, &certificate_only), Err(CallbackError::NotYet));
        fetched(&topic).await;
        // Signed, but its address is not the origin that this topic was given.
        assert_eq!(receive(&topic, &certificate_only), Err(CallbackError::Forged));
        // The right origin, but not what was signed.
        let moved = CONFIRMATION.replace(AMAZON, &server.url(""));
        assert_eq!(receive(&topic, &moved), Err(CallbackError::Forged));
        let other_topic = certificate_only.replace(":onevoice", ":other");
        assert_eq!(receive(&topic, &other_topic), Err(CallbackError::Forged));
        assert_eq!(server.seen().len(), 1, "nothing but the certificate was asked for");
    }

    #[tokio::test]
    async fn a_confirmation_is_visited() {
        let server = HttpServer::start(|_| HttpAnswer::reply(200, "<ConfirmSubscriptionResponse/>")).await;
        let topic = topic(&server.url(""));
        topic.confirm(&server.url("/?Action=ConfirmSubscription&Token=2336412f37")).unwrap();
        while server.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.seen()[0].target, "/?Action=ConfirmSubscription&Token=2336412f37");
        assert_eq!(topic.confirm("http://127.0.0.1:1/?Action=ConfirmSubscription"), Err(CallbackError::Forged));
    }

    #[test]
    fn a_topics_region_is_read_from_its_arn() {
        assert_eq!(region("arn:aws:sns:eu-west-1:123456789012:onevoice"), Some("eu-west-1"));
        assert_eq!(region("arn:aws-cn:sns:cn-north-1:123456789012:a_b"), Some("cn-north-1"));
        for wrong in ["", "arn:aws:sqs:eu-west-1:1:a", "arn:aws:sns::1:a", "arn:aws:sns:a/b:1:a", "x:aws:sns:a:1:a"] {
            assert_eq!(region(wrong), None, "{wrong}");
        }
    }
}
