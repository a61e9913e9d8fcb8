use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use super::*;
use crate::testkit::http_server::{HttpAnswer, HttpServer};

/// The first and the last address of each network that must not be reached.
const PRIVATE: &[(&str, &str)] = &[
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
    ("::", "::1"),
    ("::ffff:0:0", "::ffff:ffff:ffff"),
    ("64:ff9b::", "64:ff9b::ffff:ffff"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
];

/// What lies beside them.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::",
    "2001:4860:4860::8888",
    "2003::",
    "2606:4700::1",
];

#[test]
fn every_private_range_is_refused_from_its_first_to_its_last_address() {
    let guard = Guard::new(Vec::new());
    for address in PRIVATE.iter().flat_map(|(first, last)| [first, last]) {
        assert!(!guard.permits(address.parse().unwrap()), "{address}");
    }
    for address in PUBLIC {
        assert!(guard.permits(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn an_address_that_is_written_out_is_judged_however_it_is_written() {
    let guard = Guard::new(Vec::new());
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest",
    ] {
        assert!(guard.literal(&url.parse().unwrap()).is_err(), "{url}");
    }
    assert!(guard.literal(&"https://1.1.1.1/".parse().unwrap()).is_ok());
    let allowed = Guard::new(vec!["10.1.0.0/16".parse().unwrap()]);
    assert!(allowed.literal(&"http://10.1.2.3/".parse().unwrap()).is_ok());
    assert!(allowed.literal(&"http://10.2.2.3/".parse().unwrap()).is_err());
}

/// A name that leads somewhere public at first, and to this machine from then on.
struct Rebinding(AtomicUsize);

impl Resolve for Rebinding {
    fn resolve(&self, _: Name) -> Resolving {
        let address = match self.0.fetch_add(1, Ordering::SeqCst) {
            0 => "93.184.215.14:0",
            _ => "127.0.0.1:0",
        };
        let address: SocketAddr = address.parse().unwrap();
        Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) })
    }
}

async fn get(guard: &Guard, url: String) -> Result<u16, bool> {
    // The kit's world sets the process's cryptography.
    let _ = crate::testkit::world();
    let client = guard.client(Duration::from_secs(10)).unwrap();
    client.get(url).send().await.map(|answer| answer.status().as_u16()).map_err(|error| stopped(&error))
}

#[tokio::test]
async fn a_name_is_judged_by_the_address_that_is_connected_to() {
    let server = HttpServer::start(|_| HttpAnswer::reply(200, "secret")).await;
    let local = format!("http://localhost:{}/", server.port);
    assert_eq!(get(&Guard::new(Vec::new()), local.clone()).await, Err(true));
    assert!(server.seen().is_empty(), "nobody was asked");

    // What was looked at before says nothing about what is connected to now.
    let rebinding = Guard { names: Arc::new(Rebinding(AtomicUsize::new(0))), ..Guard::new(Vec::new()) };
    let first: Vec<SocketAddr> = rebinding.resolve("rebind.example".parse().unwrap()).await.unwrap().collect();
    assert_eq!(first.len(), 1);
    assert_eq!(get(&rebinding, format!("http://rebind.example:{}/", server.port)).await, Err(true));
    assert!(server.seen().is_empty(), "nobody was asked");

    let allowed = Guard::new(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    assert_eq!(get(&allowed, local).await, Ok(200));
}

/// A name with a private address beside a public one is reached at the public one only.
#[tokio::test]
async fn private_addresses_are_left_out_of_a_names_answer() {
    struct Both;
    impl Resolve for Both {
        fn resolve(&self, _: Name) -> Resolving {
            let both: Vec<SocketAddr> = vec!["127.0.0.1:0".parse().unwrap(), "1.1.1.1:0".parse().unwrap()];
            Box::pin(async move { Ok(Box::new(both.into_iter()) as Addrs) })
        }
    }
    let guard = Guard { names: Arc::new(Both), ..Guard::new(Vec::new()) };
    let found: Vec<SocketAddr> = guard.resolve("both.example".parse().unwrap()).await.unwrap().collect();
    assert_eq!(found, ["1.1.1.1:0".parse().unwrap()]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = HttpServer::start(|request| match request.path() {
        "/" => HttpAnswer::reply(302, "").with_header("location", "/inside"),
        _ => HttpAnswer::reply(200, "secret"),
    })
    .await;
    let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
    assert_eq!(get(&guard, server.url("/")).await, Ok(302));
    assert_eq!(server.seen().len(), 1);
}
