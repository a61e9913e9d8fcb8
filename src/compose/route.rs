//! Contact routes: how customers reach us, for which need, and when. Kept once, placed in every channel's text.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One way to reach us.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactRoute {
    /// Its number in the store.
    pub id: i64,
    /// What it is best for, by locale: "Urgent payments".
    pub need: BTreeMap<String, String>,
    /// A phone number, a mail address or an https address.
    pub how: String,
    /// What to call it, by locale: "Chat". Where it is empty, `how` is shown.
    #[serde(default)]
    pub label: BTreeMap<String, String>,
    /// When somebody answers, by locale: "8–20 h".
    #[serde(default)]
    pub hours: BTreeMap<String, String>,
    /// True while more people come this way than can be served.
    #[serde(default)]
    pub overloaded: bool,
    /// What is said while it is overloaded, by locale; approved with the route.
    #[serde(default)]
    pub overloaded_wording: BTreeMap<String, String>,
    /// The place in the list, from 0.
    #[serde(default)]
    pub position: i64,
}

impl ContactRoute {
    /// The address behind the route as a link: `tel:`, `mailto:` or the https address itself.
    pub fn href(&self) -> String {
        let how = self.how.trim();
        if how.starts_with("https://") || how.starts_with("http://") {
            how.to_owned()
        } else if how.contains('@') {
            format!("mailto:{how}")
        } else {
            let digits = how.chars().filter(|c| c.is_ascii_digit() || *c == '+');
            format!("tel:{}", digits.collect::<String>())
        }
    }
}

/// The text for a reader's locale: the very one, its language, the default one, or else any.
pub fn in_locale<'a>(texts: &'a BTreeMap<String, String>, locale: &str, default: &str) -> &'a str {
    let language = locale.split('-').next().unwrap_or(locale);
    let named = [locale, language, default].into_iter().find_map(|name| texts.get(name));
    named.or_else(|| texts.values().next()).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(how: &str) -> ContactRoute {
        ContactRoute { how: how.to_owned(), ..ContactRoute::default() }
    }

    #[test]
    fn a_route_links_to_what_a_telephone_understands() {
        assert_eq!(route("+44 20 7946 0000").href(), "tel:+442079460000");
        assert_eq!(route("help@acme.example").href(), "mailto:help@acme.example");
        assert_eq!(route("https://acme.example/chat").href(), "https://acme.example/chat");
    }

    #[test]
    fn a_text_falls_back_from_region_to_language_to_default() {
        let texts = BTreeMap::from([("de".to_owned(), "Rufen".to_owned()), ("en".to_owned(), "Call".to_owned())]);
        assert_eq!(in_locale(&texts, "de-AT", "en"), "Rufen");
        assert_eq!(in_locale(&texts, "fr", "en"), "Call");
        assert_eq!(in_locale(&texts, "fr", "it"), "Rufen");
        assert_eq!(in_locale(&BTreeMap::new(), "fr", "it"), "");
    }
}
