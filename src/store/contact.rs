//! Contact routes: how customers reach us.

use sqlx::Row as _;

use super::{Result, Store, StoreError, audit};
use crate::{compose::route::ContactRoute, world::millis};

impl Store {
    /// Writes a contact route: a new one (id 0), or the one of that number.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    pub async fn put_route(&self, route: &ContactRoute, entry: &audit::Entry<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let id: Option<i64> = sqlx::query_scalar(if route.id == 0 {
            "INSERT INTO contact_route (document, overloaded, position, updated_at) VALUES (?2, ?3, ?4, ?5) RETURNING id"
        } else {
            "UPDATE contact_route SET document = ?2, overloaded = ?3, position = ?4, updated_at = ?5
             WHERE id = ?1 RETURNING id"
        })
        .bind(route.id)
        .bind(serde_json::to_string(route)?)
        .bind(route.overloaded)
        .bind(route.position)
        .bind(millis(entry.at))
        .fetch_optional(&mut *tx)
        .await?;
        let id = id.ok_or(StoreError::Missing("contact route"))?;
        audit::append(&mut tx, &audit::Entry { subject: &format!("contact_route:{id}"), ..entry.clone() }).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Every contact route, in the order of lists.
    ///
    /// # Errors
    /// The database's.
    pub async fn routes(&self) -> Result<Vec<ContactRoute>> {
        let rows = sqlx::query("SELECT id, document, overloaded, position FROM contact_route ORDER BY position, id")
            .fetch_all(self.read())
            .await?;
        rows.iter()
            .map(|row| {
                let mut route: ContactRoute = serde_json::from_str(row.get("document"))?;
                route.id = row.get("id");
                route.overloaded = row.get("overloaded");
                route.position = row.get("position");
                Ok(route)
            })
            .collect()
    }
}
