//! The keys that mails are signed with, and whether DNS has their public halves.

use super::{
    Findings,
    dns::{Lookup, Resolver},
};
use crate::config::{Config, Dkim};

/// A line for each key.
pub(super) async fn keys(findings: &mut Findings, config: &Config, resolver: &Resolver) {
    if config.dkim.is_empty() {
        let words =
            "is signed by the relay; send yourself a mail and look for `dkim=pass` in its headers, or give [[dkim]]";
        return findings.note("DKIM", words);
    }
    alignment(findings, config);
    for dkim in &config.dkim {
        // The configuration was read, so the key is there.
        let Ok(signer) = dkim.signer() else { continue };
        published(findings, dkim, &signer.key.record(), &resolver.txt(&dkim.place()).await);
    }
}

/// DMARC asks for a signature of the sender's own domain, or one above or below it.
fn alignment(findings: &mut Findings, config: &Config) {
    let sender = config.organisation.sender_domain();
    let is_within = |inner: &str, outer: &str| inner == outer || inner.ends_with(&format!(".{outer}"));
    let is_aligned = |dkim: &Dkim| is_within(&sender, &dkim.domain) || is_within(&dkim.domain, &sender);
    if !config.dkim.iter().any(is_aligned) {
        let words = format!("no key is of {sender}, from which mail comes, so DMARC counts none; add one");
        findings.wrong("DKIM", &words);
    }
}

fn published(findings: &mut Findings, dkim: &Dkim, record: &str, lookup: &Lookup) {
    let place = dkim.place();
    let what = format!("DKIM {place}");
    let publish = format!("publish this TXT record at {place}: \"{record}\"");
    let Lookup::Records(records) = lookup else {
        return findings.note(&what, &format!("DNS did not answer; look later. If it is not there yet, {publish}"));
    };
    let public = public_half(record);
    match records.iter().filter(|text| text.contains("p=")).count() {
        0 => findings.wrong(&what, &format!("there is none; {publish}")),
        1 if records.iter().any(|text| public_half(text) == public) => findings.good(&what, "is published"),
        _ => findings.wrong(&what, &format!("what is there is of another key; {publish}")),
    }
}

/// The value of `p=` without the spaces that a long record may have.
fn public_half(record: &str) -> Option<String> {
    let value = record.split(';').find_map(|tag| tag.trim_start().strip_prefix("p="))?;
    Some(value.split_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(records: Option<&[&str]>) -> usize {
        let dkim = Dkim { domain: "acme.example".into(), selector: "s1".into(), key_file: "k".into() };
        let mut findings = Findings::default();
        let lookup = match records {
            Some(records) => Lookup::Records(records.iter().map(|text| (*text).to_owned()).collect()),
            None => Lookup::Silent,
        };
        published(&mut findings, &dkim, "v=DKIM1; k=rsa; p=AAA/B==", &lookup);
        findings.wrong
    }

    #[test]
    fn the_record_is_compared_by_its_key() {
        assert_eq!(wrong(Some(&["v=DKIM1;k=rsa; t=s;p=AAA /B=="])), 0);
        assert_eq!(wrong(Some(&["other", "v=DKIM1; k=rsa; p=AAA/B=="])), 0);
        assert_eq!(wrong(Some(&["v=DKIM1; k=rsa; p=CCC"])), 1);
        assert_eq!(wrong(Some(&["v=DKIM1; k=rsa; p="])), 1, "it was withdrawn");
        assert_eq!(wrong(Some(&[])), 1);
        assert_eq!(wrong(None), 0, "silence is not a fault of the configuration");
    }
}
