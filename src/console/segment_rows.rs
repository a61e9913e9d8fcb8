//! The conditions of a segment as rows of a form: what is looked at, how it compares, and the values that there are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{enter::Desk, form::Form, words::say};
use crate::{
    audience::{
        fields,
        filter::BUILT_IN,
        rows::{COMPONENT, How, Row, Rows, TAG},
    },
    problem::Problem,
    store::fields::{Found, Known},
};

/// Values that stand under a row; a list at the field has more.
const NAMED: usize = 6;

/// Reads the rows of a form, in their order.
pub(super) fn read(form: &Form) -> Rows {
    let row = |(number, field): (&str, &str)| Row {
        field: field.to_owned(),
        how: How::parse(form.get(&format!("how.{number}"))).unwrap_or(How::Is),
        value: form.get(&format!("value.{number}")).to_owned(),
    };
    Rows { any: form.get("join") == "any", rows: form.under("field.").map(row).collect() }
}

/// The rows for the page, with what can be chosen.
pub(super) async fn view(desk: &Desk, rows: &Rows) -> Result<Value, Problem> {
    let (app, actor) = (&desk.app, &desk.actor);
    let known = fields::fields(app, actor).await?;
    let mut values: BTreeMap<&str, Known> = BTreeMap::new();
    for row in &rows.rows {
        // Customer numbers are as many as people.
        if !values.contains_key(row.field.as_str()) && !matches!(row.field.as_str(), "" | "customer_id") {
            // What somebody wrote by hand may be no field's name: then there is nothing to offer.
            if let Ok(found) = fields::values(app, actor, &row.field).await {
                values.insert(&row.field, found);
            }
        }
    }
    let shown = rows.rows.iter().enumerate().map(|(n, row)| one(n, row, &known, values.get(row.field.as_str())));
    Ok(json!({ "any": rows.any, "list": shown.collect::<Vec<_>>(), "several": rows.rows.len() > 1 }))
}

fn one(n: usize, row: &Row, known: &Known, values: Option<&Known>) -> Value {
    let hows = How::ALL
        .iter()
        .map(|how| json!({ "name": how.as_str(), "label": say("how", how.as_str()), "selected": *how == row.how }));
    let part = |known: &Known| known.looked_at < known.of;
    json!({
        "n": n, "number": n + 1, "value": row.value, "takes": row.how.takes_value(),
        "fields": names(row, known), "hows": hows.collect::<Vec<_>>(),
        "values": values.map(|values| values.items.clone()).unwrap_or_default(),
        "named": values.map(|values| values.items.iter().take(NAMED).cloned().collect::<Vec<_>>()).unwrap_or_default(),
        "more": values.is_some_and(|values| values.items.len() > NAMED),
        "looked_at": values.filter(|values| part(values)).map(|values| json!({ "n": values.looked_at, "of": values.of })),
    })
}

/// What can be looked at: what people have, and what is always known.
fn names(row: &Row, known: &Known) -> Vec<Value> {
    let always =
        [TAG, COMPONENT].into_iter().chain(BUILT_IN).filter(|name| known.items.iter().all(|item| item.name != *name));
    let missing = always.chain((!row.field.is_empty()).then_some(row.field.as_str())).map(str::to_owned);
    let mut all = known.items.clone();
    for name in missing {
        if all.iter().all(|item| item.name != name) {
            all.push(Found { name, people: 0 });
        }
    }
    let option = |item: &Found| {
        let many = known.looked_at == known.of && item.people > 0;
        json!({ "name": item.name, "label": say("known_field", &item.name), "selected": item.name == row.field, "people": if many { json!(item.people) } else { Value::Null } })
    };
    all.iter().map(option).collect()
}
