//! A configuration that is read again while messages go out: limits, weights, priorities and retry rules take effect at
//! once; for everything else the daemon has to be started again, and that is said.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use onevoice_channels::contract::Limits;
use toml::{Table, Value};

use super::Engine;
use crate::{
    app::{self, App, BuildError},
    config::{Config, ConfigError},
};

/// Keys of the file that take effect while the daemon runs.
const LIVE: [&str; 2] = ["pace", "retry"];
/// Keys of a provider that do.
const LIVE_IN_PROVIDER: [&str; 3] = ["limits", "weight", "priority"];

/// Why nothing was taken over. What was in force is in force.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The file cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A provider's settings cannot be used.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// The file that the daemon was started with.
#[derive(Debug)]
pub struct Reloader {
    path: PathBuf,
    /// As it was when the daemon started: what needs a start is compared with this.
    started: Table,
}

impl Reloader {
    /// Remembers the file as it is.
    pub fn new(path: &Path) -> Reloader {
        Reloader { path: path.to_owned(), started: table(path) }
    }

    /// Reads the file again. Whatever comes of it is logged.
    pub async fn reload(&self, app: &App) {
        match self.try_reload(app).await {
            Ok(needs_start) if needs_start.is_empty() => {
                tracing::info!("the configuration was read again; limits, weights and retry rules are in force");
            }
            Ok(needs_start) => tracing::warn!(
                keys = needs_start.join(", "),
                "the configuration was read again; limits, weights and retry rules are in force, but these keys take effect only when the daemon is started again"
            ),
            Err(error) => {
                tracing::error!(%error, "the configuration was not taken over; what was in force stays");
            }
        }
    }

    async fn try_reload(&self, app: &App) -> Result<Vec<String>, ReloadError> {
        let config = Config::load(&self.path)?;
        // Built for the limits that each kind declares, and dropped: those that run keep their connections.
        let limits = app::providers(&config, &app.world)?;
        let limits: Vec<Limits> = limits.iter().map(|provider| provider.manifest().limits.clone()).collect();
        app.engine.take_over(&config, &limits).await;
        Ok(needs_start(&self.started, &table(&self.path)))
    }
}

/// The file as a table; an empty one where it cannot be read, which was said already.
fn table(path: &Path) -> Table {
    std::fs::read_to_string(path).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// The keys that are not as they were and are not taken over: `data`, `http.listen`, `provider "relay"`.
fn needs_start(was: &Table, is: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    compare("", was, is, &mut keys, &|key| LIVE.contains(&key) || key == "provider");
    let (were, are) = (providers(was), providers(is));
    for (name, now) in &are {
        match were.iter().find(|(known, _)| known == name) {
            None => keys.push(format!("provider {name:?} (new)")),
            Some((_, then)) => {
                let path = format!("provider {name:?} ");
                compare(&path, then, now, &mut keys, &|key| LIVE_IN_PROVIDER.contains(&key));
                // How many connections there are is decided at the start.
                let connections =
                    |provider: &Table| provider.get("limits").and_then(|limits| limits.get("connections")).cloned();
                if connections(then) != connections(now) {
                    keys.push(format!("{path}limits.connections"));
                }
            }
        }
    }
    let gone = were.iter().filter(|(name, _)| !are.iter().any(|(known, _)| known == name));
    keys.extend(gone.map(|(name, _)| format!("provider {name:?} (gone)")));
    keys
}

fn compare(path: &str, was: &Table, is: &Table, keys: &mut Vec<String>, skip: &dyn Fn(&str) -> bool) {
    let names: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for name in names.into_iter().filter(|name| !skip(name)) {
        match (was.get(name), is.get(name)) {
            (then, now) if then == now => {}
            (Some(Value::Table(then)), Some(Value::Table(now))) => {
                compare(&format!("{path}{name}."), then, now, keys, &|_| false);
            }
            _ => keys.push(format!("{path}{name}")),
        }
    }
}

fn providers(file: &Table) -> Vec<(&str, &Table)> {
    let entries = file.get("provider").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(Value::as_table).filter_map(named).collect()
}

fn named(provider: &Table) -> Option<(&str, &Table)> {
    Some((provider.get("name")?.as_str()?, provider))
}

impl Engine {
    /// Takes over what may change while it runs. `limits` are those of the configuration's providers, in their order.
    async fn take_over(&self, config: &Config, limits: &[Limits]) {
        let at = self.world.clock.elapsed();
        *self.retry.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(config.retry.clone());
        self.common.set(&config.pace, at);
        for (entry, limits) in config.provider.iter().zip(limits) {
            if let Some(route) = self.routes().find(|route| route.provider.manifest().name == entry.name) {
                route.pacer.set_limits(limits, at);
                route.pacer.set_share(entry.weight(), entry.priority());
            }
        }
        if config.retry.resend_by_another
            && let Err(error) = self.store.unpin().await
        {
            tracing::error!(%error, "what waits for one provider stays with it until the next start");
        }
        self.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "data = 'd'\n[http]\nlisten = 'a'\nmax_body = 1\n[retry]\ndelays = [1]\n\
        [[provider]]\nname = 'relay'\nhost = 'h'\nlimits = { per_second = 1 }\n[[provider]]\nname = 'other'\nhost = 'i'\n";

    fn changed(from: &str, to: &str) -> Vec<String> {
        assert!(FILE.contains(from), "{from}");
        needs_start(&FILE.parse().unwrap(), &FILE.replacen(from, to, 1).parse().unwrap())
    }

    #[test]
    fn what_takes_effect_at_once_needs_no_start() {
        for (from, to) in [
            ("delays = [1]", "delays = [1, 2]\n[pace]\nper_second = 3"),
            ("{ per_second = 1 }", "{ per_second = 9, domains = { 'a.b' = { per_second = 1 } } }"),
            ("host = 'h'", "host = 'h'\nweight = 3\npriority = 2"),
            ("data = 'd'", "# a comment\ndata = 'd'"),
        ] {
            assert_eq!(changed(from, to), Vec::<String>::new(), "{to}");
        }
    }

    #[test]
    fn what_does_not_is_named() {
        for (from, to, keys) in [
            ("data = 'd'", "data = 'e'", vec!["data"]),
            ("listen = 'a'\nmax_body = 1", "listen = 'b'", vec!["http.listen", "http.max_body"]),
            ("host = 'h'", "host = 'j'", vec!["provider \"relay\" host"]),
            ("{ per_second = 1 }", "{ connections = 2 }", vec!["provider \"relay\" limits.connections"]),
            ("name = 'other'", "name = 'third'", vec!["provider \"third\" (new)", "provider \"other\" (gone)"]),
        ] {
            assert_eq!(changed(from, to), keys, "{to}");
        }
    }
}
