//! What the checker says about a draft.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::compose::content::Content;

/// Whether a finding stops the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FindingSeverity")]
pub enum Severity {
    /// Stops the submit until it is mended or, where that is allowed, kept with a reason.
    Block,
    /// Asks; the author may go on.
    Warn,
}

/// One thing to look at, as near to the words as it can be placed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Names the finding across edits elsewhere: a hash of rule, variant, locale, field and words. The same words
    /// twice in one field share it, so that one reason keeps both.
    pub id: String,
    /// The rule's name, as in `config/rules/`.
    pub rule: String,
    /// Whether it stops the draft.
    pub severity: Severity,
    /// The variant; None where it is about the whole update.
    pub variant: Option<String>,
    /// The locale; None where it is about every language.
    pub locale: Option<String>,
    /// The field, as `Facts::prose` names it, or `links/0/url`, `next_update_at`, `window`, `correction`, `holding`,
    /// `staff/answers/0/answer`.
    pub field: Option<String>,
    /// The first byte of the words in the field; `start` and `end` are both 0 where it is not about words.
    pub start: usize,
    /// The byte behind the words.
    pub end: usize,
    /// The words, or a measure ("6 parts"). A secret is shown by its first characters only.
    pub words: String,
    /// What it is, in a word or three.
    pub title: String,
    /// Why it matters, in a sentence.
    pub why: String,
    /// Better words for `start..end`.
    pub instead: Option<String>,
    /// False where no reason can keep it.
    pub overridable: bool,
    /// True where it asks who confirmed the fact, and when.
    pub confirmable: bool,
    /// The author's reason for keeping it.
    pub kept: Option<String>,
    /// Who confirmed the fact, and when.
    pub confirmed: Option<String>,
}

impl Finding {
    /// True while it stops the draft.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Block && self.kept.is_none()
    }
}

/// The findings that stop the draft.
pub fn blocking(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.blocks())
}

/// Writes the author's reasons and confirmations from `content` into the findings they answer.
pub fn settle(content: &Content, findings: &mut [Finding]) {
    let said = |text: &String| (!text.trim().is_empty()).then(|| text.clone());
    for finding in findings {
        if finding.overridable {
            finding.kept = content.kept_findings.get(&finding.id).and_then(said);
        }
        if finding.confirmable {
            let variant = content.variants.iter().find(|variant| Some(&variant.name) == finding.variant.as_ref());
            let facts = variant.zip(finding.locale.as_ref()).and_then(|(variant, locale)| variant.facts.get(locale));
            finding.confirmed = facts.and_then(|facts| facts.confirmed.get(&finding.id)).and_then(said);
        }
    }
}

/// The finding's name. Each part is closed by a byte that no text has, so that no two lists of parts look alike.
pub(super) fn id(rule: &str, place: [Option<&str>; 3], words: &str) -> String {
    let mut hash = Sha256::new();
    for part in [Some(rule)].into_iter().chain(place).chain([Some(words)]) {
        hash.update(part.unwrap_or_default());
        hash.update([0xff]);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
