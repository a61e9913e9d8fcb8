//! Signed calls to an address that somebody else chose (Standard Webhooks, github.com/standard-webhooks/standard-webhooks):
//! the signature, and the guard against addresses that only this machine and its network should reach.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use ipnet::IpNet;
use sha2::Sha256;

use crate::{
    contract::{Clock, Outcome, Reason},
    exchange::Answer,
    guard::Guard,
    hook::Hook,
    posting,
    registry::SettingsError,
    secret::Secret,
};

/// What the standard allows for a key, in bytes.
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

/// Who is called, as it is configured. The names are those of the settings, for errors.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// The setting that holds the whole address, and the address, which is a secret.
    pub url: (&'a str, &'a Secret),
    /// The setting that holds the keys, and the keys: each signs, so that one can be changed for another.
    pub keys: (&'a str, &'a [Secret]),
    /// Networks that may be reached though they are not public.
    pub allow_networks: &'a [String],
    /// Permits http to a host that is not this one.
    pub allow_cleartext: bool,
    /// How long the receiver may take to answer.
    pub timeout_seconds: u64,
}

impl Called<'_> {
    /// Checks it.
    ///
    /// # Errors
    /// Names the setting at fault; never repeats an address or a key.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let refused = |refused| SettingsError::new(self.url.0, format!("cannot be reached: {refused}"));
        self.guard()?.literal(&self.hook()?.url).map_err(refused)?;
        self.read_keys()?;
        if !(1..=60).contains(&self.timeout_seconds) {
            return Err(SettingsError::new("timeout_seconds", "must be 1 to 60"));
        }
        Ok(())
    }

    fn guard(&self) -> Result<Guard, SettingsError> {
        let network = |text: &String| -> Result<IpNet, SettingsError> {
            let single = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
            text.parse().ok().or_else(single).ok_or_else(|| {
                let message = format!("{text:?} is not a network; write it like \"10.1.0.0/16\" or \"fd00::/8\"");
                SettingsError::new("allow_networks", message)
            })
        };
        Ok(Guard::new(self.allow_networks.iter().map(network).collect::<Result<_, _>>()?))
    }

    fn read_keys(&self) -> Result<Vec<Vec<u8>>, SettingsError> {
        let read = |key: &Secret| {
            let key = key.expose().strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
            key.filter(|key| KEY.contains(&key.len())).ok_or_else(|| {
                let message = "must hold whsec_ and 24 to 64 random bytes in Base64; \
                               `echo whsec_$(openssl rand -base64 32)` makes one";
                SettingsError::new(self.keys.0, message)
            })
        };
        self.keys.1.iter().map(read).collect()
    }

    fn hook(&self) -> Result<Hook, SettingsError> {
        Hook::read(self.url.0, self.url.1, self.allow_cleartext)
    }
}

/// What came of a call, for who only wants to know whether it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The receiver has it.
    Taken,
    /// The receiver wants no more (410).
    Gone,
    /// It has not, or may not have.
    Not {
        /// When it asked to be called again.
        after: Option<Duration>,
        /// Why: a status, or what the connection did. Nothing of the receiver's own words, and no address.
        why: String,
    },
}

/// Calls one receiver.
pub struct Caller {
    hook: Hook,
    keys: Vec<Vec<u8>>,
    client: reqwest::Client,
    guard: Guard,
}

impl Caller {
    /// Makes ready to call.
    ///
    /// # Errors
    /// As [`Called::validate`]; when this machine's TLS set-up cannot be used.
    pub fn new(called: &Called<'_>) -> Result<Caller, SettingsError> {
        let guard = called.guard()?;
        let client = guard.client(Duration::from_secs(called.timeout_seconds)).map_err(|error| {
            let error = error.without_url();
            SettingsError::new(called.url.0, format!("this machine's TLS set-up cannot be used: {error}"))
        })?;
        Ok(Caller { hook: called.hook()?, keys: called.read_keys()?, client, guard })
    }

    /// Calls with a message of this id. The same id again is the same message to the receiver.
    pub async fn deliver(&self, clock: &dyn Clock, id: &str, body: String) -> Heard {
        let answer = match self.ask(clock, id, body).await {
            Ok(answer) => answer,
            Err(Outcome::Later { detail, .. } | Outcome::InDoubt { detail }) => {
                return Heard::Not { after: None, why: detail };
            }
            Err(_) => return Heard::Not { after: None, why: "no answer".to_owned() },
        };
        match answer.status {
            200..=299 => Heard::Taken,
            410 => Heard::Gone,
            status => Heard::Not {
                after: answer.retry_after(clock.now()).filter(|_| matches!(status, 429 | 503)),
                why: format!("the receiver answered {status}"),
            },
        }
    }

    /// The same, with the answer.
    pub(crate) async fn ask(&self, clock: &dyn Clock, id: &str, body: String) -> Result<Answer, Outcome> {
        if let Err(refused) = self.guard.literal(&self.hook.url) {
            return Err(Outcome::Later { after: None, reason: Reason::Unreachable, detail: refused.to_string() });
        }
        let seconds = clock.now().as_second();
        let signatures: Vec<String> = self.keys.iter().map(|key| signature(key, id, seconds, &body)).collect();
        let request = self
            .client
            .post(self.hook.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        posting::ask(request).await
    }

    /// A text without any part of the address.
    pub(crate) fn clean(&self, text: &str) -> String {
        self.hook.scrubber.clean(text, "")
    }
}

/// The symmetric signature of the standard: HMAC-SHA-256 over id, time and body with full stops between.
fn signature(key: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{
        self,
        http_server::{HttpAnswer, HttpServer},
    };

    const KEYS: [&str; 2] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];

    /// The standard's own example.
    #[test]
    fn the_signature_is_the_standards() {
        let key = STANDARD.decode(&KEYS[0]["whsec_".len()..]).unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    fn caller(url: &str, networks: &[&str]) -> Caller {
        let _ = testkit::world();
        let (url, keys) = (Secret::new(url), KEYS.map(Secret::new));
        let networks: Vec<String> = networks.iter().map(|network| (*network).to_owned()).collect();
        let called = Called {
            url: ("url", &url),
            keys: ("secrets", &keys),
            allow_networks: &networks,
            allow_cleartext: false,
            timeout_seconds: 30,
        };
        Caller::new(&called).unwrap()
    }

    #[tokio::test]
    async fn while_a_key_is_changed_both_sign() {
        let server = HttpServer::start(|_| HttpAnswer::reply(204, "")).await;
        let world = testkit::world();
        let caller = caller(&format!("http://127.0.0.1:{}/x", server.port), &["127.0.0.0/8"]);
        assert_eq!(caller.deliver(world.clock.as_ref(), "evt_1", "{}".to_owned()).await, Heard::Taken);
        let seen = server.seen();
        let signatures: Vec<&str> = seen[0].headers["webhook-signature"].split(' ').collect();
        let seconds = seen[0].headers["webhook-timestamp"].parse().unwrap();
        let expected = KEYS.map(|key| signature(&STANDARD.decode(&key[6..]).unwrap(), "evt_1", seconds, "{}"));
        assert_eq!(signatures, expected);
    }

    #[tokio::test]
    async fn what_is_heard_is_a_word_and_nothing_of_the_receivers() {
        for (status, header, heard) in [
            (200, None, Heard::Taken),
            (410, None, Heard::Gone),
            (
                429,
                Some("9"),
                Heard::Not { after: Some(Duration::from_secs(9)), why: "the receiver answered 429".into() },
            ),
            (500, Some("9"), Heard::Not { after: None, why: "the receiver answered 500".into() }),
            (302, None, Heard::Not { after: None, why: "the receiver answered 302".into() }),
        ] {
            let server = HttpServer::start(move |_| {
                let answer = HttpAnswer::reply(status, "hunter2");
                match header {
                    Some(seconds) => answer.with_header("retry-after", seconds),
                    None => answer,
                }
            })
            .await;
            let caller = caller(&format!("http://127.0.0.1:{}/x", server.port), &["127.0.0.0/8"]);
            assert_eq!(caller.deliver(testkit::world().clock.as_ref(), "evt_1", "{}".to_owned()).await, heard);
        }
    }

    #[tokio::test]
    async fn an_address_inside_is_never_called() {
        let server = HttpServer::start(|_| HttpAnswer::reply(200, "")).await;
        let caller = caller(&format!("http://localhost:{}/x", server.port), &[]);
        let heard = caller.deliver(testkit::world().clock.as_ref(), "evt_1", "{}".to_owned()).await;
        assert!(matches!(&heard, Heard::Not { why, .. } if why.contains("allow_networks")), "{heard:?}");
        assert!(server.seen().is_empty());
    }
}
