//! Two people's changes to one content, put together place by place.

use serde_json::{Map, Value};

use super::content::Content;
use crate::problem::Problem;

/// What both made of `base`: at each place the one who changed it, and `mine` where both did.
///
/// To take a change back is the same: with `base` after the change and `theirs` before it, whatever was written since
/// stays as `mine` has it.
///
/// # Errors
/// 500 where a content cannot be written as JSON, which none has been seen to.
pub fn merge(base: &Content, mine: &Content, theirs: &Content) -> Result<Content, Problem> {
    let value = |content| serde_json::to_value(content).map_err(|_| Problem::internal());
    let (base, mine, theirs) = (value(base)?, value(mine)?, value(theirs)?);
    let merged = place(Some(&base), Some(&mine), Some(&theirs)).unwrap_or_default();
    serde_json::from_value(merged).map_err(|_| Problem::internal())
}

/// One place; None where there is nothing.
fn place(base: Option<&Value>, mine: Option<&Value>, theirs: Option<&Value>) -> Option<Value> {
    if mine == base {
        return theirs.cloned();
    }
    if theirs == base {
        return mine.cloned();
    }
    match (base, mine, theirs) {
        (Some(Value::Object(base)), Some(Value::Object(mine)), Some(Value::Object(theirs))) => {
            let names = mine.keys().chain(theirs.keys().filter(|name| !mine.contains_key(*name)));
            let merged: Map<String, Value> = names
                .filter_map(|name| Some((name.clone(), place(base.get(name), mine.get(name), theirs.get(name))?)))
                .collect();
            Some(Value::Object(merged))
        }
        // Rows that somebody added or took away have no place that could be compared.
        (Some(Value::Array(base)), Some(Value::Array(mine)), Some(Value::Array(theirs)))
            if base.len() == mine.len() && mine.len() == theirs.len() =>
        {
            let rows = base.iter().zip(mine).zip(theirs);
            Some(Value::Array(
                rows.filter_map(|((base, mine), theirs)| place(Some(base), Some(mine), Some(theirs))).collect(),
            ))
        }
        _ => mine.cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(headline: &str, doing: &str, components: &[i64]) -> Content {
        let components: Map<String, Value> =
            components.iter().map(|id| (id.to_string(), "partial_outage".into())).collect();
        serde_json::from_value(serde_json::json!({
            "status": "investigating", "components": components,
            "variants": [{ "name": "everyone", "facts": { "en": { "headline": headline, "doing": doing } } }],
        }))
        .unwrap()
    }

    #[test]
    fn each_keeps_what_the_other_did_not_touch_and_mine_wins_where_both_wrote() {
        let base = content("Payments fail", "We look", &[1]);
        let mine = content("Card payments fail", "We look", &[1, 2]);
        let theirs = content("Payments are slow", "We found it", &[]);
        let both = content("Card payments fail", "We found it", &[2]);
        assert_eq!(merge(&base, &mine, &theirs).unwrap(), both);
        assert_eq!(merge(&base, &base, &theirs).unwrap(), theirs);
        assert_eq!(merge(&base, &mine, &base).unwrap(), mine);
    }

    #[test]
    fn a_change_is_taken_back_and_what_was_written_since_stays() {
        let (before, after) = (content("A", "Nordbank broke it", &[]), content("A", "A connection failed", &[]));
        let typed = content("A, and more", "A connection failed", &[3]);
        assert_eq!(merge(&after, &typed, &before).unwrap(), content("A, and more", "Nordbank broke it", &[3]));
    }
}
