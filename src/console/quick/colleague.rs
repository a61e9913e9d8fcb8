//! Whom a button asks for an approval: the first of those on duty who may give it.

use serde_json::{Value, json};

use super::super::enter::Desk;
use crate::{people::Role, problem::Problem};

/// Their first name, and how they are called; null where nobody is on duty.
pub(super) async fn asked(desk: &Desk) -> Result<Value, Problem> {
    for id in desk.app.store.on_duty(desk.app.world.clock.now()).await? {
        let person = desk.app.store.person(id).await?;
        if person.active && person.role >= Role::Approver && person.id != desk.person.id {
            let name = person.name.split(' ').next().unwrap_or_default().to_owned();
            return Ok(
                json!({ "name": name, "texted": !person.phone.is_empty(), "minutes": desk.app.config.approval.chase_after_minutes }),
            );
        }
    }
    Ok(Value::Null)
}
