//! Links in a Bluesky post: `app.bsky.richtext.facet`, by UTF-8 byte offsets with the end exclusive.

use serde_json::{Value, json};

use crate::text;

/// One facet for each link of the text.
pub(super) fn facets(text: &str) -> Vec<Value> {
    text::links(text)
        .into_iter()
        .map(|link| {
            json!({
                "index": { "byteStart": link.start, "byteEnd": link.end },
                "features": [{ "$type": "app.bsky.richtext.facet#link", "uri": &text[link] }],
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_bytes() {
        let found = facets("für 👩‍👩‍👧: https://example.com/ü, bald.");
        assert_eq!(found.len(), 1);
        let (start, end) = (found[0]["index"]["byteStart"].as_u64(), found[0]["index"]["byteEnd"].as_u64());
        assert_eq!((start, end), (Some(25), Some(47)));
        assert_eq!(found[0]["features"][0]["uri"], "https://example.com/ü");
    }
}
