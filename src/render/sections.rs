//! The sections of a message, in the one order that mail, feeds and the status page share. Only what is said is there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    input::{MessageKind, RenderInput},
    words::Words,
};
use crate::compose::{
    content::ChoiceOption,
    route::{ContactRoute, in_locale},
};

/// The keys of sections, in their order.
pub const SECTION_KEYS: [&str; 14] = [
    "what_happened",
    "window",
    "impact",
    "apology",
    "why",
    "doing",
    "options",
    "next_steps",
    "risks",
    "reassurance",
    "prevention",
    "links",
    "routes",
    "next_update",
];

/// One thing that is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// One of [`SECTION_KEYS`], or the message's kind for a correction and a holding statement.
    pub key: String,
    /// Its label in the reader's language.
    pub label: String,
    /// True where a mail needs no label before it.
    pub lead: bool,
    /// The text; for a list, its lines.
    pub text: String,
    /// The list's entries; empty for prose.
    pub items: Vec<Item>,
}

/// An entry of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// What stands before it: a contact route's need.
    pub before: String,
    /// The entry.
    pub text: String,
    /// Its address: http, https, tel or mailto; may be empty.
    pub url: String,
    /// What stands behind it in brackets: a reason, hours.
    pub note: String,
    /// True for what we advise.
    pub strong: bool,
    /// All of it as one line of plain text.
    pub line: String,
}

/// The sections of `input`, of which `next_update` is the spelled time of the next one, and `window` of planned work.
pub(super) fn sections(input: &RenderInput<'_>, words: &Words, next_update: &str, window: &str) -> Vec<Section> {
    let facts = input.facts;
    let prose = |key: &'static str, text: &str| (key, text.trim().to_owned(), Vec::new());
    let list = |key: &'static str, items: Vec<Item>| {
        let lines: Vec<&str> = items.iter().map(|item| item.line.as_str()).collect();
        (key, lines.join("\n"), items)
    };
    let routes = list("routes", input.routes.iter().map(|route| route_item(route, input, words)).collect());
    let next_update = prose("next_update", next_update);
    let found = match input.message {
        MessageKind::Correction => vec![routes],
        MessageKind::Holding => vec![routes, next_update],
        MessageKind::Update => vec![
            prose("what_happened", &facts.what_happened),
            prose("window", window),
            prose("impact", &facts.impact),
            prose("apology", &facts.apology),
            prose("why", &facts.why),
            prose("doing", &facts.doing),
            list("options", options(input, words)),
            prose("next_steps", &facts.next_steps),
            prose("risks", &facts.risks),
            prose("reassurance", &facts.reassurance),
            prose("prevention", &facts.prevention),
            list("links", facts.links.iter().map(|link| link_item(&link.label, &link.url)).collect()),
            routes,
            next_update,
        ],
    };
    let said = found.into_iter().filter(|(_, text, _)| !text.is_empty());
    said.map(|(key, text, items)| Section {
        key: key.to_owned(),
        label: words.sections.get(key).cloned().unwrap_or_default(),
        lead: matches!(key, "what_happened" | "apology"),
        text,
        items,
    })
    .collect()
}

/// The options that say something, the recommended ones first.
pub(super) fn ordered_options(options: &[ChoiceOption]) -> Vec<&ChoiceOption> {
    let mut ordered: Vec<&ChoiceOption> = options.iter().filter(|option| !option.text.trim().is_empty()).collect();
    ordered.sort_by_key(|option| !option.recommended);
    ordered
}

/// The route that a short text names: the first that is not overloaded, or else the first.
pub(super) fn reach(input: &RenderInput<'_>, words: &Words) -> String {
    let free = input.routes.iter().find(|route| !route.overloaded);
    free.or(input.routes.first()).map_or_else(String::new, |route| {
        let item = route_item(route, input, words);
        let shown = if route.href().starts_with("http") { item.url.clone() } else { route.how.trim().to_owned() };
        let busy = if route.overloaded { format!(" ({})", overloaded(route, input, words)) } else { String::new() };
        let before = if item.before.is_empty() { String::new() } else { format!("{}: ", item.before) };
        format!("{before}{shown}{busy}")
    })
}

fn options(input: &RenderInput<'_>, words: &Words) -> Vec<Item> {
    let item = |option: &ChoiceOption| {
        let reason = option.reason.trim().trim_end_matches('.');
        let note = match (option.recommended, reason.is_empty()) {
            (true, true) => words.recommended.clone(),
            (true, false) => words.recommended_because.replace("{reason}", reason),
            (false, _) => reason.to_owned(),
        };
        let text = option.text.trim();
        // A full stop before a bracket reads as a slip; without one it stays as the author wrote it.
        let text = if note.is_empty() { text } else { text.trim_end_matches('.') };
        Item { text: text.to_owned(), note, strong: option.recommended, ..Item::default() }.with_line()
    };
    ordered_options(&input.facts.options).into_iter().map(item).collect()
}

fn link_item(label: &str, url: &str) -> Item {
    let text = if label.trim().is_empty() { url } else { label }.trim().to_owned();
    Item { text, url: url.trim().to_owned(), ..Item::default() }.with_line()
}

fn route_item(route: &ContactRoute, input: &RenderInput<'_>, words: &Words) -> Item {
    let local = |texts| in_locale(texts, input.locale, &input.organisation.locale).trim();
    let label = local(&route.label);
    let how = route.how.trim();
    let text = match (label.is_empty(), route.href().starts_with("http")) {
        (true, _) => how.to_owned(),
        // A number or an address is of use to who reads it elsewhere; only a web address hides behind its label.
        (false, false) => format!("{label} {how}"),
        (false, true) => label.to_owned(),
    };
    let busy = if route.overloaded { overloaded(route, input, words) } else { "" };
    let note = [local(&route.hours), busy].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    Item { before: local(&route.need).to_owned(), text, url: route.href(), note, ..Item::default() }.with_line()
}

fn overloaded<'a>(route: &'a ContactRoute, input: &RenderInput<'_>, words: &'a Words) -> &'a str {
    let own = in_locale(&route.overloaded_wording, input.locale, &input.organisation.locale).trim();
    if own.is_empty() { &words.overloaded } else { own }
}

impl Item {
    fn with_line(mut self) -> Item {
        let mut line = String::new();
        if !self.before.is_empty() {
            line.push_str(&self.before);
            line.push_str(": ");
        }
        line.push_str(&self.text);
        if self.url.starts_with("http") && self.url != self.text {
            line.push_str(if self.before.is_empty() { ": " } else { " " });
            line.push_str(&self.url);
        }
        if !self.note.is_empty() {
            line.push_str(&format!(" ({})", self.note));
        }
        self.line = line;
        self
    }
}
