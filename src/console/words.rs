//! The words of closed sets: statuses, outcomes, reasons, roles. One catalogue, `words/en.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

const TEXT: &str = include_str!("words/en.toml");

type Catalogue = BTreeMap<String, BTreeMap<String, String>>;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| toml::from_str(TEXT).expect("a test reads the words"));

/// The word for a member of a set; the member's own name where the catalogue has none.
pub(super) fn say<'a>(set: &str, name: &'a str) -> &'a str {
    CATALOGUE.get(set).and_then(|words| words.get(name)).map_or(name, String::as_str)
}

#[cfg(test)]
mod tests {
    use onevoice_channels::contract::{Channel, Reason};

    use super::*;
    use crate::{
        approve::State,
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
        wanted.extend(Reason::ALL.iter().map(|one| ("reason", one.as_str())));
        wanted.extend(State::ALL.iter().map(|one| ("state", one.as_str())));
        wanted.extend(DeliveryState::ALL.iter().map(|one| ("outcome", one.as_str())));
        wanted.extend(DeliveryState::ALL.iter().map(|one| ("next", one.as_str())));
        wanted.extend(["waiting", "sending", "pending"].map(|name| ("outcome", name)));
        wanted.extend(crate::audience::rows::How::ALL.iter().map(|one| ("how", one.as_str())));
        wanted.extend(Role::ALL.iter().map(|one| ("role", one.as_str())));
        wanted.extend(
            [Severity::Info, Severity::Warning, Severity::Critical].iter().map(|one| ("severity", one.as_str())),
        );
        for (set, name) in wanted {
            assert!(CATALOGUE.get(set).is_some_and(|words| words.contains_key(name)), "{set}.{name} has no word");
        }
    }
}
