//! PagerDuty's webhooks, version 3: one event a call. An incident of theirs is one alert, whose fields are pointers into
//! `event.data`; its own status says whether it is over. Events about anything else (a service, a note, a ping) say nothing
//! to customers.

use serde::Deserialize;
use serde_json::Value;

use super::alert::{Alert, Fields, Group};
use crate::problem::Problem;

#[derive(Deserialize)]
struct Body {
    event: Event,
}

#[derive(Deserialize)]
struct Event {
    event_type: String,
    data: Value,
}

/// Reads a call.
///
/// # Errors
/// 400 for what is no JSON; 422 with a pointer for what does not fit.
pub fn read(body: &[u8]) -> Result<Vec<Group>, Problem> {
    let Event { event_type, data } = crate::api::read_json::<Body>(body)?.event;
    if data["type"] != "incident" || !event_type.starts_with("incident.") {
        return Ok(Vec::new());
    }
    let missing = |name: &str| Problem::invalid(format!("/event/data/{name}"), "is missing, or no text");
    let name = data["id"].as_str().ok_or_else(|| missing("id"))?.to_owned();
    let firing = match data["status"].as_str().ok_or_else(|| missing("status"))? {
        "resolved" => false,
        "triggered" | "acknowledged" => true,
        other => {
            let detail = format!("is {other:?}; known are triggered, acknowledged and resolved");
            return Err(Problem::invalid("/event/data/status", detail));
        }
    };
    Ok(vec![Group { name, alerts: vec![Alert { firing, fields: Fields::Json(data) }], complete: true, changes: true }])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As the vendor's manual shows it (webhooks, version 3), shortened.
    fn shown(event_type: &str, status: &str) -> Vec<u8> {
        let data = json!({
            "id": "PGR0VU2", "type": "incident", "self": "https://api.pagerduty.com/incidents/PGR0VU2", "number": 2,
            "status": status, "title": "A little bump in the road", "urgency": "high", "priority": null,
            "service": { "id": "PF9KMXH", "summary": "API Service", "type": "service_reference" },
        });
        let event = json!({
            "id": "5ac64822", "event_type": event_type, "resource_type": "incident", "occurred_at": "2020-10-02T18:45:22.169Z",
            "agent": { "id": "PLH1HKV", "type": "user_reference" }, "client": null, "data": data,
        });
        json!({ "event": event }).to_string().into_bytes()
    }

    #[test]
    fn an_incident_of_theirs_fires_until_it_is_resolved() {
        for (event, status, fires) in [
            ("incident.triggered", "triggered", true),
            ("incident.acknowledged", "acknowledged", true),
            ("incident.reopened", "triggered", true),
            ("incident.resolved", "resolved", false),
        ] {
            let group = read(&shown(event, status)).unwrap().remove(0);
            assert_eq!((group.name.as_str(), group.alerts[0].firing), ("PGR0VU2", fires), "{event}");
            assert_eq!(group.alerts[0].fields.get("/service/summary").as_deref(), Some("API Service"));
        }
        assert_eq!(read(&shown("incident.triggered", "on fire")).unwrap_err().pointer.unwrap(), "/event/data/status");
    }

    #[test]
    fn what_is_about_something_else_says_nothing() {
        for data in [json!({ "type": "incident_note", "id": "P1" }), json!({ "type": "ping", "message": "Hello" })] {
            let body = json!({ "event": { "event_type": "incident.annotated", "data": data } });
            assert!(read(body.to_string().as_bytes()).unwrap().is_empty());
        }
        assert_eq!(read(br#"{"event":{"event_type":"x"}}"#).unwrap_err().pointer.unwrap(), "/event/data");
    }
}
