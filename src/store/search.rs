//! Finding people among a million: every way of looking is a range of an index.

use sqlx::Row as _;

use super::{
    Result, Store, channel_of,
    recipients::{Address, Known, known},
};

/// Each branch reads as many as are shown and no more, in the order of its index; the words of names are FTS5's (on
/// PostgreSQL `to_tsvector('simple', unaccent(name))` with a GIN index says the same).
pub(in crate::store) const FIND: &str = "WITH found AS (
   SELECT * FROM (SELECT id, 0 AS rank FROM recipient WHERE customer_id >= ?1 AND customer_id < ?2 ORDER BY customer_id LIMIT ?6)
   UNION ALL SELECT * FROM (SELECT recipient_id, 1 FROM address
     WHERE channel = 0 AND value >= ?1 AND value < ?2 ORDER BY value LIMIT ?6)
   UNION ALL SELECT * FROM (SELECT recipient_id, 1 FROM address
     WHERE channel = 0 AND value >= lower(?1) AND value < lower(?2) ORDER BY value LIMIT ?6)
   UNION ALL SELECT * FROM (SELECT recipient_id, 1 FROM address
     WHERE channel = 1 AND value >= ?3 AND value < ?4 ORDER BY value LIMIT ?6)
   UNION ALL SELECT * FROM (SELECT rowid, 2 FROM recipient_name WHERE recipient_name MATCH ?5 ORDER BY rowid LIMIT ?6)
 ), first AS (SELECT id, MIN(rank) AS rank FROM found GROUP BY id ORDER BY 2, 1 LIMIT ?6)
 SELECT r.*, (SELECT json_group_array(json_array(a.channel, a.value)) FROM address a WHERE a.recipient_id = r.id) AS addresses
 FROM first CROSS JOIN recipient r ON r.id = first.id ORDER BY first.rank, first.id";

impl Store {
    /// People whose customer id or address begins with `text`, or whose name has words that begin with its words; at
    /// most `limit`. Phone numbers may be written with spaces, and with 00 for the plus; `number` is the text as a whole
    /// number, where it can be one.
    ///
    /// # Errors
    /// The database's.
    pub async fn find_recipients(&self, text: &str, number: Option<&str>, limit: i64) -> Result<Vec<Known>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let end = |text: &str| format!("{text}\u{10FFFF}");
        let phone = number.map(str::to_owned).or_else(|| phone(text));
        let rows = sqlx::query(FIND)
            .bind(text)
            .bind(end(text))
            .bind(&phone)
            .bind(phone.as_deref().map(end))
            .bind(words(text))
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.iter()
            .map(|row| {
                let mut known = known(row)?;
                let addresses: Vec<(i64, String)> = serde_json::from_str(row.get("addresses"))?;
                let address = |(channel, value)| Address { channel: channel_of(channel), value };
                known.recipient.addresses = addresses.into_iter().map(address).collect();
                Ok(known)
            })
            .collect()
    }
}

/// The beginning of a phone number in the form that is stored; None for what is none.
fn phone(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/')).collect();
    let digits = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"))?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| format!("+{digits}"))
}

/// The words of a name as FTS5 reads them: each by its beginning, all of them wanted. A single Latin letter begins too
/// many names to say anything. Where there is no word it is one that nobody has.
fn words(text: &str) -> String {
    // An accent that stands alone belongs to the letter before it, and is not kept anyway.
    let text: String = text.chars().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).collect();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1);
    let wanted: Vec<String> = words.take(8).map(|word| format!("\"{word}\"*")).collect();
    if wanted.is_empty() { "\"\"".to_owned() } else { wanted.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_a_number_or_words() {
        assert_eq!(phone("+44 (0)7700-900").as_deref(), Some("+4407700900"));
        assert_eq!(phone("0049 151").as_deref(), Some("+49151"));
        assert_eq!(phone("maria"), None);
        assert_eq!(words("Mar\u{ed}a \"Jensen"), "\"Mar\u{ed}a\"* \"Jensen\"*");
        assert_eq!(words("Maria J. Jensen"), "\"Maria\"* \"Jensen\"*");
        assert_eq!(words("-- *"), "\"\"");
    }
}
