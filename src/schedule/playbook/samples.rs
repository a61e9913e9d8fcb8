//! Values to read a playbook with: the usual ones, the longest ones, and every choice on its own.

use std::collections::BTreeMap;

use super::{Playbook, VariableKind};

/// A set of values, and what it shows.
pub type Sample = (String, BTreeMap<String, String>);

/// The usual values: first choices, least numbers.
pub fn first(playbook: &Playbook) -> BTreeMap<String, String> {
    of(playbook, |kind| match kind {
        VariableKind::Choice { options } => options.first().map(|option| option.label.clone()).unwrap_or_default(),
        VariableKind::Number { min, .. } => min.to_string(),
        VariableKind::Component { components } => components.keys().next().map(i64::to_string).unwrap_or_default(),
        VariableKind::Time { .. } => "12:00".to_owned(),
        VariableKind::Text { max_length, .. } => "an example".chars().take(*max_length).collect(),
    })
}

/// The values that make the longest texts.
pub fn longest(playbook: &Playbook) -> BTreeMap<String, String> {
    of(playbook, |kind| match kind {
        VariableKind::Choice { options } => {
            let longest = options.iter().max_by_key(|option| option.text.values().map(String::len).max());
            longest.map(|option| option.label.clone()).unwrap_or_default()
        }
        VariableKind::Number { min, max } => {
            [min, max].into_iter().map(i64::to_string).max_by_key(String::len).unwrap_or_default()
        }
        VariableKind::Component { components } => {
            components.iter().max_by_key(|(_, name)| name.len()).map(|(id, _)| id.to_string()).unwrap_or_default()
        }
        VariableKind::Time { .. } => "12:00".to_owned(),
        VariableKind::Text { max_length, .. } => "m".repeat(*max_length),
    })
}

/// Every set that a reader should see: the usual one, the longest one, and each further choice in its turn.
pub fn all(playbook: &Playbook) -> Vec<Sample> {
    let usual = first(playbook);
    let mut samples =
        vec![("the usual values".to_owned(), usual.clone()), ("the longest values".to_owned(), longest(playbook))];
    for variable in &playbook.variables {
        let further: Vec<String> = match &variable.kind {
            VariableKind::Choice { options } => options.iter().skip(1).map(|option| option.label.clone()).collect(),
            VariableKind::Component { components } => components.keys().skip(1).map(i64::to_string).collect(),
            VariableKind::Number { max, .. } => vec![max.to_string()],
            VariableKind::Time { .. } | VariableKind::Text { .. } => Vec::new(),
        };
        for value in further {
            let shown = match &variable.kind {
                VariableKind::Component { components } => {
                    value.parse().ok().and_then(|id: i64| components.get(&id)).unwrap_or(&value).clone()
                }
                _ => value.clone(),
            };
            let values = BTreeMap::from([(variable.name.clone(), value)]);
            samples.push((
                format!("“{shown}” ({})", variable.question),
                usual.clone().into_iter().chain(values).collect(),
            ));
        }
    }
    samples
}

fn of(playbook: &Playbook, value: impl Fn(&VariableKind) -> String) -> BTreeMap<String, String> {
    playbook.variables.iter().map(|variable| (variable.name.clone(), value(&variable.kind))).collect()
}
