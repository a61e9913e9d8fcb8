//! What serde says of a file, in the words of the person who wrote the file.

use onevoice_channels::registry::SettingsError;

use super::document::Document;

/// Names the key and says how to mend it. `table` is what was read when it was not the whole file.
pub(super) fn explain(document: &Document<'_>, error: &toml::de::Error, table: Option<&str>) -> SettingsError {
    let table = table.unwrap_or_default();
    let path = error.span().and_then(|span| document.path_at(&span)).unwrap_or(table);
    let said = error.message();
    if let Some(field) = between_ticks(said.strip_prefix("missing field ")) {
        return SettingsError::new(&join(path, field), missing(path, field));
    }
    SettingsError::new(path, reword(said))
}

/// The message for a key that must be there.
pub(super) fn missing(table: &str, key: &str) -> String {
    let name = without_places(table);
    match (table, key) {
        ("", "data") => "is missing; add `data = \"DIRECTORY\"` above the first table of the file".to_owned(),
        // Every other key at the root is a table.
        ("", _) => format!("is missing; add a table [{key}]"),
        _ if table.ends_with(']') => format!("is missing; add `{key} = …` below [[{name}]]"),
        _ => format!("is missing; add `{key} = …` below [{name}]"),
    }
}

/// `table.key`, or `key` alone at the root.
pub(super) fn join(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

fn without_places(path: &str) -> String {
    path.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect::<Vec<_>>().join(".")
}

fn reword(said: &str) -> String {
    if let Some(rest) = said.strip_prefix("unknown field ") {
        let (found, known) = found_and_known(rest);
        return unknown("is not a key that exists here", &found, &known);
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        let (found, known) = found_and_known(rest);
        return unknown(&format!("{found:?} is not a value that exists here"), &found, &known);
    }
    // What was found is left out: it may be a secret in the wrong place.
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((_, expected)) = said.strip_prefix(start).and_then(|rest| rest.rsplit_once(", expected ")) {
            return wanted(expected);
        }
    }
    match said {
        "invalid socket address syntax" => wanted("socket address"),
        "invalid IP address syntax" => wanted("IP address"),
        "wanted string or table" => "must be a text, or a table with one key".to_owned(),
        _ => said.to_owned(),
    }
}

/// "is not …; did you mean …?", or all that is known where nothing is near.
pub(super) fn unknown(what: &str, found: &str, known: &[String]) -> String {
    match nearest(found, known.iter().map(String::as_str)) {
        Some(near) => format!("{what}; did you mean `{near}`?"),
        None if known.is_empty() => format!("{what}; take it out"),
        None => format!("{what}; known are {}", known.join(", ")),
    }
}

fn wanted(expected: &str) -> String {
    let what = match expected {
        "a string" | "path string" | "a borrowed string" => "a text in quotes",
        "a boolean" => "true or false",
        "f32" | "f64" => "a number",
        "u16" => "a whole number from 0 to 65535",
        "u8" | "u32" | "u64" | "usize" => "a whole number, not negative and not too large",
        "a nonzero u32" | "a nonzero u64" => "a whole number above 0",
        "i64" | "i32" => "a whole number",
        "a sequence" => "a list in square brackets",
        "a map" => "a table",
        "IP address" => "an IP address in quotes, such as \"192.0.2.1\"",
        "socket address" => "ADDRESS:PORT in quotes, such as \"127.0.0.1:8080\"",
        struct_name if struct_name.starts_with("struct ") => "a table",
        other => return format!("must be {other}"),
    };
    format!("must be {what}")
}

/// From "`x`, expected one of `a`, `b`": x, and a and b.
fn found_and_known(rest: &str) -> (String, Vec<String>) {
    let mut ticked = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    (ticked.next().unwrap_or_default(), ticked.collect())
}

fn between_ticks(text: Option<&str>) -> Option<&str> {
    text?.strip_prefix('`')?.strip_suffix('`')
}

/// The known word that `found` was probably meant to be: at most a third of it is otherwise.
pub(super) fn nearest<'k>(found: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let most = (found.chars().count() / 3).max(1);
    let distances = known.into_iter().map(|word| (distance(&found.to_lowercase(), &word.to_lowercase()), word));
    distances.filter(|(distance, _)| *distance <= most).min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// Letters to put in, take out, exchange, or swap with their neighbour to get from one word to the other (Damerau and
/// Levenshtein's distance, restricted to one edit a place).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            if i == 0 || j == 0 {
                rows[i][j] = i + j;
                continue;
            }
            let exchanged = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            rows[i][j] = exchanged.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                rows[i][j] = rows[i][j].min(rows[i - 2][j - 2] + 1);
            }
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("smpt", "smtp"), 1);
        assert_eq!(nearest("lisen", ["listen", "public_url"]), Some("listen"));
        assert_eq!(nearest("europe/londn", ["Europe/London", "Europe/Lisbon"]), Some("Europe/London"));
        assert_eq!(nearest("colour", ["listen", "public_url"]), None);
    }
}
