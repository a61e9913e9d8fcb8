//! The part of the suite about callbacks: valid, tampered, replayed, stale, and another's.
//!
//! A provider's file gives recorded callbacks that are valid at the kit's time; what must not be believed is made of
//! them here.

use std::{collections::BTreeMap, time::Duration};

use url::Url;

use super::{SECRET, TestClock, world};
use crate::{
    contract::{Callback, CallbackError, Provider, Receipt, World},
    registry::{self, ProviderSettings},
};

/// What makes a callback believable.
pub enum Proof {
    /// These headers are a signature over the whole body.
    Headers(&'static [&'static str]),
    /// The same, and over the address with its query too.
    HeadersAndUrl(&'static [&'static str]),
    /// A signature stands within the body, over those of its fields that count.
    Inside,
    /// The address was handed out by us; these fields of its query say so.
    Query(&'static [&'static str]),
}

/// A callback that is valid at the kit's time, for the conformance case's settings and the provider's name `kit`.
pub struct Vector {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The full address.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// What it says.
    pub receipts: Vec<Receipt>,
}

impl Vector {
    /// A POST that says nothing yet.
    pub fn post(url: &str, body: &str) -> Vector {
        Vector { method: "POST", url: url.to_owned(), headers: Vec::new(), body: body.to_owned(), receipts: Vec::new() }
    }
}

/// A provider's callbacks.
pub struct Callbacks {
    /// Some that are valid; what they say differs.
    pub vectors: Vec<Vector>,
    /// What makes them believable.
    pub proof: Proof,
    /// After this they are stale; None where the provider signs no time, and the address names one delivery instead.
    pub stale_after: Option<Duration>,
}

/// Runs this part.
///
/// # Panics
/// Where the provider does not keep the contract.
pub fn run(kind: &str, settings: serde_json::Value, callbacks: Option<&Callbacks>) {
    let clock = TestClock::at(world().clock.now());
    let here = World { clock: clock.clone(), ..world() };
    let settings: ProviderSettings = serde_json::from_value(settings).expect("settings that can be read");
    let provider = registry::build("kit", &settings, &here).expect("settings that can be used");
    let Some(callbacks) = callbacks else {
        let (url, headers) = ("https://alerts.example/receipts/kit".parse().expect("a URL"), BTreeMap::new());
        let answer = provider.receipt(&Callback { method: "POST", url: &url, headers: &headers, body: b"{}" });
        assert_eq!(answer, Err(CallbackError::Unsupported), "{kind}: it has receipts, and no vectors for them");
        assert!(!provider.manifest().receipts, "{kind}: it promises receipts, and has no vectors for them");
        return;
    };
    assert!(provider.manifest().receipts && !callbacks.vectors.is_empty(), "{kind}");
    for vector in &callbacks.vectors {
        let whole = Given::of(vector);
        for repeat in ["", ", again"] {
            assert_eq!(whole.ask(&*provider), Ok(vector.receipts.clone()), "{kind}: {}{repeat}", vector.body);
        }
        for forged in forgeries(&callbacks.proof, &whole) {
            let answer = forged.ask(&*provider);
            // What is signed within a body leaves out fields that say nothing; the others must not change anything.
            let harmless = matches!(callbacks.proof, Proof::Inside) && answer == Ok(vector.receipts.clone());
            assert!(answer.is_err() || harmless, "{kind}: believed {} {:?}", forged.url, forged.headers);
            if let Err(error) = answer {
                assert!(!error.to_string().contains(SECRET), "{kind}: {error} shows a secret");
            }
        }
    }
    if let Some(window) = callbacks.stale_after {
        clock.advance(window + Duration::from_secs(1));
        for vector in &callbacks.vectors {
            assert_eq!(Given::of(vector).ask(&*provider), Err(CallbackError::Stale), "{kind}");
        }
    }
}

/// A callback that can be changed.
#[derive(Clone)]
struct Given {
    method: &'static str,
    url: Url,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Given {
    fn of(vector: &Vector) -> Given {
        let headers = vector.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let url = vector.url.parse().expect("a vector's address is a URL");
        Given { method: vector.method, url, headers, body: vector.body.clone().into_bytes() }
    }

    fn ask(&self, provider: &dyn Provider) -> Result<Vec<Receipt>, CallbackError> {
        let Given { method, url, headers, body } = self;
        provider.receipt(&Callback { method, url, headers, body })
    }
}

fn forgeries(proof: &Proof, whole: &Given) -> Vec<Given> {
    let mut forged = Vec::new();
    if !matches!(proof, Proof::Query(_)) {
        // Each byte of a short body, some hundred of a long one.
        for place in (0..whole.body.len()).step_by(whole.body.len().div_ceil(200).max(1)) {
            let mut body = whole.body.clone();
            body[place] ^= 1;
            forged.push(Given { body, ..whole.clone() });
        }
        forged.push(Given { body: Vec::new(), ..whole.clone() });
    }
    if let Proof::Headers(names) | Proof::HeadersAndUrl(names) = proof {
        for name in *names {
            let mut without = whole.clone();
            let value = without.headers.remove(*name).unwrap_or_else(|| panic!("the vector has no {name}"));
            forged.push(without);
            for changed in changes(&value) {
                let mut other = whole.clone();
                other.headers.insert((*name).to_owned(), changed);
                forged.push(other);
            }
        }
    }
    if let Proof::HeadersAndUrl(_) = proof {
        let mut url = whole.url.clone();
        url.query_pairs_mut().append_pair("id", "0");
        forged.push(Given { url, ..whole.clone() });
        forged.push(Given { url: whole.url.join("/receipts/other").expect("a URL"), ..whole.clone() });
    }
    if let Proof::Query(names) = proof {
        for name in *names {
            let value = whole.url.query_pairs().find(|(field, _)| field == name).map(|(_, value)| value.into_owned());
            let value = value.unwrap_or_else(|| panic!("the vector's address has no {name}"));
            for changed in changes(&value).into_iter().map(Some).chain([None]) {
                let mut url = whole.url.clone();
                let rest: Vec<(String, String)> =
                    whole.url.query_pairs().into_owned().filter(|(field, _)| field != name).collect();
                url.query_pairs_mut().clear().extend_pairs(rest);
                if let Some(changed) = changed {
                    url.query_pairs_mut().append_pair(name, &changed);
                }
                forged.push(Given { url, ..whole.clone() });
            }
        }
    }
    forged
}

/// A value with one letter changed at its beginning and in its middle, cut short, and empty.
fn changes(value: &str) -> Vec<String> {
    let changed = |place: usize| {
        let other = |letter: char| if letter == '0' { '1' } else { '0' };
        value.chars().enumerate().map(|(at, letter)| if at == place { other(letter) } else { letter }).collect()
    };
    vec![changed(0), changed(value.len() / 2), value[..value.len() / 2].to_owned(), String::new()]
}
