//! Alertmanager's webhook, version 4 (`webhook_config` of its configuration), and Grafana's, which is the same as its own
//! version 1. Newer fields are passed over; a group that is partly over is `firing` at the top, so each alert's own status is
//! read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::alert::{Alert, Fields, Group};
use crate::problem::Problem;

/// The version that Alertmanager writes.
pub const ALERTMANAGER: &str = "4";
/// The version that Grafana writes.
pub const GRAFANA: &str = "1";

#[derive(Deserialize)]
struct Body {
    version: String,
    #[serde(rename = "groupKey")]
    group_key: String,
    status: Status,
    #[serde(default, rename = "truncatedAlerts")]
    truncated: u64,
    alerts: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    status: Status,
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

/// Reads a call.
///
/// # Errors
/// 400 for what is no JSON; 422 with a pointer for what does not fit.
pub fn read(body: &[u8], version: &str) -> Result<Vec<Group>, Problem> {
    let body: Body = crate::api::read_json(body)?;
    if body.version != version {
        let detail = format!("is {:?}, and only {version:?} is read here", body.version);
        return Err(Problem::invalid("/version", detail));
    }
    let alert = |one: One| {
        let annotations = one.annotations.into_iter().map(|(name, value)| (format!("annotation.{name}"), value));
        Alert {
            firing: one.status == Status::Firing,
            fields: Fields::Named(one.labels.into_iter().chain(annotations).collect()),
        }
    };
    // What was cut off may still fire, unless all of it is over.
    let complete = body.truncated == 0 || body.status == Status::Resolved;
    Ok(vec![Group {
        name: body.group_key,
        alerts: body.alerts.into_iter().map(alert).collect(),
        complete,
        changes: false,
    }])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As Alertmanager 0.25 sends it, and a newer field.
    fn recorded() -> serde_json::Value {
        json!({
            "receiver": "onevoice", "status": "firing", "version": "4", "truncatedAlerts": 0, "groupKey": "{}:{alertname=\"Down\"}",
            "alerts": [
                { "status": "firing", "labels": { "alertname": "Down", "instance": "a" },
                  "annotations": { "summary": "a is down" }, "startsAt": "2026-03-02T10:00:00Z",
                  "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "1" },
                { "status": "resolved", "labels": { "alertname": "Down", "instance": "b" }, "annotations": {},
                  "startsAt": "2026-03-02T10:00:00Z", "endsAt": "2026-03-02T10:01:00Z", "fingerprint": "2" },
            ],
            "groupLabels": { "alertname": "Down" }, "commonLabels": { "alertname": "Down" }, "commonAnnotations": {},
            "externalURL": "http://am:9093", "notificationReason": "new alerts",
        })
    }

    #[test]
    fn each_alert_says_for_itself_whether_it_fires() {
        let group = read(recorded().to_string().as_bytes(), ALERTMANAGER).unwrap().remove(0);
        assert_eq!(group.alerts.iter().map(|alert| alert.firing).collect::<Vec<_>>(), [true, false]);
        assert_eq!(group.alerts[0].fields.get("annotation.summary").as_deref(), Some("a is down"));
        assert!(group.complete);
    }

    /// As Grafana's manual shows it (webhook notifier), shortened.
    #[test]
    fn grafana_says_the_same_and_calls_it_version_1() {
        let mut body = recorded();
        body["version"] = json!("1");
        body["orgId"] = json!(1);
        body["state"] = json!("alerting");
        body["alerts"][0]["silenceURL"] = json!("https://play.grafana.org/alerting/silence/new");
        body["alerts"][0]["values"] = json!({ "B": 44.239, "C": 1 });
        assert_eq!(read(body.to_string().as_bytes(), GRAFANA).unwrap()[0].alerts.len(), 2);
        assert_eq!(read(body.to_string().as_bytes(), ALERTMANAGER).unwrap_err().pointer.unwrap(), "/version");
    }

    #[test]
    fn what_was_cut_off_is_not_over() {
        let mut body = recorded();
        body["truncatedAlerts"] = json!(3);
        assert!(!read(body.to_string().as_bytes(), ALERTMANAGER).unwrap()[0].complete);
        body["status"] = json!("resolved");
        assert!(read(body.to_string().as_bytes(), ALERTMANAGER).unwrap()[0].complete);
    }

    #[test]
    fn known_fields_are_read_strictly() {
        let at = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut body = recorded();
            change(&mut body);
            read(body.to_string().as_bytes(), ALERTMANAGER).unwrap_err().pointer.unwrap()
        };
        assert_eq!(at(&|body| body["version"] = json!("3")), "/version");
        assert_eq!(at(&|body| body["alerts"][1]["status"] = json!("perhaps")), "/alerts/1/status");
        assert_eq!(at(&|body| body["alerts"][0]["labels"]["a"] = json!(1)), "/alerts/0/labels/a");
        assert_eq!(at(&|body| drop(body.as_object_mut().unwrap().remove("groupKey"))), "/groupKey");
        assert_eq!(read(b"{", ALERTMANAGER).unwrap_err().status, 400);
    }
}
