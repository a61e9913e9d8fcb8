//! Which texts were opened before an approval.

use jiff::Timestamp;
use sqlx::Row as _;

use super::{Result, Store};
use crate::world::{from_millis, millis};

/// How much of a broadcast somebody has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Who.
    pub person_id: i64,
    /// Texts.
    pub texts: Vec<String>,
    /// When they opened the last of them for the first time.
    pub last_at: Timestamp,
}

impl Store {
    /// Notes that somebody opened a text; the first time counts.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_text(&self, broadcast_id: i64, person_id: i64, text: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO text_opened (broadcast_id, person_id, text, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(broadcast_id)
        .bind(person_id)
        .bind(text)
        .bind(millis(at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Who opened which texts of a broadcast, by person.
    ///
    /// # Errors
    /// The database's.
    pub async fn opened_texts(&self, broadcast_id: i64) -> Result<Vec<Opened>> {
        let rows =
            sqlx::query("SELECT person_id, text, at FROM text_opened WHERE broadcast_id = ? ORDER BY person_id, text")
                .bind(broadcast_id)
                .fetch_all(self.read())
                .await?;
        let mut all: Vec<Opened> = Vec::new();
        for row in rows {
            let (person_id, text, at) = (row.get("person_id"), row.get("text"), from_millis(row.get("at")));
            match all.last_mut().filter(|opened| opened.person_id == person_id) {
                Some(opened) => {
                    opened.texts.push(text);
                    opened.last_at = opened.last_at.max(at);
                }
                None => all.push(Opened { person_id, texts: vec![text], last_at: at }),
            }
        }
        Ok(all)
    }
}
