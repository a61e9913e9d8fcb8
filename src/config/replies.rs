//! `[replies]`: what people write back to text messages, and what they are answered.

use std::{collections::BTreeMap, sync::LazyLock};

use lettre::Address;
use onevoice_channels::{registry::SettingsError, sms::encoding};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::track::replies::Word;

/// The words that are built in, by language.
static BUILT_IN: LazyLock<BTreeMap<String, Language>> = LazyLock::new(|| {
    let read = |text| toml::from_str(text).expect("a test reads the words");
    BTreeMap::from([
        ("en".to_owned(), read(include_str!("../../config/replies/en.toml"))),
        ("de".to_owned(), read(include_str!("../../config/replies/de.toml"))),
    ])
});

/// The most parts of an answer: whoever asks to be left alone gets no letter.
const MOST_PARTS: u32 = 3;

/// What people write back to text messages, and what they are answered.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Replies {
    /// A help desk's mail address, to which replies go that ask for nothing we know. They are kept all the same.
    pub forward_to: Option<String>,
    /// The same word from the same number is answered once in this many minutes.
    pub answer_again_minutes: u32,
    /// Days after which a reply is forgotten, with the answer to it.
    pub forget_after_days: u32,
    /// Further words and other answers, by language. English and German are built in.
    pub languages: BTreeMap<String, Language>,
}

/// The words of one language. Those of a language that is built in are added to its own; answers take the place of its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Language {
    /// No more messages.
    pub stop: Vec<String>,
    /// Messages again.
    pub start: Vec<String>,
    /// What this is.
    pub help: Vec<String>,
    /// The answer to the first. {organisation} and {status_url} may be used.
    pub stopped: Option<String>,
    /// The answer to the second.
    pub started: Option<String>,
    /// The answer to the third.
    pub helped: Option<String>,
}

impl Default for Replies {
    fn default() -> Self {
        Replies { forward_to: None, answer_again_minutes: 60, forget_after_days: 180, languages: BTreeMap::new() }
    }
}

impl Language {
    fn words(&self, word: Word) -> &[String] {
        match word {
            Word::Stop => &self.stop,
            Word::Start => &self.start,
            Word::Help => &self.help,
            Word::Other => &[],
        }
    }

    fn answer(&self, word: Word) -> Option<&str> {
        match word {
            Word::Stop => self.stopped.as_deref(),
            Word::Start => self.started.as_deref(),
            Word::Help => self.helped.as_deref(),
            Word::Other => None,
        }
    }
}

/// The words of a text as they are compared: in capitals, with one space between, without signs around them.
fn plain(text: &str) -> String {
    let capitals = text.to_uppercase();
    let bare = capitals.trim_matches(|c: char| !c.is_alphanumeric());
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Replies {
    /// What a whole text asks for, in whichever language.
    pub fn word(&self, text: &str) -> Word {
        let said = plain(text);
        let languages = || BUILT_IN.values().chain(self.languages.values());
        let asks =
            |word: Word| languages().any(|language| language.words(word).iter().any(|known| plain(known) == said));
        // Who may mean STOP means STOP.
        [Word::Stop, Word::Help, Word::Start]
            .into_iter()
            .find(|word| !said.is_empty() && asks(*word))
            .unwrap_or(Word::Other)
    }

    /// What such a word is answered, in the first of these languages that has one, else in English.
    pub fn answer<'a>(&self, word: Word, locales: impl Iterator<Item = &'a str>) -> Option<&str> {
        let named = |locale: &str| {
            let own = self.languages.get(locale).and_then(|language| language.answer(word));
            own.or_else(|| BUILT_IN.get(locale).and_then(|language| language.answer(word)))
        };
        let of = |locale: &str| named(locale).or_else(|| named(locale.split('-').next().unwrap_or_default()));
        locales.chain(["en"]).find_map(of)
    }

    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        if self.forward_to.as_deref().is_some_and(|address| address.parse::<Address>().is_err()) {
            let message = "must be an address without a name, such as \"help@acme.example\"";
            return Err(SettingsError::new("forward_to", message));
        }
        if !(1..=3660).contains(&self.forget_after_days) {
            return Err(SettingsError::new("forget_after_days", "must be between 1 and 3660"));
        }
        for (locale, language) in &self.languages {
            for (key, word) in [("stop", Word::Stop), ("start", Word::Start), ("help", Word::Help)] {
                if let Some(empty) = language.words(word).iter().find(|known| plain(known).is_empty()) {
                    let message = format!("{empty:?} has no letter or digit; nobody can write it");
                    return Err(SettingsError::new(&format!("languages.{locale}.{key}"), message));
                }
            }
            for (key, word) in [("stopped", Word::Stop), ("started", Word::Start), ("helped", Word::Help)] {
                let key = format!("languages.{locale}.{key}");
                match language.answer(word) {
                    None if !BUILT_IN.contains_key(locale) => {
                        return Err(SettingsError::new(
                            &key,
                            "is missing: a language that is not built in needs every answer",
                        ));
                    }
                    Some(text) if text.trim().is_empty() || encoding::measure(text).parts > MOST_PARTS => {
                        let message = format!("must be a text of 1 to {MOST_PARTS} parts");
                        return Err(SettingsError::new(&key, message));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Replies, String> {
        let replies: Replies = toml::from_str(text).map_err(|error| error.to_string())?;
        replies.validate().map_err(|error| error.to_string())?;
        Ok(replies)
    }

    #[test]
    fn whole_messages_in_any_case_are_words_and_sentences_are_none() {
        let replies = Replies::default();
        for stop in
            ["STOP", "stop", "  Stop. ", "\"STOP!\"", "stop all", "Stop  All", "opt-out", "Stopp", "abmelden", "END\n"]
        {
            assert_eq!(replies.word(stop), Word::Stop, "{stop}");
        }
        for (text, word) in [("Start", Word::Start), ("ja!", Word::Start), ("Hilfe?", Word::Help), ("info", Word::Help)]
        {
            assert_eq!(replies.word(text), word, "{text}");
        }
        for other in ["", "...", "please stop the outage", "Stopping", "Is it the end?", "no", "🛑"] {
            assert_eq!(replies.word(other), Word::Other, "{other}");
        }
    }

    #[test]
    fn answers_are_in_the_readers_language_or_the_next_best() {
        let replies = read(
            "[languages.fr]\nstop = ['ARRÊT']\nstopped = 'Fini.'\nstarted = 'Oui.'\nhelped = 'Aide.'\n[languages.de]\nstopped = 'Ende.'",
        )
        .unwrap();
        assert_eq!(replies.word("arrêt"), Word::Stop);
        assert_eq!(replies.answer(Word::Stop, ["fr-CA", "en"].into_iter()), Some("Fini."));
        assert_eq!(replies.answer(Word::Stop, ["de"].into_iter()), Some("Ende."));
        assert!(replies.answer(Word::Start, ["de"].into_iter()).unwrap().contains("wieder"), "the rest stays built in");
        assert!(replies.answer(Word::Help, ["it"].into_iter()).unwrap().contains("Send STOP"));
        assert_eq!(replies.answer(Word::Other, ["en"].into_iter()), None);
    }

    #[test]
    fn what_is_built_in_is_whole_and_short() {
        let built_in = Replies { languages: BUILT_IN.clone(), ..Replies::default() };
        assert_eq!(built_in.validate(), Ok(()));
        for (locale, language) in BUILT_IN.iter() {
            for word in [Word::Stop, Word::Start, Word::Help] {
                let answer = language.answer(word).unwrap();
                assert_eq!(
                    encoding::measure(answer).encoding,
                    onevoice_channels::contract::SmsEncoding::Gsm7,
                    "{locale}"
                );
                assert!(language.words(word).iter().all(|known| built_in.word(known) == word), "{locale}");
            }
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_key() {
        for (text, key) in [
            ("forward_to = 'Help <help@acme.example>'", "forward_to"),
            ("forget_after_days = 0", "forget_after_days"),
            ("[languages.de]\nstop = ['?!']", "languages.de.stop"),
            ("[languages.fr]\nstopped = 'Fini.'", "languages.fr.started"),
            ("[languages.en]\nhelped = ' '", "languages.en.helped"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(key), "{error}");
        }
        assert!(read("[languages.en]\nhalted = 'x'").unwrap_err().contains("halted"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_signs_change_nothing(text in ".{0,60}", word in prop::sample::select(vec!["stop", "Hilfe", "START"])) {
            let replies = Replies::default();
            replies.word(&text);
            prop_assert_eq!(replies.word(&format!(" «{word}»!? ")), replies.word(word));
        }
    }
}
