//! What destination domains allow, and senders of text messages to theirs: how many messages a second, how many under way at once, and how fast each takes them
//! after it said "slower". Only domains that something limits are kept.

use std::{borrow::Cow, collections::HashMap, num::NonZeroU32, time::Duration};

use onevoice_channels::{contract::Limits, sms::number::nearest};

use super::{adapt::Adapt, limits::Bucket};

/// So many are kept before those that nothing is known of any more are forgotten.
const FEW: usize = 1024;
/// How long one message to a domain is taken to be under way, until its place is free.
const UNDER_WAY: Duration = Duration::from_millis(100);
/// The longest that a message is put aside at once: a limit may be lifted meanwhile.
const LONGEST_ASIDE: Duration = Duration::from_secs(600);

/// What limits messages to an address besides their provider: its domain, or the sender that a number is texted from, where
/// senders have limits of their own.
pub fn destination<'a>(limits: &'a Limits, address: &'a str) -> Cow<'a, str> {
    if limits.senders.is_empty() {
        return domain(address);
    }
    let senders = limits.senders.iter().map(|(place, sender)| (place.as_str(), sender.as_str()));
    Cow::Borrowed(nearest(senders, address).map_or("", |(_, sender)| sender))
}

/// The domain of an address, in lower case.
fn domain(address: &str) -> Cow<'_, str> {
    let name = address.rsplit('@').next().unwrap_or(address);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

#[derive(Debug)]
pub(super) struct Domain {
    bucket: Option<Bucket>,
    adapt: Adapt,
    most: Option<NonZeroU32>,
    under_way: u32,
    /// When the last message that was put aside is due.
    aside_until: Duration,
    used_at: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Domains {
    by_name: HashMap<Box<str>, Domain>,
    /// Since when a domain's limit fills up: the start, or the last change.
    since: Duration,
    purge_at: usize,
}

/// Why a message cannot go to its domain now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// Its rate is used up until then.
    Until(Duration),
    /// As many as may be are under way.
    UnderWay,
}

impl Domains {
    /// New limits. What is under way stays counted, and what a domain asked for stays.
    pub(super) fn set(&mut self, limits: &Limits, at: Duration) {
        self.since = at;
        for (name, domain) in &mut self.by_name {
            domain.most = most(limits, name);
            domain.refill(limits, name, at);
        }
    }

    /// The domain of an address, if anything limits it.
    pub(super) fn find(&mut self, limits: &Limits, address: &str, at: Duration) -> Option<&mut Domain> {
        let is_limited = limits.per_domain_per_second.is_some()
            || limits.per_domain_connections.is_some()
            || !limits.domains.is_empty();
        if !is_limited && self.by_name.is_empty() {
            return None;
        }
        let name = destination(limits, address);
        let known = self.by_name.contains_key(&*name);
        if !known {
            if rate(limits, &name).is_none() && most(limits, &name).is_none() {
                return None;
            }
            self.make(limits, &name, self.since, at);
        }
        let domain = self.by_name.get_mut(&*name)?;
        domain.used_at = at;
        Some(domain)
    }

    /// A domain said "slower", while `measured` messages a second went to all of them.
    pub(super) fn slower(&mut self, limits: &Limits, address: &str, measured: f64, at: Duration) -> bool {
        let name = destination(limits, address);
        if !self.by_name.contains_key(&*name) {
            self.make(limits, &name, self.since, at);
        }
        let Some(domain) = self.by_name.get_mut(&*name) else { return false };
        let changed = domain.adapt.slower(rate(limits, &name), measured, at);
        if changed {
            domain.refill(limits, &name, at);
        }
        changed
    }

    /// A domain took something.
    pub(super) fn took(&mut self, limits: &Limits, address: &str, at: Duration) {
        if self.by_name.is_empty() {
            return;
        }
        let name = destination(limits, address);
        if let Some(domain) = self.by_name.get_mut(&*name)
            && domain.adapt.took(at)
        {
            domain.refill(limits, &name, at);
        }
    }

    /// A message to a domain is under way no more.
    pub(super) fn landed(&mut self, name: &str) {
        if let Some(domain) = self.by_name.get_mut(name) {
            domain.under_way = domain.under_way.saturating_sub(1);
        }
    }

    fn make(&mut self, limits: &Limits, name: &str, since: Duration, at: Duration) {
        if self.by_name.len() >= self.purge_at.max(FEW) {
            self.by_name.retain(|_, domain| domain.is_remembered(at));
            self.purge_at = self.by_name.len() * 2;
        }
        let mut domain = Domain {
            bucket: None,
            adapt: Adapt::default(),
            most: most(limits, name),
            under_way: 0,
            aside_until: Duration::ZERO,
            used_at: at,
        };
        domain.refill(limits, name, since);
        self.by_name.insert(name.into(), domain);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }
}

impl Domain {
    fn refill(&mut self, limits: &Limits, name: &str, since: Duration) {
        let burst = if self.adapt.is_slowed() { NonZeroU32::MIN } else { burst(limits, name) };
        self.bucket = self.adapt.rate(rate(limits, name)).map(|rate| Bucket::empty(rate, burst, since));
    }

    /// Whether a fresh one would be any different.
    fn is_remembered(&self, at: Duration) -> bool {
        let idle = at.saturating_sub(self.used_at);
        let fills = self.bucket.as_ref().map_or(Duration::ZERO, Bucket::fills_in);
        self.under_way > 0 || self.adapt.is_slowed() || self.aside_until > at || idle <= fills
    }

    /// Whether a message may go. Takes nothing.
    pub(super) fn asks(&self, told: Option<Duration>, at: Duration) -> Result<(), Full> {
        if self.most.is_some_and(|most| self.under_way >= most.get()) {
            return Err(Full::UnderWay);
        }
        let next = self.bucket.as_ref().map_or(at, |bucket| bucket.next(told, at));
        if next > at { Err(Full::Until(next)) } else { Ok(()) }
    }

    /// Takes what [`Domain::asks`] found. True where it must be told when the message has landed.
    pub(super) fn take(&mut self, told: Option<Duration>, at: Duration) -> bool {
        if let Some(bucket) = &self.bucket {
            bucket.take(told, at);
        }
        self.under_way += u32::from(self.most.is_some());
        self.most.is_some()
    }

    /// Puts a message aside: answers when it is due, each after the one before.
    pub(super) fn aside(&mut self, at: Duration) -> Duration {
        let first = match self.asks(None, at) {
            Ok(()) => at,
            Err(Full::Until(next)) => next,
            Err(Full::UnderWay) => at + UNDER_WAY,
        };
        let by_rate = self.bucket.as_ref().map_or(Duration::ZERO, Bucket::period);
        let step = by_rate.max(self.most.map_or(Duration::ZERO, |most| UNDER_WAY / most.get()));
        self.aside_until = (self.aside_until + step).max(first).min(at + LONGEST_ASIDE);
        self.aside_until
    }
}

fn rate(limits: &Limits, domain: &str) -> Option<f64> {
    limits.domains.get(domain).and_then(|own| own.per_second).or(limits.per_domain_per_second)
}

fn burst(limits: &Limits, domain: &str) -> NonZeroU32 {
    limits.domains.get(domain).and_then(|own| own.burst).unwrap_or(limits.burst)
}

fn most(limits: &Limits, domain: &str) -> Option<NonZeroU32> {
    limits.domains.get(domain).and_then(|own| own.connections).or(limits.per_domain_connections)
}

#[cfg(test)]
mod tests {
    use onevoice_channels::contract::DomainLimits;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits() -> Limits {
        let gmail = DomainLimits { per_second: Some(2.0), connections: NonZeroU32::new(2), burst: None };
        Limits { domains: [("gmail.com".to_owned(), gmail)].into(), ..Limits::default() }
    }

    #[test]
    fn a_domain_without_a_limit_is_not_kept() {
        let mut domains = Domains::default();
        assert!(domains.find(&limits(), "a@other.example", SECOND).is_none());
        assert!(domains.find(&limits(), "a@GMAIL.com", SECOND).is_some());
        assert_eq!(domains.len(), 1);
    }

    #[test]
    fn a_sender_has_one_rate_for_all_its_places() {
        let own = |per_second| DomainLimits { per_second: Some(per_second), ..DomainLimits::default() };
        let limits = Limits {
            domains: [("12345".to_owned(), own(1.0)), ("Acme".to_owned(), own(2.0))].into(),
            senders: [("US", "12345"), ("CA", "12345"), ("AT", "Acme")]
                .map(|(at, from)| (at.to_owned(), from.to_owned()))
                .into(),
            ..Limits::default()
        };
        let mut domains = Domains::default();
        let mut next = |number: &str| {
            domains.find(&limits, number, SECOND).map(|sender| {
                let asked = sender.asks(None, SECOND);
                sender.take(None, SECOND);
                asked
            })
        };
        assert_eq!(next("+12125550100"), Some(Ok(())));
        assert_eq!(
            next("+14165550100"),
            Some(Err(Full::Until(SECOND * 2))),
            "the sender's turn is used up in Canada too"
        );
        assert_eq!(next("+436641234567"), Some(Ok(())), "and elsewhere it is not");
        assert_eq!(next("+4915123456789"), None, "the usual sender has the provider's limit alone");
        assert_eq!(destination(&limits, "+43676"), "");
        assert_eq!(destination(&Limits::default(), "a@B.example"), "b.example");
    }

    #[test]
    fn what_is_under_way_is_counted_until_it_has_landed() {
        let (mut domains, limits) = (Domains::default(), limits());
        for second in [1, 2] {
            let at = SECOND * second;
            let domain = domains.find(&limits, "a@gmail.com", at).unwrap();
            assert_eq!(domain.asks(None, at), Ok(()));
            assert!(domain.take(None, at));
        }
        let full =
            |domains: &mut Domains| domains.find(&limits, "a@gmail.com", SECOND * 9).unwrap().asks(None, SECOND * 9);
        assert_eq!(full(&mut domains), Err(Full::UnderWay));
        domains.landed("gmail.com");
        assert_eq!(full(&mut domains), Ok(()));
    }

    #[test]
    fn what_is_put_aside_comes_back_at_the_rate_that_the_domain_has() {
        let (mut domains, limits) = (Domains::default(), limits());
        let at = SECOND * 100;
        let domain = domains.find(&limits, "a@gmail.com", at).unwrap();
        domain.take(None, at);
        let due: Vec<u128> = (0..4).map(|_| domain.aside(at).as_millis() - at.as_millis()).collect();
        assert_eq!(due, [500, 1000, 1500, 2000]);
        let last = (0..10_000).map(|_| domain.aside(at)).last();
        assert_eq!(last, Some(at + LONGEST_ASIDE), "a limit may be lifted meanwhile");
    }

    #[test]
    fn a_million_domains_are_not_kept() {
        let limits = Limits { per_domain_per_second: Some(10.0), ..Limits::default() };
        let mut domains = Domains::default();
        for place in 0..100_000_u32 {
            let at = Duration::from_millis(u64::from(place));
            domains.find(&limits, &format!("a@d{place}.example"), at).unwrap().take(None, at);
        }
        assert!(domains.len() <= 2 * FEW, "{}", domains.len());
    }

    #[test]
    fn a_domain_that_said_slower_is_kept_until_it_has_recovered() {
        let (mut domains, limits) = (Domains::default(), Limits::default());
        assert!(domains.slower(&limits, "a@slow.example", 8.0, SECOND));
        let next = |domains: &mut Domains| {
            domains.find(&limits, "a@slow.example", SECOND).map(|domain| domain.asks(None, SECOND))
        };
        assert_eq!(next(&mut domains), Some(Err(Full::Until(SECOND + Duration::from_millis(250)))));
        for second in 0..60 {
            domains.took(&limits, "a@slow.example", SECOND * (10 + second));
        }
        assert_eq!(next(&mut domains), Some(Ok(())));
        assert!(domains.find(&limits, "a@other.example", SECOND).is_none());
    }
}
