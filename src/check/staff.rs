//! The staff sheet, in which the same words are wrong as in what customers read: it is read out to them.

use super::{Checker, Finding, rules::Place, text};

/// What stands in the sheets and should not, and answers that lack a half.
pub(super) fn check(check: Checker<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (locale, sheet) in check.subject.content.sheets() {
        let whole = Place { variant: None, locale: Some(locale), field: None };
        for (field, text) in sheet.prose() {
            let found = text::check(check, whole.field(&field), text);
            // What is not to be said may be named here; what nobody outside may know may not.
            let named = field.starts_with("staff/avoid/");
            findings.extend(found.into_iter().filter(|finding| !named || finding.rule.starts_with("guarded_")));
        }
        for (row, answer) in sheet.answers.iter().enumerate() {
            let missing = match (answer.question.trim(), answer.answer.trim()) {
                ("", "") => continue,
                ("", _) => "question",
                (_, "") => "answer",
                _ => continue,
            };
            if let Some(rule) = check.rule("staff_half") {
                findings.push(rule.about(whole.field(&format!("staff/answers/{row}/{missing}")), ""));
            }
        }
    }
    findings
}
