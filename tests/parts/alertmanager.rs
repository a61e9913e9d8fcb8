//! Alertmanager, a real caller of the intake: it groups alerts, repeats what was not taken, and says when they are over.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::process::Process;
use super::{folder, http, port, ready};

/// A running Alertmanager.
pub struct Alertmanager {
    _process: Process,
    base: String,
    folder: TempDir,
}

impl Alertmanager {
    /// Starts it with a configuration, in which `/etc/alertmanager` stands for its folder.
    pub async fn start(configuration: &str) -> Self {
        let folder = folder::work();
        let port = port::free();
        let here = folder.path().to_str().expect("the folder's name is UTF-8");
        let settings = folder.path().join("alertmanager.yml");
        fs::write(&settings, configuration.replace("/etc/alertmanager", here)).expect("the folder is writable");
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", settings.display()))
            .arg(format!("--storage.path={here}/data"))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=");
        let process = Process::start("alertmanager", &command, folder.path());
        let base = format!("http://127.0.0.1:{port}");
        ready::answering(&format!("{base}/-/ready"), |_| true).await;
        Self { _process: process, base, folder }
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    /// Lets an alert fire, or be over.
    pub async fn alert(&self, labels: &Value, over: bool) {
        let now = crate::site::now();
        let hour = jiff::SignedDuration::from_hours(1);
        let ends = if over { now } else { now + hour };
        let alerts = json!([{ "labels": labels, "startsAt": now - hour, "endsAt": ends }]);
        let answer = http::client().post(format!("{}/api/v2/alerts", self.base)).json(&alerts).send().await;
        answer.expect("Alertmanager answers").error_for_status().expect("it takes alerts");
    }

    /// Waits until something that it told the webhook was not taken.
    pub async fn refused(&self) {
        let failed = |text: &str| {
            text.lines().any(|line| {
                line.starts_with("alertmanager_notifications_failed_total{integration=\"webhook\"")
                    && !line.ends_with(" 0")
            })
        };
        ready::answering(&format!("{}/metrics", self.base), failed).await;
    }
}
