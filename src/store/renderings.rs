//! The texts of a broadcast, frozen with it.

use onevoice_channels::contract::Channel;
use serde::Serialize;
use sqlx::{Row as _, SqliteConnection};

use super::{Result, Store, channel_code, channel_of};
use crate::render::MessageKind;

/// A stored rendering's place and its JSON.
#[derive(Clone, Debug, Serialize)]
pub struct StoredRendering {
    /// The update, its correction, or its "no news yet".
    pub message: MessageKind,
    /// How many "no news yet" messages in a row go before this one.
    #[serde(skip_serializing_if = "is_first")]
    pub turn: u8,
    /// The variant's place.
    pub variant: usize,
    /// The channel.
    pub channel: Channel,
    /// The locale.
    pub locale: String,
    /// The rendering as JSON.
    pub document: String,
}

/// What was approved before there were turns hashes as ever.
fn is_first(turn: &u8) -> bool {
    *turn == 0
}

impl StoredRendering {
    /// Which message of the update it is, in one word: `update`, `correction`, `holding`, `holding2` …
    pub fn word(&self) -> String {
        let again = (self.turn > 0).then(|| (self.turn + 1).to_string());
        format!("{}{}", self.message.as_str(), again.unwrap_or_default())
    }

    /// Reads a word written by [`StoredRendering::word`].
    fn parse(word: &str) -> (MessageKind, u8) {
        let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let turn = word[name.len()..].parse().map_or(0, |place: u8| place.saturating_sub(1));
        (MessageKind::parse(name).unwrap_or(MessageKind::Update), turn)
    }
}

impl Store {
    /// The stored renderings of a broadcast; a correction's are those of the broadcast that it corrects.
    ///
    /// # Errors
    /// The database's.
    pub async fn renderings(&self, id: i64) -> Result<Vec<StoredRendering>> {
        let rows = sqlx::query(
            "SELECT * FROM rendering WHERE broadcast_id = (SELECT COALESCE(source_id, id) FROM broadcast WHERE id = ?)
             ORDER BY message, variant, channel, locale",
        )
        .bind(id)
        .fetch_all(self.read())
        .await?;
        Ok(rows
            .iter()
            .map(|row| (row, StoredRendering::parse(row.get("message"))))
            .map(|(row, (message, turn))| StoredRendering {
                message,
                turn,
                variant: usize::try_from(row.get::<i64, _>("variant")).unwrap_or_default(),
                channel: channel_of(row.get("channel")),
                locale: row.get("locale"),
                document: row.get("document"),
            })
            .collect())
    }
}

pub(super) async fn put(tx: &mut SqliteConnection, id: i64, rendering: &StoredRendering) -> Result<()> {
    sqlx::query(
        "INSERT INTO rendering (broadcast_id, message, variant, channel, locale, document) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
    .bind(rendering.word())
    .bind(rendering.variant as i64)
    .bind(channel_code(rendering.channel))
    .bind(&rendering.locale)
    .bind(&rendering.document)
    .execute(tx)
    .await?;
    Ok(())
}
