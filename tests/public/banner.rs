//! What the banner's script believes, and what it does with hostile words.

use serde_json::{Value, json};

use crate::parts::browser;

#[tokio::test]
async fn the_script_believes_what_is_signed_and_runs_nothing() {
    let seen = browser::run("signed", json!({})).await;
    let expected = [
        ("signed", json!("True")),
        ("copysScript", json!("True")),
        ("language", json!(["Wahr", "True"])),
        ("paths", json!(["True", ""])),
        // Whatever its own origin does, the copy is asked; and a copy that lies is not believed.
        ("alteredAtHome", json!("Copied")),
        ("forged", json!("Copied")),
        ("expired", json!("Copied")),
        ("dead", json!("Copied")),
        ("deadWithItsScript", json!("Copied")),
        ("copy altered", json!("")),
        ("copy forged", json!("")),
        ("copy expired", json!("")),
        ("copy unsigned", json!("")),
        ("copy broken", json!("")),
        ("copy another", json!("")),
        // Where nothing can be checked, the script's own origin alone is believed.
        ("unknowing", json!(["", "True"])),
        ("keyless", json!(["", "True"])),
        ("slow", json!(["Shop", ""])),
        ("replayed", json!("Two")),
        ("faults", json!([])),
        ("shifted", json!(0)),
        ("errors", json!([])),
    ];
    for (name, value) in expected {
        assert_eq!(seen[name], value, "{name}: {seen}");
    }
    let payloads = &seen["payloads"];
    assert!(payloads["count"].as_u64() > Some(100), "{payloads}");
    for name in ["hit", "violations", "added"] {
        assert_eq!(payloads[name], 0, "{name}: {payloads}");
    }
    assert_eq!(
        (&payloads["shapes"], &payloads["links"]),
        (&json!(1), &json!([""])),
        "no text made an element or a link"
    );
    assert!(seen["size"].as_u64() < Some(4096), "compressed it stays under 4 KB: {}", seen["size"]);
    assert_ne!(seen["size"], Value::Null);
}
