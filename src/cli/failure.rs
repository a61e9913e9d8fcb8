//! Why a command failed: one sentence, and an exit code that scripts can tell apart.

use std::process::ExitCode;

use serde_json::Value;

/// Why a command did not do all that was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Which kind; the exit code.
    pub kind: FailureKind,
    /// What is wrong and how to mend it.
    pub message: String,
    /// The daemon's refusal (RFC 9457), or null.
    pub problem: Value,
}

/// The exit codes besides 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// 1: refused, or failed.
    Refused,
    /// 2: the command line itself is wrong, as clap answers too.
    Usage,
    /// 3: the daemon cannot be reached.
    Unreachable,
    /// 4: a part was done.
    Partial,
}

impl Failure {
    /// Refused, or failed.
    pub fn refused(message: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Refused, message: message.into(), problem: Value::Null }
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Usage, message: message.into(), problem: Value::Null }
    }

    /// The daemon cannot be reached.
    pub fn unreachable(message: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Unreachable, message: message.into(), problem: Value::Null }
    }

    /// A part was done.
    pub fn partial(message: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Partial, message: message.into(), problem: Value::Null }
    }

    /// The daemon's refusal as one sentence with the field at fault, and a line for each finding.
    pub fn of_problem(status: u16, problem: Value) -> Failure {
        let text = |key: &str| problem.get(key).and_then(Value::as_str);
        let mut message = match text("detail").or(text("title")) {
            Some(detail) => detail.to_owned(),
            None => format!("the daemon answered with HTTP status {status}"),
        };
        if let Some(pointer) = text("pointer").filter(|pointer| !pointer.is_empty()) {
            message.push_str(&format!(" (at {pointer})"));
        }
        for finding in problem.get("findings").and_then(Value::as_array).into_iter().flatten() {
            let part = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
            let place: Vec<&str> = ["locale", "field"].map(part).into_iter().filter(|part| !part.is_empty()).collect();
            let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(" ")) };
            message.push_str(&format!("\n  {:<5} {}{place}: {}", part("severity"), part("title"), part("why")));
        }
        Failure { kind: FailureKind::Refused, message, problem }
    }

    /// The exit code.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            FailureKind::Refused => 1,
            FailureKind::Usage => 2,
            FailureKind::Unreachable => 3,
            FailureKind::Partial => 4,
        })
    }
}

impl From<crate::problem::Problem> for Failure {
    fn from(problem: crate::problem::Problem) -> Failure {
        Failure::of_problem(problem.status, serde_json::to_value(&problem).unwrap_or_default())
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Failure {
        Failure::refused(error.to_string())
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Failure {
        Failure::refused(error.to_string())
    }
}

impl From<crate::serve::ServeError> for Failure {
    fn from(error: crate::serve::ServeError) -> Failure {
        Failure::refused(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_sentence_with_its_field_and_its_findings() {
        let problem = serde_json::json!({
            "type": "/problems/invalid", "title": "A value cannot be used", "status": 422,
            "detail": "there is no segment \"x\"", "pointer": "/variants/0",
            "findings": [{"severity": "block", "title": "Jargon", "why": "Say what fails.", "locale": "en", "field": "why"}],
        });
        let failure = Failure::of_problem(422, problem);
        assert_eq!(failure.message, "there is no segment \"x\" (at /variants/0)\n  block Jargon (en why): Say what fails.");
        assert_eq!(Failure::of_problem(502, Value::Null).message, "the daemon answered with HTTP status 502");
    }
}
