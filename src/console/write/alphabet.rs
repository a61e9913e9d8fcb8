//! The offer to write a text message in plain characters. Typographic quotes and dashes become plain as it is rendered;
//! letters are their author's, and one that the GSM alphabet lacks halves the room of each part.

use onevoice_channels::{contract::Channel, sms::encoding};
use serde_json::{Value, json};

use super::{
    super::{time::money, words::text},
    change,
};
use crate::{
    compose::content::{Content, Facts},
    preview::Text,
};

/// What plain characters would make of a text, and the button for it; null where nothing would change. `cost` is what the
/// texts cost as they are, with the currency, where only this one is sent.
pub(super) fn offer(text: &Text, place: usize, cost: Option<(f64, &str)>) -> Value {
    if text.channel != Channel::Sms || text.size.forcing.is_empty() {
        return Value::Null;
    }
    let Some(plain) = encoding::transliterate(&text.text) else { return Value::Null };
    let (now, then) = (text.size.parts, encoding::measure(&plain).parts);
    let says = match cost.filter(|(cost, _)| *cost > 0.0 && then < now) {
        Some((cost, currency)) => {
            let less = money(cost * f64::from(now - then) / f64::from(now), currency);
            text!("write-plain-cost", then = then, now = now, less = less)
        }
        None if then < now => text!("write-plain-parts", then = then, now = now),
        None => text!("write-plain"),
    };
    json!({ "says": says, "action": format!("use:plain:{place}:{}", text.locale) })
}

/// Puts plain characters in, wherever the text message of this group and language takes its words from.
pub(super) fn plain(content: &mut Content, which: &str) {
    let group = which.split_once(':').and_then(|(place, locale)| Some((place.parse::<usize>().ok()?, locale)));
    let Some((place, locale)) = group else { return };
    if let Some(facts) = content.variants.get_mut(place).and_then(|variant| variant.facts.get_mut(locale)) {
        in_facts(facts);
    }
}

fn in_facts(facts: &mut Facts) {
    let own = facts.short.contains_key(&Channel::Sms);
    let fields: Vec<String> = facts.prose().map(|(field, _)| field).collect();
    for field in fields.iter().filter(|field| *field == "short/sms" || (!own && !field.starts_with("short/"))) {
        replace(facts, field);
    }
}

fn replace(facts: &mut Facts, field: &str) {
    if let Some(text) = change::at(facts, field) {
        let mut buffer = [0; 4];
        *text = text
            .chars()
            .map(|c| encoding::transliterate(c.encode_utf8(&mut buffer)).unwrap_or_else(|| c.to_string()))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_plain_form_gets_it_where_the_text_is_written() {
        let facts = Facts { headline: "Cards “fail” – сейчас".to_owned(), ..Facts::default() };
        let mut prose = facts.clone();
        in_facts(&mut prose);
        assert_eq!(prose.headline, "Cards \"fail\" - сейчас");
        let mut own = Facts { short: [(Channel::Sms, "Don’t pay".to_owned())].into(), ..facts.clone() };
        in_facts(&mut own);
        assert_eq!((own.short[&Channel::Sms].as_str(), &own.headline), ("Don't pay", &facts.headline));
    }
}
