//! Where in the file each key stands.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Every key of a file with its place.
pub(super) struct Document<'t> {
    text: &'t str,
    places: Vec<Place>,
}

/// One key.
struct Place {
    /// With its tables, entries of arrays counted from 0: `provider[1].limits.burst`.
    path: String,
    key: Range<usize>,
    value: Range<usize>,
}

impl<'t> Document<'t> {
    /// Notes the place of every key.
    pub(super) fn index(text: &'t str, root: &DeTable<'_>) -> Document<'t> {
        let mut places = Vec::new();
        note_table("", root, &mut places);
        Document { text, places }
    }

    /// The line of a key, or of the nearest table around it that is in the file.
    pub(super) fn line_of(&self, path: &str) -> Option<usize> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.iter().find(|place| place.path == path) {
                return Some(line_at(self.text, place.key.start));
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// The key whose name, or whose value, is what an error points at. Of a table and the only thing in it, the thing.
    pub(super) fn path_at(&self, span: &Range<usize>) -> Option<&str> {
        let place = self.places.iter().rev().find(|place| place.key == *span || place.value == *span);
        place.map(|place| place.path.as_str())
    }
}

/// The line of a byte, from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn note_table(path: &str, table: &DeTable<'_>, places: &mut Vec<Place>) {
    for (key, value) in table {
        let name = key.get_ref();
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        note_value(path, key.span(), value, places);
    }
}

fn note_value(path: String, key: Range<usize>, value: &Spanned<DeValue<'_>>, places: &mut Vec<Place>) {
    places.push(Place { path: path.clone(), key, value: value.span() });
    match value.get_ref() {
        DeValue::Table(table) => note_table(&path, table, places),
        DeValue::Array(entries) => {
            for (place, entry) in entries.iter().enumerate() {
                note_value(format!("{path}[{place}]"), entry.span(), entry, places);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_lines_and_what_is_missing_has_that_of_its_table() {
        let text = "a = 1\n[b]\nc.d = [\n  1,\n  2,\n]\n[[e]]\n[[e]]\nf = 3\n";
        let table = DeTable::parse(text).unwrap();
        let document = Document::index(text, table.get_ref());
        let lines = [("a", 1), ("b", 2), ("b.c.d", 3), ("b.c.d[1]", 5), ("e[0]", 7), ("e[1].f", 9), ("b.x.y", 2)];
        for (path, line) in lines {
            assert_eq!(document.line_of(path), Some(line), "{path}");
        }
        assert_eq!(document.line_of("x"), None);
        assert_eq!(document.path_at(&table.get_ref()["a"].span()), Some("a"));
    }
}
