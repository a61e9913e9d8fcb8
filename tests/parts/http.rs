//! The HTTP client that tests talk to parts with.

use std::time::Duration;

/// A client with a time limit; it follows no redirects and knows no proxy.
#[allow(
    clippy::disallowed_methods,
    reason = "this is where tests make theirs; the daemon's refuses loopback addresses"
)]
pub fn client() -> reqwest::Client {
    // A second test that installs the same provider is refused, and nothing is lost.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client with these settings can be built")
}
