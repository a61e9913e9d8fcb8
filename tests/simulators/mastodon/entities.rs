//! The shapes of Mastodon 4.7's answers, with every field that it sends.

use serde_json::{Value, json};

use super::state::{State, Status};
use super::text;

/// A post, as reading or posting answers.
pub fn status(state: &State, status: &Status) -> Value {
    let name = format!("account{}", status.account + 1);
    let parent = status.in_reply_to_id.as_deref().and_then(|id| state.status(id).ok());
    let url = &state.url;
    let mut shown = json!({
        "id": status.id,
        "created_at": time(status),
        "in_reply_to_id": status.in_reply_to_id,
        "in_reply_to_account_id": parent.map(|parent| account_id(parent.account)),
        "sensitive": status.sensitive,
        "spoiler_text": status.spoiler_text,
        "visibility": status.visibility,
        "language": status.language,
        "uri": format!("{url}/ap/users/{}/statuses/{}", account_id(status.account), status.id),
        "url": format!("{url}/@{name}/{}", status.id),
        "replies_count": state.statuses.iter().filter(|other| other.in_reply_to_id.as_ref() == Some(&status.id)).count(),
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": null,
        "favourited": false,
        "reblogged": false,
        "muted": false,
        "bookmarked": false,
        "pinned": false,
        "content": text::html(&status.text),
        "filtered": [],
        "reblog": null,
        "application": { "name": "Onevoice", "website": null },
        "account": account(state, status.account),
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "tagged_collections": [],
        "quote": null,
        "card": null,
        "poll": null,
        "quote_approval": { "automatic": ["public"], "manual": [], "current_user": "automatic" },
    });
    if status.visibility == "direct"
        && let Some(fields) = shown.as_object_mut()
    {
        // What is for some eyes only cannot be pinned to a profile.
        fields.remove("pinned");
    }
    shown
}

/// A post as deleting it answers: with its source instead of its HTML, so that it can be drafted anew.
pub fn deleted_status(state: &State, deleted: &Status) -> Value {
    let mut shown = status(state, deleted);
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("content");
        fields.insert("text".to_owned(), json!(deleted.text));
    }
    shown
}

/// An account, as everyone sees it.
fn account(state: &State, account: usize) -> Value {
    let name = format!("account{}", account + 1);
    let url = &state.url;
    let own = || state.statuses.iter().filter(|status| status.account == account);
    json!({
        "id": account_id(account),
        "username": name,
        "acct": name,
        "display_name": "",
        "locked": false,
        "bot": false,
        "discoverable": null,
        "indexable": false,
        "group": false,
        "created_at": "2026-10-14T00:00:00.000Z",
        "note": "",
        "url": format!("{url}/@{name}"),
        "uri": format!("{url}/ap/users/{}", account_id(account)),
        "avatar": format!("{url}/avatars/original/missing.png"),
        "avatar_static": format!("{url}/avatars/original/missing.png"),
        "avatar_description": "",
        "header": format!("{url}/headers/original/missing.png"),
        "header_static": format!("{url}/headers/original/missing.png"),
        "header_description": "",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": own().count(),
        "last_status_at": own().next_back().map(|status| status.created_at.strftime("%Y-%m-%d").to_string()),
        "hide_collections": null,
        "show_media": true,
        "show_media_replies": true,
        "show_featured": true,
        "noindex": false,
        "feature_approval": { "automatic": [], "manual": [], "current_user": "denied" },
        "emojis": [],
        "roles": [],
        "fields": [],
    })
}

/// An account, as its owner sees it.
pub fn own_account(state: &State, own: usize) -> Value {
    let mut shown = account(state, own);
    let private = json!({
        "source": {
            "privacy": "public",
            "sensitive": false,
            "language": null,
            "note": "",
            "fields": [],
            "follow_requests_count": 0,
            "hide_collections": null,
            "discoverable": null,
            "indexable": false,
            "attribution_domains": [],
            "quote_policy": "public",
        },
        "role": { "id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": false, "collection_limit": 10 },
    });
    if let (Some(fields), Value::Object(private)) = (shown.as_object_mut(), private) {
        fields.extend(private);
    }
    shown
}

/// What the instance is and allows.
pub fn instance_v2(url: &str) -> Value {
    json!({
        "domain": url.trim_start_matches("http://"),
        "title": "Mastodon",
        "version": "4.7.3",
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "",
        "usage": { "users": { "active_month": 4 } },
        "thumbnail": { "url": format!("{url}/preview.png"), "description": "" },
        "icon": [],
        "languages": ["en"],
        "configuration": {
            "urls": { "streaming": "ws://localhost:4000", "status": null, "about": format!("{url}/about") },
            "accounts": { "max_featured_tags": 10, "max_pinned_statuses": 5 },
            "statuses": statuses_allowed(),
            "translation": { "enabled": false },
            "limited_federation": false,
        },
        "registrations": { "enabled": true, "approval_required": false, "message": null, "url": null },
        "api_versions": { "mastodon": 11 },
        "wrapstodon": null,
        "contact": { "email": "", "account": null },
        "rules": [],
    })
}

/// The same, as older clients ask for it.
pub fn instance_v1(url: &str) -> Value {
    json!({
        "uri": url.trim_start_matches("http://"),
        "title": "Mastodon",
        "short_description": "",
        "description": "",
        "email": "",
        "version": "4.7.3",
        "urls": { "streaming_api": "ws://localhost:4000" },
        "stats": { "user_count": 4, "status_count": 7, "domain_count": 1 },
        "thumbnail": format!("{url}/preview.png"),
        "languages": ["en"],
        "registrations": true,
        "approval_required": false,
        "invites_enabled": true,
        "configuration": { "accounts": { "max_featured_tags": 10 }, "statuses": statuses_allowed() },
        "contact_account": null,
        "rules": [],
    })
}

fn statuses_allowed() -> Value {
    json!({
        "max_characters": text::MOST_CHARACTERS,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 23,
    })
}

fn account_id(account: usize) -> String {
    (117_440_810_532_227_399 + account as u64).to_string()
}

fn time(status: &Status) -> String {
    status.created_at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
