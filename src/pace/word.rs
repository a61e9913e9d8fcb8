//! What a provider's word says about pace.

use onevoice_channels::contract::{Outcome, Reason};

/// Whether a refusal is the destination's own: 421 and 45x with 4.7.x, which a relay passes on (RFC 3463: security or
/// policy). Grey lists say it too; slower is right for them as well.
pub(super) fn is_domains(reason: Reason, detail: &str) -> bool {
    let mut words = detail.split_ascii_whitespace();
    let code = words.next().is_some_and(|code| matches!(code, "421" | "450" | "451" | "452" | "454"));
    matches!(reason, Reason::Throttled | Reason::Temporary)
        && code
        && words.next().is_some_and(|enhanced| enhanced.starts_with("4.7."))
}

/// Whether a reason is the provider's fault, and no word on a destination or on pace.
pub(super) fn is_fault(reason: Reason) -> bool {
    matches!(reason, Reason::Unauthorized | Reason::Quota | Reason::Temporary | Reason::Unreachable | Reason::BadAnswer)
}

/// What an outcome says against the provider itself: the reason, none where nobody answered, and its words. None for what is
/// about one address or one destination.
pub fn own_fault(outcome: &Outcome) -> Option<(Option<Reason>, &str)> {
    match outcome {
        Outcome::Later { reason, detail, .. } if is_domains(*reason, detail) => None,
        Outcome::Later { reason, detail, .. } | Outcome::Rejected { reason, detail }
            if is_fault(*reason) || *reason == Reason::Throttled =>
        {
            Some((Some(*reason), detail))
        }
        Outcome::InDoubt { detail } => Some((None, detail)),
        _ => None,
    }
}
