//! Sample people of an audience: those whose message shows what others' do not. Found while the audience is frozen, so
//! that an approver reads their messages without a search through a million rows.

use std::collections::BTreeMap;

use onevoice_channels::contract::Channel;
use serde::{Deserialize, Serialize};

/// Why somebody is a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The first one with a name.
    Somebody,
    /// The longest name.
    LongestName,
    /// No name.
    NoName,
    /// A name that is written from right to left.
    RightToLeft,
    /// People who share an address.
    Shared,
}

impl Kind {
    /// Every kind, in the order of pages.
    pub const ALL: [Kind; 5] = [Kind::Somebody, Kind::LongestName, Kind::NoName, Kind::RightToLeft, Kind::Shared];

    /// The name in the catalogue of words.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Somebody => "somebody",
            Kind::LongestName => "longest_name",
            Kind::NoName => "no_name",
            Kind::RightToLeft => "right_to_left",
            Kind::Shared => "shared",
        }
    }
}

/// The ordinals of sample people, by channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Samples {
    /// By channel and kind.
    pub of: BTreeMap<Channel, BTreeMap<Kind, i64>>,
    #[serde(skip)]
    longest: BTreeMap<Channel, usize>,
}

impl Samples {
    /// Looks at one more person; None for people who share an address.
    pub fn see(&mut self, channel: Channel, ordinal: i64, name: Option<&str>) {
        let of = self.of.entry(channel).or_default();
        let Some(name) = name else {
            of.entry(Kind::Shared).or_insert(ordinal);
            return;
        };
        if name.is_empty() {
            of.entry(Kind::NoName).or_insert(ordinal);
            return;
        }
        of.entry(Kind::Somebody).or_insert(ordinal);
        if name.chars().any(is_right_to_left) {
            of.entry(Kind::RightToLeft).or_insert(ordinal);
        }
        let (length, longest) = (name.chars().count(), self.longest.entry(channel).or_default());
        if length > *longest {
            *longest = length;
            of.insert(Kind::LongestName, ordinal);
        }
    }
}

/// Whether a letter belongs to a script that is written from right to left: Hebrew, Arabic and their neighbours.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_the_nameless_the_right_to_left_and_the_sharing_are_found_wherever_they_stand() {
        let mut samples = Samples::default();
        let people = [Some(""), Some("Al"), Some("Maximiliana"), None, Some("نور"), Some("Bo"), Some("")];
        for (ordinal, name) in people.into_iter().enumerate() {
            samples.see(Channel::Email, ordinal as i64, name);
        }
        let found: Vec<(Kind, i64)> = samples.of[&Channel::Email].clone().into_iter().collect();
        let expected =
            [(Kind::Somebody, 1), (Kind::LongestName, 2), (Kind::NoName, 0), (Kind::RightToLeft, 4), (Kind::Shared, 3)];
        assert_eq!(found, expected);
        let kept = serde_json::to_value(&samples).unwrap();
        let back: Samples = serde_json::from_value(kept).unwrap();
        assert_eq!(back.of, samples.of);
    }
}
