//! What a button changes in the content before it is saved.

use super::{
    super::{enter::Desk, words::text},
    alphabet, read,
};
use crate::{
    audience::listed::OnList,
    compose::{
        content::{Content, Facts, Subscribers, Variant},
        merge,
    },
    preview,
    problem::Problem,
};

/// Changes it as the button says.
pub(super) async fn change(desk: &Desk, id: i64, content: &mut Content, action: &str) -> Result<(), Problem> {
    let (verb, rest) = action.split_once(':').unwrap_or((action, ""));
    match verb {
        "use" => match rest.strip_prefix("plain:") {
            Some(which) => alphabet::plain(content, which),
            None => better_words(desk, id, content, rest).await?,
        },
        "undo" => *content = undone(desk, id, content, rest).await?,
        "next" => content.next_update_at = rest.parse().ok(),
        "add_variant" => {
            let taken = |name: &str| content.variants.iter().any(|variant| variant.name == name);
            let name = (2..).map(|n| text!("write-new-group", n = n)).find(|name| !taken(name)).unwrap_or_default();
            // What the first group is told is where the words for the next one start.
            let facts = content.variants.first().map(|variant| variant.facts.clone()).unwrap_or_default();
            content.variants.push(Variant {
                name,
                segment: None,
                list: OnList::default(),
                subscribers: Subscribers::default(),
                stage: 0,
                facts,
            });
        }
        "remove_variant" => {
            if let Some(place) =
                rest.parse::<usize>().ok().filter(|place| *place > 0 && *place < content.variants.len())
            {
                content.variants.remove(place);
            }
        }
        "add_locale" => {
            if let Some((place, locale)) = rest.split_once(':')
                && let Some(variant) = place.parse::<usize>().ok().and_then(|place| content.variants.get_mut(place))
            {
                variant.facts.entry(locale.to_owned()).or_insert_with(Facts::default);
            }
        }
        "remove_locale" => {
            if let Some((place, locale)) = rest.split_once(':')
                && let Some(variant) = place.parse::<usize>().ok().and_then(|place| content.variants.get_mut(place))
                && locale != desk.app.default_locale()
            {
                variant.facts.remove(locale);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Takes one version's change back; what was written since stays.
async fn undone(desk: &Desk, id: i64, content: &Content, before: &str) -> Result<Content, Problem> {
    let before = before.parse::<i64>().map_err(|_| Problem::unreadable(text!("write-no-undo")))?;
    let store = &desk.app.store;
    let (old, changed) = (store.version(id, before).await?, store.version(id, before + 1).await?);
    merge::merge(&changed.content, content, &old.content)
}

/// Puts a finding's better words in, where they still stand.
async fn better_words(desk: &Desk, id: i64, content: &mut Content, finding: &str) -> Result<(), Problem> {
    let looked = preview::preview(&desk.app, id, Some(content.clone())).await?;
    let Some(finding) = looked.findings.into_iter().find(|known| known.id == finding) else { return Ok(()) };
    let (Some(instead), Some(field), Some(locale)) = (finding.instead, finding.field, finding.locale) else {
        return Ok(());
    };
    let text = match field.as_str() {
        "correction" => content.correction.get_mut(&locale),
        "holding" => content.holding.get_mut(&locale),
        staff if staff.starts_with("staff/") => content.staff.get_mut(&locale).and_then(|sheet| sheet.at(staff)),
        field => {
            let variant = content.variants.iter_mut().find(|variant| Some(&variant.name) == finding.variant.as_ref());
            variant.and_then(|variant| variant.facts.get_mut(&locale)).and_then(|facts| at(facts, field))
        }
    };
    if let Some(text) = text
        && text.get(finding.start..finding.end) == Some(finding.words.as_str())
    {
        text.replace_range(finding.start..finding.end, &instead);
    }
    Ok(())
}

/// A field by the name that findings use: `headline`, `options/0/text`, `short/sms`.
pub(super) fn at<'a>(facts: &'a mut Facts, field: &str) -> Option<&'a mut String> {
    let parts: Vec<&str> = field.split('/').collect();
    match parts[..] {
        ["options", row, "text"] => facts.options.get_mut(row.parse::<usize>().ok()?).map(|option| &mut option.text),
        ["options", row, "reason"] => {
            facts.options.get_mut(row.parse::<usize>().ok()?).map(|option| &mut option.reason)
        }
        ["links", row, "label"] => facts.links.get_mut(row.parse::<usize>().ok()?).map(|link| &mut link.label),
        ["links", row, "url"] => facts.links.get_mut(row.parse::<usize>().ok()?).map(|link| &mut link.url),
        ["short", channel] => facts.short.get_mut(&onevoice_channels::contract::Channel::parse(channel)?),
        _ => read::prose(facts, field),
    }
}
