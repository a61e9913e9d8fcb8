//! The OpenAPI document says what there is.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};

use super::Api;
use crate::api::openapi;

#[tokio::test]
async fn the_document_is_served_as_it_is_made() {
    let api = Api::new().await;
    let served = api.send(Request::get("/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!(served.json, serde_json::to_value(openapi()).unwrap());
    assert!(served.json["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
}

#[test]
fn every_operation_is_named_and_says_how_it_is_refused() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(!id.is_empty() && ids.insert(id.to_owned()), "{place}: {id:?}");
            assert!(operation["description"].as_str().is_some_and(|text| text.ends_with('.')), "{place}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
            for status in ["401", "403", "503"] {
                let problem = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(problem, "#/components/schemas/Problem", "{place}");
            }
            let takes_query = operation["parameters"].as_array().into_iter().flatten().any(|one| one["in"] == "query");
            assert!(!takes_query || responses.contains_key("400"), "{place} may not be able to read its query");
            let names: Vec<&str> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
            let empty = Vec::new();
            let given = operation["parameters"].as_array().unwrap_or(&empty);
            for name in names {
                assert!(
                    given.iter().any(|parameter| parameter["in"] == "path" && parameter["name"] == name),
                    "{place}: {name}"
                );
            }
            assert_eq!(operation["security"].is_array(), path != "/sessions", "{place}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = serde_json::to_value(openapi()).unwrap();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
    // Two types of one name would get a number behind it.
    let names = document["components"]["schemas"].as_object().unwrap();
    assert!(
        names.keys().all(|name| !name.ends_with(|c: char| c.is_ascii_digit())),
        "{:?}",
        names.keys().collect::<Vec<_>>()
    );
}

/// What schemathesis found: values of a query that are read, and cannot be used.
#[test]
fn what_refuses_a_value_of_its_query_says_so() {
    let document = serde_json::to_value(openapi()).unwrap();
    for path in ["/report", "/updates/{id}/nothing"] {
        assert!(document["paths"][path]["get"]["responses"]["422"].is_object(), "{path}");
    }
}
