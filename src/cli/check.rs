//! `onevoice check`: proves a configuration before a crisis does. It signs in everywhere and sends nothing.

mod dkim;
mod dns;

use std::{path::Path, time::Duration};

use clap::Args;

use self::dns::{Lookup, Resolver};
use super::failure::Failure;
use crate::{
    app,
    check::Rules,
    config::{Config, ProviderEntry},
    console::words::Languages,
    render::Templates,
    world::World,
};

/// How long a provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is checked.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// The configuration.
    #[arg(long, env = "ONEVOICE_CONFIG", value_name = "FILE")]
    pub config: std::path::PathBuf,
}

/// What was found, line by line.
#[derive(Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    fn good(&self, what: &str, detail: &str) {
        println!("✓ {what:<22} {detail}");
    }

    /// Something to know that is not wrong.
    fn note(&self, what: &str, detail: &str) {
        println!("· {what:<22} {detail}");
    }

    fn wrong(&mut self, what: &str, detail: &str) {
        self.wrong += 1;
        println!("✗ {what:<22} {detail}");
    }
}

/// Checks everything that can be checked without sending, and prints a line for each.
///
/// # Errors
/// [`Failure`] when something is wrong.
pub async fn run(check: &Check) -> Result<(), Failure> {
    let mut findings = Findings::default();
    match Config::load(&check.config) {
        Err(error) => findings.wrong("configuration", &error.to_string()),
        Ok(config) => {
            findings.good("configuration", &check.config.display().to_string());
            everything(&mut findings, config).await?;
        }
    }
    match findings.wrong {
        0 => Ok(()),
        1 => Err(Failure::refused("one thing is wrong")),
        many => Err(Failure::refused(format!("{many} things are wrong"))),
    }
}

async fn everything(findings: &mut Findings, config: Config) -> Result<(), Failure> {
    let world =
        World::system().map_err(|error| Failure::refused(format!("TLS of this machine cannot be used: {error}")))?;
    match Templates::load(config.templates.directory.as_deref(), &config.organisation.locales) {
        Ok(_) => findings.good("templates", &config.organisation.locales.join(", ")),
        Err(error) => findings.wrong("templates", &error.to_string()),
    }
    match Languages::load(config.console.languages.as_deref()) {
        Ok(languages) => languages.gaps().for_each(|(tag, lacking, unknown)| match (lacking, unknown) {
            (0, []) => findings.good("console", &tag),
            (_, []) => findings.note("console", &format!("{tag}: {lacking} sentences are not in it and stay English")),
            (_, names) => findings.wrong("console", &format!("{tag}: no page has these: {}", names.join(", "))),
        }),
        Err(error) => findings.wrong("console", &error.to_string()),
    }
    match Rules::load(config.check.rules.as_deref()) {
        Ok(_) => {
            findings.good("rules", &config.check.rules.as_deref().map_or("built in".into(), Path::to_string_lossy))
        }
        Err(error) => findings.wrong("rules", &error.to_string()),
    }
    if let Some(bounces) = &config.bounces {
        match crate::returns::Rules::load(bounces.rules.as_deref()) {
            Ok(_) => findings
                .good("bounce rules", &bounces.rules.as_deref().map_or("built in".into(), Path::to_string_lossy)),
            Err(error) => findings.wrong("bounce rules", &error.to_string()),
        }
    }
    let checks = config.provider.iter().map(|entry| provider(&config, entry, &world));
    for (entry, outcome) in config.provider.iter().zip(futures_util::future::join_all(checks).await) {
        match outcome {
            Ok(detail) => findings.good(&entry.name, &detail),
            Err(detail) => findings.wrong(&entry.name, &detail),
        }
    }
    for (entry, sender) in refused_names(&config) {
        let detail =
            format!("{sender}: networks of the United States and Canada take no names; give a number or short code");
        findings.note(&entry, &detail);
    }
    if config.provider.iter().any(|entry| entry.settings.kind() == "smtp") {
        mail(findings, &config, &Resolver::of_machine(world.random.clone())).await;
    }
    Ok(())
}

/// Senders that networks are known to refuse: the provider's name, and the place that they are for.
fn refused_names(config: &Config) -> impl Iterator<Item = (String, String)> {
    config.provider.iter().flat_map(|entry| {
        let refused = entry.settings.senders().iter().filter(|sender| sender.is_refused_name());
        refused.map(|sender| (entry.name.clone(), format!("the sender for {}", sender.place())))
    })
}

async fn provider(config: &Config, entry: &ProviderEntry, world: &World) -> Result<String, String> {
    let only = Config { provider: vec![entry.clone()], ..config.clone() };
    let built = app::providers(&only, world).map_err(|error| error.to_string())?;
    let Some(provider) = built.first() else { return Err("cannot be built".to_owned()) };
    let report = match tokio::time::timeout(PATIENCE, provider.check()).await {
        Err(_) => return Err(format!("did not answer within {} s", PATIENCE.as_secs())),
        Ok(report) => report.map_err(|unavailable| unavailable.detail)?,
    };
    Ok(match report.expires_at {
        Some(end) => format!("{}; the credential ends at {end}", report.summary),
        None => report.summary,
    })
}

/// What receivers of bulk mail ask for: SPF of the envelope's domain, DMARC of the sender's.
async fn mail(findings: &mut Findings, config: &Config, resolver: &Resolver) {
    let organisation = &config.organisation;
    let sender = organisation.sender_domain();
    let envelope = organisation.bounce_address.as_deref().and_then(|address| address.rsplit_once('@'));
    let envelope = envelope.map_or(sender.as_str(), |(_, domain)| domain);
    spf(findings, envelope, resolver.txt(envelope).await);
    let mut policies = Lookup::Records(Vec::new());
    for domain in up(&sender) {
        policies = resolver.txt(&format!("_dmarc.{domain}")).await;
        if !matches!(&policies, Lookup::Records(found) if dmarc_policies(found) == 0) {
            break;
        }
    }
    dmarc(findings, &sender, policies);
    dkim::keys(findings, config, resolver).await;
}

fn spf(findings: &mut Findings, domain: &str, lookup: Lookup) {
    let what = format!("SPF {domain}");
    match lookup {
        Lookup::Silent => findings.note(&what, "DNS did not answer; look later"),
        // RFC 7208, 4.5: with two records the check ends in an error.
        Lookup::Records(records) => {
            match records.iter().filter(|text| is_version(text, "v=spf1")).count() {
                0 => findings
                    .wrong(&what, "there is none; add a TXT record that names the relay: \"v=spf1 include:… -all\""),
                1 => findings.good(&what, "there is one"),
                many => findings
                    .wrong(&what, &format!("there are {many}, and receivers then count none; join them into one")),
            }
        }
    }
}

fn dmarc(findings: &mut Findings, domain: &str, lookup: Lookup) {
    let what = format!("DMARC {domain}");
    match lookup {
        Lookup::Silent => findings.note(&what, "DNS did not answer; look later"),
        Lookup::Records(records) => match dmarc_policies(&records) {
            0 => findings
                .wrong(&what, &format!("there is none; add a TXT record at _dmarc.{domain}: \"v=DMARC1; p=none\"")),
            1 => findings.good(&what, "there is one"),
            many => findings.wrong(&what, &format!("there are {many}, and receivers then count none; keep one")),
        },
    }
}

fn dmarc_policies(records: &[String]) -> usize {
    records.iter().filter(|text| is_version(text, "v=DMARC1")).count()
}

fn is_version(record: &str, version: &str) -> bool {
    record.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ';']))
}

/// The domain and those above it, down to two labels: a policy of the organisation's domain holds below it.
fn up(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| {
        domain.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_is_right_and_two_are_wrong() {
        let outcome = |records: &[&str]| {
            let mut findings = Findings::default();
            spf(
                &mut findings,
                "acme.example",
                Lookup::Records(records.iter().map(|text| (*text).to_owned()).collect()),
            );
            findings.wrong
        };
        assert_eq!(outcome(&["v=spf1 -all", "v=spf10", "other"]), 0);
        assert_eq!(outcome(&["other"]), 1);
        assert_eq!(outcome(&["v=spf1 -all", "v=spf1 ~all"]), 1);
        let mut findings = Findings::default();
        spf(&mut findings, "acme.example", Lookup::Silent);
        assert_eq!(findings.wrong, 0, "silence is not a fault of the configuration");
    }

    #[test]
    fn a_policy_is_looked_for_above() {
        assert_eq!(up("status.acme.example").collect::<Vec<_>>(), ["status.acme.example", "acme.example"]);
        assert_eq!(up("localhost").collect::<Vec<_>>(), ["localhost"]);
    }
}
