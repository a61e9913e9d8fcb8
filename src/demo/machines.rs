//! The demo's monitoring: each intake is switched on with a credential made for this start, and two prepared messages that
//! machines may send.

use onevoice_channels::secret::Secret;

use super::prepared;
use crate::{
    app::App,
    config::{
        Config,
        intake::{Hmac, Intake, SourceKind},
    },
    problem::Problem,
    schedule::playbook::Playbook,
    world::{Random, random_hex},
};

const PLAYBOOKS: &str = include_str!("machines.json");

/// Short times, so that it can be watched.
const INTAKE: &str = r#"
hold_seconds = 3
clear_seconds = 5

[storm]
playbook = "several-services"

[[source]]
name = "alertmanager"
kind = "alertmanager"
person = "ana@acme.example"

[[source]]
name = "grafana"
kind = "grafana"
person = "ana@acme.example"

[[source]]
name = "pagerduty"
kind = "pagerduty"
person = "ana@acme.example"

[[source]]
name = "json"
kind = "json"
person = "ana@acme.example"
fields = { key = "/id", status = "/status", resolved = ["ok", "up", "resolved"] }

[[source]]
name = "statuspage"
kind = "statuspage"
person = "ana@acme.example"

[[rule]]
name = "payments"
playbook = "alarm-payments"
match_regex = { severity = "|page|critical|warning" }
"#;

/// The prepared messages that machines may send.
///
/// # Panics
/// Never: a test reads them.
pub fn playbooks() -> Vec<Playbook> {
    serde_json::from_str(PLAYBOOKS).expect("a test reads the demo's prepared messages for machines")
}

/// Switches every intake on; answers the path and credential of each.
///
/// # Panics
/// Never: a test reads it.
pub fn switch_on(config: &mut Config, random: &dyn Random) -> Vec<(String, String)> {
    let mut intake: Intake = toml::from_str(INTAKE).expect("a test reads the demo's intake");
    let mut credentials = Vec::new();
    for source in &mut intake.source {
        let token = random_hex::<16>(random);
        let secret = Secret::new(&token);
        let how = if source.kind == SourceKind::Pagerduty {
            let (header, prefix) = ("X-PagerDuty-Signature".to_owned(), "v1=".to_owned());
            source.hmac = Some(Hmac { header, prefix, secret });
            "signed with"
        } else {
            source.bearer = Some(secret);
            if source.kind == SourceKind::Statuspage { "OAuth key" } else { "bearer token" }
        };
        let path = match source.kind {
            SourceKind::Statuspage => format!("statuspage/{}/v1", source.name),
            kind => kind.as_str().to_owned(),
        };
        credentials.push((path, format!("{how} {token}")));
    }
    config.intake = intake;
    credentials
}

/// Prepares the messages for machines, where there are none yet.
pub async fn fill(app: &App, author: &str, approvers: [&str; 2]) -> Result<(), Problem> {
    let known = app.store.playbooks().await?;
    let new = playbooks().into_iter().filter(|new| known.iter().all(|known| known.playbook.name != new.name));
    prepared::put(app, new.collect(), author, approvers).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check,
        schedule::playbook::{announce::bench::Bench, keep, named},
    };

    #[tokio::test]
    async fn what_the_demo_says_of_machines_passes_the_checker_and_its_rules_find_it() {
        let bench = Bench::with(|config| drop(switch_on(config, &crate::world::SystemRandom))).await;
        fill(&bench.app, "ana@acme.example", ["dana@acme.example", "ben@acme.example"]).await.unwrap();
        fill(&bench.app, "ana@acme.example", ["dana@acme.example", "ben@acme.example"]).await.unwrap();
        assert_eq!(bench.app.store.playbooks().await.unwrap().len(), 5, "once");
        for playbook in playbooks() {
            let stored = named::find(&bench.app, &playbook.name).await.unwrap();
            assert!(stored.is_approved() && stored.playbook.bounds.machine);
            for read in keep::read(&bench.app, &stored.playbook).await.unwrap() {
                let blocking: Vec<_> = check::blocking(&read.preview.findings).collect();
                assert!(blocking.is_empty(), "{}: {blocking:?}", read.shows);
            }
        }
        let intake = &bench.app.config.intake;
        for rule in &intake.rule {
            assert!(named::find(&bench.app, &rule.playbook).await.is_ok());
        }
        assert!(named::find(&bench.app, &intake.storm.as_ref().unwrap().playbook).await.is_ok());
    }
}
