//! The table at the end of `cargo xtask test`, and its closing line.

use std::time::Duration;

/// How a step ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It held.
    Passed,
    /// It did not; the text says why.
    Failed(String),
    /// It could not be looked at; the text says why. Never used for a part that can be installed: that is a failure.
    NotChecked(String),
}

/// One line of the table.
pub struct Line {
    /// The step's name, as `--only` takes it.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// The table and the closing line `N passed, N failed`, to which `, N skipped` is added when something was not checked.
pub fn table(lines: &[Line]) -> String {
    let mut text = String::from("\n");
    for line in lines {
        let said = match &line.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed(why) => &format!("FAILED: {}", why.lines().next().unwrap_or_default()),
            Outcome::NotChecked(why) => &why.to_uppercase(),
        };
        text += &format!("{:<12}{:>8.1} s  {said}\n", line.name, line.took.as_secs_f64());
    }
    let count = |wanted: fn(&Outcome) -> bool| lines.iter().filter(|line| wanted(&line.outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::NotChecked(_)));
    text += &format!("\n{passed} passed, {failed} failed");
    if skipped > 0 {
        text += &format!(", {skipped} skipped");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &'static str, outcome: Outcome) -> Line {
        Line { name, outcome, took: Duration::from_millis(1250) }
    }

    #[test]
    fn what_was_not_checked_is_in_the_table_and_in_the_closing_line() {
        let text = table(&[
            line("format", Outcome::Passed),
            line("clippy", Outcome::Failed("`cargo clippy` ended with 101\nmore".into())),
            line("advisories", Outcome::NotChecked("not checked: database unreachable".into())),
        ]);
        assert!(text.contains("format           1.2 s  passed\n"), "{text}");
        assert!(text.contains("FAILED: `cargo clippy` ended with 101\n"), "{text}");
        assert!(text.contains("NOT CHECKED: DATABASE UNREACHABLE\n"), "{text}");
        assert!(text.ends_with("\n1 passed, 1 failed, 1 skipped"), "{text}");
    }

    #[test]
    fn the_closing_line_stands_alone() {
        assert_eq!(table(&[line("format", Outcome::Passed)]).lines().last(), Some("1 passed, 0 failed"));
    }
}
