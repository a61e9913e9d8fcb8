//! Why somebody is in a segment, or is not: each condition of its filter, whether it holds for them, and what they have.

use schemars::JsonSchema;
use serde::Serialize;

use super::filter::{Filter, Person};
use crate::store::recipients::Recipient;

/// A condition, as it is for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explained {
    /// The condition as text.
    pub condition: String,
    /// Whether it holds.
    pub holds: bool,
    /// What they have where it looks; None where that is nothing.
    pub theirs: Option<String>,
    /// True where one of the parts is enough.
    pub any: bool,
    /// What it consists of, if of several.
    pub parts: Vec<Explained>,
}

/// What a filter looks at, of somebody who is stored. Lists of incidents are not among it: no segment asks for them.
pub fn person(recipient: &Recipient) -> Person {
    let mut attributes = recipient.attributes.clone();
    let built_in =
        [("locale", &recipient.locale), ("time_zone", &recipient.time_zone), ("customer_id", &recipient.customer_id)];
    attributes.extend(
        built_in
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.clone())),
    );
    Person {
        attributes,
        tags: recipient.tags.iter().cloned().collect(),
        components: recipient.components.iter().cloned().collect(),
        ..Person::default()
    }
}

/// Takes a filter apart for one person.
pub fn explain(filter: &Filter, person: &Person) -> Explained {
    let parts = match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().map(|part| explain(part, person)).collect(),
        Filter::Not(inner) if matches!(**inner, Filter::All(_) | Filter::Any(_)) => vec![explain(inner, person)],
        _ => Vec::new(),
    };
    Explained {
        condition: filter.to_string(),
        holds: filter.matches(person),
        theirs: theirs(filter, person),
        any: matches!(filter, Filter::Any(_)),
        parts,
    }
}

impl Explained {
    /// The conditions that keep somebody out, each as small as it gets; none where it holds.
    pub fn failing(&self) -> Vec<&Explained> {
        if self.holds {
            return Vec::new();
        }
        let deeper: Vec<&Explained> = self.parts.iter().flat_map(Explained::failing).collect();
        // What is denied as a whole fails because its inside holds: there is nothing smaller to name.
        if deeper.is_empty() { vec![self] } else { deeper }
    }
}

fn theirs(filter: &Filter, person: &Person) -> Option<String> {
    let all = |labels: &std::collections::BTreeSet<String>| {
        (!labels.is_empty()).then(|| labels.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    match filter {
        Filter::Compare { attribute, .. }
        | Filter::OneOf { attribute, .. }
        | Filter::Contains { attribute, .. }
        | Filter::Has(attribute) => person.attributes.get(attribute).cloned(),
        Filter::Tag(_) => all(&person.tags),
        Filter::Component(_) => all(&person.components),
        Filter::Not(inner) => theirs(inner, person),
        Filter::Everyone | Filter::Listed(_) | Filter::All(_) | Filter::Any(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::filter::parse, *};

    #[test]
    fn who_is_not_in_it_reads_which_condition_fails_and_what_they_have() {
        let ana: Recipient = serde_json::from_value(serde_json::json!({
            "customer_id": "c-1", "locale": "de", "attributes": { "country": "AT", "plan": "free" }, "tags": ["vip"],
        }))
        .unwrap();
        let failing = |text: &str| -> Vec<(String, Option<String>)> {
            let explained = explain(&parse(text).unwrap(), &person(&ana));
            explained.failing().into_iter().map(|part| (part.condition.clone(), part.theirs.clone())).collect()
        };
        let told = |condition: &str, theirs: Option<&str>| (condition.to_owned(), theirs.map(str::to_owned));
        assert_eq!(failing("tag \"vip\" and locale = \"de\""), []);
        assert_eq!(failing("country = \"DE\" and tag \"vip\""), [told("country = \"DE\"", Some("AT"))]);
        assert_eq!(
            failing("country = \"DE\" or seats > 5"),
            [told("country = \"DE\"", Some("AT")), told("seats > 5", None)]
        );
        assert_eq!(failing("not tag \"vip\""), [told("not tag \"vip\"", Some("vip"))]);
        assert_eq!(
            failing("not (tag \"vip\" and plan = \"free\") and customer_id = \"c-1\""),
            [told("not (tag \"vip\" and plan = \"free\")", None)]
        );
    }
}
