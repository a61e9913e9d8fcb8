//! What is known of providers across restarts.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::Row as _;

use super::{Result, Store, audit};

/// What is known of a provider: its name, how the last check of its credentials went, and what went wrong lately.
pub type Memory<C, T> = (String, Option<C>, Vec<T>);

impl Store {
    /// What is known of every provider.
    ///
    /// # Errors
    /// The database's; when what was stored cannot be read.
    pub async fn provider_memory<C: DeserializeOwned, T: DeserializeOwned>(&self) -> Result<Vec<Memory<C, T>>> {
        let rows =
            sqlx::query("SELECT provider, checked, troubles FROM provider_memory").fetch_all(self.read()).await?;
        rows.iter()
            .map(|row| {
                let checked: Option<&str> = row.get("checked");
                let checked = checked.map(serde_json::from_str).transpose()?;
                Ok((row.get("provider"), checked, serde_json::from_str(row.get("troubles"))?))
            })
            .collect()
    }

    /// Keeps how a check went; with an entry where somebody asked for it.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_check(
        &self,
        provider: &str,
        checked: &impl Serialize,
        entry: Option<&audit::Entry<'_>>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO provider_memory (provider, checked) VALUES (?, ?)
             ON CONFLICT (provider) DO UPDATE SET checked = excluded.checked",
        )
        .bind(provider)
        .bind(serde_json::to_string(checked)?)
        .execute(&mut *tx)
        .await?;
        if let Some(entry) = entry {
            audit::append(&mut tx, entry).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Keeps what went wrong.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep_troubles<T: Serialize>(&self, provider: &str, troubles: &[T]) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO provider_memory (provider, troubles) VALUES (?, ?)
             ON CONFLICT (provider) DO UPDATE SET troubles = excluded.troubles",
        )
        .bind(provider)
        .bind(serde_json::to_string(troubles)?)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
