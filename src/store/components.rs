//! The parts of the customers' service.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::{Row as _, sqlite::SqliteRow};

use super::{Result, Store, StoreError, audit, taken};
use crate::{
    compose::status::ComponentStatus,
    world::{from_millis, millis},
};

/// A part of the customers' service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Component {
    /// Its number.
    pub id: i64,
    /// Its name, as customers know it.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The heading that it stands under; empty for none.
    pub group: String,
    /// How it does.
    pub status: ComponentStatus,
    /// Its place in lists.
    pub position: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

fn component(row: &SqliteRow) -> Component {
    Component {
        id: row.get("id"),
        name: row.get("name"),
        description: row.get("description"),
        group: row.get("group_name"),
        status: ComponentStatus::parse(row.get("status")).unwrap_or(ComponentStatus::Operational),
        position: row.get("position"),
        created_at: from_millis(row.get("created_at")),
        updated_at: from_millis(row.get("updated_at")),
    }
}

impl Store {
    /// Writes a component: a new one (id 0), or the one of that number.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another has that name, [`StoreError::Missing`].
    pub async fn put_component(&self, new: &Component, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: Option<i64> = sqlx::query_scalar(if new.id == 0 {
            "INSERT INTO component (name, description, group_name, status, position, created_at, updated_at)
             VALUES (?2, ?3, ?4, ?5, ?6, ?7, ?7) RETURNING id"
        } else {
            "UPDATE component SET name = ?2, description = ?3, group_name = ?4, status = ?5, position = ?6,
             updated_at = ?7 WHERE id = ?1 RETURNING id"
        })
        .bind(new.id)
        .bind(&new.name)
        .bind(&new.description)
        .bind(&new.group)
        .bind(new.status.as_str())
        .bind(new.position)
        .bind(millis(entry.at))
        .fetch_optional(&mut *tx)
        .await
        .map_err(taken("component with this name"))?;
        let id = id.ok_or(StoreError::Missing("component"))?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("component:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Every component, in the order of lists.
    ///
    /// # Errors
    /// The database's.
    pub async fn components(&self) -> Result<Vec<Component>> {
        let rows = sqlx::query("SELECT * FROM component ORDER BY position, id").fetch_all(self.read()).await?;
        Ok(rows.iter().map(component).collect())
    }
}
