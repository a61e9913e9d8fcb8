//! The walls of the house: what a room may not know, it does not name.

use std::path::Path;

use crate::parts::folder;

/// Every Rust file below a folder, as (path, text).
fn files(below: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in
        std::fs::read_dir(below).expect("the folder is there").map(|entry| entry.expect("it can be read").path())
    {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push((entry.display().to_string(), std::fs::read_to_string(&entry).expect("text")));
        }
    }
    found
}

/// A page or an operation that lists these by itself would show what only named people may see.
#[test]
fn lists_are_read_with_the_eyes_of_whoever_asks() {
    let unseeing = [".updates_in(", ".broadcasts_in(", ".open_promises(", ".incidents(", ".find_incidents(", ".inbox("];
    for room in ["src/console", "src/api"] {
        let files = files(&folder::source().join(room));
        for (path, text) in files.iter().filter(|(path, _)| !path.contains("/tests")) {
            let text = text.split_whitespace().collect::<String>();
            let read = unseeing.iter().find(|name| text.contains(&format!("store{name}")));
            assert_eq!(read, None, "{path} lists past people::sight");
        }
    }
}

#[test]
fn no_room_names_what_it_may_not_know() {
    let walls: [(&str, &[&str]); 8] = [
        ("channels/src", &["sqlx", "axum", "onevoice::"]),
        ("src/render", &["crate::store", "sqlx", "axum", "reqwest"]),
        ("src/dkim", &["crate::store", "sqlx", "axum", "reqwest"]),
        ("src/check", &["crate::store", "sqlx", "axum", "reqwest"]),
        ("src/pace", &["crate::store", "sqlx", "axum"]),
        ("src/public", &["crate::store", "sqlx", "crate::app::"]),
        ("src/store", &["axum", "reqwest", "crate::app::", "crate::api"]),
        ("src/compose", &["sqlx", "axum"]),
    ];
    for (room, unknown) in walls {
        for (path, text) in files(&folder::source().join(room)) {
            let named = unknown.iter().find(|name| text.contains(**name));
            assert_eq!(named, None, "{path} names what this room may not know (see ARCHITECTURE.md)");
        }
    }
    for (path, text) in files(&folder::source().join("src")).iter().filter(|(path, _)| !path.contains("/src/store/")) {
        assert!(!text.contains("sqlx"), "{path} names sqlx; all SQL lives in src/store/");
    }
}
