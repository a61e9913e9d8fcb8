//! AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), for requests without a query.

use jiff::Timestamp;
use reqwest::{Method, Url};
use ring::{digest, hmac};

use crate::secret::Secret;

/// What every request says of its body.
pub(super) const CONTENT_TYPE: &str = "application/json";
const SIGNED_HEADERS: &str = "content-type;host;x-amz-date";

/// Signs with one key, for one service in one region.
pub(super) struct Signer {
    key_id: String,
    secret: Secret,
    region: String,
    service: &'static str,
}

/// The two headers that a signature needs.
pub(super) struct Signed {
    pub(super) date: String,
    pub(super) authorization: String,
}

impl Signer {
    pub(super) fn new(key_id: &str, secret: &Secret, region: &str, service: &'static str) -> Signer {
        Signer { key_id: key_id.to_owned(), secret: secret.clone(), region: region.to_owned(), service }
    }

    pub(super) fn sign(&self, method: &Method, url: &str, body: &[u8], now: Timestamp) -> Signed {
        let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let (host, path) = place(url);
        let request = format!(
            "{method}\n{path}\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:{date}\n\n{SIGNED_HEADERS}\n{}",
            hash(body)
        );
        Signed { authorization: self.authorization(&request, SIGNED_HEADERS, &date), date }
    }

    /// The header for a canonical request.
    fn authorization(&self, request: &str, headers: &str, date: &str) -> String {
        let day = &date[..8];
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash(request.as_bytes()));
        let first = format!("AWS4{}", self.secret.expose()).into_bytes();
        let key = [day, &self.region, self.service, "aws4_request"]
            .iter()
            .fold(first, |key, part| mac(&key, part.as_bytes()).as_ref().to_vec());
        let signature = hex(mac(&key, text.as_bytes()).as_ref());
        let credential = format!("{}/{scope}", self.key_id);
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={headers}, Signature={signature}")
    }
}

/// The `Host` header that the HTTP client will send, and the path.
fn place(url: &str) -> (String, String) {
    let Ok(url) = Url::parse(url) else { return Default::default() };
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (host, url.path().to_owned())
}

fn mac(key: &[u8], text: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text)
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From AWS's own test suite for the signature: `get-vanilla`, `post-vanilla`.
    #[test]
    fn the_published_vectors_hold() {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signer = Signer::new("AKIDEXAMPLE", &secret, "us-east-1", "service");
        let date = "20150830T123600Z";
        for (method, signature) in [
            ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ] {
            let headers = "host;x-amz-date";
            let request =
                format!("{method}\n/\n\nhost:example.amazonaws.com\nx-amz-date:{date}\n\n{headers}\n{}", hash(b""));
            let authorization = signer.authorization(&request, headers, date);
            assert!(authorization.ends_with(&format!("Signature={signature}")), "{authorization}");
            assert!(authorization.contains("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "));
        }
    }

    #[test]
    fn the_host_is_signed_as_it_is_sent() {
        assert_eq!(place("http://127.0.0.1:80/a"), ("127.0.0.1".to_owned(), "/a".to_owned()));
        assert_eq!(place("https://email.eu-west-1.amazonaws.com:8443/a").0, "email.eu-west-1.amazonaws.com:8443");
    }
}
