//! What a provider says goes into records and logs, so it is made fit to be seen first.

use crate::secret::Secret;

/// The longest detail, in characters.
const LONGEST: usize = 200;
/// No word of a human sentence is longer; keys, tokens and encoded credentials are.
const LONGEST_WORD: usize = 40;
/// A run of digits with this many is taken for a telephone number.
const NUMBER: usize = 7;
const MASK: &str = "…";

/// Takes secrets, addresses and control characters out of what a provider said.
#[derive(Clone, Default)]
pub(crate) struct Scrubber {
    secrets: Vec<String>,
}

impl Scrubber {
    /// A scrubber that knows these secrets.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Scrubber {
        let encoded = |value: &str| url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>();
        let secrets =
            secrets.into_iter().flat_map(|secret| [secret.expose().to_owned(), encoded(secret.expose())]).collect();
        Scrubber { secrets }
    }

    /// One line of at most 200 characters without a secret, without `address`, and without anything that looks like
    /// an address, a number or a key.
    pub(crate) fn clean(&self, said: &str, address: &str) -> String {
        mask_numbers(&self.line(said, address, LONGEST_WORD)).chars().take(LONGEST).collect()
    }

    /// The same for what a provider calls its own name for a message, which may be a long number.
    pub(crate) fn reference(&self, said: &str, address: &str) -> String {
        if self.is_harmless(said, address) {
            return said.to_owned();
        }
        self.line(said, address, 2 * LONGEST_WORD).chars().take(LONGEST).collect()
    }

    /// True for the short plain line that a relay says of every message it takes: nothing in it has to be taken out.
    fn is_harmless(&self, said: &str, address: &str) -> bool {
        let local = address.split_once('@').map_or("", |(local, _)| local);
        let hidden = self.secrets.iter().map(String::as_str).chain([local]).filter(|hidden| hidden.len() > 2);
        said.len() <= LONGEST
            && said.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic() && !b"@%".contains(&byte))
            && said.split(' ').all(|word| (1..=2 * LONGEST_WORD).contains(&word.len()))
            && hidden.into_iter().all(|hidden| !said.contains(hidden))
    }

    fn line(&self, said: &str, address: &str, longest_word: usize) -> String {
        let mut said: String = said.chars().take(4 * LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        // Relays repeat the part before the @ without the rest.
        let local = address.split_once('@').map_or("", |(local, _)| local);
        for hidden in self.secrets.iter().map(String::as_str).chain([address, local]) {
            if hidden.len() > 2 {
                said = said.replace(hidden, MASK);
            }
        }
        // An encoded address hides from a search for its sign, and a link from nobody.
        let private = |word: &str| {
            word.contains('@') || word.to_ascii_lowercase().contains("%40") || word.chars().count() > longest_word
        };
        let words: Vec<&str> = said.split_whitespace().map(|word| if private(word) { MASK } else { word }).collect();
        words.join(" ")
    }
}

/// Masks runs of digits, spaces and the signs between them that are as long as a telephone number. Dots are not such
/// signs: an IP address says why a relay was blocked.
fn mask_numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '/' | ' ') {
            run.push(c);
            continue;
        }
        if run.chars().filter(char::is_ascii_digit).count() >= NUMBER {
            masked.push_str(&format!("{}{MASK}{}", lead(&run), trail(&run)));
        } else {
            masked.push_str(&run);
        }
        run.clear();
        masked.push(c);
    }
    masked.pop();
    masked
}

fn lead(run: &str) -> &str {
    if run.starts_with(' ') { " " } else { "" }
}

fn trail(run: &str) -> &str {
    if run.ends_with(' ') { " " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(said: &str) -> String {
        Scrubber::new([&Secret::new("pass word")]).clean(said, "joe")
    }

    #[test]
    fn addresses_numbers_secrets_and_keys_are_masked() {
        assert_eq!(clean("550 <joe@example.com>: unknown"), "550 … unknown");
        assert_eq!(clean("user joe unknown"), "user … unknown");
        assert_eq!(clean("to +49 151 2345678 refused"), "to … refused");
        assert_eq!(clean("to=%2B491512345678&text"), "to=%2B…&text");
        assert_eq!(clean("key pass word or pass+word"), "key … or …");
        assert_eq!(clean(&format!("token {}", "A".repeat(41))), "token …");
        assert_eq!(clean("blocked 192.0.2.200 by list, see 5.7.1"), "blocked 192.0.2.200 by list, see 5.7.1");
    }

    #[test]
    fn a_reference_keeps_its_numbers() {
        let said = "250 2.0.0 OK 1772366400 d9443c01a7336-2a8b2c3d4e5si12345678pls.123 - gsmtp <joe@example.com>";
        assert_eq!(Scrubber::default().reference(said, "joe@example.com"), said.replace("joe@example.com", "…"));
    }

    #[test]
    fn it_is_one_line_of_200_characters() {
        assert_eq!(clean("a\r\nb\0c"), "a b c");
        assert_eq!(clean(&"é ".repeat(5000)).chars().count(), 200);
    }
}
