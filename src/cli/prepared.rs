//! `onevoice announce --playbook`: a prepared message, sent by a script.

use clap::Args;
use serde_json::{Value, json};

use super::{client::Client, failure::Failure};

/// What is announced by a prepared message.
#[derive(Args, Clone, Debug)]
pub struct Prepared {
    /// A prepared message, by number or name: payments-fail. Within its bounds it goes out at once.
    #[arg(long, value_name = "NAME", requires_all = ["stage", "key"], conflicts_with_all = ["title", "headline"])]
    pub playbook: Option<String>,
    /// Where it stands: investigating, identified, monitoring, resolved.
    #[arg(long, requires = "playbook")]
    pub stage: Option<String>,
    /// A value of the prepared message; give it once for each.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair, requires = "playbook")]
    pub values: Vec<(String, String)>,
    /// What you call the outage: the same key goes on with the same incident until that is over.
    #[arg(long, value_name = "KEY", requires = "playbook")]
    pub key: Option<String>,
    /// A component that is concerned besides its own, by number or name; give it once for each.
    #[arg(long = "component", value_name = "NAME", requires = "playbook")]
    pub components: Vec<String>,
    /// Says what would happen, and writes nothing.
    #[arg(long, requires = "playbook")]
    pub dry_run: bool,
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like what=\"Payments are slow\"")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl Prepared {
    fn body(&self, exercise: bool) -> Value {
        let values: serde_json::Map<String, Value> =
            self.values.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({
            "playbook": self.playbook, "stage": self.stage, "variables": values, "dedup_key": self.key,
            "components": self.components, "exercise": exercise, "dry_run": self.dry_run,
        })
    }
}

/// Announces; what waits for a person is done in part.
///
/// # Errors
/// [`Failure`]; a partial one when it waits for an approval, or was kept as a draft.
pub async fn announce(client: &Client, prepared: &Prepared, exercise: bool, json: bool) -> Result<(), Failure> {
    let answer = client.post("/announcements", &prepared.body(exercise)).await?;
    if json {
        println!("{answer}");
    }
    match said(&answer) {
        Ok(said) if json => drop(said),
        Ok(said) => println!("{said}"),
        Err(waits) => return Err(Failure::partial(waits)),
    }
    Ok(())
}

/// What came of it in a sentence; the error is for what waits for a person.
fn said(answer: &Value) -> Result<String, String> {
    let number = |at: &str| answer.pointer(at).and_then(Value::as_i64).unwrap_or_default();
    let (incident, update) = (number("/incident/id"), number("/update/id"));
    let dry = answer["dry_run"] == true;
    let exceeded: Vec<&str> =
        answer["exceeded"].as_array().into_iter().flatten().filter_map(|one| one["detail"].as_str()).collect();
    let why = exceeded.join(" ");
    match answer["outcome"].as_str().unwrap_or_default() {
        "sent" if dry => Ok(format!("It would go out to {} people.", number("/preview/numbers/count/people"))),
        "sent" => {
            Ok(format!("It goes out: update {update} of incident {incident}, broadcast {}.", number("/broadcast/id")))
        }
        "repeated" => Ok(format!("It was said already: update {update} of incident {incident}.")),
        "nothing" => Ok("Nothing is open by this key, so there is nothing to say.".to_owned()),
        "queued" if dry => Err(format!("it would wait for an approval: {why}")),
        "queued" => Err(format!("update {update} of incident {incident} waits for an approval: {why}")),
        _ => {
            let detail = answer.pointer("/problem/detail").and_then(Value::as_str).unwrap_or_default();
            Err(match dry {
                true => format!("it would be kept as a draft: {detail}"),
                false => format!("update {update} of incident {incident} is kept as a draft for a person: {detail}"),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_is_done_and_what_waits_is_done_in_part() {
        let of = |outcome: &str, dry: bool| {
            said(&json!({
                "outcome": outcome, "dry_run": dry, "incident": { "id": 7 }, "update": { "id": 9 }, "broadcast": { "id": 3 },
                "exceeded": [{ "bound": "rate", "detail": "Too soon." }], "problem": { "detail": "No apology." },
            }))
        };
        assert_eq!(of("sent", false).unwrap(), "It goes out: update 9 of incident 7, broadcast 3.");
        assert!(of("repeated", false).is_ok() && of("nothing", true).is_ok());
        assert_eq!(of("queued", false).unwrap_err(), "update 9 of incident 7 waits for an approval: Too soon.");
        assert_eq!(of("queued", true).unwrap_err(), "it would wait for an approval: Too soon.");
        assert!(of("kept", false).unwrap_err().ends_with("is kept as a draft for a person: No apology."));
    }

    #[test]
    fn a_value_has_a_name() {
        assert_eq!(pair("what=a=b").unwrap(), ("what".to_owned(), "a=b".to_owned()));
        assert!(pair("what").is_err());
    }
}
