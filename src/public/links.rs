//! What may become a link, and what stays text. Only http and https pages, and what we make ourselves from a phone
//! number or a mail address: no other scheme (`javascript:`, `data:`) ever stands in an address.

use serde::Serialize;
use url::Url;

/// A stretch of text on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Run {
    /// The text.
    pub text: String,
    /// Where it leads, if it is a link.
    pub href: Option<String>,
    /// True for a fact's heading.
    pub strong: bool,
}

/// The address of a page, if it is one: http or https, with a host and without a name and password.
pub(super) fn page(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let is_page = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    (is_page && url.has_host()).then(|| url.to_string())
}

/// The address behind a contact route's `how`: a page, a phone number (RFC 3966) or a mail address (RFC 6068).
pub(super) fn contact(how: &str) -> Option<String> {
    let how = how.trim();
    page(how).or_else(|| phone(how)).or_else(|| mail(how))
}

/// Plain text as paragraphs, parted by empty lines, with its page addresses as links.
pub(super) fn paragraphs(label: &str, text: &str) -> Vec<Vec<Run>> {
    let text = text.replace("\r\n", "\n");
    let mut paragraphs: Vec<Vec<Run>> =
        text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).map(runs).collect();
    let label = label.trim();
    if let (Some(first), false) = (paragraphs.first_mut(), label.is_empty()) {
        let colon = if label.ends_with([':', '.', '?', '!']) { " " } else { ": " };
        first.insert(0, Run { text: format!("{label}{colon}"), href: None, strong: true });
    }
    paragraphs
}

/// One paragraph, its page addresses apart.
fn runs(paragraph: &str) -> Vec<Run> {
    let plain = |text: &str| Run { text: text.to_owned(), href: None, strong: false };
    let mut runs = Vec::new();
    let mut kept = 0;
    for (start, word) in words(paragraph) {
        // Punctuation around an address belongs to the sentence.
        let head = word.trim_start_matches(['(', '[', '<', '"', '“', '„', '«']);
        let address = head.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '>', '"', '”', '“', '»']);
        let is_spelled_out = address.starts_with("https://") || address.starts_with("http://");
        let Some(href) = page(address).filter(|_| is_spelled_out) else { continue };
        let start = start + (word.len() - head.len());
        if kept < start {
            runs.push(plain(&paragraph[kept..start]));
        }
        runs.push(Run { text: address.to_owned(), href: Some(href), strong: false });
        kept = start + address.len();
    }
    if kept < paragraph.len() {
        runs.push(plain(&paragraph[kept..]));
    }
    runs
}

/// The words of a text with the byte at which each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn phone(how: &str) -> Option<String> {
    let digits: String = how.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let is_number = how.chars().all(|c| c.is_ascii_digit() || " +-()/.".contains(c));
    let plus_leads = digits.rfind('+').is_none_or(|place| place == 0);
    (is_number && plus_leads && (3..=16).contains(&digits.len())).then(|| format!("tel:{digits}"))
}

fn mail(how: &str) -> Option<String> {
    let (name, domain) = how.split_once('@')?;
    let plain = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c) || more.contains(c))
    };
    (plain(name, "+") && plain(domain, "")).then(|| format!("mailto:{name}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_become_page_links() {
        let refused = [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "//evil.example",
            "https://user:secret@bank.example/",
            "blob:https://a.example/1",
            "",
        ];
        for address in refused {
            assert_eq!(page(address), None, "{address:?}");
            assert_eq!(contact(address).filter(|href| !href.starts_with("mailto:")), None, "{address:?}");
        }
        assert_eq!(page("https://a.example/x?y=\"><b>").as_deref(), Some("https://a.example/x?y=%22%3E%3Cb%3E"));
    }

    #[test]
    fn numbers_and_mail_addresses_become_links_of_their_kind() {
        assert_eq!(contact("+44 20 7946 0000").as_deref(), Some("tel:+442079460000"));
        assert_eq!(contact("(030) 12-34").as_deref(), Some("tel:0301234"));
        assert_eq!(contact("help@acme.example").as_deref(), Some("mailto:help@acme.example"));
        for text in ["At the counter", "a@b?bcc=x@y", "a@b\r\nBcc: x", "12", "1+2+3", "javascript:1@a.example"] {
            assert_eq!(contact(text), None, "{text}");
        }
    }

    #[test]
    fn text_parts_into_paragraphs_and_links() {
        let found = paragraphs("What you can do", "Pay here (https://a.example/pay?x=1), or wait.\n\nSorry.");
        let texts: Vec<Vec<&str>> =
            found.iter().map(|runs| runs.iter().map(|run| run.text.as_str()).collect()).collect();
        assert_eq!(
            texts,
            [vec!["What you can do: ", "Pay here (", "https://a.example/pay?x=1", "), or wait."], vec!["Sorry."]]
        );
        assert_eq!(found[0][2].href.as_deref(), Some("https://a.example/pay?x=1"));
        assert!(paragraphs("Label", " \n\n ").is_empty());
        let scripts = paragraphs("", "see javascript:alert(1) and http:evil");
        assert_eq!(scripts.len(), 1);
        assert!(scripts[0].iter().all(|run| run.href.is_none()));
    }

    #[test]
    fn no_letter_of_a_text_is_lost() {
        for text in ["https://a.example.", "x https://a.example/ü y", "„https://a.example“ ist da", "a  b", "“"]
        {
            let joined: String = runs(text).iter().map(|run| run.text.as_str()).collect();
            assert_eq!(joined, text);
        }
    }
}
