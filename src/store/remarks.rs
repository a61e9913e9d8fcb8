//! What is said before an approval: sign-offs and remarks of readers, notes on passages of what was sent back.

use jiff::Timestamp;
use onevoice_channels::contract::Channel;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row as _;

use super::{Result, Store, StoreError, audit, channel_code, channel_of};
use crate::{
    render::MessageKind,
    world::{from_millis, millis},
};

/// What a reader said for a sign-off.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Said {
    /// The sign-off's name.
    pub name: String,
    /// Who said it.
    pub person_id: i64,
    /// True for a signature, false for a remark alone.
    pub signed: bool,
    /// Their words; may be empty beside a signature.
    pub remark: String,
    /// When.
    pub at: Timestamp,
    /// What they had read.
    #[serde(skip)]
    pub digest: String,
}

/// A note on a passage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Note {
    /// The update, its correction, or its "no news yet".
    pub message: MessageKind,
    /// The variant's place.
    pub variant: usize,
    /// The channel.
    pub channel: Channel,
    /// The locale.
    pub locale: String,
    /// The words it is about; empty for the whole text.
    pub quote: String,
    /// What is to change.
    pub text: String,
    /// Who wrote it.
    pub person_id: i64,
}

impl Store {
    /// What readers said of a broadcast, the oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn said(&self, broadcast_id: i64) -> Result<Vec<Said>> {
        let rows = sqlx::query("SELECT * FROM sign_off WHERE broadcast_id = ? ORDER BY id")
            .bind(broadcast_id)
            .fetch_all(self.read())
            .await?;
        Ok(rows
            .iter()
            .map(|row| Said {
                name: row.get("name"),
                person_id: row.get("person_id"),
                signed: row.get("signed"),
                remark: row.get("remark"),
                at: from_millis(row.get("at")),
                digest: row.get("digest"),
            })
            .collect())
    }

    /// Keeps a remark or a signature, of a broadcast that waits for an approval with this very digest.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it was signed already; [`StoreError::Conflict`] when it does not wait any more.
    pub async fn say(&self, broadcast_id: i64, said: &Said, entry: &audit::Entry<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        let kept = sqlx::query(
            "INSERT INTO sign_off (broadcast_id, name, person_id, digest, signed, remark, at)
             SELECT id, ?2, ?3, digest, ?4, ?5, ?6 FROM broadcast WHERE id = ?1 AND digest = ?7 AND state = 'submitted'",
        )
        .bind(broadcast_id)
        .bind(&said.name)
        .bind(said.person_id)
        .bind(said.signed)
        .bind(&said.remark)
        .bind(millis(said.at))
        .bind(&said.digest)
        .execute(&mut *tx)
        .await
        .map_err(super::taken("signature under this name"))?;
        if kept.rows_affected() == 0 {
            return Err(StoreError::Conflict("it was changed while you read it; read it again".into()));
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Sends a submitted update back with a reason and with notes on its passages.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not waiting any more.
    pub async fn return_with_notes(
        &self,
        id: i64,
        reason: &str,
        notes: &[Note],
        entry: &audit::Entry<'_>,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        super::approvals::give_back(&mut tx, id, reason, entry.at).await?;
        for note in notes {
            sqlx::query(
                "INSERT INTO note (update_id, broadcast_id, person_id, message, variant, channel, locale, quote, text, at)
                 SELECT update_id, id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM broadcast WHERE id = ?1",
            )
            .bind(id)
            .bind(note.person_id)
            .bind(note.message.as_str())
            .bind(note.variant as i64)
            .bind(channel_code(note.channel))
            .bind(&note.locale)
            .bind(&note.quote)
            .bind(&note.text)
            .bind(millis(entry.at))
            .execute(&mut *tx)
            .await?;
        }
        audit::append(&mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The notes that an update was sent back with, until it is submitted again.
    ///
    /// # Errors
    /// The database's.
    pub async fn notes(&self, update_id: i64) -> Result<Vec<Note>> {
        let rows = sqlx::query(
            "SELECT * FROM note WHERE update_id = ?1
             AND broadcast_id = (SELECT MAX(id) FROM broadcast WHERE update_id = ?1) ORDER BY id",
        )
        .bind(update_id)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| Note {
                message: MessageKind::parse(row.get("message")).unwrap_or(MessageKind::Update),
                variant: usize::try_from(row.get::<i64, _>("variant")).unwrap_or_default(),
                channel: channel_of(row.get("channel")),
                locale: row.get("locale"),
                quote: row.get("quote"),
                text: row.get("text"),
                person_id: row.get("person_id"),
            })
            .collect())
    }
}
