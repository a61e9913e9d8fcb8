//! Any JSON: the configuration says by pointers where in it what is.

use serde_json::Value;

use super::alert::{Alert, Fields, Group};
use crate::{config::intake, problem::Problem};

/// Reads a call. Each alert is a group of its own.
///
/// # Errors
/// 400 for what is no JSON; 422 with a pointer where a configured field is not there.
pub fn read(body: &[u8], fields: &intake::Fields) -> Result<Vec<Group>, Problem> {
    let body: Value = crate::api::read_json(body)?;
    let (at, alerts) = match &fields.alerts {
        None => (String::new(), vec![body]),
        Some(at) => match body.pointer(at) {
            Some(Value::Array(alerts)) => (at.clone(), alerts.clone()),
            _ => return Err(Problem::invalid(at, "is no list; `fields.alerts` says that the alerts are there")),
        },
    };
    let listed = fields.alerts.is_some();
    let group = |(place, value): (usize, Value)| {
        let at = if listed { format!("{at}/{place}") } else { String::new() };
        let fields_of = Fields::Json(value);
        let of = |pointer: &str, name: &str| {
            fields_of.get(pointer).map(|text| text.into_owned()).ok_or_else(|| {
                let detail = format!("is missing, or no text or number; `fields.{name}` says that it is there");
                Problem::invalid(format!("{at}{pointer}"), detail)
            })
        };
        let (name, status) = (of(&fields.key, "key")?, of(&fields.status, "status")?);
        let firing = !fields.resolved.iter().any(|over| over.eq_ignore_ascii_case(&status));
        Ok(Group { name, alerts: vec![Alert { firing, fields: fields_of }], complete: true, changes: true })
    };
    alerts.into_iter().enumerate().map(group).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(alerts: Option<&str>) -> intake::Fields {
        intake::Fields {
            alerts: alerts.map(str::to_owned),
            key: "/check/id".to_owned(),
            status: "/state".to_owned(),
            resolved: vec!["up".to_owned(), "ok".to_owned()],
        }
    }

    #[test]
    fn fields_are_picked_by_pointers() {
        let body = json!({ "check": { "id": 7 }, "state": "down" });
        let group = read(body.to_string().as_bytes(), &fields(None)).unwrap().remove(0);
        assert_eq!((group.name.as_str(), group.alerts[0].firing), ("7", true));
        let body =
            json!({ "all": [{ "check": { "id": "a" }, "state": "Up" }, { "check": { "id": "b" }, "state": "" }] });
        let groups = read(body.to_string().as_bytes(), &fields(Some("/all"))).unwrap();
        assert_eq!(groups.iter().map(|group| group.alerts[0].firing).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn a_missing_field_is_named() {
        let at = |body: Value, alerts| read(body.to_string().as_bytes(), &fields(alerts)).unwrap_err().pointer.unwrap();
        assert_eq!(at(json!({ "check": {}, "state": "up" }), None), "/check/id");
        assert_eq!(at(json!({ "all": [{ "check": { "id": 1 } }] }), Some("/all")), "/all/0/state");
        assert_eq!(at(json!({ "all": {} }), Some("/all")), "/all");
    }
}
