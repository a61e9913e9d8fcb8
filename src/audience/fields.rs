//! Help with writing a segment: what is known of people, and why somebody is in it or not.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    explain::{self, Explained},
    manage::read_filter,
    recipient,
    rows::{COMPONENT, TAG},
};
use crate::{
    app::App,
    people::{Actor, Role, Scope},
    problem::Problem,
    store::fields::Known,
};

/// Fields that are listed.
const MOST_FIELDS: i64 = 100;
/// Values that are listed.
const MOST_VALUES: i64 = 50;

/// Whether somebody is in a segment, and by which of its conditions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Membership {
    /// Who.
    pub customer_id: String,
    /// Whether they are in it.
    pub member: bool,
    /// The filter, taken apart.
    pub explained: Explained,
}

fn reads(app: &App, actor: &Actor) -> Result<(), Problem> {
    app.may(actor, Role::Viewer, Scope::Audience.as_str()).map(drop)
}

/// The fields that people have, the most frequent first.
///
/// # Errors
/// 403.
pub async fn fields(app: &App, actor: &Actor) -> Result<Known, Problem> {
    reads(app, actor)?;
    Ok(app.store.fields(MOST_FIELDS).await?)
}

/// The values of a field, the most frequent first.
///
/// # Errors
/// 403; 422 for what is no field's name.
pub async fn values(app: &App, actor: &Actor, field: &str) -> Result<Known, Problem> {
    reads(app, actor)?;
    if !matches!(field, TAG | COMPONENT | "locale" | "time_zone") && !recipient::is_attribute(field) {
        let detail = "no field has such a name; give tag, component, locale, time_zone or an attribute";
        return Err(Problem::invalid("/field", detail));
    }
    Ok(app.store.field_values(field, MOST_VALUES).await?)
}

/// Whether somebody is in the segment of a filter, and why.
///
/// # Errors
/// 403; 404 for an unknown customer id; 422 for a filter that cannot be read.
pub async fn membership(app: &App, actor: &Actor, filter: &str, customer_id: &str) -> Result<Membership, Problem> {
    reads(app, actor)?;
    let filter = read_filter(filter)?;
    let known = app.store.recipient(customer_id).await?;
    let explained = explain::explain(&filter, &explain::person(&known.recipient));
    Ok(Membership { customer_id: customer_id.to_owned(), member: explained.holds, explained })
}
