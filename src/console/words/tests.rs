//! The catalogue against the pages: every sentence that is named is there, with the values it takes; none is left over;
//! and no page has a word of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use onevoice_channels::contract::{Channel, Reason};
use regex::Regex;

use super::*;
use crate::{
    approve::State as UpdateState,
    compose::{
        content::Severity,
        status::{ComponentStatus, Kind, Status},
    },
    people::Role,
    track::DeliveryState,
};

#[test]
fn every_member_of_every_set_has_a_word() {
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    wanted.extend(Status::ALL.iter().map(|one| ("status", one.as_str())));
    wanted.extend(Kind::ALL.iter().map(|one| ("kind", one.as_str())));
    wanted.extend(ComponentStatus::ALL.iter().map(|one| ("component", one.as_str())));
    wanted.extend(Channel::ALL.iter().map(|one| ("channel", one.as_str())));
    wanted.extend(Channel::ALL.iter().map(|one| ("spoken", one.as_str())));
    wanted.extend(Reason::ALL.iter().map(|one| ("reason", one.as_str())));
    wanted.extend(UpdateState::ALL.iter().map(|one| ("state", one.as_str())));
    wanted.extend(DeliveryState::ALL.iter().map(|one| ("outcome", one.as_str())));
    wanted.extend(DeliveryState::ALL.iter().map(|one| ("next", one.as_str())));
    wanted.extend(["waiting", "sending", "pending"].map(|name| ("outcome", name)));
    wanted.extend(crate::audience::rows::How::ALL.iter().map(|one| ("how", one.as_str())));
    wanted.extend(crate::schedule::promise::Why::ALL.iter().map(|one| ("why", one.as_str())));
    wanted.extend(crate::schedule::due::What::ALL.iter().map(|one| ("due", one.as_str())));
    wanted.extend(crate::schedule::timed::Step::ALL.iter().map(|one| ("timed_step", one.as_str())));
    wanted.extend(crate::schedule::timed::Outcome::ALL.iter().map(|one| ("timed_outcome", one.as_str())));
    wanted.extend(["pending"].map(|name| ("timed_outcome", name)));
    wanted.extend(Role::ALL.iter().map(|one| ("role", one.as_str())));
    wanted.extend([Severity::Info, Severity::Warning, Severity::Critical].iter().map(|one| ("severity", one.as_str())));
    for (set, name) in wanted {
        assert!(ENGLISH.word(&key(set, name)).is_some(), "{set}.{name} has no word");
    }
}

/// The closed sets of [`say`]: their members have words by their names.
const SETS: &[&str] = &[
    "at_night",
    "attempt",
    "care",
    "channel",
    "character",
    "check",
    "component",
    "deed",
    "due",
    "endpoint",
    "event",
    "fact",
    "fault",
    "field",
    "heading",
    "hint",
    "history",
    "how",
    "kind",
    "known_field",
    "language",
    "look",
    "message",
    "month",
    "next",
    "night",
    "nothing",
    "noun",
    "on_list",
    "outcome",
    "presence",
    "question",
    "reason",
    "role",
    "route",
    "route_change",
    "sample",
    "severity",
    "spoken",
    "state",
    "status",
    "step",
    "subscribers",
    "timed_outcome",
    "timed_step",
    "weekday",
    "why",
    "work",
];

/// The console's files that are part of the program, with their texts.
fn sources(below: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if (name.ends_with(".rs") || name.ends_with(".hbs")) && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            found.insert(path, text);
        }
    }
}

fn console() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console"), &mut found);
    found
}

/// What a page gives a sentence: the name, and the names of its values and links.
fn named(path: &Path, text: &str) -> Vec<(String, BTreeSet<String>)> {
    let template = path.extension().is_some_and(|ending| ending == "hbs");
    let call = Regex::new(if template { r#"(?:\{\{|\()t ""# } else { r#"text!\(\s*""# }).unwrap();
    let value = Regex::new(if template { r"([a-z_0-9]+)=$" } else { r"(?:^|[\s,])([a-z_0-9]+) =$" }).unwrap();
    let mut found = Vec::new();
    for start in call.find_iter(text).map(|call| call.end()) {
        let (id, rest) = text[start..].split_once('"').unwrap();
        let (mut depth, mut quoted, mut values) = (0, false, BTreeSet::new());
        for (at, c) in rest.char_indices() {
            match c {
                '"' if !rest[..at].ends_with('\\') => quoted = !quoted,
                '(' | '{' | '[' if !quoted => depth += 1,
                ')' | '}' | ']' if !quoted && depth == 0 => break,
                ')' | '}' | ']' if !quoted => depth -= 1,
                '=' if !quoted && depth == 0 && !rest[at + 1..].starts_with(['=', '>']) => {
                    values.extend(value.captures(&rest[..=at]).map(|found| found[1].to_owned()));
                }
                _ => {}
            }
        }
        found.push((id.to_owned(), values));
    }
    found
}

#[test]
fn every_sentence_that_a_page_names_is_there_with_its_values() {
    for (path, text) in console().iter().filter(|(path, _)| !path.ends_with("words.rs")) {
        let template = path.extension().is_some_and(|ending| ending == "hbs");
        for (id, given) in named(path, text) {
            let shape = ENGLISH.shapes.get(&id).unwrap_or_else(|| panic!("{}: no sentence {id:?}", path.display()));
            if template {
                let links: BTreeSet<String> =
                    shape.marks.iter().filter(|mark| mark.starts_with('a')).cloned().collect();
                let taken: BTreeSet<String> = shape.values.union(&links).cloned().collect();
                assert_eq!(given, taken, "{}: what {id:?} is given, and what it takes", path.display());
            } else {
                assert!(shape.marks.is_empty(), "{}: {id:?} has marks, which only templates show", path.display());
                let lacking: Vec<&String> = shape.values.difference(&given).collect();
                assert!(lacking.is_empty(), "{}: {id:?} is not given {lacking:?}", path.display());
            }
        }
    }
}

#[test]
fn no_sentence_is_left_over() {
    let texts = console();
    let used: BTreeSet<String> = texts.iter().flat_map(|(path, text)| named(path, text)).map(|(id, _)| id).collect();
    let word = Regex::new(r#"word\("([^"]+)"\)"#).unwrap();
    let words: BTreeSet<String> =
        texts.values().flat_map(|text| word.captures_iter(text)).map(|found| found[1].to_owned()).collect();
    let left: Vec<&String> = ENGLISH
        .shapes
        .keys()
        .filter(|id| !used.contains(*id) && !words.contains(*id))
        .filter(|id| !SETS.iter().any(|set| id.strip_prefix(set).is_some_and(|rest| rest.starts_with('-'))))
        .collect();
    assert!(left.is_empty(), "nothing says these: {left:?}");
}

/// A page's own words would stay English in every language.
#[test]
fn no_template_has_a_word_of_its_own() {
    let marks = Regex::new(r"(?s)\{\{[^{}]*\}\}").unwrap();
    let shown = Regex::new(r#"(?s)<[^<>]*?>"#).unwrap();
    let attribute =
        Regex::new(r#"(?:aria-label|aria-description|placeholder|title|alt|data-saved|data-failed|data-conflict|data-signed-out|data-lost|data-late|data-unread|data-sending|data-reading|data-undo|content)="([^"]*)""#).unwrap();
    let letters = Regex::new(r"\p{L}{2,}").unwrap();
    // The product's name, and what is written alike everywhere.
    let allowed = ["Onevoice", "width", "device", "initial", "scale"];
    for (path, text) in console().iter().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "hbs")) {
        let bare = marks.replace_all(text, "");
        let own = |text: &str| letters.find_iter(text).map(|word| word.as_str().to_owned()).collect::<Vec<_>>();
        let mut words = own(&shown.replace_all(&bare, " "));
        words.extend(attribute.captures_iter(&bare).flat_map(|found| own(&found[1])));
        words.retain(|word| !allowed.contains(&word.as_str()));
        assert!(words.is_empty(), "{} has words of its own: {words:?}", path.display());
    }
}

#[test]
fn a_language_is_a_file_and_what_it_lacks_stays_english() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("de.ftl"), "layout-now = Jetzt\nlength-days = { $n ->\n    [one] { $n } Tag\n   *[other] { $n } Tage\n}\nnumber-group = .\nlayout-later = Später\n").unwrap();
    fs::write(folder.path().join("notes.txt"), "no language").unwrap();
    let languages = Languages::load(Some(folder.path())).unwrap();
    let gaps: Vec<_> = languages.gaps().map(|(tag, _, unknown)| (tag, unknown.to_vec())).collect();
    assert_eq!(gaps, [("en".to_owned(), vec![]), ("de".to_owned(), vec!["layout-later".to_owned()])]);
    let spoken = |accepted: &str| {
        SPOKEN.sync_scope(languages.choose(accepted), || {
            (
                tag(),
                text!("layout-now"),
                text!("layout-write"),
                text!("length-days", n = 1),
                text!("length-days", n = 2000),
            )
        })
    };
    let german = ["de", "Jetzt", "Write", "1 Tag", "2.000 Tage"].map(str::to_owned);
    let english = ["en", "Now", "Write", "1 days", "2,000 days"].map(str::to_owned);
    for (accepted, said) in
        [("de-CH,en;q=0.5", &german), ("fr, de;q=0.3", &german), ("", &english), ("fr;q=x,,*", &english)]
    {
        let (tag, now, write, one, many) = spoken(accepted);
        assert_eq!([tag, now, write, one, many], *said, "{accepted}");
    }
}

#[test]
fn a_file_that_would_break_a_page_is_refused_with_its_line() {
    let refused = |name: &str, text: &str| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        Languages::load(Some(folder.path())).err().expect("it is refused").to_string()
    };
    for (name, text, says) in [
        ("german!.ftl", "", "no language tag"),
        ("de.ftl", "layout-now = Jetzt\n\nlayout-write {", "line 3"),
        ("de.ftl", "layout-now = Jetzt, { $who }", "line 1: layout-now is given no value, and not $who"),
        ("de.ftl", "layout-exercise-promise = { $away }", "has other marks than the English one, which has <a>"),
        ("de.ftl", "layout-now = <script>Jetzt</script>", "has <script>, which is none of"),
        ("de.ftl", "layout-now = Jetzt\nlayout-now = Nun", "take one of them out"),
    ] {
        let said = refused(name, text);
        assert!(said.contains(says) && said.contains(name), "{text:?}: {said}");
    }
}
