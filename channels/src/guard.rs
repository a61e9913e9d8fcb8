//! Keeps requests to addresses that others chose away from what only this machine and its network should reach.
//!
//! The filter sits inside the resolver that the connector uses, so that a name is judged by the very address that is
//! connected to, whatever it led to a moment before. A literal address never meets a resolver and is judged by itself.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, LazyLock},
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// What is not the public internet (IANA's special-purpose registries; RFC 6890 and its updates). Of IPv6 only 2000::/3 is
/// handed out at all, so v4-mapped addresses, NAT64 (64:ff9b::/96), unique local and link-local ones lie outside it.
static SPECIAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let networks = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    ];
    networks.iter().map(|network| network.parse().expect("a constant network")).collect()
});
static GLOBAL: LazyLock<IpNet> = LazyLock::new(|| "2000::/3".parse().expect("a constant network"));

/// True for addresses on the public internet.
fn is_public(address: IpAddr) -> bool {
    let is_handed_out = address.is_ipv4() || GLOBAL.contains(&address);
    is_handed_out && !SPECIAL.iter().any(|network| network.contains(&address))
}

/// What somebody is told of it, who wrote the configuration.
pub(crate) const REFUSED: &str = "the host is on a private network; allow_networks names those that may be reached";

/// The host's address is not one to connect to. Says no address: it is written into records.
#[derive(Debug)]
pub(crate) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REFUSED)
    }
}

impl Error for Refused {}

/// True where this stopped a request.
pub(crate) fn stopped(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<Refused>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Which addresses may be reached: public ones, and the networks that the operator named.
#[derive(Clone)]
pub(crate) struct Guard {
    allowed: Arc<Vec<IpNet>>,
    names: Arc<dyn Resolve>,
}

impl Guard {
    pub(crate) fn new(allowed: Vec<IpNet>) -> Guard {
        Guard { allowed: Arc::new(allowed), names: Arc::new(System) }
    }

    fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.allowed.iter().any(|network| network.contains(&address))
    }

    /// Judges an address that is written out.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn literal(&self, url: &Url) -> Result<(), Refused> {
        let permitted = match url.host() {
            Some(Host::Ipv4(address)) => self.permits(address.into()),
            Some(Host::Ipv6(address)) => self.permits(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if permitted { Ok(()) } else { Err(Refused) }
    }

    /// A client that looks names up through this. No proxy: it would connect in our place.
    ///
    /// # Errors
    /// When the TLS set-up of this machine cannot be read.
    #[allow(
        clippy::disallowed_methods,
        reason = "the client that is handed in reaches what the operator configured; this one must not"
    )]
    pub(crate) fn client(&self, timeout: std::time::Duration) -> reqwest::Result<reqwest::Client> {
        reqwest::Client::builder()
            .dns_resolver(self.clone())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeout.min(std::time::Duration::from_secs(5)))
            .timeout(timeout)
            .user_agent(concat!("onevoice/", env!("CARGO_PKG_VERSION")))
            .build()
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, found) = (self.clone(), self.names.resolve(name));
        Box::pin(async move {
            // One private address among public ones is left out, and the others are tried.
            let permitted: Vec<SocketAddr> = found.await?.filter(|address| guard.permits(address.ip())).collect();
            if permitted.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// The names of this machine's resolver.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
